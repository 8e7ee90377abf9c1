"""A running sync over a scripted Plex server, through the real adapter, into any store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earshelf.adapters.http import HttpClient
from earshelf.adapters.memory.media import MemoryMediaQueries, MemoryMediaStore
from earshelf.adapters.memory.storage import MemoryDatabase
from earshelf.adapters.memory.system import SequentialEntropy
from earshelf.adapters.plex.library import PlexLibrary
from earshelf.adapters.plex.server import PlexServer
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.media import SqliteMediaStore
from earshelf.adapters.sqlite.media_queries import SqliteMediaQueries
from earshelf.adapters.system import SystemClock
from earshelf.domain.ids import ServerId, SyncJobId
from earshelf.domain.media import MediaItem
from earshelf.domain.servers import AuthMethod, MediaServer, ServerKind
from earshelf.domain.sync_jobs import SyncJob
from earshelf.domain.usecases.following import Following
from earshelf.domain.usecases.installation import Installation
from earshelf.domain.usecases.probing import Probing
from earshelf.domain.usecases.syncing import Syncing
from earshelf.ports.media import MediaFilter, MediaQueries, MediaRow, MediaSort, MediaStore
from earshelf.ports.queries import Window
from earshelf.ports.servers import ServerAccess
from tests.plex import composed
from tests.plex.lines import hasty
from tests.plex.server import ScriptedPlex, ScriptedSection

ATTIC, BARN = ServerId("sv_attic"), ServerId("sv_barn")
HASTY = (0.001, 0.001, 0.001)


class PlexOnly:
    """Builds clients and readers of Plex servers; an answer is waited for as long as is said."""

    def __init__(self, http: HttpClient, timeout: float) -> None:
        self._lines = hasty(http)
        self._timeout = timeout

    def at(self, access: ServerAccess) -> PlexServer:
        return PlexServer(access, self._lines, version="1", timeout=self._timeout, probe_timeout=self._timeout)

    def reader(self, access: ServerAccess) -> PlexLibrary:
        return PlexLibrary(access, self._lines, version="1", timeout=self._timeout)


@dataclass
class House:
    """A running use case over one scripted server."""

    plex: ScriptedPlex
    syncing: Syncing
    following: Following
    store: MediaStore
    lists: MediaQueries
    database: MemoryDatabase
    parts: dict[str, Any]

    async def add_server(self, server_id: ServerId, url: str, **values: Any) -> None:
        server = MediaServer(
            id=server_id, kind=ServerKind.PLEX, name="Attic", url=url, method=AuthMethod.TOKEN,
            token=self.plex.token, **values,
        )  # fmt: skip
        async with self.database.storage.unit() as unit:
            await unit.servers.add(server)
            await unit.commit(SystemClock().now())

    async def synced(self, server_id: ServerId = ATTIC, **values: Any) -> SyncJob:
        """Asks for a pass and waits for its end."""
        return await self.over(await self.syncing.start(server_id, **values))

    async def over(self, job_id: SyncJobId) -> SyncJob:
        async with asyncio.timeout(25):
            while not (job := await self.store.jobs.get(job_id)).is_over:  # noqa: ASYNC110 - rows tell nobody
                await asyncio.sleep(0.01)
        return job

    async def until_asked(self, count: int) -> None:
        """Returns once the server got that many requests that it has to show its token for."""
        async with asyncio.timeout(5):
            while len([path for path in self.plex.requests if path == "/"]) < count:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)

    async def rows(self, **values: Any) -> list[MediaRow]:
        page = await self.lists.page(
            Window(10_000), only=MediaFilter(**values), sort=MediaSort.ADDED_AT, ascending=True
        )
        return list(page.rows)

    async def item(self, key: str) -> MediaItem:
        (row,) = [row for row in await self.rows() if row.key == key]
        return await self.lists.item(row.id)


@asynccontextmanager
async def in_memory(_: Path) -> AsyncIterator[tuple[MediaStore, MediaQueries]]:
    store = MemoryMediaStore()
    yield store, MemoryMediaQueries(store)


@asynccontextmanager
async def in_sqlite(folder: Path) -> AsyncIterator[tuple[MediaStore, MediaQueries]]:
    async with SqliteDatabase(folder / "library.db") as database:
        yield SqliteMediaStore(database), SqliteMediaQueries(database)


@asynccontextmanager
async def house_over(
    store: MediaStore, lists: MediaQueries, plex: ScriptedPlex, timeout: float = 8.0
) -> AsyncIterator[House]:
    async with HttpClient() as http, MemoryDatabase() as database:
        clock, entropy = SystemClock(), SequentialEntropy()
        installation = Installation(storage=database.storage, clock=clock, entropy=entropy)
        plex_only = PlexOnly(http, timeout)
        parts: dict[str, Any] = {
            "storage": database.storage,
            "store": store,
            "readers": plex_only,
            "installation": installation,
            "probing": Probing(clients=plex_only, installation=installation, clock=clock),
            "clock": clock,
            "entropy": entropy,
            "pauses": HASTY,
        }
        syncing = Syncing(**parts)
        following = Following(storage=database.storage, store=store, syncing=syncing, clock=clock, entropy=entropy)
        house = House(plex, syncing, following, store, lists, database, parts)
        await house.add_server(ATTIC, plex.url)
        running = asyncio.create_task(syncing.run())
        yield house
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def films(count: int, **values: Any) -> ScriptedSection:
    return ScriptedSection("1", rows=[composed.film(number) for number in range(1, count + 1)], **values)
