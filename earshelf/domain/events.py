"""Facts that happened: frozen, in the past tense, with identifiers only.

Aggregates collect them; a unit of work writes them to the event log in the transaction that made them true.
Handlers load what they need, and must bear being told the same fact twice.
"""

from dataclasses import dataclass
from enum import StrEnum

from earshelf.domain.ids import BookId, DownloadId, ImportId, ServerId


class ChangeReason(StrEnum):
    """Why a book's files or metadata on disk are different now; each makes media servers look again."""

    IMPORT = "import"
    ADOPT = "adopt"
    METADATA = "metadata"
    MERGE = "merge"
    CONVERT = "convert"
    RENAME = "rename"
    RESTORED = "restored"


class StopResult(StrEnum):
    """What came of asking a media server to end a stream.

    ``ASKED_AGAIN``: the server took it, as it had before, but the player had gone on. ``UNANSWERED`` is told once; it
    is tried again until the server answers.
    """

    ENDED = "ended"
    ASKED_AGAIN = "asked_again"
    OVER_ALREADY = "over_already"
    REFUSED = "refused"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Event:
    """Any fact; ``book_id`` is None where the fact is not about a book of the library."""

    book_id: BookId | None


@dataclass(frozen=True, slots=True)
class BookAdded(Event):
    """A book was put on the wanted list, or adopted."""


@dataclass(frozen=True, slots=True)
class BookStatusChanged(Event):
    """A book moved through its lifecycle; both are values of ``BookStatus``."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class BookFilesChanged(Event):
    """Something under the book's folder was written, moved or taken away."""

    reason: ChangeReason


@dataclass(frozen=True, slots=True)
class ReleaseGrabbed(Event):
    """A download client took the release."""

    download_id: DownloadId


@dataclass(frozen=True, slots=True)
class DownloadCompleted(Event):
    """The client has every byte."""

    download_id: DownloadId


@dataclass(frozen=True, slots=True)
class DownloadHeld(Event):
    """The quality gate wants a person to decide."""

    download_id: DownloadId
    reason: str


@dataclass(frozen=True, slots=True)
class DownloadFailed(Event):
    """A download ended without becoming a book."""

    download_id: DownloadId
    reason: str


@dataclass(frozen=True, slots=True)
class BookImported(Event):
    """A book's files lie in the library."""

    import_id: ImportId


@dataclass(frozen=True, slots=True)
class ImportFailed(Event):
    """An import gave up; the source files are untouched."""

    import_id: ImportId
    reason: str


@dataclass(frozen=True, slots=True)
class StreamStopOrdered(Event):
    """A media server was asked to end a stream.

    ``rule`` is ``owner`` where a person asked, else the rule's key. Streams are kept nowhere, so whoever watched, and
    what, is told in words; what is not known is empty.
    """

    server_id: ServerId
    session_id: str
    viewer_id: str
    viewer: str
    title: str
    rule: str
    result: StopResult


EVENT_TYPES: tuple[type[Event], ...] = (
    BookAdded,
    BookStatusChanged,
    BookFilesChanged,
    ReleaseGrabbed,
    DownloadCompleted,
    DownloadHeld,
    DownloadFailed,
    BookImported,
    ImportFailed,
    StreamStopOrdered,
)
