"""All use cases over memory adapters, as the program wires them, and short ways to furnish them."""

from pathlib import Path
from typing import Any

from earshelf.adapters.files.local import LocalFiles
from earshelf.adapters.memory.services import (
    MemoryAudio,
    MemoryCatalogue,
    MemoryConnector,
    MemoryDownloadClient,
    MemoryEnrichment,
    MemoryFetcher,
    MemoryIndexer,
    MemoryNeighbours,
)
from earshelf.adapters.memory.settings import MemorySettings
from earshelf.adapters.memory.storage import MemoryDatabase
from earshelf.adapters.memory.system import SequentialEntropy, SettableClock
from earshelf.adapters.patterns import Re2Patterns
from earshelf.domain.books import Book
from earshelf.domain.downloads import ClientStatus, Download
from earshelf.domain.ids import BookId, DownloadId, IdPrefix, ImportId, IntegrationId
from earshelf.domain.imports import ImportJob
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.domain.paths import PathMapping
from earshelf.domain.releases import ReleaseSigner
from earshelf.domain.usecases.authenticating import Authenticating
from earshelf.domain.usecases.cataloguing import Cataloguing
from earshelf.domain.usecases.configuring import Configuring
from earshelf.domain.usecases.diagnosing import Diagnosing
from earshelf.domain.usecases.grabbing import Grabbing
from earshelf.domain.usecases.importing import Importing
from earshelf.domain.usecases.monitoring import Monitoring
from earshelf.domain.usecases.refreshing import Refreshing
from earshelf.domain.usecases.reviewing import Reviewing
from earshelf.domain.usecases.searching import Searching
from earshelf.domain.usecases.shelving import Shelving
from earshelf.ports.files import LibraryFiles
from earshelf.ports.indexers import ReleaseFetcher
from earshelf.ports.integrations import Neighbours
from earshelf.ports.settings import SettingsStore
from earshelf.ports.storage import Storage
from tests.contract.suites.makers import a_book, credit, new_id

GRACE_SECONDS = 120


class House:
    """One installation; another one over the same ``database``, ``neighbours`` and disk is the same after a restart."""

    def __init__(
        self,
        *,
        before: "House | None" = None,
        storage: Storage | None = None,
        files: LibraryFiles | None = None,
        settings: SettingsStore | None = None,
        neighbours: Neighbours | None = None,
        fetcher: ReleaseFetcher | None = None,
    ) -> None:
        self.database: MemoryDatabase = before.database if before else MemoryDatabase()
        self.neighbours: MemoryNeighbours = before.neighbours if before else MemoryNeighbours()
        self.settings: SettingsStore = before.settings if before else settings or MemorySettings()
        self.clock: SettableClock = before.clock if before else SettableClock()
        self.entropy: SequentialEntropy = before.entropy if before else SequentialEntropy()
        self.storage = storage or self.database.storage
        self.files: LibraryFiles = files or LocalFiles()
        self.catalogue, self.enrichment, self.fetcher = MemoryCatalogue(), MemoryEnrichment(), MemoryFetcher()
        self._neighbours: Neighbours = neighbours or self.neighbours
        self._fetcher: ReleaseFetcher = fetcher or self.fetcher
        self.signer = ReleaseSigner(b"key")
        self.authenticating = Authenticating(storage=self.storage, clock=self.clock, entropy=self.entropy, fixed={})
        self._wire_acquisition()
        self._wire_the_rest()

    def _wire_acquisition(self) -> None:
        self.grabbing = Grabbing(
            storage=self.storage,
            neighbours=self._neighbours,
            fetcher=self._fetcher,
            signer=self.signer,
            clock=self.clock,
            entropy=self.entropy,
        )
        self.monitoring = Monitoring(storage=self.storage, neighbours=self._neighbours, clock=self.clock)
        self.searching = self.searching_within(1500.0)
        self.importing = Importing(
            storage=self.storage,
            shelving=Shelving(storage=self.storage, files=self.files, settings=self.settings),
            files=self.files,
            audio=MemoryAudio(),
            settings=self.settings,
            clock=self.clock,
            entropy=self.entropy,
        )
        self.reviewing = Reviewing(
            storage=self.storage,
            importing=self.importing,
            files=self.files,
            settings=self.settings,
            clock=self.clock,
            entropy=self.entropy,
        )

    def _wire_the_rest(self) -> None:
        self.refreshing = Refreshing(storage=self.storage, neighbours=self._neighbours, clock=self.clock)
        self.cataloguing = Cataloguing(
            storage=self.storage,
            queries=self.database.queries,
            catalogue=self.catalogue,
            enrichment=self.enrichment,
            settings=self.settings,
            clock=self.clock,
            entropy=self.entropy,
            importing=self.importing,
        )
        self.configuring = Configuring(
            storage=self.storage,
            neighbours=self._neighbours,
            settings=self.settings,
            files=self.files,
            patterns=Re2Patterns(),
            clock=self.clock,
            entropy=self.entropy,
        )
        self.diagnosing = Diagnosing(
            storage=self.storage,
            settings=self.settings,
            files=self.files,
            searching=self.searching,
            monitoring=self.monitoring,
            refreshing=self.refreshing,
            authenticating=self.authenticating,
        )

    def searching_within(self, seconds: float) -> Searching:
        """Returns searching with another time budget."""
        return Searching(
            storage=self.storage,
            neighbours=self._neighbours,
            settings=self.settings,
            grabbing=self.grabbing,
            signer=self.signer,
            clock=self.clock,
            budget_seconds=seconds,
        )

    async def change(self, **groups: dict[str, Any]) -> None:
        """Changes settings without looking at the disk."""
        await self.settings.save((await self.settings.load()).changed(groups))

    async def shelve(
        self, title: str = "A Book", *, author: str = "An Author", narrator: str = "", **values: Any
    ) -> Book:
        """Adds a book by these people."""
        book = a_book(title, **values)
        async with self.storage.unit() as unit:
            await unit.books.add(await credit(unit, book, authors=author, narrators=narrator))
            await unit.commit(self.clock.now())
        return book

    async def adopt(self, book_id: BookId, folder: str | Path) -> ImportId:
        """Takes a folder of the library for a book's."""
        return await self.importing.adopt(str(folder), lambda unit: unit.books.get(book_id))

    async def hire(self, role: IntegrationRole, kind: str, name: str, **values: Any) -> Integration:
        """Configures a neighbour."""
        row = Integration(IntegrationId(new_id(role.id_prefix)), role, kind, name, **values)
        async with self.storage.unit() as unit:
            await unit.integrations.add(row)
            await unit.commit(self.clock.now())
        return row

    async def client(
        self, name: str = "seedbox", *, mappings: tuple[PathMapping, ...] = (), **values: Any
    ) -> MemoryDownloadClient:
        """Configures a download client and returns the fake behind it."""
        role = IntegrationRole.DOWNLOAD_CLIENT
        settings = {"url": "http://seedbox.example:9091"}
        row = await self.hire(role, "transmission", name, settings=settings, path_mappings=mappings, **values)
        return self.neighbours.clients[row.id]

    async def indexer(self, name: str = "Shelf", **values: Any) -> MemoryIndexer:
        """Configures an indexer and returns the fake behind it."""
        settings = {"url": "http://indexer.example/api"}
        row = await self.hire(IntegrationRole.INDEXER, "torznab", name, settings=settings, **values)
        return self.neighbours.indexers[row.id]

    async def connector(self, name: str = "Plex", **values: Any) -> MemoryConnector:
        """Configures a connector and returns the fake behind it."""
        settings = {"server_url": "http://plex.example", "section_id": "1"}
        row = await self.hire(IntegrationRole.CONNECTOR, "plex", name, settings=settings, **values)
        return self.neighbours.connectors[row.id]

    async def book(self, book_id: BookId | None) -> Book:
        """Reads a book back."""
        assert book_id is not None
        async with self.database.storage.unit() as unit:
            return await unit.books.get(book_id)

    async def download(self, download_id: DownloadId) -> Download:
        """Reads a download back."""
        async with self.database.storage.unit() as unit:
            return await unit.downloads.get(download_id)

    async def downloads(self, book: Book) -> list[Download]:
        """Reads the downloads of a book back, newest first."""
        async with self.database.storage.unit() as unit:
            return await unit.downloads.of_book(book.id)

    async def open_imports(self) -> list[ImportJob]:
        """Reads the imports with work left back."""
        async with self.database.storage.unit() as unit:
            return await unit.imports.open()

    @property
    def imports(self) -> list[ImportJob]:
        """All imports."""
        return list(self.database.tables.committed.imports.values())

    async def put(self, *downloads: Download) -> None:
        """Stores downloads as they are."""
        async with self.storage.unit() as unit:
            for download in downloads:
                await unit.downloads.add(download)
            await unit.commit(self.clock.now())

    def new_id(self, prefix: IdPrefix) -> str:
        """Returns an unused identifier."""
        return self.entropy.new_id(prefix)


def write(folder: Path, *names: str) -> Path:
    """Writes small audio files, each with its own name in it."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 100)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def finish(client: MemoryDownloadClient, reference: str | None, path: str | Path) -> None:
    """Lets a client have every byte."""
    assert reference is not None
    client.report(reference, ClientStatus.COMPLETED, progress=1.0, path=str(path))
