"""Libraries of media servers, in PostgreSQL: whole steps, hundreds of rows to a statement."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.media_removal import PostgresRemovedItems
from earshelf.adapters.postgres.media_words import put_words
from earshelf.adapters.postgres.queries import numbered
from earshelf.adapters.postgres.session import Step
from earshelf.adapters.postgres.steps import stepping
from earshelf.adapters.postgres.sync_marks import PostgresSyncMarks
from earshelf.adapters.postgres.watch_log import PostgresWatchLog
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
from earshelf.domain.errors import AlreadyExists, NotFound
from earshelf.domain.ids import ServerId, SyncJobId
from earshelf.domain.media import MediaItem, Plays
from earshelf.domain.sync_jobs import MediaLibrary, SyncJob
from earshelf.ports.media import StoredMark
from earshelf.ports.queries import Page, Window

_WHOLE = frozenset(
    {"number", "facet", "season_number", "episode_number", "year", "added_at", "duration", "audio_channels"}
    | {"file_size", "play_count", "last_played_at", "view_offset", "updated_at", "parser"}
)
_REAL = frozenset({"rating", "user_rating"})


def _kind(column: str) -> str:
    if column == "is_complete":
        return "boolean"
    return "bigint" if column in _WHOLE else "double precision" if column in _REAL else "text"


_ARRAYS = ", ".join(f"${place}::{_kind(name)}[]" for place, name in enumerate(ITEM_COLUMNS, 1))
_UPSERT = (
    f"INSERT INTO media ({', '.join(ITEM_COLUMNS)}) SELECT * FROM unnest({_ARRAYS}) "  # noqa: S608 - our own words
    f"ON CONFLICT (number) DO UPDATE SET {overwriting('greatest')}"
)
_PLAYS = """
UPDATE media SET play_count = greatest(told.play_count, media.kept_count),
    last_played_at = greatest(told.last_played_at, media.kept_played_at), view_offset = told.view_offset,
    user_rating = told.user_rating
FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::double precision[])
    AS told (item_key, play_count, last_played_at, view_offset, user_rating)
WHERE media.server_id = $1 AND media.item_key = told.item_key
"""
_KNOWN = "SELECT number, item_key, words FROM media WHERE server_id = $1 AND item_key = ANY($2::text[])"
_MARKS = f"""
SELECT {MARK_COLUMNS} FROM media JOIN media_facets ON media_facets.number = media.facet
WHERE media.server_id = $1 AND item_key = ANY($2::text[])
"""  # noqa: S608 - our own words
_RESOLUTIONS = f"""
SELECT {RESOLUTION_COLUMNS} FROM media JOIN media_facets ON media_facets.number = media.facet
WHERE media.server_id = $1 AND item_key = ANY($2::text[])
"""  # noqa: S608 - our own words
# a removed item may come back to its place, and what comes after a library was settled is younger than that
_LAST = """
SELECT coalesce(
    greatest(
        (SELECT max(number) FROM media), (SELECT max(number) FROM media_removed),
        (SELECT max(settled) FROM media_libraries)
    ), 0
) AS number
"""
_FACETS = f"SELECT number, {', '.join(FACET)} FROM media_facets WHERE server_id = $1"  # noqa: S608 - our own words
_NEW_FACET = f"""
INSERT INTO media_facets (number, {", ".join(FACET)}, items)
SELECT coalesce(max(number), 0) + 1, $1, $2, $3, $4, $5, $6, 0 FROM media_facets RETURNING number
"""  # noqa: S608 - our own words
_KEYS = """
SELECT item_key FROM media
WHERE facet IN (SELECT number FROM media_facets WHERE server_id = $1 AND library_key = $2)
"""
# what was planned for an empty table is no way through a large one, and nobody may have counted it meanwhile
_COUNT_ANEW = """
ANALYZE media (number, server_id, item_key, facet, title_key, year, added_at, dedupe_key), media_words, media_facets
"""
_SERVERS_WORDS = "DELETE FROM media_words WHERE item IN (SELECT number FROM media WHERE server_id = $1)"
_PUT_LIBRARY = """
INSERT INTO media_libraries (server_id, key, title, type, enabled, identity, is_missing, synced_at, held_back)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (server_id, key) DO UPDATE SET title = excluded.title, type = excluded.type, identity = excluded.identity,
    is_missing = excluded.is_missing, synced_at = excluded.synced_at, held_back = excluded.held_back
"""
_ENABLE = "UPDATE media_libraries SET enabled = $3 WHERE server_id = $1 AND key = $2 RETURNING *"
_OPEN = "status IN ('PENDING', 'RUNNING')"


class PostgresMediaShelf:
    """Keeps the items."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def put(self, items: Sequence[MediaItem]) -> None:
        if items:
            async with stepping(self._database) as step:
                await _put(step, items[0].server_id, {item.mark.key: item for item in items})

    async def put_plays(self, server_id: ServerId, plays: Mapping[str, Plays]) -> None:
        columns = zip(*((key, *plays_values(one)) for key, one in plays.items()), strict=True)
        if plays:
            async with stepping(self._database) as step:
                await step.rows(_PLAYS, server_id, *columns)

    async def marks(self, server_id: ServerId, keys: Collection[str]) -> Mapping[str, StoredMark]:
        return marks_from(await self._database.read(_MARKS, server_id, list(keys)))

    async def resolutions(self, server_id: ServerId, keys: Collection[str]) -> Mapping[str, str]:
        return resolutions_from(await self._database.read(_RESOLUTIONS, server_id, list(keys)))

    async def keys(self, server_id: ServerId, library_key: str) -> frozenset[str]:
        rows = await self._database.read(_KEYS, server_id, library_key)
        return frozenset(row["item_key"] for row in rows)

    async def remove_server(self, server_id: ServerId) -> None:
        async with stepping(self._database) as step:
            await step.rows(_SERVERS_WORDS, server_id)
            for table in (
                "media",
                "media_removed",
                "media_facets",
                "media_libraries",
                "sync_jobs",
                "sync_marks",
                "media_watches",
            ):
                await step.rows(f"DELETE FROM {table} WHERE server_id = $1", server_id)  # noqa: S608 - our own words


async def _put(step: Step, server_id: ServerId, items: Mapping[str, MediaItem]) -> None:
    known = {row["item_key"]: row for row in await step.rows(_KNOWN, server_id, list(items))}
    first = last = (await step.rows(_LAST))[0]["number"]
    facets = {tuple(row[name] for name in FACET): row["number"] for row in await step.rows(_FACETS, server_id)}
    rows: list[tuple[Any, ...]] = []
    for key, item in items.items():
        facet = facet_of(item)
        if facet not in facets:
            facets[facet] = (await step.rows(_NEW_FACET, *facet))[0]["number"]
        last += key not in known
        rows.append(item_values(item, known[key]["number"] if key in known else last, facets[facet]))
    await step.rows(_UPSERT, *zip(*rows, strict=True))
    before = {row["number"]: row["words"] for row in known.values()}
    await put_words(step, before, {row[0]: row[6] for row in rows})
    # with every fourfold growth
    if last.bit_length() // 2 > first.bit_length() // 2:
        await step.rows(_COUNT_ANEW)


class PostgresLibraryRows:
    """Keeps the libraries."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def of_server(self, server_id: ServerId) -> list[MediaLibrary]:
        sql = 'SELECT * FROM media_libraries WHERE server_id = $1 ORDER BY title COLLATE "C", key'
        return [library_from(row) for row in await self._database.read(sql, server_id)]

    async def put(self, libraries: Sequence[MediaLibrary]) -> None:
        async with stepping(self._database) as step:
            for library in libraries:
                await step.rows(_PUT_LIBRARY, *library_row(library).values())

    async def enable(self, server_id: ServerId, key: str, *, enabled: bool) -> MediaLibrary:
        async with stepping(self._database) as step:
            rows = await step.rows(_ENABLE, server_id, key, enabled)
            if not rows:
                raise NotFound("library", key)
            return library_from(rows[0])

    async def rekey(self, server_id: ServerId, *, before: str, after: str) -> None:
        async with stepping(self._database) as step:
            for table, column in (("media_libraries", "key"), ("media_facets", "library_key")):
                sql = f"UPDATE {table} SET {column} = $3 WHERE server_id = $1 AND {column} = $2"  # noqa: S608
                await step.rows(sql, server_id, before, after)


class PostgresSyncJobs:
    """Keeps the jobs."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def add(self, job: SyncJob) -> None:
        async with stepping(self._database) as step:
            sql = f"SELECT 1 FROM sync_jobs WHERE server_id = $1 AND {_OPEN}"  # noqa: S608 - our own words
            if await step.rows(sql, job.server_id):
                raise AlreadyExists("running sync", job.server_id)
            await step.insert("sync_jobs", job_row(job, 1), kind="sync job")
        job.version = 1

    async def get(self, job_id: SyncJobId) -> SyncJob:
        rows = await self._database.read("SELECT * FROM sync_jobs WHERE id = $1", job_id)
        if not rows:
            raise NotFound("sync job", job_id)
        return job_from(rows[0])

    async def open(self) -> list[SyncJob]:
        sql = f"SELECT * FROM sync_jobs WHERE {_OPEN} ORDER BY created_at, id"  # noqa: S608 - our own words
        rows: list[Row] = await self._database.read(sql)
        return [job_from(row) for row in rows]

    async def page(self, window: Window, *, server_id: ServerId | None = None) -> Page[SyncJob]:
        counted, page = jobs_counted(server_id), jobs_listed(window, server_id)
        total: int = (await self._database.read(numbered(counted.sql), *counted.values))[0]["total"]
        rows: list[Row] = await self._database.read(numbered(page.sql), *page.values)
        return Page([job_from(row) for row in rows], total)

    async def save(self, job: SyncJob) -> None:
        # a wish to stop is somebody else's, and is not taken back
        row = {name: value for name, value in job_row(job, job.version + 1).items() if name != "stop_wished"}
        async with stepping(self._database) as step:
            await step.replace("sync_jobs", row, kind="sync job")
        job.version += 1

    async def wish_stop(self, job_id: SyncJobId) -> None:
        async with stepping(self._database) as step:
            sql = f"UPDATE sync_jobs SET stop_wished = TRUE WHERE id = $1 AND {_OPEN}"  # noqa: S608 - our own words
            await step.rows(sql, job_id)


class PostgresMediaStore:
    """Everything that is kept of media servers' libraries."""

    def __init__(self, database: PostgresDatabase) -> None:
        self.items = PostgresMediaShelf(database)
        self.removed = PostgresRemovedItems(database)
        self.libraries = PostgresLibraryRows(database)
        self.jobs = PostgresSyncJobs(database)
        self.marks = PostgresSyncMarks(database)
        self.watches = PostgresWatchLog(database)
