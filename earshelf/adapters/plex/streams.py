"""What is played on a Plex server: listing sessions, ending them, and hearing of changes."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from earshelf.adapters.http import Answer
from earshelf.adapters.plex.lines import PlexLines
from earshelf.adapters.plex.loose import flag
from earshelf.adapters.plex.notification_parsing import parse_frame
from earshelf.adapters.plex.parsing import parse_identity
from earshelf.adapters.plex.payloads import container
from earshelf.adapters.plex.stream_parsing import parse_streams
from earshelf.adapters.plex.viewer_parsing import parse_accounts
from earshelf.domain.errors import CredentialsRejected, IntegrationError, Refused
from earshelf.domain.servers import MediaServer
from earshelf.domain.streams import Stream
from earshelf.domain.viewers import KnownViewer
from earshelf.ports.servers import ServerAccess
from earshelf.ports.streams import Listening, Notification, StreamAbility

_TIMEOUT = 10.0
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404
_NO_PASS = "ends streams only where its owner has a Plex Pass; its players go on until they stop by themselves"  # noqa: S105 - words
# Plex's own document spells it in the singular, its servers in the plural
_SOCKETS = ("/:/websockets/notifications", "/:/websocket/notifications")
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_JITTER = 0.2
# one server that stumbles must not keep the ends of streams on all others waiting
_MOST_REPEATS = 1
_log = logging.getLogger(__name__)


class PlexStreams:
    """One Plex server's sessions."""

    abilities = frozenset(StreamAbility)

    def __init__(
        self, server: MediaServer, client_id: str, lines: PlexLines, *, version: str, timeout: float = _TIMEOUT,
        first_pause: float = _FIRST_PAUSE,
    ) -> None:  # fmt: skip
        access = ServerAccess(
            server.kind, server.name, server.url, client_id, server.usable_token(), verify_ssl=server.verify_ssl
        )
        self._server_id, self._machine_id = server.id, server.machine_id
        self._first_pause = first_pause
        self._line = lines.line(access, version=version, timeout=timeout, most_repeats=_MOST_REPEATS)
        insisting = replace(access, insists=True)
        self._order = lines.line(insisting, version=version, timeout=timeout)
        self._anonymous = lines.line(insisting, version=version, timeout=timeout, shows_token=False)
        self._host = self._line.host

    async def streams(self) -> list[Stream]:
        """Lists the sessions, which takes the owner's token."""
        answer = await self._line.request("GET", "/status/sessions", passing={_UNAUTHORIZED, _FORBIDDEN})
        self._require_owner(answer)
        return parse_streams(container(answer), self._server_id)

    async def viewers(self) -> list[KnownViewer]:
        """Lists the server's accounts, which takes the owner's token."""
        answer = await self._line.request("GET", "/accounts", passing={_UNAUTHORIZED, _FORBIDDEN})
        self._require_owner(answer)
        return parse_accounts(container(answer))

    async def terminate(self, session_id: str, reason: str) -> bool:
        """Ends a session; the answer has an empty body, its status says all."""
        answer = await self._order.request(
            "POST",
            "/status/sessions/terminate",
            params={"sessionId": session_id, "reason": reason},
            passing={_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND},
        )
        if answer.status == _UNAUTHORIZED:
            raise await self._blamed()
        if answer.status == _FORBIDDEN:
            raise self._host.refused("this player gives Plex no session id, so it cannot be stopped", _FORBIDDEN)
        return answer.status != _NOT_FOUND

    async def notifications(self) -> AsyncGenerator[Notification, None]:
        """Listens to the socket, and connects anew whenever it ends, once it is sure who answers there then."""
        pause = self._first_pause
        while True:
            try:
                async with self._connected() as frames:
                    yield Listening()
                    async for frame in frames:
                        pause = self._first_pause
                        for told in parse_frame(frame):
                            yield told
            except CredentialsRejected:
                raise
            except IntegrationError as problem:
                _log.debug("Notifications wait: %s", problem)
            # servers that restart are not asked by everybody at once
            await asyncio.sleep(pause * random.uniform(1 - _JITTER, 1 + _JITTER))  # noqa: S311 - not for secrecy
            pause = min(2 * pause, _LONGEST_PAUSE)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncIterator[str]]:
        await self._require_same()
        async with AsyncExitStack() as held:
            try:
                frames = await held.enter_async_context(self._line.socket(_SOCKETS[0]))
            except Refused as problem:
                if problem.status != _NOT_FOUND:
                    raise
                frames = await held.enter_async_context(self._line.socket(_SOCKETS[1]))
            yield frames

    async def _require_same(self) -> None:
        """Keeps the token from whoever took the address over while nobody was connected."""
        if self._machine_id is None:
            return
        found = parse_identity(container(await self._anonymous.request("GET", "/identity")))
        if found is None or found.machine_id != self._machine_id:
            raise self._host.unexpected("another server answers at its address; it is not shown the token")

    async def _blamed(self) -> IntegrationError:
        """Finds out why an end was refused: a server without the paid feature answers as one that knows no token."""
        root = await self._line.request("GET", "/", passing={_UNAUTHORIZED, _FORBIDDEN})
        if root.status == _UNAUTHORIZED:
            return self._host.rejected("the access token was refused; sign in again or type in another one")
        if root.status == _FORBIDDEN or flag(container(root).get("myPlexSubscription")):
            return self._host.refused("did not allow this token to end streams; it takes its owner's", _UNAUTHORIZED)
        return self._host.refused(_NO_PASS, _UNAUTHORIZED)

    def _require_owner(self, answer: Answer) -> None:
        if answer.status == _UNAUTHORIZED:
            raise self._host.rejected("the access token was refused; sign in again or type in another one")
        if answer.status == _FORBIDDEN:
            raise self._host.refused("the token is known, but the server shows streams to its owner only", _FORBIDDEN)
