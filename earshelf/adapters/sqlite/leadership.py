"""One process serves one SQLite file; a lock beside it says so to all others."""

import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.domain.errors import ConfigurationError, StorageUnavailable

_ONLY_THE_OWNER = 0o600


class SqliteLeadership:
    """Leads at once and always: nobody else gets so far.

    The lock is the kernel's, on a file that stays: it ends with the process, however that ends.
    """

    def __init__(self, database: SqliteDatabase) -> None:
        self._lock = Path(f"{database.path}.lock")
        self._database = database.path

    @property
    def is_shared(self) -> bool:
        return False

    def presence(self) -> AbstractAsyncContextManager[None]:
        """Refuses while another process serves the same file."""
        return self._held("stop it first, or give this one a configuration folder of its own")

    def alone(self) -> AbstractAsyncContextManager[None]:
        """The same lock: while somebody has it, nobody can begin to serve."""
        return self._held("stop it first")

    @asynccontextmanager
    async def _held(self, remedy: str) -> AsyncIterator[None]:
        handle = self._opened()
        try:
            self._claim(handle, remedy)
            yield
        finally:
            os.close(handle)

    def _opened(self) -> int:
        try:
            self._lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _ONLY_THE_OWNER)
        except OSError as problem:
            raise StorageUnavailable(f"The lock '{self._lock}' cannot be opened: {problem.strerror}") from problem

    def _claim(self, handle: int, remedy: str) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise ConfigurationError(
                f"Another Earshelf serves '{self._database}' (process {_holder(handle)}); {remedy}"
            ) from problem
        os.truncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)

    async def lead(self, term: Callable[[], Awaitable[None]]) -> None:
        await term()


def _holder(handle: int) -> str:
    written = os.pread(handle, 20, 0).decode("ascii", "replace")
    return written if written.isdecimal() else "unknown"
