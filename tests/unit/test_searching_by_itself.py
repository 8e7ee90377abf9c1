"""Searches that nobody watches: what they grab, and the state that they leave the book in."""

import asyncio
from typing import Any

import pytest

from earshelf.domain.books import BookStatus
from earshelf.domain.errors import (
    ActiveDownloadExists,
    EmptyQuery,
    IntegrationKind,
    NoDownloadClient,
    NotFound,
    SearchInProgress,
    SearchTimedOut,
    Unreachable,
)
from earshelf.domain.ids import BookId
from earshelf.ports.indexers import Offer
from tests.contract.suites.makers import a_download, a_release
from tests.unit.house import House

AWAY = Unreachable(IntegrationKind.INDEXER, "Shelf", "connection refused")
LONG = "Dune: The Graphic Novel: Book One"


def offer(title: str = "An Author - A Book [m4b]", **values: Any) -> Offer:
    return Offer(a_release(title, **{"size": 300 * 2**20, "seeders": 5, **values}))


async def status(house: House, book_id: BookId) -> BookStatus:
    return (await house.book(book_id)).status


async def test_the_best_release_is_grabbed() -> None:
    house = House()
    indexer, client = await house.indexer(), await house.client()
    book = await house.shelve("Piranesi", author="Susanna Clarke")
    right = offer("Susanna Clarke - Piranesi [m4b]")
    indexer.always = [offer("Somebody Else - Pirates of the Sea [m4b]"), right]
    grabbed = await house.searching.grab_best(book.id)
    assert grabbed is not None
    assert grabbed.download.release == right.release
    assert (len(client.added), await status(house, book.id)) == (1, BookStatus.DOWNLOADING)


async def test_the_right_narrator_wins_where_the_owner_wants_accuracy() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve(narrator="Khaya Fraites", runtime_minutes=60)
    await house.client()
    heard = Offer(a_release("An Author - A Book", size=60 * 2**20, seeders=5), narrator="Khaya Fraites")
    other = Offer(a_release("An Author - A Book", size=200 * 2**20, seeders=5), narrator="Somebody Else")
    indexer.always = [other, heard]
    grabbed = await house.searching.grab_best(book.id)
    assert grabbed is not None
    assert grabbed.download.release == heard.release


async def test_the_better_sound_wins_where_the_owner_wants_quality() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve(narrator="Khaya Fraites", runtime_minutes=60)
    await house.client()
    await house.change(search={"priority": "quality"})
    heard = Offer(a_release("An Author - A Book", size=60 * 2**20, seeders=5), narrator="Khaya Fraites")
    other = Offer(a_release("An Author - A Book", size=200 * 2**20, seeders=5), narrator="Somebody Else")
    indexer.always = [heard, other]
    grabbed = await house.searching.grab_best(book.id)
    assert grabbed is not None
    assert grabbed.download.release == other.release


async def test_what_a_shortened_query_found_is_grabbed_only_with_both_ends_of_the_title() -> None:
    house = House()
    indexer, client = await house.indexer(), await house.client()
    book = await house.shelve(LONG, author="Frank Herbert")
    sibling = offer("Frank Herbert - Dune The Graphic Novel Book Two [m4b]")
    indexer.offers = {"Dune The Graphic Novel Frank Herbert": [sibling]}
    assert await house.searching.grab_best(book.id) is None
    assert (client.added, await status(house, book.id)) == ([], BookStatus.WANTED)
    whole = offer("Frank Herbert - Dune The Graphic Novel Book One [m4b]")
    indexer.offers["Dune The Graphic Novel Frank Herbert"] = [sibling, whole]
    grabbed = await house.searching.grab_best(book.id)
    assert grabbed is not None
    assert grabbed.download.release == whole.release


async def test_the_book_is_searching_while_the_house_searches() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    indexer.gate.clear()
    search = asyncio.create_task(house.searching.grab_best(book.id))
    await indexer.until_asked()
    assert await status(house, book.id) is BookStatus.SEARCHING
    indexer.gate.set()
    assert await search is None
    assert await status(house, book.id) is BookStatus.WANTED


async def test_a_second_search_is_refused_and_does_not_take_the_firsts_state_away() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    indexer.gate.clear()
    search = asyncio.create_task(house.searching.grab_best(book.id))
    await indexer.until_asked()
    with pytest.raises(SearchInProgress):
        await house.searching.grab_best(book.id)
    assert await status(house, book.id) is BookStatus.SEARCHING
    indexer.gate.set()
    await search


async def test_the_house_does_not_search_while_somebody_searches_by_hand() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    indexer.gate.clear()
    by_hand = asyncio.create_task(house.searching.candidates(book.id))
    await indexer.until_asked()
    with pytest.raises(SearchInProgress):
        await house.searching.grab_best(book.id)
    assert await status(house, book.id) is BookStatus.WANTED
    indexer.gate.set()
    await by_hand


async def test_the_book_is_wanted_again_when_the_search_is_cancelled() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    indexer.gate.clear()
    search = asyncio.create_task(house.searching.grab_best(book.id))
    await indexer.until_asked()
    search.cancel()
    with pytest.raises(asyncio.CancelledError):
        await search
    assert await status(house, book.id) is BookStatus.WANTED


async def test_the_book_is_wanted_again_when_the_search_takes_too_long() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    indexer.gate.clear()
    with pytest.raises(SearchTimedOut):
        await house.searching_within(0.0).grab_best(book.id)
    assert await status(house, book.id) is BookStatus.WANTED


async def test_the_book_is_wanted_again_when_there_is_nothing_to_search_for() -> None:
    house = House()
    book = await house.shelve("...", author="")
    with pytest.raises(EmptyQuery):
        await house.searching.grab_best(book.id)
    assert await status(house, book.id) is BookStatus.WANTED


async def test_the_book_is_wanted_again_when_the_grab_fails() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    indexer.always = [offer()]
    with pytest.raises(NoDownloadClient):
        await house.searching.grab_best(book.id)
    assert await status(house, book.id) is BookStatus.WANTED


async def test_the_book_is_wanted_again_when_every_indexer_is_in_trouble() -> None:
    house = House()
    indexer, book = await house.indexer(), await house.shelve()
    indexer.trouble = AWAY
    assert await house.searching.grab_best(book.id) is None
    assert await status(house, book.id) is BookStatus.WANTED


@pytest.mark.parametrize("before", [BookStatus.IMPORTED, BookStatus.MISSING, BookStatus.FAILED])
async def test_a_fruitless_search_for_a_book_that_is_not_wanted_leaves_its_state(before: BookStatus) -> None:
    house = House()
    await house.indexer()
    book = await house.shelve(status=before)
    assert await house.searching.grab_best(book.id) is None
    assert await status(house, book.id) is before


async def test_a_book_that_is_being_downloaded_is_not_grabbed_twice() -> None:
    house = House()
    indexer, client = await house.indexer(), await house.client()
    book = await house.shelve(status=BookStatus.DOWNLOADING)
    await house.put(a_download(book, reference="r"))
    indexer.always = [offer()]
    with pytest.raises(ActiveDownloadExists):
        await house.searching.grab_best(book.id)
    assert (client.added, await status(house, book.id)) == ([], BookStatus.DOWNLOADING)


async def test_an_unknown_book_is_told_as_such() -> None:
    with pytest.raises(NotFound):
        await House().searching.grab_best(BookId("bk_nobody"))


async def test_every_wanted_book_is_searched_for_and_no_other() -> None:
    house = House()
    indexer, client = await house.indexer(), await house.client()
    for title in ("One", "Two"):
        await house.shelve(title)
        indexer.offers[f"{title} An Author"] = [offer(f"An Author - {title}")]
    await house.shelve("Three", status=BookStatus.IMPORTED)
    await house.searching.grab_wanted()
    assert sorted(indexer.asked) == ["One An Author", "Two An Author"]
    assert len(client.added) == 2


async def test_one_book_that_cannot_be_searched_does_not_stop_the_others() -> None:
    house = House()
    indexer, client = await house.indexer(), await house.client()
    await house.shelve("...", author="")
    indexer.offers["Two An Author"] = [offer("An Author - Two")]
    await house.shelve("Two")
    await house.searching.grab_wanted()
    assert len(client.added) == 1


async def test_a_client_in_trouble_leaves_all_books_wanted() -> None:
    house = House()
    indexer, client = await house.indexer(), await house.client()
    indexer.always, client.trouble = [offer()], AWAY
    books = [await house.shelve("One"), await house.shelve("Two")]
    await house.searching.grab_wanted()
    assert [await status(house, book.id) for book in books] == [BookStatus.WANTED] * 2


async def test_scheduled_searches_can_be_switched_off() -> None:
    house = House()
    indexer = await house.indexer()
    await house.shelve()
    await house.change(search={"enabled": False})
    await house.searching.grab_wanted()
    assert indexer.asked == []
