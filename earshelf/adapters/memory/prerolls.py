"""Prerolls of media servers that live in this process and answer as they were told to."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from earshelf.domain.errors import CredentialsRejected, EarshelfError, IntegrationKind, Obstacle, Unreachable
from earshelf.domain.prerolls import PrerollMode
from earshelf.ports.servers import ServerAccess

_KIND = IntegrationKind.SERVER


@dataclass(slots=True)
class MemoryPrerollStore:
    """What a server keeps: its text, the tokens that it takes, and every text that was written.

    ``trouble`` is told to everybody; ``loses_answers`` does what is asked and breaks off.
    """

    value: str = ""
    tokens: set[str] = field(default_factory=lambda: {"tok-srv"})
    modes: AbstractSet[PrerollMode] = frozenset(PrerollMode)
    trouble: EarshelfError | None = None
    loses_answers: bool = False
    written: list[str] = field(default_factory=list)
    reads: int = 0


class MemoryPrerollKeepers:
    """Reaches ``stores`` by URL; at any other URL nobody listens."""

    def __init__(self) -> None:
        self.stores: dict[str, MemoryPrerollStore] = {}

    def put(self, url: str, value: str = "", *, tokens: Iterable[str] = ("tok-srv",)) -> MemoryPrerollStore:
        """Lets a server with this text listen at a URL."""
        self.stores[url] = store = MemoryPrerollStore(value, set(tokens))
        return store

    def at(self, access: ServerAccess) -> "MemoryPrerolls":
        """The keeper of the server behind a URL."""
        return MemoryPrerolls(access, self.stores.get(access.url))


class MemoryPrerolls:
    """One keeper."""

    def __init__(self, access: ServerAccess, store: MemoryPrerollStore | None) -> None:
        self._access = access
        self._store = store

    @property
    def modes(self) -> AbstractSet[PrerollMode]:
        return self._store.modes if self._store else frozenset(PrerollMode)

    async def read(self) -> str:
        store = self._there()
        store.reads += 1
        return store.value

    async def write(self, value: str) -> None:
        store = self._there()
        store.value = value
        store.written.append(value)
        if store.loses_answers:
            raise Unreachable(_KIND, self._access.name, "the connection broke before the answer was complete")

    def _there(self) -> MemoryPrerollStore:
        if self._store is None:
            raise Unreachable(_KIND, self._access.name, "could not connect", Obstacle.NOBODY_LISTENS)
        if self._store.trouble is not None:
            raise self._store.trouble
        if self._access.token not in self._store.tokens:
            raise CredentialsRejected(_KIND, self._access.name, "the access token was refused")
        return self._store
