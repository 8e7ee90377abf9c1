"""A simulated Plex server: who it is, its sections, and refreshes of whole sections or single folders."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from earshelf.entrypoints.demo.loopback import Loopback

_UNAUTHORIZED_PAGE = "<html><head><title>Unauthorized</title></head><body><h1>401 Unauthorized</h1></body></html>"


@dataclass(frozen=True, slots=True)
class SectionRefresh:
    """One refresh that was asked for; without a path it covers the whole section."""

    section: str
    path: str | None


class PlexSimulator(Loopback):
    """Takes ``credential`` as token; ``refreshes`` holds what was refreshed, in order.

    ``is_starting`` makes it answer every request with a page, as a real server does after a restart.
    """

    def __init__(
        self, sections: Mapping[str, str] | None = None, *, credential: str = "demo-plex-token", port: int = 0
    ) -> None:
        self.sections = dict(sections if sections is not None else {"1": "Films", "7": "Audiobooks"})
        self.credential = credential
        self.is_starting = False
        self.refreshes: list[SectionRefresh] = []
        super().__init__(
            [
                web.get("/identity", self._identity),
                web.get("/library/sections", self._list),
                web.get("/library/sections/{key}/refresh", self._refresh),
            ],
            port=port,
        )

    async def _identity(self, _: web.Request) -> web.Response:
        # the one question that Plex answers to anybody
        if self.is_starting:
            return _starting()
        identity = {"size": 0, "claimed": True, "machineIdentifier": "demo-plex", "version": "1.43.0.1000-demo"}
        return web.json_response({"MediaContainer": identity})

    async def _list(self, request: web.Request) -> web.Response:
        if obstacle := self._obstacle(request):
            return obstacle
        container: dict[str, object] = {"size": len(self.sections), "title1": "Plex Library"}
        if self.sections:
            container["Directory"] = [
                {"key": key, "title": title, "type": "artist"} for key, title in self.sections.items()
            ]
        return web.json_response({"MediaContainer": container})

    async def _refresh(self, request: web.Request) -> web.Response:
        if obstacle := self._obstacle(request):
            return obstacle
        key = request.match_info["key"]
        if key not in self.sections:
            return web.Response(status=404, text="<html><body>404 Not Found</body></html>", content_type="text/html")
        self.refreshes.append(SectionRefresh(key, request.query.get("path")))
        return web.Response(content_type="text/html")

    def _obstacle(self, request: web.Request) -> web.Response | None:
        if self.is_starting:
            return _starting()
        if request.headers.get("X-Plex-Token") != self.credential:
            return web.Response(status=401, text=_UNAUTHORIZED_PAGE, content_type="text/html")
        return None


def _starting() -> web.Response:
    return web.Response(text="<html><body>Plex Media Server is starting</body></html>", content_type="text/html")
