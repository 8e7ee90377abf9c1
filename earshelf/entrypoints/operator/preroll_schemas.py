"""Bodies and documents of prerolls: presets, schedules, and what single servers play."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from marshmallow import Schema, fields, validate

from earshelf.domain.holidays import Holiday
from earshelf.domain.preroll_upkeep import OverrideUntil, Source, SyncState
from earshelf.domain.prerolls import PrerollMode
from earshelf.domain.schedules import MOST_HOLIDAY_DAYS, ScheduleType
from earshelf.entrypoints.operator.schemas import Flag, Whole
from earshelf.entrypoints.routing import Document

_MOST_PATHS, _LONGEST_PATH, _LONGEST_NAME, _MOST_PRIORITY = 500, 4096, 200, 1_000_000
# as JSON Schema: a path holds something, and neither what separates paths nor a control character
_PATH = {"type": "string", "maxLength": _LONGEST_PATH, "pattern": r"^[^,;\x00-\x1f]*[^,;\s\x00-\x1f][^,;\x00-\x1f]*$"}
_COMBINED = {
    "type": "string",
    "maxLength": _LONGEST_PATH * 10,
    "pattern": r"^[^,;\x00-\x1f]*[^,;\s\x00-\x1f][^,;\x00-\x1f]*$",
    "description": "One path; several with `,` between them are played in order, with `;` one of them at random",
}
_NAME = {"type": "string", "minLength": 1, "maxLength": _LONGEST_NAME, "pattern": r"\S"}
_MODE = {"enum": [mode.value for mode in PrerollMode], "default": PrerollMode.SEQUENTIAL.value}
_TEXT: Mapping[str, Any] = {"type": "string"}
_MAYBE_TEXT: Mapping[str, Any] = {"type": ["string", "null"]}
_MAYBE_WHOLE: Mapping[str, Any] = {"type": ["integer", "null"]}
_DATE: Mapping[str, Any] = {"type": "string", "format": "date-time"}
_MAYBE_PATHS: Mapping[str, Any] = {"type": ["array", "null"], "items": _TEXT}

_long = validate.Length(max=_LONGEST_PATH)
_some_paths = validate.Length(max=_MOST_PATHS)
_name = partial(fields.String, validate=validate.Length(max=_LONGEST_NAME))
_mode = partial(fields.Enum, PrerollMode, by_value=fields.String)
_paths = partial(fields.List, fields.String(validate=_long), validate=_some_paths)
_combined = partial(fields.String, validate=validate.Length(max=_LONGEST_PATH * 10))


class EntryBody(Schema):
    """One preroll of a preset."""

    name = _name(required=True)
    path = fields.String(required=True, validate=_long)


class PresetBody(Schema):
    """A preset as a person fills it in."""

    name = _name(required=True)
    mode = _mode()
    entries = fields.List(fields.Nested(EntryBody), validate=_some_paths)
    path = _combined()


class ScheduleBody(Schema):
    """A schedule as a person fills it in; the domain reads the fields of its kind."""

    name = _name(required=True)
    schedule_type = fields.Raw(required=True)
    start_date = fields.Raw(allow_none=True)
    end_date = fields.Raw(allow_none=True)
    days_of_week = fields.Raw(allow_none=True)
    start_time = fields.Raw(allow_none=True)
    end_time = fields.Raw(allow_none=True)
    holiday = fields.Raw(allow_none=True)
    days_before = fields.Raw(allow_none=True)
    days_after = fields.Raw(allow_none=True)
    priority = Whole(strict=True, validate=validate.Range(-_MOST_PRIORITY, _MOST_PRIORITY))
    enabled = Flag()
    preset_id = fields.String(allow_none=True)
    paths = _paths()
    mode = _mode()
    preroll_path = _combined()
    allow_overlap = Flag(load_default=False)


class ApplyBody(Schema):
    """What to play on one server now."""

    server_id = fields.String(required=True)
    paths = _paths(required=True)
    mode = _mode(load_default=PrerollMode.SEQUENTIAL)
    until = fields.Enum(OverrideUntil, by_value=fields.String, load_default=OverrideUntil.NEXT_CHANGE)
    expires_at = fields.AwareDateTime(format="iso", allow_none=True, load_default=None)


class MappingRow(Schema):
    """One path mapping."""

    source = fields.String(required=True, validate=_long)
    target = fields.String(required=True, validate=_long)


class MappingsBody(Schema):
    """All path mappings of one server."""

    server_id = fields.String(required=True)
    path_mappings = fields.List(fields.Nested(MappingRow), required=True, validate=_some_paths)


class ServerQuery(Schema):
    """Which server is meant."""

    server_id = fields.String(required=True, validate=validate.Length(min=1))


class ForceQuery(Schema):
    """Whether a preset that is in use may go."""

    force = fields.String(validate=validate.OneOf(["true", "false"]), load_default="false")


SPAN_FIELDS = (
    "schedule_type", "start_date", "end_date", "days_of_week", "start_time", "end_time",
    "holiday", "days_before", "days_after",
)  # fmt: skip


def _closed(properties: Mapping[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    wanted = list(properties) if required is None else required
    document = {"type": "object", "additionalProperties": False, "properties": dict(properties)}
    return {**document, "required": wanted} if wanted else document


def _list_of(name: str) -> dict[str, Any]:
    rows = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
    return _closed({"data": rows, "total": {"type": "integer", "minimum": 0}})


_ENTRIES = {"type": "array", "minItems": 1, "maxItems": _MOST_PATHS, "items": _closed({"name": _NAME, "path": _PATH})}
PRESET_BODY = Document(
    "PrerollPresetBody",
    {
        "anyOf": [
            _closed({"name": _NAME, "mode": _MODE, "entries": _ENTRIES}, ["name", "entries"]),
            _closed({"name": _NAME, "path": _COMBINED}, ["name", "path"]),
        ]
    },
)
PRESET_CHANGE = Document(
    "PrerollPresetChange",
    {
        "anyOf": [
            _closed({"name": _NAME, "mode": _MODE, "entries": _ENTRIES}, []),
            _closed({"name": _NAME, "path": _COMBINED}, []),
        ]
    },
)
PRESET = Document(
    "PrerollPreset",
    _closed(
        {
            "id": _TEXT,
            "name": _TEXT,
            "entries": {"type": "array", "items": _closed({"name": _TEXT, "path": _TEXT})},
            "mode": {"enum": _MODE["enum"]},
            "path": {**_TEXT, "description": "What a server is given"},
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
    "priority": {"type": "integer", "minimum": -_MOST_PRIORITY, "maximum": _MOST_PRIORITY, "default": 0},
    "enabled": {"type": "boolean", "default": True},
    "allow_overlap": {
        "type": "boolean",
        "default": False,
        "description": "Takes it even if another schedule of the same priority is active at the same time",
    },
}
_PLAYED: tuple[Mapping[str, Any], ...] = (
    {"paths": {"type": "array", "minItems": 1, "maxItems": _MOST_PATHS, "items": _PATH}, "mode": _MODE},
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
            "paths": {"type": "array", "maxItems": _MOST_PATHS, "items": _PATH, "description": "Empty for no preroll"},
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
_ROW = _closed({"source": {"type": "string", "maxLength": _LONGEST_PATH, "pattern": r"\S"},
                "target": {"type": "string", "maxLength": _LONGEST_PATH, "pattern": r"^[^,;\x00-\x1f]*$"}})  # fmt: skip
MAPPINGS = Document(
    "PrerollMappings",
    _closed({"server_id": _TEXT, "path_mappings": {"type": "array", "maxItems": _MOST_PATHS, "items": _ROW}}),
)
CHANGES = Document(
    "PrerollTimeline",
    _closed({"data": {"type": "array", "items": _closed({"at": _DATE, "schedule": {"anyOf": [
        _closed({"id": _TEXT, "name": _TEXT}), {"type": "null"}]}})}, "total": {"type": "integer"}}),
)  # fmt: skip
