"""Synchronising a server's libraries: the job, how it asks page by page, and what may be removed after a pass."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from earshelf.domain.errors import InvalidTransition
from earshelf.domain.ids import ServerId, SyncJobId
from earshelf.domain.media import LibraryType

RESTARTED = "server restarted"
"""Why a job failed that a stop cut short."""

_LEAST_PAGE = 50
_PAGES = {LibraryType.MOVIE: 500, LibraryType.SERIES: 300, LibraryType.MUSIC: 1000}
# a few may always go; beyond that a third of a library vanishing is taken for a fault first
_ALWAYS_REMOVABLE = 50
_REMOVABLE_SHARE = 0.3
_SAME_SHARE = 0.05


class SyncStatus(StrEnum):
    """How far a job is."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class SyncPhase(StrEnum):
    """What a running job is about."""

    CONNECT = "connect"
    HISTORY = "history"
    LISTING = "listing"
    CLEANUP = "cleanup"
    WATCH_HISTORY = "watch_history"


_OVER = frozenset({SyncStatus.COMPLETED, SyncStatus.FAILED, SyncStatus.CANCELLED})


@dataclass(slots=True)
class SyncJob:
    """One pass over a server's libraries, or over one of them.

    ``total_items`` grows as each library tells how much it holds. ``phase`` says what it is about, or was about when it
    failed. Libraries are counted from 1; ``library_total`` is None where the server does not tell. ``resumes``
    says that it repeats a job which a stop of the server cut short. ``stop_wished`` asks whoever runs it to stop.
    ``version`` belongs to storage.
    """

    id: SyncJobId
    server_id: ServerId
    created_at: datetime
    library_key: str | None = None
    resumes: bool = False
    status: SyncStatus = SyncStatus.PENDING
    started_at: datetime | None = None
    finished_at: datetime | None = None
    items_processed: int = 0
    total_items: int = 0
    current_library: str | None = None
    error: str | None = None
    stop_wished: bool = False
    phase: SyncPhase | None = None
    library_index: int = 0
    library_count: int = 0
    library_processed: int = 0
    library_total: int | None = None
    version: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in _OVER

    def begin(self, now: datetime) -> None:
        """Somebody runs it.

        :raises InvalidTransition: somebody ran it already.
        """
        self._require(SyncStatus.PENDING, wished=SyncStatus.RUNNING)
        self.status, self.started_at, self.phase = SyncStatus.RUNNING, now, SyncPhase.CONNECT

    def proceed(self, phase: SyncPhase, *, libraries: int | None = None) -> None:
        """Goes on to another phase; ``libraries`` is how many there are to go through, once that is known."""
        self.phase = phase
        self.library_count = self.library_count if libraries is None else libraries

    def enter(self, library: str, *, total: int | None) -> None:
        """Goes on to a library that holds so many items."""
        self.phase, self.current_library = SyncPhase.LISTING, library
        self.library_index += 1
        self.library_count = max(self.library_count, self.library_index)
        self.library_processed, self.library_total = 0, total
        self.total_items += total or 0

    def advance(self, processed: int) -> None:
        """Counts items; a library may turn out to hold more than it said."""
        self.items_processed += processed
        self.library_processed += processed
        self.total_items = max(self.total_items, self.items_processed)
        if self.library_total is not None:
            self.library_total = max(self.library_total, self.library_processed)

    def complete(self, now: datetime) -> None:
        """All of it was seen."""
        self._end(SyncStatus.COMPLETED, now)
        self.current_library = self.phase = None

    def fail(self, reason: str, now: datetime) -> None:
        """It could not go on; what was read so far stays."""
        self._end(SyncStatus.FAILED, now)
        self.error = reason

    def cancel(self, now: datetime) -> None:
        """Somebody did not want it any more; what was read so far stays."""
        if self.status is SyncStatus.PENDING:
            self.status, self.finished_at = SyncStatus.CANCELLED, now
        else:
            self._end(SyncStatus.CANCELLED, now)

    def rate(self, now: datetime) -> float | None:
        """Items per second since it began; None before there is anything to tell."""
        if self.started_at is None or not self.items_processed:
            return None
        seconds = ((self.finished_at or now) - self.started_at).total_seconds()
        # a clock that was put back tells nothing
        return self.items_processed / seconds if seconds > 0 else None

    def seconds_left(self, now: datetime) -> float | None:
        """How long it may still take at its rate; None where that is not known, 0 when it is over."""
        if self.is_over:
            return 0.0
        rate = self.rate(now)
        return None if rate is None else max(0, self.total_items - self.items_processed) / rate

    def _end(self, status: SyncStatus, now: datetime) -> None:
        self._require(SyncStatus.RUNNING, wished=status)
        self.status, self.finished_at = status, now

    def _require(self, status: SyncStatus, *, wished: SyncStatus) -> None:
        if self.status is not status:
            raise InvalidTransition(self.id, self.status, wished)


@dataclass(slots=True)
class Walk:
    """The way through a listing: where to ask next, how much at once, and when it is over.

    ``total`` is what the server says it has, None where it does not tell; ``seen`` counts rows of every sort.
    ``has_gaps`` says that rows may have gone by unseen.
    """

    size: int
    offset: int = 0
    total: int | None = None
    is_over: bool = False
    has_gaps: bool = False

    @classmethod
    def through(cls, kind: LibraryType) -> "Walk":
        """Begins at the first row, in pages that suit what a library holds."""
        return cls(_PAGES[kind])

    @property
    def seen(self) -> int:
        """How many rows have come, of every sort."""
        return self.offset

    @property
    def saw_everything(self) -> bool:
        """Whether the whole listing went by."""
        return self.is_over and not self.has_gaps and (self.total is None or self.offset >= self.total)

    def took(self, rows: int, total: int | None) -> None:
        """Counts a page as it came; an empty one ends the way, a short one only where nobody told how much there is.

        Where there is less than before, later rows have moved to places that went by already.
        """
        if total is not None and self.total is not None and total < self.total:
            self.has_gaps = True
        self.total = self.total if total is None else total
        self.offset += rows
        self.is_over = rows == 0 or (self.offset >= self.total if self.total is not None else rows < self.size)

    def repeats(self) -> None:
        """A page held nothing but what had come before: the server does not go on, and neither does the way."""
        self.is_over = self.has_gaps = True

    def shrink(self) -> bool:
        """Asks for half as much from now on; False where pages are as small as they get."""
        if self.size <= _LEAST_PAGE:
            return False
        self.size = max(_LEAST_PAGE, self.size // 2)
        return True


@dataclass(frozen=True, slots=True)
class Removal:
    """What becomes of items that a pass did not see.

    ``keys`` may go now. ``held_back`` counts those that stay until the next pass finds the same, None where there are
    none.
    """

    keys: frozenset[str] = frozenset()
    held_back: int | None = None


def removal(
    stored: Iterable[str], seen: Iterable[str], *, saw_everything: bool, held_back: int | None = None
) -> Removal:
    """Decides which of a library's stored items may go after a pass that saw these.

    Nothing goes unless the pass saw everything, and nothing goes where it saw no item at all: the server's disks may be
    away. When many would go at once, they go only if the pass before, which ``held_back`` as many, found the same; one
    that held back everything says nothing of what is left.
    """
    known, there = set(stored), set(seen)
    missing = known - there
    if not saw_everything or not missing:
        return Removal(held_back=held_back if not saw_everything else None)
    is_many = not there or len(missing) > max(_ALWAYS_REMOVABLE, _REMOVABLE_SHARE * len(known))
    if is_many and not (there and _is_same(len(missing), held_back, of=len(known))):
        return Removal(held_back=len(missing))
    return Removal(frozenset(missing))


def _is_same(count: int, before: int | None, *, of: int) -> bool:
    return before is not None and before < of and abs(count - before) <= _SAME_SHARE * before


@dataclass(frozen=True, slots=True)
class MediaLibrary:
    """A library of a server as it is kept here.

    ``identity`` survives when the server gives the library another key, None where the server has none.
    ``is_missing`` says that the server did not list it last time; what it held stays. ``held_back`` counts items that
    would have been removed by the last pass, and were not yet.
    """

    server_id: ServerId
    key: str
    title: str
    type: LibraryType
    enabled: bool = True
    identity: str | None = None
    is_missing: bool = False
    synced_at: datetime | None = None
    held_back: int | None = None


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a server lists, beside what is kept: libraries to write, and old keys of those that have another now."""

    libraries: tuple[MediaLibrary, ...]
    rekeyed: tuple[tuple[str, str], ...] = ()


def reconcile(kept: Iterable[MediaLibrary], listed: Iterable[MediaLibrary]) -> Reconciled:
    """Follows titles and types, finds a library again whose key changed, and marks those that are listed no more.

    What is new is wanted. Nothing that is kept is dropped, so that a server which lists nothing loses nothing.
    """
    there = {library.key: library for library in listed}
    known = {library.key: library for library in kept}
    identities = {library.identity: library.key for library in known.values() if library.identity}
    rekeyed = {
        identities[library.identity]: key
        for key, library in there.items()
        if key not in known and library.identity in identities and identities[library.identity] not in there
    }
    known |= {after: replace(known[before], key=after) for before, after in rekeyed.items()}
    found = [_followed(known.get(key, library), library) for key, library in there.items()]
    gone = [replace(one, is_missing=True) for key, one in known.items() if key not in there and key not in rekeyed]
    return Reconciled((*found, *gone), tuple(rekeyed.items()))


def _followed(kept: MediaLibrary, listed: MediaLibrary) -> MediaLibrary:
    return replace(kept, title=listed.title, type=listed.type, identity=listed.identity, is_missing=False)
