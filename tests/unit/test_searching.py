"""Searching for one book: the ladder, indexers in trouble, and what may be grabbed without asking."""

import asyncio
from typing import Any

import pytest

from earshelf.domain.books import BookStatus
from earshelf.domain.errors import (
    EarshelfError,
    EmptyQuery,
    IntegrationKind,
    MissingExtra,
    NotFound,
    SearchInProgress,
    SearchTimedOut,
    TimedOut,
    Unreachable,
)
from earshelf.domain.events import BookAdded
from earshelf.domain.ids import BookId
from earshelf.domain.releases import Protocol
from earshelf.ports.indexers import Offer
from tests.contract.suites.makers import a_download, a_release
from tests.unit.house import House

AWAY = Unreachable(IntegrationKind.INDEXER, "Shelf", "connection refused")
LONG = "Dune: The Graphic Novel: Book One"


def offer(title: str = "An Author - A Book [m4b]", *, author: str | None = None, **values: Any) -> Offer:
    return Offer(a_release(title, **{"size": 300 * 2**20, "seeders": 5, **values}), author=author)


async def titles(house: House, book_id: BookId) -> list[str]:
    return [one.candidate.release.title for one in await house.searching.candidates(book_id)]


async def test_an_unknown_book_is_told_as_such() -> None:
    with pytest.raises(NotFound):
        await House().searching.candidates(BookId("bk_nobody"))


async def test_a_candidate_comes_with_the_token_that_grabs_it() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    indexer.always = [offer()]
    (found,) = await house.searching.candidates(book.id)
    assert house.signer.verify(found.token) == indexer.always[0].release
    assert found.candidate.indexer == "Shelf"


async def test_the_same_search_gives_the_same_tokens() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    indexer.always = [offer(), offer("An Author - A Book [mp3]")]
    once, again = [await house.searching.candidates(book.id) for _ in range(2)]
    assert [one.token for one in once] == [one.token for one in again]


async def test_the_first_query_is_title_and_author() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve("A Book", author="An Author")
    indexer.always = [offer()]
    await house.searching.candidates(book.id)
    assert indexer.asked == ["A Book An Author"]


async def test_an_answered_nothing_leads_down_the_ladder_to_the_first_rung_that_has_something() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve(LONG, author="Frank Herbert")
    found = offer("Frank Herbert - Dune [m4b]")
    indexer.offers = {"Dune The Graphic Novel Frank Herbert": [found]}
    assert await titles(house, book.id) == [found.release.title]
    assert indexer.asked[0] == "Dune The Graphic Novel Book One Frank Herbert"
    assert indexer.asked[-1] == "Dune The Graphic Novel Frank Herbert"


async def test_the_ladder_ends_after_eight_rungs() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve(LONG, author="Frank Herbert")
    assert await titles(house, book.id) == []
    assert len(indexer.asked) == len(set(indexer.asked)) == 8


async def test_offers_that_are_all_left_out_do_not_lead_down_the_ladder() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve(LONG, author="Frank Herbert")
    indexer.always = [offer("Dune (Abridged) [m4b]")]
    assert await titles(house, book.id) == []
    assert len(indexer.asked) == 1


async def test_trouble_does_not_lead_down_the_ladder() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve(LONG, author="Frank Herbert")
    indexer.trouble = AWAY
    assert await titles(house, book.id) == []
    assert len(indexer.asked) == 1


async def test_an_indexer_in_trouble_is_not_asked_again_on_lower_rungs() -> None:
    house = House()
    bad, good = await house.indexer("bad"), await house.indexer("good")
    book = await house.shelve(LONG, author="Frank Herbert")
    bad.trouble = AWAY
    await house.searching.candidates(book.id)
    assert (len(bad.asked), len(good.asked)) == (1, 8)


@pytest.mark.parametrize(
    "trouble", [AWAY, TimedOut(AWAY.kind, "Shelf", "no answer"), MissingExtra("x", "This indexer")]
)
async def test_one_indexer_in_trouble_does_not_stop_the_others_and_is_told_of(trouble: EarshelfError) -> None:
    house = House()
    bad, good = await house.indexer("bad"), await house.indexer("good")
    book = await house.shelve()
    bad.trouble, good.always = trouble, [offer()]
    assert len(await titles(house, book.id)) == 1
    (bad_id,) = [key for key, indexer in house.neighbours.indexers.items() if indexer is bad]
    assert house.searching.troubles == {bad_id: trouble.message}


async def test_trouble_is_forgotten_once_the_indexer_answers() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    indexer.trouble = AWAY
    await house.searching.candidates(book.id)
    indexer.trouble = None
    await house.searching.candidates(book.id)
    assert house.searching.troubles == {}


async def test_without_indexers_nothing_is_found() -> None:
    house = House()
    assert await titles(house, (await house.shelve()).id) == []


async def test_a_disabled_indexer_is_not_asked() -> None:
    house = House()
    indexer, book = await house.indexer(enabled=False), await house.shelve()
    assert await titles(house, book.id) == []
    assert indexer.asked == []


async def test_a_book_without_a_searchable_word_is_refused() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve("...", author="")
    with pytest.raises(EmptyQuery):
        await house.searching.candidates(book.id)
    assert indexer.asked == []


async def test_a_book_without_an_author_is_searched_by_title() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve("A Book", author="")
    indexer.always = [offer("A Book [m4b]")]
    assert await titles(house, book.id) == ["A Book [m4b]"]
    assert indexer.asked == ["A Book"]


async def test_a_second_search_for_the_same_book_is_refused_and_one_for_another_is_not() -> None:
    house = House()
    indexer, book, other = await house.indexer(), await house.shelve("One"), await house.shelve("Two")
    indexer.gate.clear()
    first = asyncio.create_task(house.searching.candidates(book.id))
    await indexer.until_asked()
    with pytest.raises(SearchInProgress):
        await house.searching.candidates(book.id)
    parallel = asyncio.create_task(house.searching.candidates(other.id))
    await indexer.until_asked(2)
    indexer.gate.set()
    assert (await first, await parallel) == ([], [])
    assert await house.searching.candidates(book.id) == []


async def test_a_search_beyond_its_budget_ends_and_frees_its_place() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    searching = house.searching_within(0.0)
    indexer.gate.clear()
    for _ in range(2):
        with pytest.raises(SearchTimedOut):
            await searching.candidates(book.id)


async def test_a_name_that_puts_the_title_first_is_read_the_other_way_round() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve("Piranesi", author="Susanna Clarke")
    indexer.always = [offer("Piranesi - Susanna Clarke [m4b]")]
    (found,) = await house.searching.candidates(book.id)
    assert (found.candidate.title, found.candidate.author) == ("Piranesi", "Susanna Clarke")
    assert found.candidate.score is not None
    assert found.candidate.score.value == 1.0


async def test_an_author_whom_the_indexer_names_is_not_read_out_of_the_title() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve("Piranesi", author="Susanna Clarke")
    indexer.always = [offer("Clarke - Piranesi", author="Susanna Clarke")]
    (found,) = await house.searching.candidates(book.id)
    assert (found.candidate.title, found.candidate.author) == ("Clarke - Piranesi", "Susanna Clarke")


@pytest.mark.parametrize(
    ("unwanted", "settings"),
    [
        (offer("An Author - A Book (Abridged) [m4b]"), {}),
        (offer("An Author - A Book [epub]"), {}),
        (offer(seeders=0), {}),
        (offer(size=2**20), {}),
        (offer(size=6 * 2**30), {}),
        (offer(), {"required_words": ["unabridged"]}),
        (Offer(a_release("An Author - Ein Buch", seeders=5), language="german"), {}),
    ],
    ids=["reject", "ebook", "seeders", "small", "large", "required", "language"],
)
async def test_what_the_owner_does_not_want_is_left_out(unwanted: Offer, settings: dict[str, Any]) -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    await house.change(quality=settings)
    indexer.always = [unwanted]
    assert await titles(house, book.id) == []


async def test_bounds_that_the_owner_took_away_leave_nothing_out() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    await house.change(quality={"min_seeders": 0, "min_size_mb": 0, "max_size_gb": 0, "reject_words": []})
    indexer.always = [offer("An Author - A Book (Abridged)", seeders=0, size=1), offer(size=50 * 2**30)]
    assert len(await titles(house, book.id)) == 2


async def test_a_release_that_two_queries_or_pages_offer_is_shown_once() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    one = offer()
    indexer.always = [one, one]
    assert len(await titles(house, book.id)) == 1


async def test_the_better_match_comes_first_whatever_the_order_of_offers() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve("Piranesi", author="Susanna Clarke")
    right, wrong = offer("Susanna Clarke - Piranesi [m4b]"), offer("Somebody Else - Pirates of the Sea [m4b]")
    for order in ([right, wrong], [wrong, right]):
        indexer.always = order
        assert await titles(house, book.id) == [right.release.title, wrong.release.title]


async def test_the_preferred_protocol_wins_among_equals() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    await house.change(quality={"protocol_preference": "usenet"})
    indexer.always = [offer(guid="t"), offer(guid="u", protocol=Protocol.USENET, seeders=None)]
    found = await house.searching.candidates(book.id)
    assert [one.candidate.release.guid for one in found] == ["u", "t"]


async def test_a_search_by_hand_does_not_change_the_books_state() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    indexer.gate.clear()
    search = asyncio.create_task(house.searching.candidates(book.id))
    await indexer.until_asked()
    assert (await house.book(book.id)).status is BookStatus.WANTED
    indexer.gate.set()
    await search


async def test_a_book_that_was_just_added_is_searched_at_once_only_where_the_owner_wants_it() -> None:
    house = House()
    indexer, client, book = await house.indexer(), await house.client(), await house.shelve()
    indexer.always = [offer()]
    await house.searching.greet(BookAdded(book.id))
    assert indexer.asked == []
    await house.change(quality={"search_immediately": True})
    await house.searching.greet(BookAdded(book.id))
    assert len(client.added) == 1


@pytest.mark.parametrize("status", [one for one in BookStatus if one is not BookStatus.WANTED])
async def test_a_book_that_is_not_wanted_any_more_is_not_greeted_with_a_search(status: BookStatus) -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve(status=status)
    await house.change(quality={"search_immediately": True})
    await house.searching.greet(BookAdded(book.id))
    assert indexer.asked == []


async def test_news_of_a_deleted_book_starts_no_search() -> None:
    house = House()
    indexer = await house.indexer()
    await house.change(quality={"search_immediately": True})
    await house.searching.greet(BookAdded(None))
    assert indexer.asked == []


async def test_a_restart_returns_searched_books_to_the_wanted_list_and_leaves_others_alone() -> None:
    house = House()
    searched = [await house.shelve(status=BookStatus.SEARCHING) for _ in range(3)]
    other = await house.shelve(status=BookStatus.DOWNLOADING)
    await house.put(a_download(other, reference="r"))
    await house.searching.recover()
    assert {(await house.book(book.id)).status for book in searched} == {BookStatus.WANTED}
    assert (await house.book(other.id)).status is BookStatus.DOWNLOADING
