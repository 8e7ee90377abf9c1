"""Metadata of the public API: what the providers have, before it is in the library."""

from typing import Any

from aiohttp import web

from earshelf.domain.metadata import PersonName
from earshelf.domain.usecases.cataloguing import CatalogueHit, Cataloguing
from earshelf.entrypoints.answers import listed, plain
from earshelf.entrypoints.routing import Answer, Call, Route
from earshelf.entrypoints.v1.errors import refusal
from earshelf.entrypoints.v1.schemas import CatalogueHitDto, MetadataQuery, list_of

_HIT_EXAMPLE = {
    "asin": "B08G9PRS1K",
    "title": "Project Hail Mary",
    "authors": [{"name": "Andy Weir", "asin": "B00G0WYW92"}],
    "narrators": [{"name": "Ray Porter"}],
    "cover": "https://m.media-amazon.com/images/I/91vS2L5YfEL.jpg",
    "publishedDate": "2021-05-04",
    "library": {"bookId": "bk_3Qp9zJ2vTq-0aWc4hKxY1A", "status": "imported"},
}

ROUTES = (
    Route(
        "GET",
        "/metadata/search",
        "search",
        "Search the metadata providers",
        "metadata",
        {
            200: Answer(
                "What was found; nothing found is an empty list",
                list_of(CatalogueHitDto),
                {"data": [_HIT_EXAMPLE], "total": 1},
            ),
            429: refusal(
                "rate_limited",
                "Provider rate limited",
                "The metadata provider is throttling",
                Retry_After="Whole seconds to wait",
            ),
            502: refusal("provider_unavailable", "Provider lookup failed", "The metadata provider is away or broken"),
            504: refusal("provider_timeout", "Provider request timed out", "The metadata provider did not answer"),
        },
        query=MetadataQuery(),
    ),
)


class Metadata:
    """Answers the routes of metadata."""

    def __init__(self, *, cataloguing: Cataloguing) -> None:
        self._cataloguing = cataloguing

    async def search(self, call: Call) -> web.Response:
        """Searches the providers."""
        hits = await self._cataloguing.search(call.query["q"])
        return listed([_hit_dto(hit) for hit in hits], len(hits))


def _hit_dto(hit: CatalogueHit) -> dict[str, Any]:
    record = hit.record
    optional = {
        "asin": record.asin,
        "series": _series_dto(hit),
        "cover": record.cover_url,
        "publishedDate": record.published_date,
        "library": {"bookId": hit.owned.id, "status": hit.owned.status.value} if hit.owned else None,
    }
    return {
        "title": record.title,
        "authors": [_author_dto(author) for author in record.authors],
        "narrators": [{"name": narrator.name} for narrator in record.narrators],
        **{name: value for name, value in optional.items() if value},
    }


def _author_dto(author: PersonName) -> dict[str, Any]:
    return {"name": author.name, "asin": author.asin} if author.asin else {"name": author.name}


def _series_dto(hit: CatalogueHit) -> dict[str, Any] | None:
    series = hit.record.primary_series
    if series is None:
        return None
    position = {} if series.position is None else {"position": plain(series.position)}
    return {"name": series.name, **position}
