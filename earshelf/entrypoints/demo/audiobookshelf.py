"""A simulated Audiobookshelf: its libraries, and scans that answer at once, in plain text as the real one does."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from aiohttp import web

from earshelf.entrypoints.demo.loopback import Loopback


class AudiobookshelfSimulator:
    """Takes ``credential`` as Bearer token; ``scans`` holds the id of the library of every scan, in order."""

    def __init__(
        self,
        libraries: Mapping[str, str] | None = None,
        *,
        credential: str = "demo-audiobookshelf-key",
        port: int = 0,
    ) -> None:
        self.libraries = dict(libraries or {"lib-audio": "Audiobooks", "lib-talk": "Podcasts"})
        self.credential = credential
        self.scans: list[str] = []
        self._server = Loopback(
            [web.get("/api/libraries", self._list), web.post("/api/libraries/{id}/scan", self._scan)], port=port
        )

    @property
    def url(self) -> str:
        """The base URL."""
        return self._server.url

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._server.__aexit__(exc_type, exc, traceback)

    async def _list(self, request: web.Request) -> web.Response:
        if not self._knows(request):
            return _unauthorized()
        libraries = [
            {"id": library_id, "name": name, "mediaType": "book", "displayOrder": place}
            for place, (library_id, name) in enumerate(self.libraries.items(), start=1)
        ]
        return web.json_response({"libraries": libraries})

    async def _scan(self, request: web.Request) -> web.Response:
        if not self._knows(request):
            return _unauthorized()
        library_id = request.match_info["id"]
        if library_id not in self.libraries:
            return web.Response(status=404, text="Library not found", content_type="text/html")
        self.scans.append(library_id)
        return web.Response(text="OK")

    def _knows(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self.credential}"


def _unauthorized() -> web.Response:
    return web.Response(status=401, text="Unauthorized")
