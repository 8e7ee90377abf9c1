"""A Plex server of any size in a process of its own: items are composed when they are asked for, none is kept.

python -m benchmarks.plex_server PORT ITEMS
"""

import sys

import msgspec
from aiohttp import web

from tests.plex import composed

_WORD = "benchmark"


class Films:
    """One library of films, of which every hundredth changes when it is told to."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._revision = 0
        self._requests = 0

    def app(self) -> web.Application:
        """The application; ``/told`` answers how many requests there were, and begins to count anew."""
        app = web.Application(client_max_size=2**20)
        app.add_routes(
            [
                web.get("/", self._identity),
                web.get("/identity", self._identity),
                web.get("/library/sections", self._sections),
                web.get("/library/sections/1/all", self._listing),
                web.get("/library/metadata/{keys}", self._details),
                web.get("/status/sessions/history/all", self._history),
                web.get("/told", self._told),
                web.get("/revise", self._revise),
            ]
        )
        return app

    def _row(self, number: int) -> dict[str, object]:
        return composed.film(number, revision=self._revision if number % 100 == 0 else 0)

    async def _identity(self, _: web.Request) -> web.Response:
        return self._answer({"machineIdentifier": "m-1", "friendlyName": "Bench", "version": "1.43"})

    async def _sections(self, _: web.Request) -> web.Response:
        return self._answer({"Directory": [{"key": "1", "type": "movie", "title": "Films", "uuid": "u-1"}]})

    async def _listing(self, request: web.Request) -> web.Response:
        start, size = (int(request.query[f"X-Plex-Container-{name}"]) for name in ("Start", "Size"))
        numbers = range(start + 1, min(start + size, self._count) + 1)
        return self._answer({"totalSize": self._count, "Metadata": [self._row(number) for number in numbers]})

    async def _details(self, request: web.Request) -> web.Response:
        keys = request.match_info["keys"].split(",")
        return self._answer({"Metadata": [composed.detail(self._row(int(key))) for key in keys]})

    async def _history(self, _: web.Request) -> web.Response:
        return self._answer({"totalSize": 0})

    async def _told(self, _: web.Request) -> web.Response:
        told, self._requests = self._requests, 0
        return web.json_response(told)

    async def _revise(self, _: web.Request) -> web.Response:
        self._revision += 1
        return web.json_response(self._revision)

    def _answer(self, content: dict[str, object]) -> web.Response:
        self._requests += 1
        return web.Response(body=msgspec.json.encode({"MediaContainer": content}), content_type="application/json")


if __name__ == "__main__":
    port, items = (int(argument) for argument in sys.argv[1:3])
    web.run_app(Films(items).app(), host="127.0.0.1", port=port, print=None, access_log=None)
