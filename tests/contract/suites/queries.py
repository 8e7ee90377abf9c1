"""What every query adapter must do: lists of books, in every order and filter.

Fixtures: ``storage`` is an empty :class:`~earshelf.ports.storage.Storage` and ``queries`` reads the same rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from earshelf.domain.books import Book, BookFile, BookStatus
from earshelf.domain.errors import NotFound
from earshelf.domain.ids import BookId
from earshelf.ports.queries import (
    SORTED_CHARACTERS,
    BookFilter,
    BookRow,
    BookSort,
    NameRow,
    Page,
    PersonKind,
    Queries,
    Window,
)
from earshelf.ports.storage import Storage

from .makers import NOON, a_book, a_file, at, credit, shelve

EVERYTHING = Window(limit=1000)


async def listed(
    queries: Queries,
    sort: BookSort = BookSort.CREATED_AT,
    *,
    ascending: bool = False,
    window: Window = EVERYTHING,
    only: BookFilter | None = None,
) -> Page[BookRow]:
    """Asks for books, all of them by age unless it is said otherwise."""
    return await queries.books(window, only=only or BookFilter(), sort=sort, ascending=ascending)


def titles(page: Page[BookRow]) -> list[str]:
    """Returns the titles of a page in their order."""
    return [row.title for row in page.rows]


def of_size(size: int, seconds: float | None = 1.0, kind: str = "m4b") -> tuple[BookFile, ...]:
    """Returns the files of a book of one file."""
    return (a_file(size=size, seconds=seconds, format=kind),)


@dataclass(frozen=True)
class Order:
    """Books named ``a``, ``b``, … in ascending order of a sort, and those that lack its value, named ``-``."""

    sort: BookSort
    ascending: Sequence[Book]
    lacking: Sequence[Book] = ()


def _orders() -> list[Order]:
    return [
        Order(BookSort.CREATED_AT, [a_book("a"), a_book("b", created_at=at(0.001)), a_book("c", created_at=at(60))]),
        Order(
            BookSort.TITLE,
            [a_book(title) for title in ("apple", "The Banana", "an Orange", "Zebra", "Ärger")],
        ),
        Order(
            BookSort.SIZE,
            [a_book("a", files=of_size(9)), a_book("b", files=of_size(10)), a_book("c", files=of_size(2**40))],
            [a_book("-")],
        ),
        Order(
            BookSort.QUALITY,
            [
                a_book("a", files=of_size(1000, 100.0)),
                a_book("b", files=of_size(900, None), runtime_minutes=1),
                a_book("c", files=of_size(50, 1.0)),
            ],
            [a_book("-"), a_book("-", files=of_size(5, None)), a_book("-", runtime_minutes=5)],
        ),
        Order(
            BookSort.FORMAT,
            [a_book(kind, files=of_size(1, kind=kind)) for kind in ("flac", "m4b", "mp3")],
            [a_book("-")],
        ),
    ]


class BookOrderContract:
    """Every sort, both ways."""

    @pytest.mark.parametrize("order", _orders(), ids=lambda order: order.sort.value)
    async def test_values_sort_both_ways_and_books_without_one_come_last(
        self, storage: Storage, queries: Queries, order: Order
    ) -> None:
        await shelve(storage, *reversed(order.ascending), *order.lacking)
        last = sorted(book.id for book in order.lacking)
        up = [row.id for row in (await listed(queries, order.sort, ascending=True)).rows]
        down = [row.id for row in (await listed(queries, order.sort, ascending=False)).rows]
        assert up == [book.id for book in order.ascending] + last
        assert down == [book.id for book in reversed(order.ascending)] + last[::-1]

    @pytest.mark.parametrize("sort", list(BookSort))
    @pytest.mark.parametrize("ascending", [True, False])
    async def test_ties_go_by_id_in_the_wished_direction(
        self, storage: Storage, queries: Queries, sort: BookSort, ascending: bool
    ) -> None:
        twins = [a_book("Twin", files=of_size(100)) for _ in range(9)]
        await shelve(storage, *twins[::2], *twins[1::2], authors="A", narrators="N", series="S #1")
        page = await listed(queries, sort, ascending=ascending)
        assert [row.id for row in page.rows] == sorted([twin.id for twin in twins], reverse=not ascending)

    @pytest.mark.parametrize("ascending", [True, False])
    async def test_titles_ignore_case_and_a_leading_article(
        self, storage: Storage, queries: Queries, ascending: bool
    ) -> None:
        order = ["the Ant", "bear", "A Bee", "An Eel", "THE FLY", "Theodora", "Анна", "第三章"]
        await shelve(storage, *(a_book(title) for title in (*order[4:], *order[:4])))
        page = await listed(queries, BookSort.TITLE, ascending=ascending)
        assert titles(page) == (order if ascending else order[::-1])

    @pytest.mark.parametrize(
        ("sort", "role"), [(BookSort.AUTHOR, "authors"), (BookSort.NARRATOR, "narrators")], ids=["author", "narrator"]
    )
    async def test_people_sort_by_the_first_credited_without_case(
        self, storage: Storage, queries: Queries, sort: BookSort, role: str
    ) -> None:
        for names in ("carl, Adam", "Berta", "adam, Zoe", "", "Émile"):
            await shelve(storage, a_book(names), **{role: names})
        assert titles(await listed(queries, sort, ascending=True)) == ["adam, Zoe", "Berta", "carl, Adam", "Émile", ""]
        assert titles(await listed(queries, sort)) == ["Émile", "carl, Adam", "Berta", "adam, Zoe", ""]

    async def test_series_sort_by_name_and_inside_always_by_position(self, storage: Storage, queries: Queries) -> None:
        for place in ("beta #2", "Alpha #10", "alpha", "Alpha #1.5", "Beta #0", "", "beta"):
            await shelve(storage, a_book(place), series=place)
        alpha, beta = ["Alpha #1.5", "Alpha #10", "alpha"], ["Beta #0", "beta #2", "beta"]
        assert titles(await listed(queries, BookSort.SERIES, ascending=True)) == [*alpha, *beta, ""]
        assert titles(await listed(queries, BookSort.SERIES)) == [*beta, *alpha, ""]

    async def test_a_place_in_a_series_that_is_taken_twice_goes_by_id_in_the_wished_direction(
        self, storage: Storage, queries: Queries
    ) -> None:
        twins = sorted([a_book() for _ in range(4)], key=lambda book: book.id)
        await shelve(storage, *twins[2:], *twins[:2], series="S #1")
        await shelve(storage, a_book("later"), series="S #2")
        down = await listed(queries, BookSort.SERIES)
        assert [row.id for row in down.rows][:4] == [twin.id for twin in reversed(twins)]

    @pytest.mark.parametrize("ascending", [True, False])
    async def test_texts_that_differ_late_are_ties_and_are_kept_whole(
        self, storage: Storage, queries: Queries, ascending: bool
    ) -> None:
        start = "".join(chr(0x20000 + 7 * number) for number in range(SORTED_CHARACTERS))
        texts = [start + tail for tail in ("z" * 9000, "y", "y" * 9000, "x")]
        for text in texts:
            await shelve(storage, a_book(text), authors=text, narrators=text, series=text)
        page = await listed(queries, BookSort.TITLE, ascending=ascending)
        assert sorted(titles(page)) == sorted(texts)
        for sort in (BookSort.TITLE, BookSort.AUTHOR, BookSort.NARRATOR, BookSort.SERIES):
            ids = [row.id for row in (await listed(queries, sort, ascending=ascending)).rows]
            assert ids == sorted(ids, reverse=not ascending)
        for text in texts:
            assert titles(await listed(queries, only=BookFilter(author=text, narrator=text, series=text))) == [text]
        names = await queries.names(PersonKind.AUTHOR, EVERYTHING)
        assert [row["id"] for row in names.rows] == sorted(row["id"] for row in names.rows)

    async def test_an_order_follows_what_was_saved_last(self, storage: Storage, queries: Queries) -> None:
        book = a_book("Aardvark")
        await shelve(storage, book, a_book("Middle"), authors="Zoe")
        async with storage.unit() as unit:
            book.title, book.files = "Zebra", of_size(5)
            await credit(unit, book, authors="Abel")
            await unit.books.save(book)
            await unit.commit(NOON)
        assert titles(await listed(queries, BookSort.TITLE, ascending=True)) == ["Middle", "Zebra"]
        assert titles(await listed(queries, BookSort.AUTHOR, ascending=True)) == ["Zebra", "Middle"]
        assert titles(await listed(queries, BookSort.SIZE, ascending=True)) == ["Zebra", "Middle"]


class BookFilterContract:
    """Every filter, alone and together."""

    async def stock(self, storage: Storage) -> None:
        """Puts five books on the shelf, a minute apart."""
        shelf = [
            ("Grace", BookStatus.WANTED, "Ursula Vernon, Ann", "Khaya", "Saint of Steel #1"),
            ("Strength", BookStatus.IMPORTED, "URSULA VERNON", "Joel, Khaya", "saint of steel #2"),
            ("Digger", BookStatus.IMPORTED, "Ursula", "Joel", "Digger"),
            ("Żuk", BookStatus.WANTED, "Łukasz Orbitowski", "Ursula Vernon", ""),
            ("Alone", BookStatus.FAILED, "", "", ""),
        ]
        for minute, (title, status, authors, narrators, series) in enumerate(shelf):
            book = a_book(title, status=status, created_at=at(minute))
            await shelve(storage, book, authors=authors, narrators=narrators, series=series)

    @pytest.mark.parametrize(
        ("only", "expected"),
        [
            (BookFilter(), ["Alone", "Żuk", "Digger", "Strength", "Grace"]),
            (BookFilter(status=BookStatus.IMPORTED), ["Digger", "Strength"]),
            (BookFilter(status=BookStatus.SEARCHING), []),
            (BookFilter(author="ursula vernon"), ["Strength", "Grace"]),
            (BookFilter(author="ANN"), ["Grace"]),
            (BookFilter(author="ŁUKASZ orbitowski"), ["Żuk"]),
            (BookFilter(author="Ursula V"), []),
            (BookFilter(author="%"), []),
            (BookFilter(author="Khaya"), []),
            (BookFilter(author=""), []),
            (BookFilter(narrator="khaya"), ["Strength", "Grace"]),
            (BookFilter(series="Saint Of Steel"), ["Strength", "Grace"]),
            (BookFilter(series="Digger", author="Ursula"), ["Digger"]),
            (BookFilter(series="Digger", author="Ann"), []),
            (BookFilter(status=BookStatus.WANTED, author="Ursula Vernon"), ["Grace"]),
            (BookFilter(BookStatus.IMPORTED, "Ursula Vernon", "Saint of Steel", "Joel"), ["Strength"]),
        ],
    )
    async def test_a_filter_admits_exactly_the_books_it_names(
        self, storage: Storage, queries: Queries, only: BookFilter, expected: list[str]
    ) -> None:
        await self.stock(storage)
        page = await listed(queries, only=only)
        assert (titles(page), page.total) == (expected, len(expected))

    @pytest.mark.parametrize("sort", list(BookSort))
    @pytest.mark.parametrize("ascending", [True, False])
    async def test_a_filtered_list_keeps_the_order_of_the_whole(
        self, storage: Storage, queries: Queries, sort: BookSort, ascending: bool
    ) -> None:
        await self.stock(storage)
        whole = titles(await listed(queries, sort, ascending=ascending))
        filters = [
            BookFilter(status=BookStatus.IMPORTED),
            BookFilter(author="Ursula Vernon"),
            BookFilter(series="Digger"),
        ]
        for only in filters:
            some = titles(await listed(queries, sort, ascending=ascending, only=only))
            assert some == [title for title in whole if title in some]

    async def test_totals_follow_every_change(self, storage: Storage, queries: Queries) -> None:
        book, other = a_book(), a_book("Other")
        await shelve(storage, book, other, authors="A, B", narrators="N", series="S")
        async with storage.unit() as unit:
            book.begin_search(NOON)
            await credit(unit, book, authors="B, B", series="S")
            await unit.books.save(book)
            await unit.books.remove(other.id)
            await unit.commit(NOON)
        filters = [
            BookFilter(),
            BookFilter(status=BookStatus.WANTED),
            BookFilter(status=BookStatus.SEARCHING),
            BookFilter(author="A"),
            BookFilter(author="B"),
            BookFilter(narrator="N"),
            BookFilter(series="S"),
        ]
        assert [(await listed(queries, only=only)).total for only in filters] == [1, 0, 1, 0, 1, 0, 1]

    async def test_an_undone_change_does_not_count(self, storage: Storage, queries: Queries) -> None:
        await shelve(storage, a_book(), authors="A")
        async with storage.unit() as unit:
            await unit.books.add(await credit(unit, a_book(), authors="A"))
        assert (await listed(queries)).total == (await listed(queries, only=BookFilter(author="A"))).total == 1


class BookRowContract:
    """What a list shows of a book, and how much of the list."""

    async def test_a_row_shows_people_in_their_order_and_the_place_in_the_series(
        self, storage: Storage, queries: Queries
    ) -> None:
        book = a_book("Żuk “1”", status=BookStatus.MISSING)
        await shelve(storage, book, authors="Zoe, Adam", narrators="B", series="Series, Inc. #2.5")
        expected = BookRow(
            id=book.id,
            title="Żuk “1”",
            authors=[NameRow(id=author.id, name=author.name) for author in book.authors],
            narrators=[NameRow(id=narrator.id, name=narrator.name) for narrator in book.narrators],
            series_name="Series, Inc.",
            series_position=2.5,
            status=BookStatus.MISSING,
        )
        assert [author["name"] for author in expected.authors] == ["Zoe", "Adam"]
        assert await queries.book(book.id) == expected
        assert list((await listed(queries)).rows) == [expected]

    async def test_a_bare_row_has_no_people_and_no_series(self, storage: Storage, queries: Queries) -> None:
        book = a_book()
        await shelve(storage, book)
        row = await queries.book(book.id)
        assert (list(row.authors), list(row.narrators), row.series_name, row.series_position) == ([], [], None, None)

    async def test_a_series_without_a_number_has_no_position(self, storage: Storage, queries: Queries) -> None:
        book = a_book()
        await shelve(storage, book, series="Steel")
        row = await queries.book(book.id)
        assert (row.series_name, row.series_position) == ("Steel", None)

    async def test_an_unknown_book_is_not_found(self, queries: Queries) -> None:
        with pytest.raises(NotFound):
            await queries.book(BookId("bk_nobody"))

    async def test_an_empty_library_is_an_empty_page(self, queries: Queries) -> None:
        page = await listed(queries)
        assert (list(page.rows), page.total) == ([], 0)

    @pytest.mark.parametrize("sort", list(BookSort))
    async def test_windows_laid_side_by_side_are_the_whole_list(
        self, storage: Storage, queries: Queries, sort: BookSort
    ) -> None:
        await shelve(storage, *(a_book(f"Book {number % 4}", files=of_size(number % 3 + 1)) for number in range(12)))
        await shelve(storage, *(a_book(f"Bare {number % 2}") for number in range(5)))
        await shelve(storage, *(a_book(f"Credited {number}") for number in range(6)), authors="A", series="S #1")
        whole = [row.id for row in (await listed(queries, sort)).rows]
        pages = [await listed(queries, sort, window=Window(5, offset)) for offset in range(0, 25, 5)]
        assert [row.id for page in pages for row in page.rows] == whole
        assert {page.total for page in pages} == {23}
        assert len(set(whole)) == 23

    @pytest.mark.parametrize("only", [BookFilter(), BookFilter(author="A"), BookFilter(status=BookStatus.WANTED)])
    async def test_a_window_beyond_the_end_is_empty_and_still_knows_the_total(
        self, storage: Storage, queries: Queries, only: BookFilter
    ) -> None:
        await shelve(storage, a_book("One"), a_book("Two"), authors="A")
        for offset in (2, 10_000, 2**63, 10**30):
            page = await listed(queries, window=Window(1, offset), only=only)
            assert (list(page.rows), page.total) == ([], 2)
        assert len((await listed(queries, window=Window(10**30, 1), only=only)).rows) == 1
        assert len((await listed(queries, window=Window(0, 0), only=only)).rows) == 0
