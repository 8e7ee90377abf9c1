"""One pass over one library: page by page, details only of what changed, removal only of what is surely gone."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from earshelf.domain.ids import IdPrefix, MediaId, ServerId
from earshelf.domain.media import LibraryType, MediaContent, MediaItem, MediaMark, Plays, SeriesFacts, digest
from earshelf.domain.sync_jobs import Removal, Walk, removal
from earshelf.domain.usecases.lots import Lots
from earshelf.domain.usecases.patience import Patience
from earshelf.domain.usecases.reuniting import reunited
from earshelf.ports.libraries import FoundItem, LibraryAbility, LibraryReader, ListedItem, ListingPage, Section
from earshelf.ports.media import MediaStore, StoredMark
from earshelf.ports.system import Clock, Entropy

_REQUESTS_AT_ONCE = 6
_SERIES_AT_ONCE = 500
# two pages: a server answers requests while what it told before is read, and little is held
_BATCHES_WAITING = 40
_WRITTEN_AT_ONCE = 2000


class Wanted(NamedTuple):
    """An item whose details have to be read; ``is_stored`` where there is an older version of it."""

    listed: ListedItem
    mark: MediaMark
    plays: Plays
    is_stored: bool


@dataclass(slots=True)
class LibraryPass:
    """Walks through one library, once: what it saw and what waits to be read belongs to that walk.

    ``counted`` are plays from the server's history by key, None where it has none. ``entered`` is told how much there
    is once that is known, ``advanced`` how many more items are done with, ``tidying`` when all was
    read; each may take its time and may raise. ``missing`` are the keys, once it is over, of items that were not seen
    and stay all the same.
    """

    server_id: ServerId
    section: Section
    reader: LibraryReader
    store: MediaStore
    clock: Clock
    entropy: Entropy
    patience: Patience
    counted: Mapping[str, Plays] | None
    entered: Callable[[int | None], Awaitable[None]]
    advanced: Callable[[int], Awaitable[None]]
    tidying: Callable[[], Awaitable[None]]
    missing: frozenset[str] = frozenset()
    _walk: Walk = field(init=False)
    _series: dict[str, SeriesFacts] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _just_listed: set[str] = field(default_factory=set)
    _wanted: list[Wanted] = field(default_factory=list)
    _batches: asyncio.Queue[Sequence[Wanted] | None] = field(default_factory=lambda: asyncio.Queue(_BATCHES_WAITING))
    _lots: Lots[MediaItem] = field(init=False)
    _counting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def walk(self, *, held_back: int | None) -> Removal:
        """Reads the whole library and removes what may go; returns what became of what is missing.

        What is read before trouble stays.
        """
        self._walk = Walk.through(self.section.type)
        if self.section.type is LibraryType.SERIES and LibraryAbility.SERIES in self.reader.abilities:
            await self._read_series()
        self._lots = Lots(self.store.items.put, least=_WRITTEN_AT_ONCE)
        try:
            page = await self._next_page()
            await self.entered(page.total if page else 0)
            await together([self._list(page), *[self._read() for _ in range(_REQUESTS_AT_ONCE)]])
        finally:
            await self._lots.finish()
        await self.tidying()
        return await self._remove(held_back)

    async def _read_series(self) -> None:
        offset, total = 0, None
        while total is None or offset < total:
            page = await self.patience.asked(
                lambda at=offset: self.reader.series(self.section, offset=at, size=_SERIES_AT_ONCE)  # type: ignore[misc]
            )
            self._series.update(page.series)
            offset, total = offset + page.rows, page.total
            if not page.rows or (total is None and page.rows < _SERIES_AT_ONCE):
                return

    async def _next_page(self) -> ListingPage | None:
        walk = self._walk
        if walk.is_over:
            return None
        page = await self.patience.asked(
            lambda: self.reader.listing(self.section, offset=walk.offset, size=walk.size), eased=walk.shrink
        )
        walk.took(page.rows, page.total)
        keys = {item.mark.key for item in page.items}
        if keys and keys <= self._just_listed:
            walk.repeats()
        self._just_listed = keys
        return page

    async def _list(self, page: ListingPage | None) -> None:
        """Settles page after page, and hands over whose details are wanted; ``None`` says that there are no more."""
        while page is not None:
            # the server composes a page while the one before is settled
            page, _ = await together([self._next_page(), self._settle(page)])
        await self._hand_over(1)
        for _ in range(_REQUESTS_AT_ONCE):
            await self._batches.put(None)

    async def _settle(self, page: ListingPage) -> None:
        stored = await self.store.items.marks(self.server_id, [item.mark.key for item in page.items])
        await self._count(await self._sort_out(page.items, stored))
        # what fills no request waits for the next page
        await self._hand_over(self.reader.details_at_once)

    async def _hand_over(self, least: int) -> None:
        while len(self._wanted) >= least:
            size = self.reader.details_at_once
            batch, self._wanted = self._wanted[:size], self._wanted[size:]
            await self._batches.put(batch)

    async def _count(self, done: int) -> None:
        async with self._counting:
            await self.advanced(done)

    async def _sort_out(self, items: Sequence[ListedItem], stored: Mapping[str, StoredMark]) -> int:
        """Writes what changed of watching, and remembers whose details are wanted; returns how many are done with."""
        changed: dict[str, Plays] = {}
        waiting = len(self._wanted)
        for item in items:
            known = stored.get(item.mark.key)
            mark, plays = self._mark(item), self._plays(item, known)
            self._seen.add(mark.key)
            if known is None or known.library_key != self.section.key or not known.mark.is_fresh(mark):
                self._wanted.append(Wanted(item, mark, plays, known is not None))
            # also of an item that is read again: its details may fail, what was watched is known
            if known is not None and plays != known.plays:
                changed[mark.key] = plays
        await self.store.items.put_plays(self.server_id, changed)
        return len(items) - (len(self._wanted) - waiting)

    def _mark(self, item: ListedItem) -> MediaMark:
        series = self._series.get(item.series_key or "")
        if series is None:
            return item.mark
        # what changes of a series changes its episodes
        return replace(item.mark, signature=digest((item.mark.signature, series.fingerprint)))

    def _plays(self, item: ListedItem, known: StoredMark | None) -> Plays:
        plays = item.plays.joined(self.counted.get(item.mark.key) if self.counted else None)
        return plays if self.counted is not None or known is None else plays.not_before(known.plays)

    async def _read(self) -> None:
        """Reads details, one batch after the other, beside others that take theirs from the same queue."""
        while batch := await self._batches.get():
            found = await self._details(batch)
            await self._lots.add(filter(None, [self._item(one, found) for one in batch]))
            await self._count(len(batch))

    async def _details(self, batch: Sequence[Wanted]) -> Mapping[str, FoundItem | None]:
        keys = [one.mark.key for one in batch]
        return await self.patience.asked(lambda: self.reader.details(keys))

    def _item(self, wanted: Wanted, found: Mapping[str, FoundItem | None]) -> MediaItem | None:
        # a listed item that is said to be unknown may be: whether it went, the next listing shows
        answer = found.get(wanted.mark.key)
        if answer is not None and answer.content is not None:
            return self._made(wanted, wanted.mark, answer.content)
        if wanted.is_stored:
            # what was read before is better than a listing's outline; its old mark makes the next pass ask again
            return None
        return self._made(wanted, replace(wanted.mark, is_complete=False), wanted.listed.outline())

    def _made(self, wanted: Wanted, mark: MediaMark, content: MediaContent) -> MediaItem:
        if wanted.listed.series_key is not None:
            content = content.within(self._series.get(wanted.listed.series_key))
        return MediaItem(
            id=MediaId(self.entropy.new_id(IdPrefix.MEDIA)),
            server_id=self.server_id,
            library_key=self.section.key,
            type=self.section.type,
            mark=mark,
            plays=wanted.plays,
            content=content,
        )

    async def _remove(self, held_back: int | None) -> Removal:
        stored = await self.store.items.keys(self.server_id, self.section.key)
        if self._walk.saw_everything and self._seen:
            stored -= await reunited(self.store.removed, self.server_id, stored - self._seen)
        verdict = removal(stored, self._seen, saw_everything=self._walk.saw_everything, held_back=held_back)
        if verdict.keys:
            await self.store.removed.put_away(self.server_id, verdict.keys, self.clock.now())
        if self._walk.saw_everything:
            self.missing = stored - self._seen - verdict.keys
        return verdict


async def together(steps: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Runs steps beside each other; where one raises or the caller is cancelled, all of them have ended before."""
    tasks = [asyncio.create_task(step) for step in steps]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
