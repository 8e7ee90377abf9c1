"""Items that their servers list no more, and libraries that nobody wants any more."""

from typing import Any

from aiohttp import web
from marshmallow import Schema, fields, validate

from earshelf.domain.ids import ServerId
from earshelf.domain.media import LibraryType
from earshelf.domain.usecases.weeding import KEPT, Weeding
from earshelf.entrypoints.answers import answer, listed, spelled_date
from earshelf.entrypoints.operator.errors import CONFLICT, refusal
from earshelf.entrypoints.operator.media import ROW_EXAMPLE
from earshelf.entrypoints.operator.media_schemas import REMOVED_LIST, row_dto
from earshelf.entrypoints.operator.schemas import count
from earshelf.entrypoints.paging import PagingQuery, window
from earshelf.entrypoints.routing import Answer, Call, Route
from earshelf.ports.media import MediaFilter, MediaQueries, RemovedRow


class RemovedQuery(PagingQuery):
    """Which removed items."""

    server_id = fields.String(metadata={"description": "Only of this server"})
    library_key = fields.String(metadata={"description": "Only of the library with this key"})
    type = fields.String(validate=validate.OneOf([word.value for word in LibraryType]))


class PurgeQuery(Schema):
    """Which library."""

    server_id = fields.String(required=True)
    library_key = fields.String(required=True)


class Purged(Schema):
    """What was forgotten."""

    deleted = count(metadata={"description": "Items, also removed ones"})


_EXAMPLE = {**ROW_EXAMPLE, "removed_at": "2026-06-22T14:30:00.000Z", "forgotten_at": "2026-06-29T14:30:00.000Z"}

ROUTES = (
    Route(
        "GET",
        "/media/removed",
        "removed",
        "List items that were removed",
        "media",
        {200: Answer("The last removed first", REMOVED_LIST, {"data": [_EXAMPLE], "total": 1})},
        description="Their servers list them no more. One that comes back under another key is the same again, with "
        "its id, the time it was added and its plays; a week after its removal it is forgotten.",
        query=RemovedQuery(),
    ),
    Route(
        "DELETE",
        "/media/purge",
        "purge",
        "Forget all items of a library",
        "media",
        {
            200: Answer("They are gone", Purged, {"deleted": 120}),
            404: refusal("NOT_FOUND", "library '9' was not found", "There is no such server or library"),
            409: refusal(
                CONFLICT,
                "The library 'Films' takes part in syncs; switch it off first",
                "The next sync would bring all of it back, or one is under way",
            ),
        },
        description="Of a library that is switched off, or that its server lists no more; the latter goes, too.",
        query=PurgeQuery(),
    ),
)


class RemovedMedia:
    """Answers the routes of items that are listed no more."""

    def __init__(self, *, queries: MediaQueries, weeding: Weeding) -> None:
        self._queries = queries
        self._weeding = weeding

    async def removed(self, call: Call) -> web.Response:
        """Lists them."""
        kind = call.query.get("type")
        only = MediaFilter(
            server_id=ServerId(call.query["server_id"]) if "server_id" in call.query else None,
            library_key=call.query.get("library_key"),
            type=LibraryType(kind) if kind else None,
        )
        page = await self._queries.removed(window(call.query), only=only)
        return listed([removed_dto(row) for row in page.rows], page.total)

    async def purge(self, call: Call) -> web.Response:
        """Forgets a library's items."""
        server_id, key = ServerId(call.query["server_id"]), call.query["library_key"]
        return answer({"deleted": await self._weeding.purge(server_id, key)})


def removed_dto(row: RemovedRow) -> dict[str, Any]:
    """Spells a removed item."""
    times = {"removed_at": spelled_date(row.removed_at), "forgotten_at": spelled_date(row.removed_at + KEPT)}
    return {**row_dto(row.item), **times}
