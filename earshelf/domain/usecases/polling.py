"""Asking all media servers who watches, and knowing which of them gave no answer."""

import asyncio
import logging
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from earshelf.domain.errors import EarshelfError
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import MediaServer
from earshelf.domain.streams import Poll
from earshelf.domain.usecases.doubting import Doubting
from earshelf.domain.usecases.installation import Installation
from earshelf.domain.usecases.probing import Probing
from earshelf.ports.media import MediaStore
from earshelf.ports.storage import Storage
from earshelf.ports.streams import StreamSource, StreamSources
from earshelf.ports.system import Clock

# an address that nobody asked for longer may be somebody else's by now
_TRUST = timedelta(seconds=10)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outage:
    """A server that gave no answer, and why."""

    server_id: ServerId
    name: str
    message: str
    code: str


@dataclass(frozen=True, slots=True)
class Round:
    """What all enabled servers answered; each is either in ``polls`` or in ``outages``."""

    servers: tuple[MediaServer, ...]
    polls: tuple[Poll, ...]
    outages: tuple[Outage, ...]

    def server(self, server_id: ServerId) -> MediaServer:
        """Returns one of the servers."""
        return next(server for server in self.servers if server.id == server_id)


def gathered(servers: Sequence[MediaServer], answers: Iterable[Poll | Outage]) -> Round:
    """Makes a round of what servers answered."""
    told = tuple(answers)
    polls = tuple(answer for answer in told if isinstance(answer, Poll))
    return Round(tuple(servers), polls, tuple(answer for answer in told if isinstance(answer, Outage)))


def way_to(server: MediaServer) -> Hashable:
    """Returns what has to stay the same for a connection to go on: all but what is merely noted about a server."""
    return server.id, server.url, server.token, server.verify_ssl, server.machine_id


class Polling:
    """Asks every enabled server, all at the same time."""

    def __init__(
        self,
        *,
        storage: Storage,
        media: MediaStore,
        sources: StreamSources,
        installation: Installation,
        probing: Probing,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._media = media
        self._sources = sources
        self._installation = installation
        self._probing = probing
        self._clock = clock
        self._met: dict[ServerId, tuple[Hashable, datetime]] = {}
        self._away: dict[ServerId, str] = {}
        self._doubting = Doubting(storage=storage, clock=clock)

    async def servers(self) -> list[MediaServer]:
        """Returns the enabled servers, oldest first."""
        async with self._storage.unit() as unit:
            return [server for server in await unit.servers.all() if server.enabled]

    async def round(self) -> Round:
        """Asks all of them; takes as long as the slowest.

        Where a conversion hides how large the stored picture is, the last sync of its library tells it.
        """
        servers = await self.servers()
        return gathered(servers, await asyncio.gather(*(self.answer(server) for server in servers)))

    async def answer(self, server: MediaServer) -> Poll | Outage:
        """Asks one of them; a stored picture's size as in :meth:`round`."""
        answer = await self._asked(server)
        return await self._sized(answer) if isinstance(answer, Poll) else answer

    async def source(self, server: MediaServer) -> StreamSource:
        """Returns a server's source, once it is sure that nobody else is shown the token.

        :raises OtherMachine: another server answers. :raises IntegrationError: it does not answer, or not to its token.
        """
        if not self._is_known(server):
            await self._probing.meet(server)
            self._note_met(server)
        client_id = await self._installation.client_id()
        return self._sources.of(server, client_id)

    async def doubt(self, server: MediaServer, problem: EarshelfError) -> None:
        """Has the token of a server looked at soon where it was the trouble."""
        await self._doubting.note(server, problem)

    def _is_known(self, server: MediaServer) -> bool:
        way, met_at = self._met.get(server.id, (None, None))
        return way == way_to(server) and met_at is not None and timedelta() <= self._clock.now() - met_at <= _TRUST

    def _note_met(self, server: MediaServer) -> None:
        self._met[server.id] = way_to(server), self._clock.now()

    async def _sized(self, poll: Poll) -> Poll:
        unsure = {stream.item_id for stream in poll.streams if stream.item_id and stream.leaves_size_open}
        if not unsure:
            return poll
        known = await self._media.items.resolutions(poll.server_id, unsure)
        return Poll(poll.server_id, tuple(stream.stored_as(known.get(stream.item_id or "")) for stream in poll.streams))

    async def _asked(self, server: MediaServer) -> Poll | Outage:
        try:
            source = await self.source(server)
            poll = Poll(server.id, tuple(await source.streams()))
        except EarshelfError as problem:
            # whoever answers next at this address need not be the same
            self._met.pop(server.id, None)
            self._note_away(server, problem.message)
            await self.doubt(server, problem)
            return Outage(server.id, server.name, problem.message, problem.code)
        self._note_met(server)
        if self._away.pop(server.id, None):
            _log.info("'%s' tells again who watches", server.name)
        return poll

    def _note_away(self, server: MediaServer, why: str) -> None:
        if self._away.get(server.id) != why:
            _log.warning("'%s' does not tell who watches, so nothing is ended on it: %s", server.name, why)
        self._away[server.id] = why
