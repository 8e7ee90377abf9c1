"""Leadership by an advisory lock, which ends with the connection that holds it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from earshelf.adapters.postgres.database import Connection, PostgresDatabase
from earshelf.adapters.postgres.failures import translated
from earshelf.adapters.postgres.locks import Lock
from earshelf.domain.errors import ConfigurationError, EarshelfError

_log = logging.getLogger(__name__)
_ANSWER_SECONDS = 5.0


class PostgresLeadership:
    """Asks for the lock again and again, on a connection of its own; ``pause`` is the time between two looks."""

    def __init__(self, database: PostgresDatabase, *, pause: float = 1.0) -> None:
        self._database = database
        self._pause = pause

    @property
    def is_shared(self) -> bool:
        return True

    def presence(self) -> AbstractAsyncContextManager[None]:
        """Any number of processes may serve one PostgreSQL."""
        return nullcontext()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        connection = await self._database.connect()
        try:
            with translated(self._database.place):
                is_ours = await connection.fetchval("SELECT pg_try_advisory_lock($1)", Lock.LEADERSHIP)
            if not is_ours:
                raise ConfigurationError(
                    f"A server works on the database at '{self._database.place}'; stop all of them first"
                )
            yield
        finally:
            connection.terminate()

    async def lead(self, term: Callable[[], Awaitable[None]]) -> None:
        while True:
            connection = await self._elected()
            _log.info("This process leads: it runs the loops")
            try:
                if await self._serve(connection, term):
                    return
            finally:
                connection.terminate()
            _log.warning("This process leads no longer; its loops were stopped")

    async def _elected(self) -> Connection:
        """Returns the connection that holds the lock, however long that takes."""
        is_told = False
        while True:
            try:
                return await self._granted()
            except EarshelfError as problem:
                if not is_told:
                    _log.warning("The loops wait: %s", problem)
                is_told = True
            await asyncio.sleep(self._pause)

    async def _granted(self) -> Connection:
        connection = await self._database.connect()
        try:
            with translated(self._database.place):
                while True:
                    if await connection.fetchval("SELECT pg_try_advisory_lock($1)", Lock.LEADERSHIP):
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
            _log.warning("The connection of the leader is gone: %s", problem)
