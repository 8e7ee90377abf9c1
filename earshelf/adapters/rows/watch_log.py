"""Who watched what, as rows."""

from collections.abc import Sequence
from typing import Any

from earshelf.adapters.rows.media import moment_at, seconds
from earshelf.adapters.rows.values import Row
from earshelf.domain.watches import Watch

KEY_OF = "SELECT item_key FROM media WHERE id = ?"
NEWEST = "SELECT coalesce(max(watched_at), 0) AS newest FROM media_watches WHERE server_id = ?"
WATCHED = """
SELECT watched_at, viewer, device, platform FROM media_watches
WHERE item_id = ? ORDER BY watched_at DESC, viewer LIMIT ? OFFSET ?
"""
TIMES_WATCHED = "SELECT count(*) AS total FROM media_watches WHERE item_id = ?"


def watch_values(watch: Watch) -> tuple[Any, ...]:
    """Spells who watched, without what."""
    return seconds(watch.watched_at), watch.viewer, watch.device, watch.platform


def watches_from(rows: Sequence[Row], key: str) -> list[Watch]:
    """Reads who watched an item."""
    return [_watch(row, key) for row in rows]


def _watch(row: Row, key: str) -> Watch:
    watched_at = moment_at(row["watched_at"])
    assert watched_at is not None
    return Watch(key, watched_at, row["viewer"], row["device"], row["platform"])
