"""Audible's public catalogue: which audiobooks exist."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from earshelf.adapters import provider_fields as fields
from earshelf.adapters.http import Answer, HttpClient, Neighbour
from earshelf.adapters.throttle import ProviderGate
from earshelf.domain.errors import AsinNotResolved, IntegrationKind, InvalidRecord
from earshelf.domain.metadata import MetadataRecord, Region, SeriesMention, canonical_asin

NAME = "Audible"
_TIMEOUT = 10.0
_MOST_HITS = 10
_PRODUCTS = "/1.0/catalog/products"
_WANTED = {
    "response_groups": "contributors,product_desc,media,product_extended_attrs,series",
    "image_sizes": "500,1024",
}
_TOP_LEVEL_DOMAINS = {
    Region.US: "com",
    Region.CA: "ca",
    Region.UK: "co.uk",
    Region.AU: "com.au",
    Region.FR: "fr",
    Region.DE: "de",
    Region.JP: "co.jp",
    Region.IT: "it",
    Region.IN: "in",
    Region.ES: "es",
}
_LANGUAGES = {
    Region.FR: "french",
    Region.DE: "german",
    Region.JP: "japanese",
    Region.IT: "italian",
    Region.ES: "spanish",
}
_CLIENT_ERRORS = frozenset(range(400, 500)) - {429}
# a block, a wrong proxy or an overload; none of them says that the product does not exist
_TROUBLE = frozenset({401, 403, 407, 408, 421, 425, 451})
_NARRATED_BY = re.compile(r"\s*\((?:narrated|read) by [^()]*\)", re.IGNORECASE)
_BOOK_NUMBER = re.compile(r",\s*book\s+\d+(?:\.\d+)?\s*$", re.IGNORECASE)


class Audible:
    """The catalogue of all regions; ``base_url`` replaces every regional host, for mirrors."""

    def __init__(
        self, http: HttpClient, gate: ProviderGate, *, base_url: str | None = None, timeout: float = _TIMEOUT
    ) -> None:
        self._http = http
        self._gate = gate
        self._base_url = base_url
        self._timeout = timeout

    async def search(self, text: str, *, region: Region) -> list[MetadataRecord]:
        """Asks by keywords; hits in the region's language come first."""
        params = {"num_results": str(_MOST_HITS), "products_sort_by": "Relevance", "keywords": text, **_WANTED}
        answer = await self._get(region, _PRODUCTS, params)
        if answer.status >= 400:
            raise answer.neighbour.refused(f"refused the search (HTTP {answer.status})", answer.status)
        hits = answer.mapping().get("products")
        if not isinstance(hits, list):
            raise answer.neighbour.unexpected("answered a search without a list of products")
        records = [record for hit in hits if (record := parse_product(hit)) is not None]
        native = _LANGUAGES.get(region, "english")
        return sorted(records, key=lambda record: record.language != native)

    async def product(self, asin: str, *, region: Region) -> MetadataRecord:
        """Asks for one product by its ASIN."""
        wanted = canonical_asin(asin)
        if not fields.is_plausible_asin(wanted):
            raise AsinNotResolved(wanted)
        answer = await self._get(region, f"{_PRODUCTS}/{quote(wanted, safe='')}", _WANTED)
        if answer.status in _TROUBLE:
            raise answer.neighbour.refused(f"refused the request (HTTP {answer.status})", answer.status)
        product = None if answer.status >= 400 else answer.mapping().get("product")
        if not product:
            raise AsinNotResolved(wanted)
        record = parse_product(product, asked=wanted)
        if record is None:
            raise InvalidRecord(wanted)
        return record

    async def _get(self, region: Region, path: str, params: Mapping[str, str]) -> Answer:
        async with self._gate.turn():
            return await self._neighbour(region).request("GET", path, params=params, passing=_CLIENT_ERRORS)

    def _neighbour(self, region: Region) -> Neighbour:
        base_url = self._base_url or f"https://api.audible.{_TOP_LEVEL_DOMAINS[region]}"
        return self._http.neighbour(
            kind=IntegrationKind.PROVIDER,
            name=NAME,
            base_url=base_url,
            headers={"Accept": "application/json"},
            timeout=self._timeout,
        )


def parse_product(product: Any, *, asked: str | None = None) -> MetadataRecord | None:
    """Reads one product; None means that it has no title or no author, as the stubs for unknown ASINs do."""
    if not isinstance(product, dict):
        return None
    title = _tidy(fields.text(product, "title"))
    authors = fields.people(product, "authors")
    if not title or not authors:
        return None
    asin = canonical_asin(fields.text(product, "asin") or "")
    return MetadataRecord(
        title=title,
        asin=asin if fields.is_plausible_asin(asin) else asked,
        subtitle=fields.text(product, "subtitle"),
        authors=authors,
        narrators=fields.people(product, "narrators"),
        series=tuple(_series(product)),
        description=fields.description(product, "publisher_summary", "merchandising_summary"),
        publisher=fields.text(product, "publisher_name"),
        published_date=fields.text(product, "release_date", "issue_date"),
        language=fields.language(product),
        cover_url=fields.web_address(_largest(product.get("product_images"))),
        runtime_minutes=fields.whole_number(product, "runtime_length_min"),
        isbn=fields.text(product, "isbn"),
        format_type=fields.text(product, "format_type"),
        delivery_type=fields.text(product, "content_delivery_type"),
    )


def _series(product: Mapping[str, Any]) -> Iterator[SeriesMention]:
    for entry in fields.objects(product, "series"):
        if name := _tidy(fields.text(entry, "title")):
            yield SeriesMention(name, fields.position(entry.get("sequence")))


def _tidy(name: str | None) -> str:
    return _BOOK_NUMBER.sub("", _NARRATED_BY.sub("", name or "")).strip()


def _largest(images: Any) -> str | None:
    if not isinstance(images, dict):
        return None
    sizes = [size for size in images if size.isascii() and size.isdecimal() and isinstance(images[size], str)]
    return images[max(sizes, key=lambda size: int(size[:9]))] if sizes else None
