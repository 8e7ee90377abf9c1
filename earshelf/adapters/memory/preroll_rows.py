"""Presets, schedules and what is known of servers' prerolls, in memory."""

from earshelf.adapters.memory.tables import Session
from earshelf.domain.errors import AlreadyExists, NotFound, StaleWrite
from earshelf.domain.ids import PrerollPresetId, PrerollScheduleId, ServerId
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.preroll_upkeep import ServerPreroll
from earshelf.domain.prerolls import PrerollPreset, PrerollSchedule

_PRESET, _SCHEDULE, _SERVER = "preroll preset", "preroll schedule", "server's preroll"


class MemoryPrerollPresets:
    """Keeps the presets of one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, preset: PrerollPreset) -> None:
        tables = await self._session.tables()
        if preset.id in tables.preroll_presets:
            raise AlreadyExists(_PRESET, preset.id)
        tables.preroll_presets[preset.id] = preset

    async def get(self, preset_id: PrerollPresetId) -> PrerollPreset:
        found = (await self._session.tables()).preroll_presets.get(preset_id)
        if found is None:
            raise NotFound(_PRESET, preset_id)
        return found

    async def all(self) -> list[PrerollPreset]:
        rows = sorted((await self._session.tables()).preroll_presets.values(), key=lambda row: row.id)
        return sorted(rows, key=lambda row: row.created_at, reverse=True)

    async def save(self, preset: PrerollPreset) -> None:
        await self.get(preset.id)
        (await self._session.tables()).preroll_presets[preset.id] = preset

    async def remove(self, preset_id: PrerollPresetId) -> None:
        await self.get(preset_id)
        del (await self._session.tables()).preroll_presets[preset_id]


class MemoryPrerollSchedules:
    """Keeps the schedules of one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, schedule: PrerollSchedule) -> None:
        tables = await self._session.tables()
        if schedule.id in tables.preroll_schedules:
            raise AlreadyExists(_SCHEDULE, schedule.id)
        tables.preroll_schedules[schedule.id] = schedule

    async def get(self, schedule_id: PrerollScheduleId) -> PrerollSchedule:
        found = (await self._session.tables()).preroll_schedules.get(schedule_id)
        if found is None:
            raise NotFound(_SCHEDULE, schedule_id)
        return found

    async def all(self) -> list[PrerollSchedule]:
        rows = sorted((await self._session.tables()).preroll_schedules.values(), key=lambda row: row.id)
        return sorted(rows, key=lambda row: (row.priority, row.updated_at), reverse=True)

    async def save(self, schedule: PrerollSchedule) -> None:
        await self.get(schedule.id)
        (await self._session.tables()).preroll_schedules[schedule.id] = schedule

    async def remove(self, schedule_id: PrerollScheduleId) -> None:
        await self.get(schedule_id)
        del (await self._session.tables()).preroll_schedules[schedule_id]


class MemoryServerPrerolls:
    """Keeps what one unit of work knows of servers' prerolls."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def of(self, server_id: ServerId) -> ServerPreroll:
        return (await self._session.tables()).server_prerolls.get(server_id, ServerPreroll(server_id))

    async def ids(self) -> list[ServerId]:
        tables = await self._session.tables()
        return sorted(tables.server_prerolls.keys() | tables.preroll_mappings.keys())

    async def save(self, preroll: ServerPreroll, *, before: ServerPreroll) -> None:
        if await self.of(preroll.server_id) != before:
            raise StaleWrite(_SERVER, preroll.server_id)
        (await self._session.tables()).server_prerolls[preroll.server_id] = preroll

    async def mappings(self, server_id: ServerId) -> PrerollMappings:
        return (await self._session.tables()).preroll_mappings.get(server_id, PrerollMappings(server_id))

    async def put_mappings(self, mappings: PrerollMappings) -> None:
        (await self._session.tables()).preroll_mappings[mappings.server_id] = mappings

    async def forget(self, server_id: ServerId) -> None:
        tables = await self._session.tables()
        tables.server_prerolls.pop(server_id, None)
        tables.preroll_mappings.pop(server_id, None)
