"""Live sessions of media servers that live in this process."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace

from earshelf.adapters.memory.services import Neighbour
from earshelf.domain.errors import CredentialsRejected, EarshelfError, Refused
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import MediaServer
from earshelf.domain.streams import Stream
from earshelf.domain.viewers import KnownViewer
from earshelf.ports.streams import Listening, Notification, StreamAbility


@dataclass(frozen=True, slots=True)
class Ending:
    """A session that was asked to end."""

    session_id: str
    reason: str


class MemoryStreams(Neighbour):
    """One server: ``playing`` is what it lists, ``known`` whom it knows, ``endings`` what it was asked to end.

    It ends that if it ``obeys``; ``stop_trouble`` is what comes of asking it to end one.
    """

    abilities = frozenset(StreamAbility)

    def __init__(self, server_id: ServerId) -> None:
        super().__init__()
        self.playing: list[Stream] = []
        self.endings: list[Ending] = []
        self.known: list[KnownViewer] = []
        self.obeys = True
        self.refusal: Refused | None = None
        self.stop_trouble: EarshelfError | None = None
        self._server_id = server_id
        self._ears: set[asyncio.Queue[Notification | CredentialsRejected]] = set()

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._ears)

    def tell(self, told: Notification | CredentialsRejected) -> None:
        """Notifies everybody who listens."""
        for ear in self._ears:
            ear.put_nowait(told)

    async def streams(self) -> list[Stream]:
        await self.answer()
        return [replace(stream, server_id=self._server_id) for stream in self.playing]

    async def viewers(self) -> list[KnownViewer]:
        await self.answer()
        return list(self.known)

    async def terminate(self, session_id: str, reason: str) -> bool:
        await self.answer()
        if trouble := self.refusal or self.stop_trouble:
            raise trouble
        self.endings.append(Ending(session_id, reason))
        found = [stream for stream in self.playing if stream.session_id == session_id]
        if self.obeys:
            self.playing = [stream for stream in self.playing if stream not in found]
        return bool(found)

    async def notifications(self) -> AsyncGenerator[Notification, None]:
        ear: asyncio.Queue[Notification | CredentialsRejected] = asyncio.Queue()
        self._ears.add(ear)
        try:
            yield Listening()
            while True:
                told = await ear.get()
                if isinstance(told, CredentialsRejected):
                    raise told
                yield told
        finally:
            self._ears.discard(ear)


@dataclass(slots=True)
class MemoryStreamSources:
    """Knows a source for every server that it was asked about."""

    sources: dict[ServerId, MemoryStreams] = field(default_factory=dict)

    def of(self, server: MediaServer, client_id: str) -> MemoryStreams:  # noqa: ARG002 - nobody asks who we are
        server.usable_token()
        return self.on(server.id)

    def on(self, server_id: ServerId) -> MemoryStreams:
        """The source of a server."""
        return self.sources.setdefault(server_id, MemoryStreams(server_id))
