"""Documents of prerolls, as they are described: presets, schedules, and what single servers play."""

from collections.abc import Mapping
from typing import Any

from earshelf.domain.holidays import Holiday
from earshelf.domain.preroll_upkeep import OverrideUntil, Source, SyncState
from earshelf.domain.prerolls import PrerollMode
from earshelf.domain.schedules import MOST_HOLIDAY_DAYS, ScheduleType
from earshelf.entrypoints.bodies import FILLED
from earshelf.entrypoints.operator.preroll_bodies import (
    LONGEST_NAME,
    LONGEST_PATH,
    LONGEST_VALUE,
    MOST_PATHS,
    MOST_PRIORITY,
)
from earshelf.entrypoints.routing import Document

# as JSON Schema: a path holds something, and neither what separates paths nor a control character
_ONE_PATH = r"^[^,;\x00-\x1f]*[^,;\s\x00-\x1f][^,;\x00-\x1f]*$"
_PATH = {"type": "string", "maxLength": LONGEST_PATH, "pattern": _ONE_PATH}
_COMBINED = {
    "type": "string",
    "maxLength": LONGEST_VALUE,
    "pattern": _ONE_PATH,
    "description": "One path; several with `,` between them are played in order, with `;` one of them at random",
}
_NAME = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "pattern": FILLED}
_MODE = {"enum": [mode.value for mode in PrerollMode], "default": PrerollMode.SEQUENTIAL.value}
_TEXT: Mapping[str, Any] = {"type": "string"}
_MAYBE_TEXT: Mapping[str, Any] = {"type": ["string", "null"]}
_WARNING: Mapping[str, Any] = {**_MAYBE_TEXT, "description": "Says that a server may not take a text of this length"}
_MAYBE_WHOLE: Mapping[str, Any] = {"type": ["integer", "null"]}
_DATE: Mapping[str, Any] = {"type": "string", "format": "date-time"}
_MAYBE_PATHS: Mapping[str, Any] = {"type": ["array", "null"], "items": _TEXT}


def _closed(properties: Mapping[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    wanted = list(properties) if required is None else required
    document = {"type": "object", "additionalProperties": False, "properties": dict(properties)}
    return {**document, "required": wanted} if wanted else document


def _list_of(name: str) -> dict[str, Any]:
    rows = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
    return _closed({"data": rows, "total": {"type": "integer", "minimum": 0}})


_ENTRIES = {"type": "array", "minItems": 1, "maxItems": MOST_PATHS, "items": _closed({"name": _NAME, "path": _PATH})}


def _preset_body(*required: str) -> dict[str, Any]:
    listed = _closed({"name": _NAME, "mode": _MODE, "entries": _ENTRIES}, [*required, "entries"] if required else [])
    return {"anyOf": [listed, _closed({"name": _NAME, "path": _COMBINED}, [*required, "path"] if required else [])]}


PRESET_BODY = Document("PrerollPresetBody", _preset_body("name"))
PRESET_CHANGE = Document("PrerollPresetChange", _preset_body())
PRESET = Document(
    "PrerollPreset",
    _closed(
        {
            "id": _TEXT,
            "name": _TEXT,
            "entries": {"type": "array", "items": _closed({"name": _TEXT, "path": _TEXT})},
            "mode": {"enum": _MODE["enum"]},
            "path": {**_TEXT, "description": "What a server is given"},
            "warning": _WARNING,
            "created_at": _DATE,
            "updated_at": _DATE,
        }
    ),
)
PRESETS = Document("PrerollPresetList", _list_of("PrerollPreset"))

_MOMENT = {
    "type": "string",
    "pattern": r"^(19[7-9][0-9]|20[0-9][0-9])-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
    r"(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-]0[0-9]:00)?)?$",
    "description": "A date or a moment, in the zone of TZ where it names no offset; a date as the end is a whole day",
}
_MONTH_DAY = {"type": "string", "pattern": r"^(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$", "description": "MM-DD"}
_CLOCK = {"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9]$"}
_DAYS = {
    "type": "array",
    "minItems": 1,
    "uniqueItems": True,
    "items": {"type": "integer", "minimum": 0, "maximum": 6},
    "description": "From 0 for Sunday",
}
_SOME_DAYS = {"type": ["integer", "null"], "minimum": 0, "maximum": MOST_HOLIDAY_DAYS, "default": 0}
_KINDS: Mapping[ScheduleType, Mapping[str, Any]] = {
    ScheduleType.ONE_TIME: {"start_date": _MOMENT, "end_date": _MOMENT},
    ScheduleType.RECURRING: {"days_of_week": _DAYS, "start_time": _CLOCK, "end_time": _CLOCK},
    ScheduleType.SEASONAL: {"start_date": _MONTH_DAY, "end_date": _MONTH_DAY},
    ScheduleType.HOLIDAY: {
        "holiday": {"enum": [holiday.value for holiday in Holiday]},
        "days_before": _SOME_DAYS,
        "days_after": _SOME_DAYS,
    },
}
_ALWAYS: Mapping[str, Any] = {
    "name": _NAME,
    "priority": {"type": "integer", "minimum": -MOST_PRIORITY, "maximum": MOST_PRIORITY, "default": 0},
    "enabled": {"type": "boolean", "default": True},
    "allow_overlap": {
        "type": "boolean",
        "default": False,
        "description": "Takes it even if another schedule of the same priority is active at the same time",
    },
}
_PLAYED: tuple[Mapping[str, Any], ...] = (
    {"paths": {"type": "array", "minItems": 1, "maxItems": MOST_PATHS, "items": _PATH}, "mode": _MODE},
    {"preroll_path": _COMBINED},
    {"preset_id": {"type": "string", "description": "A copy of the preset's prerolls is taken"}},
)


_PLAYED_ANEW = (*_PLAYED[:2], {"preset_id": {"type": ["string", "null"], "description": "null: it came from none"}})


def _schedule_body(kind: ScheduleType, played: Mapping[str, Any], always: tuple[str, ...]) -> dict[str, Any]:
    needed = [name for name in _KINDS[kind] if name not in ("days_before", "days_after")]
    properties = {"schedule_type": {"const": kind.value}, **_ALWAYS, **_KINDS[kind], **played}
    return _closed(properties, ["schedule_type", *always, *needed])


SCHEDULE_BODY = Document(
    "PrerollScheduleBody",
    {"anyOf": [_schedule_body(kind, played, ("name", next(iter(played)))) for kind in _KINDS for played in _PLAYED]},
)
_SAME_TIME = [_closed({**_ALWAYS, **played}, []) for played in _PLAYED_ANEW]
_OTHER_TIME = [_schedule_body(kind, played, ()) for kind in _KINDS for played in _PLAYED_ANEW]
SCHEDULE_CHANGE = Document("PrerollScheduleChange", {"anyOf": [*_SAME_TIME, *_OTHER_TIME]})
SCHEDULE = Document(
    "PrerollSchedule",
    _closed(
        {
            "id": _TEXT,
            "name": _TEXT,
            "paths": {"type": "array", "items": _TEXT},
            "mode": {"enum": _MODE["enum"]},
            "preroll_path": _TEXT,
            "warning": _WARNING,
            "preset_id": _MAYBE_TEXT,
            "schedule_type": {"enum": [kind.value for kind in ScheduleType]},
            "start_date": _MAYBE_TEXT,
            "end_date": _MAYBE_TEXT,
            "days_of_week": {"type": ["array", "null"], "items": {"type": "integer"}},
            "start_time": _MAYBE_TEXT,
            "end_time": _MAYBE_TEXT,
            "holiday": _MAYBE_TEXT,
            "days_before": _MAYBE_WHOLE,
            "days_after": _MAYBE_WHOLE,
            "priority": {"type": "integer"},
            "enabled": {"type": "boolean"},
            "updated_at": _DATE,
        }
    ),
)
SCHEDULES = Document("PrerollScheduleList", _list_of("PrerollSchedule"))

APPLY_BODY = Document(
    "PrerollApplyBody",
    _closed(
        {
            "server_id": _TEXT,
            "paths": {"type": "array", "maxItems": MOST_PATHS, "items": _PATH, "description": "Empty for no preroll"},
            "mode": _MODE,
            "until": {"enum": ["next_change", "cleared"], "default": OverrideUntil.NEXT_CHANGE.value},
        },
        ["server_id", "paths"],
    ),
)
APPLY_UNTIL_BODY = Document(
    "PrerollApplyOrder",
    {
        "anyOf": [
            APPLY_BODY.schema,
            _closed(
                {
                    **{name: APPLY_BODY.schema["properties"][name] for name in ("server_id", "paths", "mode")},
                    "until": {"const": "time"},
                    "expires_at": {**_DATE, "description": "A time to come"},
                },
                ["server_id", "paths", "until", "expires_at"],
            ),
        ]
    },
)
STANDING = Document(
    "ServerPreroll",
    _closed(
        {
            "server_id": _TEXT,
            "available": {"type": "boolean", "description": "Whether the server told what it plays"},
            "value": {**_MAYBE_TEXT, "description": "The text that the server keeps; empty for no preroll"},
            "paths": {**_MAYBE_PATHS, "description": "null where the text is not to be understood, too"},
            "mode": {"enum": [*_MODE["enum"], None]},
            "managed": {"type": "boolean", "description": "Whether the server plays what was put there from here"},
            "state": {"enum": [state.value for state in SyncState]},
            "source": {"enum": [source.value for source in Source], "description": "Where the wanted value comes from"},
            "schedule": {**_MAYBE_TEXT, "description": "The name of the schedule that wants it"},
            "wanted": {**_MAYBE_TEXT, "description": "null: the server is left alone"},
            "own_value": {**_MAYBE_TEXT, "description": "The owner's own, which comes back afterwards"},
            "override_until": {"enum": [*(until.value for until in OverrideUntil), None]},
            "override_expires_at": {"type": ["string", "null"], "format": "date-time"},
            "error": {**_MAYBE_TEXT, "description": "The code of the last failure"},
            "message": {**_MAYBE_TEXT, "description": "What is wrong, for people"},
        }
    ),
)
_ROW = _closed({"source": {"type": "string", "maxLength": LONGEST_PATH, "pattern": FILLED},
                "target": {"type": "string", "maxLength": LONGEST_PATH, "pattern": r"^[^,;\x00-\x1f]*$"}})  # fmt: skip
MAPPINGS = Document(
    "PrerollMappings",
    _closed({"server_id": _TEXT, "path_mappings": {"type": "array", "maxItems": MOST_PATHS, "items": _ROW}}),
)
CHANGES = Document(
    "PrerollTimeline",
    _closed({"data": {"type": "array", "items": _closed({"at": _DATE, "schedule": {"anyOf": [
        _closed({"id": _TEXT, "name": _TEXT}), {"type": "null"}]}})}, "total": {"type": "integer"}}),
)  # fmt: skip
