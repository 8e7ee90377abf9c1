"""A simulated Plex server that is watched: its sessions, their ends, and the notification socket.

Its answers are composed from what is documented; none was recorded.
"""

import asyncio
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from earshelf.entrypoints.demo.plex import PlexSimulator
from earshelf.entrypoints.demo.plex_bodies import UNAUTHORIZED_PAGE, page, spelled

PLURAL, SINGULAR = "/:/websockets/notifications", "/:/websocket/notifications"


class PlexTheatre(PlexSimulator):
    """``rows`` are the sessions by key, ``accounts`` whom it knows. ``has_pass`` off makes it refuse to end any.

    ``obeys`` off makes players go on. ``is_away`` makes it fail every question. ``socket_path`` is where it listens;
    ``gate`` lets it tell its sessions no sooner than it opens. ``handshakes`` lists the queries and tokens of those who
    came.
    """

    def __init__(self, *, credential: str, machine_id: str = "machine-1", port: int = 0) -> None:
        super().__init__(credential=credential, machine_id=machine_id, port=port)
        self.rows: dict[str, dict[str, Any]] = {}
        self.accounts: list[dict[str, Any]] = []
        self.endings: list[tuple[str, str]] = []
        self.has_pass, self.obeys, self.is_away = True, True, False
        self.hangs_up_on_terminate = False
        self.gate: asyncio.Event | None = None
        self.socket_path = PLURAL
        self.handshakes: list[tuple[str, str]] = []
        self._tried = asyncio.Event()
        self._ended = asyncio.Event()
        self.polls = 0
        self._ears: list[web.WebSocketResponse] = []
        self._routes += (
            web.get("/status/sessions", self._sessions),
            web.get("/accounts", self._accounts),
            web.post("/status/sessions/terminate", self._terminate),
            web.get("/status/sessions/terminate", self._terminate),
            web.get(PLURAL, self._listen),
            web.get(SINGULAR, self._listen),
        )

    def play(self, key: str, *, viewer: str, has_id: bool = True, **values: Any) -> None:
        """Starts a session."""
        row: dict[str, Any] = {
            "sessionKey": key,
            "ratingKey": "70021",
            "key": "/library/metadata/70021",
            "type": "movie",
            "title": "Harbour Lights",
            "User": {"id": f"7{len(viewer)}", "title": viewer},
            "Player": {"machineIdentifier": f"device-{key}", "state": "playing", "title": "Living room"},
        }
        if has_id:
            row["Session"] = {"id": f"id-of-{key}", "location": "lan"}
        self.rows[key] = {**row, **values}

    def know(self, number: str, name: str) -> None:
        """Lets the server know somebody."""
        self.accounts.append({"id": int(number), "key": f"/accounts/{number}", "name": name, "thumb": ""})

    async def tell(self, frame: Mapping[str, Any] | None = None) -> None:
        """Sends a frame to everybody who listens."""
        playing = {"type": "playing", "size": 1, "PlaySessionStateNotification": [{"sessionKey": "48"}]}
        for ear in self._ears:
            await ear.send_str(json.dumps({"NotificationContainer": frame or playing}))

    async def hang_up(self) -> None:
        """Ends every listener's connection."""
        for ear in self._ears[:]:
            await ear.close(code=WSCloseCode.GOING_AWAY)

    async def until_tried(self, count: int) -> None:
        """Returns once so many came to listen, whether they were let in or not."""
        while len(self.handshakes) < count:
            self._tried.clear()
            await self._tried.wait()

    async def until_ended(self, count: int = 1) -> None:
        """Returns once so many sessions were asked to end."""
        while len(self.endings) < count:
            self._ended.clear()
            await self._ended.wait()

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._ears)

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.hang_up()
        await super().__aexit__(exc_type, exc, traceback)

    async def _sessions(self, request: web.Request) -> web.Response:
        self.polls += 1
        if self.gate is not None:
            await self.gate.wait()
        if obstacle := self._trouble(request):
            return obstacle
        container: dict[str, Any] = {"size": len(self.rows)}
        if self.rows:
            wants_json = "json" in request.headers.get("Accept", "")
            container["Metadata" if wants_json else "Video"] = list(self.rows.values())
        return spelled(request, "MediaContainer", container)

    async def _accounts(self, request: web.Request) -> web.Response:
        if obstacle := self._trouble(request):
            return obstacle
        return spelled(request, "MediaContainer", {"size": len(self.accounts), "Account": self.accounts})

    async def _terminate(self, request: web.Request) -> web.Response:
        if self.hangs_up_on_terminate and request.transport:
            request.transport.close()
        if obstacle := self._trouble(request):
            return obstacle
        if not self.has_pass:
            return page(401, UNAUTHORIZED_PAGE)
        session_id = request.query.get("sessionId", "")
        if not session_id:
            return page(403, "<html><body>403 Forbidden</body></html>")
        keys = [key for key, row in self.rows.items() if row.get("Session", {}).get("id") == session_id]
        if not keys:
            return page(404, "<html><body>404 Not Found</body></html>")
        self.endings.append((session_id, request.query.get("reason", "")))
        self._ended.set()
        if self.obeys:
            del self.rows[keys[0]]
        return web.Response(content_type="text/html")

    async def _root(self, request: web.Request) -> web.Response:
        if self.has_pass or self._obstacle(request):
            return await super()._root(request)
        return spelled(request, "MediaContainer", {"machineIdentifier": self.machine_id, "myPlexSubscription": False})

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        if request.path != self.socket_path:
            return page(404, "<html><body>404 Not Found</body></html>")
        self.handshakes.append((request.query_string, request.headers.get("X-Plex-Token", "")))
        self._tried.set()
        if obstacle := self._trouble(request):
            return obstacle
        ear = web.WebSocketResponse()
        await ear.prepare(request)
        self._ears.append(ear)
        try:
            async for frame in ear:
                if frame.type is WSMsgType.ERROR:
                    break
        finally:
            self._ears.remove(ear)
        return ear

    def _trouble(self, request: web.Request) -> web.Response | None:
        return page(503, "<html><body>503</body></html>") if self.is_away else self._obstacle(request)
