"""When spans of time are active, through nights, seasons, leap days and changes of the clock."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.errors import Invalid
from earshelf.domain.holidays import Holiday
from earshelf.domain.schedules import (
    Change,
    HolidaySeason,
    MonthDay,
    OneTime,
    Recurring,
    Seasonal,
    Span,
    Window,
    changes,
    first_overlap,
    moment,
    window_at,
    windows,
)

BERLIN = ZoneInfo("Europe/Berlin")
HAVANA = ZoneInfo("America/Havana")
EVERY_DAY = tuple(range(7))
FRIDAY, SATURDAY = 5, 6
FRIDAY_NIGHT = Recurring((FRIDAY,), time(22), time(6))
HOUR = timedelta(hours=1)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """A moment by the clock on the wall."""
    return moment(datetime.fromisoformat(text), zone)


def is_active(span: Span, text: str, zone: ZoneInfo = BERLIN) -> bool:
    """Whether the span is active when the clock on the wall shows this."""
    return window_at(span, at(text, zone), zone) is not None


# 2026-11-20 is a Friday
@pytest.mark.parametrize(
    ("wall", "active"),
    [
        ("2026-11-20T02:00", False),
        ("2026-11-20T21:59:59", False),
        ("2026-11-20T22:00", True),
        ("2026-11-21T02:00", True),
        ("2026-11-21T05:59:59", True),
        ("2026-11-21T06:00", False),
        ("2026-11-21T22:00", False),
    ],
)
def test_a_window_through_the_night_belongs_to_the_day_on_which_it_starts(wall: str, active: bool) -> None:
    assert is_active(FRIDAY_NIGHT, wall) is active


@pytest.mark.parametrize(
    ("wall", "active"), [("2026-11-20T08:59", False), ("2026-11-20T09:00", True), ("2026-11-20T16:59", True),
                         ("2026-11-20T17:00", False), ("2026-11-21T10:00", False)]
)  # fmt: skip
def test_a_window_by_day_ends_just_before_its_end(wall: str, active: bool) -> None:
    assert is_active(Recurring((FRIDAY,), time(9), time(17)), wall) is active


def test_equal_start_and_end_are_24_hours() -> None:
    span = Recurring((FRIDAY,), time(8), time(8))
    assert window_at(span, at("2026-11-21T07:59"), BERLIN) == Window(at("2026-11-20T08:00"), at("2026-11-21T08:00"))
    assert not is_active(span, "2026-11-21T08:00")


def test_sunday_is_day_0() -> None:
    span = Recurring((0,), time(9), time(10))
    assert is_active(span, "2026-11-22T09:30")
    assert not is_active(span, "2026-11-21T09:30")


@pytest.mark.parametrize(
    ("night", "hours"), [("2026-03-28T22:00", 7), ("2026-10-24T22:00", 9), ("2026-11-21T22:00", 8)]
)
def test_a_night_in_which_the_clock_changes_still_ends_by_the_clock(night: str, hours: int) -> None:
    window = window_at(Recurring((SATURDAY,), time(22), time(6)), at(night), BERLIN)
    assert window == Window(at(night), at(night) + hours * HOUR)
    assert window.end.astimezone(BERLIN).time() == time(6)


def test_a_time_that_the_clock_skips_is_the_moment_of_the_skip() -> None:
    assert at("2026-03-29T02:30") == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert at("2026-03-29T02:30") == at("2026-03-29T03:00")


def test_a_window_inside_the_skipped_hour_is_left_out_that_day() -> None:
    span = Recurring(EVERY_DAY, time(2, 15), time(2, 45))
    found = list(windows(span, since=at("2026-03-28T00:00"), until=at("2026-03-31T00:00"), zone=BERLIN))
    assert [window.start.astimezone(BERLIN).day for window in found] == [28, 30]


def test_a_time_that_comes_twice_is_the_first_one_and_its_window_comes_once() -> None:
    span = Recurring((0,), time(2, 15), time(2, 45))
    found = list(windows(span, since=at("2026-10-25T00:00"), until=at("2026-10-26T00:00"), zone=BERLIN))
    assert found == [Window(datetime(2026, 10, 25, 0, 15, tzinfo=UTC), datetime(2026, 10, 25, 0, 45, tzinfo=UTC))]


def test_a_day_whose_midnight_is_skipped_begins_when_the_clock_goes_on() -> None:
    season = Seasonal(MonthDay(3, 8), MonthDay(3, 8))
    found = window_at(season, datetime(2026, 3, 8, 12, tzinfo=UTC), HAVANA)
    assert found == Window(datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2026, 3, 9, 4, tzinfo=UTC))


CHRISTMAS = Seasonal(MonthDay(12, 1), MonthDay(1, 6))


@pytest.mark.parametrize(
    ("wall", "active"),
    [
        ("2026-11-30T23:59:59", False),
        ("2026-12-01T00:00", True),
        ("2026-12-31T23:59:59", True),
        ("2027-01-01T00:00", True),
        ("2027-01-06T23:59:59", True),
        ("2027-01-07T00:00", False),
        ("2035-12-24T18:00", True),
    ],
)
def test_a_season_wraps_over_new_year_every_year(wall: str, active: bool) -> None:
    assert is_active(CHRISTMAS, wall) is active


@pytest.mark.parametrize(
    ("wall", "active"),
    [("2027-02-28T12:00", True), ("2027-02-27T12:00", False), ("2027-03-01T00:00", False),
     ("2028-02-28T12:00", False), ("2028-02-29T12:00", True), ("2028-03-01T00:00", False), ("2100-02-28T12:00", True)],
)  # fmt: skip
def test_29_february_is_the_28th_in_other_years(wall: str, active: bool) -> None:
    assert is_active(Seasonal(MonthDay(2, 29), MonthDay(2, 29)), wall) is active


def test_a_season_until_29_february_ends_with_february() -> None:
    span = Seasonal(MonthDay(2, 1), MonthDay(2, 29))
    assert is_active(span, "2027-02-28T23:59")
    assert not is_active(span, "2027-03-01T00:00")
    assert is_active(span, "2028-02-29T23:59")


@pytest.mark.parametrize(
    ("wall", "active"), [("2026-11-18T23:59", False), ("2026-11-19T00:00", True), ("2026-11-27T23:59", True),
                         ("2026-11-28T00:00", False), ("2027-11-18T00:00", True)]
)  # fmt: skip
def test_a_holiday_season_moves_with_its_holiday(wall: str, active: bool) -> None:
    assert is_active(HolidaySeason(Holiday.THANKSGIVING_US, 7, 1), wall) is active


def test_a_holiday_season_reaches_into_the_year_before() -> None:
    span = HolidaySeason(Holiday.NEW_YEARS_DAY, days_before=3)
    assert is_active(span, "2026-12-29T00:00")
    assert not is_active(span, "2026-12-28T23:59")


def test_a_one_time_span_ends_just_before_its_end() -> None:
    span = OneTime(at("2026-12-01T20:00"), at("2026-12-02T04:00"))
    assert is_active(span, "2026-12-01T20:00")
    assert is_active(span, "2026-12-02T03:59:59")
    assert not is_active(span, "2026-12-02T04:00")


def test_a_window_holds_its_start_and_not_its_end() -> None:
    window = Window(at("2026-12-01T20:00"), at("2026-12-01T21:00"))
    assert window.holds(window.start)
    assert not window.holds(window.end)


def test_changes_are_told_by_time_and_only_within_the_horizon() -> None:
    told = changes(FRIDAY_NIGHT, now=at("2026-11-21T01:00"), horizon=timedelta(days=7), zone=BERLIN)
    assert told == [Change(at("2026-11-21T06:00"), active=False), Change(at("2026-11-27T22:00"), active=True)]


def test_days_without_a_gap_between_them_never_change() -> None:
    span = Recurring(EVERY_DAY, time(3), time(3))
    assert changes(span, now=at("2026-11-21T01:00"), horizon=timedelta(days=3, hours=2), zone=BERLIN) == []


def test_a_span_that_is_over_never_changes_again() -> None:
    span = OneTime(at("2026-12-01T20:00"), at("2026-12-02T04:00"))
    assert changes(span, now=at("2026-12-02T04:00"), horizon=timedelta(days=400), zone=BERLIN) == []


NOW = "2026-11-21T12:00"
OVERLAPS: list[tuple[Span, Span, str | None]] = [
    (FRIDAY_NIGHT, Recurring((SATURDAY,), time(5), time(7)), "2026-11-28T05:00"),
    (FRIDAY_NIGHT, Recurring((SATURDAY,), time(6), time(7)), None),
    (FRIDAY_NIGHT, CHRISTMAS, "2026-12-04T22:00"),
    (CHRISTMAS, HolidaySeason(Holiday.CHRISTMAS, 1, 1), "2026-12-24T00:00"),
    (CHRISTMAS, Seasonal(MonthDay(1, 6), MonthDay(2, 1)), "2027-01-06T00:00"),
    (CHRISTMAS, Seasonal(MonthDay(1, 7), MonthDay(11, 30)), None),
    (OneTime(at("2026-11-20T12:00"), at("2026-12-01T00:00")), OneTime(at("2026-11-01T12:00"), at("2027-01-01T00:00")),
     NOW),
    (OneTime(at("2026-11-20T12:00"), at("2026-11-21T12:00")), OneTime(at("2026-11-01T12:00"), at("2027-01-01T00:00")),
     None),
    (OneTime(at("2028-01-01T00:00"), at("2028-02-01T00:00")), OneTime(at("2028-01-01T00:00"), at("2028-02-01T00:00")),
     None),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "found"), OVERLAPS)
def test_the_first_overlap_is_found_within_twelve_months(one: Span, other: Span, found: str | None) -> None:
    expected = at(found) if found else None
    assert first_overlap(one, other, now=at(NOW), zone=BERLIN) == expected
    assert first_overlap(other, one, now=at(NOW), zone=BERLIN) == expected


@pytest.mark.parametrize(
    ("make", "fields"),
    [
        (lambda: OneTime(at(NOW), at(NOW)), {"end_date"}),
        (lambda: OneTime(datetime(2026, 1, 1), at(NOW)), {"start_date"}),  # noqa: DTZ001 - refused for this
        (lambda: OneTime(at("1969-12-31T00:00"), datetime.max.replace(tzinfo=UTC)), {"start_date", "end_date"}),
        (lambda: Recurring((), time(1), time(2)), {"days_of_week"}),
        (lambda: Recurring((7,), time(1), time(2)), {"days_of_week"}),
        (lambda: Recurring((1, 1), time(1), time(2)), {"days_of_week"}),
        (lambda: HolidaySeason(Holiday.EASTER, -1, 91), {"days_before", "days_after"}),
    ],
)
def test_impossible_spans_are_refused_by_field(make: Callable[[], Span], fields: set[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        make()
    assert set(refusal.value.fields) == fields


spans = st.one_of(
    st.builds(
        Recurring,
        st.lists(st.integers(0, 6), min_size=1, unique=True).map(tuple),
        st.times().map(lambda one: one.replace(second=0, microsecond=0)),
        st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    ),
    st.builds(
        Seasonal,
        st.builds(MonthDay, st.integers(1, 12), st.integers(1, 28)),
        st.builds(MonthDay, st.integers(1, 12), st.integers(1, 28)),
    ),
    st.builds(HolidaySeason, st.sampled_from(Holiday), st.integers(0, 90), st.integers(0, 90)),
)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
zones = st.sampled_from([BERLIN, HAVANA, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")])


@given(spans, moments, zones)
def test_windows_come_in_order_and_never_overlap(span: Span, now: datetime, zone: ZoneInfo) -> None:
    found = list(windows(span, since=now, until=now + timedelta(days=20), zone=zone))
    assert all(window.start < window.end for window in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@given(spans, moments, zones)
def test_the_window_at_a_moment_is_one_of_the_windows_around_it(span: Span, now: datetime, zone: ZoneInfo) -> None:
    around = windows(span, since=now - timedelta(days=2), until=now + timedelta(days=2), zone=zone)
    assert window_at(span, now, zone) == next((window for window in around if window.holds(now)), None)


@given(
    st.lists(st.integers(0, 6), min_size=1, unique=True),
    st.integers(0, 23),
    st.integers(0, 23),
    st.integers(0, 24 * 60),
)
def test_without_changes_of_the_clock_a_window_is_what_the_wall_shows(
    days: list[int], start: int, end: int, minutes: int
) -> None:
    wall = datetime(2026, 11, 20) + timedelta(minutes=minutes)  # noqa: DTZ001 - the clock on the wall
    clock, today, yesterday = wall.time(), wall.isoweekday() % 7, (wall.isoweekday() - 1) % 7
    if start < end:
        shown = today in days and time(start) <= clock < time(end)
    else:
        shown = (today in days and clock >= time(start)) or (yesterday in days and clock < time(end))
    assert is_active(Recurring(tuple(days), time(start), time(end)), wall.isoformat()) is shown
