"""Marks of syncs as rows."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from earshelf.adapters.rows.values import Row, moment, moment_or_none
from earshelf.domain.ids import ServerId, SyncJobId
from earshelf.domain.sync_schedules import SyncMark

MARK_NAMES = tuple(one.name for one in fields(SyncMark))
CHANGES = ", ".join(f"{name} = excluded.{name}" for name in MARK_NAMES if name != "server_id")
ALL_MARKS = "SELECT * FROM sync_marks"


def mark_row(mark: SyncMark) -> dict[str, Any]:
    """Spells a mark as a row of ``sync_marks``."""
    return {name: getattr(mark, name) for name in MARK_NAMES}


def marks_by_server(rows: Sequence[Row]) -> Mapping[ServerId, SyncMark]:
    """Reads the marks."""
    return {ServerId(row["server_id"]): _mark_from(row) for row in rows}


def _mark_from(row: Row) -> SyncMark:
    return SyncMark(
        server_id=ServerId(row["server_id"]),
        asked_at=moment(row["asked_at"]),
        job_id=None if row["job_id"] is None else SyncJobId(row["job_id"]),
        retry_at=moment_or_none(row["retry_at"]),
        is_retried=bool(row["is_retried"]),
    )
