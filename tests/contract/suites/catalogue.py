"""The contract of :class:`~earshelf.ports.metadata.Catalogue`.

Provide the fixtures ``catalogue``, ``known`` (a product that it has, as it should be told) and ``stub_asin`` (an ASIN
that it answers without title and author).
"""

import pytest

from earshelf.domain.errors import AsinNotResolved, InvalidRecord
from earshelf.domain.metadata import MetadataRecord, Region
from earshelf.ports.metadata import Catalogue


class CatalogueSuite:
    """What every catalogue promises."""

    async def test_a_search_finds_a_product_with_all_that_is_known_of_it(
        self, catalogue: Catalogue, known: MetadataRecord
    ) -> None:
        assert known in await catalogue.search(known.title, region=Region.US)

    async def test_a_search_never_has_more_than_ten_hits(self, catalogue: Catalogue, known: MetadataRecord) -> None:
        assert len(await catalogue.search(known.authors[0].name, region=Region.US)) <= 10

    async def test_nothing_found_is_an_empty_list(self, catalogue: Catalogue) -> None:
        assert await catalogue.search("zzyzx no such audiobook qqq", region=Region.US) == []

    async def test_any_text_can_be_searched_for(self, catalogue: Catalogue) -> None:
        for text in ("50% & more", "naïve ☃", "a/b?c#d", "\ud800"):
            assert isinstance(await catalogue.search(text, region=Region.US), list)

    async def test_a_product_is_found_by_its_asin(self, catalogue: Catalogue, known: MetadataRecord) -> None:
        assert await catalogue.product(known.asin or "", region=Region.US) == known

    async def test_an_asin_is_found_in_any_spelling(self, catalogue: Catalogue, known: MetadataRecord) -> None:
        assert await catalogue.product(f" {(known.asin or '').lower()} ", region=Region.US) == known

    @pytest.mark.parametrize("asin", ["B000000000", "../search", "B0 A&B", "ß" * 10, "x" * 500, ""])
    async def test_an_unknown_asin_is_not_resolved(self, catalogue: Catalogue, asin: str) -> None:
        with pytest.raises(AsinNotResolved):
            await catalogue.product(asin, region=Region.US)

    async def test_a_product_without_title_or_author_is_invalid(self, catalogue: Catalogue, stub_asin: str) -> None:
        with pytest.raises(InvalidRecord):
            await catalogue.product(stub_asin, region=Region.US)
