"""Removed items as rows, and what an item can be found again by."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from earshelf.adapters.rows.lists import Statement, bounds
from earshelf.adapters.rows.media import ITEM_COLUMNS, LIST_COLUMNS, listed_row
from earshelf.adapters.rows.media_lists import facets_of
from earshelf.adapters.rows.values import Row
from earshelf.domain.ids import MediaId
from earshelf.domain.reunions import Trace
from earshelf.ports.media import MediaFilter, RemovedRow
from earshelf.ports.queries import Window

KEPT_COLUMNS = ("kept_added_at", "kept_count", "kept_played_at")
MOVED_COLUMNS = ", ".join((*ITEM_COLUMNS, *KEPT_COLUMNS))
"""All that a removed row has of a listed one."""

LOST_COLUMNS = "number, words, added_at, play_count, last_played_at"
# what was put away is found by no word
AWAY_COLUMNS = LOST_COLUMNS.replace("words", "'' AS words")
FORGOTTEN = "DELETE FROM media_removed WHERE removed_at < ?"
FORGOTTEN_WATCHES = "DELETE FROM media_watches WHERE item_id IN (SELECT id FROM media_removed WHERE removed_at < ?)"
_COLUMNS = ", ".join(LIST_COLUMNS)


def traces_from(rows: Sequence[Row]) -> list[Trace]:
    """Reads what items can be found again by."""
    return [
        Trace(
            MediaId(row["id"]),
            row["item_key"],
            row["guid"],
            row["file_path"],
            row["season_number"],
            row["episode_number"],
        )
        for row in rows
    ]


def kept_values(lost: Row, found: Row) -> tuple[Any, ...]:
    """Spells what an item keeps of the lost one: when it was added, how often played, and when last."""
    known = [when for when in (lost["added_at"], found["added_at"]) if when]
    return min(known, default=0), lost["play_count"], lost["last_played_at"]


def removed_of(only: MediaFilter) -> Statement:
    """Returns the condition for removed items that a filter admits; their facets may hold no listed item any more."""
    chosen = facets_of(only)
    numbers = chosen.sql.replace("items > 0", "items >= 0")
    return Statement(f"facet IN (SELECT number FROM ({numbers}) AS chosen)", chosen.values)  # noqa: S608


def removed_count(only: MediaFilter) -> Statement:
    """Returns the statement for how many there are."""
    admitted = removed_of(only)
    return Statement(f"SELECT count(*) AS total FROM media_removed WHERE {admitted.sql}", admitted.values)  # noqa: S608


def removed_page(only: MediaFilter, window: Window) -> Statement:
    """Returns the statement for a page of them."""
    admitted = removed_of(only)
    # the columns are spelled for the table of listed items
    sql = (
        f"SELECT {_COLUMNS}, media.removed_at FROM media_removed AS media "  # noqa: S608 - our own words
        f"JOIN media_facets ON media_facets.number = media.facet WHERE {admitted.sql} "
        "ORDER BY media.removed_at DESC, media.number DESC LIMIT ? OFFSET ?"
    )
    return Statement(sql, (*admitted.values, *bounds(window)))


def removed_row(row: Sequence[Any]) -> RemovedRow:
    """Reads a row of such a page."""
    *listed, removed_at = row
    return RemovedRow(listed_row(listed), datetime.fromtimestamp(removed_at, UTC))
