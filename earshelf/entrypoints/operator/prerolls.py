"""What media servers play before films: presets, schedules, and what is applied by hand."""

from collections.abc import Mapping
from datetime import timedelta, tzinfo
from typing import Any

from aiohttp import web

from earshelf.domain.errors import Invalid
from earshelf.domain.ids import PrerollPresetId, PrerollScheduleId, ServerId
from earshelf.domain.paths import PathMapping
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.prerolls import (
    PrerollMode,
    PrerollPreset,
    Prerolls,
    PrerollSchedule,
    PresetEntry,
    read_prerolls,
)
from earshelf.domain.schedule_forms import read_span, spell_span
from earshelf.domain.usecases.airing import Airing, Standing
from earshelf.domain.usecases.programming import PresetDraft, Programming, ScheduleDraft
from earshelf.entrypoints.answers import answer, listed, nothing, spelled_date
from earshelf.entrypoints.operator.preroll_bodies import SPAN_FIELDS
from earshelf.entrypoints.paging import invalid, window
from earshelf.entrypoints.routing import Call

_HORIZON = timedelta(days=366)
_MOST_CHANGES = 10
_TAKEN, _WAITING = 200, 202


class PrerollPresets:
    """Answers the routes of presets."""

    def __init__(self, *, programming: Programming) -> None:
        self._programming = programming

    async def page(self, call: Call) -> web.Response:
        """Lists all, newest first."""
        rows, part = await self._programming.presets(), window(call.query)
        return listed([preset_dto(row) for row in rows[part.offset : part.offset + part.limit]], len(rows))

    async def one(self, call: Call) -> web.Response:
        """Shows one."""
        return answer(preset_dto(await self._programming.preset(PrerollPresetId(call.ids["id"]))))

    async def add(self, call: Call) -> web.Response:
        """Stores a new one."""
        return answer(preset_dto(await self._programming.add_preset(_preset_draft(call.body, None))), 201)

    async def change(self, call: Call) -> web.Response:
        """Changes what is named."""
        changed = await self._programming.change_preset(
            PrerollPresetId(call.ids["id"]), lambda stored: _preset_draft(call.body, stored)
        )
        return answer(preset_dto(changed))

    async def remove(self, call: Call) -> web.Response:
        """Forgets one."""
        is_forced = call.query["force"] == "true"
        await self._programming.remove_preset(PrerollPresetId(call.ids["id"]), force=is_forced)
        return nothing()


class PrerollSchedules:
    """Answers the routes of schedules."""

    def __init__(self, *, programming: Programming, zone: tzinfo) -> None:
        self._programming = programming
        self._zone = zone

    async def page(self, call: Call) -> web.Response:
        """Lists all, highest priority first."""
        rows, part = await self._programming.schedules(), window(call.query)
        return listed([self._dto(row) for row in rows[part.offset : part.offset + part.limit]], len(rows))

    async def one(self, call: Call) -> web.Response:
        """Shows one."""
        return answer(self._dto(await self._programming.schedule(PrerollScheduleId(call.ids["id"]))))

    async def add(self, call: Call) -> web.Response:
        """Stores a new one."""
        draft = self._draft(call.body, None)
        return answer(
            self._dto(await self._programming.add_schedule(draft, allow_overlap=call.body["allow_overlap"])), 201
        )

    async def change(self, call: Call) -> web.Response:
        """Changes what is named."""
        changed = await self._programming.change_schedule(
            PrerollScheduleId(call.ids["id"]),
            lambda stored: self._draft(call.body, stored),
            allow_overlap=call.body["allow_overlap"],
        )
        return answer(self._dto(changed))

    async def remove(self, call: Call) -> web.Response:
        """Forgets one."""
        await self._programming.remove_schedule(PrerollScheduleId(call.ids["id"]))
        return nothing()

    async def coming(self, _: Call) -> web.Response:
        """Lists what will apply when."""
        found = await self._programming.coming(_HORIZON, most=_MOST_CHANGES)
        rows = [
            {
                "at": spelled_date(change.at),
                "schedule": {"id": change.schedule.id, "name": change.schedule.name} if change.schedule else None,
            }
            for change in found
        ]
        return listed(rows, len(rows))

    def _draft(self, body: Mapping[str, Any], stored: PrerollSchedule | None) -> ScheduleDraft:
        given = {name: body[name] for name in SPAN_FIELDS if name in body}
        told = {**(spell_span(stored.span, self._zone) if stored else {}), **given}
        preset_id = body.get("preset_id", stored.preset_id if stored else None)
        return ScheduleDraft(
            name=body.get("name", stored.name if stored else ""),
            span=read_span(told, self._zone),
            prerolls=_given_prerolls(body, stored),
            priority=body.get("priority", stored.priority if stored else 0),
            enabled=body.get("enabled", stored.enabled if stored else True),
            preset_id=preset_id,
        )

    def _dto(self, schedule: PrerollSchedule) -> dict[str, Any]:
        return {
            "id": schedule.id,
            "name": schedule.name,
            "paths": list(schedule.prerolls.paths),
            "mode": schedule.prerolls.mode.value,
            "preroll_path": schedule.prerolls.value,
            "warning": schedule.prerolls.warning,
            "preset_id": schedule.preset_id,
            **dict.fromkeys(SPAN_FIELDS),
            **spell_span(schedule.span, self._zone),
            "priority": schedule.priority,
            "enabled": schedule.enabled,
            "updated_at": spelled_date(schedule.updated_at),
        }


class ServerPrerolls:
    """Answers what concerns single servers."""

    def __init__(self, *, airing: Airing) -> None:
        self._airing = airing

    async def apply(self, call: Call) -> web.Response:
        """Plays something now."""
        body = call.body
        standing = await self._airing.apply(
            ServerId(body["server_id"]),
            Prerolls(tuple(body["paths"]), body["mode"]),
            until=body["until"],
            expires_at=body["expires_at"],
        )
        return _told(standing)

    async def clear(self, call: Call) -> web.Response:
        """Takes back what was applied."""
        return _told(await self._airing.clear(ServerId(call.query["server_id"])))

    async def current(self, call: Call) -> web.Response:
        """Asks a server what it plays."""
        return answer(standing_dto(await self._airing.current(ServerId(call.query["server_id"]))))

    async def mappings(self, call: Call) -> web.Response:
        """Shows how a server spells paths."""
        return answer(_mappings_dto(await self._airing.mappings(ServerId(call.query["server_id"]))))

    async def map_paths(self, call: Call) -> web.Response:
        """Says how a server spells paths."""
        rows = [PathMapping(row["source"], row["target"]) for row in call.body["path_mappings"]]
        mappings = PrerollMappings(ServerId(call.body["server_id"]), tuple(rows))
        await self._airing.map_paths(mappings)
        return answer(_mappings_dto(mappings))


def preset_dto(preset: PrerollPreset) -> dict[str, Any]:
    """Spells a preset."""
    return {
        "id": preset.id,
        "name": preset.name,
        "entries": [{"name": entry.name, "path": entry.path} for entry in preset.entries],
        "mode": preset.mode.value,
        "path": preset.prerolls.value,
        "warning": preset.prerolls.warning,
        "created_at": spelled_date(preset.created_at),
        "updated_at": spelled_date(preset.updated_at),
    }


def standing_dto(standing: Standing) -> dict[str, Any]:
    """Spells how a server's preroll stands."""
    preroll, override = standing.preroll, standing.preroll.override
    prerolls = _understood(standing.value)
    return {
        "server_id": standing.server.id,
        "available": standing.value is not None,
        "value": standing.value,
        "paths": list(prerolls.paths) if prerolls else None,
        "mode": prerolls.mode.value if prerolls else None,
        "managed": standing.is_managed,
        "state": standing.state.value,
        "source": standing.wanted.source.value,
        "schedule": standing.wanted.schedule,
        "wanted": standing.wanted.value,
        "own_value": preroll.baseline,
        "override_until": override.until.value if override else None,
        "override_expires_at": spelled_date(override.expires_at) if override and override.expires_at else None,
        "error": preroll.error,
        "message": standing.problem,
    }


def _told(standing: Standing) -> web.Response:
    is_taken = standing.problem is None and standing.preroll.error is None
    return answer(standing_dto(standing), _TAKEN if is_taken else _WAITING)


def _mappings_dto(mappings: PrerollMappings) -> dict[str, Any]:
    rows = [{"source": row.source, "target": row.target} for row in mappings.rows]
    return {"server_id": mappings.server_id, "path_mappings": rows}


def _understood(value: str | None) -> Prerolls | None:
    try:
        return None if value is None else read_prerolls(value)
    except Invalid:
        return None


def _preset_draft(body: Mapping[str, Any], stored: PrerollPreset | None) -> PresetDraft:
    if "entries" in body and "path" in body:
        raise invalid({"path": "is given besides entries"})
    name = body.get("name", stored.name if stored else "")
    mode = body.get("mode", stored.mode if stored else PrerollMode.SEQUENTIAL)
    if "path" in body:
        prerolls = read_prerolls(body["path"])
        entries = tuple(PresetEntry(_file_name(path), path) for path in prerolls.paths)
        return PresetDraft(name, entries, prerolls.mode if len(entries) > 1 else mode)
    if "entries" in body:
        entries = tuple(PresetEntry(entry["name"].strip(), entry["path"].strip()) for entry in body["entries"])
        return PresetDraft(name, entries, mode)
    return PresetDraft(name, stored.entries if stored else (), mode)


def _file_name(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2] or path


def _given_prerolls(body: Mapping[str, Any], stored: PrerollSchedule | None) -> Prerolls | None:
    """Reads what a body wants played; None means: what its preset says."""
    if "paths" in body and "preroll_path" in body:
        raise invalid({"preroll_path": "is given besides paths"})
    if "preroll_path" in body:
        prerolls = read_prerolls(body["preroll_path"], field="preroll_path")
        return prerolls if len(prerolls.paths) > 1 else Prerolls(prerolls.paths, body.get("mode", prerolls.mode))
    mode = body.get("mode", stored.prerolls.mode if stored else PrerollMode.SEQUENTIAL)
    if "paths" in body:
        return Prerolls(tuple(body["paths"]), mode)
    if stored is None or body.get("preset_id") not in (None, stored.preset_id):
        return None
    return Prerolls(stored.prerolls.paths, mode)
