"""Presets and schedules of prerolls: made, changed, guarded against each other, removed."""

from collections.abc import AsyncIterator
from datetime import UTC, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from earshelf.adapters.memory.storage import MemoryDatabase
from earshelf.domain.errors import Invalid, NotFound
from earshelf.domain.ids import PrerollPresetId, PrerollScheduleId
from earshelf.domain.preroll_errors import PresetInUse, ScheduleConflict
from earshelf.domain.prerolls import PrerollMode, PrerollPreset, Prerolls, PrerollSchedule, PresetEntry
from earshelf.domain.schedules import MonthDay, OneTime, Recurring, Seasonal
from earshelf.domain.usecases.programming import PresetDraft, ScheduleDraft
from tests.unit.cinema import START, Cinema, hour

SNOW = PresetDraft(" Winter ", (PresetEntry("Snow", "/snow.mp4"), PresetEntry("Ice", "/ice.mp4")), PrerollMode.RANDOM)
EVENINGS = Recurring((0, 1, 2, 3, 4, 5, 6), time(18), time(23))
DECEMBER = Seasonal(MonthDay(12, 1), MonthDay(12, 31))
PATH = Prerolls(("/a.mp4",))


@pytest.fixture
async def cinema() -> AsyncIterator[Cinema]:
    async with MemoryDatabase() as database:
        yield Cinema(database.storage)


async def test_presets_are_kept_newest_first(cinema: Cinema) -> None:
    first = await cinema.programming.add_preset(SNOW)
    cinema.clock.advance(1)
    second = await cinema.programming.add_preset(SNOW)
    assert (first.name, first.created_at, first.updated_at) == ("Winter", START, START)
    assert await cinema.programming.presets() == [second, first]
    assert await cinema.programming.preset(first.id) == first


async def test_a_changed_preset_keeps_its_age_and_schedules_their_copies(cinema: Cinema) -> None:
    preset = await cinema.programming.add_preset(SNOW)
    schedule = await cinema.programming.add_schedule(ScheduleDraft("Winter", DECEMBER, preset_id=preset.id))
    cinema.clock.advance(60)

    def renamed(stored: PrerollPreset) -> PresetDraft:
        return PresetDraft("New", (PresetEntry("b", "/b.mp4"),), stored.mode)

    changed = await cinema.programming.change_preset(preset.id, renamed)
    assert (changed.created_at, changed.updated_at) == (START, START + timedelta(minutes=1))
    assert changed.mode is PrerollMode.RANDOM
    kept = await cinema.programming.schedule(schedule.id)
    assert kept.prerolls == Prerolls(("/snow.mp4", "/ice.mp4"), PrerollMode.RANDOM)
    assert kept.preset_id == preset.id


async def test_a_preset_in_use_is_removed_by_force_only(cinema: Cinema) -> None:
    preset = await cinema.programming.add_preset(SNOW)
    schedule = await cinema.programming.add_schedule(ScheduleDraft("Winter", DECEMBER, preset_id=preset.id))
    with pytest.raises(PresetInUse):
        await cinema.programming.remove_preset(preset.id)
    await cinema.programming.remove_preset(preset.id, force=True)
    assert await cinema.programming.presets() == []
    assert await cinema.programming.schedules() == [schedule]


async def test_what_is_not_there_is_not_found(cinema: Cinema) -> None:
    preset, schedule = PrerollPresetId("pp_none"), PrerollScheduleId("ps_none")
    for ask in (
        cinema.programming.preset(preset),
        cinema.programming.change_preset(preset, lambda _: SNOW),
        cinema.programming.remove_preset(preset, force=True),
        cinema.programming.schedule(schedule),
        cinema.programming.change_schedule(schedule, lambda _: ScheduleDraft("a", DECEMBER, PATH)),
        cinema.programming.remove_schedule(schedule),
    ):
        with pytest.raises(NotFound):
            await ask


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (ScheduleDraft("a", DECEMBER), "paths"),
        (ScheduleDraft("a", DECEMBER, preset_id=PrerollPresetId("pp_none")), "preset_id"),
        (ScheduleDraft("a", DECEMBER, Prerolls()), "paths"),
        (ScheduleDraft(" ", DECEMBER, PATH), "name"),
    ],
)
async def test_a_schedule_without_anything_to_play_is_refused(cinema: Cinema, draft: ScheduleDraft, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        await cinema.programming.add_schedule(draft)
    assert set(caught.value.fields) == {field}
    assert await cinema.programming.schedules() == []


async def test_schedules_of_one_priority_must_not_overlap_unless_that_is_meant(cinema: Cinema) -> None:
    await cinema.programming.add_schedule(ScheduleDraft("December", DECEMBER, PATH))
    evenings = ScheduleDraft("Evenings", EVENINGS, PATH)
    with pytest.raises(ScheduleConflict, match="'December' from 2026-12-01 18:00 UTC"):
        await cinema.programming.add_schedule(evenings)
    assert len(await cinema.programming.schedules()) == 1
    await cinema.programming.add_schedule(evenings, allow_overlap=True)
    await cinema.programming.add_schedule(ScheduleDraft("Above", EVENINGS, PATH, priority=1))
    assert next(each.name for each in await cinema.programming.schedules()) == "Above"


async def test_a_disabled_schedule_may_overlap_until_it_is_switched_on(cinema: Cinema) -> None:
    await cinema.programming.add_schedule(ScheduleDraft("December", DECEMBER, PATH))
    asleep = await cinema.programming.add_schedule(ScheduleDraft("Asleep", EVENINGS, PATH, enabled=False))

    def enabled(stored: PrerollSchedule) -> ScheduleDraft:
        return ScheduleDraft(stored.name, stored.span, stored.prerolls)

    with pytest.raises(ScheduleConflict):
        await cinema.programming.change_schedule(asleep.id, enabled)
    assert await cinema.programming.schedule(asleep.id) == asleep
    changed = await cinema.programming.change_schedule(asleep.id, enabled, allow_overlap=True)
    assert changed.enabled


async def test_a_schedule_does_not_conflict_with_itself(cinema: Cinema) -> None:
    schedule = await cinema.programming.add_schedule(ScheduleDraft("December", DECEMBER, PATH))
    cinema.clock.advance(1)
    changed = await cinema.programming.change_schedule(
        schedule.id, lambda stored: ScheduleDraft("Advent", stored.span, stored.prerolls)
    )
    assert (changed.name, changed.updated_at) == ("Advent", START + timedelta(seconds=1))


async def test_conflicts_are_reckoned_in_the_owners_zone(cinema: Cinema) -> None:
    there = Cinema(cinema.storage, before=cinema, zone=ZoneInfo("Pacific/Auckland"))
    await there.programming.add_schedule(ScheduleDraft("December", DECEMBER, PATH))
    january = OneTime(START + timedelta(days=30, hours=12), START + timedelta(days=31))
    await there.programming.add_schedule(ScheduleDraft("January", january, PATH))
    with pytest.raises(ScheduleConflict):
        await cinema.programming.add_schedule(ScheduleDraft("January in UTC", january, PATH))


async def test_what_is_coming_is_told_by_time(cinema: Cinema) -> None:
    await cinema.schedule("a", 1, 2)
    await cinema.schedule("b", 3, 4)
    coming = await cinema.programming.coming(timedelta(days=1), most=3)
    told = [(change.at.astimezone(UTC), change.schedule.name if change.schedule else None) for change in coming]
    assert told == [(hour(1), "a"), (hour(2), None), (hour(3), "b")]
