"""Two simulated Plex servers, and the use cases about their streams over SQLite, by a clock that stands until told."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.http import HttpClient
from earshelf.adapters.memory.media import MemoryMediaStore
from earshelf.adapters.memory.system import SequentialEntropy, SettableClock
from earshelf.adapters.plex.server import PlexServer
from earshelf.adapters.plex.streams import PlexStreams
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.storage import SqliteStorage
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import MediaServer
from earshelf.domain.usecases.attending import Attending
from earshelf.domain.usecases.curbing import Curbing
from earshelf.domain.usecases.installation import Installation
from earshelf.domain.usecases.polling import Polling
from earshelf.domain.usecases.probing import Probing
from earshelf.domain.usecases.stopping import Stopping
from earshelf.domain.usecases.watching import Watching
from earshelf.ports.servers import ServerAccess
from earshelf.ports.storage import Storage
from tests.contract.plex_theatre import PlexTheatre
from tests.contract.suites.makers import NOON, a_server
from tests.plex.lines import hasty

HOME, CABIN = ServerId("sv_home"), ServerId("sv_cabin")
SECRET = "s3cret-of-the-attic"


class PlexOnly:
    """Builds clients and sources of Plex servers."""

    def __init__(self, http: HttpClient) -> None:
        self._lines = hasty(http)

    def at(self, access: ServerAccess) -> PlexServer:
        return PlexServer(access, self._lines, version="1")

    def of(self, server: MediaServer, client_id: str) -> PlexStreams:
        return PlexStreams(server, client_id, self._lines, version="1", first_pause=0.001)


@dataclass
class House:
    """The use cases; another one over the same storage is the same house after a restart."""

    storage: Storage
    http: HttpClient
    clock: SettableClock
    media: MemoryMediaStore = field(default_factory=MemoryMediaStore)
    changed: list[tuple[ServerId, frozenset[str]]] = field(default_factory=list)
    patience: float = 5.0

    def __post_init__(self) -> None:
        plex = PlexOnly(self.http)
        installation = Installation(storage=self.storage, clock=self.clock, entropy=SequentialEntropy())
        probing = Probing(clients=plex, installation=installation, clock=self.clock)
        polling = Polling(
            storage=self.storage,
            media=self.media,
            sources=plex,
            installation=installation,
            probing=probing,
            clock=self.clock,
        )
        stopping = Stopping(storage=self.storage, polling=polling, clock=self.clock, zone=UTC)
        self.watching = Watching(
            storage=self.storage,
            polling=polling,
            stopping=stopping,
            clock=self.clock,
            zone=UTC,
            patience=self.patience,
        )
        self.curbing = Curbing(
            storage=self.storage,
            clock=self.clock,
            entropy=SequentialEntropy(),
            zone=UTC,
            on_change=self.watching.note_change,
        )
        self.attending = Attending(
            polling=polling, clock=self.clock, on_streams=self.watching.note_change, on_items=self._note_items
        )

    async def _note_items(self, server_id: ServerId, keys: Any) -> None:
        self.changed.append((server_id, frozenset(keys)))

    def restarted(self) -> "House":
        return House(self.storage, self.http, self.clock, self.media)

    async def after(self, seconds: float) -> None:
        """Looks once, so much later."""
        self.clock.advance(seconds)
        await self.watching.enforce()

    async def maintain(self, **fields: Any) -> None:
        """Switches maintenance on and looks."""
        await self.curbing.change_maintenance({"enabled": True, "grace_seconds": 30, **fields})
        await self.watching.enforce()


@asynccontextmanager
async def two_theatres() -> AsyncIterator[dict[ServerId, PlexTheatre]]:
    async with AsyncExitStack() as stack:
        yield {
            server_id: await stack.enter_async_context(PlexTheatre(credential=SECRET, machine_id=server_id))
            for server_id in (HOME, CABIN)
        }


@asynccontextmanager
async def house_over(theatres: dict[ServerId, PlexTheatre], folder: Path) -> AsyncIterator[House]:
    async with HttpClient() as http, SqliteDatabase(folder / "library.db") as database:
        storage = SqliteStorage(database, AesGcmCipher(bytes(32)))
        async with storage.unit() as unit:
            for server_id, name in ((HOME, "Attic"), (CABIN, "Cabin")):
                server = a_server(name, url=theatres[server_id].url, token=SECRET, machine_id=server_id)
                await unit.servers.add(replace(server, id=server_id))
            await unit.commit(NOON)
        yield House(storage, http, SettableClock(datetime(2026, 11, 20, 12, tzinfo=UTC)))


def ended(theatre: PlexTheatre) -> list[str]:
    return [session_id for session_id, _ in theatre.endings]
