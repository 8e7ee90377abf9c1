"""The libraries of a media server that lives in this process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from earshelf.adapters.memory.services import Neighbour
from earshelf.domain.errors import CredentialsRejected, IntegrationKind
from earshelf.domain.media import LibraryType, MediaContent, MediaMark, Plays, SeriesFacts, media_signature
from earshelf.domain.watches import Watch
from earshelf.ports.libraries import FoundItem, LibraryAbility, ListedItem, ListingPage, Section, SeriesPage, WatchPage
from earshelf.ports.servers import ServerAccess


@dataclass(slots=True)
class MemoryShelf:
    """A library: its items and its series by key, oldest first."""

    section: Section
    items: dict[str, MediaContent] = field(default_factory=dict)
    series: dict[str, SeriesFacts] = field(default_factory=dict)


class MemoryLibraries(Neighbour):
    """A server's libraries; ``unshown`` are the keys of items that it trips over.

    ``counted`` is what everybody played, ``watched`` who watched it.
    """

    def __init__(self, *, token: str = "sesame") -> None:  # noqa: S107 - of nobody
        super().__init__()
        self.shelves: list[MemoryShelf] = []
        self.counted: dict[str, Plays] = {}
        self.watched: list[Watch] = []
        self.unshown: set[str] = set()
        self._token = token

    def reader(self, access: ServerAccess) -> "MemoryLibrary":
        """Reads them for whoever has the token."""
        return MemoryLibrary(self, access)

    async def asked(self, access: ServerAccess) -> Sequence[MemoryShelf]:
        """Answers whoever shows the token."""
        await self.answer()
        if access.token != self._token:
            raise CredentialsRejected(IntegrationKind.SERVER, access.name, "the access token was refused")
        return self.shelves


class MemoryLibrary:
    """One reader."""

    abilities = frozenset(LibraryAbility)
    details_at_once = 25

    def __init__(self, libraries: MemoryLibraries, access: ServerAccess) -> None:
        self._libraries = libraries
        self._access = access

    async def sections(self) -> Sequence[Section]:
        return [shelf.section for shelf in await self._libraries.asked(self._access)]

    async def listing(self, section: Section, *, offset: int, size: int) -> ListingPage:
        shelf = await self._shelf(section)
        some = list(shelf.items.items())[offset : offset + size]
        return ListingPage([self._listed(*one, section.type) for one in some], len(some), len(shelf.items))

    async def series(self, section: Section, *, offset: int, size: int) -> SeriesPage:
        shelf = await self._shelf(section)
        some = dict(list(shelf.series.items())[offset : offset + size])
        return SeriesPage(some, len(some), len(shelf.series))

    async def episodes(self, series_key: str, *, offset: int, size: int) -> ListingPage:
        found = [
            self._listed(key, content, shelf.section.type)
            for shelf in await self._libraries.asked(self._access)
            for key, content in shelf.items.items()
            if content.grandparent_key == series_key
        ]
        some = found[offset : offset + size]
        return ListingPage(some, len(some), len(found))

    async def details(self, keys: Sequence[str]) -> Mapping[str, FoundItem | None]:
        found: dict[str, FoundItem | None] = {}
        for shelf in await self._libraries.asked(self._access):
            for key in keys:
                if key in shelf.items or key in shelf.series:
                    found[key] = None if key in self._libraries.unshown else self._found(key, shelf)
        return found

    async def plays(self) -> Mapping[str, Plays]:
        await self._libraries.asked(self._access)
        return dict(self._libraries.counted)

    async def watches(self, *, since: datetime | None, offset: int, size: int) -> WatchPage:
        await self._libraries.asked(self._access)
        found = [watch for watch in self._libraries.watched if since is None or watch.watched_at >= since]
        found.sort(key=lambda watch: watch.watched_at, reverse=True)
        some = found[offset : offset + size]
        return WatchPage(some, len(some), len(found))

    async def _shelf(self, section: Section) -> MemoryShelf:
        shelves = await self._libraries.asked(self._access)
        return next(shelf for shelf in shelves if shelf.section.key == section.key)

    def _found(self, key: str, shelf: MemoryShelf) -> FoundItem:
        section, content = shelf.section, shelf.items.get(key)
        if content is None:
            return FoundItem(section.key, None, None, None, shelf.series[key])
        return FoundItem(section.key, section.type, lambda: self._listed(key, content, section.type), content)

    def _listed(self, key: str, content: MediaContent, kind: LibraryType) -> ListedItem:
        files = [(version.id, version.id, str(version.size), version.file or "") for version in content.versions]
        return ListedItem(
            mark=MediaMark(key, content.added_at, media_signature(files)),
            plays=self._libraries.counted.get(key, Plays()),
            series_key=content.grandparent_key if kind is LibraryType.SERIES else None,
            outline=lambda: content._replace(streams=()),
        )
