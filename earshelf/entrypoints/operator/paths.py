"""The path doctor: what each neighbour's path mappings make of a path."""

from typing import Any

from aiohttp import web
from marshmallow import Schema, fields, validate

from earshelf.domain.integrations import IntegrationRole
from earshelf.domain.usecases.diagnosing import Diagnosing, PathReading
from earshelf.entrypoints.answers import listed
from earshelf.entrypoints.bodies import FILLED
from earshelf.entrypoints.operator.schemas import Flag, list_of, nullable_text, one_of, text
from earshelf.entrypoints.routing import Answer, Call, Route


class PathQuery(Schema):
    """The path to explain."""

    path = fields.String(required=True, validate=validate.Regexp(rf"\s*{FILLED}", error="Must not be blank."))


class MatchedRow(Schema):
    """The path mapping that decides."""

    source = text()
    target = text()


class PathExplanation(Schema):
    """How one neighbour's mappings read the path."""

    role = one_of(IntegrationRole)
    id = text()
    name = text()
    row = fields.Nested(
        MatchedRow, required=True, allow_none=True, metadata={"description": "null: the path is taken as it came"}
    )
    path = nullable_text(metadata={"description": "What it becomes; null where the row leads nowhere"})
    exists_here = Flag(required=True, metadata={"description": "Whether this machine has the path that it should"})


_EXAMPLE = {
    "role": "download_client",
    "id": "dc_4Zx7cV1bNj0mKh8gFd2SaA",
    "name": "Seedbox",
    "row": {"source": "/downloads", "target": "/mnt/downloads"},
    "path": "/mnt/downloads/Project Hail Mary",
    "exists_here": True,
}

ROUTES = (
    Route(
        "GET",
        "/paths/explain",
        "explain",
        "Explain a path",
        "paths",
        {200: Answer("One row per neighbour", list_of(PathExplanation), {"data": [_EXAMPLE], "total": 1})},
        description="For a download client the path is its own and `exists_here` speaks of what it becomes; for a "
        "connector the path is ours and `exists_here` speaks of it.",
        query=PathQuery(),
    ),
)


class Paths:
    """Answers the routes of the path doctor."""

    def __init__(self, *, diagnosing: Diagnosing) -> None:
        self._diagnosing = diagnosing

    async def explain(self, call: Call) -> web.Response:
        """Explains a path."""
        readings = await self._diagnosing.explain(call.query["path"])
        return listed([_reading_dto(reading) for reading in readings], len(readings))


def _reading_dto(reading: PathReading) -> dict[str, Any]:
    row = reading.row
    return {
        "role": reading.integration.role.value,
        "id": reading.integration.id,
        "name": reading.integration.name,
        "row": {"source": row.source, "target": row.target} if row else None,
        "path": reading.path,
        "exists_here": reading.exists_here,
    }
