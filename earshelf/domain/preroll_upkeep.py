"""What every server's preroll should be, what it is, and what to do about the difference.

The value that the owner had set on a server is its baseline: it is remembered before the first write and comes back
when nothing else is wanted. A value that somebody changed on the server meanwhile is the owner's own, too. All of this
is plain data for each server, so that one which was away gets what it missed, also after a restart.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from earshelf.domain.ids import PrerollScheduleId, ServerId
from earshelf.domain.prerolls import PrerollSchedule

READ_EVERY = timedelta(minutes=5)
FRESH = timedelta(seconds=1)
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(minutes=5)
NOT_TAKEN = "not_taken"


class OverrideUntil(StrEnum):
    """How long a value that was applied by hand lasts."""

    NEXT_CHANGE = "next_change"
    TIME = "time"
    CLEARED = "cleared"


class OnDrift(StrEnum):
    """What becomes of a value that somebody changed on the server while ours was wanted."""

    RESPECT = "respect"
    ENFORCE = "enforce"


class Source(StrEnum):
    """Where the wanted value comes from, the strongest first."""

    OVERRIDE = "override"
    SCHEDULE = "schedule"
    DEFAULT = "default"
    BASELINE = "baseline"
    NOTHING = "nothing"


class SyncState(StrEnum):
    """How a server stands to what is wanted of it."""

    IN_SYNC = "in_sync"
    PENDING = "pending"
    DRIFTED = "drifted"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Override:
    """A value that was applied by hand, "" for no preroll.

    ``under`` is the schedule that applied then; ``expires_at`` the given time, or that of the next change of schedules.
    """

    value: str
    until: OverrideUntil = OverrideUntil.NEXT_CHANGE
    under: PrerollScheduleId | None = None
    expires_at: datetime | None = None

    def holds(self, applying: PrerollScheduleId | None, now: datetime) -> bool:
        """Whether it still counts while that schedule applies."""
        if self.until is OverrideUntil.CLEARED:
            return True
        if self.expires_at is not None and now >= self.expires_at:
            return False
        return self.until is OverrideUntil.TIME or self.under == applying


@dataclass(frozen=True, slots=True)
class Wanted:
    """The value that a server should have, and the name of the schedule that wants it; None: it is left alone."""

    value: str | None
    source: Source
    schedule: str | None = None


class StepKind(StrEnum):
    """What to ask of a server now."""

    REST = "rest"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class ServerPreroll:
    """One server's preroll.

    ``baseline`` is the owner's own value, None while we have not touched the server. ``written`` is what we put there
    and saw there, ``attempted`` what we send and have not seen yet, ``echoed`` what the server made of it or what was
    attempted before. ``actual`` was read last, at ``read_at``, and is None when it must be read again. ``error`` is the
    code of the last failure.
    """

    server_id: ServerId
    baseline: str | None = None
    written: str | None = None
    attempted: str | None = None
    echoed: str | None = None
    sent_at: datetime | None = None
    actual: str | None = None
    read_at: datetime | None = None
    override: Override | None = None
    failures: int = 0
    retry_at: datetime | None = None
    error: str | None = None

    @property
    def is_ours(self) -> bool:
        """Whether what was read last is something that we put there."""
        return self.actual is not None and self.actual in (self.written, self.attempted, self.echoed)

    @property
    def is_changed(self) -> bool:
        """Whether somebody replaced what we had put there."""
        return self.written is not None and self.actual is not None and not self.is_ours

    def overridden(self, override: Override | None) -> "ServerPreroll":
        """Takes a value by hand, which is written whatever the server has, or takes it back."""
        written = None if self.is_changed and override else self.written
        return replace(self, override=override, written=written, retry_at=None)

    def lapsed(self, applying: PrerollSchedule | None, now: datetime) -> "ServerPreroll":
        """Drops an override whose time is over, for good."""
        if self.override and not self.override.holds(applying.id if applying else None, now):
            return replace(self, override=None)
        return self

    def wanted(self, applying: PrerollSchedule | None, default: str | None) -> Wanted:
        """Says what the server should have: override, schedule, default or its baseline, in this order.

        A server that we have not touched is left alone when nothing else is wanted.
        """
        if self.override is not None:
            return Wanted(self.override.value, Source.OVERRIDE)
        if applying is not None:
            return Wanted(applying.prerolls.value, Source.SCHEDULE, applying.name)
        if default:
            return Wanted(default, Source.DEFAULT)
        return self.owed()

    def owed(self) -> Wanted:
        """Says what the server should have once nothing is wanted of it: its baseline, where we have touched it."""
        if self.baseline is not None:
            return Wanted(self.baseline, Source.BASELINE)
        return Wanted(None, Source.NOTHING)

    def state(self, wanted: Wanted) -> SyncState:
        """Says how the server stands to what is wanted."""
        if wanted.value is None:
            return SyncState.IN_SYNC
        if self.error is not None:
            return SyncState.ERROR
        if self.actual == wanted.value:
            return SyncState.IN_SYNC
        return SyncState.DRIFTED if self.is_changed and self.written == wanted.value else SyncState.PENDING

    def read(self, value: str, now: datetime) -> "ServerPreroll":
        """Takes in what the server has. Just after a write that is another value, the server did not take ours."""
        seen = replace(self, actual=value, read_at=now, sent_at=None)
        if value == self.attempted:
            return replace(seen, written=value, attempted=None, echoed=None, failures=0, retry_at=None, error=None)
        if self.sent_at is not None and now - self.sent_at <= READ_EVERY:
            return replace(seen, echoed=value if value != self.baseline else self.echoed).failed(NOT_TAKEN, now)
        if self.error == NOT_TAKEN:
            return seen
        return replace(seen, failures=0, retry_at=None, error=None)

    def sent(self, now: datetime) -> "ServerPreroll":
        """Notes that the server accepted a write; it is read back before it is believed."""
        return replace(self, sent_at=now, actual=None, read_at=None, retry_at=None)

    def failed(self, code: str, now: datetime) -> "ServerPreroll":
        """Notes that the server did not do what was asked; it is asked again in 30 s, later every 5 minutes."""
        wait = min(FIRST_RETRY * 2 ** min(self.failures, 10), LONGEST_RETRY)
        # a request that failed may have arrived all the same: what is there must be read before the next write
        return replace(self, failures=self.failures + 1, retry_at=now + wait, error=code, actual=None, read_at=None)

    def woken(self) -> "ServerPreroll":
        """Drops the wait after failures, for a server that is known to be back."""
        return replace(self, retry_at=None)


@dataclass(frozen=True, slots=True)
class Step:
    """What to do now: store ``server``, then read, write ``value`` in the place of ``replaced``, or rest."""

    kind: StepKind
    server: ServerPreroll
    value: str = ""
    replaced: str = ""


def next_step(server: ServerPreroll, wanted: Wanted, *, on_drift: OnDrift, now: datetime) -> Step:
    """Decides what a server is asked next; after each read or write the question is put again.

    A write is decided only on a value that was read just before, so that a change made on the server is seen.
    """
    if wanted.value is None or (server.retry_at is not None and now < server.retry_at):
        return Step(StepKind.REST, server)
    if _age(server, now) >= READ_EVERY:
        return Step(StepKind.READ, server)
    if server.actual == wanted.value:
        return Step(StepKind.REST, _settled(server, wanted))
    if server.is_changed and wanted.source is Source.BASELINE:
        return Step(StepKind.REST, _released(server))
    if server.is_changed and wanted.value == server.written and on_drift is OnDrift.RESPECT:
        return Step(StepKind.REST, server)
    if _age(server, now) > FRESH:
        return Step(StepKind.READ, server)
    about_to_write = _about_to_write(server, wanted.value, on_drift)
    return Step(StepKind.WRITE, about_to_write, wanted.value, replaced=server.actual or "")


def _age(server: ServerPreroll, now: datetime) -> timedelta:
    if server.actual is None or server.read_at is None or server.read_at > now:
        return timedelta.max
    return now - server.read_at


def _settled(server: ServerPreroll, wanted: Wanted) -> ServerPreroll:
    if wanted.source is Source.BASELINE:
        return _released(server)
    baseline = server.actual if server.baseline is None else server.baseline
    return replace(_released(server), baseline=baseline, written=wanted.value)


def _released(server: ServerPreroll) -> ServerPreroll:
    return ServerPreroll(server.server_id, actual=server.actual, read_at=server.read_at, override=server.override)


def _about_to_write(server: ServerPreroll, value: str, on_drift: OnDrift) -> ServerPreroll:
    is_owners = not server.is_ours and (server.written is None or on_drift is OnDrift.RESPECT)
    # noted before the request, so that a value which arrives without an answer is never taken for the owner's
    echoed = server.echoed if server.attempted in (None, value) else server.attempted
    baseline = server.actual if is_owners else server.baseline
    # after a stop in the middle nobody knows what is there: what was read before must not pass for it
    return replace(server, baseline=baseline, attempted=value, echoed=echoed, actual=None, read_at=None)
