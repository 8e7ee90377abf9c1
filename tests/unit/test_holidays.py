"""Holidays against the calendars of the years 2024 to 2035."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.holidays import Holiday, holiday_date

YEARS = range(2024, 2036)
FLOATING = {
    Holiday.EASTER: "3-31 4-20 4-5 3-28 4-16 4-1 4-21 4-13 3-28 4-17 4-9 3-25",
    Holiday.EASTER_ORTHODOX: "5-5 4-20 4-12 5-2 4-16 4-8 4-28 4-13 5-2 4-24 4-9 4-29",
    Holiday.MOTHERS_DAY: "5-12 5-11 5-10 5-9 5-14 5-13 5-12 5-11 5-9 5-8 5-14 5-13",
    Holiday.FATHERS_DAY: "6-16 6-15 6-21 6-20 6-18 6-17 6-16 6-15 6-20 6-19 6-18 6-17",
    Holiday.LABOUR_DAY_US: "9-2 9-1 9-7 9-6 9-4 9-3 9-2 9-1 9-6 9-5 9-4 9-3",
    Holiday.THANKSGIVING_CA: "10-14 10-13 10-12 10-11 10-9 10-8 10-14 10-13 10-11 10-10 10-9 10-8",
    Holiday.THANKSGIVING_US: "11-28 11-27 11-26 11-25 11-23 11-22 11-28 11-27 11-25 11-24 11-23 11-22",
    Holiday.LUNAR_NEW_YEAR: "2-10 1-29 2-17 2-6 1-26 2-13 2-3 1-23 2-11 1-31 2-19 2-8",
    Holiday.DIWALI: "10-31 10-20 11-8 10-29 10-17 11-5 10-26 11-14 11-2 10-22 11-10 10-30",
    Holiday.HANUKKAH: "12-25 12-14 12-4 12-24 12-12 12-1 12-20 12-9 11-27 12-16 12-6 12-25",
}
FIXED = {
    Holiday.NEW_YEARS_DAY: (1, 1),
    Holiday.VALENTINES_DAY: (2, 14),
    Holiday.ST_PATRICKS_DAY: (3, 17),
    Holiday.LABOUR_DAY: (5, 1),
    Holiday.INDEPENDENCE_DAY_US: (7, 4),
    Holiday.HALLOWEEN: (10, 31),
    Holiday.CHRISTMAS: (12, 25),
    Holiday.NEW_YEARS_EVE: (12, 31),
}
RULED = [one for one in Holiday if one not in {Holiday.LUNAR_NEW_YEAR, Holiday.DIWALI, Holiday.HANUKKAH}]


def expected(holiday: Holiday) -> list[date]:
    """The literal table of a holiday."""
    days = FLOATING.get(holiday)
    spelled = [tuple(map(int, day.split("-"))) for day in days.split()] if days else [FIXED[holiday]] * len(YEARS)
    return [date(year, *day) for year, day in zip(YEARS, spelled, strict=True)]


@pytest.mark.parametrize("holiday", Holiday)
def test_a_holiday_falls_where_the_calendars_have_it(holiday: Holiday) -> None:
    assert [holiday_date(holiday, year) for year in YEARS] == expected(holiday)


@pytest.mark.parametrize("holiday", [Holiday.LUNAR_NEW_YEAR, Holiday.DIWALI, Holiday.HANUKKAH])
def test_a_holiday_from_a_table_is_unknown_beyond_it(holiday: Holiday) -> None:
    assert holiday_date(holiday, 2040) is not None
    assert holiday_date(holiday, 2023) is None
    assert holiday_date(holiday, 2041) is None


@given(st.integers(1600, 4000), st.sampled_from(RULED))
def test_a_holiday_by_rule_is_in_its_year_in_every_year(year: int, holiday: Holiday) -> None:
    found = holiday_date(holiday, year)
    assert found is not None
    assert found.year == year


@given(st.integers(1600, 4000))
def test_western_easter_is_a_sunday_from_22_march_to_25_april(year: int) -> None:
    easter = holiday_date(Holiday.EASTER, year)
    assert easter is not None
    assert easter.isoweekday() == 7
    assert date(year, 3, 22) <= easter <= date(year, 4, 25)


@given(st.integers(1900, 2099))
def test_orthodox_easter_is_never_before_the_western_one_and_whole_weeks_later(year: int) -> None:
    western, orthodox = holiday_date(Holiday.EASTER, year), holiday_date(Holiday.EASTER_ORTHODOX, year)
    assert western is not None
    assert orthodox is not None
    assert (orthodox - western) % timedelta(weeks=1) == timedelta()
    assert timedelta() <= orthodox - western <= timedelta(weeks=5)
