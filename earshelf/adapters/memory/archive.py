"""The whole library out of memory and into it."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

from earshelf.adapters.memory.books import current
from earshelf.adapters.memory.downloads import copied
from earshelf.adapters.memory.integrations import copied as copied_row
from earshelf.adapters.memory.tables import MemoryTables, Name, Tables
from earshelf.domain.accounts import Account
from earshelf.domain.blackouts import Blackout
from earshelf.domain.books import Author, Book, Narrator, Series, person_key
from earshelf.domain.downloads import Download, DownloadStatus
from earshelf.domain.errors import ConfigurationError, Conflict
from earshelf.domain.imports import ImportJob
from earshelf.domain.integrations import Integration
from earshelf.domain.maintenance import Maintenance, TranscodeRule
from earshelf.domain.metadata import canonical_asin
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.preroll_upkeep import ServerPreroll
from earshelf.domain.prerolls import PrerollPreset, PrerollSchedule
from earshelf.domain.records import Record, StoredCredential, StoredEvent
from earshelf.domain.servers import MediaServer
from earshelf.ports.events import LoggedEvent
from earshelf.ports.queries import PersonKind
from earshelf.ports.secrets import Cipher


class MemoryArchive:
    """Reads and replaces the committed tables; nothing here is encrypted."""

    def __init__(self, tables: MemoryTables) -> None:
        self._tables = tables

    async def dump(self, cipher: Cipher) -> AsyncGenerator[Record, None]:  # noqa: ARG002 - nothing is encrypted here
        for record in _records(self._tables.committed):
            yield record

    async def load(self, records: AsyncIterable[Record], cipher: Cipher) -> None:  # noqa: ARG002
        async with self._tables.pen:
            if not await self.is_empty():
                raise Conflict("The database to fill is not empty; name a new one")
            filling = _Filling()
            async for record in records:
                filling.add(record)
            self._tables.committed = filling.tables

    async def is_empty(self) -> bool:
        return next(_records(self._tables.committed), None) is None

    async def key_ids(self) -> frozenset[str]:
        return frozenset()

    async def reseal(self, *, old: Cipher, new: Cipher) -> int:  # noqa: ARG002
        return 0


class MemorySuccessor:
    """A library in memory that nothing leads to, as long as nobody holds on to it."""

    def __init__(self) -> None:
        self.archive = MemoryArchive(MemoryTables())

    async def take_over(self) -> str | None:
        raise ConfigurationError("A library in memory ends with its process; nothing can take its place")


class MemorySuccession:
    """Makes successors to try things out on."""

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[MemorySuccessor]:
        yield MemorySuccessor()


def _records(tables: Tables) -> Iterator[Record]:
    yield from (tables.names[key] for key in sorted(tables.names))
    yield from (current(tables.books[key], tables) for key in sorted(tables.books))
    yield from (copied(tables.downloads[key]) for key in sorted(tables.downloads))
    yield from (replace(tables.imports[key], _events=[]) for key in sorted(tables.imports))
    yield from (copied_row(row) for row in tables.integrations.values())
    yield from (replace(row) for row in tables.servers.values())
    yield from (replace(tables.accounts[key]) for key in sorted(tables.accounts))
    yield from (tables.preroll_presets[key] for key in sorted(tables.preroll_presets))
    yield from (tables.preroll_schedules[key] for key in sorted(tables.preroll_schedules))
    yield from (tables.preroll_mappings[key] for key in sorted(tables.preroll_mappings))
    yield from (tables.server_prerolls[key] for key in sorted(tables.server_prerolls))
    yield from tables.maintenance
    yield from tables.transcode_rules
    yield from tables.blackouts.values()
    yield from (StoredCredential(key, tables.credentials[key]) for key in sorted(tables.credentials))
    for logged in tables.log:
        yield StoredEvent(logged.number, logged.at, logged.event, logged.number in tables.dispatched)


class _Filling:
    """Tables on their way from nothing to whole, with what must not come twice."""

    def __init__(self) -> None:
        self.tables = Tables()
        self._unique: set[tuple[object, ...]] = set()

    def add(self, record: Record) -> None:
        """Takes a record that contradicts none before it."""
        match record:
            case Author():
                self._add_name(PersonKind.AUTHOR, record)
            case Narrator():
                self._add_name(PersonKind.NARRATOR, record)
            case Series():
                self._add_name(PersonKind.SERIES, record)
            case Book():
                self._add_book(record)
            case Download():
                self._add_download(record)
            case ImportJob():
                self._add_import(record)
            case Integration():
                self._only(Integration, record.id)
                self.tables.integrations[record.id] = copied_row(record)
            case MediaServer():
                self._add_server(record)
            case Account():
                self._only(Account, record.provider)
                self.tables.accounts[record.provider] = replace(record)
            case PrerollPreset() | PrerollSchedule() | PrerollMappings() | ServerPreroll():
                self._add_preroll(record)
            case Maintenance():
                self._only(Maintenance)
                self.tables.maintenance.append(record)
            case TranscodeRule():
                self._only(TranscodeRule)
                self.tables.transcode_rules.append(record)
            case Blackout():
                self._only(Blackout, record.id)
                self.tables.blackouts[record.id] = record
            case StoredCredential():
                self._only(StoredCredential, record.credential)
                self.tables.credentials[record.credential] = record.value
            case StoredEvent():
                self._add_event(record)

    def _add_name(self, kind: PersonKind, name: Author | Narrator | Series) -> None:
        self._only(PersonKind, name.id)
        self._only(kind, person_key(name.name))
        self.tables.names[name.id] = name
        self.tables.name_ids[kind, person_key(name.name)] = name.id

    def _add_book(self, book: Book) -> None:
        self._only(Book, book.id)
        if asin := canonical_asin(book.asin or ""):
            self._only("asin", asin)
        credited: list[Name] = [*book.authors, *book.narrators, *([book.series.series] if book.series else [])]
        self._demand(all(name.id in self.tables.names for name in credited))
        self.tables.books[book.id] = replace(book, _events=[])

    def _add_download(self, download: Download) -> None:
        self._only(Download, download.id)
        if download.book_id is not None:
            self._demand(download.book_id in self.tables.books)
            if download.status is not DownloadStatus.FAILED:
                self._only(download.book_id, download.release.identity)
        self.tables.downloads[download.id] = copied(download)

    def _add_import(self, job: ImportJob) -> None:
        self._only(ImportJob, job.id)
        if job.is_open:
            self._only("open import", job.book_id)
        self.tables.imports[job.id] = replace(job, _events=[])

    def _add_server(self, server: MediaServer) -> None:
        self._only(MediaServer, server.id)
        if server.machine_id is not None:
            self._only(server.kind, server.machine_id)
        self.tables.servers[server.id] = replace(server)

    def _add_preroll(self, record: PrerollPreset | PrerollSchedule | PrerollMappings | ServerPreroll) -> None:
        match record:
            case PrerollPreset():
                self._only(PrerollPreset, record.id)
                self.tables.preroll_presets[record.id] = record
            case PrerollSchedule():
                self._only(PrerollSchedule, record.id)
                self.tables.preroll_schedules[record.id] = record
            case PrerollMappings():
                self._only(PrerollMappings, record.server_id)
                self.tables.preroll_mappings[record.server_id] = record
            case ServerPreroll():
                self._only(ServerPreroll, record.server_id)
                self.tables.server_prerolls[record.server_id] = record

    def _add_event(self, stored: StoredEvent) -> None:
        self._only(StoredEvent, stored.number)
        self.tables.log.append(LoggedEvent(stored.number, stored.at, stored.event))
        if stored.dispatched:
            self.tables.dispatched.add(stored.number)

    def _only(self, *key: object) -> None:
        self._demand(key not in self._unique)
        self._unique.add(key)

    @staticmethod
    def _demand(holds: bool) -> None:
        if not holds:
            raise Conflict("The memory database refused a record that contradicts another")
