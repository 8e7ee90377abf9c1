"""Events reach their handlers once they are committed, and not before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from earshelf.adapters.memory.storage import MemoryDatabase
from earshelf.adapters.memory.system import SettableClock
from earshelf.adapters.outbox import Dispatcher, PublishingStorage, Reactions
from earshelf.domain.books import Book
from earshelf.domain.events import BookAdded
from earshelf.domain.ids import BookId
from earshelf.ports.storage import Storage

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Ear:
    """Hears events, and can be waited for."""

    def __init__(self) -> None:
        self.heard: list[BookAdded] = []
        self._news = asyncio.Event()

    async def listen(self, event: BookAdded) -> None:
        self.heard.append(event)
        self._news.set()

    async def expect(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.heard) < count:
                self._news.clear()
                await self._news.wait()


async def break_down(_: BookAdded) -> None:
    raise RuntimeError("a defect")


async def put(storage: Storage, name: str, *, commit: bool = True) -> None:
    book = Book(BookId(name), name, NOW, NOW)
    book.announce_added()
    async with storage.unit() as unit:
        await unit.books.add(book)
        if commit:
            await unit.commit(NOW)


@asynccontextmanager
async def dispatching(dispatcher: Dispatcher, reactions: Reactions) -> AsyncIterator[None]:
    task = asyncio.create_task(dispatcher.run(reactions))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def a_house() -> tuple[PublishingStorage, Dispatcher, MemoryDatabase]:
    database = MemoryDatabase()
    dispatcher = Dispatcher(database.storage, SettableClock())
    return PublishingStorage(database.storage, dispatcher), dispatcher, database


async def test_a_committed_event_is_heard() -> None:
    storage, dispatcher, _ = a_house()
    ear = Ear()
    async with dispatching(dispatcher, {BookAdded: [ear.listen]}):
        await put(storage, "bk_1")
        await ear.expect(1)
    assert ear.heard == [BookAdded(BookId("bk_1"))]


async def test_what_was_rolled_back_is_never_heard() -> None:
    storage, dispatcher, _ = a_house()
    ear = Ear()
    async with dispatching(dispatcher, {BookAdded: [ear.listen]}):
        await put(storage, "bk_lost", commit=False)
        await put(storage, "bk_kept")
        await ear.expect(1)
    assert [event.book_id for event in ear.heard] == ["bk_kept"]


async def test_what_a_stop_left_behind_is_heard_at_the_next_start_and_only_once() -> None:
    storage, dispatcher, database = a_house()
    await put(storage, "bk_before")
    ear = Ear()
    async with dispatching(dispatcher, {BookAdded: [ear.listen]}):
        await ear.expect(1)
        await put(storage, "bk_after")
        await ear.expect(2)
    later = Ear()
    async with dispatching(Dispatcher(database.storage, SettableClock()), {BookAdded: [later.listen]}):
        await put(storage, "bk_last")
        await asyncio.sleep(0)
    assert [event.book_id for event in ear.heard] == ["bk_before", "bk_after"]
    assert "bk_before" not in [event.book_id for event in later.heard]


async def test_one_failing_handler_stops_no_other() -> None:
    storage, dispatcher, _ = a_house()
    ear = Ear()
    async with dispatching(dispatcher, {BookAdded: [break_down, ear.listen]}):
        await put(storage, "bk_1")
        await put(storage, "bk_2")
        await ear.expect(2)
    assert len(ear.heard) == 2
