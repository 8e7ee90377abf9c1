"""One pass over one library in this process: what runs beside what, and how it ends. No test can wait forever."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from earshelf.adapters.memory.media import MemoryMediaShelf, MemoryMediaStore
from earshelf.adapters.memory.system import SequentialEntropy, SettableClock
from earshelf.domain.errors import IntegrationKind, StorageUnavailable, Unreachable
from earshelf.domain.ids import ServerId
from earshelf.domain.media import LibraryType, MediaContent, MediaItem, MediaMark, Plays
from earshelf.domain.sync_jobs import Removal
from earshelf.domain.usecases.library_passes import LibraryPass
from earshelf.domain.usecases.patience import Patience
from earshelf.ports.libraries import FoundItem, LibraryAbility, ListedItem, ListingPage, Section, SeriesPage, WatchPage

ATTIC, FILMS = ServerId("sv_attic"), Section("1", "Films", LibraryType.MOVIE)
AWAY = Unreachable(IntegrationKind.SERVER, "Attic", "went away")
PAGE, BATCH, AT_ONCE = 500, 25, 6
# what is asked for, what waits, the page that is being handed over, and the one that came meanwhile
PAGES_AHEAD = 4


@dataclass
class Shelf:
    """Lists so many films and tells of those that it is asked for, as soon as it may; trouble is raised on the way."""

    count: int
    abilities: frozenset[LibraryAbility] = frozenset()
    details_at_once: int = BATCH
    revision: str = ""
    listed: list[int] = field(default_factory=list)
    asked: list[Sequence[str]] = field(default_factory=list)
    answering: int = 0
    most_answering: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    more: asyncio.Event = field(default_factory=asyncio.Event)
    trouble: Callable[[int], None] = lambda _: None
    """Is told the place of each request for details."""
    trouble_listing: Callable[[int], None] = lambda _: None
    """Is told where each page begins."""

    def __post_init__(self) -> None:
        self.open.set()
        self.more.set()

    async def listing(self, section: Section, *, offset: int, size: int) -> ListingPage:
        self.listed.append(offset)
        if offset:
            await self.more.wait()
        await asyncio.sleep(0)
        self.trouble_listing(offset)
        keys = range(offset, min(self.count, offset + size))
        return ListingPage([self._item(str(key)) for key in keys], len(keys), self.count)

    async def details(self, keys: Sequence[str]) -> Mapping[str, FoundItem | None]:
        place = len(self.asked)
        self.asked.append(keys)
        self.answering += 1
        self.most_answering = max(self.most_answering, self.answering)
        try:
            await self.open.wait()
            await asyncio.sleep(0)
            self.trouble(place)
        finally:
            self.answering -= 1
        return {key: FoundItem("1", LibraryType.MOVIE, None, MediaContent(f"Film {key}")) for key in keys}

    async def sections(self) -> Sequence[Section]:
        return [FILMS]

    async def series(self, section: Section, *, offset: int, size: int) -> SeriesPage:
        return SeriesPage({}, 0, 0)

    async def episodes(self, series_key: str, *, offset: int, size: int) -> ListingPage:
        return ListingPage((), 0, 0)

    async def plays(self) -> Mapping[str, Plays]:
        return {}

    async def watches(self, *, since: datetime | None, offset: int, size: int) -> WatchPage:
        return WatchPage((), 0, 0)

    def _item(self, key: str) -> ListedItem:
        return ListedItem(MediaMark(key, None, self.revision), Plays(), None, lambda: MediaContent("Outline"))


@dataclass
class Told:
    """What a pass told on its way; whoever is told may raise."""

    totals: list[int | None] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    telling: int = 0
    trouble: Callable[[int], None] = lambda _: None
    """Is told how much is done with."""

    async def entered(self, total: int | None) -> None:
        self.totals.append(total)

    async def advanced(self, count: int) -> None:
        assert self.telling == 0, "told twice at once"
        self.telling += 1
        await asyncio.sleep(0)
        self.telling -= 1
        self.counts.append(count)
        self.trouble(sum(self.counts))

    async def tidying(self) -> None:
        self.counts.append(0)


@pytest.fixture
def store() -> MemoryMediaStore:
    return MemoryMediaStore()


@pytest.fixture
def told() -> Told:
    return Told()


def a_pass(shelf: Shelf, store: MemoryMediaStore, told: Told) -> LibraryPass:
    clock = SettableClock()
    return LibraryPass(
        server_id=ATTIC,
        section=FILMS,
        reader=shelf,
        store=store,
        clock=clock,
        entropy=SequentialEntropy(),
        patience=Patience(clock, pauses=()),
        counted=None,
        entered=told.entered,
        advanced=told.advanced,
        tidying=told.tidying,
    )


async def walked(one: LibraryPass) -> Removal:
    """Walks to the end, after which nothing runs on."""
    others = asyncio.all_tasks()
    async with asyncio.timeout(10):
        try:
            return await one.walk(held_back=None)
        finally:
            assert asyncio.all_tasks() == others


def at(wrong: int) -> Callable[[int], None]:
    """Makes what raises at that place."""

    def fail(place: int) -> None:
        if place == wrong:
            raise AWAY

    return fail


def unless_first(place: int) -> None:
    if place:
        raise AWAY


async def until_still(shelf: Shelf) -> None:
    """Returns once nothing more is asked for."""
    async with asyncio.timeout(5):
        before, quiet = None, 0
        while quiet < 200:
            await asyncio.sleep(0)
            now = (len(shelf.listed), len(shelf.asked))
            before, quiet = now, quiet + 1 if now == before else 0


async def keys_in(store: MemoryMediaStore) -> frozenset[str]:
    return await store.items.keys(ATTIC, FILMS.key)


@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, 4 * BATCH, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 3133])
async def test_every_item_is_asked_for_once_and_written(count: int, store: MemoryMediaStore, told: Told) -> None:
    shelf = Shelf(count)
    await walked(a_pass(shelf, store, told))
    wished = [str(key) for key in range(count)]
    assert sorted(key for batch in shelf.asked for key in batch) == sorted(wished)
    assert await keys_in(store) == frozenset(wished)
    assert max(map(len, shelf.asked), default=0) <= BATCH
    assert len(shelf.asked) == -(-count // BATCH)
    assert shelf.most_answering <= AT_ONCE
    assert (told.totals, sum(told.counts)) == ([count], count)


async def test_unchanged_pages_between_changed_ones_are_only_counted(store: MemoryMediaStore, told: Told) -> None:
    shelf = Shelf(3 * PAGE)
    await walked(a_pass(shelf, store, told))
    for number in range(PAGE):
        del store.items.rows[ATTIC, str(number)]
        if number % 2:
            del store.items.rows[ATTIC, str(2 * PAGE + number)]
    shelf.asked.clear()
    again = Told()
    await walked(a_pass(shelf, store, again))
    assert sum(map(len, shelf.asked)) == PAGE + PAGE // 2
    assert (len(await keys_in(store)), sum(again.counts)) == (3 * PAGE, 3 * PAGE)


async def test_a_library_of_nothing_new_asks_for_no_details(store: MemoryMediaStore, told: Told) -> None:
    shelf = Shelf(2 * PAGE)
    await walked(a_pass(shelf, store, told))
    shelf.asked.clear()
    again = Told()
    await walked(a_pass(shelf, store, again))
    assert (shelf.asked, again.counts) == ([], [PAGE, PAGE, 0])


async def test_the_listing_waits_for_the_details_however_long_it_is(store: MemoryMediaStore, told: Told) -> None:
    shelf = Shelf(100 * PAGE)
    shelf.open.clear()
    walking = asyncio.create_task(walked(a_pass(shelf, store, told)))
    await until_still(shelf)
    assert (len(shelf.listed), shelf.answering) == (PAGES_AHEAD, AT_ONCE)
    walking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await walking


async def test_a_pass_that_is_cancelled_while_all_wait_ends_and_keeps_what_was_read(
    store: MemoryMediaStore, told: Told
) -> None:
    shelf = Shelf(100 * PAGE)
    shelf.trouble = lambda place: shelf.open.clear() if place == 10 else None
    walking = asyncio.create_task(walked(a_pass(shelf, store, told)))
    await until_still(shelf)
    assert (len(shelf.listed), shelf.answering) == (PAGES_AHEAD, AT_ONCE)
    assert await keys_in(store) == frozenset()
    walking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await walking
    read = [key for batch in shelf.asked[:-AT_ONCE] for key in batch]
    assert await keys_in(store) == frozenset(read) != frozenset()
    assert sum(told.counts) == len(read)


async def test_trouble_with_details_ends_a_listing_that_waits(store: MemoryMediaStore, told: Told) -> None:
    shelf = Shelf(100 * PAGE, trouble=at(3))
    shelf.open.clear()
    walking = asyncio.create_task(walked(a_pass(shelf, store, told)))
    await until_still(shelf)
    shelf.open.set()
    with pytest.raises(Unreachable):
        await walking
    # those that answered before are there, and nothing was removed
    assert {key for batch in shelf.asked[:3] for key in batch} <= await keys_in(store)
    assert len(shelf.listed) == PAGES_AHEAD


async def test_trouble_with_the_listing_ends_those_who_wait_for_more(store: MemoryMediaStore, told: Told) -> None:
    shelf = Shelf(2 * PAGE, trouble_listing=unless_first)
    shelf.more.clear()
    walking = asyncio.create_task(walked(a_pass(shelf, store, told)))
    await until_still(shelf)
    # the first page was read, and the second does not come
    assert (len(shelf.asked), shelf.answering, walking.done()) == (PAGE // BATCH, 0, False)
    shelf.more.set()
    with pytest.raises(Unreachable):
        await walking
    assert len(await keys_in(store)) == PAGE


async def test_trouble_with_the_listing_ends_those_who_ask_for_details(store: MemoryMediaStore, told: Told) -> None:
    shelf = Shelf(5 * PAGE, trouble_listing=unless_first)
    shelf.open.clear()
    with pytest.raises(Unreachable):
        await walked(a_pass(shelf, store, told))
    assert (shelf.answering, await keys_in(store)) == (0, frozenset())


@pytest.mark.parametrize("done", [BATCH, 7 * BATCH, 3 * PAGE])
async def test_whoever_is_told_may_end_a_pass_at_any_time(done: int, store: MemoryMediaStore, told: Told) -> None:
    def stop(count: int) -> None:
        if count >= done:
            raise StorageUnavailable("no")

    told.trouble = stop
    shelf = Shelf(4 * PAGE)
    with pytest.raises(StorageUnavailable):
        await walked(a_pass(shelf, store, told))
    assert done <= len(await keys_in(store)) <= done + AT_ONCE * BATCH


class FillingShelf(MemoryMediaShelf):
    """Refuses the second lot."""

    lots = 0

    async def put(self, items: Sequence[MediaItem]) -> None:
        self.lots += 1
        await asyncio.sleep(0)
        if self.lots == 2:
            raise StorageUnavailable("full")
        await super().put(items)


class FillingStore(MemoryMediaStore):
    def __init__(self, before: MemoryMediaStore) -> None:
        super().__init__()
        self.items = FillingShelf(before.tables)


async def test_trouble_with_writing_ends_a_pass_and_removes_nothing(store: MemoryMediaStore, told: Told) -> None:
    await walked(a_pass(Shelf(20 * PAGE), store, Told()))
    shelf = Shelf(15 * PAGE, revision="2")
    with pytest.raises(StorageUnavailable):
        await walked(a_pass(shelf, FillingStore(store), told))
    signatures = [item.mark.signature for item in store.items.rows.values()]
    assert (len(signatures), len(told.totals)) == (20 * PAGE, 1)
    assert 0 < signatures.count("2") < 15 * PAGE
    assert len(shelf.asked) * BATCH < 15 * PAGE


async def test_trouble_at_the_very_last_request_is_not_lost(store: MemoryMediaStore, told: Told) -> None:
    shelf = Shelf(2 * PAGE + 1, trouble=at(2 * PAGE // BATCH))
    with pytest.raises(Unreachable):
        await walked(a_pass(shelf, store, told))
    assert len(await keys_in(store)) == 2 * PAGE


async def test_a_pass_that_is_cancelled_before_its_first_page_writes_nothing(
    store: MemoryMediaStore, told: Told
) -> None:
    walking = asyncio.create_task(walked(a_pass(Shelf(PAGE), store, told)))
    await asyncio.sleep(0)
    walking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await walking
    assert (await keys_in(store), told.totals) == (frozenset(), [])
