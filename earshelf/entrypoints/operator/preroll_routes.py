"""Routes of prerolls."""

from earshelf.entrypoints.operator import preroll_schemas as shapes
from earshelf.entrypoints.operator.errors import CONFLICT, VALIDATION, refusal
from earshelf.entrypoints.paging import PagingQuery
from earshelf.entrypoints.routing import Answer, Route

_TAG = "prerolls"
_PRESET_EXAMPLE = {
    "id": "pp_5Tn8pW2eRk6yUb1iOq4MxA",
    "name": "Winter",
    "entries": [{"name": "Snow", "path": "/prerolls/snow.mp4"}, {"name": "Bells", "path": "/prerolls/bells.mp4"}],
    "mode": "random",
    "path": "/prerolls/snow.mp4;/prerolls/bells.mp4",
    "created_at": "2026-06-22T14:30:00.000Z",
    "updated_at": "2026-06-22T14:30:00.000Z",
}
_PRESET_BODY = {name: _PRESET_EXAMPLE[name] for name in ("name", "entries", "mode")}
_SCHEDULE_BODY = {
    "name": "Advent",
    "paths": ["/prerolls/snow.mp4"],
    "schedule_type": "seasonal",
    "start_date": "12-01",
    "end_date": "12-26",
    "priority": 5,
}
_SCHEDULE_EXAMPLE = {
    "id": "ps_7Uj3mK9nBv5cXz1aQw2sEd",
    **_SCHEDULE_BODY,
    "mode": "sequential",
    "preroll_path": "/prerolls/snow.mp4",
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
_SERVER = "sv_1Qw2eR3tY4uI5oP6aS7dFg"
_STANDING_EXAMPLE = {
    "server_id": _SERVER,
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
_MAPPINGS_EXAMPLE = {
    "server_id": _SERVER,
    "path_mappings": [{"source": "/srv/prerolls", "target": "D:\\Prerolls"}],
}
_PRESET = Answer("The preset", shapes.PRESET, _PRESET_EXAMPLE)
_SCHEDULE = Answer("The schedule", shapes.SCHEDULE, _SCHEDULE_EXAMPLE)
_MAPPINGS = Answer("The server's path mappings", shapes.MAPPINGS, _MAPPINGS_EXAMPLE)
_INVALID = refusal(
    VALIDATION,
    "The schedule cannot be used",
    "Something about it is wrong; `fields` says what",
    fields={"paths": "needs at least one preroll"},
)
_NO_SERVER = refusal("NOT_FOUND", f"No media server has the id '{_SERVER}'", "There is no such server")
_CLASH = refusal(
    CONFLICT,
    "Another schedule of the same priority is active at the same time: 'Winter' from 2026-12-01 00:00 UTC; change a "
    "priority",
    "Schedules of the same priority overlap within a year; the message names each, and the first moment",
)
_TAKEN = Answer("The server has it", shapes.STANDING, _STANDING_EXAMPLE)
_WAITING = Answer(
    "The server is away, or did not take it; it is remembered and tried again",
    shapes.STANDING,
    {
        **_STANDING_EXAMPLE,
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

PRESETS = (
    Route(
        "GET",
        "/prerolls/presets",
        "page",
        "List presets",
        _TAG,
        {200: Answer("Newest first", shapes.PRESETS, {"data": [_PRESET_EXAMPLE], "total": 1})},
        query=PagingQuery(),
    ),
    Route(
        "POST",
        "/prerolls/presets",
        "add",
        "Add a preset",
        _TAG,
        {201: _PRESET, 400: _INVALID},
        description="Paths are the media servers' own and not checked here.",
        body=shapes.PresetBody(),
        body_shape=shapes.PRESET_BODY,
        body_example=_PRESET_BODY,
    ),
    Route("GET", "/prerolls/presets/{id}", "one", "Get a preset", _TAG, {200: _PRESET}),
    Route(
        "PUT",
        "/prerolls/presets/{id}",
        "change",
        "Change a preset",
        _TAG,
        {200: _PRESET, 400: _INVALID},
        description="Changes what it names. Schedules that were made from it keep their copies.",
        body=shapes.PresetBody(partial=("name",)),
        body_shape=shapes.PRESET_CHANGE,
        body_example=_PRESET_BODY,
    ),
    Route(
        "DELETE",
        "/prerolls/presets/{id}",
        "remove",
        "Remove a preset",
        _TAG,
        {
            204: Answer("It is gone"),
            409: refusal(
                CONFLICT,
                "The preset is used by 'Advent'; delete it with force to keep the schedules as they are",
                "Schedules were made from it",
            ),
        },
        query=shapes.ForceQuery(),
    ),
)
SCHEDULES = (
    Route(
        "GET",
        "/prerolls/schedules",
        "page",
        "List schedules",
        "preroll-schedules",
        {200: Answer("Highest priority first", shapes.SCHEDULES, {"data": [_SCHEDULE_EXAMPLE], "total": 1})},
        query=PagingQuery(),
    ),
    Route(
        "POST",
        "/prerolls/schedules",
        "add",
        "Add a schedule",
        "preroll-schedules",
        {201: _SCHEDULE, 400: _INVALID, 409: _CLASH},
        description="Of several that are active the highest priority wins, then the most particular kind, the shortest "
        "and the newest. When none is, every server gets back what its owner had set there.",
        body=shapes.ScheduleBody(),
        body_shape=shapes.SCHEDULE_BODY,
        body_example=_SCHEDULE_BODY,
    ),
    Route("GET", "/prerolls/schedules/{id}", "one", "Get a schedule", "preroll-schedules", {200: _SCHEDULE}),
    Route(
        "PUT",
        "/prerolls/schedules/{id}",
        "change",
        "Change a schedule",
        "preroll-schedules",
        {200: _SCHEDULE, 400: _INVALID, 409: _CLASH},
        description="Changes what it names. A disabled one may overlap until it is enabled.",
        body=shapes.ScheduleBody(partial=("name", "schedule_type")),
        body_shape=shapes.SCHEDULE_CHANGE,
        body_example={"enabled": False},
    ),
    Route(
        "DELETE",
        "/prerolls/schedules/{id}",
        "remove",
        "Remove a schedule",
        "preroll-schedules",
        {204: Answer("It is gone")},
    ),
    Route(
        "GET",
        "/prerolls/timeline",
        "coming",
        "What will apply when",
        "preroll-schedules",
        {
            200: Answer(
                "The next ten changes within a year",
                shapes.CHANGES,
                {
                    "data": [
                        {
                            "at": "2026-12-01T00:00:00.000Z",
                            "schedule": {"id": "ps_7Uj3mK9nBv5cXz1aQw2sEd", "name": "Advent"},
                        },
                        {"at": "2026-12-27T00:00:00.000Z", "schedule": None},
                    ],
                    "total": 2,
                },
            )
        },
    ),
)
SERVERS = (
    Route(
        "POST",
        "/prerolls/apply",
        "apply",
        "Play something on one server now",
        "server-prerolls",
        {
            200: _TAKEN,
            202: _WAITING,
            400: _INVALID,
            404: _NO_SERVER,
            409: refusal(CONFLICT, "The server 'Attic' is disabled; enable it first", "The server is disabled"),
        },
        description="Comes before every schedule, until the next change of schedules where `until` does not say else.",
        body=shapes.ApplyBody(),
        body_shape=shapes.APPLY_UNTIL_BODY,
        body_example={"server_id": _SERVER, "paths": ["/prerolls/snow.mp4"], "mode": "sequential"},
    ),
    Route(
        "DELETE",
        "/prerolls/apply",
        "clear",
        "Take back what was applied",
        "server-prerolls",
        {200: _TAKEN, 202: _WAITING, 404: _NO_SERVER},
        description="Schedules have their way again; where none applies the owner's own value comes back.",
        query=shapes.ServerQuery(),
    ),
    Route(
        "GET",
        "/prerolls/current",
        "current",
        "What a server plays",
        "server-prerolls",
        {200: Answer("As the server tells it now", shapes.STANDING, _STANDING_EXAMPLE), 404: _NO_SERVER},
        query=shapes.ServerQuery(),
    ),
    Route(
        "GET",
        "/prerolls/path-mappings",
        "mappings",
        "How a server spells paths",
        "server-prerolls",
        {200: _MAPPINGS, 404: _NO_SERVER},
        query=shapes.ServerQuery(),
    ),
    Route(
        "PUT",
        "/prerolls/path-mappings",
        "map_paths",
        "Say how a server spells paths",
        "server-prerolls",
        {200: _MAPPINGS, 400: _INVALID, 404: _NO_SERVER},
        description="Paths of presets and schedules that lie under a source reach this server under the target; the "
        "longest source wins, and a blank target says that the server has nothing of it.",
        body=shapes.MappingsBody(),
        body_shape=shapes.MAPPINGS,
        body_example=_MAPPINGS_EXAMPLE,
    ),
)
ROUTES = (*PRESETS, *SCHEDULES, *SERVERS)
