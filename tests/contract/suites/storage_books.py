"""What every storage must do: books and the names they share.

Fixtures: ``storage`` is an empty :class:`~earshelf.ports.storage.Storage`.
"""

import asyncio
from datetime import datetime

import pytest

from earshelf.domain.books import Book, BookStatus
from earshelf.domain.errors import AlreadyExists, BookExists, NotFound, StaleWrite
from earshelf.domain.events import BookAdded
from earshelf.domain.ids import BookId
from earshelf.ports.storage import Storage

from .makers import (
    NOON,
    a_book,
    a_download,
    a_file,
    a_narrator,
    a_series,
    an_author,
    at,
    credit,
    shelve,
)


async def stored_book(storage: Storage, book: Book) -> Book:
    """Reads a book in a unit of its own."""
    async with storage.unit() as unit:
        return await unit.books.get(book.id)


async def stored_titles(storage: Storage, status: BookStatus = BookStatus.WANTED) -> list[str]:
    """Reads the titles in one status, oldest first."""
    async with storage.unit() as unit:
        return [book.title for book in await unit.books.with_status(status, 1000)]


class BooksContract:
    """Books come back as they went in."""

    async def test_a_whole_book_comes_back_equal(self, storage: Storage) -> None:
        book = a_book(
            "Żółta gęś, 第三章",
            status=BookStatus.IMPORTED,
            asin="B0ABC12345",
            subtitle="A subtitle",
            description="Long " * 500,
            publisher="Argyll",
            published_date="2020-02-11",
            language="english",
            cover_url="https://covers.example/1.jpg",
            isbn="9781614505211",
            runtime_minutes=720,
            genres=("Fantasy", "Романтика"),
            folder="/library/Ursula Vernon/Paladin's Grace",
            files=(a_file("02 – b.mp3", 20, None, "mp3"), a_file("01.mp3", 10, 1.5, "mp3")),
            created_at=datetime.fromisoformat("2026-03-01T13:00:00.123456+01:00"),
        )
        async with storage.unit() as unit:
            await credit(unit, book, authors="Ursula Vernon, T. Kingfisher", narrators="A, B", series="Steel #1.5")
            await unit.books.add(book)
            await unit.commit(NOON)
        stored = await stored_book(storage, book)
        assert stored == book
        assert stored.created_at.utcoffset() is not None

    async def test_a_bare_book_comes_back_equal(self, storage: Storage) -> None:
        book = a_book()
        await shelve(storage, book)
        assert await stored_book(storage, book) == book

    async def test_a_new_book_has_version_one_and_every_save_adds_one(self, storage: Storage) -> None:
        book = a_book()
        await shelve(storage, book)
        assert book.version == 1
        async with storage.unit() as unit:
            await unit.books.save(book)
            await unit.books.save(book)
            await unit.commit(NOON)
        assert book.version == (await stored_book(storage, book)).version == 3

    async def test_an_unknown_book_is_not_found(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            with pytest.raises(NotFound):
                await unit.books.get(BookId("bk_nobody"))

    async def test_an_id_is_given_once(self, storage: Storage) -> None:
        book = a_book()
        await shelve(storage, book)
        async with storage.unit() as unit:
            with pytest.raises(AlreadyExists):
                await unit.books.add(a_book("Impostor", id=book.id))
            assert (await unit.books.get(book.id)).title == book.title

    async def test_what_the_caller_does_to_a_book_afterwards_is_not_stored(self, storage: Storage) -> None:
        book = a_book("Before")
        await shelve(storage, book)
        book.title = "After"
        read = await stored_book(storage, book)
        assert read.title == "Before"
        read.title = "After"
        assert (await stored_book(storage, book)).title == "Before"

    async def test_a_stale_book_is_refused_and_the_unit_stays_usable(self, storage: Storage) -> None:
        book = a_book("First")
        await shelve(storage, book)
        mine, yours = await stored_book(storage, book), await stored_book(storage, book)
        async with storage.unit() as unit:
            mine.title = "Mine"
            await unit.books.save(mine)
            await unit.commit(NOON)
        async with storage.unit() as unit:
            yours.title = "Yours"
            with pytest.raises(StaleWrite):
                await unit.books.save(yours)
            await unit.books.add(a_book("Another"))
            await unit.commit(NOON)
        assert (await stored_book(storage, book)).title == "Mine"
        assert await stored_titles(storage) == ["Mine", "Another"]

    async def test_saving_a_book_that_is_gone_is_not_found(self, storage: Storage) -> None:
        book = a_book()
        await shelve(storage, book)
        async with storage.unit() as unit:
            await unit.books.remove(book.id)
            with pytest.raises(NotFound):
                await unit.books.save(book)

    async def test_saving_replaces_people_series_and_files(self, storage: Storage) -> None:
        book = a_book(files=(a_file("a.m4b"),))
        await shelve(storage, book, authors="A, B", narrators="C", series="S #1")
        async with storage.unit() as unit:
            changed = await unit.books.get(book.id)
            await credit(unit, changed, authors="B, D", narrators="")
            changed.series, changed.files = None, (a_file("b.m4b"), a_file("c.m4b"))
            await unit.books.save(changed)
            await unit.commit(NOON)
        stored = await stored_book(storage, book)
        assert [author.name for author in stored.authors] == ["B", "D"]
        assert (stored.narrators, stored.series) == ((), None)
        assert [file.path for file in stored.files] == ["b.m4b", "c.m4b"]

    async def test_somebody_credited_twice_is_kept_once(self, storage: Storage) -> None:
        book = a_book()
        await shelve(storage, book, authors="A, B, a.", narrators="C, C")
        stored = await stored_book(storage, book)
        assert [author.name for author in stored.authors] == ["A", "B"]
        assert [narrator.name for narrator in stored.narrators] == ["C"]

    async def test_a_book_cannot_credit_somebody_unknown(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            with pytest.raises(NotFound):
                await unit.books.add(a_book(authors=(an_author(),)))
            await unit.books.add(a_book("Anonymous"))
            await unit.commit(NOON)
        assert await stored_titles(storage) == ["Anonymous"]

    async def test_books_in_a_status_come_oldest_first_with_ties_by_id(self, storage: Storage) -> None:
        late, early = a_book("late", created_at=at(2)), a_book("early", created_at=at(1))
        twins = sorted([a_book("twin") for _ in range(5)], key=lambda book: book.id)
        other = a_book("other", status=BookStatus.IMPORTED)
        await shelve(storage, late, *reversed(twins), early, other)
        async with storage.unit() as unit:
            found = await unit.books.with_status(BookStatus.WANTED, 6)
        assert [book.id for book in found] == [*(twin.id for twin in twins), early.id]

    async def test_a_removed_book_is_gone_and_may_be_removed_again(self, storage: Storage) -> None:
        book, other = a_book(asin="B01"), a_book("Other")
        await shelve(storage, book, other, authors="A")
        async with storage.unit() as unit:
            await unit.books.remove(book.id)
            await unit.books.remove(book.id)
            await unit.books.remove(BookId("bk_nobody"))
            await unit.commit(NOON)
        assert await stored_titles(storage) == ["Other"]
        await shelve(storage, a_book("Again", asin="B01", created_at=at(1)))
        assert await stored_titles(storage) == ["Other", "Again"]

    async def test_downloads_and_history_outlive_their_book_without_it(self, storage: Storage) -> None:
        book = a_book()
        book.announce_added()
        await shelve(storage, book)
        download = a_download(book)
        async with storage.unit() as unit:
            await unit.downloads.add(download)
            await unit.commit(NOON)
        async with storage.unit() as unit:
            await unit.books.remove(book.id)
            await unit.commit(NOON)
        async with storage.unit() as unit:
            assert (await unit.downloads.get(download.id)).book_id is None
            (logged,) = await unit.events.undispatched(10)
            assert logged.event == BookAdded(None)
            with pytest.raises(StaleWrite):
                await unit.downloads.save(download)


LONG = "/library/" + "x" * 600


class FoldersContract:
    """No two books should claim the same files."""

    @pytest.mark.parametrize(
        ("folder", "asked"),
        [
            ("/library/A", "/library/A"),
            ("/library/A", "/library/A/T"),
            ("/library/A", "/library/A/T/CD 1"),
            ("/library/A/T", "/library/A"),
            ("/library/A/T/CD 1", "/library/A"),
            ("/library/Żółć/第", "/library/Żółć"),
            ("/library/A/\U0001f600", "/library/A"),
            ("/library/100%_", "/library/100%_/T"),
            ("/library/100%_/T", "/library/100%_"),
            (LONG, LONG),
            (f"{LONG}/T", LONG),
            (LONG, f"{LONG}/T"),
            ("/A", "/"),
        ],
    )
    async def test_a_book_claims_its_folder_and_what_lies_in_and_around_it(
        self, folder: str, asked: str, storage: Storage
    ) -> None:
        book, homeless = a_book("owner", folder=folder), a_book("homeless")
        await shelve(storage, book, homeless)
        async with storage.unit() as unit:
            found = await unit.books.claiming(asked, besides=homeless.id)
            assert found == book
            assert await unit.books.claiming(asked, besides=book.id) is None

    @pytest.mark.parametrize(
        ("folder", "asked"),
        [
            ("/library/A", "/library/B"),
            ("/library/A", "/library/a"),
            ("/library/A", "/library/A2"),
            ("/library/A2", "/library/A"),
            ("/library/A-", "/library/A"),
            ("/library/A.", "/library/A"),
            ("/library/A0", "/library/A"),
            ("/library/AB/T", "/library/A"),
            ("/library/A/T", "/library/A/U"),
            ("/library/100x/T", "/library/100%"),
            (f"{LONG}y", LONG),
            (f"{LONG}/T", f"{LONG}/U"),
        ],
    )
    async def test_a_book_claims_no_folder_beside_its_own(self, folder: str, asked: str, storage: Storage) -> None:
        await shelve(storage, a_book(folder=folder))
        async with storage.unit() as unit:
            assert await unit.books.claiming(asked, besides=BookId("bk_nobody")) is None
            assert await unit.books.count_within(asked) == 0

    async def test_of_several_claims_the_first_by_folder_age_and_id_is_told(self, storage: Storage) -> None:
        twins = sorted([a_book("twin", folder="/library/A/B") for _ in range(3)], key=lambda book: book.id)
        outer, younger = a_book("outer", folder="/library"), a_book("younger", folder="/library/A/B", created_at=at(-1))
        await shelve(storage, *reversed(twins), a_book("late", folder="/library/A/C", created_at=at(-9)))
        async with storage.unit() as unit:
            found = await unit.books.claiming("/library/A", besides=BookId("bk_nobody"))
            assert found == twins[0]
        await shelve(storage, younger, outer)
        async with storage.unit() as unit:
            assert await unit.books.claiming("/library/A", besides=outer.id) == younger
            assert await unit.books.claiming("/library/A", besides=younger.id) == outer

    async def test_the_books_in_a_folder_are_counted_by_whole_segments(self, storage: Storage) -> None:
        folders = ["/library/A", "/library/A/T", "/library/A/T", "/library2/A", "/library", "/", None, f"{LONG}/T"]
        await shelve(storage, *(a_book(folder=folder) for folder in folders))
        asked = ["/library/A", "/library", "/library2", "/library3", LONG, "/"]
        async with storage.unit() as unit:
            assert [await unit.books.count_within(folder) for folder in asked] == [3, 5, 1, 0, 1, 7]

    async def test_a_claim_is_seen_in_the_unit_that_makes_it(self, storage: Storage) -> None:
        book = a_book()
        await shelve(storage, book)
        async with storage.unit() as unit:
            book.folder = "/library/A"
            await unit.books.save(book)
            assert await unit.books.claiming("/library/A/T", besides=BookId("bk_nobody")) == book
            assert await unit.books.count_within("/library") == 1


class AsinContract:
    """No two books have one ASIN."""

    @pytest.mark.parametrize("again", ["B0ABC12345", "b0abc12345", " B0abc12345 "])
    async def test_an_asin_belongs_to_one_book_whatever_its_case(self, storage: Storage, again: str) -> None:
        owner = a_book(asin="B0ABC12345")
        await shelve(storage, owner)
        async with storage.unit() as unit:
            with pytest.raises(BookExists) as refusal:
                await unit.books.add(a_book("Second", asin=again))
            assert refusal.value.existing_id == owner.id
            await unit.books.add(a_book("Third", created_at=at(1)))
            await unit.commit(NOON)
        assert await stored_titles(storage) == [owner.title, "Third"]

    async def test_an_asin_is_found_whatever_its_case(self, storage: Storage) -> None:
        book = a_book(asin="b0abc")
        await shelve(storage, book)
        async with storage.unit() as unit:
            found = await unit.books.with_asin("B0aBc")
            assert found is not None
            assert (found.id, found.asin) == (book.id, "b0abc")
            assert await unit.books.with_asin("B0ABD") is None

    async def test_books_without_an_asin_do_not_exclude_each_other(self, storage: Storage) -> None:
        await shelve(storage, a_book("A"), a_book("B"), a_book("C", asin=""), a_book("D", asin=" "))
        assert len(await stored_titles(storage)) == 4
        async with storage.unit() as unit:
            assert await unit.books.with_asin("") is None

    async def test_a_book_cannot_take_the_asin_of_another(self, storage: Storage) -> None:
        owner, other = a_book(asin="B01"), a_book("Other", asin="B02")
        await shelve(storage, owner, other)
        async with storage.unit() as unit:
            other.asin = "b01"
            with pytest.raises(BookExists) as refusal:
                await unit.books.save(other)
            assert refusal.value.existing_id == owner.id
            other.asin = "b02"
            await unit.books.save(other)
            await unit.commit(NOON)
        assert (await stored_book(storage, other)).asin == "b02"

    async def test_of_twenty_simultaneous_adds_of_one_asin_one_wins(self, storage: Storage) -> None:
        async def add(book: Book) -> str:
            try:
                await shelve(storage, book)
            except BookExists as refusal:
                return refusal.existing_id
            return book.id

        books = [a_book(asin="B0RACE" if number % 2 else "b0race") for number in range(20)]
        answers = await asyncio.gather(*map(add, books))
        assert len(await stored_titles(storage)) == 1
        assert len(set(answers)) == 1


class PeopleContract:
    """Names are shared by everybody who folds to the same key."""

    async def test_spellings_of_one_author_are_one_row_with_the_first_spelling(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            first = await unit.people.ensure_author(an_author("J. R. R. Tolkien"))
            again = await unit.people.ensure_author(an_author("jrr tolkien"))
            other = await unit.people.ensure_author(an_author("Christopher Tolkien"))
        assert again == first
        assert other.id != first.id

    async def test_narrators_and_series_are_shared_likewise(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            narrator = await unit.people.ensure_narrator(a_narrator("Zoë Mills"))
            series = await unit.people.ensure_series(a_series("Дозоры"))
            await unit.commit(NOON)
        async with storage.unit() as unit:
            assert await unit.people.ensure_narrator(a_narrator("zoe MILLS")) == narrator
            assert await unit.people.ensure_series(a_series("ДОЗОРЫ")) == series

    async def test_one_name_may_write_and_read_and_be_a_series(self, storage: Storage) -> None:
        book = a_book()
        await shelve(storage, book, authors="Neil Gaiman", narrators="Neil Gaiman", series="Neil Gaiman")
        stored = await stored_book(storage, book)
        assert stored.series is not None
        assert len({stored.authors[0].id, stored.narrators[0].id, stored.series.series.id}) == 3

    async def test_an_author_without_asin_takes_the_one_that_comes_later(self, storage: Storage) -> None:
        book = a_book()
        await shelve(storage, book, authors="N. K. Jemisin")
        async with storage.unit() as unit:
            assert (await unit.people.ensure_author(an_author("N. K. Jemisin", "B001"))).asin == "B001"
            assert (await unit.people.ensure_author(an_author("N. K. Jemisin", "B002"))).asin == "B001"
            assert (await unit.people.ensure_author(an_author("N. K. Jemisin"))).asin == "B001"
            await unit.commit(NOON)
        assert (await stored_book(storage, book)).authors[0].asin == "B001"

    async def test_twenty_books_credited_at_once_share_one_author(self, storage: Storage) -> None:
        books = [a_book(f"Book {number}") for number in range(20)]
        await asyncio.gather(*(shelve(storage, book, authors="Ann Leckie") for book in books))
        authors = {(await stored_book(storage, book)).authors for book in books}
        assert len(authors) == 1

    async def test_names_outlive_their_books(self, storage: Storage) -> None:
        book = a_book()
        await shelve(storage, book, authors="Mary Robinette")
        async with storage.unit() as unit:
            await unit.books.remove(book.id)
            await unit.commit(NOON)
        async with storage.unit() as unit:
            kept = await unit.people.ensure_author(an_author("Mary Robinette"))
        assert kept.id == book.authors[0].id
