"""Libraries of media servers that are forgotten with the process."""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import replace

from earshelf.adapters.memory.media_removal import MemoryRemovedItems
from earshelf.adapters.memory.media_tables import MediaTables
from earshelf.adapters.memory.sync_marks import MemorySyncMarks
from earshelf.adapters.memory.tables import MemoryTables
from earshelf.adapters.memory.watch_log import MemoryWatchLog
from earshelf.domain.duplicates import Copy, dedupe_key
from earshelf.domain.errors import AlreadyExists, NotFound, StaleWrite
from earshelf.domain.ids import MediaId, ServerId, SyncJobId
from earshelf.domain.media import MediaItem, Plays
from earshelf.domain.media_files import MediaFile
from earshelf.domain.servers import MediaServer
from earshelf.domain.sync_jobs import MediaLibrary, SyncJob
from earshelf.domain.watches import Watch
from earshelf.ports.media import MediaFilter, MediaRow, MediaSort, RemovedRow, StoredMark
from earshelf.ports.queries import SORTED_CHARACTERS, Page, Window

_NO_TIME = float("-inf")


class MemoryMediaShelf:
    """Keeps the items."""

    def __init__(self, tables: MediaTables) -> None:
        self.rows = tables.rows
        self._tables = tables

    async def put(self, items: Sequence[MediaItem]) -> None:
        for item in items:
            self._tables.put(item)

    async def put_plays(self, server_id: ServerId, plays: Mapping[str, Plays]) -> None:
        for key, told in plays.items():
            if item := self.rows.get((server_id, key)):
                kept = self._tables.kept.get(item.id)
                self.rows[server_id, key] = replace(item, plays=kept.played(told) if kept else told)

    async def marks(self, server_id: ServerId, keys: Collection[str]) -> Mapping[str, StoredMark]:
        found = (self.rows.get((server_id, key)) for key in keys)
        return {item.mark.key: StoredMark(item.id, item.library_key, item.mark, item.plays) for item in found if item}

    async def resolutions(self, server_id: ServerId, keys: Collection[str]) -> Mapping[str, str]:
        found = (self.rows.get((server_id, key)) for key in keys)
        files = {item.mark.key: item.content.file for item in found if item}
        return {key: file.resolution for key, file in files.items() if file and file.resolution}

    async def keys(self, server_id: ServerId, library_key: str) -> frozenset[str]:
        place = (server_id, library_key)
        return frozenset(item.mark.key for item in self.rows.values() if (item.server_id, item.library_key) == place)

    async def remove_server(self, server_id: ServerId) -> None:
        tables = self._tables
        tables.remove([place for place in self.rows if place[0] == server_id])
        for item_id in [item_id for item_id, away in tables.away.items() if away.item.server_id == server_id]:
            del tables.away[item_id]
            tables.forget_watches(item_id)
        tables.marks.pop(server_id, None)
        for place in [place for place in tables.libraries if place[0] == server_id]:
            del tables.libraries[place]
        for job_id in [job.id for job in tables.jobs.values() if job.server_id == server_id]:
            del tables.jobs[job_id]


class MemoryLibraryRows:
    """Keeps the libraries."""

    def __init__(self, tables: MediaTables) -> None:
        self.rows = tables.libraries
        self._tables = tables

    async def of_server(self, server_id: ServerId) -> list[MediaLibrary]:
        rows = (library for library in self.rows.values() if library.server_id == server_id)
        return sorted(rows, key=lambda library: (library.title, library.key))

    async def put(self, libraries: Sequence[MediaLibrary]) -> None:
        for library in libraries:
            before = self.rows.get((library.server_id, library.key), library)
            self.rows[library.server_id, library.key] = replace(library, enabled=before.enabled)

    async def enable(self, server_id: ServerId, key: str, *, enabled: bool) -> MediaLibrary:
        if (server_id, key) not in self.rows:
            raise NotFound("library", key)
        self.rows[server_id, key] = replace(self.rows[server_id, key], enabled=enabled)
        return self.rows[server_id, key]

    async def rekey(self, server_id: ServerId, *, before: str, after: str) -> None:
        self.rows[server_id, after] = replace(self.rows.pop((server_id, before)), key=after)
        self._tables.settled[server_id, after] = self._tables.settled.pop((server_id, before), 0)
        for place, item in self._tables.rows.items():
            if (item.server_id, item.library_key) == (server_id, before):
                self._tables.rows[place] = replace(item, library_key=after)
        for item_id, away in self._tables.away.items():
            if (away.item.server_id, away.item.library_key) == (server_id, before):
                self._tables.away[item_id] = away._replace(item=replace(away.item, library_key=after))


class MemorySyncJobs:
    """Keeps the jobs."""

    def __init__(self, tables: MediaTables) -> None:
        self.rows = tables.jobs

    async def add(self, job: SyncJob) -> None:
        if any(other.server_id == job.server_id and not other.is_over for other in self.rows.values()):
            raise AlreadyExists("running sync", job.server_id)
        job.version = 1
        self.rows[job.id] = copy(job)

    async def get(self, job_id: SyncJobId) -> SyncJob:
        return copy(self._stored(job_id))

    async def open(self) -> list[SyncJob]:
        rows = [copy(job) for job in self.rows.values() if not job.is_over]
        return sorted(rows, key=lambda job: (job.created_at, job.id))

    async def page(self, window: Window, *, server_id: ServerId | None = None) -> Page[SyncJob]:
        rows = [copy(job) for job in self.rows.values() if server_id in (None, job.server_id)]
        rows.sort(key=lambda job: job.id)
        rows.sort(key=lambda job: job.created_at, reverse=True)
        return Page(rows[window.offset : window.offset + window.limit], len(rows))

    async def save(self, job: SyncJob) -> None:
        stored = self._stored(job.id)
        if stored.version != job.version:
            raise StaleWrite("sync job", job.id)
        job.version += 1
        self.rows[job.id] = replace(job, stop_wished=stored.stop_wished)

    async def wish_stop(self, job_id: SyncJobId) -> None:
        job = self.rows.get(job_id)
        if job and not job.is_over:
            job.stop_wished = True

    def _stored(self, job_id: SyncJobId) -> SyncJob:
        if job_id not in self.rows:
            raise NotFound("sync job", job_id)
        return self.rows[job_id]


class MemoryMediaStore:
    """Everything that is kept of media servers' libraries."""

    def __init__(self) -> None:
        self.tables = MediaTables()
        self.items = MemoryMediaShelf(self.tables)
        self.removed = MemoryRemovedItems(self.tables)
        self.libraries = MemoryLibraryRows(self.tables)
        self.jobs = MemorySyncJobs(self.tables)
        self.marks = MemorySyncMarks(self.tables)
        self.watches = MemoryWatchLog(self.tables)


class MemoryMediaQueries:
    """Lists of items; ``others`` tells of the servers, of which nothing is known without it."""

    def __init__(self, store: MemoryMediaStore, others: MemoryTables | None = None) -> None:
        self._others = others or MemoryTables()
        self._items = store.items
        self._tables = store.tables

    async def page(self, window: Window, *, only: MediaFilter, sort: MediaSort, ascending: bool) -> Page[MediaRow]:
        items = [item for item in self._items.rows.values() if _admits(only, item)]
        ordered = self.ordered(items, sort, ascending=ascending)
        some = ordered[window.offset : window.offset + window.limit]
        return Page([_row(item) for item in some], len(ordered))

    async def item(self, media_id: MediaId) -> MediaItem:
        found = next((item for item in self._items.rows.values() if item.id == media_id), None)
        if found is None:
            raise NotFound("media item", media_id)
        return found

    async def copies(self, media_id: MediaId) -> list[Copy]:
        numbered = list(enumerate(self._items.rows.values(), 1))
        wished = next((item for _, item in numbered if item.id == media_id), None)
        servers = self._others.committed.servers
        return [
            _copy(item, place, servers.get(item.server_id))
            for place, item in numbered
            if wished and _is_alike(item, wished)
        ]

    async def watches(self, media_id: MediaId, window: Window) -> Page[Watch]:
        key = (await self.item(media_id)).mark.key
        found = [
            replace(watch, key=key, watched_at=at)
            for (item_id, at, _), (_, watch) in self._tables.watches.items()
            if item_id == media_id
        ]
        found.sort(key=lambda watch: (-watch.watched_at.timestamp(), watch.viewer))
        return Page(found[window.offset : window.offset + window.limit], len(found))

    async def removed(self, window: Window, *, only: MediaFilter) -> Page[RemovedRow]:
        wished = replace(only, words=())
        away = [one for one in self._tables.away.values() if _admits(wished, one.item)]
        ordered = sorted(away, key=lambda one: (one.removed_at, one.number), reverse=True)
        some = ordered[window.offset : window.offset + window.limit]
        return Page([RemovedRow(_row(one.item), one.removed_at) for one in some], len(ordered))

    def ordered(self, items: list[MediaItem], sort: MediaSort, *, ascending: bool) -> list[MediaItem]:
        """Returns items, which come by age, in the wished order."""
        items = items if ascending else items[::-1]
        match sort:
            case MediaSort.TITLE:
                return sorted(items, key=lambda item: item.sort_title[:SORTED_CHARACTERS], reverse=not ascending)
            case MediaSort.YEAR:
                return sorted(items, key=lambda item: item.content.year or 0, reverse=not ascending)
        return sorted(items, key=_age, reverse=not ascending)


def _age(item: MediaItem) -> float:
    return item.content.added_at.timestamp() if item.content.added_at else _NO_TIME


def _admits(only: MediaFilter, item: MediaItem) -> bool:
    file = item.content.file or MediaFile()
    pairs = (
        *((only.server_id, item.server_id), (only.library_key, item.library_key), (only.type, item.type)),
        *((only.dynamic_range, file.dynamic_range), (only.audio_profile, file.audio_profile)),
        (only.resolution, file.resolution),
    )
    return all(wished in (None, is_so) for wished, is_so in pairs) and _is_found(only.words, item)


def _is_found(words: Sequence[str], item: MediaItem) -> bool:
    return all(any(word.startswith(begun) for word in item.words) for begun in words)


def _is_alike(one: MediaItem, other: MediaItem) -> bool:
    key = dedupe_key(one.type, one.content)
    return one.id == other.id or (key is not None and key == dedupe_key(other.type, other.content))


def _copy(item: MediaItem, place: int, server: MediaServer | None) -> Copy:
    file = item.content.file or MediaFile()
    return Copy(
        item.id,
        item.server_id,
        item.library_key,
        file.resolution,
        file.file_size,
        place,
        is_preferred=server is not None and server.preferred,
        is_enabled=server is None or server.enabled,
    )


def _row(item: MediaItem) -> MediaRow:
    content, file = item.content, item.content.file or MediaFile()
    return MediaRow(
        id=item.id,
        server_id=item.server_id,
        library_key=item.library_key,
        type=item.type,
        key=item.mark.key,
        title=content.title,
        parent_title=content.parent_title,
        album_title=content.album_title,
        season_number=content.season_number,
        episode_number=content.episode_number,
        year=content.year,
        added_at=content.added_at,
        duration=content.duration,
        content_rating=content.content_rating,
        rating=content.rating,
        resolution=file.resolution,
        dynamic_range=file.dynamic_range,
        audio_profile=file.audio_profile,
        video_codec=file.video_codec,
        audio_codec=file.audio_codec,
        audio_channels=file.audio_channels,
        container=file.container,
        file_size=file.file_size,
        file_path=file.file_path,
        play_count=item.plays.count,
        last_played_at=item.plays.last_played_at,
    )
