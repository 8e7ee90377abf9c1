"""Spans of time in plain values."""

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from earshelf.domain.errors import Invalid
from earshelf.domain.holidays import Holiday
from earshelf.domain.schedule_forms import read_span, spell_span
from earshelf.domain.schedules import HolidaySeason, MonthDay, OneTime, Recurring, ScheduleType, Seasonal, Span
from tests.unit.test_schedules import spans

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = {"schedule_type": "recurring", "days_of_week": [6, 5], "start_time": "22:00", "end_time": "06:00"}
DATES: list[tuple[dict[str, Any], Span]] = [
    (
        {"schedule_type": "one_time", "start_date": "2026-12-01", "end_date": "2026-12-02"},
        OneTime(datetime(2026, 11, 30, 23, tzinfo=UTC), datetime(2026, 12, 2, 23, tzinfo=UTC)),
    ),
    (
        {"schedule_type": "one_time", "start_date": "2026-12-01T20:00", "end_date": "2026-12-01T23:00:00.000Z"},
        OneTime(datetime(2026, 12, 1, 19, tzinfo=UTC), datetime(2026, 12, 1, 23, tzinfo=UTC)),
    ),
    (NIGHT, Recurring((5, 6), time(22), time(6))),
    (
        {"schedule_type": "seasonal", "start_date": "12-01", "end_date": "2027-01-06T00:00:00.000Z"},
        Seasonal(MonthDay(12, 1), MonthDay(1, 6)),
    ),
    (
        {"schedule_type": "seasonal", "start_date": "02-29", "end_date": "2025-03-01"},
        Seasonal(MonthDay(2, 29), MonthDay(3, 1)),
    ),
    ({"schedule_type": "holiday", "holiday": "easter"}, HolidaySeason(Holiday.EASTER)),
    (
        {"schedule_type": "holiday", "holiday": "thanksgiving_us", "days_before": 7, "days_after": 1},
        HolidaySeason(Holiday.THANKSGIVING_US, 7, 1),
    ),
]


@pytest.mark.parametrize(("fields", "span"), DATES)
def test_a_span_is_read_in_the_owners_zone(fields: dict[str, Any], span: Span) -> None:
    assert read_span(fields, BERLIN) == span


@pytest.mark.parametrize(("_", "span"), DATES)
def test_a_span_is_read_as_it_was_spelled(_: dict[str, Any], span: Span) -> None:
    assert read_span(spell_span(span, BERLIN), BERLIN) == span


@given(spans)
def test_any_span_is_read_as_it_was_spelled(span: Span) -> None:
    assert read_span(spell_span(span, BERLIN), BERLIN) == span


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"schedule_type"}),
        ({"schedule_type": "daily"}, {"schedule_type"}),
        ({"schedule_type": ["one_time"]}, {"schedule_type"}),
        ({"schedule_type": "one_time"}, {"start_date", "end_date"}),
        ({"schedule_type": "one_time", "start_date": "soon", "end_date": 5}, {"start_date", "end_date"}),
        ({"schedule_type": "one_time", "start_date": "2026-02-30", "end_date": "2026-03-01"}, {"start_date"}),
        ({"schedule_type": "one_time", "start_date": "2026-03-02", "end_date": "2026-03-01"}, {"end_date"}),
        ({"schedule_type": "one_time", "start_date": "9999-12-30", "end_date": "9999-12-31"}, {"end_date"}),
        ({"schedule_type": "recurring"}, {"days_of_week", "start_time", "end_time"}),
        (NIGHT | {"start_time": "24:00", "end_time": "99:99"}, {"start_time", "end_time"}),
        (NIGHT | {"start_time": "9:00"}, {"start_time"}),
        (NIGHT | {"days_of_week": []}, {"days_of_week"}),
        (NIGHT | {"days_of_week": [1, 7]}, {"days_of_week"}),
        (NIGHT | {"days_of_week": [1, True]}, {"days_of_week"}),
        (NIGHT | {"days_of_week": "135"}, {"days_of_week"}),
        ({"schedule_type": "seasonal", "start_date": "13-01", "end_date": "02-30"}, {"start_date", "end_date"}),
        ({"schedule_type": "holiday", "holiday": "birthday", "days_before": "7"}, {"holiday", "days_before"}),
        ({"schedule_type": "holiday", "holiday": "easter", "days_after": 91}, {"days_after"}),
    ],
)
def test_what_is_missing_or_wrong_is_named_field_by_field(fields: dict[str, Any], wrong: set[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        read_span(fields, BERLIN)
    assert set(refusal.value.fields) == wrong


def test_only_the_asked_kinds_are_read() -> None:
    fields = {"schedule_type": "seasonal", "start_date": "12-01", "end_date": "12-26"}
    with pytest.raises(Invalid) as refusal:
        read_span(fields, BERLIN, (ScheduleType.ONE_TIME, ScheduleType.RECURRING))
    assert refusal.value.fields == {"schedule_type": "must be one of one_time, recurring"}
