"""The contract of :class:`~earshelf.ports.metadata.Enrichment`.

Provide the fixtures ``enrichment`` and ``known`` (a product that it has, as it should be told).
"""

import pytest

from earshelf.domain.metadata import MetadataRecord, Region
from earshelf.ports.metadata import Enrichment


class EnrichmentSuite:
    """What every enrichment promises."""

    async def test_a_known_product_is_told_with_all_that_is_known_of_it(
        self, enrichment: Enrichment, known: MetadataRecord
    ) -> None:
        assert await enrichment.record(known.asin or "", region=Region.US) == known

    async def test_an_asin_is_found_in_any_spelling(self, enrichment: Enrichment, known: MetadataRecord) -> None:
        assert await enrichment.record(f" {(known.asin or '').lower()} ", region=Region.UK) == known

    @pytest.mark.parametrize("asin", ["B000000000", "../authors", "B0 A&B", ""])
    async def test_an_unknown_product_is_none(self, enrichment: Enrichment, asin: str) -> None:
        assert await enrichment.record(asin, region=Region.US) is None
