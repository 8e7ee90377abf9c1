"""Presets, the text a server keeps, and which schedule applies."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earshelf.domain.errors import Invalid
from earshelf.domain.holidays import Holiday
from earshelf.domain.ids import PrerollPresetId, PrerollScheduleId
from earshelf.domain.preroll_errors import MixedSeparators, PresetInUse, ScheduleConflict
from earshelf.domain.prerolls import (
    PrerollMode,
    PrerollPreset,
    Prerolls,
    PrerollSchedule,
    PresetEntry,
    overlaps,
    read_prerolls,
    refuse_deletion,
    refuse_overlap,
    timeline,
    winner,
)
from earshelf.domain.schedules import HolidaySeason, MonthDay, OneTime, Recurring, Seasonal, Span, moment
from tests.unit.test_schedules import spans

BERLIN = ZoneInfo("Europe/Berlin")
SEQUENTIAL, RANDOM = PrerollMode
YEAR = timedelta(days=366)
EVERY_DAY = tuple(range(7))


def at(text: str) -> datetime:
    return moment(datetime.fromisoformat(text), BERLIN)


EDITED = at("2026-01-01T00:00")


def schedule(name: str, span: Span, *, priority: int = 0, updated_at: datetime = EDITED) -> PrerollSchedule:
    """A schedule with a preroll of its own name."""
    path = Prerolls((f"/prerolls/{name}.mp4",))
    return PrerollSchedule(PrerollScheduleId(f"ps_{name}"), name, path, span, updated_at, priority)


ADVENT = schedule("advent", Seasonal(MonthDay(12, 1), MonthDay(12, 26)))
EVENING = schedule("evening", Recurring(EVERY_DAY, time(18), time(23)))
FEAST = schedule("feast", HolidaySeason(Holiday.CHRISTMAS, 1, 1))
PREMIERE = schedule("premiere", OneTime(at("2026-12-24T00:00"), at("2027-01-24T00:00")))


@pytest.mark.parametrize(
    ("paths", "mode", "value"),
    [
        ((), SEQUENTIAL, ""),
        (("/a.mp4",), RANDOM, "/a.mp4"),
        (("/a.mp4", "/b c.mp4"), SEQUENTIAL, "/a.mp4,/b c.mp4"),
        ((" /a.mp4 ", "D:\\b.mp4"), RANDOM, "/a.mp4;D:\\b.mp4"),
    ],
)
def test_paths_are_one_text_for_the_server(paths: tuple[str, ...], mode: PrerollMode, value: str) -> None:
    assert Prerolls(paths, mode).value == value


@pytest.mark.parametrize(
    ("value", "prerolls"),
    [
        ("", Prerolls()),
        (" , ", Prerolls()),
        ("/a.mp4", Prerolls(("/a.mp4",))),
        ("/a.mp4, /b.mp4,,", Prerolls(("/a.mp4", "/b.mp4"))),
        ("/a.mp4; \\\\nas\\b.mp4", Prerolls(("/a.mp4", "\\\\nas\\b.mp4"), RANDOM)),
    ],
)
def test_the_text_of_a_server_is_read(value: str, prerolls: Prerolls) -> None:
    assert read_prerolls(value) == prerolls


paths = st.lists(st.text(st.characters(exclude_characters=",;", exclude_categories=["C"]), min_size=1)
                 .filter(str.strip), min_size=2).map(tuple)  # fmt: skip


@given(paths, st.sampled_from(PrerollMode))
def test_what_is_spelled_is_read_again(several: tuple[str, ...], mode: PrerollMode) -> None:
    prerolls = Prerolls(several, mode)
    assert read_prerolls(prerolls.value) == prerolls


def test_both_separators_at_once_are_refused_by_a_code_of_their_own() -> None:
    with pytest.raises(MixedSeparators) as refusal:
        read_prerolls("/a.mp4,/b.mp4;/c.mp4")
    assert (refusal.value.code, set(refusal.value.fields)) == ("mixed_separators", {"path"})


@pytest.mark.parametrize("path", ["/a,b.mp4", "/a;b.mp4", "", "  ", "/a\nb.mp4"])
def test_a_path_that_no_server_could_tell_apart_is_refused(path: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Prerolls(("/fine.mp4", path))
    assert set(refusal.value.fields) == {"paths.1"}


def test_a_text_of_more_than_6000_characters_is_warned_of() -> None:
    assert Prerolls(("a" * 6000,)).warning is None
    assert "6001 characters" in (Prerolls(("a" * 6001,)).warning or "")


def test_a_preset_gives_its_entries_in_order() -> None:
    entries = (PresetEntry("Snow", "/snow.mp4"), PresetEntry("Bells", "/bells.mp4"))
    preset = PrerollPreset(PrerollPresetId("pp_1"), "Winter", entries, RANDOM, created_at=EDITED, updated_at=EDITED)
    assert preset.prerolls.value == "/snow.mp4;/bells.mp4"


@pytest.mark.parametrize(
    ("name", "entries", "fields"),
    [
        (" ", (), {"name", "entries"}),
        ("Winter", (PresetEntry("Snow", "/a.mp4"), PresetEntry("", " ")), {"entries.1.name", "entries.1.path"}),
        ("Winter", (PresetEntry("Snow", "/a.mp4;/b.mp4"),), {"entries.0.path"}),
    ],
)
def test_an_unusable_preset_is_refused_by_field(name: str, entries: tuple[PresetEntry, ...], fields: set[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        PrerollPreset(PrerollPresetId("pp_1"), name, entries, created_at=EDITED, updated_at=EDITED)
    assert set(refusal.value.fields) == fields


def test_a_schedule_needs_a_name_and_a_path() -> None:
    with pytest.raises(Invalid) as refusal:
        replace(ADVENT, name="", prerolls=Prerolls())
    assert set(refusal.value.fields) == {"name", "paths"}


def test_a_preset_that_schedules_came_from_names_them() -> None:
    preset = PrerollPresetId("pp_1")
    with pytest.raises(PresetInUse, match="'advent', 'feast'"):
        refuse_deletion(preset, [replace(ADVENT, preset_id=preset), EVENING, replace(FEAST, preset_id=preset)])
    refuse_deletion(preset, [ADVENT, EVENING])


NOON, NIGHT = "2026-12-24T12:00", "2026-12-24T20:00"
LONG = schedule("long", OneTime(at("2026-12-01T00:00"), at("2027-02-24T00:00")))
NEWER = replace(ADVENT, id=PrerollScheduleId("ps_newer"), name="newer", updated_at=EDITED + timedelta(seconds=1))
WINNERS: list[tuple[str, list[PrerollSchedule], str | None]] = [
    ("2026-11-24T12:00", [ADVENT, EVENING, FEAST, PREMIERE], None),
    (NOON, [ADVENT, EVENING], "advent"),
    (NIGHT, [ADVENT, EVENING], "advent"),
    (NIGHT, [ADVENT, replace(EVENING, priority=1)], "evening"),
    (NOON, [ADVENT, FEAST], "feast"),
    (NOON, [ADVENT, FEAST, PREMIERE], "premiere"),
    (NOON, [replace(ADVENT, priority=-1), replace(FEAST, priority=-2)], "advent"),
    (NOON, [LONG, PREMIERE], "premiere"),
    (NOON, [ADVENT, NEWER], "newer"),
    (NOON, [replace(PREMIERE, enabled=False), ADVENT], "advent"),
]


@pytest.mark.parametrize(("now", "schedules", "name"), WINNERS)
def test_priority_then_kind_then_length_then_age_decide(
    now: str, schedules: list[PrerollSchedule], name: str | None
) -> None:
    for order in (schedules, schedules[::-1]):
        found = winner(order, at(now), BERLIN)
        assert (found.name if found else None) == name


def test_the_timeline_shows_what_applies_from_when() -> None:
    told = timeline([ADVENT, FEAST], now=at("2026-11-01T00:00"), horizon=YEAR, zone=BERLIN)
    assert [(change.at, change.schedule and change.schedule.name) for change in told] == [
        (at("2026-12-01T00:00"), "advent"),
        (at("2026-12-24T00:00"), "feast"),
        (at("2026-12-27T00:00"), None),
    ]


def test_the_timeline_leaves_out_what_never_comes_to_apply() -> None:
    strong = replace(EVENING, name="strong", id=PrerollScheduleId("ps_s"), priority=1)
    told = list(timeline([EVENING, strong], now=at("2026-11-01T00:00"), horizon=timedelta(days=1), zone=BERLIN))
    assert [change.schedule and change.schedule.name for change in told] == ["strong", None]


schedules = st.lists(
    st.builds(schedule, st.sampled_from("abcde"), spans, priority=st.integers(0, 2)),
    max_size=4,
    unique_by=lambda one: one.id,
)


@settings(deadline=None)
@given(schedules, st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001 - bounds
def test_the_timeline_agrees_with_what_applies_at_any_moment(several: list[PrerollSchedule], wall: datetime) -> None:
    now = moment(wall.replace(microsecond=0), BERLIN)
    applied = winner(several, now, BERLIN)
    for change in timeline(several, now=now, horizon=timedelta(days=10), zone=BERLIN):
        just_before = change.at - timedelta(seconds=1)
        assert just_before < now or winner(several, just_before, BERLIN) == applied
        assert winner(several, change.at, BERLIN) == change.schedule
        applied = change.schedule
    assert winner(several, now + timedelta(days=10) - timedelta(microseconds=1), BERLIN) == applied


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda one: one, ["advent"]),
        (lambda one: replace(one, priority=1), []),
        (lambda one: replace(one, enabled=False), []),
        (lambda one: replace(one, id=ADVENT.id), []),
    ],
)
def test_only_enabled_schedules_of_the_same_priority_are_in_conflict(
    change: Callable[[PrerollSchedule], PrerollSchedule], found: list[str]
) -> None:
    others = [ADVENT, replace(FEAST, enabled=False), schedule("may", Seasonal(MonthDay(5, 1), MonthDay(5, 2)))]
    told = overlaps(change(PREMIERE), others, now=at("2026-11-01T00:00"), zone=BERLIN)
    assert [one.name for one, _ in told] == found


def test_a_conflict_names_every_schedule_and_the_first_moment() -> None:
    told = overlaps(FEAST, [ADVENT, EVENING, PREMIERE], now=at("2026-11-01T00:00"), zone=BERLIN)
    with pytest.raises(ScheduleConflict) as refusal:
        refuse_overlap(told)
    assert refusal.value.overlaps == (
        ("advent", at("2026-12-24T00:00")),
        ("premiere", at("2026-12-24T00:00")),
        ("evening", at("2026-12-24T18:00")),
    )
    assert "'evening' from 2026-12-24 17:00 UTC" in refusal.value.message


def test_without_an_overlap_nothing_is_refused() -> None:
    refuse_overlap([])
