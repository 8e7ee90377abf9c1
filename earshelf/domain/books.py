"""The book: what it is, and the way from wish to shelf."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from earshelf.domain.errors import InvalidTransition
from earshelf.domain.events import (
    BookAdded,
    BookFilesChanged,
    BookImported,
    BookStatusChanged,
    ChangeReason,
    Event,
)
from earshelf.domain.filing import without_article
from earshelf.domain.ids import AuthorId, BookId, ImportId, NarratorId, SeriesId


class BookStatus(StrEnum):
    """Where a book stands; the seven values are part of the public contract."""

    WANTED = "wanted"
    SEARCHING = "searching"
    DOWNLOADING = "downloading"
    IMPORTING = "importing"
    IMPORTED = "imported"
    MISSING = "missing"
    FAILED = "failed"


_S = BookStatus
TRANSITIONS: Mapping[BookStatus, frozenset[BookStatus]] = {
    _S.WANTED: frozenset({_S.SEARCHING, _S.DOWNLOADING, _S.IMPORTING, _S.IMPORTED}),
    _S.SEARCHING: frozenset({_S.WANTED, _S.DOWNLOADING}),
    _S.DOWNLOADING: frozenset({_S.WANTED, _S.IMPORTING, _S.MISSING, _S.FAILED, _S.IMPORTED}),
    _S.IMPORTING: frozenset({_S.IMPORTED, _S.DOWNLOADING, _S.WANTED, _S.FAILED}),
    _S.IMPORTED: frozenset({_S.MISSING, _S.IMPORTING, _S.WANTED}),
    _S.MISSING: frozenset({_S.IMPORTED, _S.WANTED, _S.DOWNLOADING}),
    _S.FAILED: frozenset({_S.WANTED, _S.DOWNLOADING, _S.IMPORTING}),
}


@dataclass(frozen=True, slots=True)
class Author:
    """A writer, shared by all books whose credit spells to the same ``person_key``."""

    id: AuthorId
    name: str
    asin: str | None = None


@dataclass(frozen=True, slots=True)
class Narrator:
    """A reader, shared like an author."""

    id: NarratorId
    name: str


@dataclass(frozen=True, slots=True)
class Series:
    """A series of the library, shared like an author."""

    id: SeriesId
    name: str


@dataclass(frozen=True, slots=True)
class SeriesEntry:
    """A book's place in a series; the position may be fractional or unknown."""

    series: Series
    position: float | None = None


@dataclass(frozen=True, slots=True)
class BookFile:
    """One audio file of a book.

    ``path`` is relative to the book's folder; ``size`` is in bytes; ``seconds`` is None where the file could not be
    read; ``format`` is the lower-case file type such as ``m4b``.
    """

    path: str
    size: int
    seconds: float | None
    format: str


@dataclass(slots=True)
class Book:
    """One wanted or owned audiobook.

    ``folder`` is the absolute folder of the files, None while there are none. ``version`` counts the stored writes and
    belongs to storage. Times are aware UTC.
    """

    id: BookId
    title: str
    created_at: datetime
    updated_at: datetime
    status: BookStatus = BookStatus.WANTED
    asin: str | None = None
    subtitle: str | None = None
    description: str | None = None
    publisher: str | None = None
    published_date: str | None = None
    language: str | None = None
    cover_url: str | None = None
    isbn: str | None = None
    runtime_minutes: int | None = None
    genres: tuple[str, ...] = ()
    authors: tuple[Author, ...] = ()
    narrators: tuple[Narrator, ...] = ()
    series: SeriesEntry | None = None
    folder: str | None = None
    files: tuple[BookFile, ...] = ()
    version: int = 0
    _events: list[Event] = field(default_factory=list, repr=False, compare=False)

    @property
    def size(self) -> int | None:
        """Bytes of all files, None while there are none."""
        return sum(file.size for file in self.files) if self.files else None

    @property
    def seconds(self) -> float | None:
        """Playing time of the files, else the provider's, else None."""
        scanned = sum(file.seconds or 0.0 for file in self.files)
        return scanned or (self.runtime_minutes * 60.0 if self.runtime_minutes else None)

    def announce_added(self) -> None:
        """Records that the book is new in the library."""
        self._events.append(BookAdded(self.id))

    def begin_search(self, now: datetime) -> None:
        """Marks that an automatic search looks for a release."""
        self._move(BookStatus.SEARCHING, now)

    def end_search(self, now: datetime) -> None:
        """Returns a searched book to the wanted list; any other book stays as it is."""
        if self.status is BookStatus.SEARCHING:
            self._move(BookStatus.WANTED, now)

    @property
    def status_before_grab(self) -> BookStatus:
        """What a failed grab leads back to; a running search counts as the wish that it serves."""
        return BookStatus.WANTED if self.status is BookStatus.SEARCHING else self.status

    def begin_download(self, now: datetime) -> None:
        """Marks that a client fetches a release; a book on the shelf stays there until its replacement arrives."""
        if self.status is not BookStatus.IMPORTED:
            self._move(BookStatus.DOWNLOADING, now)

    def begin_import(self, now: datetime) -> None:
        """Marks that finished files are on their way into the library."""
        self._move(BookStatus.IMPORTING, now)

    def hold_import(self, now: datetime) -> None:
        """Takes an import back until a person has looked at the download."""
        if self.status is BookStatus.IMPORTING:
            self._move(BookStatus.IMPORTED if self.files else BookStatus.DOWNLOADING, now)

    def mark_imported(
        self,
        folder: str,
        files: Sequence[BookFile],
        *,
        import_id: ImportId,
        now: datetime,
        reason: ChangeReason = ChangeReason.IMPORT,
    ) -> None:
        """Records where the files lie and tells the media servers' side."""
        self._move(BookStatus.IMPORTED, now)
        self.updated_at = now
        self.folder = folder
        self.files = tuple(files)
        self._events.append(BookImported(self.id, import_id))
        self._events.append(BookFilesChanged(self.id, reason))

    def revert(self, status: BookStatus, now: datetime) -> None:
        """Puts the book back to what it was before a grab that came to nothing.

        A book that found its way onto the shelf meanwhile stays there.
        """
        if self.status is BookStatus.IMPORTED:
            return
        if self.status is BookStatus.IMPORTING and status is BookStatus.MISSING:
            self._move(BookStatus.DOWNLOADING, now)
        self._move(status, now)

    def _move(self, wished: BookStatus, now: datetime) -> None:
        if wished is self.status:
            return
        if wished not in TRANSITIONS[self.status]:
            raise InvalidTransition(self.id, self.status, wished)
        self._events.append(BookStatusChanged(self.id, self.status, wished))
        self.status = wished
        self.updated_at = now

    def drain_events(self) -> list[Event]:
        """Hands over what happened since the last time, oldest first."""
        events, self._events = self._events, []
        return events


def person_key(name: str) -> str:
    """Folds a name so that two spellings of one person meet: case, accents, blanks and punctuation do not count.

    Letters of every script survive; a name of punctuation alone is its own key.
    """
    folded = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(char for char in folded if char.isalnum() or _makes_another_letter(char))
    return letters or name.strip().casefold()


def _makes_another_letter(char: str) -> bool:
    """Vowel signs, voicing marks and tones of Asian scripts are no accents; Hebrew and Arabic points are."""
    weight = unicodedata.combining(char)
    return unicodedata.category(char) in {"Mn", "Mc"} and (weight < 10 or 35 < weight < 200)


def title_sort_key(title: str) -> str:
    """Spells a title as a shelf orders it: case folded, without a leading article."""
    return without_article(title).casefold()
