"""Swagger UI over a surface's OpenAPI document, from this server alone."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from aiohttp import web

from earshelf.entrypoints.openapi import document, spell

_HERE = Path(__file__).parent
_START = "start.js"
# said here, because what a system takes a suffix for differs, and browsers refuse a script of the wrong type
_TYPES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui-standalone-preset.js": "text/javascript",
    "favicon-16x16.png": "image/png",
    "favicon-32x32.png": "image/png",
    _START: "text/javascript",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_DAY = "public, max-age=86400"


class Docs:
    """Serves the page, the document and the page's own files; all links are relative, so any prefix works."""

    def __init__(self, surface: str, *, url_base: str) -> None:
        self._surface = surface
        self._url_base = url_base
        self._files = static_files()

    def app(self) -> web.Application:
        """Returns an application to mount where the page shall be."""
        app = web.Application()
        app.router.add_get("", self.page)
        app.router.add_get("/json", self.json)
        app.router.add_get("/yaml", self.yaml)
        app.router.add_get("/static/{name}", self.static)
        return app

    async def page(self, _: web.Request) -> web.StreamResponse:
        """Serves the page."""
        return web.Response(
            body=(_HERE / "index.html").read_bytes(),
            headers={"Content-Security-Policy": _POLICY},
            content_type="text/html",
            charset="utf-8",
        )

    async def json(self, _: web.Request) -> web.StreamResponse:
        """Serves the document as JSON."""
        text = _spelled(self._surface, self._url_base, "json")
        return web.Response(text=text, content_type="application/json")

    async def yaml(self, _: web.Request) -> web.StreamResponse:
        """Serves the document as YAML."""
        text = _spelled(self._surface, self._url_base, "yaml")
        return web.Response(text=text, content_type="application/yaml")

    async def static(self, request: web.Request) -> web.StreamResponse:
        """Serves one of the page's files; no others can be named."""
        name = request.match_info["name"]
        path = self._files.get(name)
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": _DAY, "Content-Type": _TYPES[name]})


@cache
def _spelled(surface: str, url_base: str, form: str) -> str:
    return spell(document(surface, url_base=url_base), form)


@cache
def static_files() -> dict[str, Path]:
    """Returns the page's files by name; the package that bundles Swagger UI is found without running its code."""
    found = find_spec("swagger_ui")
    folders = found.submodule_search_locations if found else None
    bundle = Path(next(iter(folders))) / "static" if folders else _HERE
    return {name: (_HERE if name == _START else bundle) / name for name in _TYPES}
