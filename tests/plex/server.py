"""The scripted Plex server: sections, listings, details and the history, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from earshelf.entrypoints.demo.plex_bodies import spelled
from tests.plex import composed

PAGE = b"<html><head><title>Starting</title></head></html>"
_TAGS = {"movie": "Video", "episode": "Video", "track": "Track"}


@dataclass
class ScriptedSection:
    """A library: its rows as listings show them, and its series."""

    key: str
    kind: str = "movie"
    title: str = "Films"
    rows: Sequence[dict[str, Any]] = ()
    series: Sequence[dict[str, Any]] = ()
    uuid: str = ""


@dataclass
class ScriptedPlex:
    """What the server holds and how it behaves.

    ``trouble`` may answer any request in its own way: it is given the request's path and its number, and returns a
    response or None. ``requests`` holds the paths with their queries in order. Nobody is let in without ``token``.
    Whoever asks for no JSON gets XML; one that ``speaks_xml`` spells everything so.
    """

    sections: list[ScriptedSection] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    token: str = "sesame"
    trouble: Callable[[str, int], web.Response | None] = lambda _path, _number: None
    gate: asyncio.Event | None = None
    requests: list[str] = field(default_factory=list)
    most_rows: int = 10_000
    speaks_xml: bool = False
    url: str = ""
    machine_id: str = "m-1"

    def asked(self, part: str) -> int:
        """Counts the requests whose path holds a text."""
        return sum(part in path for path in self.requests)

    async def answer(self, request: web.Request) -> web.Response:
        """Answers any request."""
        self.requests.append(request.path_qs)
        trouble = self.trouble(request.path, len(self.requests))
        if trouble is not None:
            return trouble
        if request.path == "/identity":
            return self._container(request, {"machineIdentifier": self.machine_id, "version": "1.43"})
        if self.gate is not None:
            await self.gate.wait()
        if request.headers.get("X-Plex-Token") != self.token:
            return web.Response(status=401, body=PAGE, content_type="text/html")
        return self._found(request)

    def _found(self, request: web.Request) -> web.Response:
        match request.path.strip("/").split("/"):
            case [""]:
                root = {"machineIdentifier": self.machine_id, "friendlyName": "Attic", "version": "1.43"}
                return self._container(request, root)
            case ["library"]:
                return self._container(request, {"title1": "Plex Library"})
            case ["library", "sections"]:
                return self._container(request, {"Directory": [_directory(section) for section in self.sections]})
            case ["library", "sections", key, "all"]:
                return self._listing(key, request)
            case ["library", "metadata", key, "allLeaves"]:
                return self._episodes(key, request)
            case ["library", "metadata", keys]:
                return self._details(keys.split(","), request)
            case ["accounts"]:
                return self._container(request, {"Account": [{"id": 1, "name": "marta_k"}, {"id": 7, "name": "tom"}]})
            case ["devices"]:
                device = {"id": 12, "name": "Living room", "platform": "Android"}
                return self._container(request, {"Device": [device]})
            case ["status", "sessions", "history", "all"]:
                return self._window(self.history, request)
        return web.Response(status=404, body=PAGE, content_type="text/html")

    def _listing(self, key: str, request: web.Request) -> web.Response:
        section = next((one for one in self.sections if one.key == key), None)
        if section is None:
            return web.Response(status=404, body=PAGE, content_type="text/html")
        return self._window(section.series if request.query["type"] == "2" else section.rows, request)

    def _episodes(self, series: str, request: web.Request) -> web.Response:
        if all(show["ratingKey"] != series for section in self.sections for show in section.series):
            return web.Response(status=404, body=PAGE, content_type="text/html")
        rows = [row for section in self.sections for row in section.rows if row.get("grandparentRatingKey") == series]
        return self._window(rows, request)

    def _window(self, rows: Sequence[dict[str, Any]], request: web.Request) -> web.Response:
        # what is sent as a header may be sent in the query, and the other way round
        told = {**request.headers, **request.query}
        start, size = (int(told[f"X-Plex-Container-{name}"]) for name in ("Start", "Size"))
        some = list(rows[start : start + min(size, self.most_rows)])
        return self._container(request, {"totalSize": len(rows), "offset": start, "Metadata": some})

    def _details(self, keys: Sequence[str], request: web.Request) -> web.Response:
        wished = set(keys)

        def wanted(rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
            return [row for row in rows if row["ratingKey"] in wished]

        found = [
            {**row, "librarySectionID": section.key}
            for section in self.sections
            for row in (*map(composed.detail, wanted(section.rows)), *wanted(section.series))
        ]
        if not found:
            return web.Response(status=404, body=PAGE, content_type="text/html")
        return self._container(request, {"Metadata": found})

    def _container(self, request: web.Request, content: dict[str, Any]) -> web.Response:
        rows = content.pop("Metadata", None)
        content = {"size": len(rows or ()), **content}
        if self.speaks_xml or "json" not in request.headers.get("Accept", ""):
            for row in rows or ():
                content.setdefault(_TAGS.get(row.get("type", ""), "Directory"), []).append(row)
            return spelled(request.clone(headers={"Accept": "application/xml"}), "MediaContainer", content)
        if rows:
            content["Metadata"] = rows
        return web.Response(body=_json({"MediaContainer": content}), content_type="application/json")


def _json(content: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(content)
    except UnicodeEncodeError:
        # halves of surrogate pairs, which the fast one does not spell
        return json.dumps(content).encode()


def _directory(section: ScriptedSection) -> dict[str, Any]:
    named = {"key": section.key, "type": section.kind, "title": section.title}
    return {**named, "uuid": section.uuid or f"uuid-{section.key}"}


@asynccontextmanager
async def serving(plex: ScriptedPlex) -> AsyncIterator[ScriptedPlex]:
    """Serves on a port of loopback, whose address is then the server's ``url``."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", plex.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        plex.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield plex
    finally:
        await runner.cleanup()
