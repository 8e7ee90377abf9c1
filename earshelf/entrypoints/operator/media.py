"""Items of media servers' libraries: lists with filters, and everything that is known of one."""

from typing import Any

from aiohttp import web
from marshmallow import fields, validate

from earshelf.domain.duplicates import canonical
from earshelf.domain.dynamic_ranges import DynamicRange
from earshelf.domain.ids import MediaId, ServerId
from earshelf.domain.media import LibraryType, search_words
from earshelf.domain.sound_profiles import AudioProfile
from earshelf.entrypoints.answers import answer, listed
from earshelf.entrypoints.operator.media_examples import ITEM_EXAMPLE
from earshelf.entrypoints.operator.media_schemas import (
    MEDIA_ITEM,
    MEDIA_LIST,
    WATCH_LIST,
    item_dto,
    row_dto,
    watch_dto,
)
from earshelf.entrypoints.paging import PagingQuery, window
from earshelf.entrypoints.routing import Answer, Call, Route
from earshelf.ports.media import MediaFilter, MediaQueries, MediaSort

_SORTS = [way + sort.value for sort in MediaSort for way in ("", "-")]


class MediaQuery(PagingQuery):
    """Which items."""

    server_id = fields.String(metadata={"description": "Only of this server"})
    library_key = fields.String(metadata={"description": "Only of the library with this key"})
    type = fields.String(validate=validate.OneOf([word.value for word in LibraryType]))
    dynamic_range = fields.String(validate=validate.OneOf([word.value for word in DynamicRange]))
    audio_profile = fields.String(validate=validate.OneOf([word.value for word in AudioProfile]))
    resolution = fields.String(metadata={"description": "`4k`, `1080`, `720`, `480` or `sd`"})
    q = fields.String(
        validate=validate.Length(max=200),
        metadata={"description": "Beginnings of words of the title, the series or the artist; all have to be there"},
    )
    sort = fields.String(
        load_default=MediaSort.TITLE.value,
        validate=validate.OneOf(_SORTS),
        metadata={"description": "A leading `-` turns the order round"},
    )


ROW_EXAMPLE: dict[str, Any] = {
    "id": "md_5Tz8yB1nRq3wEx6uIo9PaS",
    "server_id": "sv_1Qw2eR3tY4uI5oP6aS7dFg",
    "library_key": "1",
    "type": "MOVIE",
    "rating_key": "70021",
    "title": "Harbour Lights",
    "parent_title": None,
    "album_title": None,
    "season_number": None,
    "episode_number": None,
    "year": 2021,
    "added_at": "2023-11-14T22:13:20.000Z",
    "duration": 6900512,
    "content_rating": "de/12",
    "rating": 7.4,
    "resolution": "4k",
    "dynamic_range": "Dolby Vision",
    "audio_profile": "Dolby Atmos",
    "video_codec": "hevc",
    "audio_codec": "truehd",
    "audio_channels": 8,
    "container": "mkv",
    "file_size": 50213445127,
    "file_path": "/data/films/Harbour Lights (2021)/Harbour.Lights.2021.mkv",
    "play_count": 2,
    "last_played_at": "2025-11-11T22:26:40.000Z",
}

_WATCH = {
    "viewer": "marta_k",
    "watched_at": "2025-11-11T22:26:40.000Z",
    "device": "Living room",
    "platform": "Android",
}

ROUTES = (
    Route(
        "GET",
        "/media",
        "page",
        "List items of media servers' libraries",
        "media",
        {200: Answer("In the wished order", MEDIA_LIST, {"data": [ROW_EXAMPLE], "total": 1})},
        description="An unknown year or time counts as the smallest. What is never synced is not in here.",
        query=MediaQuery(),
    ),
    Route(
        "GET",
        "/media/{media_id}",
        "one",
        "Get an item with everything that is known of it",
        "media",
        {200: Answer("The item, its streams, and its copies on all servers", MEDIA_ITEM, ITEM_EXAMPLE)},
    ),
    Route(
        "GET",
        "/media/{media_id}/history",
        "history",
        "List who watched an item",
        "media",
        {200: Answer("Newest first", WATCH_LIST, {"data": [_WATCH], "total": 1})},
        description="As its server remembers it; what was left in the middle is not in here.",
        query=PagingQuery(),
    ),
)


class Media:
    """Answers the routes of items."""

    def __init__(self, *, queries: MediaQueries) -> None:
        self._queries = queries

    async def page(self, call: Call) -> web.Response:
        """Lists items."""
        way = call.query["sort"]
        page = await self._queries.page(
            window(call.query),
            only=_filter(call.query),
            sort=MediaSort(way.removeprefix("-")),
            ascending=not way.startswith("-"),
        )
        return listed([row_dto(row) for row in page.rows], page.total)

    async def history(self, call: Call) -> web.Response:
        """Lists who watched an item."""
        page = await self._queries.watches(MediaId(call.ids["media_id"]), window(call.query))
        return listed([watch_dto(row) for row in page.rows], page.total)

    async def one(self, call: Call) -> web.Response:
        """Shows one item."""
        media_id = MediaId(call.ids["media_id"])
        item = await self._queries.item(media_id)
        copies = await self._queries.copies(media_id)
        return answer(item_dto(item, copies, canonical(copies)))


def _filter(query: Any) -> MediaFilter:
    kind, dynamic_range, sound = query.get("type"), query.get("dynamic_range"), query.get("audio_profile")
    return MediaFilter(
        server_id=ServerId(query["server_id"]) if "server_id" in query else None,
        library_key=query.get("library_key"),
        type=LibraryType(kind) if kind else None,
        dynamic_range=DynamicRange(dynamic_range) if dynamic_range else None,
        audio_profile=AudioProfile(sound) if sound else None,
        resolution=query.get("resolution"),
        words=search_words(query.get("q", "")),
    )
