"""Lists of items of media servers' libraries: one question for the filter, one for the page."""

from dataclasses import replace
from typing import assert_never

from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.queries import numbered
from earshelf.adapters.rows.lists import Statement, bounds
from earshelf.adapters.rows.media import copy_from, item_from, listed_row
from earshelf.adapters.rows.media_lists import COPIES, ONE_ITEM, PageWish, Way, chosen_from, facets_of
from earshelf.adapters.rows.media_removal import removed_count, removed_page, removed_row
from earshelf.adapters.rows.watch_log import KEY_OF, TIMES_WATCHED, WATCHED, watches_from
from earshelf.domain.duplicates import Copy
from earshelf.domain.errors import NotFound
from earshelf.domain.ids import MediaId
from earshelf.domain.media import MediaItem
from earshelf.domain.watches import Watch
from earshelf.ports.media import MediaFilter, MediaRow, MediaSort, RemovedRow
from earshelf.ports.queries import Page, Window


class PostgresMediaQueries:
    """Answers from the last commit."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def page(self, window: Window, *, only: MediaFilter, sort: MediaSort, ascending: bool) -> Page[MediaRow]:
        facets = facets_of(only)
        chosen = chosen_from(await self._database.read(numbered(facets.sql), *facets.values), only)
        if not chosen.items:
            return Page([], 0)
        wish = PageWish(window, chosen, only.words, sort, ascending)
        total = await self._total(wish)
        page = wish.page(_found(replace(wish, matches=total).nearer))
        rows = await self._database.read(numbered(page.sql), *page.values)
        return Page([listed_row(tuple(row)) for row in rows], total)

    async def item(self, media_id: MediaId) -> MediaItem:
        rows = await self._database.read(numbered(ONE_ITEM), media_id)
        if not rows:
            raise NotFound("media item", media_id)
        return item_from(rows[0])

    async def copies(self, media_id: MediaId) -> list[Copy]:
        return [copy_from(row) for row in await self._database.read(numbered(COPIES), media_id)]

    async def watches(self, media_id: MediaId, window: Window) -> Page[Watch]:
        items = await self._database.read(numbered(KEY_OF), media_id)
        if not items:
            raise NotFound("media item", media_id)
        total: int = (await self._database.read(numbered(TIMES_WATCHED), media_id))[0]["total"]
        rows = await self._database.read(numbered(WATCHED), media_id, *bounds(window))
        return Page(watches_from(rows, items[0]["item_key"]), total)

    async def removed(self, window: Window, *, only: MediaFilter) -> Page[RemovedRow]:
        counted, page = removed_count(only), removed_page(only, window)
        total: int = (await self._database.read(numbered(counted.sql), *counted.values))[0]["total"]
        rows = await self._database.read(numbered(page.sql), *page.values)
        return Page([removed_row(tuple(row)) for row in rows], total)

    async def _total(self, wish: PageWish) -> int:
        if not wish.words:
            return wish.chosen.items
        counted = wish.counted()
        rows = await self._database.read(numbered(counted.sql), *counted.values)
        total: int = rows[0]["total"] if rows else 0
        return total


def _found(wish: PageWish) -> Statement:
    facets, window = list(wish.chosen.facets or ()), bounds(wish.window)
    end = f"ORDER BY {wish.order} LIMIT ? OFFSET ?"
    chosen = f"SELECT number, {wish.key} FROM media"  # noqa: S608 - our own words
    match wish.way:
        case Way.WORDS | Way.WALK_WORDS:
            return wish.matching()
        case Way.WALK_ALL:
            return Statement(f"{chosen} {end}", window)
        case Way.ONE_FACET:
            return Statement(f"{chosen} WHERE facet = ? {end}", (facets[0], *window))
        case Way.WALK:
            # hashed, so that the rows of the order are passed over instead of looking each facet up
            sql = f"{chosen} WHERE (facet = ANY(?::bigint[])) IS TRUE {end}"
            return Statement(sql, (facets, *window))
        case Way.MERGE | Way.SORT:
            sql = (
                f"SELECT each.* FROM unnest(?::bigint[]) AS one (facet) CROSS JOIN LATERAL ({chosen} "  # noqa: S608
                f"WHERE media.facet = one.facet ORDER BY {wish.order} LIMIT ?) AS each {end}"
            )
            return Statement(sql, (facets, min(wish.depth, 2**63 - 1), *window))
    assert_never(wish.way)
