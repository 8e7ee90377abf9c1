"""Finding audiobooks and putting them on the wanted list."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from earshelf.domain.books import Book, BookStatus
from earshelf.domain.errors import (
    AsinNotResolved,
    BookExists,
    EarshelfError,
    EditionRejected,
    IntegrationKind,
    Invalid,
    InvalidRecord,
    RateLimited,
    Unreachable,
)
from earshelf.domain.events import BookAdded
from earshelf.domain.import_errors import UnsafeSource
from earshelf.domain.metadata import MetadataRecord, PersonName, Region, SeriesMention
from tests.unit.house import House, write

AWAY = Unreachable(IntegrationKind.PROVIDER, "Audible", "connection refused")
THROTTLED = RateLimited(IntegrationKind.PROVIDER, "Audible", 60)


def record(title: str = "A Book", asin: str | None = "B1", **values: Any) -> MetadataRecord:
    return MetadataRecord(title, asin, **{"authors": (PersonName("An Author", "A1"),), **values})


async def books(house: House) -> list[Book]:
    async with house.storage.unit() as unit:
        return await unit.books.with_status(BookStatus.WANTED, 100)


async def test_a_search_asks_the_owners_region() -> None:
    house = House()
    await house.change(metadata={"region": "de"})
    await house.cataloguing.search("a book")
    assert house.catalogue.asked == [("a book", Region.DE)]


async def test_a_search_leaves_out_what_the_owner_does_not_want() -> None:
    house = House()
    wanted = record("A Book", runtime_minutes=600, language="english")
    house.catalogue.hits = [
        record("Abridged Tales"),
        record("Ein Buch", language="german"),
        record("Too short", runtime_minutes=5),
        record("A Podcast", delivery_type="PodcastParent"),
        wanted,
    ]
    assert [hit.record for hit in await house.cataloguing.search("a book")] == [wanted]


@pytest.mark.parametrize("language", ["German", "de", "deutsch"])
async def test_the_owners_language_may_be_spelled_in_any_way(language: str) -> None:
    house = House()
    await house.change(metadata={"languages": [language]})
    house.catalogue.hits = [record("A Book", language="english"), record("Ein Buch", language="german")]
    assert [hit.record.title for hit in await house.cataloguing.search("buch")] == ["Ein Buch"]


async def test_a_hit_that_the_library_has_is_marked_with_the_book() -> None:
    house = House()
    owned = await house.shelve(asin="B1", status=BookStatus.IMPORTED)
    house.catalogue.hits = [record(asin=" b1 "), record("Another", asin="B2"), record("No ASIN", asin=None)]
    marks = [hit.owned for hit in await house.cataloguing.search("a book")]
    assert marks[1:] == [None, None]
    assert marks[0] is not None
    assert (marks[0].id, marks[0].status) == (owned.id, BookStatus.IMPORTED)


@pytest.mark.parametrize("trouble", [AWAY, THROTTLED])
async def test_a_provider_in_trouble_is_not_told_as_no_match(trouble: EarshelfError) -> None:
    house = House()
    house.catalogue.trouble = trouble
    with pytest.raises(type(trouble)):
        await house.cataloguing.search("a book")


async def test_an_added_book_is_wanted_and_has_what_the_provider_knows() -> None:
    house = House()
    house.catalogue.products["B1"] = record(
        narrators=(PersonName("A Narrator"),), series=(SeriesMention("A Series", 2.5),), runtime_minutes=600
    )
    added = await house.cataloguing.add_by_asin(" b1 ")
    book = await house.book(added.id)
    assert (book.title, book.asin, book.status, book.runtime_minutes) == ("A Book", "B1", BookStatus.WANTED, 600)
    assert [(author.name, author.asin) for author in book.authors] == [("An Author", "A1")]
    assert [narrator.name for narrator in book.narrators] == ["A Narrator"]
    assert book.series is not None
    assert (book.series.series.name, book.series.position) == ("A Series", 2.5)


async def test_an_added_book_is_announced_once() -> None:
    house = House()
    house.catalogue.products["B1"] = record()
    book = await house.cataloguing.add_by_asin("B1")
    assert [one.event for one in house.database.tables.committed.log] == [BookAdded(book.id)]


async def test_a_product_without_an_asin_of_its_own_keeps_the_one_that_was_asked_for() -> None:
    house = House()
    house.catalogue.products["B1"] = record(asin=None)
    assert (await house.cataloguing.add_by_asin("b1")).asin == "B1"


@pytest.mark.parametrize("asked", ["B1", "b1", "  B1  "])
async def test_an_owned_asin_is_refused_in_any_spelling_before_the_provider_is_asked(asked: str) -> None:
    house = House()
    house.catalogue.trouble = AWAY
    owned = await house.shelve(asin="B1")
    with pytest.raises(BookExists) as refusal:
        await house.cataloguing.add_by_asin(asked)
    assert refusal.value.existing_id == owned.id
    assert house.catalogue.asked == []


async def test_a_redirect_to_an_owned_asin_is_refused_too() -> None:
    house = House()
    owned = await house.shelve(asin="B1")
    house.catalogue.products["B2"] = record(asin="B1")
    with pytest.raises(BookExists) as refusal:
        await house.cataloguing.add_by_asin("B2")
    assert refusal.value.existing_id == owned.id
    assert len(await books(house)) == 1


async def test_of_two_who_add_the_same_product_at_once_one_is_told_of_the_others_book() -> None:
    house = House()
    house.catalogue.products["B1"] = record()
    house.catalogue.gate.clear()
    both = [asyncio.create_task(house.cataloguing.add_by_asin("B1")) for _ in range(2)]
    await house.catalogue.until_asked(2)
    house.catalogue.gate.set()
    results = await asyncio.gather(*both, return_exceptions=True)
    (book,) = await books(house)
    assert [one.existing_id for one in results if isinstance(one, BookExists)] == [book.id]


async def test_an_edition_with_a_reject_word_is_refused_and_not_added() -> None:
    house = House()
    house.catalogue.products["B1"] = record(format_type="abridged")
    with pytest.raises(EditionRejected) as refusal:
        await house.cataloguing.add_by_asin("B1")
    assert refusal.value.word == "Abridged"
    assert await books(house) == []


async def test_a_reject_word_that_only_the_enrichment_knows_counts_too() -> None:
    house = House()
    await house.change(quality={"reject_words": ["Robot"]})
    house.catalogue.products["B1"] = record()
    house.enrichment.records["B1"] = record(narrators=(PersonName("Robot Voice"),))
    with pytest.raises(EditionRejected):
        await house.cataloguing.add_by_asin("B1")


@pytest.mark.parametrize("trouble", [AWAY, THROTTLED, InvalidRecord("B1")])
async def test_trouble_of_the_catalogue_travels_and_nothing_is_added(trouble: EarshelfError) -> None:
    house = House()
    house.catalogue.trouble = trouble
    with pytest.raises(type(trouble)):
        await house.cataloguing.add_by_asin("B1")
    assert await books(house) == []


async def test_an_unknown_asin_is_told_as_such() -> None:
    with pytest.raises(AsinNotResolved):
        await House().cataloguing.add_by_asin("B1")


@pytest.mark.parametrize("trouble", [AWAY, THROTTLED])
async def test_a_book_is_added_without_its_enrichment_when_that_is_in_trouble(trouble: EarshelfError) -> None:
    house = House()
    house.catalogue.products["B1"] = record()
    house.enrichment.trouble = trouble
    assert (await house.cataloguing.add_by_asin("B1")).title == "A Book"


async def test_the_enrichment_fills_gaps() -> None:
    house = House()
    house.catalogue.products["B1"] = record()
    house.enrichment.records["B1"] = record(isbn="978")
    assert (await house.cataloguing.add_by_asin("B1")).isbn == "978"


async def test_books_share_their_people_however_they_are_spelled() -> None:
    house = House()
    spellings = {"B1": "J. R. R. Tolkien", "B2": "JRR TOLKIEN"}
    for asin, name in spellings.items():
        people = (PersonName(name),)
        house.catalogue.products[asin] = record(
            asin, asin, authors=people, narrators=people, series=(SeriesMention(name),)
        )
    one, other = [await house.cataloguing.add_by_asin(asin) for asin in spellings]
    assert (one.authors, one.narrators) == (other.authors, other.narrators)
    assert one.series == other.series
    assert one.authors[0].name == "J. R. R. Tolkien"


async def test_a_person_who_is_credited_twice_is_one_person() -> None:
    house = House()
    house.catalogue.products["B1"] = record(authors=(PersonName("Ann Leckie"), PersonName("ann  leckie")))
    assert len((await house.cataloguing.add_by_asin("B1")).authors) == 1


async def test_adopting_a_folder_of_an_unknown_book_adds_the_book(tmp_path: Path) -> None:
    house = House()
    await house.change(library={"path": str(tmp_path)})
    write(tmp_path / "A" / "T", "1.mp3")
    house.catalogue.products["B1"] = record()
    await house.cataloguing.adopt(str(tmp_path / "A" / "T"), asin="b1")
    async with house.storage.unit() as unit:
        book = await unit.books.with_asin("B1")
    assert book is not None
    assert (book.status, book.folder) == (BookStatus.IMPORTED, str(tmp_path / "A" / "T"))


async def test_adopting_a_folder_for_a_known_book_does_not_ask_the_provider(tmp_path: Path) -> None:
    house = House()
    await house.change(library={"path": str(tmp_path)})
    write(tmp_path / "A", "1.mp3")
    book = await house.shelve(asin="B1")
    await house.cataloguing.adopt(str(tmp_path / "A"), asin="b1")
    assert (await house.book(book.id)).status is BookStatus.IMPORTED
    assert house.catalogue.asked == []


async def test_adopting_a_folder_takes_a_record_for_the_book(tmp_path: Path) -> None:
    house = House()
    await house.change(library={"path": str(tmp_path)})
    write(tmp_path / "A", "1.mp3")
    await house.cataloguing.adopt(str(tmp_path / "A"), record=record("By hand", asin=None))
    assert [book.title for book in house.database.tables.committed.books.values()] == ["By hand"]


async def test_a_folder_that_cannot_be_adopted_adds_no_book(tmp_path: Path) -> None:
    house = House()
    await house.change(library={"path": str(tmp_path)})
    house.catalogue.products["B1"] = record()
    with pytest.raises(EarshelfError):
        await house.cataloguing.adopt(str(tmp_path / "nothing"), asin="B1")
    assert await books(house) == []


async def test_adopting_needs_to_know_which_book_it_is(tmp_path: Path) -> None:
    house = House()
    await house.change(library={"path": str(tmp_path)})
    write(tmp_path / "A", "1.mp3")
    with pytest.raises(Invalid) as refusal:
        await house.cataloguing.adopt(str(tmp_path / "A"))
    assert list(refusal.value.fields) == ["asin"]


async def adopted(house: House, folder: Path, title: str = "Owner") -> None:
    await house.cataloguing.adopt(str(write(folder, "1.mp3")), record=record(title, asin=None))


@pytest.mark.parametrize("by_asin", [True, False])
async def test_a_folder_of_another_book_adds_no_book(by_asin: bool, tmp_path: Path) -> None:
    house = House()
    await house.change(library={"path": str(tmp_path)})
    await adopted(house, tmp_path / "A")
    house.catalogue.products["B1"] = record("Phantom")
    which: dict[str, Any] = {"asin": "B1"} if by_asin else {"record": record("Phantom", asin=None)}
    with pytest.raises(UnsafeSource, match="the book 'Owner'"):
        await house.cataloguing.adopt(str(tmp_path / "A"), **which)
    assert await books(house) == []
    assert len(house.imports) == 1


@pytest.mark.parametrize(("owned", "asked"), [("A/T", "A"), ("A", "A/T"), ("A/T", "A/T/CD1"), ("A/T/CD1", "A")])
async def test_a_folder_in_or_around_another_books_is_refused(owned: str, asked: str, tmp_path: Path) -> None:
    house = House()
    await house.change(library={"path": str(tmp_path)})
    await adopted(house, tmp_path / owned)
    write(tmp_path / asked, "2.mp3")
    with pytest.raises(UnsafeSource, match=f"'{tmp_path / owned}' belongs to the book 'Owner'"):
        await house.cataloguing.adopt(str(tmp_path / asked), record=record("Phantom", asin=None))
    assert await books(house) == []


async def test_a_folder_beside_another_books_is_adopted(tmp_path: Path) -> None:
    house = House()
    await house.change(library={"path": str(tmp_path)})
    for name in ("A", "A2", "A.", "B/C"):
        await adopted(house, tmp_path / name, title=name)
    assert len(house.imports) == 4


async def test_a_book_may_move_to_a_folder_in_or_around_its_own(tmp_path: Path) -> None:
    house = House()
    await house.change(library={"path": str(tmp_path)})
    house.catalogue.products["B1"] = record()
    write(tmp_path / "A" / "T", "1.mp3")
    for folder in ("A/T", "A", "A/T"):
        await house.cataloguing.adopt(str(tmp_path / folder), asin="b1")
    async with house.storage.unit() as unit:
        (book,) = await unit.books.with_status(BookStatus.IMPORTED, 10)
    assert book.folder == str(tmp_path / "A" / "T")


@pytest.mark.parametrize("path", ["Away", "Away/book", "Alias", "Alias/T"])
async def test_a_folder_that_is_reached_through_a_link_is_refused(path: str, tmp_path: Path) -> None:
    house, library = House(), tmp_path / "library"
    await house.change(library={"path": str(library)})
    write(library / "Author" / "T", "1.mp3")
    write(tmp_path / "outside" / "book", "1.mp3")
    (library / "Away").symlink_to(tmp_path / "outside")
    (library / "Alias").symlink_to(library / "Author")
    with pytest.raises(UnsafeSource):
        await house.cataloguing.adopt(str(library / path), record=record("Phantom", asin=None))
    assert await books(house) == []


async def test_a_library_that_is_itself_a_link_has_folders_to_adopt(tmp_path: Path) -> None:
    house = House()
    write(tmp_path / "disk" / "A", "1.mp3")
    (tmp_path / "library").symlink_to(tmp_path / "disk")
    await house.change(library={"path": str(tmp_path / "library")})
    await house.cataloguing.adopt(str(tmp_path / "library" / "A"), record=record("By hand", asin=None))
    assert len(house.imports) == 1
