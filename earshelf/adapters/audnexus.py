"""Audnexus: a second account of what Audible sells, with series, genres and ISBN."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from earshelf.adapters import provider_fields as fields
from earshelf.adapters.http import HttpClient
from earshelf.adapters.throttle import ProviderGate
from earshelf.domain.errors import IntegrationKind
from earshelf.domain.metadata import MetadataRecord, Region, SeriesMention, canonical_asin

NAME = "Audnexus"
HOST = "https://api.audnex.us"
_TIMEOUT = 15.0
_UNKNOWN = frozenset({400, 404, 410, 422})
# it takes no credential, so that these mean a block and not a wrong one
_BLOCKED = frozenset({401, 403})


class Audnexus:
    """The enrichment by ASIN; ``base_url`` may be a mirror."""

    def __init__(
        self, http: HttpClient, gate: ProviderGate, *, base_url: str | None = None, timeout: float = _TIMEOUT
    ) -> None:
        self._gate = gate
        self._neighbour = http.neighbour(
            kind=IntegrationKind.PROVIDER,
            name=NAME,
            base_url=base_url or HOST,
            headers={"Accept": "application/json"},
            timeout=timeout,
        )

    async def record(self, asin: str, *, region: Region) -> MetadataRecord | None:
        """Asks for one product by its ASIN."""
        wanted = canonical_asin(asin)
        if not fields.is_plausible_asin(wanted):
            return None
        path = f"/books/{quote(wanted, safe='')}"
        async with self._gate.turn():
            answer = await self._neighbour.request(
                "GET", path, params={"region": region.value}, passing=_UNKNOWN | _BLOCKED
            )
        if answer.status in _BLOCKED:
            raise self._neighbour.refused(f"refused the request (HTTP {answer.status})", answer.status)
        return None if answer.status in _UNKNOWN else parse_book(answer.mapping())


def parse_book(book: Mapping[str, Any]) -> MetadataRecord | None:
    """Reads one book; None means that it has no title, so that nothing else of it can be trusted."""
    title = fields.text(book, "title")
    if title is None:
        return None
    asin = fields.text(book, "asin")
    return MetadataRecord(
        title=title,
        asin=canonical_asin(asin) if asin else None,
        subtitle=fields.text(book, "subtitle"),
        authors=fields.people(book, "authors"),
        narrators=fields.people(book, "narrators"),
        series=tuple(_series(book)),
        description=fields.description(book, "summary", "description"),
        publisher=fields.text(book, "publisherName"),
        published_date=(fields.text(book, "releaseDate") or "").partition("T")[0] or None,
        language=fields.language(book),
        cover_url=fields.web_address(fields.text(book, "image")),
        runtime_minutes=fields.whole_number(book, "runtimeLengthMin"),
        isbn=fields.text(book, "isbn"),
        genres=_genres(book),
        format_type=fields.text(book, "formatType"),
    )


def _series(book: Mapping[str, Any]) -> Iterator[SeriesMention]:
    for key in ("seriesPrimary", "seriesSecondary"):
        entry = book.get(key)
        if isinstance(entry, dict) and (name := fields.text(entry, "name")):
            yield SeriesMention(name, fields.position(entry.get("position")))


def _genres(book: Mapping[str, Any]) -> tuple[str, ...]:
    # tags are the finer shelves below a genre and run into dozens
    genres = (fields.text(entry, "name") for entry in fields.objects(book, "genres") if entry.get("type") != "tag")
    return tuple(dict.fromkeys(genre for genre in genres if genre))
