"""What every storage must do: presets and schedules of prerolls, and what is known of each server's.

Fixtures: ``storage`` is an empty :class:`~earshelf.ports.storage.Storage`.
"""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from earshelf.domain.errors import AlreadyExists, NotFound, StaleWrite
from earshelf.domain.holidays import Holiday
from earshelf.domain.ids import PrerollPresetId, PrerollScheduleId, ServerId
from earshelf.domain.paths import PathMapping
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.preroll_upkeep import Override, OverrideUntil, ServerPreroll
from earshelf.domain.prerolls import PrerollMode, PresetEntry
from earshelf.domain.schedules import HolidaySeason, MonthDay, OneTime, Recurring, Seasonal, Span
from earshelf.ports.storage import Storage

from .makers import NOON, a_preset, a_schedule, at

HOME, CABIN = ServerId("sv_home"), ServerId("sv_cabin")
FULL = ServerPreroll(
    HOME,
    baseline="/own жук.mp4",
    written="/a.mp4;/b.mp4",
    attempted="",
    echoed="/A.MP4",
    sent_at=at(1),
    actual="/own жук.mp4",
    read_at=datetime(2026, 3, 1, 12, 2, 0, 123456, tzinfo=UTC),
    override=Override("/hand.mp4", OverrideUntil.TIME, PrerollScheduleId("ps_1"), at(90)),
    failures=3,
    retry_at=at(4),
    error="unreachable",
)
SPANS: list[Span] = [
    OneTime(at(0), datetime(2026, 12, 1, 20, 15, 30, 999999, tzinfo=UTC)),
    Recurring((0, 6), time(22), time(1, 30)),
    Seasonal(MonthDay(12, 1), MonthDay(2, 29)),
    HolidaySeason(Holiday.HANUKKAH, 3, 8),
]


class PrerollPresetsContract:
    """Presets come back as they went in, newest first."""

    async def test_a_preset_comes_back_equal(self, storage: Storage) -> None:
        entries = (PresetEntry("Śnieg", "/снег 雪.mp4"), PresetEntry("b", r"D:\b.mp4"))
        preset = a_preset("Zima", entries, mode=PrerollMode.RANDOM, created_at=at(1), updated_at=at(2))
        async with storage.unit() as unit:
            await unit.preroll_presets.add(preset)
            await unit.commit(NOON)
        async with storage.unit() as unit:
            assert await unit.preroll_presets.get(preset.id) == preset

    async def test_the_newest_comes_first_and_ties_go_by_id(self, storage: Storage) -> None:
        old, tied, new = (a_preset(created_at=at(minute)) for minute in (0, 5, 5))
        tied, new = replace(tied, id=PrerollPresetId("pp_a")), replace(new, id=PrerollPresetId("pp_B"))
        async with storage.unit() as unit:
            for preset in (tied, old, new):
                await unit.preroll_presets.add(preset)
            assert await unit.preroll_presets.all() == [new, tied, old]

    async def test_a_changed_preset_replaces_itself_and_a_removed_one_is_gone(self, storage: Storage) -> None:
        preset, other = a_preset("One"), a_preset("Other")
        async with storage.unit() as unit:
            await unit.preroll_presets.add(preset)
            await unit.preroll_presets.add(other)
            changed = replace(preset, name="Two", updated_at=at(9))
            await unit.preroll_presets.save(changed)
            assert await unit.preroll_presets.get(preset.id) == changed
            await unit.preroll_presets.remove(preset.id)
            assert await unit.preroll_presets.all() == [other]

    async def test_what_is_not_there_is_not_found_and_what_is_there_is_not_added_twice(self, storage: Storage) -> None:
        preset = a_preset()
        async with storage.unit() as unit:
            for ask in (unit.preroll_presets.get, unit.preroll_presets.remove):
                with pytest.raises(NotFound):
                    await ask(preset.id)
            with pytest.raises(NotFound):
                await unit.preroll_presets.save(preset)
            await unit.preroll_presets.add(preset)
            with pytest.raises(AlreadyExists):
                await unit.preroll_presets.add(replace(preset, name="Twin"))
            assert await unit.preroll_presets.all() == [preset]


class PrerollSchedulesContract:
    """Schedules come back as they went in, whatever span they have, the most important first."""

    @pytest.mark.parametrize("span", SPANS, ids=lambda span: type(span).__name__)
    async def test_a_schedule_comes_back_equal(self, storage: Storage, span: Span) -> None:
        preset_id = PrerollPresetId("pp_gone")
        schedule = a_schedule("Święta", span=span, priority=-7, enabled=False, preset_id=preset_id, updated_at=at(3))
        async with storage.unit() as unit:
            await unit.preroll_schedules.add(schedule)
            await unit.commit(NOON)
        async with storage.unit() as unit:
            assert await unit.preroll_schedules.get(schedule.id) == schedule

    async def test_the_most_important_come_first_then_what_changed_last(self, storage: Storage) -> None:
        low, early, late = a_schedule(), a_schedule(priority=9), a_schedule(priority=9, updated_at=at(5))
        tied = replace(early, id=PrerollScheduleId("ps_zzz"))
        async with storage.unit() as unit:
            for schedule in (tied, low, late, early):
                await unit.preroll_schedules.add(schedule)
            assert await unit.preroll_schedules.all() == [late, early, tied, low]

    async def test_schedules_are_changed_removed_and_not_added_twice(self, storage: Storage) -> None:
        schedule = a_schedule()
        async with storage.unit() as unit:
            for ask in (unit.preroll_schedules.get, unit.preroll_schedules.remove):
                with pytest.raises(NotFound):
                    await ask(schedule.id)
            with pytest.raises(NotFound):
                await unit.preroll_schedules.save(schedule)
            await unit.preroll_schedules.add(schedule)
            with pytest.raises(AlreadyExists):
                await unit.preroll_schedules.add(schedule)
            changed = replace(schedule, enabled=False, span=SPANS[1])
            await unit.preroll_schedules.save(changed)
            assert await unit.preroll_schedules.all() == [changed]
            await unit.preroll_schedules.remove(schedule.id)
            assert await unit.preroll_schedules.all() == []


class ServerPrerollsContract:
    """What is known of a server outlives everything but being forgotten."""

    async def test_of_a_server_that_was_never_touched_nothing_is_known(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            assert await unit.server_prerolls.of(HOME) == ServerPreroll(HOME)
            assert await unit.server_prerolls.mappings(HOME) == PrerollMappings(HOME)
            assert await unit.server_prerolls.ids() == []
            await unit.server_prerolls.forget(HOME)

    async def test_everything_that_is_known_comes_back_equal(self, storage: Storage) -> None:
        mappings = PrerollMappings(CABIN, (PathMapping("/films", r"D:\Filme"), PathMapping("/films/жук", "")))
        async with storage.unit() as unit:
            await unit.server_prerolls.save(FULL, before=ServerPreroll(HOME))
            await unit.server_prerolls.put_mappings(mappings)
            await unit.commit(NOON)
        async with storage.unit() as unit:
            assert await unit.server_prerolls.of(HOME) == FULL
            assert await unit.server_prerolls.of(CABIN) == ServerPreroll(CABIN)
            assert await unit.server_prerolls.mappings(CABIN) == mappings
            assert await unit.server_prerolls.ids() == [CABIN, HOME]

    async def test_whoever_did_not_read_the_latest_is_refused_and_the_unit_stays_usable(self, storage: Storage) -> None:
        later = replace(FULL, failures=4)
        async with storage.unit() as unit:
            with pytest.raises(StaleWrite):
                await unit.server_prerolls.save(later, before=FULL)
            await unit.server_prerolls.save(FULL, before=ServerPreroll(HOME))
            with pytest.raises(StaleWrite):
                await unit.server_prerolls.save(later, before=ServerPreroll(HOME))
            await unit.server_prerolls.save(later, before=FULL)
            assert await unit.server_prerolls.of(HOME) == later

    async def test_path_mappings_are_replaced_as_a_whole(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await unit.server_prerolls.put_mappings(PrerollMappings(HOME, (PathMapping("/a", "/b"),)))
            await unit.server_prerolls.put_mappings(PrerollMappings(HOME, (PathMapping("/c", "/d"),)))
            assert (await unit.server_prerolls.mappings(HOME)).rows == (PathMapping("/c", "/d"),)

    async def test_a_server_is_forgotten_as_a_whole_and_no_other_is(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await unit.server_prerolls.save(FULL, before=ServerPreroll(HOME))
            await unit.server_prerolls.put_mappings(PrerollMappings(HOME, (PathMapping("/a", "/b"),)))
            cabin = replace(FULL, server_id=CABIN)
            await unit.server_prerolls.save(cabin, before=ServerPreroll(CABIN))
            await unit.server_prerolls.forget(HOME)
            assert await unit.server_prerolls.ids() == [CABIN]
            assert await unit.server_prerolls.of(HOME) == ServerPreroll(HOME)
            assert await unit.server_prerolls.of(CABIN) == cabin

    async def test_what_is_not_committed_is_undone(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await unit.preroll_presets.add(a_preset())
            await unit.preroll_schedules.add(a_schedule())
            await unit.server_prerolls.save(FULL, before=ServerPreroll(HOME))
        async with storage.unit() as unit:
            assert await unit.preroll_presets.all() == []
            assert await unit.preroll_schedules.all() == []
            assert await unit.server_prerolls.ids() == []
