"""An account service and media servers that live in this process and answer as they were told to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from earshelf.adapters.memory.services import Neighbour
from earshelf.domain.accounts import Holder, Pin
from earshelf.domain.connections import DiscoveredServer
from earshelf.domain.errors import (
    CredentialsRejected,
    EarshelfError,
    IntegrationKind,
    NotFound,
    Obstacle,
    Unreachable,
)
from earshelf.domain.servers import ServerDescription, ServerIdentity
from earshelf.domain.viewers import KnownViewer
from earshelf.ports.servers import ServerAbility, ServerAccess
from earshelf.ports.system import Clock

_KIND = IntegrationKind.SERVER


class MemoryAccountService(Neighbour):
    """Knows ``holders``, ``owned`` servers and ``friends`` by token; a test approves its PINs."""

    def __init__(self, clock: Clock, *, lifetime: timedelta = timedelta(minutes=30)) -> None:
        super().__init__()
        self.holders: dict[str, Holder] = {}
        self.owned: dict[str, list[DiscoveredServer]] = {}
        self.friends: dict[str, list[KnownViewer]] = {}
        self.asked: list[str] = []
        self.clients: set[str] = set()
        self._clock = clock
        self._lifetime = lifetime
        self._tokens: dict[str, str | None] = {}
        self._numbers = count(1)

    def approve(self, pin_id: str, token: str, holder: Holder) -> None:
        """Lets a holder approve a PIN."""
        self._tokens[pin_id] = token
        self.holders[token] = holder

    def expire(self, pin_id: str) -> None:
        """Ends a PIN before its time."""
        del self._tokens[pin_id]

    async def begin(self, client_id: str) -> Pin:
        self.clients.add(client_id)
        await self.answer()
        pin_id = str(next(self._numbers))
        self._tokens[pin_id] = None
        return Pin(pin_id, f"code-{pin_id}", f"https://page.example/#?code=code-{pin_id}", self._expiry())

    async def token_for(self, pin_id: str, client_id: str) -> str | None:
        self.clients.add(client_id)
        self.asked.append(pin_id)
        await self.answer()
        if pin_id not in self._tokens:
            raise NotFound("PIN", pin_id)
        return self._tokens[pin_id]

    async def holder(self, token: str, client_id: str) -> Holder:
        self.clients.add(client_id)
        await self.answer()
        if token not in self.holders:
            raise CredentialsRejected(_KIND, "plex.tv", "the token was revoked; sign in again")
        return self.holders[token]

    async def servers(self, token: str, client_id: str) -> list[DiscoveredServer]:
        await self.holder(token, client_id)
        return list(self.owned.get(token, ()))

    async def viewers(self, token: str, client_id: str) -> list[KnownViewer]:
        await self.holder(token, client_id)
        return list(self.friends.get(token, ()))

    async def sign_out(self, token: str, client_id: str) -> None:
        self.clients.add(client_id)
        await self.answer()
        self.holders.pop(token, None)

    def _expiry(self) -> datetime:
        return self._clock.now() + self._lifetime


@dataclass(slots=True)
class MemoryMachine:
    """A server somewhere: who it is, which tokens it takes, and which were shown to it."""

    description: ServerDescription
    tokens: set[str]
    trouble: EarshelfError | None = None
    shown: list[str] = field(default_factory=list)


class MemoryServerClients:
    """Reaches ``machines`` by URL; at any other URL nobody listens."""

    def __init__(self) -> None:
        self.machines: dict[str, MemoryMachine] = {}
        self.accesses: list[ServerAccess] = []

    def put(
        self, url: str, machine_id: str, *, tokens: Iterable[str] = ("tok-srv",), name: str = "Attic"
    ) -> MemoryMachine:
        """Lets a server listen at a URL."""
        description = ServerDescription(machine_id, name, "1.43.4", "Linux", is_premium=True, owner="marta_k")
        self.machines[url] = machine = MemoryMachine(description, set(tokens))
        return machine

    def at(self, access: ServerAccess) -> "MemoryMediaServer":
        """The client of the machine behind a URL."""
        self.accesses.append(access)
        return MemoryMediaServer(access, self.machines.get(access.url))


class MemoryMediaServer:
    """One client."""

    abilities = frozenset({ServerAbility.TELLS_IDENTITY})

    def __init__(self, access: ServerAccess, machine: MemoryMachine | None) -> None:
        self._access = access
        self._machine = machine

    async def identity(self) -> ServerIdentity:
        description = self._there().description
        return ServerIdentity(description.machine_id, description.version)

    async def describe(self) -> ServerDescription:
        machine = self._there()
        machine.shown.append(self._access.token)
        if self._access.token not in machine.tokens:
            raise CredentialsRejected(_KIND, self._access.name, "the access token was refused")
        return machine.description

    def _there(self) -> MemoryMachine:
        if self._machine is None:
            raise Unreachable(_KIND, self._access.name, "could not connect", Obstacle.NOBODY_LISTENS)
        if self._machine.trouble is not None:
            raise self._machine.trouble
        return self._machine
