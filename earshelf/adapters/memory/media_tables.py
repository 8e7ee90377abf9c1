"""What is kept of media servers' libraries in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from earshelf.domain.ids import MediaId, ServerId, SyncJobId
from earshelf.domain.media import MediaItem, Plays
from earshelf.domain.sync_jobs import MediaLibrary, SyncJob
from earshelf.domain.sync_schedules import SyncMark
from earshelf.domain.watches import Watch


class Kept(NamedTuple):
    """What an item brought along from the one whose place it took."""

    added_at: datetime | None
    times: int
    played_at: datetime | None

    def applied(self, item: MediaItem) -> MediaItem:
        """Returns an item as it is with this."""
        added_at = self.added_at or item.content.added_at
        return replace(item, plays=self.played(item.plays), content=item.content._replace(added_at=added_at))

    def played(self, plays: Plays) -> Plays:
        """Returns what is told of watching as it is with this."""
        moments = [one for one in (plays.last_played_at, self.played_at) if one]
        return replace(plays, count=max(plays.count, self.times), last_played_at=max(moments, default=None))


class Away(NamedTuple):
    """A removed item, and the age that it had."""

    item: MediaItem
    number: int
    removed_at: datetime


@dataclass(slots=True)
class MediaTables:
    """Items by server and key, in the order in which they came, and whatever goes with their servers.

    ``numbers`` tell the ages of listed items, ``settled`` the last one that was there when a library was seen whole.
    """

    rows: dict[tuple[ServerId, str], MediaItem] = field(default_factory=dict)
    numbers: dict[MediaId, int] = field(default_factory=dict)
    kept: dict[MediaId, Kept] = field(default_factory=dict)
    away: dict[MediaId, Away] = field(default_factory=dict)
    libraries: dict[tuple[ServerId, str], MediaLibrary] = field(default_factory=dict)
    settled: dict[tuple[ServerId, str], int] = field(default_factory=dict)
    jobs: dict[SyncJobId, SyncJob] = field(default_factory=dict)
    watches: dict[tuple[MediaId, datetime, str], tuple[ServerId, Watch]] = field(default_factory=dict)
    marks: dict[ServerId, SyncMark] = field(default_factory=dict)
    last: int = 0

    def put(self, item: MediaItem) -> None:
        """Writes an item; one whose key is stored keeps its id and its place."""
        place = (item.server_id, item.mark.key)
        if before := self.rows.get(place):
            item = replace(item, id=before.id)
        else:
            self.last += 1
            self.numbers[item.id] = self.last
        self.rows[place] = self.kept[item.id].applied(item) if item.id in self.kept else item

    def put_in_order(self) -> None:
        """Sorts the items by age."""
        ordered = sorted(self.rows.items(), key=lambda pair: self.numbers[pair[1].id])
        self.rows.clear()
        self.rows.update(ordered)

    def remove(self, places: Sequence[tuple[ServerId, str]]) -> None:
        """Deletes items for good."""
        for place in places:
            item = self.rows.pop(place)
            del self.numbers[item.id]
            self.forget_watches(item.id)

    def forget_watches(self, item_id: MediaId) -> None:
        """Deletes who watched an item."""
        for place in [place for place in self.watches if place[0] == item_id]:
            del self.watches[place]
