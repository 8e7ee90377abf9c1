"""Reading for lists and pages, past the aggregates.

Rows are frozen and hold what is shown, no more. Reads see committed data only and never wait for a writer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple, Protocol, TypedDict, TypeVar

from earshelf.domain.books import BookStatus
from earshelf.domain.downloads import Download
from earshelf.domain.ids import BookId, DownloadId
from earshelf.ports.events import LoggedEvent

RowT = TypeVar("RowT")

SORTED_CHARACTERS = 500
"""How far into a title or a name, in the spelling that it is sorted by, an order looks."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list: at most ``limit`` rows after the first ``offset``."""

    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """Part of a list; ``total`` counts all matching rows, not only these."""

    rows: Sequence[RowT]
    total: int


class PersonKind(StrEnum):
    """The three kinds of names a library collects."""

    AUTHOR = "author"
    NARRATOR = "narrator"
    SERIES = "series"


class NameRow(TypedDict):
    """An author, narrator or series as lists show it.

    A plain dictionary: a page has hundreds of them, and what the database says is answered without another object each.
    """

    id: str
    name: str


class BookRow(NamedTuple):
    """A book as lists show it; people are ordered primary first.

    A tuple, which takes a third of the time that a frozen dataclass does.
    """

    id: BookId
    title: str
    authors: Sequence[NameRow]
    narrators: Sequence[NameRow]
    series_name: str | None
    series_position: float | None
    status: BookStatus


@dataclass(frozen=True, slots=True)
class OwnedBook:
    """What a search shows of a book that is in the library already."""

    id: BookId
    status: BookStatus


class BookSort(StrEnum):
    """What a list of books is ordered by."""

    CREATED_AT = "createdAt"
    TITLE = "title"
    AUTHOR = "author"
    NARRATOR = "narrator"
    SERIES = "series"
    QUALITY = "quality"
    SIZE = "size"
    FORMAT = "format"


@dataclass(frozen=True, slots=True)
class BookFilter:
    """Which books; names match whole and without case, None admits all."""

    status: BookStatus | None = None
    author: str | None = None
    series: str | None = None
    narrator: str | None = None


class Queries(Protocol):
    """Every read of API and pages.

    Every method raises :class:`~earshelf.domain.errors.StorageUnavailable` where the database does not answer.
    """

    async def books(self, window: Window, *, only: BookFilter, sort: BookSort, ascending: bool) -> Page[BookRow]:
        """Returns books in the wished order; those without the sorted value come last in both directions.

        Ties go by id in the wished direction. Titles sort without a leading article, names and titles without case.
        Series sort by name, then by position ascending with unknown positions last. Quality is bytes per second of
        playing time. Texts that are alike for ``SORTED_CHARACTERS`` count as ties.
        """
        ...

    async def book(self, book_id: BookId) -> BookRow:
        """Returns one book.

        :raises NotFound: no book has this id.
        """
        ...

    async def owned(self, asins: Sequence[str]) -> Mapping[str, OwnedBook]:
        """Returns those of the ASINs that the library has, by ASIN in capitals; one look-up for all of them."""
        ...

    async def names(self, kind: PersonKind, window: Window) -> Page[NameRow]:
        """Returns all authors, narrators or series by name as spelled (code points), ties by id.

        Names that are alike for ``SORTED_CHARACTERS`` count as ties.
        """
        ...

    async def name(self, kind: PersonKind, identifier: str) -> NameRow:
        """Returns one author, narrator or series.

        :raises NotFound: nothing of this kind has this id.
        """
        ...

    async def downloads(self, window: Window) -> Page[Download]:
        """Returns downloads, newest first, ties by id descending."""
        ...

    async def download(self, download_id: DownloadId) -> Download:
        """Returns one download.

        :raises NotFound: no download has this id.
        """
        ...

    async def history(self, window: Window, *, book_id: BookId | None = None) -> Page[LoggedEvent]:
        """Returns logged events, newest first, of one book or of all."""
        ...
