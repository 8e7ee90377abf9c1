"""Writing down how far a sync is."""

from datetime import datetime

from earshelf.domain.sync_jobs import SyncJob, SyncPhase
from earshelf.ports.media import MediaStore
from earshelf.ports.system import Clock

_REPORT_SECONDS = 1.0


class Report:
    """Writes down how far a job is, at most once a second."""

    def __init__(self, job: SyncJob, library: str, store: MediaStore, clock: Clock) -> None:
        self._job = job
        self._library = library
        self._store = store
        self._clock = clock
        self._told_at: datetime | None = None

    async def entered(self, total: int | None) -> None:
        """The library that comes next holds so many items."""
        self._job.enter(self._library, total=total)
        await self._tell()

    async def advanced(self, count: int) -> None:
        """So many more are done with."""
        self._job.advance(count)
        elapsed = (self._clock.now() - self._told_at).total_seconds() if self._told_at else _REPORT_SECONDS
        # a clock that was put back must not silence it
        if not 0 <= elapsed < _REPORT_SECONDS:
            await self._tell()

    async def tidying(self) -> None:
        """All of the library was read; what is missing is looked at."""
        self._job.proceed(SyncPhase.CLEANUP)
        await self._tell()

    async def _tell(self) -> None:
        self._told_at = self._clock.now()
        await self._store.jobs.save(self._job)
