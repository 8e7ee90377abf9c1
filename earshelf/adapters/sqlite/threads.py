"""A connection and the one thread that may touch it."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from earshelf.adapters.sqlite.failures import translated
from earshelf.domain.errors import StorageUnavailable

ResultT = TypeVar("ResultT")


class ConnectionThread:
    """Runs work on a connection of its own, one piece after the other."""

    def __init__(self, name: str, path: Path, connect: Callable[[], Database]) -> None:
        self._name = name
        self._path = path
        self._connect = connect
        self._executor: ThreadPoolExecutor | None = None
        self._database: Database | None = None

    async def open(self) -> None:
        """Starts the thread and connects."""
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=self._name)
        await self._submit(self._executor, self._open)

    async def run(self, work: Callable[[Database], ResultT]) -> ResultT:
        """Returns what the work returns; driver errors come out as ours.

        A cancelled caller waits for the work to end first, so that it knows that nothing goes on behind its back.
        """
        if self._executor is None:
            raise StorageUnavailable(f"The database '{self._path}' is not open")
        return await self._submit(self._executor, lambda: work(self._opened()))

    async def close(self) -> None:
        """Closes the connection and ends the thread; may be repeated."""
        if self._executor is not None:
            executor, self._executor = self._executor, None
            try:
                await self._submit(executor, self._close)
            finally:
                executor.shutdown()

    async def _submit(self, executor: ThreadPoolExecutor, work: Callable[[], ResultT]) -> ResultT:
        return await _finished(asyncio.get_running_loop().run_in_executor(executor, self._translated, work))

    def _translated(self, work: Callable[[], ResultT]) -> ResultT:
        with translated(self._path):
            return work()

    def _open(self) -> None:
        self._database = self._connect()

    def _opened(self) -> Database:
        if self._database is None:
            raise StorageUnavailable(f"The database '{self._path}' is not open")
        return self._database

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


async def _finished(future: Awaitable[ResultT]) -> ResultT:
    work = asyncio.ensure_future(future)
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        work.exception()  # looked at, so that nobody complains that it was not
        raise cancelled
    return work.result()
