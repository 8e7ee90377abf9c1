"""Libraries of media servers and the jobs that keep them in step."""

from datetime import datetime
from typing import Any

from aiohttp import web
from marshmallow import Schema, fields, validate

from earshelf.domain.ids import ServerId, SyncJobId
from earshelf.domain.media import LibraryType
from earshelf.domain.sync_jobs import MediaLibrary, SyncJob, SyncPhase, SyncStatus
from earshelf.domain.usecases.syncing import Syncing
from earshelf.entrypoints.answers import answer, listed, spelled_date
from earshelf.entrypoints.operator.errors import CONFLICT, UPSTREAM, VALIDATION, refusal
from earshelf.entrypoints.operator.schemas import (
    Flag,
    count,
    date,
    list_of,
    nullable_count,
    nullable_text,
    one_of,
    text,
)
from earshelf.entrypoints.paging import PagingQuery, window
from earshelf.entrypoints.routing import Answer, Call, Route
from earshelf.ports.system import Clock


class LibraryShape(Schema):
    """A library of a media server."""

    key = text()
    title = text()
    type = one_of(LibraryType)
    enabled = Flag(required=True, metadata={"description": "Whether it takes part in syncs"})
    is_missing = Flag(required=True, metadata={"description": "The server did not list it last time"})
    synced_at = date(allow_none=True)
    held_back = nullable_count(metadata={"description": "Items that are gone if the next sync finds the same"})


class LibraryChange(Schema):
    """What may be changed of a library."""

    enabled = Flag(required=True)


class StartQuery(Schema):
    """How much is read."""

    library_key = fields.String(
        validate=validate.Length(min=1), metadata={"description": "Only the library with this key"}
    )


class JobsQuery(PagingQuery):
    """Which syncs."""

    server_id = fields.String(metadata={"description": "Only of this server"})


class SyncBegun(Schema):
    """A job that was taken."""

    job_id = text()


class SyncJobShape(Schema):
    """One pass over a server's libraries."""

    id = text()
    server_id = text()
    status = one_of(SyncStatus)
    library_key = nullable_text()
    items_processed = count()
    total_items = count(metadata={"description": "Grows as each library tells how much it holds"})
    current_library = nullable_text()
    phase = one_of(SyncPhase, allow_none=True, metadata={"description": "What it is, or was at last, about"})
    library_index = count(metadata={"description": "Which of its libraries, from 1; 0 before the first"})
    library_count = count()
    library_processed = count()
    library_total = nullable_count(metadata={"description": "null where the server does not tell"})
    error = nullable_text()
    rate = fields.Float(required=True, allow_none=True, metadata={"description": "Items per second"})
    eta_seconds = fields.Float(required=True, allow_none=True)
    created_at = date()
    started_at = date(allow_none=True)
    finished_at = date(allow_none=True)


_LIBRARY = {
    "key": "1",
    "title": "Films",
    "type": "MOVIE",
    "enabled": True,
    "is_missing": False,
    "synced_at": "2026-06-22T14:30:00.000Z",
    "held_back": None,
}
_JOB = {
    "id": "sj_7Uj3mK9nBv5cXz1aQw2sEd",
    "server_id": "sv_1Qw2eR3tY4uI5oP6aS7dFg",
    "status": "RUNNING",
    "library_key": None,
    "items_processed": 4200,
    "total_items": 21000,
    "current_library": "Films",
    "phase": "listing",
    "library_index": 1,
    "library_count": 2,
    "library_processed": 4200,
    "library_total": 21000,
    "error": None,
    "rate": 1400.0,
    "eta_seconds": 12.0,
    "created_at": "2026-06-22T14:30:00.000Z",
    "started_at": "2026-06-22T14:30:00.500Z",
    "finished_at": None,
}
_AWAY = {
    502: refusal(UPSTREAM, "Attic: could not connect", "The server does not answer, and never did"),
    504: refusal("UPSTREAM_TIMEOUT", "Attic: did not answer within 8 s", "The server does not answer, and never did"),
}

_LIBRARIES = list_of(LibraryShape, "LibraryList")

ROUTES = (
    Route(
        "GET",
        "/servers/{server_id}/libraries",
        "libraries",
        "List a server's libraries",
        "servers",
        {
            200: Answer("By title; as last time where it is away", _LIBRARIES, {"data": [_LIBRARY], "total": 1}),
            409: refusal(CONFLICT, "Another server answers at this address", "Another server answers at its address"),
            **_AWAY,
        },
    ),
    Route(
        "PATCH",
        "/servers/{server_id}/libraries/{key}",
        "change_library",
        "Let a library take part in syncs, or not",
        "servers",
        {200: Answer("The library", LibraryShape, _LIBRARY)},
        description="A library that does not take part keeps its items as they are.",
        body=LibraryChange(),
        body_example={"enabled": False},
    ),
    Route(
        "POST",
        "/servers/{server_id}/sync",
        "start",
        "Sync a server's libraries",
        "servers",
        {
            202: Answer("It was taken", SyncBegun, {"job_id": "sj_7Uj3mK9nBv5cXz1aQw2sEd"}),
            400: refusal(
                VALIDATION,
                "The server 'Attic' has no library '9'",
                "It has no such library",
                fields={"library_key": "is no library"},
            ),
            409: refusal(
                CONFLICT,
                "A sync of the server 'Attic' is under way",
                "One is under way, or it or the library is disabled",
            ),
        },
        query=StartQuery(),
    ),
    Route(
        "GET",
        "/sync-jobs",
        "jobs",
        "List syncs",
        "servers",
        {200: Answer("Newest first", list_of(SyncJobShape, "SyncJobList"), {"data": [_JOB], "total": 1})},
        description="Also those that a schedule began, and those that go on after a restart.",
        query=JobsQuery(),
    ),
    Route("GET", "/sync-jobs/{job_id}", "job", "Get a sync", "servers", {200: Answer("The sync", SyncJobShape, _JOB)}),
    Route(
        "POST",
        "/sync-jobs/{job_id}/cancel",
        "cancel",
        "Cancel a sync",
        "servers",
        {
            202: Answer("It ends within seconds", SyncJobShape, _JOB),
            409: refusal(CONFLICT, "The sync is completed already", "It is over"),
        },
        description="What was read stays, and nothing is removed.",
    ),
)


class Syncs:
    """Answers the routes of libraries and of the jobs that keep them in step."""

    def __init__(self, *, syncing: Syncing, clock: Clock) -> None:
        self._syncing = syncing
        self._clock = clock

    async def libraries(self, call: Call) -> web.Response:
        """Lists a server's libraries."""
        rows = await self._syncing.libraries(ServerId(call.ids["server_id"]))
        return listed([library_dto(row) for row in rows], len(rows))

    async def change_library(self, call: Call) -> web.Response:
        """Lets a library take part, or not."""
        server_id, key = ServerId(call.ids["server_id"]), call.ids["key"]
        return answer(library_dto(await self._syncing.enable(server_id, key, enabled=call.body["enabled"])))

    async def start(self, call: Call) -> web.Response:
        """Asks for a pass."""
        server_id, key = ServerId(call.ids["server_id"]), call.query.get("library_key")
        return answer({"job_id": await self._syncing.start(server_id, library_key=key)}, 202)

    async def jobs(self, call: Call) -> web.Response:
        """Lists jobs."""
        server_id = ServerId(call.query["server_id"]) if "server_id" in call.query else None
        page, now = await self._syncing.jobs(window(call.query), server_id=server_id), self._clock.now()
        return listed([job_dto(job, now) for job in page.rows], page.total)

    async def job(self, call: Call) -> web.Response:
        """Shows a job."""
        job = await self._syncing.job(SyncJobId(call.ids["job_id"]))
        return answer(job_dto(job, self._clock.now()))

    async def cancel(self, call: Call) -> web.Response:
        """Asks for a job's end."""
        job = await self._syncing.cancel(SyncJobId(call.ids["job_id"]))
        return answer(job_dto(job, self._clock.now()), 202)


def library_dto(library: MediaLibrary) -> dict[str, Any]:
    """Spells a library."""
    return {
        "key": library.key,
        "title": library.title,
        "type": library.type.value,
        "enabled": library.enabled,
        "is_missing": library.is_missing,
        "synced_at": spelled_date(library.synced_at) if library.synced_at else None,
        "held_back": library.held_back,
    }


def job_dto(job: SyncJob, now: datetime) -> dict[str, Any]:
    """Spells a job as it stands now."""
    rate, left = job.rate(now), job.seconds_left(now)
    return {
        "id": job.id,
        "server_id": job.server_id,
        "status": job.status.value,
        "library_key": job.library_key,
        "items_processed": job.items_processed,
        "total_items": job.total_items,
        "current_library": job.current_library,
        "phase": job.phase.value if job.phase else None,
        "library_index": job.library_index,
        "library_count": job.library_count,
        "library_processed": job.library_processed,
        "library_total": job.library_total,
        "error": job.error,
        "rate": None if rate is None else round(rate, 1),
        "eta_seconds": None if left is None else round(left, 1),
        "created_at": spelled_date(job.created_at),
        "started_at": spelled_date(job.started_at) if job.started_at else None,
        "finished_at": spelled_date(job.finished_at) if job.finished_at else None,
    }
