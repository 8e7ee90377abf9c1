"""A connection and the one thread that may touch it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

from earshelf.adapters.sqlite.driver import Database
from earshelf.adapters.sqlite.failures import translated
from earshelf.domain.errors import StorageUnavailable

ResultT = TypeVar("ResultT")


class Job(Generic[ResultT]):
    """A piece of work on its way to the thread and back; made and settled on the loop of whoever waits."""

    def __init__(self, work: Callable[[], ResultT]) -> None:
        self._work = work
        self._loop = asyncio.get_running_loop()
        self._is_over = False
        self._watched: asyncio.Future[None] | None = None
        self.outcome: asyncio.Future[ResultT] = self._loop.create_future()

    def carry_out(self) -> None:
        """Does the work, on the thread."""
        try:
            result = self._work()
        except BaseException as problem:  # noqa: BLE001 - it belongs to whoever waits for the work
            self._deliver(self.outcome.set_exception, problem)
        else:
            self._deliver(self.outcome.set_result, result)

    async def ended(self) -> None:
        """Waits until the work is over, however often the waiting is cancelled; nobody wants its outcome any more."""
        while not self._is_over:
            self._watched = self._loop.create_future()
            with suppress(asyncio.CancelledError):
                await self._watched

    def _deliver(self, settle: Callable[[Any], None], outcome: Any) -> None:
        # the loop is closed where nobody waits any more
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._settle, settle, outcome)

    def _settle(self, settle: Callable[[Any], None], outcome: Any) -> None:
        self._is_over = True
        if not self.outcome.done():
            settle(outcome)
        if self._watched is not None and not self._watched.done():
            self._watched.set_result(None)


class ConnectionThread:
    """Runs work on a connection of its own, one piece after the other.

    A queue and a future, no executor: a look-up of one row spends half as long between the threads.
    """

    def __init__(self, name: str, path: Path, connect: Callable[[], Database]) -> None:
        self._name = name
        self._path = path
        self._connect = connect
        self._jobs: SimpleQueue[Job[Any] | None] | None = None
        self._thread: Thread | None = None
        self._database: Database | None = None

    async def open(self) -> None:
        """Starts the thread and connects."""
        self._jobs = SimpleQueue()
        self._thread = Thread(target=_serve, args=(self._jobs,), name=self._name, daemon=True)
        self._thread.start()
        await self._submit(self._jobs, self._open)

    async def run(self, work: Callable[[Database], ResultT]) -> ResultT:
        """Returns what the work returns; driver errors come out as ours.

        A cancelled caller waits for the work to end first, so that it knows that nothing goes on behind its back.
        """
        if self._jobs is None:
            raise StorageUnavailable(f"The database '{self._path}' is not open")
        return await self._submit(self._jobs, lambda: work(self._opened()))

    async def close(self) -> None:
        """Closes the connection and ends the thread; may be repeated."""
        if self._jobs is not None and self._thread is not None:
            jobs, self._jobs = self._jobs, None
            try:
                await self._submit(jobs, self._close)
            finally:
                jobs.put(None)
                self._thread.join()

    async def _submit(self, jobs: SimpleQueue[Job[Any] | None], work: Callable[[], ResultT]) -> ResultT:
        job = Job(lambda: self._translated(work))
        jobs.put(job)
        try:
            return await job.outcome
        except asyncio.CancelledError:
            await job.ended()
            raise

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


def _serve(jobs: SimpleQueue[Job[Any] | None]) -> None:
    while (job := jobs.get()) is not None:
        job.carry_out()
        # nothing is held on to while the next one is waited for
        del job
