"""Presence and leadership by advisory locks, which end with the connections that hold them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from earshelf.adapters.postgres.database import Connection, PostgresDatabase
from earshelf.adapters.postgres.failures import translated
from earshelf.adapters.postgres.locks import Lock
from earshelf.domain.errors import ConfigurationError, EarshelfError

_log = logging.getLogger(__name__)
_ANSWER_SECONDS = 5.0
_LEAD = f"SELECT pg_try_advisory_lock({Lock.LEADERSHIP:d})"
_BE_PRESENT = f"SELECT pg_try_advisory_lock_shared({Lock.PRESENCE:d})"
_BE_ALONE = f"SELECT pg_try_advisory_lock({Lock.PRESENCE:d})"


class PostgresLeadership:
    """Asks for locks again and again, on connections of its own; ``pause`` is the time between two looks."""

    def __init__(self, database: PostgresDatabase, *, pause: float = 1.0) -> None:
        self._database = database
        self._pause = pause

    @property
    def is_shared(self) -> bool:
        return True

    @asynccontextmanager
    async def presence(self) -> AsyncIterator[None]:
        """Any number of processes may serve one PostgreSQL; whoever wants to be alone sees each of them."""
        connection = await self._held(_BE_PRESENT, "is being restored or gets a new key; start again when that is done")
        staying = asyncio.create_task(self._stay(connection))
        try:
            yield
        finally:
            staying.cancel()
            await asyncio.gather(staying, return_exceptions=True)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        connection = await self._held(_BE_ALONE, "is served; stop all of its servers first")
        try:
            yield
        finally:
            connection.terminate()

    async def lead(self, term: Callable[[], Awaitable[None]]) -> None:
        while True:
            connection = await self._granted(_LEAD, "The loops wait")
            _log.info("This process leads: it runs the loops")
            try:
                if await self._serve(connection, term):
                    return
            finally:
                connection.terminate()
            _log.warning("This process leads no longer; its loops were stopped")

    async def _held(self, claim: str, refusal: str) -> Connection:
        """Returns a connection that holds a lock, or refuses at once."""
        connection = await self._database.connect()
        try:
            with translated(self._database.place):
                is_ours = await connection.fetchval(claim)
            if not is_ours:
                raise ConfigurationError(f"The database at '{self._database.place}' {refusal}")
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _stay(self, connection: Connection) -> None:
        """Stays present, on another connection whenever one is lost."""
        while True:
            try:
                await self._until_lost(connection)
            finally:
                connection.terminate()
            connection = await self._granted(_BE_PRESENT, "Others do not see this process")

    async def _granted(self, claim: str, trouble: str) -> Connection:
        """Returns a connection that holds a lock, however long that takes."""
        is_told = False
        while True:
            try:
                return await self._waited_for(claim)
            except EarshelfError as problem:
                if not is_told:
                    _log.warning("%s: %s", trouble, problem)
                is_told = True
            await asyncio.sleep(self._pause)

    async def _waited_for(self, claim: str) -> Connection:
        connection = await self._database.connect()
        try:
            with translated(self._database.place):
                while True:
                    if await connection.fetchval(claim):
                        return connection
                    await asyncio.sleep(self._pause)
        except BaseException:
            connection.terminate()
            raise

    async def _serve(self, connection: Connection, term: Callable[[], Awaitable[None]]) -> bool:
        """Runs the term while the connection lives; returns whether it came to its own end."""
        work = asyncio.ensure_future(term())
        watch = asyncio.create_task(self._until_lost(connection))
        try:
            await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
                return True
            return False
        finally:
            work.cancel()
            watch.cancel()
            await asyncio.gather(work, watch, return_exceptions=True)

    async def _until_lost(self, connection: Connection) -> None:
        try:
            with translated(self._database.place):
                while True:
                    await asyncio.sleep(self._pause)
                    await connection.execute("SELECT 1", timeout=_ANSWER_SECONDS)
        except EarshelfError as problem:
            _log.warning("A connection that holds a lock is gone: %s", problem)
