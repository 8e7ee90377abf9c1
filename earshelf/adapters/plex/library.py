"""The libraries of a Plex server."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from earshelf.adapters.http import Answer
from earshelf.adapters.plex.bodies import media_container, objects
from earshelf.adapters.plex.history_parsing import Names, parse_names, parse_plays, parse_watches
from earshelf.adapters.plex.library_parsing import (
    lacks_streams,
    parse_found,
    parse_library_sections,
    parse_listing,
    parse_series,
)
from earshelf.adapters.plex.lines import PlexLines
from earshelf.adapters.plex.pages import item_page
from earshelf.adapters.plex.wire import Page
from earshelf.domain.errors import Refused, UnexpectedPayload
from earshelf.domain.media import LibraryType, Plays
from earshelf.ports.libraries import FoundItem, LibraryAbility, ListingPage, Section, SeriesPage, WatchPage
from earshelf.ports.servers import ServerAccess

_TIMEOUT = 8.0
_MOST_BYTES = 64 * 1024 * 1024
_AT_ONCE = 25
_HISTORY_AT_ONCE = 5000
_ITEM_TYPES = {LibraryType.MOVIE: "1", LibraryType.SERIES: "4", LibraryType.MUSIC: "10"}
_SERIES_TYPE = "2"
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404

_REJECTIONS = {
    _UNAUTHORIZED: "the access token was refused; sign in again or type in another one",
    _FORBIDDEN: "the token is known, but the server does not show this to it; use its owner's",
}


class PlexLibrary:
    """One server's libraries, with the token that it takes."""

    abilities = frozenset({LibraryAbility.PLAY_HISTORY, LibraryAbility.SERIES})
    details_at_once = _AT_ONCE

    def __init__(self, access: ServerAccess, lines: PlexLines, *, version: str, timeout: float = _TIMEOUT) -> None:
        # a pass over a library asks again by itself, and eases what it asks for meanwhile
        patient = replace(access, insists=True)
        self._line = lines.line(patient, version=version, timeout=timeout, max_bytes=_MOST_BYTES)
        self._names: Names | None = None
        self._before: Sequence[Any] = ()

    async def sections(self) -> Sequence[Section]:
        return parse_library_sections(await self._container("/library/sections"))

    async def listing(self, section: Section, *, offset: int, size: int) -> ListingPage:
        asked = {"type": _ITEM_TYPES[section.type], "sort": "addedAt:asc"}
        page = await self._all(section, asked, offset, size)
        found = parse_listing(page, section.type)
        # whoever reads on sees by the items that there is nothing new; where there are none nobody would
        if self._is_repeated(offset, [row.rating_key for row in page.rows]) and not found.items:
            raise self._line.host.unexpected("shows one page of a library for ever, and no item on it")
        return found

    async def series(self, section: Section, *, offset: int, size: int) -> SeriesPage:
        page = await self._all(section, {"type": _SERIES_TYPE}, offset, size)
        if self._is_repeated(offset, [row.rating_key for row in page.rows]):
            return SeriesPage({}, 0, None)
        return parse_series(page)

    async def episodes(self, series_key: str, *, offset: int, size: int) -> ListingPage:
        path = f"/library/metadata/{quote(series_key, safe='')}/allLeaves"
        try:
            page = await self._page(path, {"includeGuids": "1", **_window(offset, size)})
        except Refused as problem:
            if problem.status != _NOT_FOUND:
                raise
            return ListingPage((), 0, 0)
        return parse_listing(page, LibraryType.SERIES)

    async def details(self, keys: Sequence[str]) -> Mapping[str, FoundItem | None]:
        found: dict[str, FoundItem | None] = {}
        for start in range(0, len(keys), _AT_ONCE):
            found.update(await self._batch(keys[start : start + _AT_ONCE]))
        return found

    async def plays(self) -> Mapping[str, Plays]:
        counted: dict[str, Plays] = {}
        offset, total = 0, None
        while total is None or offset < total:
            params = {"sort": "viewedAt:desc", **_window(offset, _HISTORY_AT_ONCE)}
            page = await self._container("/status/sessions/history/all", params)
            if self._is_repeated(offset, objects(page, "Metadata")):
                break
            rows, total = parse_plays(page, counted)
            offset += rows
            if not rows or (total is None and rows < _HISTORY_AT_ONCE):
                break
        return counted

    async def watches(self, *, since: datetime | None, offset: int, size: int) -> WatchPage:
        wished = {} if since is None else {"viewedAt>": str(int(since.timestamp()))}
        params = {"sort": "viewedAt:desc", **wished, **_window(offset, size)}
        page = await self._container("/status/sessions/history/all", params)
        if self._is_repeated(offset, objects(page, "Metadata")):
            return WatchPage((), 0, None)
        if self._names is None and objects(page, "Metadata"):
            self._names = parse_names(await self._container("/accounts"), await self._container("/devices"))
        return parse_watches(page, self._names or Names({}, {}))

    async def _all(self, section: Section, asked: Mapping[str, str], offset: int, size: int) -> Page:
        path = f"/library/sections/{quote(section.key, safe='')}/all"
        return await self._page(path, {**asked, "includeGuids": "1", **_window(offset, size)})

    def _is_repeated(self, offset: int, told: Sequence[Any]) -> bool:
        """Whether a server shows one page for ever, whatever it says of how many there are."""
        before, self._before = self._before, told
        return offset > 0 and len(told) > 0 and told == before

    async def _batch(self, keys: Sequence[str]) -> Mapping[str, FoundItem | None]:
        if len(keys) == 1:
            return await self._one_by_one(keys)
        try:
            page = await self._metadata(keys)
        except (Refused, UnexpectedPayload):
            # one item that the server trips over must not hide the others
            return await self._one_by_one(keys)
        found: dict[str, FoundItem | None] = {**parse_found(page)}
        bare = lacks_streams(page)
        # what an answer about many leaves out need not be gone
        found.update(await self._one_by_one([key for key in keys if key in bare or key not in found]))
        return {key: found[key] for key in keys if key in found}

    async def _one_by_one(self, keys: Sequence[str]) -> Mapping[str, FoundItem | None]:
        found: dict[str, FoundItem | None] = {}
        for key in keys:
            try:
                page = await self._metadata([key])
            except (Refused, UnexpectedPayload) as problem:
                if getattr(problem, "status", None) != _NOT_FOUND:
                    found[key] = None
                continue
            item = parse_found(page).get(key)
            # only a server that says that there is none knows of none
            if item is not None or page.size != 0:
                found[key] = item
        return found

    async def _metadata(self, keys: Sequence[str]) -> Page:
        path = f"/library/metadata/{quote(','.join(keys), safe=',')}"
        return await self._page(path, {"includeGuids": "1", "skipRefresh": "1"})

    async def _page(self, path: str, params: Mapping[str, str]) -> Page:
        return item_page(await self._asked(path, params))

    async def _container(self, path: str, params: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        return media_container(await self._asked(path, params))

    async def _asked(self, path: str, params: Mapping[str, str] | None) -> Answer:
        answer = await self._line.request("GET", path, params=params, passing=_REJECTIONS)
        if reason := _REJECTIONS.get(answer.status):
            raise self._line.host.rejected(reason)
        return answer


def _window(offset: int, size: int) -> dict[str, str]:
    return {"X-Plex-Container-Start": str(offset), "X-Plex-Container-Size": str(size)}
