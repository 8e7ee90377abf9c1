"""Removed items that are forgotten with the process."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from earshelf.adapters.memory.media_tables import Away, Kept, MediaTables
from earshelf.domain.ids import MediaId, ServerId
from earshelf.domain.media import MediaItem
from earshelf.domain.reunions import Trace


class MemoryRemovedItems:
    """Keeps what was removed."""

    def __init__(self, tables: MediaTables) -> None:
        self._tables = tables

    async def put_away(self, server_id: ServerId, keys: Collection[str], now: datetime) -> None:
        for key in keys:
            if item := self._tables.rows.pop((server_id, key), None):
                self._tables.away[item.id] = Away(item, self._tables.numbers.pop(item.id), now)

    async def lost(self, server_id: ServerId, missing: Collection[str]) -> Sequence[Trace]:
        wished = frozenset(missing)
        gone = [item for item in self._tables.rows.values() if item.server_id == server_id and item.mark.key in wished]
        away = [one.item for one in self._tables.away.values() if one.item.server_id == server_id]
        return [*map(_trace, self._by_age(gone)), *map(_trace, away)]

    async def newcomers(self, server_id: ServerId) -> Sequence[Trace]:
        settled = self._tables.settled
        rows = (item for item in self._tables.rows.values() if item.server_id == server_id)
        fresh = (
            item
            for item in rows
            if (server_id, item.library_key) in self._tables.libraries
            and self._tables.numbers[item.id] > settled.get((server_id, item.library_key), 0)
        )
        return [_trace(item) for item in self._by_age(fresh)]

    async def reunite(self, pairs: Mapping[MediaId, MediaId]) -> None:
        listed = {item.id: item for item in self._tables.rows.values()}
        for lost_id, found_id in pairs.items():
            away = self._tables.away.get(lost_id)
            lost = away.item if away else listed.get(lost_id)
            found = listed.get(found_id)
            if lost and found:
                self._take_place(lost, found, away.number if away else self._tables.numbers[lost_id])
        self._tables.put_in_order()

    def _take_place(self, lost: MediaItem, found: MediaItem, number: int) -> None:
        if self._tables.away.pop(lost.id, None) is None:
            del self._tables.rows[lost.server_id, lost.mark.key]
        moments = [one for one in (lost.content.added_at, found.content.added_at) if one]
        kept = Kept(min(moments, default=None), lost.plays.count, lost.plays.last_played_at)
        self._tables.kept[lost.id] = kept
        for place in [place for place in self._tables.watches if place[0] == found.id]:
            self._tables.watches.setdefault((lost.id, *place[1:]), self._tables.watches.pop(place))
        del self._tables.numbers[found.id]
        self._tables.numbers[lost.id] = number
        self._tables.rows[found.server_id, found.mark.key] = kept.applied(replace(found, id=lost.id))

    async def settle(self, server_id: ServerId, library_keys: Collection[str]) -> None:
        last = max(self._tables.numbers.values(), default=0)
        self._tables.settled.update({(server_id, key): last for key in library_keys})

    async def forget(self, before: datetime) -> None:
        for item_id in [item_id for item_id, one in self._tables.away.items() if one.removed_at < before]:
            del self._tables.away[item_id]
            self._tables.forget_watches(item_id)

    async def purge(self, server_id: ServerId, library_key: str) -> int:
        place = (server_id, library_key)
        listed = [key for key, item in self._tables.rows.items() if (item.server_id, item.library_key) == place]
        self._tables.remove(listed)
        away = [
            one.item.id for one in self._tables.away.values() if (one.item.server_id, one.item.library_key) == place
        ]
        for item_id in away:
            del self._tables.away[item_id]
            self._tables.forget_watches(item_id)
        library = self._tables.libraries.get(place)
        if library and library.is_missing:
            del self._tables.libraries[place]
        return len(listed) + len(away)

    def _by_age(self, items: Iterable[MediaItem]) -> list[MediaItem]:
        return sorted(items, key=lambda item: self._tables.numbers[item.id])


def _trace(item: MediaItem) -> Trace:
    content = item.content
    path = content.file.file_path if content.file else None
    return Trace(item.id, item.mark.key, content.guid, path, content.season_number, content.episode_number)
