"""The owner's settings in the database, where all processes find them."""

import json
from collections.abc import Callable

from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.failures import translated
from earshelf.domain.errors import ConfigurationError, Invalid
from earshelf.domain.settings import Settings

_LOAD = "SELECT content FROM settings"
_ENSURE = "INSERT INTO settings VALUES (1, '{}') ON CONFLICT (number) DO NOTHING"
_LOCK = "SELECT content FROM settings FOR UPDATE"
_SAVE = "INSERT INTO settings VALUES (1, $1) ON CONFLICT (number) DO UPDATE SET content = excluded.content"


class PostgresSettings:
    """Reads the row whenever it is asked; ``initial`` holds for whatever the row does not name."""

    def __init__(self, database: PostgresDatabase, initial: Settings | None = None) -> None:
        self._database = database
        self._initial = initial or Settings()

    async def load(self) -> Settings:
        rows = await self._database.read(_LOAD)
        return self._parsed(rows[0]["content"]) if rows else self._initial

    async def change(self, decide: Callable[[Settings], Settings]) -> Settings:
        connection = await self._database.take()
        try:
            with translated(self._database.place):
                async with connection.transaction():
                    # a row has to be there before anybody can wait for it
                    await connection.execute(_ENSURE)
                    changed = decide(self._parsed(await connection.fetchval(_LOCK)))
                    await connection.execute(_SAVE, json.dumps(changed.as_mapping()))
        finally:
            await self._database.give_back(connection)
        return changed

    async def save(self, settings: Settings) -> None:
        # what cannot be read is not ours to throw away
        await self.load()
        connection = await self._database.take()
        try:
            with translated(self._database.place):
                await connection.execute(_SAVE, json.dumps(settings.as_mapping()))
        finally:
            await self._database.give_back(connection)

    def _parsed(self, content: str) -> Settings:
        try:
            return self._initial.changed(json.loads(content))
        except Invalid as error:
            problems = "; ".join(f"{name} {why}" for name, why in error.fields.items())
            raise self._unreadable(problems) from error
        except (ValueError, AttributeError, RecursionError) as error:
            raise self._unreadable("they are no JSON object") from error

    def _unreadable(self, why: str) -> ConfigurationError:
        return ConfigurationError(
            f"The settings in the database at '{self._database.place}' cannot be used: {why}; correct the row of the "
            "table settings, or delete it to begin with the defaults"
        )
