"""Lists of items of media servers' libraries, read beside the writer."""

from dataclasses import replace
from typing import assert_never

from earshelf.adapters.rows.lists import Statement, bounds
from earshelf.adapters.rows.media import copy_from, item_from, listed_row
from earshelf.adapters.rows.media_lists import (
    COPIES,
    INDEXES,
    ONE_ITEM,
    PageWish,
    Way,
    chosen_from,
    facets_of,
)
from earshelf.adapters.rows.media_removal import removed_count, removed_page, removed_row
from earshelf.adapters.rows.values import Row
from earshelf.adapters.rows.watch_log import KEY_OF, TIMES_WATCHED, WATCHED, watches_from
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.driver import Database
from earshelf.domain.duplicates import Copy
from earshelf.domain.errors import NotFound
from earshelf.domain.ids import MediaId
from earshelf.domain.media import MediaItem
from earshelf.domain.watches import Watch
from earshelf.ports.media import MediaFilter, MediaRow, MediaSort, RemovedRow
from earshelf.ports.queries import Page, Window


class SqliteMediaQueries:
    """Answers from the last commit."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def page(self, window: Window, *, only: MediaFilter, sort: MediaSort, ascending: bool) -> Page[MediaRow]:
        def look(database: Database) -> tuple[list[Row], int]:
            facets = facets_of(only)
            chosen = chosen_from(database.conn.execute(facets.sql, facets.values).fetchall(), only)
            wish = PageWish(window, chosen, only.words, sort, ascending)
            return _page(database, wish) if chosen.items else ([], 0)

        rows, total = await self._database.read(look)
        return Page([listed_row(tuple(row)) for row in rows], total)

    async def item(self, media_id: MediaId) -> MediaItem:
        rows = await self._rows(ONE_ITEM, media_id)
        if not rows:
            raise NotFound("media item", media_id)
        return item_from(rows[0])

    async def copies(self, media_id: MediaId) -> list[Copy]:
        return [copy_from(row) for row in await self._rows(COPIES, media_id)]

    async def watches(self, media_id: MediaId, window: Window) -> Page[Watch]:
        def look(database: Database) -> tuple[list[Row], list[Row], int]:
            items = database.conn.execute(KEY_OF, (media_id,)).fetchall()
            (total,) = database.conn.execute(TIMES_WATCHED, (media_id,)).fetchone()
            return items, database.conn.execute(WATCHED, (media_id, *bounds(window))).fetchall(), total

        items, rows, total = await self._database.read(look)
        if not items:
            raise NotFound("media item", media_id)
        return Page(watches_from(rows, items[0]["item_key"]), total)

    async def removed(self, window: Window, *, only: MediaFilter) -> Page[RemovedRow]:
        def look(database: Database) -> tuple[list[Row], int]:
            counted, page = removed_count(only), removed_page(only, window)
            (total,) = database.conn.execute(counted.sql, counted.values).fetchone()
            return database.conn.execute(page.sql, page.values).fetchall(), total

        rows, total = await self._database.read(look)
        return Page([removed_row(tuple(row)) for row in rows], total)

    async def _rows(self, sql: str, *values: str) -> list[Row]:
        return await self._database.read(lambda database: database.conn.execute(sql, values).fetchall())


def _page(database: Database, wish: PageWish) -> tuple[list[Row], int]:
    total = wish.chosen.items
    if wish.words:
        counted = wish.counted()
        (total,) = database.conn.execute(counted.sql, counted.values).fetchone()
        wish = replace(wish, matches=total)
    page = wish.page(_found(wish.nearer))
    return database.conn.execute(page.sql, page.values).fetchall(), total


def _found(wish: PageWish) -> Statement:
    facets, window = wish.chosen.facets or (), bounds(wish.window)
    marks = ", ".join("?" * len(facets))
    end = f"ORDER BY {wish.order} LIMIT ? OFFSET ?"
    chosen = f"SELECT number, {wish.key} FROM media"  # noqa: S608 - our own words
    match wish.way:
        case Way.WORDS | Way.WALK_WORDS:
            return wish.matching()
        case Way.WALK_ALL:
            return Statement(f"{chosen} {end}", window)
        case Way.ONE_FACET | Way.SORT:
            sql = f"{chosen} INDEXED BY {INDEXES[wish.sort]} WHERE facet IN ({marks}) {end}"
            return Statement(sql, (*facets, *window))
        case Way.WALK:
            # the plus keeps SQLite from looking each facet up
            return Statement(f"{chosen} WHERE +facet IN ({marks}) {end}", (*facets, *window))
        case Way.MERGE:
            return _merged(wish, chosen, end)
    assert_never(wish.way)


def _merged(wish: PageWish, chosen: str, end: str) -> Statement:
    facets = wish.chosen.facets or ()
    each = f"SELECT * FROM ({chosen} WHERE facet = ? ORDER BY {wish.order} LIMIT ?)"  # noqa: S608 - our own words
    union = " UNION ALL ".join([each] * len(facets))
    values = [value for facet in facets for value in (facet, wish.depth)]
    return Statement(f"SELECT * FROM ({union}) {end}", (*values, *bounds(wish.window)))  # noqa: S608
