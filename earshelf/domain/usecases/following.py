"""Following single changes that a media server tells of, between two passes over its libraries."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from earshelf.domain.errors import Conflict, EarshelfError, IntegrationError
from earshelf.domain.ids import IdPrefix, MediaId, ServerId
from earshelf.domain.media import LibraryType, MediaContent, MediaItem, MediaMark, SeriesFacts
from earshelf.domain.usecases.reuniting import reunited
from earshelf.domain.usecases.syncing import Syncing
from earshelf.ports.libraries import FoundItem, LibraryReader, ListedItem
from earshelf.ports.media import MediaStore, StoredMark
from earshelf.ports.storage import Storage
from earshelf.ports.system import Clock, Entropy

_log = logging.getLogger(__name__)

_EPISODES_AT_ONCE = 300
MOST_KEYS = 100
"""More changes at once are worth a pass over everything."""


@dataclass(frozen=True, slots=True)
class _Place:
    library_key: str
    found: FoundItem
    content: MediaContent


class Following:
    """Reads items again that are said to have changed; what it cannot be sure of is left to a whole pass."""

    def __init__(
        self, *, storage: Storage, store: MediaStore, syncing: Syncing, clock: Clock, entropy: Entropy
    ) -> None:
        self._storage = storage
        self._store = store
        self._syncing = syncing
        self._clock = clock
        self._entropy = entropy

    async def changed(self, server_id: ServerId, keys: Collection[str]) -> None:
        """Takes note of changed and removed items of a server, by their keys.

        Nothing is removed unless the server says that it has no such item. Where it says anything else, or where there
        are more than a hundred keys, a whole pass is asked for; while one is under way there is nothing to do.

        :raises NotFound: there is no such server.
        """
        async with self._storage.unit() as unit:
            server = await unit.servers.get(server_id)
        if not server.enabled or not keys or await self._is_under_way(server_id):
            return
        try:
            is_settled = len(keys) <= MOST_KEYS and await self._settle(
                server_id, await self._syncing.reader(server), sorted(keys)
            )
        except IntegrationError as problem:
            _log.info("Changes of '%s' wait for a whole sync: %s", server.name, problem)
            is_settled = False
        if not is_settled:
            await self._pass_over(server_id)

    async def _settle(self, server_id: ServerId, reader: LibraryReader, keys: list[str]) -> bool:
        found = {**await reader.details(keys)}
        found.update(await self._stale_episodes(server_id, reader, found))
        if None in found.values():
            return False
        stored = await self._store.items.marks(server_id, [*keys, *found])
        libraries = {library.key: library for library in await self._store.libraries.of_server(server_id)}
        gone = [key for key in keys if key not in found or _is_no_item(found[key])]
        items: list[MediaItem] = []
        for key, answer in found.items():
            if answer is None or answer.listed is None or answer.content is None:
                continue
            library_key = stored[key].library_key if key in stored else answer.library_key
            if library_key not in libraries:
                return False
            library = libraries[library_key]
            if library.enabled and library.type is answer.level:
                place = _Place(library_key, answer, answer.content)
                items.append(await self._item(server_id, place, stored, reader))
        await self._store.items.put(items)
        missing = frozenset(gone) - await reunited(self._store.removed, server_id, gone)
        await self._store.removed.put_away(server_id, missing, self._clock.now())
        return True

    async def _stale_episodes(
        self, server_id: ServerId, reader: LibraryReader, found: Mapping[str, FoundItem | None]
    ) -> Mapping[str, FoundItem | None]:
        """Reads stored episodes anew whose series is among what was found, and is not what they were stored with."""
        stale: list[str] = []
        for series_key, answer in found.items():
            if answer is not None and answer.series is not None:
                marks = [one.mark for one in await _episodes(reader, series_key)]
                stored = await self._store.items.marks(server_id, [mark.key for mark in marks])
                changed = [mark.key for mark in marks if _is_stale(stored.get(mark.key), mark.within(answer.series))]
                stale += [key for key in changed if key not in found]
        return await reader.details(stale) if stale else {}

    async def _item(
        self, server_id: ServerId, place: _Place, stored: Mapping[str, StoredMark], reader: LibraryReader
    ) -> MediaItem:
        assert place.found.listed is not None
        assert place.found.level is not None
        listed, level = place.found.listed(), place.found.level
        mark, content = listed.mark, place.content
        if level is LibraryType.SERIES and listed.series_key:
            facts = await _series(reader, listed.series_key)
            content = content.within(facts)
            mark = mark.within(facts)
        known = stored.get(mark.key)
        return MediaItem(
            id=MediaId(self._entropy.new_id(IdPrefix.MEDIA)),
            server_id=server_id,
            library_key=place.library_key,
            type=level,
            mark=mark,
            plays=listed.plays.not_before(known.plays) if known else listed.plays,
            content=content,
        )

    async def _is_under_way(self, server_id: ServerId) -> bool:
        return any(job.server_id == server_id for job in await self._store.jobs.open())

    async def _pass_over(self, server_id: ServerId) -> None:
        try:
            await self._syncing.start(server_id)
        except Conflict:
            # somebody asked for one meanwhile
            return
        except EarshelfError as problem:
            _log.warning("A sync could not be asked for: %s", problem)


async def _series(reader: LibraryReader, key: str) -> SeriesFacts | None:
    answer = (await reader.details([key])).get(key)
    return answer.series if answer else None


async def _episodes(reader: LibraryReader, series_key: str) -> list[ListedItem]:
    episodes: dict[str, ListedItem] = {}
    offset, total = 0, None
    while total is None or offset < total:
        page = await reader.episodes(series_key, offset=offset, size=_EPISODES_AT_ONCE)
        found = {item.mark.key: item for item in page.items}
        # a server may show one page for ever
        is_stuck = bool(found) and found.keys() <= episodes.keys()
        episodes |= found
        offset, total = offset + page.rows, page.total
        if is_stuck or not page.rows or (total is None and page.rows < _EPISODES_AT_ONCE):
            break
    return list(episodes.values())


def _is_stale(stored: StoredMark | None, listed: MediaMark) -> bool:
    return stored is not None and not stored.mark.is_fresh(listed)


def _is_no_item(answer: FoundItem | None) -> bool:
    return answer is not None and answer.level is None
