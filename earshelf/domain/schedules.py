"""When something is due: one-time spans, weekly windows, seasons and holidays, in the owner's time zone.

A span knows rules only; ``windows`` turns it into moments. Every window is half open: its end does not belong to it. A
time that the clock skips in spring means the moment of the skip; a time that comes twice in autumn means the first one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import assert_never

from earshelf.domain.errors import Invalid
from earshelf.domain.holidays import Holiday, holiday_date

MOST_HOLIDAY_DAYS = 90
LAST_YEAR = 9000
YEAR = timedelta(days=366)
_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_LEAP_YEAR = 2000


class ScheduleType(StrEnum):
    """The kinds of spans, from the most particular to the most general."""

    ONE_TIME = "one_time"
    HOLIDAY = "holiday"
    SEASONAL = "seasonal"
    RECURRING = "recurring"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """One stretch of time from ``start`` until just before ``end``; both aware UTC."""

    start: datetime
    end: datetime

    def holds(self, now: datetime) -> bool:
        """Whether the moment lies inside."""
        return self.start <= now < self.end


@dataclass(frozen=True, slots=True)
class OneTime:
    """A single span between two aware moments.

    :raises Invalid: a moment has no offset or lies beyond the years that can be reckoned in every zone, or the end does
        not come after the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        told = {"start_date": _wrong_moment(self.start), "end_date": _wrong_moment(self.end)}
        problems = {name: why for name, why in told.items() if why}
        if problems:
            raise Invalid("A one-time schedule needs exact moments", problems)
        if self.start >= self.end:
            raise Invalid("Start must be before end", {"end_date": "must be after start_date"})


def _wrong_moment(at: datetime) -> str | None:
    if at.tzinfo is None:
        return "needs an offset"
    return None if 1970 <= at.year <= LAST_YEAR else f"must be in the years 1970 to {LAST_YEAR}"


@dataclass(frozen=True, slots=True)
class Recurring:
    """A weekly window. ``days`` are those on which it starts, from 0 for Sunday to 6.

    An end at or before the start is on the next day, so equal times are 24 hours.

    :raises Invalid: no day, a day twice, or a day that is none.
    """

    days: tuple[int, ...]
    start: time
    end: time

    def __post_init__(self) -> None:
        why = _wrong_days(self.days)
        if why:
            raise Invalid("These days of the week cannot be used", {"days_of_week": why})
        object.__setattr__(self, "days", tuple(sorted(self.days)))


def _wrong_days(days: tuple[int, ...]) -> str | None:
    if not days:
        return "needs at least one day"
    if any(not 0 <= day <= 6 for day in days):
        return "must be numbers from 0 (Sunday) to 6 (Saturday)"
    return "names a day twice" if len(set(days)) < len(days) else None


@dataclass(frozen=True, slots=True, order=True)
class MonthDay:
    """A day of any year; 29 February is the 28th in years that lack it.

    :raises ValueError: no year has such a day.
    """

    month: int
    day: int

    def __post_init__(self) -> None:
        date(_LEAP_YEAR, self.month, self.day)

    def of(self, year: int) -> date:
        """The day in a year."""
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return date(year, self.month, 28 if (self.month, self.day) == (2, 29) and not leap else self.day)


@dataclass(frozen=True, slots=True)
class Seasonal:
    """Every year from the first day to the end of the last; a last day before the first is in the next year."""

    first: MonthDay
    last: MonthDay


@dataclass(frozen=True, slots=True)
class HolidaySeason:
    """The whole days around a holiday, every year.

    :raises Invalid: more than ``MOST_HOLIDAY_DAYS`` before or after, or fewer than none.
    """

    holiday: Holiday
    days_before: int = 0
    days_after: int = 0

    def __post_init__(self) -> None:
        counts = {"days_before": self.days_before, "days_after": self.days_after}
        wrong = {name: f"must be between 0 and {MOST_HOLIDAY_DAYS}" for name, count in counts.items()
                 if not 0 <= count <= MOST_HOLIDAY_DAYS}  # fmt: skip
        if wrong:
            raise Invalid("A holiday season cannot be that long", wrong)


Span = OneTime | Recurring | Seasonal | HolidaySeason


@dataclass(frozen=True, slots=True)
class Change:
    """A moment at which something begins (``active``) or ends."""

    at: datetime
    active: bool


def type_of(span: Span) -> ScheduleType:
    """Names the kind of a span."""
    match span:
        case OneTime():
            return ScheduleType.ONE_TIME
        case Recurring():
            return ScheduleType.RECURRING
        case Seasonal():
            return ScheduleType.SEASONAL
        case HolidaySeason():
            return ScheduleType.HOLIDAY
        case _:
            assert_never(span)


def windows(span: Span, *, since: datetime, until: datetime, zone: tzinfo) -> Iterator[Window]:
    """Yields every window that touches ``since`` ≤ t < ``until``, whole, by start; windows of a span never overlap."""
    for window in _candidates(span, since, until, zone):
        if window.start < window.end and window.end > since and window.start < until:
            yield window


def window_at(span: Span, now: datetime, zone: tzinfo) -> Window | None:
    """Finds the window that holds the moment."""
    return next(windows(span, since=now, until=now + _TICK, zone=zone), None)


def changes(span: Span, *, now: datetime, horizon: timedelta, zone: tzinfo) -> list[Change]:
    """Lists what begins and ends after now and within the horizon, by time; windows that touch are one."""
    until = now + horizon
    told: list[Change] = []
    # a window that begins exactly at the horizon may go on from one that ends there
    for window in joined(windows(span, since=now, until=until + _TICK, zone=zone)):
        told += [Change(window.start, active=True), Change(window.end, active=False)]
    return [change for change in told if now < change.at <= until]


def first_overlap(one: Span, other: Span, *, now: datetime, zone: tzinfo, horizon: timedelta = YEAR) -> datetime | None:
    """Finds the first moment, not before now and within the horizon, at which both are active."""
    until = now + horizon
    ours, theirs = (windows(span, since=now, until=until, zone=zone) for span in (one, other))
    mine, yours = next(ours, None), next(theirs, None)
    while mine and yours:
        shared = max(mine.start, yours.start, now)
        if shared < min(mine.end, yours.end):
            return shared
        if mine.end <= yours.end:
            mine = next(ours, None)
        else:
            yours = next(theirs, None)
    return None


def joined(parts: Iterable[Window]) -> Iterator[Window]:
    """Joins windows, given by start, that touch or overlap."""
    held: Window | None = None
    for part in parts:
        if held and part.start <= held.end:
            held = Window(held.start, max(held.end, part.end))
            continue
        if held:
            yield held
        held = part
    if held:
        yield held


def moment(wall: datetime, zone: tzinfo) -> datetime:
    """Finds the first moment (aware UTC) at which a clock in the zone shows or skips the naive ``wall`` time."""
    usual = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if usual.astimezone(zone).replace(tzinfo=None) == wall:
        return usual
    return _skip(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), usual, zone)


def _skip(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def _candidates(span: Span, since: datetime, until: datetime, zone: tzinfo) -> Iterable[Window]:
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    match span:
        case OneTime():
            return (Window(span.start.astimezone(UTC), span.end.astimezone(UTC)),)
        case Recurring():
            return _weekly(span, first - 2 * _DAY, last, zone)
        case Seasonal():
            return (_season(span, year, zone) for year in range(first.year - 1, last.year + 1))
        case HolidaySeason():
            found = (holiday_date(span.holiday, year) for year in range(first.year - 1, last.year + 2))
            before, after = span.days_before * _DAY, span.days_after * _DAY
            return (_whole_days(day - before, day + after, zone) for day in found if day)
        case _:
            assert_never(span)


def _weekly(span: Recurring, first: date, last: date, zone: tzinfo) -> Iterator[Window]:
    length = _DAY if span.end <= span.start else timedelta()
    for day in (first + number * _DAY for number in range((last - first).days + 1)):
        if day.isoweekday() % 7 in span.days:
            start, end = datetime.combine(day, span.start), datetime.combine(day + length, span.end)
            yield Window(moment(start, zone), moment(end, zone))


def _season(span: Seasonal, year: int, zone: tzinfo) -> Window:
    wraps = span.last < span.first
    return _whole_days(span.first.of(year), span.last.of(year + wraps), zone)


def _whole_days(first: date, last: date, zone: tzinfo) -> Window:
    start, end = (datetime.combine(day, time()) for day in (first, last + _DAY))
    return Window(moment(start, zone), moment(end, zone))
