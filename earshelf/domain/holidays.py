"""On which day a holiday falls in a given year."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import StrEnum

_MONDAY, _THURSDAY, _SUNDAY = 0, 3, 6


class Holiday(StrEnum):
    """The holidays that are known; where countries differ the name says whose it is."""

    NEW_YEARS_DAY = "new_years_day"
    LUNAR_NEW_YEAR = "lunar_new_year"
    VALENTINES_DAY = "valentines_day"
    ST_PATRICKS_DAY = "st_patricks_day"
    EASTER = "easter"
    EASTER_ORTHODOX = "easter_orthodox"
    MOTHERS_DAY = "mothers_day"
    FATHERS_DAY = "fathers_day"
    INDEPENDENCE_DAY_US = "independence_day_us"
    LABOUR_DAY = "labour_day"
    LABOUR_DAY_US = "labour_day_us"
    THANKSGIVING_CA = "thanksgiving_ca"
    DIWALI = "diwali"
    HALLOWEEN = "halloween"
    THANKSGIVING_US = "thanksgiving_us"
    HANUKKAH = "hanukkah"
    CHRISTMAS = "christmas"
    NEW_YEARS_EVE = "new_years_eve"


def holiday_date(holiday: Holiday, year: int) -> date | None:
    """Finds the holiday's day in a year of the common calendar; None where a table does not reach that year.

    Hanukkah is the evening of its first candle, Diwali the day of Lakshmi Puja, Labour Day is 1 May (the American one
    is the first Monday of September), Mother's and Father's Day are those of most countries: second Sunday of May,
    third Sunday of June.
    """
    return _RULES[holiday](year)


def western_easter(year: int) -> date:
    """Computes Easter Sunday by the Gregorian rule, with the anonymous computus."""
    century, in_century = divmod(year, 100)
    leaps, rest = divmod(century, 4)
    lunar = (century - (century + 8) // 25 + 1) // 3
    golden = year % 19
    epact = (19 * golden + century - leaps - lunar + 15) % 30
    leaps_in_century, rest_in_century = divmod(in_century, 4)
    weekday = (32 + 2 * rest + 2 * leaps_in_century - epact - rest_in_century) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


def orthodox_easter(year: int) -> date:
    """Computes Easter Sunday by the Julian rule and gives its day in the common (Gregorian) calendar."""
    moon = (19 * (year % 19) + 15) % 30
    weekday = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7
    month, day = divmod(moon + weekday + 114, 31)
    # both calendars count the same days under other names; the gap grows in three of four centuries
    return date(year, month, day + 1) + timedelta(days=year // 100 - year // 400 - 2)


def _nth(month: int, weekday: int, nth: int) -> Callable[[int], date]:
    def of(year: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))

    return of


def _fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _listed(first_year: int, *days: tuple[int, int]) -> Callable[[int], date | None]:
    table = {year: date(year, *day) for year, day in enumerate(days, start=first_year)}
    return table.get


_RULES: Mapping[Holiday, Callable[[int], date | None]] = {
    Holiday.NEW_YEARS_DAY: _fixed(1, 1),
    # the new moon of China's first month, 2024 to 2040
    Holiday.LUNAR_NEW_YEAR: _listed(
        2024,
        (2, 10), (1, 29), (2, 17), (2, 6), (1, 26), (2, 13), (2, 3), (1, 23), (2, 11), (1, 31), (2, 19), (2, 8),
        (1, 28), (2, 15), (2, 4), (1, 24), (2, 12),
    ),
    Holiday.VALENTINES_DAY: _fixed(2, 14),
    Holiday.ST_PATRICKS_DAY: _fixed(3, 17),
    Holiday.EASTER: western_easter,
    Holiday.EASTER_ORTHODOX: orthodox_easter,
    Holiday.MOTHERS_DAY: _nth(5, _SUNDAY, 2),
    Holiday.FATHERS_DAY: _nth(6, _SUNDAY, 3),
    Holiday.INDEPENDENCE_DAY_US: _fixed(7, 4),
    Holiday.LABOUR_DAY: _fixed(5, 1),
    Holiday.LABOUR_DAY_US: _nth(9, _MONDAY, 1),
    Holiday.THANKSGIVING_CA: _nth(10, _MONDAY, 2),
    # the evening of the new moon of Kartika in India, 2024 to 2040; 2024 and 2025 as India's government gave them
    Holiday.DIWALI: _listed(
        2024,
        (10, 31), (10, 20), (11, 8), (10, 29), (10, 17), (11, 5), (10, 26), (11, 14), (11, 2), (10, 22), (11, 10),
        (10, 30), (10, 19), (11, 7), (10, 27), (10, 17), (11, 4),
    ),
    Holiday.HALLOWEEN: _fixed(10, 31),
    Holiday.THANKSGIVING_US: _nth(11, _THURSDAY, 4),
    # the evening before 25 Kislev, 2024 to 2040
    Holiday.HANUKKAH: _listed(
        2024,
        (12, 25), (12, 14), (12, 4), (12, 24), (12, 12), (12, 1), (12, 20), (12, 9), (11, 27), (12, 16), (12, 6),
        (12, 25), (12, 13), (12, 2), (12, 21), (12, 11), (11, 29),
    ),
    Holiday.CHRISTMAS: _fixed(12, 25),
    Holiday.NEW_YEARS_EVE: _fixed(12, 31),
}  # fmt: skip
