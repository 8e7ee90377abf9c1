"""A simulated Audiobookshelf: its libraries, and scans that answer at once, in plain text as the real one does."""

from collections.abc import Mapping

from aiohttp import web

from earshelf.entrypoints.demo.loopback import Loopback


class AudiobookshelfSimulator(Loopback):
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
        super().__init__(
            [web.get("/api/libraries", self._list), web.post("/api/libraries/{id}/scan", self._scan)], port=port
        )

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
