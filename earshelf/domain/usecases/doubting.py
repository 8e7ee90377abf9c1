"""Having tokens looked at soon that media servers refused while somebody wanted something else of them."""

import logging
from collections.abc import Hashable
from datetime import datetime, timedelta

from earshelf.domain.accounts import TokenState
from earshelf.domain.errors import CredentialsRejected, EarshelfError
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import MediaServer
from earshelf.domain.usecases.deciding import unless_stale
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock

# servers are asked every few seconds, and refuse some questions whoever asks
_PAUSE = timedelta(minutes=15)
_log = logging.getLogger(__name__)


class Doubting:
    """Marks tokens for the next look at them: each at most once in a quarter of an hour."""

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._marked: dict[ServerId, tuple[Hashable, datetime]] = {}

    async def note(self, server: MediaServer, problem: EarshelfError) -> None:
        """Takes in what went wrong with a server; only a token that counted as good can be doubted."""
        if not isinstance(problem, CredentialsRejected) or server.token_state is TokenState.REVOKED:
            return
        now = self._clock.now()
        token, marked_at = self._marked.get(server.id, (None, now))
        if token == server.token and timedelta() <= now - marked_at < _PAUSE:
            return
        self._marked[server.id] = server.token, now

        async def decide(unit: UnitOfWork) -> None:
            stored = await unit.servers.get(server.id)
            if stored.token == server.token:
                stored.doubt()
                await unit.servers.save(stored)

        try:
            await unless_stale(self._storage, self._clock, decide)
        except EarshelfError as trouble:
            _log.info("The token of '%s' is looked at in its turn: %s", server.name, trouble)
