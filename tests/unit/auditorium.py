"""Two media servers that live in this process, and the use cases about their streams over some storage."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from earshelf.adapters.memory.media import MemoryMediaStore
from earshelf.adapters.memory.media_servers import MemoryServerClients
from earshelf.adapters.memory.storage import MemoryDatabase
from earshelf.adapters.memory.streams import MemoryStreams, MemoryStreamSources
from earshelf.adapters.memory.system import SequentialEntropy, SettableClock
from earshelf.domain.errors import IntegrationKind, Obstacle, Unreachable
from earshelf.domain.ids import ServerId
from earshelf.domain.streams import Stream
from earshelf.domain.usecases.curbing import Curbing
from earshelf.domain.usecases.installation import Installation
from earshelf.domain.usecases.polling import Polling
from earshelf.domain.usecases.probing import Probing
from earshelf.domain.usecases.stopping import Stopping
from earshelf.domain.usecases.telling import Telling
from earshelf.domain.usecases.watching import Watching
from earshelf.ports.storage import Storage
from tests.contract.suites.makers import NOON, a_server
from tests.unit.viewing import CABIN, HOME, START

NAMES = {HOME: "Attic", CABIN: "Cabin"}


@dataclass
class Auditorium:
    """Another one over the same ``storage`` and ``sources`` is the same installation after a restart."""

    storage: Storage = field(default_factory=lambda: MemoryDatabase().storage)
    clock: SettableClock = field(default_factory=lambda: SettableClock(START))
    zone: tzinfo = UTC
    sources: MemoryStreamSources = field(default_factory=MemoryStreamSources)
    media: MemoryMediaStore = field(default_factory=MemoryMediaStore)

    def __post_init__(self) -> None:
        clients = MemoryServerClients()
        for server_id in NAMES:
            clients.put(f"http://{server_id}.test:32400", server_id)
        installation = Installation(storage=self.storage, clock=self.clock, entropy=SequentialEntropy())
        probing = Probing(clients=clients, installation=installation, clock=self.clock)
        self.polling = Polling(
            storage=self.storage,
            media=self.media,
            sources=self.sources,
            installation=installation,
            probing=probing,
            clock=self.clock,
        )
        stopping = Stopping(storage=self.storage, polling=self.polling, clock=self.clock, zone=self.zone)
        self.watching = Watching(
            storage=self.storage, polling=self.polling, stopping=stopping, clock=self.clock, zone=self.zone
        )
        self.telling = Telling(watching=self.watching, clock=self.clock)
        self.curbing = Curbing(
            storage=self.storage,
            clock=self.clock,
            entropy=SequentialEntropy(),
            zone=self.zone,
            on_change=self.watching.note_change,
        )

    async def furnished(self) -> "Auditorium":
        """Stores the two servers."""
        async with self.storage.unit() as unit:
            for server_id, name in NAMES.items():
                server = a_server(name, url=f"http://{server_id}.test:32400", machine_id=server_id)
                await unit.servers.add(replace(server, id=server_id))
            await unit.commit(NOON)
        return self

    def restarted(self, storage: Storage | None = None) -> "Auditorium":
        """Returns the installation after a restart."""
        return Auditorium(storage or self.storage, self.clock, self.zone, self.sources, self.media)

    def at(self, server_id: ServerId) -> MemoryStreams:
        """What plays on a server."""
        return self.sources.on(server_id)

    def play(self, *streams: Stream) -> None:
        """Starts sessions."""
        for stream in streams:
            self.at(stream.server_id).playing.append(stream)

    def leave(self, server_id: ServerId) -> None:
        """Takes a server off the net."""
        trouble = Unreachable(IntegrationKind.SERVER, NAMES[server_id], "could not connect", Obstacle.NOBODY_LISTENS)
        self.at(server_id).trouble = trouble

    def come_back(self, server_id: ServerId) -> None:
        """Brings it back."""
        self.at(server_id).trouble = None

    def ended(self, server_id: ServerId = HOME) -> list[str]:
        """The sessions that the server was asked to end."""
        return [one.session_id for one in self.at(server_id).endings]

    async def after(self, seconds: float) -> None:
        """Looks once, so much later."""
        self.clock.advance(seconds)
        await self.watching.enforce()

    async def forbid_transcoding(self, *criteria: str, **fields: Any) -> None:
        """Switches the rule against transcoding on, and looks."""
        wished = {"enabled": True, "criteria": dict.fromkeys(criteria, True), "delay": 30, **fields}
        await self.curbing.change_transcode_rule(wished)
        await self.watching.enforce()

    @property
    def now(self) -> datetime:
        """The time by its clock."""
        return self.clock.now()


def replaced(streams: Iterable[Stream], key: str, **values: Any) -> list[Stream]:
    """Returns the sessions with one of them changed."""
    return [replace(one, **values) if one.key == key else one for one in streams]
