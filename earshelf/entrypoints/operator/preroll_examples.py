"""Examples of presets, schedules and what servers play, and the answers that several routes share."""

from earshelf.entrypoints.operator import preroll_schemas as shapes
from earshelf.entrypoints.operator.errors import CONFLICT, VALIDATION, refusal
from earshelf.entrypoints.routing import Answer

PRESET_EXAMPLE = {
    "id": "pp_5Tn8pW2eRk6yUb1iOq4MxA",
    "name": "Winter",
    "entries": [{"name": "Snow", "path": "/prerolls/snow.mp4"}, {"name": "Bells", "path": "/prerolls/bells.mp4"}],
    "mode": "random",
    "path": "/prerolls/snow.mp4;/prerolls/bells.mp4",
    "warning": None,
    "created_at": "2026-06-22T14:30:00.000Z",
    "updated_at": "2026-06-22T14:30:00.000Z",
}
PRESET_BODY = {name: PRESET_EXAMPLE[name] for name in ("name", "entries", "mode")}
SCHEDULE_BODY = {
    "name": "Advent",
    "paths": ["/prerolls/snow.mp4"],
    "schedule_type": "seasonal",
    "start_date": "12-01",
    "end_date": "12-26",
    "priority": 5,
}
SCHEDULE_EXAMPLE = {
    "id": "ps_7Uj3mK9nBv5cXz1aQw2sEd",
    **SCHEDULE_BODY,
    "mode": "sequential",
    "preroll_path": "/prerolls/snow.mp4",
    "warning": None,
    "preset_id": None,
    "days_of_week": None,
    "start_time": None,
    "end_time": None,
    "holiday": None,
    "days_before": None,
    "days_after": None,
    "enabled": True,
    "updated_at": "2026-06-22T14:30:00.000Z",
}
SERVER = "sv_1Qw2eR3tY4uI5oP6aS7dFg"
STANDING_EXAMPLE = {
    "server_id": SERVER,
    "available": True,
    "value": "/prerolls/snow.mp4",
    "paths": ["/prerolls/snow.mp4"],
    "mode": "sequential",
    "managed": True,
    "state": "in_sync",
    "source": "override",
    "schedule": None,
    "wanted": "/prerolls/snow.mp4",
    "own_value": "/films/trailer.mp4",
    "override_until": "next_change",
    "override_expires_at": "2026-12-01T00:00:00.000Z",
    "error": None,
    "message": None,
}
MAPPINGS_EXAMPLE = {
    "server_id": SERVER,
    "path_mappings": [{"source": "/srv/prerolls", "target": "D:\\Prerolls"}],
}
PRESET = Answer("The preset", shapes.PRESET, PRESET_EXAMPLE)
SCHEDULE = Answer("The schedule", shapes.SCHEDULE, SCHEDULE_EXAMPLE)
MAPPINGS = Answer("The server's path mappings", shapes.MAPPINGS, MAPPINGS_EXAMPLE)
INVALID = refusal(
    VALIDATION,
    "The schedule cannot be used",
    "Something about it is wrong; `fields` says what",
    fields={"paths": "needs at least one preroll"},
)
NO_SERVER = refusal("NOT_FOUND", f"No media server has the id '{SERVER}'", "There is no such server")
CLASH = refusal(
    CONFLICT,
    "Another schedule of the same priority is active at the same time: 'Winter' from 2026-12-01 00:00 UTC; change a "
    "priority",
    "Schedules of the same priority overlap within a year; the message names each, and the first moment",
)
TAKEN = Answer("The server has it", shapes.STANDING, STANDING_EXAMPLE)
WAITING = Answer(
    "The server is away, or did not take it; it is remembered and tried again",
    shapes.STANDING,
    {
        **STANDING_EXAMPLE,
        "available": False,
        "value": None,
        "paths": None,
        "mode": None,
        "managed": False,
        "state": "error",
        "error": "unreachable",
        "message": "Attic: could not connect (connection refused); check its address and that it is running",
    },
)
