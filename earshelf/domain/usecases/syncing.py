"""Keeping what is known of media servers' libraries in step with the servers."""

import asyncio
import logging
from collections.abc import Sequence

from earshelf.domain.errors import (
    AlreadyExists,
    Conflict,
    CredentialsRejected,
    EarshelfError,
    IntegrationError,
    Invalid,
    NotFound,
)
from earshelf.domain.ids import IdPrefix, ServerId, SyncJobId
from earshelf.domain.servers import MediaServer
from earshelf.domain.sync_jobs import RESTARTED, MediaLibrary, SyncJob, SyncStatus
from earshelf.domain.sync_schedules import SyncMark
from earshelf.domain.usecases.doubting import Doubting
from earshelf.domain.usecases.installation import Installation
from earshelf.domain.usecases.patience import PAUSES, Patience
from earshelf.domain.usecases.probing import Probing
from earshelf.domain.usecases.server_passes import ServerPasses
from earshelf.ports.libraries import LibraryReader, LibraryReaders
from earshelf.ports.media import MediaStore
from earshelf.ports.queries import Page, Window
from earshelf.ports.storage import Storage
from earshelf.ports.system import Clock, Entropy

_log = logging.getLogger(__name__)

_JOBS_AT_ONCE = 2
_LOOK_SECONDS = 1.0
_DEFECT = "something unexpected happened; the server's log has it"


class Syncing:
    """Takes jobs, runs two at a time, and keeps libraries as wanted.

    ``run`` belongs to one process at a time; the others are answered by any process.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        store: MediaStore,
        readers: LibraryReaders,
        installation: Installation,
        probing: Probing,
        clock: Clock,
        entropy: Entropy,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._storage = storage
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._doubting = Doubting(storage=storage, clock=clock)
        self._passes = ServerPasses(
            store=store,
            readers=readers,
            installation=installation,
            probing=probing,
            clock=clock,
            entropy=entropy,
            patience=Patience(clock, pauses=pauses),
        )
        self._running: dict[SyncJobId, asyncio.Task[None]] = {}
        self._news = asyncio.Event()

    async def start(self, server_id: ServerId, *, library_key: str | None = None) -> SyncJobId:
        """Asks for a pass over a server's libraries, or over one of them.

        :raises NotFound: there is no such server. :raises Invalid: it has no such library.
        :raises Conflict: it, or the library, is disabled, or a pass is under way.
        """
        server = await self._server(server_id)
        if not server.enabled:
            raise Conflict(f"The server '{server.name}' is disabled; enable it first")
        if library_key is not None:
            await self._require_library(server, library_key)
        job = SyncJob(self._new_id(), server_id, self._clock.now(), library_key=library_key)
        try:
            await self._store.jobs.add(job)
        except AlreadyExists:
            told = f"A sync of the server '{server.name}' is under way; wait for its end or cancel it"
            raise Conflict(told) from None
        if library_key is None:
            await self._store.marks.put(SyncMark(server_id, job.created_at))
        self._news.set()
        return job.id

    async def job(self, job_id: SyncJobId) -> SyncJob:
        """Returns a job.

        :raises NotFound: no job has this id.
        """
        return await self._store.jobs.get(job_id)

    async def jobs(self, window: Window, *, server_id: ServerId | None = None) -> Page[SyncJob]:
        """Returns part of all jobs, or of one server's, newest first: also of those that nobody asked for by hand."""
        return await self._store.jobs.page(window, server_id=server_id)

    async def cancel(self, job_id: SyncJobId) -> SyncJob:
        """Asks for a job's end, which comes within seconds; what it has read stays, and nothing is removed.

        :raises NotFound: no job has this id. :raises Conflict: it is over.
        """
        job = await self._store.jobs.get(job_id)
        if job.is_over:
            raise Conflict(f"The sync is {job.status.lower()} already")
        await self._store.jobs.wish_stop(job_id)
        self._news.set()
        return await self._store.jobs.get(job_id)

    async def libraries(self, server_id: ServerId) -> list[MediaLibrary]:
        """Returns a server's libraries as it lists them now, and where it does not answer as they were last time.

        :raises NotFound: there is no such server.
        :raises IntegrationError: it does not answer, and never has.
        """
        server = await self._server(server_id)
        try:
            if server.enabled:
                await self._passes.look_for_libraries(server, await self.reader(server))
        except IntegrationError:
            kept = await self._store.libraries.of_server(server_id)
            if not kept:
                raise
            return kept
        return await self._store.libraries.of_server(server_id)

    async def enable(self, server_id: ServerId, key: str, *, enabled: bool) -> MediaLibrary:
        """Says whether a library takes part; one that does not keeps its items as they are.

        :raises NotFound: there is no such server, or it has no such library.
        """
        await self._server(server_id)
        return await self._store.libraries.enable(server_id, key, enabled=enabled)

    async def recover(self) -> None:
        """Ends the jobs that a stop cut short, and asks for each once more, unless it was one that resumed already."""
        for job in await self._store.jobs.open():
            if job.status is SyncStatus.RUNNING and job.id not in self._running:
                job.fail(RESTARTED, self._clock.now())
                await self._store.jobs.save(job)
                if not job.resumes and not job.stop_wished:
                    again = SyncJob(
                        self._new_id(), job.server_id, self._clock.now(), library_key=job.library_key, resumes=True
                    )
                    await self._store.jobs.add(again)

    async def run(self) -> None:
        """Runs jobs until cancelled; those under way then stay as they are for :meth:`recover`."""
        try:
            while True:
                try:
                    await self._look_at_jobs()
                except EarshelfError as problem:
                    _log.warning("Syncs wait: %s", problem)
                await self._wait_for_news()
        finally:
            for task in list(self._running.values()):
                await _ended(task)

    async def _look_at_jobs(self) -> None:
        for job in await self._store.jobs.open():
            if job.stop_wished:
                await self._stop(job)
            elif job.status is SyncStatus.PENDING and len(self._running) < _JOBS_AT_ONCE:
                job.begin(self._clock.now())
                await self._store.jobs.save(job)
                self._begin(job)

    def _begin(self, job: SyncJob) -> None:
        task = asyncio.create_task(self._carry_out(job))
        self._running[job.id] = task

        def over(_: asyncio.Task[None]) -> None:
            del self._running[job.id]
            self._news.set()

        task.add_done_callback(over)

    async def _stop(self, job: SyncJob) -> None:
        if task := self._running.get(job.id):
            await _ended(task)
            job = await self._store.jobs.get(job.id)
        if not job.is_over:
            job.cancel(self._clock.now())
            await self._store.jobs.save(job)

    async def _wait_for_news(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    async def _carry_out(self, job: SyncJob) -> None:
        """Runs a job to its end; whoever cancels it says what it is then."""
        try:
            await self._pass_over(job)
            job.complete(self._clock.now())
        except EarshelfError as problem:
            job.fail(problem.message, self._clock.now())
            _log.warning("The sync %s failed: %s", job.id, problem)
        except Exception:  # noqa: BLE001 - a defect ends the job, not the others
            job.fail(_DEFECT, self._clock.now())
            _log.exception("The sync %s failed", job.id)
        try:
            await self._store.jobs.save(job)
        except NotFound:
            # its server was removed meanwhile, and what was read since then goes too
            await self._store.items.remove_server(job.server_id)
        except EarshelfError as problem:
            _log.warning("The end of the sync %s could not be written down: %s", job.id, problem)

    async def _pass_over(self, job: SyncJob) -> None:
        server = await self._server(job.server_id)
        try:
            await self._passes.over(job, server)
        except CredentialsRejected as problem:
            await self._doubting.note(server, problem)
            raise

    async def _require_library(self, server: MediaServer, key: str) -> None:
        kept = {library.key: library for library in await self._store.libraries.of_server(server.id)}
        if key not in kept:
            raise Invalid(f"The server '{server.name}' has no library '{key}'", {"library_key": "is no library"})
        if not kept[key].enabled:
            raise Conflict(f"The library '{kept[key].title}' takes no part in syncs; switch it on first")

    async def _server(self, server_id: ServerId) -> MediaServer:
        async with self._storage.unit() as unit:
            return await unit.servers.get(server_id)

    async def reader(self, server: MediaServer) -> LibraryReader:
        """Returns what reads a server's libraries, as :meth:`ServerPasses.reader` does."""
        return await self._passes.reader(server)

    def _new_id(self) -> SyncJobId:
        return SyncJobId(self._entropy.new_id(IdPrefix.SYNC_JOB))


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
