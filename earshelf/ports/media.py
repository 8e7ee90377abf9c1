"""What is kept of media servers' libraries, and the lists of it.

All of it can be read from the servers again, except which libraries are wanted.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from earshelf.domain.duplicates import Copy
from earshelf.domain.dynamic_ranges import DynamicRange
from earshelf.domain.ids import MediaId, ServerId, SyncJobId
from earshelf.domain.media import LibraryType, MediaItem, MediaMark, Plays
from earshelf.domain.sound_profiles import AudioProfile
from earshelf.domain.sync_jobs import MediaLibrary, SyncJob
from earshelf.domain.watches import Watch
from earshelf.ports.queries import Page, Window
from earshelf.ports.removed_media import RemovedItems
from earshelf.ports.sync_marks import SyncMarks
from earshelf.ports.watch_log import WatchLog


@dataclass(frozen=True, slots=True)
class StoredMark:
    """What is stored of an item as far as a pass needs it."""

    id: MediaId
    library_key: str
    mark: MediaMark
    plays: Plays


class MediaShelf(Protocol):
    """The items. Every method is one step that happens whole or not at all, and is seen by everybody afterwards.

    Every method raises ``StorageUnavailable`` where the database does not answer.
    """

    async def put(self, items: Sequence[MediaItem]) -> None:
        """Writes items of one server, hundreds at once; one whose key is stored keeps its id and its place.

        Of several with one key the last counts.
        """
        ...

    async def put_plays(self, server_id: ServerId, plays: Mapping[str, Plays]) -> None:
        """Writes what is told of watching, by the items' keys; unknown keys are no error."""
        ...

    async def marks(self, server_id: ServerId, keys: Collection[str]) -> Mapping[str, StoredMark]:
        """Returns what is stored of these, by key; unknown keys are absent."""
        ...

    async def resolutions(self, server_id: ServerId, keys: Collection[str]) -> Mapping[str, str]:
        """Returns how large the pictures of these are, by key, as :func:`~earshelf.domain.mediainfo.resolution_label`.

        Keys that are unknown, and those of items without a picture, are absent.
        """
        ...

    async def keys(self, server_id: ServerId, library_key: str) -> frozenset[str]:
        """Returns the keys of all items of a library."""
        ...

    async def remove_server(self, server_id: ServerId) -> None:
        """Deletes everything of a server: items, also removed ones, libraries, jobs, marks, history."""
        ...


class LibraryRows(Protocol):
    """The libraries; errors as in :class:`MediaShelf`."""

    async def of_server(self, server_id: ServerId) -> list[MediaLibrary]:
        """Returns a server's libraries by title, ties by key."""
        ...

    async def put(self, libraries: Sequence[MediaLibrary]) -> None:
        """Writes libraries; one of the same server and key is replaced, except that it stays as wanted as it was."""
        ...

    async def enable(self, server_id: ServerId, key: str, *, enabled: bool) -> MediaLibrary:
        """Says whether a library is wanted, and returns it.

        :raises NotFound: the server has no such library.
        """
        ...

    async def rekey(self, server_id: ServerId, *, before: str, after: str) -> None:
        """Gives a library another key, and its items with it."""
        ...


class SyncJobRows(Protocol):
    """The jobs; errors as in :class:`MediaShelf`."""

    async def add(self, job: SyncJob) -> None:
        """Inserts a new job at version 1.

        :raises AlreadyExists: the server has one that is not over.
        """
        ...

    async def get(self, job_id: SyncJobId) -> SyncJob:
        """Returns a job.

        :raises NotFound: no job has this id.
        """
        ...

    async def open(self) -> list[SyncJob]:
        """Returns all that are not over, oldest first, ties by id."""
        ...

    async def page(self, window: Window, *, server_id: ServerId | None = None) -> Page[SyncJob]:
        """Returns part of all jobs, or of one server's, newest first, ties by id."""
        ...

    async def save(self, job: SyncJob) -> None:
        """Writes a job back and raises its version by one.

        :raises StaleWrite: the stored version is not the one that was read.
        :raises NotFound: it is gone.
        """
        ...

    async def wish_stop(self, job_id: SyncJobId) -> None:
        """Asks whoever runs a job to stop, whatever its version; one that is over is left alone."""
        ...


class MediaStore(Protocol):
    """Everything that is kept of media servers' libraries."""

    @property
    def items(self) -> MediaShelf:
        """The items."""
        ...

    @property
    def removed(self) -> RemovedItems:
        """Items that their server lists no more."""
        ...

    @property
    def libraries(self) -> LibraryRows:
        """The libraries."""
        ...

    @property
    def marks(self) -> SyncMarks:
        """When syncs were asked for last."""
        ...

    @property
    def watches(self) -> WatchLog:
        """Who watched the items."""
        ...

    @property
    def jobs(self) -> SyncJobRows:
        """The jobs."""
        ...


class MediaRow(NamedTuple):
    """An item as lists show it; a tuple, as a page has hundreds of them. Units as in the domain."""

    id: MediaId
    server_id: ServerId
    library_key: str
    type: LibraryType
    key: str
    title: str
    parent_title: str | None
    album_title: str | None
    season_number: int | None
    episode_number: int | None
    year: int | None
    added_at: datetime | None
    duration: int | None
    content_rating: str | None
    rating: float | None
    resolution: str | None
    dynamic_range: str | None
    audio_profile: str | None
    video_codec: str | None
    audio_codec: str | None
    audio_channels: int | None
    container: str | None
    file_size: int | None
    file_path: str | None
    play_count: int
    last_played_at: datetime | None


class RemovedRow(NamedTuple):
    """A removed item as its list shows it."""

    item: MediaRow
    removed_at: datetime


class MediaSort(StrEnum):
    """What a list of items is ordered by."""

    TITLE = "title"
    YEAR = "year"
    ADDED_AT = "added_at"


@dataclass(frozen=True, slots=True)
class MediaFilter:
    """Which items; None admits all. ``words`` are beginnings of words of the title, all of which have to be there."""

    server_id: ServerId | None = None
    library_key: str | None = None
    type: LibraryType | None = None
    dynamic_range: DynamicRange | None = None
    audio_profile: AudioProfile | None = None
    resolution: str | None = None
    words: tuple[str, ...] = ()


class MediaQueries(Protocol):
    """The lists of items; errors as in :class:`MediaShelf`. They see committed data and never wait for a writer."""

    async def page(self, window: Window, *, only: MediaFilter, sort: MediaSort, ascending: bool) -> Page[MediaRow]:
        """Returns items in the wished order, ties by when they were first stored, in the wished direction.

        Titles sort without case as their server sorts them; an unknown year or time counts as the smallest.
        """
        ...

    async def item(self, media_id: MediaId) -> MediaItem:
        """Returns an item with everything that is known of it.

        :raises NotFound: no item has this id.
        """
        ...

    async def copies(self, media_id: MediaId) -> list[Copy]:
        """Returns all copies of a thing on all servers, this one included, by when they were first stored."""
        ...

    async def watches(self, media_id: MediaId, window: Window) -> Page[Watch]:
        """Returns who watched an item, newest first, ties by viewer.

        :raises NotFound: no item has this id.
        """
        ...

    async def removed(self, window: Window, *, only: MediaFilter) -> Page[RemovedRow]:
        """Returns items that were removed and not yet forgotten, the last removed first, ties by when first stored.

        Words are not looked at.
        """
        ...
