"""Items that their server lists no more, in SQLite."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

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
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.driver import Database
from earshelf.adapters.sqlite.media_words import put_words
from earshelf.adapters.sqlite.steps import LARGE_CACHE, step, whole
from earshelf.domain.ids import MediaId, ServerId
from earshelf.domain.media import PARSER_VERSION
from earshelf.domain.reunions import Trace

_AT_ONCE = 500
_MANY = 100
_TRACE = (
    f"id, item_key, CASE WHEN parser = {PARSER_VERSION} THEN json_extract(body, '$[0][{GUID_PLACE}]') END AS guid, "
    "file_path, season_number, episode_number"
)
_ALL_REMOVED = f"SELECT {_TRACE} FROM media_removed WHERE server_id = ? ORDER BY number"  # noqa: S608 - our own words
_NEWCOMERS = f"""
SELECT {_TRACE} FROM media
WHERE number IN (
    SELECT media.number FROM media_libraries AS library
    JOIN media_facets AS facet ON facet.server_id = library.server_id AND facet.library_key = library.key
    JOIN media ON media.facet = facet.number
    WHERE library.server_id = ? AND media.number > library.settled
) ORDER BY number
"""  # noqa: S608 - our own words
_LOST = (
    f"SELECT {LOST_COLUMNS} FROM media WHERE id = ?1 "  # noqa: S608 - our own words
    f"UNION ALL SELECT {AWAY_COLUMNS} FROM media_removed WHERE id = ?1"
)
_FOUND = f"SELECT {LOST_COLUMNS} FROM media WHERE id = ?"  # noqa: S608 - our own words
_TAKE_PLACE = """
UPDATE media SET number = ?, id = ?, kept_added_at = ?3, kept_count = ?4, kept_played_at = ?5, added_at = ?3,
    play_count = max(play_count, ?4), last_played_at = max(last_played_at, ?5)
WHERE id = ?6
"""
_MOVE_WATCHES = "UPDATE OR IGNORE media_watches SET item_id = ?1 WHERE item_id = ?2"
_LEFT_WATCHES = "DELETE FROM media_watches WHERE item_id = ?2 AND ?1 <> ?2"
_OF_LIBRARY = "facet IN (SELECT number FROM media_facets WHERE server_id = ? AND library_key = ?)"
_LOST_LIBRARY = "DELETE FROM media_libraries WHERE server_id = ? AND key = ? AND is_missing = 1"


class SqliteRemovedItems:
    """Keeps what was removed."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def put_away(self, server_id: ServerId, keys: Collection[str], now: datetime) -> None:
        await step(self._database, lambda database: _put_away(database, server_id, list(keys), seconds(now)))

    async def lost(self, server_id: ServerId, missing: Collection[str]) -> Sequence[Trace]:
        def look(database: Database) -> list[Row]:
            gone = _of_keys(database, f"number, {_TRACE}", server_id, list(missing))
            removed = database.conn.execute(_ALL_REMOVED, (server_id,)).fetchall()
            return [*sorted(gone, key=lambda row: int(row["number"])), *removed]

        return traces_from(await self._database.read(look))

    async def newcomers(self, server_id: ServerId) -> Sequence[Trace]:
        rows = await self._database.read(lambda database: database.conn.execute(_NEWCOMERS, (server_id,)).fetchall())
        return traces_from(rows)

    async def reunite(self, pairs: Mapping[MediaId, MediaId]) -> None:
        async with self._database.pen:
            if len(pairs) >= _MANY:
                await self._database.write(lambda database: database.conn.execute(LARGE_CACHE))
            await self._database.write(lambda opened: whole(opened, lambda database: _reunite(database, pairs)))

    async def settle(self, server_id: ServerId, library_keys: Collection[str]) -> None:
        sql = (
            "UPDATE media_libraries SET settled = (SELECT coalesce(max(number), 0) FROM media) "
            "WHERE server_id = ? AND key = ?"
        )
        rows = [(server_id, key) for key in library_keys]
        await step(self._database, lambda database: database.conn.executemany(sql, rows))

    async def forget(self, before: datetime) -> None:
        await step(self._database, lambda database: _forget(database, seconds(before)))

    async def purge(self, server_id: ServerId, library_key: str) -> int:
        return await step(self._database, lambda database: _purge(database, server_id, library_key))


def _forget(database: Database, before: int) -> None:
    for sql in (FORGOTTEN_WATCHES, FORGOTTEN):
        database.conn.execute(sql, (before,))


def _of_keys(database: Database, columns: str, server_id: ServerId, keys: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        sql = f"SELECT {columns} FROM media WHERE server_id = ? AND item_key IN ({marks})"  # noqa: S608
        rows += database.conn.execute(sql, (server_id, *some)).fetchall()
    return rows


def _put_away(database: Database, server_id: ServerId, keys: Sequence[str], now: int) -> None:
    for start in range(0, len(keys), _AT_ONCE):
        rows = _of_keys(database, "number, words", server_id, keys[start : start + _AT_ONCE])
        words = {row["number"]: row["words"] for row in rows}
        put_words(database, words, dict.fromkeys(words, ""))
        there = f"FROM media WHERE number IN ({', '.join('?' * len(words))})"
        copied = f"INSERT INTO media_removed ({MOVED_COLUMNS}, removed_at) SELECT {MOVED_COLUMNS}, ? {there}"
        database.conn.execute(copied, (now, *words))
        database.conn.execute(f"DELETE {there}", tuple(words))


def _reunite(database: Database, pairs: Mapping[MediaId, MediaId]) -> None:
    both: list[tuple[MediaId, Row, MediaId, Row]] = []
    for lost_id, found_id in pairs.items():
        lost = database.conn.execute(_LOST, (lost_id,)).fetchone()
        found = database.conn.execute(_FOUND, (found_id,)).fetchone()
        if lost and found:
            both.append((lost_id, lost, found_id, found))
    before = {row["number"]: row["words"] for _, lost, _, found in both for row in (lost, found)}
    after = {found["number"]: "" for *_, found in both} | {lost["number"]: found["words"] for _, lost, _, found in both}
    put_words(database, before, after)
    for lost_id, lost, found_id, found in both:
        for table in ("media", "media_removed"):
            database.conn.execute(f"DELETE FROM {table} WHERE id = ?", (lost_id,))  # noqa: S608 - our own words
        for sql in (_MOVE_WATCHES, _LEFT_WATCHES):
            database.conn.execute(sql, (lost_id, found_id))
        database.conn.execute(_TAKE_PLACE, (lost["number"], lost_id, *kept_values(lost, found), found_id))


def _purge(database: Database, server_id: ServerId, library_key: str) -> int:
    values = (server_id, library_key)
    words = f"DELETE FROM media_words WHERE item IN (SELECT number FROM media WHERE {_OF_LIBRARY})"  # noqa: S608
    database.conn.execute(words, values)
    gone = 0
    for table in ("media", "media_removed"):
        watches = f"DELETE FROM media_watches WHERE item_id IN (SELECT id FROM {table} WHERE {_OF_LIBRARY})"  # noqa: S608
        database.conn.execute(watches, values)
        gone += database.conn.execute(f"DELETE FROM {table} WHERE {_OF_LIBRARY}", values).rowcount  # noqa: S608
    database.conn.execute(_LOST_LIBRARY, values)
    return gone
