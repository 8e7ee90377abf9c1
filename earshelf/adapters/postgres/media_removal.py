"""Items that their server lists no more, in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.media_words import put_words
from earshelf.adapters.postgres.queries import numbered
from earshelf.adapters.postgres.session import Step
from earshelf.adapters.postgres.steps import stepping
from earshelf.adapters.rows.media import GUID_PLACE, seconds
from earshelf.adapters.rows.media_removal import (
    AWAY_COLUMNS,
    FORGOTTEN,
    FORGOTTEN_WATCHES,
    LOST_COLUMNS,
    MOVED_COLUMNS,
    kept_values,
    traces_from,
)
from earshelf.adapters.rows.values import Row
from earshelf.domain.ids import MediaId, ServerId
from earshelf.domain.media import PARSER_VERSION
from earshelf.domain.reunions import Trace

_TRACE = (
    f"id, item_key, CASE WHEN parser = {PARSER_VERSION} THEN body::json #>> '{{0,{GUID_PLACE}}}' END AS guid, "
    "file_path, season_number, episode_number"
)
_LOST_TRACES = f"""
SELECT * FROM (
    SELECT 0 AS origin, number, {_TRACE} FROM media WHERE server_id = $1 AND item_key = ANY($2::text[])
    UNION ALL SELECT 1, number, {_TRACE} FROM media_removed WHERE server_id = $1
) AS lost ORDER BY origin, number
"""  # noqa: S608 - our own words
_NEWCOMERS = f"""
SELECT {_TRACE} FROM media
WHERE number IN (
    SELECT media.number FROM media_libraries AS library
    JOIN media_facets AS facet ON facet.server_id = library.server_id AND facet.library_key = library.key
    JOIN media ON media.facet = facet.number
    WHERE library.server_id = $1 AND media.number > library.settled
) ORDER BY number
"""  # noqa: S608 - our own words
_WORDS = "SELECT number, words FROM media WHERE server_id = $1 AND item_key = ANY($2::text[])"
_COPY = f"""
INSERT INTO media_removed ({MOVED_COLUMNS}, removed_at)
SELECT {MOVED_COLUMNS}, $2 FROM media WHERE number = ANY($1::bigint[])
"""  # noqa: S608 - our own words
_DELETE = "DELETE FROM media WHERE number = ANY($1::bigint[])"
_LOST = f"""
SELECT id, {LOST_COLUMNS} FROM media WHERE id = ANY($1::text[])
UNION ALL SELECT id, {AWAY_COLUMNS} FROM media_removed WHERE id = ANY($1::text[])
"""  # noqa: S608 - our own words
_FOUND = f"SELECT id, {LOST_COLUMNS} FROM media WHERE id = ANY($1::text[])"  # noqa: S608 - our own words
_TAKE_PLACE = """
UPDATE media SET number = kept.number, id = kept.lost, kept_added_at = kept.added_at, kept_count = kept.count,
    kept_played_at = kept.played_at, added_at = kept.added_at, play_count = greatest(play_count, kept.count),
    last_played_at = greatest(last_played_at, kept.played_at)
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
    AS kept (found, lost, number, added_at, count, played_at)
WHERE media.id = kept.found
"""
_MOVE_WATCHES = """
WITH moved AS (
    DELETE FROM media_watches USING unnest($1::text[], $2::text[]) AS pair (found, lost)
    WHERE media_watches.item_id = pair.found
    RETURNING server_id, pair.lost, watched_at, viewer, device, platform
)
INSERT INTO media_watches (server_id, item_id, watched_at, viewer, device, platform) SELECT * FROM moved
ON CONFLICT DO NOTHING
"""
_SETTLE = """
UPDATE media_libraries SET settled = (SELECT coalesce(max(number), 0) FROM media)
WHERE server_id = $1 AND key = ANY($2::text[])
"""
_OF_LIBRARY = "facet IN (SELECT number FROM media_facets WHERE server_id = $1 AND library_key = $2)"
_PURGED_WORDS = f"DELETE FROM media_words WHERE item IN (SELECT number FROM media WHERE {_OF_LIBRARY})"  # noqa: S608
_LOST_LIBRARY = "DELETE FROM media_libraries WHERE server_id = $1 AND key = $2 AND is_missing"


class PostgresRemovedItems:
    """Keeps what was removed."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def put_away(self, server_id: ServerId, keys: Collection[str], now: datetime) -> None:
        async with stepping(self._database) as step:
            words = {row["number"]: row["words"] for row in await step.rows(_WORDS, server_id, list(keys))}
            await put_words(step, words, dict.fromkeys(words, ""))
            await step.rows(_COPY, list(words), seconds(now))
            await step.rows(_DELETE, list(words))

    async def lost(self, server_id: ServerId, missing: Collection[str]) -> Sequence[Trace]:
        return traces_from(await self._database.read(_LOST_TRACES, server_id, list(missing)))

    async def newcomers(self, server_id: ServerId) -> Sequence[Trace]:
        return traces_from(await self._database.read(_NEWCOMERS, server_id))

    async def reunite(self, pairs: Mapping[MediaId, MediaId]) -> None:
        async with stepping(self._database) as step:
            await _reunite(step, pairs)

    async def settle(self, server_id: ServerId, library_keys: Collection[str]) -> None:
        async with stepping(self._database) as step:
            await step.rows(_SETTLE, server_id, list(library_keys))

    async def forget(self, before: datetime) -> None:
        async with stepping(self._database) as step:
            for sql in (FORGOTTEN_WATCHES, FORGOTTEN):
                await step.rows(numbered(sql), seconds(before))

    async def purge(self, server_id: ServerId, library_key: str) -> int:
        async with stepping(self._database) as step:
            await step.rows(_PURGED_WORDS, server_id, library_key)
            gone: list[Row] = []
            for table in ("media", "media_removed"):
                items = f"SELECT id FROM {table} WHERE {_OF_LIBRARY}"  # noqa: S608 - our own words
                watches = f"DELETE FROM media_watches WHERE item_id IN ({items})"  # noqa: S608 - our own words
                await step.rows(watches, server_id, library_key)
                sql = f"DELETE FROM {table} WHERE {_OF_LIBRARY} RETURNING number"  # noqa: S608 - our own words
                gone += await step.rows(sql, server_id, library_key)
            await step.rows(_LOST_LIBRARY, server_id, library_key)
        return len(gone)


async def _reunite(step: Step, pairs: Mapping[MediaId, MediaId]) -> None:
    lost = {row["id"]: row for row in await step.rows(_LOST, list(pairs))}
    found = {row["id"]: row for row in await step.rows(_FOUND, list(pairs.values()))}
    both = [(lost[one], found[other]) for one, other in pairs.items() if one in lost and other in found]
    if not both:
        return
    before = {row["number"]: row["words"] for pair in both for row in pair}
    after = {new["number"]: "" for _, new in both} | {old["number"]: new["words"] for old, new in both}
    await put_words(step, before, after)
    for table in ("media", "media_removed"):
        sql = f"DELETE FROM {table} WHERE id = ANY($1::text[])"  # noqa: S608 - our own words
        await step.rows(sql, [old["id"] for old, _ in both])
    await step.rows(_MOVE_WATCHES, [new["id"] for _, new in both], [old["id"] for old, _ in both])
    rows = [(new["id"], old["id"], old["number"], *kept_values(old, new)) for old, new in both]
    await step.rows(_TAKE_PLACE, *zip(*rows, strict=True))
