"""Libraries of media servers, in SQLite: whole steps on the writing connection."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from earshelf.adapters.rows.media import (
    FACET,
    ITEM_COLUMNS,
    MARK_COLUMNS,
    RESOLUTION_COLUMNS,
    facet_of,
    item_values,
    marks_from,
    overwriting,
    plays_values,
    resolutions_from,
)
from earshelf.adapters.rows.media_libraries import (
    job_from,
    job_row,
    jobs_counted,
    jobs_listed,
    library_from,
    library_row,
)
from earshelf.adapters.rows.values import Row
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.driver import Database
from earshelf.adapters.sqlite.many_rows import execute_rows
from earshelf.adapters.sqlite.media_removal import SqliteRemovedItems
from earshelf.adapters.sqlite.media_words import put_words
from earshelf.adapters.sqlite.session import check_version, replace_row, spelled
from earshelf.adapters.sqlite.steps import LARGE_CACHE, step, whole
from earshelf.adapters.sqlite.sync_marks import SqliteSyncMarks
from earshelf.adapters.sqlite.watch_log import SqliteWatchLog
from earshelf.domain.errors import AlreadyExists, NotFound
from earshelf.domain.ids import ServerId, SyncJobId
from earshelf.domain.media import MediaItem, Plays
from earshelf.domain.sync_jobs import MediaLibrary, SyncJob
from earshelf.ports.media import StoredMark
from earshelf.ports.queries import Page, Window

_MARKS_AT_ONCE = 500  # SQLite admits 32,766; short statements are read faster
_MANY = 100
_UPSERT = (
    f"INSERT INTO media ({', '.join(ITEM_COLUMNS)}) VALUES %s "  # noqa: S608 - our own words
    f"ON CONFLICT (number) DO UPDATE SET {overwriting('max')}"
)
_PLAYS = (
    "UPDATE media SET play_count = max(?, kept_count), last_played_at = max(?, kept_played_at), view_offset = ?, "
    "user_rating = ? "
    "WHERE server_id = ? AND item_key = ?"
)
_NEW_FACET = f"""
INSERT INTO media_facets (number, {", ".join(FACET)}, items)
SELECT coalesce(max(number), 0) + 1, ?, ?, ?, ?, ?, ?, 0 FROM media_facets
"""  # noqa: S608 - our own words
_FACET = f"SELECT number FROM media_facets WHERE {' AND '.join(f'{name} = ?' for name in FACET)}"  # noqa: S608
# a removed item may come back to its place, and what comes after a library was settled is younger than that
_LAST = """
SELECT max(
    coalesce((SELECT max(number) FROM media), 0),
    coalesce((SELECT max(number) FROM media_removed), 0),
    coalesce((SELECT max(settled) FROM media_libraries), 0)
)
"""
_KEYS = """
SELECT item_key FROM media
WHERE facet IN (SELECT number FROM media_facets WHERE server_id = ? AND library_key = ?)
"""
_PUT_LIBRARY = """
INSERT INTO media_libraries (server_id, key, title, type, enabled, identity, is_missing, synced_at, held_back)
VALUES (:server_id, :key, :title, :type, :enabled, :identity, :is_missing, :synced_at, :held_back)
ON CONFLICT (server_id, key) DO UPDATE SET title = excluded.title, type = excluded.type, identity = excluded.identity,
    is_missing = excluded.is_missing, synced_at = excluded.synced_at, held_back = excluded.held_back
"""
_WITH_FACETS = "JOIN media_facets ON media_facets.number = media.facet"
_OPEN = "status IN ('PENDING', 'RUNNING')"


class SqliteMediaShelf:
    """Keeps the items."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def put(self, items: Sequence[MediaItem]) -> None:
        if not items:
            return
        async with self._database.pen:
            if len(items) >= _MANY:
                await self._database.write(lambda database: database.conn.execute(LARGE_CACHE))
            await self._database.write(lambda opened: whole(opened, lambda database: _put(database, items)))

    async def put_plays(self, server_id: ServerId, plays: Mapping[str, Plays]) -> None:
        rows = [(*plays_values(one), server_id, key) for key, one in plays.items()]
        if rows:
            await step(self._database, lambda database: database.conn.executemany(_PLAYS, rows))

    async def marks(self, server_id: ServerId, keys: Collection[str]) -> Mapping[str, StoredMark]:
        return marks_from(await self._database.read(lambda database: _marks(database, server_id, list(keys))))

    async def resolutions(self, server_id: ServerId, keys: Collection[str]) -> Mapping[str, str]:
        return resolutions_from(
            await self._database.read(
                lambda database: _of_keys(database, RESOLUTION_COLUMNS, server_id, list(keys), _WITH_FACETS)
            )
        )

    async def keys(self, server_id: ServerId, library_key: str) -> frozenset[str]:
        values = (server_id, library_key)
        rows = await self._database.read(lambda database: database.conn.execute(_KEYS, values).fetchall())
        return frozenset(row["item_key"] for row in rows)

    async def remove_server(self, server_id: ServerId) -> None:
        await step(self._database, lambda database: _remove_server(database, server_id))


def _put(database: Database, items: Sequence[MediaItem]) -> None:
    distinct = {item.mark.key: item for item in items}
    stored = _of_keys(database, "number, item_key, words", items[0].server_id, list(distinct))
    known = {row["item_key"]: row for row in stored}
    (last,) = database.conn.execute(_LAST).fetchone()
    facets: dict[tuple[str, ...], int] = {}
    rows: list[tuple[Any, ...]] = []
    for key, item in distinct.items():
        facet = facet_of(item)
        if facet not in facets:
            facets[facet] = _facet_number(database, facet)
        last += key not in known
        rows.append(item_values(item, known[key]["number"] if key in known else last, facets[facet]))
    execute_rows(database, _UPSERT, rows)
    put_words(database, {row["number"]: row["words"] for row in known.values()}, {row[0]: row[6] for row in rows})


def _facet_number(database: Database, facet: tuple[str, ...]) -> int:
    found = database.conn.execute(_FACET, facet).fetchone()
    if found is None:
        database.conn.execute(_NEW_FACET, facet)
        found = database.conn.execute(_FACET, facet).fetchone()
    number: int = found[0]
    return number


def _of_keys(database: Database, columns: str, server_id: ServerId, keys: Sequence[str], join: str = "") -> list[Row]:
    rows: list[Row] = []
    for start in range(0, len(keys), _MARKS_AT_ONCE):
        some = keys[start : start + _MARKS_AT_ONCE]
        marks = ", ".join("?" * len(some))
        sql = f"SELECT {columns} FROM media {join} WHERE media.server_id = ? AND item_key IN ({marks})"  # noqa: S608
        rows += database.conn.execute(sql, (server_id, *some)).fetchall()
    return rows


def _marks(database: Database, server_id: ServerId, keys: Sequence[str]) -> list[Row]:
    return _of_keys(database, MARK_COLUMNS, server_id, keys, _WITH_FACETS)


def _remove_server(database: Database, server_id: ServerId) -> None:
    sql = "DELETE FROM media_words WHERE item IN (SELECT number FROM media WHERE server_id = ?)"
    database.conn.execute(sql, (server_id,))
    for table in (
        "media",
        "media_removed",
        "media_facets",
        "media_libraries",
        "sync_jobs",
        "sync_marks",
        "media_watches",
    ):
        database.conn.execute(f"DELETE FROM {table} WHERE server_id = ?", (server_id,))  # noqa: S608 - our own words


class SqliteLibraryRows:
    """Keeps the libraries."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def of_server(self, server_id: ServerId) -> list[MediaLibrary]:
        sql = "SELECT * FROM media_libraries WHERE server_id = ? ORDER BY title, key"
        rows = await self._database.read(lambda database: database.conn.execute(sql, (server_id,)).fetchall())
        return [library_from(row) for row in rows]

    async def put(self, libraries: Sequence[MediaLibrary]) -> None:
        rows = [spelled(library_row(library)) for library in libraries]
        await step(self._database, lambda database: database.conn.executemany(_PUT_LIBRARY, rows))

    async def enable(self, server_id: ServerId, key: str, *, enabled: bool) -> MediaLibrary:
        return await step(self._database, lambda database: _enable(database, server_id, key, enabled=enabled))

    async def rekey(self, server_id: ServerId, *, before: str, after: str) -> None:
        await step(self._database, lambda database: _rekey(database, server_id, before, after))


def _enable(database: Database, server_id: ServerId, key: str, *, enabled: bool) -> MediaLibrary:
    sql = "UPDATE media_libraries SET enabled = ? WHERE server_id = ? AND key = ? RETURNING *"
    row = database.conn.execute(sql, (enabled, server_id, key)).fetchone()
    if row is None:
        raise NotFound("library", key)
    return library_from(row)


def _rekey(database: Database, server_id: ServerId, before: str, after: str) -> None:
    for table, column in (("media_libraries", "key"), ("media_facets", "library_key")):
        sql = f"UPDATE {table} SET {column} = ? WHERE server_id = ? AND {column} = ?"  # noqa: S608 - our own words
        database.conn.execute(sql, (after, server_id, before))


class SqliteSyncJobs:
    """Keeps the jobs."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def add(self, job: SyncJob) -> None:
        row = spelled(job_row(job, 1))
        await step(self._database, lambda database: _add_job(database, row))
        job.version = 1

    async def get(self, job_id: SyncJobId) -> SyncJob:
        sql = "SELECT * FROM sync_jobs WHERE id = ?"
        row = await self._database.read(lambda database: database.conn.execute(sql, (job_id,)).fetchone())
        if row is None:
            raise NotFound("sync job", job_id)
        return job_from(row)

    async def open(self) -> list[SyncJob]:
        sql = f"SELECT * FROM sync_jobs WHERE {_OPEN} ORDER BY created_at, id"  # noqa: S608 - our own words
        rows = await self._database.read(lambda database: database.conn.execute(sql).fetchall())
        return [job_from(row) for row in rows]

    async def page(self, window: Window, *, server_id: ServerId | None = None) -> Page[SyncJob]:
        def look(database: Database) -> tuple[list[Row], int]:
            counted, page = jobs_counted(server_id), jobs_listed(window, server_id)
            (total,) = database.conn.execute(counted.sql, counted.values).fetchone()
            return database.conn.execute(page.sql, page.values).fetchall(), total

        rows, total = await self._database.read(look)
        return Page([job_from(row) for row in rows], total)

    async def save(self, job: SyncJob) -> None:
        await step(self._database, lambda database: _save_job(database, job))
        job.version += 1

    async def wish_stop(self, job_id: SyncJobId) -> None:
        sql = f"UPDATE sync_jobs SET stop_wished = 1 WHERE id = ? AND {_OPEN}"  # noqa: S608 - our own words
        await step(self._database, lambda database: database.conn.execute(sql, (job_id,)).rowcount)


def _add_job(database: Database, row: dict[str, Any]) -> None:
    sql = f"SELECT 1 FROM sync_jobs WHERE server_id = ? AND {_OPEN}"  # noqa: S608 - our own words
    if database.conn.execute(sql, (row["server_id"],)).fetchone():
        raise AlreadyExists("running sync", row["server_id"])
    database.table("sync_jobs").insert(row)


def _save_job(database: Database, job: SyncJob) -> None:
    check_version(database, "sync_jobs", job.id, job.version, kind="sync job")
    # a wish to stop is somebody else's, and is not taken back
    row = {name: value for name, value in job_row(job, job.version + 1).items() if name != "stop_wished"}
    replace_row(database, "sync_jobs", row)


class SqliteMediaStore:
    """Everything that is kept of media servers' libraries."""

    def __init__(self, database: SqliteDatabase) -> None:
        self.items = SqliteMediaShelf(database)
        self.removed = SqliteRemovedItems(database)
        self.libraries = SqliteLibraryRows(database)
        self.jobs = SqliteSyncJobs(database)
        self.marks = SqliteSyncMarks(database)
        self.watches = SqliteWatchLog(database)
