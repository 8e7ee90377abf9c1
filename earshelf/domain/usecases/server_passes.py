"""Passes over one server: which libraries it has, and each of them in its turn."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from earshelf.domain.errors import IntegrationError, Refused, TimedOut, UnexpectedPayload, Unreachable
from earshelf.domain.ids import ServerId
from earshelf.domain.media import Plays
from earshelf.domain.servers import MediaServer
from earshelf.domain.sync_jobs import MediaLibrary, SyncJob, SyncPhase, reconcile
from earshelf.domain.usecases.installation import Installation
from earshelf.domain.usecases.library_passes import LibraryPass
from earshelf.domain.usecases.patience import Patience
from earshelf.domain.usecases.probing import Probing
from earshelf.domain.usecases.reporting import Report
from earshelf.domain.usecases.reuniting import reunited
from earshelf.ports.libraries import LibraryAbility, LibraryReader, LibraryReaders, Section
from earshelf.ports.media import MediaStore
from earshelf.ports.servers import ServerAccess
from earshelf.ports.system import Clock, Entropy

_log = logging.getLogger(__name__)

_WATCHES_AT_ONCE = 5000
# said by, or for, a server that has no time for anybody
_OF_THE_SERVER = frozenset({502, 503, 504})


class ServerPasses:
    """Knows how a server is read, from the question who it is to its last library."""

    def __init__(
        self,
        *,
        store: MediaStore,
        readers: LibraryReaders,
        installation: Installation,
        probing: Probing,
        clock: Clock,
        entropy: Entropy,
        patience: Patience,
    ) -> None:
        self._store = store
        self._readers = readers
        self._installation = installation
        self._probing = probing
        self._clock = clock
        self._entropy = entropy
        self._patience = patience

    async def reader(self, server: MediaServer) -> LibraryReader:
        """Returns what reads a server's libraries, once it is sure that nobody else is shown the token.

        :raises OtherMachine: another server answers.
        :raises IntegrationError: it does not answer, or not to this token.
        """
        await self._patience.asked(lambda: self._probing.meet(server, insists=True))
        return self._readers.reader(
            ServerAccess(
                kind=server.kind,
                name=server.name,
                url=server.url,
                client_id=await self._installation.client_id(),
                token=server.usable_token(),
                verify_ssl=server.verify_ssl,
            )
        )

    async def over(self, job: SyncJob, server: MediaServer) -> None:
        """Carries out a job, library by library; what is read before trouble stays.

        A library that the server cannot show keeps the others from nothing but being told apart from it: what is
        missing there may have moved to them.

        :raises IntegrationError: the server does not answer, or not as it should.
        """
        reader = await self.reader(server)
        sections = await self.look_for_libraries(server, reader)
        kept = {library.key: library for library in await self._store.libraries.of_server(server.id)}
        wished = [
            section for section in sections if kept[section.key].enabled and job.library_key in (None, section.key)
        ]
        job.proceed(SyncPhase.HISTORY, libraries=len(wished))
        await self._store.jobs.save(job)
        counted = await self._plays(server, reader) if wished else None
        missing: set[str] = set()
        troubles: list[IntegrationError] = []
        for section in wished:
            try:
                missing |= await self._pass_through(job, kept[section.key], section, reader, counted)
            except (Refused, UnexpectedPayload) as problem:
                if not _is_of_one_library(problem):
                    raise
                _log.warning("The library '%s' of '%s' is left out: %s", section.title, server.name, problem.reason)
                troubles.append(type(problem)(problem.kind, problem.name, f"'{section.title}': {problem.reason}"))
        if troubles:
            raise troubles[0]
        await self._rejoin(server.id, missing)
        # only now: an item may have moved from a library that came later to one that came before
        await self._store.removed.settle(server.id, [section.key for section in wished])
        if wished and job.library_key is None and LibraryAbility.PLAY_HISTORY in reader.abilities:
            job.proceed(SyncPhase.WATCH_HISTORY)
            await self._store.jobs.save(job)
            is_new = any(kept[section.key].synced_at is None for section in wished)
            await self._read_history(server, reader, everything=is_new)

    async def _rejoin(self, server_id: ServerId, missing: set[str]) -> None:
        """Finds among what came, in any library, what is missing and stays: much at once, or a library's whole content.

        A library that was deleted and made anew has another key, too; the old one is listed no more.
        """
        for library in await self._store.libraries.of_server(server_id):
            if library.is_missing:
                missing |= await self._store.items.keys(server_id, library.key)
        if missing and await self._store.removed.newcomers(server_id):
            await reunited(self._store.removed, server_id, missing)

    async def _pass_through(
        self,
        job: SyncJob,
        library: MediaLibrary,
        section: Section,
        reader: LibraryReader,
        counted: Mapping[str, Plays] | None,
    ) -> frozenset[str]:
        """Reads one library; returns the keys of its items that are missing and stay."""
        report = Report(job, section.title, self._store, self._clock)
        one_pass = LibraryPass(
            server_id=library.server_id,
            section=section,
            reader=reader,
            store=self._store,
            clock=self._clock,
            entropy=self._entropy,
            patience=self._patience,
            counted=counted,
            entered=report.entered,
            advanced=report.advanced,
            tidying=report.tidying,
        )
        verdict = await one_pass.walk(held_back=library.held_back)
        if verdict.held_back:
            _log.warning(
                "%d items of '%s' are missing and stay until the next sync finds the same",
                verdict.held_back,
                library.title,
            )
        done = replace(library, synced_at=self._clock.now(), held_back=verdict.held_back)
        await self._store.libraries.put([done])
        return one_pass.missing

    async def _read_history(self, server: MediaServer, reader: LibraryReader, *, everything: bool) -> None:
        """Writes down who watched what since last time; what is known stays, whatever the server tells or not."""
        newest = None if everything else await self._store.watches.newest(server.id)
        since = None if newest is None else min(newest, self._clock.now())
        offset, total = 0, None
        try:
            while total is None or offset < total:
                page = await self._patience.asked(
                    lambda at=offset: reader.watches(since=since, offset=at, size=_WATCHES_AT_ONCE)  # type: ignore[misc]
                )
                await self._store.watches.add(server.id, page.watches)
                offset, total = offset + page.rows, page.total
                is_old = since is not None and any(watch.watched_at < since for watch in page.watches)
                if is_old or not page.rows or (total is None and page.rows < _WATCHES_AT_ONCE):
                    return
        except IntegrationError as problem:
            _log.info("Who watched what on '%s' could not be read: %s", server.name, problem)

    async def _plays(self, server: MediaServer, reader: LibraryReader) -> Mapping[str, Plays] | None:
        if LibraryAbility.PLAY_HISTORY not in reader.abilities:
            return None
        try:
            return await self._patience.asked(reader.plays)
        except (Unreachable, TimedOut):
            raise
        except IntegrationError as problem:
            # some tokens may not see what others play; a dead one shows at the next question
            _log.info("The play history of '%s' could not be read: %s", server.name, problem)
            return None

    async def look_for_libraries(self, server: MediaServer, reader: LibraryReader) -> Sequence[Section]:
        """Asks which libraries there are and takes note of it; those that are listed no more are missing, not gone.

        :raises IntegrationError: the server does not answer, or not as it should.
        """
        sections = await self._patience.asked(reader.sections)
        listed = [
            MediaLibrary(server.id, section.key, section.title, section.type, identity=section.identity)
            for section in sections
        ]
        found = reconcile(await self._store.libraries.of_server(server.id), listed)
        for before, after in found.rekeyed:
            await self._store.libraries.rekey(server.id, before=before, after=after)
        await self._store.libraries.put(found.libraries)
        return sections


def _is_of_one_library(problem: IntegrationError) -> bool:
    return not isinstance(problem, Refused) or problem.status not in _OF_THE_SERVER
