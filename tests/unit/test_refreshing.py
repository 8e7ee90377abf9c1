"""Nudging media servers: in batches, best effort, one connector never in another's way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from earshelf.domain.books import Book, BookStatus
from earshelf.domain.errors import (
    CredentialsRejected,
    EarshelfError,
    IntegrationKind,
    MissingExtra,
    RateLimited,
    Refused,
    TargetMissing,
    TimedOut,
    UnexpectedPayload,
    Unreachable,
)
from earshelf.domain.events import BookFilesChanged, ChangeReason
from earshelf.domain.ids import BookId
from earshelf.domain.integrations import IntegrationRole
from tests.unit.house import House

KIND = IntegrationKind.CONNECTOR
AWAY = Unreachable(KIND, "Plex", "connection refused")


async def shelved(house: House, title: str = "A Book") -> Book:
    return await house.shelve(title, status=BookStatus.IMPORTED, folder=f"/library/{title}")


async def change(house: House, book: Book, reason: ChangeReason = ChangeReason.IMPORT) -> None:
    await house.refreshing.note(BookFilesChanged(book.id, reason))


async def breathe() -> None:
    """Lets everybody go on as far as they can without the clock."""
    for _ in range(50):
        await asyncio.sleep(0)


@asynccontextmanager
async def running(house: House) -> AsyncIterator[None]:
    task = asyncio.create_task(house.refreshing.run())
    await breathe()
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def advance(house: House, seconds: float) -> None:
    await breathe()
    house.clock.advance(seconds)
    await breathe()


async def flush(house: House) -> None:
    """Flushes, letting the clock run for whoever waits for a second try."""
    task = asyncio.create_task(house.refreshing.flush())
    async with asyncio.timeout(10):
        while not task.done():
            await breathe()
            house.clock.advance(1)
    await task


async def test_a_change_tells_the_server_which_book_and_why() -> None:
    house = House()
    plex, book = await house.connector(), await shelved(house)
    await change(house, book, ChangeReason.METADATA)
    await house.refreshing.flush()
    (batch,) = plex.refreshed
    assert [(one.book_id, one.title, one.path, one.reason) for one in batch] == [
        (book.id, "A Book", "/library/A Book", ChangeReason.METADATA)
    ]


async def test_a_burst_of_changes_is_one_refresh_for_every_connector() -> None:
    house = House()
    servers = [await house.connector("Plex"), await house.connector("Shelf")]
    books = [await shelved(house, title) for title in "ABC"]
    async with running(house):
        for book in [*books, *books]:
            await change(house, book)
        await advance(house, 2)
    for server in servers:
        assert [[one.title for one in batch] for batch in server.refreshed] == [["A", "B", "C"]]


async def test_nothing_is_sent_before_two_quiet_seconds() -> None:
    house = House()
    plex, book = await house.connector(), await shelved(house)
    async with running(house):
        await change(house, book)
        await advance(house, 1.5)
        await change(house, book)
        await advance(house, 1.5)
        assert plex.refreshed == []
        await advance(house, 0.5)
        assert len(plex.refreshed) == 1


async def test_changes_that_never_stop_are_sent_after_thirty_seconds() -> None:
    house = House()
    plex, book = await house.connector(), await shelved(house)
    async with running(house):
        for _ in range(30):
            await change(house, book)
            assert plex.refreshed == []
            await advance(house, 1)
        assert len(plex.refreshed) == 1


async def test_a_large_batch_is_sent_at_once() -> None:
    house = House()
    plex = await house.connector()
    async with running(house):
        for number in range(500):
            await change(house, await shelved(house, str(number)))
        await breathe()
    assert [len(batch) for batch in plex.refreshed] == [500]


async def test_without_changes_nobody_is_asked() -> None:
    house = House()
    plex = await house.connector()
    async with running(house):
        await advance(house, 60)
    assert plex.refreshed == []


async def test_changes_that_come_while_a_batch_is_sent_go_with_the_next_one() -> None:
    house = House()
    plex, one, two = await house.connector(), await shelved(house, "One"), await shelved(house, "Two")
    plex.gate.clear()
    async with running(house):
        await change(house, one)
        await advance(house, 2)
        await change(house, two)
        await advance(house, 30)
        await change(house, two)
        await breathe()
        assert len(plex.refreshed) == 1
        plex.gate.set()
        await breathe()
        assert [[change.title for change in batch] for batch in plex.refreshed] == [["One"], ["Two"]]


async def test_a_server_that_hangs_does_not_keep_the_others_waiting() -> None:
    house = House()
    slow, quick, book = await house.connector("slow"), await house.connector("quick"), await shelved(house)
    slow.gate.clear()
    async with running(house):
        await change(house, book)
        await advance(house, 2)
        assert len(quick.refreshed) == 1
        slow.gate.set()


async def test_what_is_being_sent_is_waited_for_before_the_rest_is_flushed() -> None:
    house = House()
    plex, one, two = await house.connector(), await shelved(house, "One"), await shelved(house, "Two")
    plex.gate.clear()
    async with running(house):
        await change(house, one)
        await advance(house, 2)
        await change(house, two)
        flushing = asyncio.create_task(house.refreshing.flush())
        await breathe()
        assert len(plex.refreshed) == 1
        plex.gate.set()
        await flushing
        assert [[change.title for change in batch] for batch in plex.refreshed] == [["One"], ["Two"]]


PASSING = [
    AWAY,
    TimedOut(KIND, "Plex", "no answer"),
    RateLimited(KIND, "Plex", 1),
    Refused(KIND, "Plex", "Server error (HTTP 503)", 503),
    Refused(KIND, "Plex", "Request failed (HTTP 408)", 408),
]
LASTING = [
    CredentialsRejected(KIND, "Plex", "Authentication failed (HTTP 401)"),
    Refused(KIND, "Plex", "Request failed (HTTP 404)", 404),
    Refused(KIND, "Plex", "Said no"),
    TargetMissing(KIND, "Plex", "Library section not found", 404),
    UnexpectedPayload(KIND, "Plex", "no JSON"),
    MissingExtra("x", "This connector"),
]


@pytest.mark.parametrize("trouble", PASSING, ids=str)
async def test_passing_trouble_is_tried_once_more(trouble: EarshelfError) -> None:
    house = House()
    plex, book = await house.connector(), await shelved(house)
    plex.troubles.append(trouble)
    await change(house, book)
    await flush(house)
    assert len(plex.refreshed) == 2
    assert plex.refreshed[0] == plex.refreshed[1]
    assert [one.trouble for one in house.refreshing.outcomes.values()] == [None]


async def test_the_second_try_waits_a_second_and_at_most_a_third_more() -> None:
    house = House()
    plex, book = await house.connector(), await shelved(house)
    plex.troubles.append(AWAY)
    await change(house, book)
    task = asyncio.create_task(house.refreshing.flush())
    await house.clock.until_sleeping()
    house.clock.advance(0.99)
    await breathe()
    assert len(plex.refreshed) == 1
    house.clock.advance(0.35)
    await task
    assert len(plex.refreshed) == 2


async def test_there_is_no_third_try() -> None:
    house = House()
    plex, book = await house.connector(), await shelved(house)
    plex.troubles.extend([AWAY] * 3)
    await change(house, book)
    await flush(house)
    assert len(plex.refreshed) == 2
    assert [one.trouble for one in house.refreshing.outcomes.values()] == [AWAY.message]


@pytest.mark.parametrize("trouble", LASTING, ids=str)
async def test_lasting_trouble_is_told_and_not_tried_again(trouble: EarshelfError) -> None:
    house = House()
    plex, book = await house.connector(), await shelved(house)
    plex.troubles.append(trouble)
    await change(house, book)
    await house.refreshing.flush()
    assert len(plex.refreshed) == 1
    (outcome,) = house.refreshing.outcomes.values()
    assert (outcome.changes, outcome.trouble, outcome.at) == (1, trouble.message, house.clock.now())


@pytest.mark.parametrize("trouble", [AWAY, ValueError("a defect")], ids=str)
async def test_one_connector_in_trouble_does_not_stop_the_others_nor_the_next_batch(trouble: Exception) -> None:
    house = House()
    bad, good, book = await house.connector("bad"), await house.connector("good"), await shelved(house)
    bad.troubles.extend([trouble] * 2)
    async with running(house):
        for _ in range(2):
            await change(house, book)
            await advance(house, 2)
            await advance(house, 2)
        assert len(good.refreshed) == 2
        assert len(bad.refreshed) > 1


async def test_an_outcome_of_trouble_is_replaced_by_the_next_good_one() -> None:
    house = House()
    plex, book = await house.connector(), await shelved(house)
    plex.troubles.append(LASTING[0])
    for _ in range(2):
        await change(house, book)
        await house.refreshing.flush()
    (outcome,) = house.refreshing.outcomes.values()
    assert outcome.trouble is None


async def test_a_disabled_connector_is_not_told() -> None:
    house = House()
    plex, book = await house.connector(enabled=False), await shelved(house)
    await change(house, book)
    await house.refreshing.flush()
    assert (plex.refreshed, house.refreshing.waiting) == ([], 0)


@pytest.mark.parametrize("removed", [True, False], ids=["removed", "disabled"])
async def test_a_connector_that_was_removed_or_disabled_meanwhile_is_not_told(removed: bool) -> None:
    house = House()
    plex, book = await house.connector(), await shelved(house)
    await change(house, book)
    (key,) = house.neighbours.connectors
    async with house.storage.unit() as unit:
        if removed:
            await unit.integrations.remove(key, IntegrationRole.CONNECTOR)
        else:
            row = await unit.integrations.get(key, IntegrationRole.CONNECTOR)
            row.enabled = False
            await unit.integrations.save(row)
        await unit.commit(house.clock.now())
    await house.refreshing.flush()
    assert (plex.refreshed, house.refreshing.outcomes) == ([], {})


@pytest.mark.parametrize("book_id", [None, BookId("bk_gone")])
async def test_a_book_that_is_gone_meanwhile_is_no_news(book_id: BookId | None) -> None:
    house = House()
    await house.connector()
    await house.refreshing.note(BookFilesChanged(book_id, ChangeReason.IMPORT))
    assert house.refreshing.waiting == 0


async def test_being_told_twice_of_the_same_change_is_one_change() -> None:
    house = House()
    await house.connector()
    book = await shelved(house)
    for _ in range(2):
        await change(house, book)
    assert house.refreshing.waiting == 1


async def test_what_is_dropped_is_never_sent() -> None:
    house = House()
    plex, book = await house.connector(), await shelved(house)
    async with running(house):
        await change(house, book)
        house.refreshing.drop()
        await advance(house, 60)
    assert (plex.refreshed, house.refreshing.waiting) == ([], 0)


async def test_flushing_sends_each_change_once_even_while_the_loop_runs() -> None:
    house = House()
    plex, book = await house.connector(), await shelved(house)
    async with running(house):
        await change(house, book)
        await house.refreshing.flush()
        await advance(house, 60)
    assert len(plex.refreshed) == 1


async def test_flushing_nothing_ends_at_once() -> None:
    house = House()
    await house.connector()
    await house.refreshing.flush()
    assert house.refreshing.outcomes == {}
