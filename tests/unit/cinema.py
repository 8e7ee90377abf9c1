"""Media servers with prerolls, the storage that remembers them, and a clock, as the program wires them."""

from datetime import UTC, datetime, timedelta, tzinfo

from earshelf.adapters.memory.media_servers import MemoryServerClients
from earshelf.adapters.memory.prerolls import MemoryPrerollKeepers, MemoryPrerollStore
from earshelf.adapters.memory.settings import MemorySettings
from earshelf.adapters.memory.system import SequentialEntropy, SettableClock
from earshelf.domain.errors import IntegrationKind, Unreachable
from earshelf.domain.ids import ServerId
from earshelf.domain.preroll_upkeep import ServerPreroll
from earshelf.domain.prerolls import Prerolls, PrerollSchedule
from earshelf.domain.schedules import OneTime
from earshelf.domain.usecases.airing import Airing
from earshelf.domain.usecases.installation import Installation
from earshelf.domain.usecases.probing import Probing
from earshelf.domain.usecases.programming import Programming, ScheduleDraft
from earshelf.domain.usecases.reaching import Reaching
from earshelf.domain.usecases.tending import Tending
from earshelf.ports.prerolls import PrerollKeepers
from earshelf.ports.servers import ServerClients
from earshelf.ports.storage import Storage
from tests.contract.suites.makers import a_server

START = datetime(2026, 12, 1, tzinfo=UTC)
TICK_SECONDS = 30
OWN = "/own/trailer.mp4"
HAND = Prerolls(("/hand.mp4",))
AWAY = Unreachable(IntegrationKind.SERVER, "Attic", "could not connect")


class Cinema:
    """One installation; another one over the same storage is the same after a restart."""

    def __init__(
        self,
        storage: Storage,
        *,
        before: "Cinema | None" = None,
        zone: tzinfo = UTC,
        clients: ServerClients | None = None,
        keepers: PrerollKeepers | None = None,
        patience: float = 10,
    ) -> None:
        self.storage = storage
        self.clock: SettableClock = before.clock if before else SettableClock(START)
        self.machines: MemoryServerClients = before.machines if before else MemoryServerClients()
        self.keepers: MemoryPrerollKeepers = before.keepers if before else MemoryPrerollKeepers()
        self.settings: MemorySettings = before.settings if before else MemorySettings()
        self.entropy: SequentialEntropy = before.entropy if before else SequentialEntropy()
        entropy = self.entropy
        installation = Installation(storage=storage, clock=self.clock, entropy=entropy)
        probing = Probing(clients=clients or self.machines, installation=installation, clock=self.clock)
        reaching = Reaching(keepers=keepers or self.keepers, installation=installation, probing=probing)
        self.airing = Airing(
            storage=storage,
            reaching=reaching,
            tending=Tending(storage=storage, reaching=reaching, clock=self.clock, zone=zone, patience=patience),
            settings=self.settings,
            clock=self.clock,
            zone=zone,
        )
        self.programming = Programming(
            storage=storage, airing=self.airing, clock=self.clock, entropy=entropy, zone=zone
        )

    async def open(self, name: str = "Attic", value: str = OWN) -> tuple[ServerId, MemoryPrerollStore]:
        """Configures a server that plays something already."""
        url = f"http://{name.lower()}:32400"
        self.machines.put(url, f"machine-{name}", name=name)
        server = a_server(name, url=url, machine_id=f"machine-{name}")
        async with self.storage.unit() as unit:
            await unit.servers.add(server)
            await unit.commit(self.clock.now())
        return server.id, self.keepers.put(url, value)

    async def schedule(self, name: str, begins: float, ends: float, *, priority: int = 0) -> PrerollSchedule:
        """Plans a preroll between two hours after the start."""
        span = OneTime(hour(begins), hour(ends))
        return await self.programming.add_schedule(ScheduleDraft(name, span, Prerolls((f"/{name}.mp4",)), priority))

    async def until(self, hours: float) -> None:
        """Lets the loop turn until so many hours after the start, that moment included."""
        while self.clock.now() < hour(hours):
            await self.airing.keep()
            self.clock.advance(TICK_SECONDS)
        await self.airing.keep()

    async def known(self, server_id: ServerId) -> ServerPreroll:
        """What is stored of a server."""
        async with self.storage.unit() as unit:
            return await unit.server_prerolls.of(server_id)


def hour(count: float) -> datetime:
    """So many hours after the start."""
    return START + timedelta(hours=count)
