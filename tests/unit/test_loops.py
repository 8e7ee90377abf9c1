"""Who turns the loops, and what happens before they turn."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from earshelf.adapters.memory.services import MemoryNeighbours
from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.books import BookStatus
from earshelf.domain.downloads import Download
from earshelf.domain.errors import NotFound
from earshelf.entrypoints.loops import Charge
from tests.contract.suites.makers import NOON, a_book, a_download, shelve


class SharedLeadership:
    """Leads when it is told to."""

    is_shared = True

    def __init__(self) -> None:
        self.elected = asyncio.Event()
        self.trouble: Exception | None = None
        self.terms = 0
        self._news = asyncio.Event()

    async def lead(self, term: Callable[[], Awaitable[None]]) -> None:
        await self.elected.wait()
        self.terms += 1
        self._news.set()
        if self.trouble:
            raise self.trouble
        await term()

    async def until_led(self, terms: int) -> None:
        """Waits until so many terms have begun."""
        while self.terms < terms:
            self._news.clear()
            await self._news.wait()


def house() -> Container:
    container = Container(settings=ProcessSettings(database_url="memory://"))
    container.neighbours.override(MemoryNeighbours())
    return container


async def reserved(container: Container, **values: object) -> Download:
    """A grab that no client has confirmed."""
    book = a_book()
    await shelve(container.storage(), book)
    download = a_download(book, **values)
    async with container.storage().unit() as unit:
        await unit.downloads.add(download)
        await unit.commit(NOON)
    return download


async def is_there(container: Container, download: Download) -> bool:
    async with container.storage().unit() as unit:
        try:
            await unit.downloads.get(download.id)
        except NotFound:
            return False
    return True


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until_gone(container: Container, download: Download) -> None:
    """Waits until a reservation was settled."""
    for _ in range(500):
        if not await is_there(container, download):
            return
        await asyncio.sleep(0.01)
    pytest.fail("The reservation is still there")


async def test_where_nobody_else_is_about_requests_wait_for_the_recovery() -> None:
    container = house()
    async with container.opened(), asyncio.timeout(10):
        book = a_book(status=BookStatus.SEARCHING)
        await shelve(container.storage(), book)
        charge = Charge(container)
        turning = asyncio.create_task(charge.take())
        await charge.until_safe()
        assert (await container.queries().book(book.id)).status is BookStatus.WANTED
        await ended(turning)


async def test_where_nobody_else_is_about_a_reservation_of_the_last_run_is_settled_at_once() -> None:
    container = house()
    async with container.opened(), asyncio.timeout(10):
        download = await reserved(container, added_at=container.clock().now())
        turning = asyncio.create_task(Charge(container).take())
        await until_gone(container, download)
        await ended(turning)


async def test_a_process_that_does_not_lead_answers_requests_and_turns_no_loop() -> None:
    container, leadership = house(), SharedLeadership()
    container.leadership.override(leadership)
    async with container.opened(), asyncio.timeout(10):
        download = await reserved(container)
        charge = Charge(container)
        turning = asyncio.create_task(charge.take())
        await charge.until_safe()
        assert leadership.terms == 0
        assert await is_there(container, download)
        await ended(turning)


async def test_a_new_leader_settles_old_reservations_and_leaves_the_fresh_ones_of_others_alone() -> None:
    container, leadership = house(), SharedLeadership()
    container.leadership.override(leadership)
    async with container.opened(), asyncio.timeout(10):
        fresh, old = await reserved(container, added_at=container.clock().now()), await reserved(container)
        leadership.elected.set()
        turning = asyncio.create_task(Charge(container).take())
        await until_gone(container, old)
        assert await is_there(container, fresh)
        await ended(turning)


async def test_loops_that_broke_begin_a_new_term() -> None:
    container, leadership = house(), SharedLeadership()
    container.leadership.override(leadership)
    leadership.trouble = RuntimeError("a broken loop")
    leadership.elected.set()
    async with container.opened(), asyncio.timeout(10):
        turning = asyncio.create_task(Charge(container, pause=0.01).take())
        await leadership.until_led(2)
        await ended(turning)
