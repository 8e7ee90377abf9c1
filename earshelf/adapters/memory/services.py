"""Neighbours that live in this process: they remember what they were asked and answer as they were told to.

Every one of them has a ``trouble`` that it raises instead of answering, and a ``gate``: while it is closed, whoever
asks has to wait.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from earshelf.domain.downloads import ClientStatus
from earshelf.domain.errors import AsinNotResolved, EarshelfError
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import Integration
from earshelf.domain.metadata import MetadataRecord, Region, canonical_asin
from earshelf.domain.refreshes import LibraryChange
from earshelf.domain.releases import Protocol, Release
from earshelf.domain.torrents import Magnet
from earshelf.ports.connectors import RefreshReport, Target
from earshelf.ports.downloads import DownloadItem
from earshelf.ports.files import AudioFacts
from earshelf.ports.indexers import Artifact, Offer, UsenetLink


class Neighbour:
    """What all of them have in common: trouble, and a gate."""

    def __init__(self) -> None:
        self.trouble: EarshelfError | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.callers = 0
        self._asked = asyncio.Event()

    async def until_asked(self, count: int = 1) -> None:
        """Returns once it was asked that often."""
        while self.callers < count:
            self._asked.clear()
            await self._asked.wait()

    async def answer(self) -> None:
        """Waits for the gate, then raises the trouble if there is one."""
        self.callers += 1
        self._asked.set()
        await self.gate.wait()
        if self.trouble:
            raise self.trouble


class MemoryCatalogue(Neighbour):
    """Knows the products that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.hits: list[MetadataRecord] = []
        self.products: dict[str, MetadataRecord] = {}
        self.asked: list[tuple[str, Region]] = []

    async def search(self, text: str, *, region: Region) -> list[MetadataRecord]:
        self.asked.append((text, region))
        await self.answer()
        return list(self.hits)

    async def product(self, asin: str, *, region: Region) -> MetadataRecord:
        self.asked.append((asin, region))
        await self.answer()
        if asin not in self.products:
            raise AsinNotResolved(asin)
        return self.products[asin]


class MemoryEnrichment(Neighbour):
    """Knows the records that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, MetadataRecord] = {}

    async def record(self, asin: str, *, region: Region) -> MetadataRecord | None:  # noqa: ARG002 - one region
        await self.answer()
        return self.records.get(canonical_asin(asin))


class MemoryIndexer(Neighbour):
    """Offers by query; ``always`` is offered to every query that has no offers of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.offers: dict[str, list[Offer]] = {}
        self.always: list[Offer] = []
        self.asked: list[str] = []

    async def search(self, query: str) -> list[Offer]:
        self.asked.append(query)
        await self.answer()
        return list(self.offers.get(query, self.always))

    async def check(self) -> str:
        await self.answer()
        return "Memory Indexer"


class MemoryFetcher(Neighbour):
    """Makes a magnet of every torrent, named by its info hash, and hands usenet links on."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[Release] = []
        self.trusted: Collection[str] = ()

    async def fetch(self, release: Release, *, trusted_hosts: Collection[str]) -> Artifact:
        self.fetched.append(release)
        self.trusted = trusted_hosts
        await self.answer()
        if release.protocol is Protocol.USENET:
            return UsenetLink(release.download_url)
        info_hash = (release.info_hash or f"{len(self.fetched):040x}").lower()
        return Magnet(f"magnet:?xt=urn:btih:{info_hash}", info_hash, release.title)


class MemoryDownloadClient(Neighbour):
    """Holds jobs; a torrent's reference is its info hash, a usenet link's its URL."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[str, DownloadItem] = {}
        self.added: list[Artifact] = []
        self.removed: list[tuple[str, bool]] = []

    async def add(self, artifact: Artifact) -> str:
        self.added.append(artifact)
        await self.answer()
        reference = artifact.url if isinstance(artifact, UsenetLink) else artifact.info_hash
        self.jobs.setdefault(reference, DownloadItem(reference, reference, ClientStatus.DOWNLOADING, 0.0))
        return reference

    async def items(self, references: Sequence[str]) -> Mapping[str, DownloadItem]:
        await self.answer()
        return {reference: self.jobs[reference] for reference in references if reference in self.jobs}

    async def remove(self, reference: str, *, delete_data: bool) -> None:
        await self.answer()
        self.removed.append((reference, delete_data))
        self.jobs.pop(reference, None)

    async def check(self) -> str:
        await self.answer()
        return "1.0"

    def report(
        self,
        reference: str,
        status: ClientStatus,
        *,
        progress: float = 0.0,
        path: str | None = None,
        error: str | None = None,
    ) -> None:
        """Lets a job stand differently from now on."""
        job = self.jobs[reference]
        self.jobs[reference] = replace(job, status=status, progress=progress, output_path=path, error=error)


class MemoryConnector(Neighbour):
    """A media server; ``troubles`` are raised one after the other, one for each refresh."""

    def __init__(self) -> None:
        super().__init__()
        self.found = [Target("1", "Audiobooks")]
        self.troubles: deque[Exception] = deque()
        self.refreshed: list[tuple[LibraryChange, ...]] = []

    async def targets(self) -> list[Target]:
        await self.answer()
        return list(self.found)

    async def check(self) -> None:
        await self.answer()

    async def refresh(self, changes: Sequence[LibraryChange]) -> RefreshReport:
        self.refreshed.append(tuple(changes))
        await self.answer()
        if self.troubles:
            raise self.troubles.popleft()
        return RefreshReport(whole_library=True)


class MemoryAudio:
    """Takes every file for a minute of audio in the format of its extension."""

    async def facts(self, path: str) -> AudioFacts:
        return AudioFacts(60.0, path.rpartition(".")[2].lower())


class MemoryNeighbours:
    """One neighbour for each configured row, made when it is first asked for; ``missing`` cannot be made."""

    def __init__(self) -> None:
        self.indexers: defaultdict[IntegrationId, MemoryIndexer] = defaultdict(MemoryIndexer)
        self.clients: defaultdict[IntegrationId, MemoryDownloadClient] = defaultdict(MemoryDownloadClient)
        self.connectors: defaultdict[IntegrationId, MemoryConnector] = defaultdict(MemoryConnector)
        self.missing: dict[IntegrationId, EarshelfError] = {}
        self.built: list[Integration] = []

    def indexer(self, integration: Integration) -> MemoryIndexer:
        self._build(integration)
        return self.indexers[integration.id]

    def download_client(self, integration: Integration) -> MemoryDownloadClient:
        self._build(integration)
        return self.clients[integration.id]

    def connector(self, integration: Integration) -> MemoryConnector:
        self._build(integration)
        return self.connectors[integration.id]

    def _build(self, integration: Integration) -> None:
        if problem := self.missing.get(integration.id):
            raise problem
        integration.require_secrets()
        self.built.append(integration)
