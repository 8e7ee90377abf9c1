"""The preferences of a simulated Plex server: read all together or one by one, written in a query."""

from collections.abc import Callable
from typing import Any, TypeAlias

from aiohttp import web

from earshelf.entrypoints.demo.plex_bodies import page, spelled

PREROLL = "CinemaTrailersPrerollID"
Obstacle: TypeAlias = Callable[[web.Request], web.Response | None]
_BAD_REQUEST_PAGE = "<html><head><title>Bad Request</title></head><body><h1>400 Bad Request</h1></body></html>"
_NOT_FOUND_PAGE = "<html><head><title>Not Found</title></head><body><h1>404 Not Found</h1></body></html>"


class PlexPreferences:
    """Keeps ``values`` by name; ``written`` lists every change in order, as the query spelled it.

    ``gives_single_ones`` is False for servers that only show all of them.
    """

    def __init__(self, obstacle: Obstacle) -> None:
        self.values: dict[str, str] = {"FriendlyName": "Attic", PREROLL: ""}
        self.written: list[str] = []
        self.gives_single_ones = True
        self._obstacle = obstacle

    @property
    def preroll(self) -> str:
        """What is played before films."""
        return self.values[PREROLL]

    @preroll.setter
    def preroll(self, value: str) -> None:
        self.values[PREROLL] = value

    @property
    def routes(self) -> tuple[web.RouteDef, ...]:
        """Where they are asked for."""
        return (
            web.get("/:/prefs", self._all),
            web.get("/:/prefs/get", self._one),
            web.put("/:/prefs", self._put),
        )

    async def _all(self, request: web.Request) -> web.Response:
        return self._obstacle(request) or _settings(request, self.values)

    async def _one(self, request: web.Request) -> web.Response:
        if obstacle := self._obstacle(request):
            return obstacle
        name = request.query.get("id", "")
        if name not in self.values or not self.gives_single_ones:
            return page(404, _NOT_FOUND_PAGE)
        return _settings(request, {name: self.values[name]})

    async def _put(self, request: web.Request) -> web.Response:
        if obstacle := self._obstacle(request):
            return obstacle
        if not request.query or not request.query.keys() <= self.values.keys():
            return page(400, _BAD_REQUEST_PAGE)
        self.written.append(request.url.raw_query_string)
        self.values.update(request.query)
        return web.Response(content_type="text/html")


def _settings(request: web.Request, values: dict[str, str]) -> web.Response:
    settings = [_setting(name, value) for name, value in values.items()]
    return spelled(request, "MediaContainer", {"size": len(settings), "Setting": settings})


def _setting(name: str, value: str) -> dict[str, Any]:
    return {
        "id": name,
        "label": name,
        "summary": "",
        "type": "text",
        "default": "",
        "value": value,
        "hidden": False,
        "advanced": name == PREROLL,
        "group": "extras" if name == PREROLL else "general",
    }
