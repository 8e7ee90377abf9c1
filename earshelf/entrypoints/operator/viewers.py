"""Everybody who could watch, for choosing whom a rule leaves alone."""

from typing import Any

from aiohttp import web
from marshmallow import Schema, fields, validate

from earshelf.domain.usecases.acquainting import Acquainting
from earshelf.domain.viewers import Acquaintance, KnownViewer
from earshelf.entrypoints.answers import answer
from earshelf.entrypoints.operator.schemas import Flag, count, nullable_text, text
from earshelf.entrypoints.routing import Answer, Call, Route


class StreamUser(Schema):
    """Somebody who could watch."""

    id = nullable_text(metadata={"description": "For `excluded_users`; it stays when the name changes"})
    name = text()
    owner = Flag(required=True, metadata={"description": "Owns a server; rules know owners by `exclude_owner` too"})
    thumb = nullable_text(metadata={"description": "The address of a picture"})
    known_from = fields.List(fields.String(validate=validate.OneOf([one.value for one in Acquaintance])), required=True)


class SilentSource(Schema):
    """An account service or a server that did not tell whom it knows."""

    name = text()
    message = text()
    code = text()


class StreamUserList(Schema):
    """Everybody by name, and who did not tell."""

    data = fields.List(fields.Nested(StreamUser), required=True)
    total = count(validate=validate.Range(min=0))
    unreachable = fields.List(fields.Nested(SilentSource), required=True)


_EXAMPLE: dict[str, Any] = {
    "id": "31337",
    "name": "tom",
    "owner": False,
    "thumb": "https://plex.tv/users/ab12/avatar",
    "known_from": ["account", "stream"],
}

ROUTES = (
    Route(
        "GET",
        "/streams/users",
        "page",
        "List who could watch",
        "stream-users",
        {
            200: Answer(
                "By name, everybody once",
                StreamUserList,
                {"data": [_EXAMPLE], "total": 1, "unreachable": []},
            )
        },
        description="Friends and home of the linked account, whom the enabled servers know, and who watches just now. "
        "Whoever is named in `excluded_users` by id stays excluded under another name.",
    ),
)


class Viewers:
    """Answers the route of those who could watch."""

    def __init__(self, *, acquainting: Acquainting) -> None:
        self._acquainting = acquainting

    async def page(self, _: Call) -> web.Response:
        """Lists everybody."""
        company = await self._acquainting.everybody()
        silent = [{"name": one.name, "message": one.message, "code": one.code} for one in company.silent]
        rows = [_dto(viewer) for viewer in company.viewers]
        return answer({"data": rows, "total": len(rows), "unreachable": silent})


def _dto(viewer: KnownViewer) -> dict[str, Any]:
    return {
        "id": viewer.id,
        "name": viewer.name,
        "owner": viewer.is_owner,
        "thumb": viewer.thumb or None,
        "known_from": [one.value for one in viewer.known_from],
    }
