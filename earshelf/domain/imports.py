"""One book's way from finished files into the library, in steps that survive a crash."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from earshelf.domain.errors import InvalidTransition
from earshelf.domain.events import Event, ImportFailed
from earshelf.domain.ids import BookId, DownloadId, ImportId


class ImportMode(StrEnum):
    """What happens to the files: ``adopt`` indexes them where they lie."""

    HARDLINK = "hardlink"
    COPY = "copy"
    MOVE = "move"
    ADOPT = "adopt"


class ImportState(StrEnum):
    """How far an import is; ``published``: the files lie in the library, but the records do not say so yet."""

    PENDING = "pending"
    STAGING = "staging"
    PUBLISHED = "published"
    DONE = "done"
    FAILED = "failed"


_NEXT: dict[ImportState, frozenset[ImportState]] = {
    ImportState.PENDING: frozenset({ImportState.STAGING, ImportState.PUBLISHED, ImportState.FAILED}),
    ImportState.STAGING: frozenset({ImportState.PUBLISHED, ImportState.PENDING, ImportState.FAILED}),
    ImportState.PUBLISHED: frozenset({ImportState.DONE, ImportState.FAILED}),
    ImportState.DONE: frozenset(),
    ImportState.FAILED: frozenset(),
}


@dataclass(slots=True)
class ImportJob:
    """The plan and the progress of one import.

    ``source`` is an absolute path as this machine sees it; ``target`` is the book's folder once it is known. The
    target is written down *before* anything is moved there, so that a restart can ask the disk whether a job in
    ``staging`` had published its book: then the records only have to follow.
    """

    id: ImportId
    book_id: BookId
    source: str
    mode: ImportMode
    created_at: datetime
    download_id: DownloadId | None = None
    state: ImportState = ImportState.PENDING
    target: str | None = None
    error_message: str | None = None
    finished_at: datetime | None = None
    version: int = 0
    _events: list[Event] = field(default_factory=list, repr=False, compare=False)

    @property
    def is_open(self) -> bool:
        """Whether work is left."""
        return self.state not in {ImportState.DONE, ImportState.FAILED}

    def begin_staging(self, target: str) -> None:
        """Writes down where the book will lie."""
        self._enter(ImportState.STAGING)
        self.target = target

    def restart(self) -> None:
        """Puts a job that a stop cut short before publishing back in line."""
        if self.state is ImportState.STAGING:
            self._enter(ImportState.PENDING)

    def mark_published(self) -> None:
        """Records that the files lie at the target."""
        self._enter(ImportState.PUBLISHED)

    def finish(self, now: datetime) -> None:
        """Closes the job; book and download are written in the same transaction."""
        self._enter(ImportState.DONE)
        self.finished_at = now

    def fail(self, reason: str, now: datetime) -> None:
        """Gives up; nothing of the source was touched."""
        self._enter(ImportState.FAILED)
        self.error_message = reason
        self.finished_at = now
        self._events.append(ImportFailed(self.book_id, self.id, reason))

    def _enter(self, state: ImportState) -> None:
        if state not in _NEXT[self.state]:
            raise InvalidTransition(self.id, self.state, state)
        self.state = state

    def drain_events(self) -> list[Event]:
        """Hands over what happened since the last time, oldest first."""
        events, self._events = self._events, []
        return events
