"""How spans of time are spelled in plain values: ``HH:mm``, ``MM-DD``, ISO dates and moments."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, TypeVar, assert_never

from earshelf.domain.errors import Invalid
from earshelf.domain.holidays import Holiday
from earshelf.domain.schedules import (
    HolidaySeason,
    MonthDay,
    OneTime,
    Recurring,
    ScheduleType,
    Seasonal,
    Span,
    moment,
    type_of,
)

_T = TypeVar("_T")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH_DAY = re.compile(r"(?:\d{4}-)?(\d{2})-(\d{2})(?:T.*)?", re.ASCII)


def read_span(fields: Mapping[str, Any], zone: tzinfo, kinds: Collection[ScheduleType] = tuple(ScheduleType)) -> Span:
    """Reads a span from ``schedule_type`` and the fields that its kind needs; the others are not looked at.

    ``start_date`` and ``end_date`` of a one-time span are ISO moments or dates, in the zone where they name no offset;
    a date as the end means that whole day. Those of a season are ``MM-DD``, or a date whose year does not count.

    :raises Invalid: something is missing or wrong; ``fields`` lists all of it.
    """
    named = fields.get("schedule_type")
    if named not in tuple(kinds):
        raise Invalid("Unknown kind of schedule", {"schedule_type": f"must be one of {', '.join(kinds)}"})
    reading = _Reading(fields)
    span = _read(reading, ScheduleType(named), zone)
    if span is None:
        raise Invalid("The schedule cannot be used", reading.problems)
    return span


def spell_span(span: Span, zone: tzinfo) -> dict[str, Any]:
    """Spells a span as ``read_span`` takes it, in texts, numbers and lists."""
    told: dict[str, Any] = {"schedule_type": type_of(span).value}
    match span:
        case OneTime(start, end):
            return told | {
                "start_date": start.astimezone(zone).isoformat(),
                "end_date": end.astimezone(zone).isoformat(),
            }
        case Recurring(days, opens, closes):
            clock = {"start_time": f"{opens:%H:%M}", "end_time": f"{closes:%H:%M}"}
            return told | {"days_of_week": list(days)} | clock
        case Seasonal(first, last):
            return told | {
                "start_date": f"{first.month:02}-{first.day:02}",
                "end_date": f"{last.month:02}-{last.day:02}",
            }
        case HolidaySeason(holiday, before, after):
            return told | {"holiday": holiday.value, "days_before": before, "days_after": after}
        case _:
            assert_never(span)


class _Reading:
    """The fields that are read, and what was wrong with them."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = fields
        self.problems: dict[str, str] = {}

    def take(self, name: str, form: Callable[[Any], _T]) -> _T | None:
        """Reads one field; what is wrong with it becomes a problem."""
        value = self.fields.get(name)
        try:
            return form(value)
        except (ValueError, OverflowError) as problem:
            self.problems[name] = "is required" if value is None or value == "" else str(problem)
        return None

    def build(self, kind: Callable[..., Span], *parts: object) -> Span | None:
        """Makes the span unless a part is missing; what the span itself refuses becomes problems."""
        if self.problems:
            return None
        try:
            return kind(*parts)
        except Invalid as refusal:
            self.problems.update(refusal.fields)
        return None


def _read(reading: _Reading, kind: ScheduleType, zone: tzinfo) -> Span | None:
    match kind:
        case ScheduleType.ONE_TIME:
            start = reading.take("start_date", lambda value: _instant(value, zone, whole_day=False))
            end = reading.take("end_date", lambda value: _instant(value, zone, whole_day=True))
            return reading.build(OneTime, start, end)
        case ScheduleType.RECURRING:
            days = reading.take("days_of_week", _days)
            return reading.build(Recurring, days, reading.take("start_time", _clock), reading.take("end_time", _clock))
        case ScheduleType.SEASONAL:
            return reading.build(Seasonal, reading.take("start_date", _month_day), reading.take("end_date", _month_day))
        case ScheduleType.HOLIDAY:
            holiday = reading.take("holiday", _holiday)
            before, after = reading.take("days_before", _count), reading.take("days_after", _count)
            return reading.build(HolidaySeason, holiday, before, after)
        case _:
            assert_never(kind)


def _instant(value: Any, zone: tzinfo, *, whole_day: bool) -> datetime:
    text = _text(value)
    try:
        if _DATE.fullmatch(text):
            day = date.fromisoformat(text) + timedelta(days=1 if whole_day else 0)
            return moment(datetime.combine(day, time()), zone)
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a date such as 2026-12-01 or a moment such as 2026-12-01T20:00") from None
    return read if read.tzinfo else moment(read, zone)


def _days(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or any(isinstance(day, bool) or not isinstance(day, int) for day in value):
        raise ValueError("must be a list of numbers from 0 (Sunday) to 6 (Saturday)")
    return tuple(value)


def _clock(value: Any) -> time:
    text = _text(value)
    if not _CLOCK.fullmatch(text):
        raise ValueError("must be a time from 00:00 to 23:59")
    return time.fromisoformat(text)


def _month_day(value: Any) -> MonthDay:
    found = _MONTH_DAY.fullmatch(_text(value))
    try:
        if found:
            return MonthDay(int(found[1]), int(found[2]))
    except ValueError:
        found = None
    raise ValueError("must be a day such as 12-24")


def _holiday(value: Any) -> Holiday:
    if not isinstance(value, str) or value not in tuple(Holiday):
        raise ValueError(f"must be one of {', '.join(Holiday)}")
    return Holiday(value)


def _count(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number of days")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text")
    return value.strip()
