"""Library changes folded into batches, so that a burst of them is one nudge to a media server."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from earshelf.domain.events import ChangeReason
from earshelf.domain.ids import BookId
from earshelf.domain.paths import PathMapping, map_path


@dataclass(frozen=True, slots=True)
class LibraryChange:
    """One book whose files or metadata changed; ``path`` is its folder as this machine sees it, possibly blank."""

    book_id: BookId
    title: str
    path: str
    reason: ChangeReason


@dataclass(frozen=True, slots=True)
class DebounceRule:
    """When a waiting batch is sent: after a quiet time, when it is large, or when its first change waited enough."""

    quiet: timedelta = timedelta(seconds=2)
    longest_wait: timedelta = timedelta(seconds=30)
    most_changes: int = 500


@dataclass(slots=True)
class PendingBatch:
    """The changes that wait for one connector, in the order they came, one per book folder."""

    rule: DebounceRule = field(default_factory=DebounceRule)
    changes: list[LibraryChange] = field(default_factory=list)
    first_at: datetime | None = None
    last_at: datetime | None = None

    def add(self, change: LibraryChange, now: datetime) -> None:
        """Takes in a change; the same folder of the same book waits once."""
        self.first_at = self.first_at or now
        self.last_at = now
        if all((known.book_id, known.path) != (change.book_id, change.path) for known in self.changes):
            self.changes.append(change)

    def due_at(self) -> datetime | None:
        """The moment to send the batch, None while it is empty."""
        if self.first_at is None or self.last_at is None:
            return None
        if len(self.changes) >= self.rule.most_changes:
            return self.last_at
        return min(self.last_at + self.rule.quiet, self.first_at + self.rule.longest_wait)

    def take(self) -> tuple[LibraryChange, ...]:
        """Hands the changes over and is empty again."""
        changes, self.changes = tuple(self.changes), []
        self.first_at = self.last_at = None
        return changes


@dataclass(frozen=True, slots=True)
class ResolvedPaths:
    """What a batch comes to at a server that sees the library under other paths.

    ``paths`` are distinct, in first-seen order. ``passthrough`` counts changes that no mapping matched, ``skipped``
    those without any usable path.
    """

    paths: tuple[str, ...]
    passthrough: int
    skipped: int


def resolve_paths(changes: Sequence[LibraryChange], mappings: Sequence[PathMapping]) -> ResolvedPaths:
    """Translates every change's folder into the server's spelling and drops repetitions."""
    resolved = [map_path(change.path, mappings) for change in changes]
    usable = [mapped for mapped in resolved if mapped is not None]
    return ResolvedPaths(
        paths=tuple(dict.fromkeys(mapped.path for mapped in usable)),
        passthrough=sum(not mapped.mapped for mapped in usable),
        skipped=len(resolved) - len(usable),
    )
