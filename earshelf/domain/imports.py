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
    """How far an import is; ``recorded``: the library has the book, only the traces of the work remain."""

    PENDING = "pending"
    STAGING = "staging"
    RECORDED = "recorded"
    DONE = "done"
    FAILED = "failed"


_NEXT: dict[ImportState, frozenset[ImportState]] = {
    ImportState.PENDING: frozenset({ImportState.STAGING, ImportState.RECORDED, ImportState.FAILED}),
    ImportState.STAGING: frozenset({ImportState.RECORDED, ImportState.PENDING, ImportState.FAILED}),
    ImportState.RECORDED: frozenset({ImportState.DONE}),
    ImportState.DONE: frozenset(),
    ImportState.FAILED: frozenset(),
}


@dataclass(slots=True)
class ImportJob:
    """The plan and the progress of one import.

    ``source`` is an absolute path as this machine sees it; ``target`` is the book's folder once it is known. The
    target is written down *before* anything is moved there, so that a restart can ask the disk whether a job in
    ``staging`` had published its book: then the records only have to follow. ``replaced`` are the files, relative to
    the target, that the book had before.
    """

    id: ImportId
    book_id: BookId
    source: str
    mode: ImportMode
    created_at: datetime
    download_id: DownloadId | None = None
    state: ImportState = ImportState.PENDING
    target: str | None = None
    replaced: tuple[str, ...] = ()
    error_message: str | None = None
    finished_at: datetime | None = None
    version: int = 0
    _events: list[Event] = field(default_factory=list, repr=False, compare=False)

    @property
    def is_open(self) -> bool:
        """Whether work is left."""
        return self.state not in {ImportState.DONE, ImportState.FAILED}

    def begin_staging(self, target: str, *, replaced: tuple[str, ...] = ()) -> None:
        """Writes down where the book will lie, and what it will take the place of there."""
        self._enter(ImportState.STAGING)
        self.target = target
        self.replaced = replaced

    def restart(self) -> None:
        """Puts a job that a stop cut short before publishing back in line."""
        if self.state is ImportState.STAGING:
            self._enter(ImportState.PENDING)

    def record(self, target: str, now: datetime) -> None:
        """Notes that the book lies at the target; book and download are written in the same transaction."""
        self._enter(ImportState.RECORDED)
        self.target = target
        self.finished_at = now

    def close(self) -> None:
        """Notes that the traces of the work are gone too."""
        self._enter(ImportState.DONE)

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
