"""Books, credits and names as rows."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from earshelf.adapters.rows.values import Row, bounded, cut, dumped, moment
from earshelf.domain.books import (
    Author,
    Book,
    BookFile,
    BookStatus,
    Narrator,
    Series,
    SeriesEntry,
    person_key,
    title_sort_key,
)
from earshelf.domain.metadata import canonical_asin
from earshelf.ports.queries import BookRow, NameRow, PersonKind

PersonT = TypeVar("PersonT", Author, Narrator)

UNKNOWN_PLACE = math.inf

LIST_COLUMNS = ("id", "title", "status", "series_position", "shown")


def asin_key(asin: str | None) -> str | None:
    """Spells an ASIN as it is compared; a blank one is none."""
    return canonical_asin(asin or "") or None


def name_key(name: str) -> str:
    """Spells a name as filters compare it."""
    return bounded(name.casefold())


def name_row(kind: PersonKind, identifier: str, name: str, asin: str | None = None) -> dict[str, Any]:
    """Spells an author, narrator or series as a row of ``names``."""
    return {
        "id": identifier,
        "kind": kind.value,
        "name": name,
        "sort_name": cut(name),
        "name_key": name_key(name),
        "person_key": bounded(person_key(name)),
        "asin": asin,
    }


def span_within(folder: str) -> tuple[str, str]:
    """The bounds, both left out, between which everything below a folder sorts by its bytes."""
    stem = folder.rstrip("/")
    return f"{stem}/", f"{stem}0"  # the digit follows the slash


def book_row(book: Book, version: int) -> dict[str, Any]:
    """Spells a book as a row of ``books``, with the keys that lists are ordered by."""
    return {
        "id": book.id,
        "title": book.title,
        "status": book.status.value,
        "series_position": book.series.position if book.series else None,
        "shown": _shown(book),
        **_sort_keys(book),
        "created_at": book.created_at,
        "updated_at": book.updated_at,
        "version": version,
        "asin": book.asin,
        "asin_key": asin_key(book.asin),
        "subtitle": book.subtitle,
        "publisher": book.publisher,
        "published_date": book.published_date,
        "language": book.language,
        "cover_url": book.cover_url,
        "isbn": book.isbn,
        "runtime_minutes": book.runtime_minutes,
        "folder": book.folder,
        "genres": dumped(book.genres),
        "description": book.description,
        "files": dumped([[file.path, file.size, file.seconds, file.format] for file in book.files]),
    }


def _sort_keys(book: Book) -> dict[str, Any]:
    """The keys that lists are ordered by; None sorts last in both directions."""
    position = book.series.position if book.series else None
    return {
        "title_key": cut(title_sort_key(book.title)),
        "author_key": _place_of(book.authors[0].name) if book.authors else None,
        "narrator_key": _place_of(book.narrators[0].name) if book.narrators else None,
        "series_key": _place_of(book.series.series.name) if book.series else None,
        "series_rank": UNKNOWN_PLACE if position is None else position,
        "quality": book.size / book.seconds if book.size and book.seconds else None,
        "size": book.size,
        "format": cut(book.files[0].format) if book.files else None,
    }


def _place_of(name: str) -> str:
    return cut(name.casefold())


def _shown(book: Book) -> str:
    """What a list shows of a book's people, so that a page of books is one look-up; names never change."""
    authors = [NameRow(id=author.id, name=author.name) for author in distinct(book.authors)]
    narrators = [NameRow(id=narrator.id, name=narrator.name) for narrator in distinct(book.narrators)]
    series = book.series.series.name if book.series else None
    return dumped({"authors": authors, "narrators": narrators, "series": series})


def distinct(names: Iterable[PersonT]) -> list[PersonT]:
    """Drops whoever is credited a second time."""
    return list({name.id: name for name in names}.values())


def credit_rows(book: Book) -> list[dict[str, Any]]:
    """Spells who is credited as rows of ``credits``; they repeat the book's age, which lists of one name go by."""
    credited: list[tuple[PersonKind, int, str]]
    credited = [(PersonKind.AUTHOR, place, name.id) for place, name in enumerate(distinct(book.authors))]
    credited += [(PersonKind.NARRATOR, place, name.id) for place, name in enumerate(distinct(book.narrators))]
    credited += [(PersonKind.SERIES, 0, book.series.series.id)] if book.series else []
    return [
        {
            "book_id": book.id,
            "kind": kind.value,
            "place": place,
            "name_id": name_id,
            "created_at": book.created_at,
        }
        for kind, place, name_id in credited
    ]


def book_from(row: Row, credited: Sequence[Row]) -> Book:
    """Reads a book; ``credited`` are its credits with ``name`` and ``asin`` of the credited, by place."""
    people: dict[str, list[Row]] = {kind.value: [] for kind in PersonKind}
    for credit in credited:
        people[credit["kind"]].append(credit)
    return Book(
        id=row["id"],
        title=row["title"],
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        status=BookStatus(row["status"]),
        asin=row["asin"],
        subtitle=row["subtitle"],
        description=row["description"],
        publisher=row["publisher"],
        published_date=row["published_date"],
        language=row["language"],
        cover_url=row["cover_url"],
        isbn=row["isbn"],
        runtime_minutes=row["runtime_minutes"],
        genres=tuple(json.loads(row["genres"])),
        authors=tuple(Author(one["name_id"], one["name"], one["asin"]) for one in people[PersonKind.AUTHOR]),
        narrators=tuple(Narrator(one["name_id"], one["name"]) for one in people[PersonKind.NARRATOR]),
        series=_series(people[PersonKind.SERIES], row["series_position"]),
        folder=row["folder"],
        files=tuple(BookFile(*file) for file in json.loads(row["files"])),
        version=row["version"],
    )


def _series(credited: Sequence[Row], position: float | None) -> SeriesEntry | None:
    return SeriesEntry(Series(credited[0]["name_id"], credited[0]["name"]), position) if credited else None


_STATUSES: Mapping[str, BookStatus] = {status.value: status for status in BookStatus}


def listed(rows: Sequence[Row]) -> list[BookRow]:
    """Reads list rows, which hold ``LIST_COLUMNS``."""
    # one document for the whole page: a hundred small ones take longer
    shown = msgspec.json.decode(f"[{','.join([row['shown'] for row in rows])}]")
    return [
        BookRow(
            row["id"],
            row["title"],
            people["authors"],
            people["narrators"],
            people["series"],
            row["series_position"],
            _STATUSES[row["status"]],
        )
        for row, people in zip(rows, shown, strict=True)
    ]
