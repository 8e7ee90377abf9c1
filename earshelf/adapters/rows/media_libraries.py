"""Libraries of media servers, and the jobs that read them, as rows and back."""

from dataclasses import fields
from typing import Any

from earshelf.adapters.rows.lists import Statement, bounds
from earshelf.adapters.rows.values import Row, moment, moment_or_none
from earshelf.domain.ids import ServerId, SyncJobId
from earshelf.domain.media import LibraryType
from earshelf.domain.sync_jobs import MediaLibrary, SyncJob, SyncPhase, SyncStatus
from earshelf.ports.queries import Window


def library_row(library: MediaLibrary) -> dict[str, Any]:
    """Spells a library as a row."""
    return {one.name: getattr(library, one.name) for one in fields(MediaLibrary)} | {"type": library.type.value}


def library_from(row: Row) -> MediaLibrary:
    """Reads a library."""
    return MediaLibrary(
        server_id=ServerId(row["server_id"]),
        key=row["key"],
        title=row["title"],
        type=LibraryType(row["type"]),
        enabled=bool(row["enabled"]),
        identity=row["identity"],
        is_missing=bool(row["is_missing"]),
        synced_at=moment_or_none(row["synced_at"]),
        held_back=row["held_back"],
    )


def job_row(job: SyncJob, version: int) -> dict[str, Any]:
    """Spells a job as a row."""
    row = {one.name: getattr(job, one.name) for one in fields(SyncJob)}
    phase = job.phase.value if job.phase else None
    return {**row, "status": job.status.value, "phase": phase, "version": version}


def jobs_counted(server_id: ServerId | None) -> Statement:
    """Counts jobs, as ``total``."""
    return _of_jobs("count(*) AS total", server_id)


def jobs_listed(window: Window, server_id: ServerId | None) -> Statement:
    """Reads part of the jobs, newest first."""
    chosen = _of_jobs("*", server_id)
    return Statement(f"{chosen.sql} ORDER BY created_at DESC, id LIMIT ? OFFSET ?", (*chosen.values, *bounds(window)))


def _of_jobs(what: str, server_id: ServerId | None) -> Statement:
    sql = f"SELECT {what} FROM sync_jobs"  # noqa: S608 - our own words
    return Statement(sql, ()) if server_id is None else Statement(f"{sql} WHERE server_id = ?", (server_id,))


def job_from(row: Row) -> SyncJob:
    """Reads a job."""
    return SyncJob(
        id=SyncJobId(row["id"]),
        server_id=ServerId(row["server_id"]),
        created_at=moment(row["created_at"]),
        library_key=row["library_key"],
        resumes=bool(row["resumes"]),
        status=SyncStatus(row["status"]),
        started_at=moment_or_none(row["started_at"]),
        finished_at=moment_or_none(row["finished_at"]),
        items_processed=row["items_processed"],
        total_items=row["total_items"],
        current_library=row["current_library"],
        error=row["error"],
        stop_wished=bool(row["stop_wished"]),
        phase=SyncPhase(row["phase"]) if row["phase"] else None,
        library_index=row["library_index"],
        library_count=row["library_count"],
        library_processed=row["library_processed"],
        library_total=row["library_total"],
        version=row["version"],
    )
