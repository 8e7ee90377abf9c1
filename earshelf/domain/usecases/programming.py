"""Presets of prerolls, and the schedules that say when which of them is played."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from itertools import islice

from earshelf.domain.errors import Invalid
from earshelf.domain.ids import IdPrefix, PrerollPresetId, PrerollScheduleId
from earshelf.domain.prerolls import (
    PrerollChange,
    PrerollMode,
    PrerollPreset,
    Prerolls,
    PrerollSchedule,
    PresetEntry,
    overlaps,
    refuse_deletion,
    refuse_overlap,
    timeline,
)
from earshelf.domain.schedules import Span
from earshelf.domain.usecases.airing import Airing
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock, Entropy


@dataclass(frozen=True, slots=True)
class PresetDraft:
    """A preset as a person fills it in."""

    name: str
    entries: tuple[PresetEntry, ...]
    mode: PrerollMode = PrerollMode.SEQUENTIAL


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """A schedule as a person fills it in; without prerolls of its own it takes a copy of the preset's."""

    name: str
    span: Span
    prerolls: Prerolls | None = None
    priority: int = 0
    enabled: bool = True
    preset_id: PrerollPresetId | None = None


class Programming:
    """Keeps the programme; whatever changes it shows on the servers at once."""

    def __init__(self, *, storage: Storage, airing: Airing, clock: Clock, entropy: Entropy, zone: tzinfo) -> None:
        self._storage = storage
        self._airing = airing
        self._clock = clock
        self._entropy = entropy
        self._zone = zone

    async def presets(self) -> list[PrerollPreset]:
        """Returns every preset, newest first."""
        async with self._storage.unit() as unit:
            return await unit.preroll_presets.all()

    async def preset(self, preset_id: PrerollPresetId) -> PrerollPreset:
        """Returns one.

        :raises NotFound: no preset has this id.
        """
        async with self._storage.unit() as unit:
            return await unit.preroll_presets.get(preset_id)

    async def add_preset(self, draft: PresetDraft) -> PrerollPreset:
        """Stores a new preset.

        :raises Invalid: it cannot be used.
        """
        now = self._clock.now()
        preset_id = PrerollPresetId(self._entropy.new_id(IdPrefix.PREROLL_PRESET))
        preset = PrerollPreset(preset_id, draft.name.strip(), draft.entries, draft.mode, created_at=now, updated_at=now)
        async with self._storage.unit() as unit:
            await unit.preroll_presets.add(preset)
            await unit.commit(now)
        return preset

    async def change_preset(
        self, preset_id: PrerollPresetId, draw: Callable[[PrerollPreset], PresetDraft]
    ) -> PrerollPreset:
        """Replaces a preset by what is drawn up of it; schedules keep their copies.

        :raises NotFound: no preset has this id. :raises Invalid: the new one cannot be used.
        """
        now = self._clock.now()
        async with self._storage.unit() as unit:
            stored = await unit.preroll_presets.get(preset_id)
            draft = draw(stored)
            preset = replace(stored, name=draft.name.strip(), entries=draft.entries, mode=draft.mode, updated_at=now)
            await unit.preroll_presets.save(preset)
            await unit.commit(now)
        return preset

    async def remove_preset(self, preset_id: PrerollPresetId, *, force: bool = False) -> None:
        """Deletes a preset.

        :raises NotFound: no preset has this id. :raises PresetInUse: schedules were made from it, and no ``force``.
        """
        async with self._storage.unit() as unit:
            await unit.preroll_presets.get(preset_id)
            if not force:
                refuse_deletion(preset_id, await unit.preroll_schedules.all())
            await unit.preroll_presets.remove(preset_id)
            await unit.commit(self._clock.now())

    async def schedules(self) -> list[PrerollSchedule]:
        """Returns every schedule, highest priority first."""
        async with self._storage.unit() as unit:
            return await unit.preroll_schedules.all()

    async def schedule(self, schedule_id: PrerollScheduleId) -> PrerollSchedule:
        """Returns one.

        :raises NotFound: no schedule has this id.
        """
        async with self._storage.unit() as unit:
            return await unit.preroll_schedules.get(schedule_id)

    async def add_schedule(self, draft: ScheduleDraft, *, allow_overlap: bool = False) -> PrerollSchedule:
        """Stores a new schedule.

        :raises Invalid: it cannot be used, or names a preset that is not there.
        :raises ScheduleConflict: it overlaps others of its priority, which is not allowed.
        """
        schedule_id = PrerollScheduleId(self._entropy.new_id(IdPrefix.PREROLL_SCHEDULE))
        now = self._clock.now()
        async with self._storage.unit() as unit:
            schedule = await _drawn(unit, schedule_id, draft, now)
            await self._check(unit, schedule, now, allow_overlap=allow_overlap)
            await unit.preroll_schedules.add(schedule)
            await unit.commit(now)
        self._airing.nudge()
        return schedule

    async def change_schedule(
        self,
        schedule_id: PrerollScheduleId,
        draw: Callable[[PrerollSchedule], ScheduleDraft],
        *,
        allow_overlap: bool = False,
    ) -> PrerollSchedule:
        """Replaces a schedule by what is drawn up of it; a disabled one may overlap whatever it likes.

        :raises NotFound: no schedule has this id. :raises Invalid, ScheduleConflict: as for a new one.
        """
        now = self._clock.now()
        async with self._storage.unit() as unit:
            stored = await unit.preroll_schedules.get(schedule_id)
            schedule = await _drawn(unit, schedule_id, draw(stored), now)
            await self._check(unit, schedule, now, allow_overlap=allow_overlap)
            await unit.preroll_schedules.save(schedule)
            await unit.commit(now)
        self._airing.nudge()
        return schedule

    async def remove_schedule(self, schedule_id: PrerollScheduleId) -> None:
        """Deletes a schedule; where it applies, servers get back what they had.

        :raises NotFound: no schedule has this id.
        """
        async with self._storage.unit() as unit:
            await unit.preroll_schedules.remove(schedule_id)
            await unit.commit(self._clock.now())
        self._airing.nudge()

    async def coming(self, horizon: timedelta, *, most: int) -> list[PrerollChange]:
        """Returns the next changes of the schedule that applies, by time."""
        found = timeline(await self.schedules(), now=self._clock.now(), horizon=horizon, zone=self._zone)
        return list(islice(found, most))

    async def _check(self, unit: UnitOfWork, schedule: PrerollSchedule, now: datetime, *, allow_overlap: bool) -> None:
        if not allow_overlap:
            refuse_overlap(overlaps(schedule, await unit.preroll_schedules.all(), now=now, zone=self._zone))


async def _drawn(
    unit: UnitOfWork, schedule_id: PrerollScheduleId, draft: ScheduleDraft, now: datetime
) -> PrerollSchedule:
    return PrerollSchedule(
        id=schedule_id,
        name=draft.name.strip(),
        prerolls=draft.prerolls if draft.prerolls is not None else await _copied(unit, draft.preset_id),
        span=draft.span,
        updated_at=now,
        priority=draft.priority,
        enabled=draft.enabled,
        preset_id=draft.preset_id,
    )


async def _copied(unit: UnitOfWork, preset_id: PrerollPresetId | None) -> Prerolls:
    for preset in await unit.preroll_presets.all():
        if preset.id == preset_id:
            return preset.prerolls
    named = {"preset_id": "is no preset"} if preset_id else {"paths": "needs at least one preroll"}
    raise Invalid("The schedule cannot be used", named)
