"""Presets, schedules and what is known of servers' prerolls, as rows.

What is only ever read as a whole lies in one column, as plain JSON.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Generic, TypeAlias, TypeVar

from earshelf.adapters.rows.values import Row, dumped, moment
from earshelf.domain import plain
from earshelf.domain.ids import ServerId
from earshelf.domain.paths import PathMapping
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.preroll_upkeep import ServerPreroll
from earshelf.domain.prerolls import PrerollMode, PrerollPreset, Prerolls, PrerollSchedule, PresetEntry
from earshelf.domain.schedule_forms import read_span, spell_span

ThingT = TypeVar("ThingT")
PrerollRecord: TypeAlias = PrerollPreset | PrerollSchedule | PrerollMappings | ServerPreroll

SERVER = "server's preroll"
STATES, MAPPINGS = "server_prerolls", "preroll_mappings"
KNOWN = "SELECT id FROM server_prerolls UNION SELECT id FROM preroll_mappings ORDER BY id"
FORGET = ("DELETE FROM server_prerolls WHERE id = ?", "DELETE FROM preroll_mappings WHERE id = ?")


@dataclass(frozen=True, slots=True)
class Form(Generic[ThingT]):
    """How one kind of thing lies in its table, what it is called, and the order of a list."""

    table: str
    name: str
    order: str
    row: Callable[[ThingT], dict[str, Any]]
    read: Callable[[Row], ThingT]

    @property
    def one(self) -> str:
        """The statement for the row with an id."""
        return f"SELECT * FROM {self.table} WHERE id = ?"  # noqa: S608 - our own names

    @property
    def all(self) -> str:
        """The statement for every row."""
        return f"SELECT * FROM {self.table} ORDER BY {self.order}"  # noqa: S608 - our own names


def _preset_row(preset: PrerollPreset) -> dict[str, Any]:
    return {
        "id": preset.id,
        "name": preset.name,
        "entries": dumped([[entry.name, entry.path] for entry in preset.entries]),
        "mode": preset.mode.value,
        "created_at": preset.created_at,
        "updated_at": preset.updated_at,
    }


def _preset(row: Row) -> PrerollPreset:
    return PrerollPreset(
        id=row["id"],
        name=row["name"],
        entries=tuple(PresetEntry(*entry) for entry in json.loads(row["entries"])),
        mode=PrerollMode(row["mode"]),
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
    )


def _schedule_row(schedule: PrerollSchedule) -> dict[str, Any]:
    return {
        "id": schedule.id,
        "name": schedule.name,
        "paths": dumped(schedule.prerolls.paths),
        "mode": schedule.prerolls.mode.value,
        "span": dumped(spell_span(schedule.span, UTC)),
        "priority": schedule.priority,
        "enabled": schedule.enabled,
        "preset_id": schedule.preset_id,
        "updated_at": schedule.updated_at,
    }


def _schedule(row: Row) -> PrerollSchedule:
    return PrerollSchedule(
        id=row["id"],
        name=row["name"],
        prerolls=Prerolls(tuple(json.loads(row["paths"])), PrerollMode(row["mode"])),
        span=read_span(json.loads(row["span"]), UTC),
        updated_at=moment(row["updated_at"]),
        priority=row["priority"],
        enabled=bool(row["enabled"]),
        preset_id=row["preset_id"],
    )


def _mappings_row(mappings: PrerollMappings) -> dict[str, Any]:
    rows = [[row.source, row.target] for row in mappings.rows]
    return {"id": mappings.server_id, "mappings": dumped(rows)}


def _mappings(row: Row) -> PrerollMappings:
    return PrerollMappings(row["id"], tuple(PathMapping(*each) for each in json.loads(row["mappings"])))


def _state_row(preroll: ServerPreroll) -> dict[str, Any]:
    return {"id": preroll.server_id, "state": dumped(plain.spell(preroll))}


def _state(row: Row) -> ServerPreroll:
    return plain.read(ServerPreroll, json.loads(row["state"]))


PRESET = Form("preroll_presets", "preroll preset", "created_at DESC, id", _preset_row, _preset)
SCHEDULE = Form("preroll_schedules", "preroll schedule", "priority DESC, updated_at DESC, id", _schedule_row, _schedule)
MAPPING = Form(MAPPINGS, SERVER, "id", _mappings_row, _mappings)
STATE = Form(STATES, SERVER, "id", _state_row, _state)
FORMS: Mapping[str, Form[Any]] = {form.table: form for form in (PRESET, SCHEDULE, MAPPING, STATE)}
_OF_TYPE: Mapping[type, Form[Any]] = {
    PrerollPreset: PRESET,
    PrerollSchedule: SCHEDULE,
    PrerollMappings: MAPPING,
    ServerPreroll: STATE,
}


def stored_preroll(record: PrerollRecord) -> tuple[str, dict[str, Any]]:
    """Returns the table that a record belongs into, and its row there."""
    form = _OF_TYPE[type(record)]
    return form.table, form.row(record)


def untouched(server_id: ServerId) -> ServerPreroll:
    """Returns what is known of a server that was never touched."""
    return ServerPreroll(server_id)
