"""A simulated Plex server: who it is, its sections, and refreshes of whole sections or single folders.

Its answers are composed from what is documented; none was recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from earshelf.entrypoints.demo.loopback import Loopback
from earshelf.entrypoints.demo.plex_bodies import UNAUTHORIZED_PAGE, page, spelled
from earshelf.entrypoints.demo.plex_preferences import PlexPreferences

_FORBIDDEN_PAGE = "<html><head><title>Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>"
_VERSION = "1.43.4.10903-f0e1d2c3b"


@dataclass(frozen=True, slots=True)
class SectionRefresh:
    """One refresh that was asked for; without a path it covers the whole section."""

    section: str
    path: str | None


class PlexSimulator(Loopback):
    """Takes ``credential`` as token; ``refreshes`` holds what was refreshed, in order.

    ``is_starting`` makes it answer every request with a page, as a real server does after a restart; ``guests`` are
    tokens that it knows and that are not its owner's. ``shown`` lists the tokens of all requests in order.
    """

    def __init__(
        self,
        sections: Mapping[str, str] | None = None,
        *,
        credential: str = "demo-plex-token",
        machine_id: str = "demo-plex",
        port: int = 0,
    ) -> None:
        self.sections = dict(sections if sections is not None else {"1": "Films", "7": "Audiobooks"})
        self.credential = credential
        self.machine_id = machine_id
        self.name = "Attic"
        self.guests: set[str] = set()
        self.shown: list[str] = []
        self.is_starting = False
        self.refreshes: list[SectionRefresh] = []
        self.preferences = PlexPreferences(self._obstacle)
        super().__init__(
            [
                web.get("/", self._root),
                web.get("/identity", self._identity),
                web.get("/library/sections", self._list),
                web.get("/library/sections/{key}/refresh", self._refresh),
                *self.preferences.routes,
            ],
            port=port,
        )

    async def _identity(self, request: web.Request) -> web.Response:
        # the one question that Plex answers to anybody
        self.shown.append(request.headers.get("X-Plex-Token", ""))
        if self.is_starting:
            return _starting()
        identity = {"size": 0, "claimed": True, "machineIdentifier": self.machine_id, "version": _VERSION}
        return spelled(request, "MediaContainer", identity)

    async def _root(self, request: web.Request) -> web.Response:
        self.shown.append(request.headers.get("X-Plex-Token", ""))
        if obstacle := self._obstacle(request):
            return obstacle
        root = {
            "size": 2,
            "friendlyName": self.name,
            "machineIdentifier": self.machine_id,
            "multiuser": True,
            "myPlex": True,
            "myPlexSubscription": True,
            "myPlexUsername": "marta@example.net",
            "ownerFeatures": "pass,session_kick,hardware_transcoding",
            "platform": "Linux",
            "platformVersion": "6.8.0",
            "version": _VERSION,
            "Directory": [{"count": 1, "key": "library", "title": "library"}],
        }
        return spelled(request, "MediaContainer", root)

    async def _list(self, request: web.Request) -> web.Response:
        if obstacle := self._obstacle(request):
            return obstacle
        container: dict[str, object] = {"size": len(self.sections), "title1": "Plex Library"}
        if self.sections:
            container["Directory"] = [
                {"key": key, "title": title, "type": "artist"} for key, title in self.sections.items()
            ]
        return spelled(request, "MediaContainer", container)

    async def _refresh(self, request: web.Request) -> web.Response:
        if obstacle := self._obstacle(request):
            return obstacle
        key = request.match_info["key"]
        if key not in self.sections:
            return page(404, "<html><body>404 Not Found</body></html>")
        self.refreshes.append(SectionRefresh(key, request.query.get("path")))
        return web.Response(content_type="text/html")

    def _obstacle(self, request: web.Request) -> web.Response | None:
        if self.is_starting:
            return _starting()
        token = request.headers.get("X-Plex-Token")
        if token in self.guests:
            return page(403, _FORBIDDEN_PAGE)
        if token != self.credential:
            return page(401, UNAUTHORIZED_PAGE)
        return None


def _starting() -> web.Response:
    return page(200, "<html><body>Plex Media Server is starting</body></html>")
