"""The contract of :class:`~earshelf.ports.indexers.Indexer`.

Provide the fixtures ``indexer``, ``wrongly_keyed`` (the same indexer asked with a wrong key), ``offered`` (all that it
has, in its order) and ``query`` (a text that finds all of it).
"""

from collections.abc import Sequence

import pytest

from earshelf.domain.errors import CredentialsRejected
from earshelf.ports.indexers import Indexer, Offer


class IndexerSuite:
    """What every indexer promises."""

    async def test_a_search_tells_all_that_the_indexer_says_in_its_order(
        self, indexer: Indexer, offered: Sequence[Offer], query: str
    ) -> None:
        assert await indexer.search(query) == list(offered)

    async def test_nothing_found_is_an_empty_list(self, indexer: Indexer) -> None:
        assert await indexer.search("zzyzx no such audiobook qqq") == []

    async def test_any_text_can_be_searched_for(self, indexer: Indexer) -> None:
        for text in ("50% & more", "naïve ☃", "a/b?c#d", "\ud800"):
            assert isinstance(await indexer.search(text), list)

    async def test_a_search_for_nothing_is_what_is_new(self, indexer: Indexer, offered: Sequence[Offer]) -> None:
        assert await indexer.search("") == list(offered)

    async def test_a_check_gives_the_name_that_the_indexer_has_for_itself(self, indexer: Indexer) -> None:
        assert (await indexer.check()).strip()

    async def test_a_wrong_key_is_told_as_one(self, wrongly_keyed: Indexer, query: str) -> None:
        with pytest.raises(CredentialsRejected):
            await wrongly_keyed.check()
        with pytest.raises(CredentialsRejected):
            await wrongly_keyed.search(query)
