"""Routes of prerolls."""

from earshelf.entrypoints.operator import preroll_bodies as bodies
from earshelf.entrypoints.operator import preroll_examples as examples
from earshelf.entrypoints.operator import preroll_schemas as shapes
from earshelf.entrypoints.operator.errors import CONFLICT, refusal
from earshelf.entrypoints.paging import PagingQuery
from earshelf.entrypoints.routing import Answer, Route

_PRESETS, _SCHEDULES, _SERVERS = "prerolls", "preroll-schedules", "server-prerolls"
PRESETS = (
    Route(
        "GET",
        "/prerolls/presets",
        "page",
        "List presets",
        _PRESETS,
        {200: Answer("Newest first", shapes.PRESETS, {"data": [examples.PRESET_EXAMPLE], "total": 1})},
        query=PagingQuery(),
    ),
    Route(
        "POST",
        "/prerolls/presets",
        "add",
        "Add a preset",
        _PRESETS,
        {201: examples.PRESET, 400: examples.INVALID},
        description="Paths are the media servers' own and not checked here.",
        body=bodies.PresetBody(),
        body_shape=shapes.PRESET_BODY,
        body_example=examples.PRESET_BODY,
    ),
    Route("GET", "/prerolls/presets/{id}", "one", "Get a preset", _PRESETS, {200: examples.PRESET}),
    Route(
        "PUT",
        "/prerolls/presets/{id}",
        "change",
        "Change a preset",
        _PRESETS,
        {200: examples.PRESET, 400: examples.INVALID},
        description="Changes what it names. Schedules that were made from it keep their copies.",
        body=bodies.PresetBody(partial=("name",)),
        body_shape=shapes.PRESET_CHANGE,
        body_example=examples.PRESET_BODY,
    ),
    Route(
        "DELETE",
        "/prerolls/presets/{id}",
        "remove",
        "Remove a preset",
        _PRESETS,
        {
            204: Answer("It is gone"),
            409: refusal(
                CONFLICT,
                "The preset is used by 'Advent'; delete it with force to keep the schedules as they are",
                "Schedules were made from it",
            ),
        },
        query=bodies.ForceQuery(),
    ),
)
SCHEDULES = (
    Route(
        "GET",
        "/prerolls/schedules",
        "page",
        "List schedules",
        _SCHEDULES,
        {200: Answer("Highest priority first", shapes.SCHEDULES, {"data": [examples.SCHEDULE_EXAMPLE], "total": 1})},
        query=PagingQuery(),
    ),
    Route(
        "POST",
        "/prerolls/schedules",
        "add",
        "Add a schedule",
        _SCHEDULES,
        {201: examples.SCHEDULE, 400: examples.INVALID, 409: examples.CLASH},
        description="Of several that are active the highest priority wins, then the most particular kind, the shortest "
        "and the newest. When none is, every server gets back what its owner had set there.",
        body=bodies.ScheduleBody(),
        body_shape=shapes.SCHEDULE_BODY,
        body_example=examples.SCHEDULE_BODY,
    ),
    Route("GET", "/prerolls/schedules/{id}", "one", "Get a schedule", _SCHEDULES, {200: examples.SCHEDULE}),
    Route(
        "PUT",
        "/prerolls/schedules/{id}",
        "change",
        "Change a schedule",
        _SCHEDULES,
        {200: examples.SCHEDULE, 400: examples.INVALID, 409: examples.CLASH},
        description="Changes what it names. A disabled one may overlap until it is enabled.",
        body=bodies.ScheduleBody(partial=("name", "schedule_type")),
        body_shape=shapes.SCHEDULE_CHANGE,
        body_example={"enabled": False},
    ),
    Route(
        "DELETE",
        "/prerolls/schedules/{id}",
        "remove",
        "Remove a schedule",
        _SCHEDULES,
        {204: Answer("It is gone")},
    ),
    Route(
        "GET",
        "/prerolls/timeline",
        "coming",
        "What will apply when",
        _SCHEDULES,
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
        _SERVERS,
        {
            200: examples.TAKEN,
            202: examples.WAITING,
            400: examples.INVALID,
            404: examples.NO_SERVER,
            409: refusal(CONFLICT, "The server 'Attic' is disabled; enable it first", "The server is disabled"),
        },
        description="Comes before every schedule, until the next change of schedules where `until` does not say else.",
        body=bodies.ApplyBody(),
        body_shape=shapes.APPLY_UNTIL_BODY,
        body_example={"server_id": examples.SERVER, "paths": ["/prerolls/snow.mp4"], "mode": "sequential"},
    ),
    Route(
        "DELETE",
        "/prerolls/apply",
        "clear",
        "Take back what was applied",
        _SERVERS,
        {200: examples.TAKEN, 202: examples.WAITING, 404: examples.NO_SERVER},
        description="Schedules have their way again; where none applies the owner's own value comes back.",
        query=bodies.ServerQuery(),
    ),
    Route(
        "GET",
        "/prerolls/current",
        "current",
        "What a server plays",
        _SERVERS,
        {
            200: Answer("As the server tells it now", shapes.STANDING, examples.STANDING_EXAMPLE),
            404: examples.NO_SERVER,
        },
        query=bodies.ServerQuery(),
    ),
    Route(
        "GET",
        "/prerolls/path-mappings",
        "mappings",
        "How a server spells paths",
        _SERVERS,
        {200: examples.MAPPINGS, 404: examples.NO_SERVER},
        query=bodies.ServerQuery(),
    ),
    Route(
        "PUT",
        "/prerolls/path-mappings",
        "map_paths",
        "Say how a server spells paths",
        _SERVERS,
        {200: examples.MAPPINGS, 400: examples.INVALID, 404: examples.NO_SERVER},
        description="Paths of presets and schedules that lie under a source reach this server under the target; the "
        "longest source wins, and a blank target says that the server has nothing of it.",
        body=bodies.MappingsBody(),
        body_shape=shapes.MAPPINGS,
        body_example=examples.MAPPINGS_EXAMPLE,
    ),
)
ROUTES = (*PRESETS, *SCHEDULES, *SERVERS)
