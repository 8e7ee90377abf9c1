"""A library of any size, the same every time, loaded through the storage's own bulk path."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from earshelf.config.container import Container
from earshelf.domain.books import Author, Book, BookFile, BookStatus, Narrator, Series, SeriesEntry
from earshelf.domain.ids import AuthorId, BookId, NarratorId, SeriesId
from earshelf.domain.records import Record

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
# searching is not among them: it is over with the search, and a start would put it back
_STATUSES = (BookStatus.IMPORTED, BookStatus.WANTED, BookStatus.IMPORTED, BookStatus.MISSING, BookStatus.FAILED)
_WORDS = ("Lantern", "Harbour", "Salt", "Winter", "Clock", "Orchard", "Mirror", "River", "Glass", "Signal")
BOOKS_PER_AUTHOR = 20


async def load_library(container: Container, books: int) -> None:
    """Fills the container's empty database."""
    async with container.opened():
        await container.archive().load(_records(books), container.stored.cipher())


async def _records(books: int) -> AsyncIterator[Record]:
    people = max(1, books // BOOKS_PER_AUTHOR)
    authors = [Author(AuthorId(_id("au", number)), f"Author {_words(number)} {number}") for number in range(people)]
    narrators = [
        Narrator(NarratorId(_id("nr", number)), f"Narrator {_words(number)} {number}") for number in range(people)
    ]
    series = [Series(SeriesId(_id("sr", number)), f"The {_words(number)} Cycle {number}") for number in range(people)]
    names: list[Record] = [*authors, *narrators, *series]
    for name in names:
        yield name
    for number in range(books):
        yield _book(number, authors, narrators, series)


def _book(number: int, authors: list[Author], narrators: list[Narrator], series: list[Series]) -> Book:
    # strides that share no factor with the sizes, so that neighbours by age are no neighbours by name
    who = number * 7919 % len(authors)
    status = _STATUSES[number % len(_STATUSES)]
    at = _EPOCH + timedelta(seconds=number)
    is_shelved = status is BookStatus.IMPORTED
    files = tuple(BookFile(f"Part {part}.mp3", 80_000_000 + number, 3600.0 + part, "mp3") for part in range(3))
    return Book(
        id=BookId(_id("bk", number)),
        title=f"The {_words(number * 31)} {_words(number)} of {number}",
        created_at=at,
        updated_at=at,
        status=status,
        asin=f"B{number:09d}",
        description="A composed description. " * 20,
        runtime_minutes=600,
        authors=(authors[who],),
        narrators=(narrators[who], narrators[(who + 1) % len(narrators)]),
        series=SeriesEntry(series[who], float(number % BOOKS_PER_AUTHOR)) if number % 3 else None,
        folder=f"/library/{who}/{number}" if is_shelved else None,
        files=files if is_shelved else (),
        version=1,
    )


def _words(number: int) -> str:
    return f"{_WORDS[number % 10]} {_WORDS[number // 10 % 10]}"


def _id(prefix: str, number: int) -> str:
    return f"{prefix}_{number:022d}"
