"""What people send about prerolls, as it is read: presets, schedules, and what single servers play."""

from functools import partial

from marshmallow import Schema, fields, validate

from earshelf.domain.preroll_upkeep import OverrideUntil
from earshelf.domain.prerolls import PrerollMode
from earshelf.entrypoints.operator.schemas import Flag, Whole

MOST_PATHS, LONGEST_PATH, LONGEST_NAME, MOST_PRIORITY = 500, 4096, 200, 1_000_000
LONGEST_VALUE = LONGEST_PATH * 10

_long = validate.Length(max=LONGEST_PATH)
_some_paths = validate.Length(max=MOST_PATHS)
_name = partial(fields.String, validate=validate.Length(max=LONGEST_NAME))
_mode = partial(fields.Enum, PrerollMode, by_value=fields.String)
_paths = partial(fields.List, fields.String(validate=_long), validate=_some_paths)
_combined = partial(fields.String, validate=validate.Length(max=LONGEST_VALUE))


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
    priority = Whole(strict=True, validate=validate.Range(-MOST_PRIORITY, MOST_PRIORITY))
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
