"""What every query adapter must do: owned books, names, downloads, history, and whose changes are seen.

Fixtures: ``storage`` is an empty :class:`~earshelf.ports.storage.Storage` and ``queries`` reads the same rows.
"""

import asyncio

import pytest

from earshelf.domain.books import BookStatus
from earshelf.domain.errors import NotFound
from earshelf.domain.ids import BookId, DownloadId
from earshelf.ports.queries import NameRow, OwnedBook, PersonKind, Queries, Window
from earshelf.ports.storage import Storage

from .makers import NOON, a_book, a_download, a_series, an_author, at, shelve
from .queries import EVERYTHING, listed, titles
from .storage_downloads import put


class IsolationContract:
    """Queries see what was committed, and wait for nobody."""

    async def test_uncommitted_work_is_invisible(self, storage: Storage, queries: Queries) -> None:
        book = a_book("Before")
        await shelve(storage, book)
        async with storage.unit() as unit:
            changed = await unit.books.get(book.id)
            changed.title = "After"
            await unit.books.save(changed)
            await unit.books.add(a_book("New"))
            assert titles(await listed(queries)) == ["Before"]
            await unit.commit(NOON)
            assert sorted(titles(await listed(queries))) == ["After", "New"]

    async def test_a_query_does_not_wait_for_an_open_unit(self, storage: Storage, queries: Queries) -> None:
        async with storage.unit() as unit, asyncio.timeout(5):
            await unit.books.add(a_book())
            pages = await asyncio.gather(*(listed(queries) for _ in range(20)))
        assert {page.total for page in pages} == {0}

    async def test_a_cancelled_query_leaves_the_others_alone(self, storage: Storage, queries: Queries) -> None:
        await shelve(storage, a_book())
        asking = [asyncio.create_task(listed(queries)) for _ in range(20)]
        await asyncio.sleep(0)
        for task in asking[::2]:
            task.cancel()
        answers = await asyncio.gather(*asking, return_exceptions=True)
        assert [titles(answer) for answer in answers[1::2] if not isinstance(answer, BaseException)] == [
            ["Paladin's Grace"]
        ] * 10
        assert (await listed(queries)).total == 1


class OwnedContract:
    """Which of these does the library have?"""

    async def test_owned_asins_are_found_whatever_their_case(self, storage: Storage, queries: Queries) -> None:
        one, two = a_book(asin="b01"), a_book(asin="B02", status=BookStatus.IMPORTED)
        await shelve(storage, one, two, a_book())
        found = await queries.owned(["B01", "b02", " B03 ", "", "b01"])
        assert found == {"B01": OwnedBook(one.id, BookStatus.WANTED), "B02": OwnedBook(two.id, BookStatus.IMPORTED)}

    async def test_nothing_asked_is_nothing_found(self, queries: Queries) -> None:
        assert await queries.owned([]) == {}

    async def test_two_thousand_asins_are_one_question(self, storage: Storage, queries: Queries) -> None:
        await shelve(storage, *(a_book(asin=f"B{number}") for number in (0, 999, 1999)))
        found = await queries.owned([f"B{number}" for number in range(2000)])
        assert sorted(found) == ["B0", "B1999", "B999"]


class NamesContract:
    """Authors, narrators and series."""

    async def test_names_sort_as_spelled_with_ties_by_id(self, storage: Storage, queries: Queries) -> None:
        async with storage.unit() as unit:
            for name in ("anna", "Zoe", "Émile", "Anna B", "Żuk"):
                await unit.people.ensure_author(an_author(name))
            await unit.people.ensure_series(a_series("Series"))
            await unit.commit(NOON)
        page = await queries.names(PersonKind.AUTHOR, EVERYTHING)
        assert ([row["name"] for row in page.rows], page.total) == (["Anna B", "Zoe", "anna", "Émile", "Żuk"], 5)

    async def test_names_come_in_windows(self, storage: Storage, queries: Queries) -> None:
        await shelve(storage, a_book(), narrators="D, B, A, C")
        page = await queries.names(PersonKind.NARRATOR, Window(2, 1))
        assert ([row["name"] for row in page.rows], page.total) == (["B", "C"], 4)
        beyond = await queries.names(PersonKind.NARRATOR, Window(2, 10**20))
        assert (list(beyond.rows), beyond.total) == ([], 4)

    async def test_a_library_without_names_has_empty_lists(self, queries: Queries) -> None:
        for kind in PersonKind:
            page = await queries.names(kind, EVERYTHING)
            assert (list(page.rows), page.total) == ([], 0)

    async def test_a_name_is_found_by_its_own_kind_only(self, storage: Storage, queries: Queries) -> None:
        book = a_book()
        await shelve(storage, book, authors="A", narrators="N", series="S")
        assert book.series is not None
        stored = {
            PersonKind.AUTHOR: NameRow(id=book.authors[0].id, name="A"),
            PersonKind.NARRATOR: NameRow(id=book.narrators[0].id, name="N"),
            PersonKind.SERIES: NameRow(id=book.series.series.id, name="S"),
        }
        for kind, row in stored.items():
            assert await queries.name(kind, row["id"]) == row
            for other in set(PersonKind) - {kind}:
                with pytest.raises(NotFound):
                    await queries.name(other, row["id"])


class DownloadListContract:
    """Downloads as lists show them."""

    async def test_downloads_come_newest_first_with_ties_by_id_descending(
        self, storage: Storage, queries: Queries
    ) -> None:
        twins = sorted([a_download(added_at=at(5)) for _ in range(4)], key=lambda one: one.id, reverse=True)
        old, new = a_download(added_at=at(1)), a_download(added_at=at(9))
        await put(storage, old, *twins[::-1], new)
        page = await queries.downloads(EVERYTHING)
        assert list(page.rows) == [new, *twins, old]
        window = await queries.downloads(Window(2, 1))
        assert (list(window.rows), window.total) == (twins[:2], 6)

    async def test_a_download_is_found_by_its_id(self, storage: Storage, queries: Queries) -> None:
        download = a_download()
        await put(storage, download)
        assert await queries.download(download.id) == download
        with pytest.raises(NotFound):
            await queries.download(DownloadId("dl_nobody"))

    async def test_totals_follow_every_change(self, storage: Storage, queries: Queries) -> None:
        one, two = a_download(), a_download()
        await put(storage, one, two)
        async with storage.unit() as unit:
            await unit.downloads.remove(one.id)
            await unit.downloads.save(two)
            await unit.commit(NOON)
        assert (await queries.downloads(EVERYTHING)).total == 1


class HistoryContract:
    """What happened, newest first."""

    async def test_history_is_newest_first_of_all_or_of_one_book(self, storage: Storage, queries: Queries) -> None:
        one, two = a_book("One"), a_book("Two")
        async with storage.unit() as unit:
            for book in (one, two):
                book.announce_added()
                await unit.books.add(book)
            first = await unit.commit(NOON)
            one.begin_search(NOON)
            await unit.books.save(one)
            second = await unit.commit(at(1))
        everything = await queries.history(EVERYTHING)
        assert list(everything.rows) == [*second, *reversed(first)]
        assert everything.total == 3
        of_one = await queries.history(EVERYTHING, book_id=one.id)
        assert (list(of_one.rows), of_one.total) == ([second[0], first[0]], 2)
        window = await queries.history(Window(1, 1))
        assert (list(window.rows), window.total) == ([first[1]], 3)

    async def test_an_unknown_book_has_no_history(self, queries: Queries) -> None:
        page = await queries.history(EVERYTHING, book_id=BookId("bk_nobody"))
        assert (list(page.rows), page.total) == ([], 0)
