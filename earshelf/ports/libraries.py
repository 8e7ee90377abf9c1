"""Reading the libraries of a media server."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from earshelf.domain.media import LibraryType, MediaContent, MediaMark, Plays, SeriesFacts
from earshelf.domain.watches import Watch
from earshelf.ports.servers import ServerAccess


class LibraryAbility(StrEnum):
    """What not every server can do.

    ``PLAY_HISTORY``: it tells what all users played, so that :meth:`LibraryReader.plays`
    and :meth:`LibraryReader.watches` may be asked.
    ``SERIES``: episodes take ids and genres from their series, so that :meth:`LibraryReader.series`
    and :meth:`LibraryReader.episodes` may be asked.
    """

    PLAY_HISTORY = "play_history"
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class Section:
    """A library as its server lists it; ``identity`` survives a change of the key where the server has such a thing."""

    key: str
    title: str
    type: LibraryType
    identity: str | None = None


class ListedItem(NamedTuple):
    """An item as a listing shows it.

    ``series_key`` is the key of an episode's series. ``outline`` reads what the listing tells of the item, which lacks
    its streams; it costs something, so ask only where it is needed.
    """

    mark: MediaMark
    plays: Plays
    series_key: str | None
    outline: Callable[[], MediaContent]


@dataclass(frozen=True, slots=True)
class ListingPage:
    """A page of a listing.

    ``rows`` counts everything that the server sent, also what is no item; ``total`` is None where it does not tell.
    """

    items: Sequence[ListedItem]
    rows: int
    total: int | None


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """A page of the series of a library, by their keys; ``rows`` and ``total`` as in :class:`ListingPage`."""

    series: Mapping[str, SeriesFacts]
    rows: int
    total: int | None


class FoundItem(NamedTuple):
    """An item that was asked for by its key, with streams; ``library_key`` is None where the server does not tell.

    ``listed`` reads what a listing would show. ``level`` is the type of library whose items it is one of; it is None
    for what is no item of any library, such as a season or a collection, and then the others are None too. ``series``
    is set for a series.
    """

    library_key: str | None
    level: LibraryType | None
    listed: Callable[[], ListedItem] | None
    content: MediaContent | None
    series: SeriesFacts | None = None


@dataclass(frozen=True, slots=True)
class WatchPage:
    """A page of who watched what, newest first; ``rows`` and ``total`` as in :class:`ListingPage`."""

    watches: Sequence[Watch]
    rows: int
    total: int | None


class LibraryReader(Protocol):
    """One server's libraries.

    Every method raises ``Unreachable`` or ``TimedOut`` where the server does not answer, ``CredentialsRejected`` where
    it refuses the token, ``RateLimited``, ``Refused`` where it fails, and ``UnexpectedPayload`` where an answer cannot
    be used. None waits longer than eight seconds for one answer.
    """

    @property
    def abilities(self) -> frozenset[LibraryAbility]:
        """What the server can do."""
        ...

    @property
    def details_at_once(self) -> int:
        """How many keys :meth:`details` takes in one request."""
        ...

    async def sections(self) -> Sequence[Section]:
        """Returns the libraries that hold films, series or music, in the server's order."""
        ...

    async def listing(self, section: Section, *, offset: int, size: int) -> ListingPage:
        """Returns part of a library's items, oldest first; the server may send fewer than asked for."""
        ...

    async def series(self, section: Section, *, offset: int, size: int) -> SeriesPage:
        """Returns part of a library's series."""
        ...

    async def episodes(self, series_key: str, *, offset: int, size: int) -> ListingPage:
        """Returns part of a series' episodes as a listing shows them, whatever library it is in.

        A key that the server does not know has none.
        """
        ...

    async def details(self, keys: Sequence[str]) -> Mapping[str, FoundItem | None]:
        """Returns items with their streams, by key.

        A key that the server does not know is absent; one that it knows and cannot show is None.
        """
        ...

    async def plays(self) -> Mapping[str, Plays]:
        """Returns how often and when last an item was played by anybody, by key; items of no plays are absent.

        It may take many requests.
        """
        ...

    async def watches(self, *, since: datetime | None, offset: int, size: int) -> WatchPage:
        """Returns part of who watched what, newest first; a server may tell of older ones than asked for, too."""
        ...


class LibraryReaders(Protocol):
    """Builds what reads a server's libraries; building costs nothing and contacts nobody."""

    def reader(self, access: ServerAccess) -> LibraryReader:
        """Returns the reader."""
        ...
