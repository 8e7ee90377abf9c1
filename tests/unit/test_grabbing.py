"""One release of one book is handed to a client once, whatever happens in between."""

import asyncio
from collections.abc import Collection
from typing import Any

import pytest

from earshelf.adapters.memory.services import MemoryFetcher
from earshelf.adapters.memory.system import SettableClock
from earshelf.domain.books import Book, BookStatus
from earshelf.domain.downloads import ClientStatus, DownloadStatus, PipelineStage
from earshelf.domain.errors import (
    ActiveDownloadExists,
    CredentialsRejected,
    EarshelfError,
    IntegrationKind,
    NoDownloadClient,
    NotFound,
    PipelineActive,
    ReleaseUnavailable,
    StaleWrite,
    TimedOut,
    TokenInvalid,
    Unreachable,
)
from earshelf.domain.ids import BookId
from earshelf.domain.integrations import IntegrationRole
from earshelf.domain.releases import Protocol, Release
from earshelf.domain.usecases.grabbing import Grab
from earshelf.ports.indexers import Artifact
from tests.contract.suites.makers import a_download, a_release
from tests.unit.house import House

AWAY = Unreachable(IntegrationKind.DOWNLOAD_CLIENT, "seedbox", "connection refused")
HASH = "a" * 40
RELEASE = a_release("A Book [m4b]", info_hash=HASH)


async def grab(house: House, book: Book, release: Release = RELEASE) -> Grab:
    return await house.grabbing.grab(house.signer.sign(release), book_id=book.id)


async def settled(tasks: list[asyncio.Task[Any]], house: House) -> list[Any]:
    """Lets the clock run until all tasks are done."""
    async with asyncio.timeout(10):
        while not all(task.done() for task in tasks):
            await asyncio.sleep(0)
            house.clock.advance(0.1)
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_grab_reaches_the_client_and_the_book_is_downloading() -> None:
    house = House()
    client, book = await house.client(), await house.shelve()
    grabbed = await grab(house, book)
    assert grabbed.created
    download = await house.download(grabbed.download.id)
    assert (download.reference, download.info_hash, download.status) == (HASH, HASH, DownloadStatus.DOWNLOADING)
    assert download.client_id in house.neighbours.clients
    assert len(client.added) == 1
    assert (await house.book(book.id)).status is BookStatus.DOWNLOADING


async def test_the_same_release_of_the_same_book_is_grabbed_once() -> None:
    house = House()
    client, book = await house.client(), await house.shelve()
    first, second = await grab(house, book), await grab(house, book)
    assert (first.created, second.created) == (True, False)
    assert first.download.id == second.download.id
    assert len(client.added) == 1


async def test_the_same_release_may_be_grabbed_for_another_book() -> None:
    house = House()
    await house.client()
    first = await grab(house, await house.shelve("One"))
    second = await grab(house, await house.shelve("Two"))
    assert (second.created, second.download.id == first.download.id) == (True, False)


async def test_an_imported_release_is_not_grabbed_again() -> None:
    house = House()
    client, book = await house.client(), await house.shelve(status=BookStatus.IMPORTED)
    done = a_download(book, release=RELEASE, reference=HASH, stage=PipelineStage.IMPORTED)
    await house.put(done)
    assert (await grab(house, book)).download.id == done.id
    assert client.added == []


async def test_of_twenty_who_want_the_same_release_at_once_one_asks_the_client_and_all_get_its_download() -> None:
    house = House()
    client, book = await house.client(), await house.shelve()
    client.gate.clear()
    tasks = [asyncio.create_task(grab(house, book)) for _ in range(20)]
    await house.clock.until_sleeping(19)
    client.gate.set()
    grabs = await settled(tasks, house)
    assert sorted(one.created for one in grabs) == [False] * 19 + [True]
    assert len({one.download.id for one in grabs}) == 1
    assert {one.download.reference for one in grabs} == {HASH}
    assert len(client.added) == 1
    assert len(await house.downloads(book)) == 1


async def test_of_two_who_want_different_releases_at_once_one_is_refused() -> None:
    house = House()
    client, book = await house.client(), await house.shelve()
    wishes = [RELEASE, a_release("Another")]
    tasks = [asyncio.create_task(grab(house, book, release)) for release in wishes]
    results = await settled(tasks, house)
    assert sorted(type(one).__name__ for one in results) == ["ActiveDownloadExists", "Grab"]
    assert len(client.added) == 1


async def test_a_reservation_counts_as_a_change_of_the_book_so_that_other_processes_notice() -> None:
    house = House()
    client, book = await house.client(), await house.shelve()
    client.gate.clear()
    task = asyncio.create_task(grab(house, book))
    await client.until_asked()
    async with house.storage.unit() as unit:
        with pytest.raises(StaleWrite):
            await unit.books.save(book)
    client.gate.set()
    await task


async def test_who_waited_for_a_grab_that_failed_tries_it_themselves() -> None:
    house = House()
    client, book = await house.client(), await house.shelve()
    client.gate.clear()
    client.trouble = AWAY
    first = asyncio.create_task(grab(house, book))
    await client.until_asked()
    second = asyncio.create_task(grab(house, book))
    await house.clock.until_sleeping(1)
    client.gate.set()
    with pytest.raises(Unreachable):
        await first
    client.trouble = None
    house.clock.advance(0.1)
    assert (await second).created


class SlowTracker(MemoryFetcher):
    """A tracker that takes a moment to give nothing."""

    def __init__(self, clock: SettableClock) -> None:
        super().__init__()
        self._clock = clock

    async def fetch(self, release: Release, *, trusted_hosts: Collection[str]) -> Artifact:
        await self._clock.sleep(0.05)
        raise ReleaseUnavailable(IntegrationKind.INDEXER, "tracker", "gave nothing")


async def test_twenty_who_fail_one_after_the_other_are_all_told_why() -> None:
    furnished = House()
    await furnished.client()
    book = await furnished.shelve()
    house = House(before=furnished, fetcher=SlowTracker(furnished.clock))
    results = await settled([asyncio.create_task(grab(house, book)) for _ in range(20)], house)
    assert {type(one) for one in results} == {ReleaseUnavailable}
    assert await house.downloads(book) == []


async def test_who_waits_for_a_grab_without_end_gets_the_reservation_in_the_end() -> None:
    house = House()
    client, book = await house.client(), await house.shelve()
    client.gate.clear()
    first = asyncio.create_task(grab(house, book))
    await client.until_asked()
    (second,) = await settled([asyncio.create_task(grab(house, book))], house)
    assert (second.created, second.download.reference) == (False, None)
    client.gate.set()
    assert (await first).download.id == second.download.id


@pytest.mark.parametrize("status", [ClientStatus.QUEUED, ClientStatus.DOWNLOADING, ClientStatus.PAUSED])
async def test_another_release_is_refused_while_a_client_works_for_the_book(status: ClientStatus) -> None:
    house = House()
    client, book = await house.client(), await house.shelve()
    await house.put(a_download(book, reference="r", client_status=status))
    with pytest.raises(ActiveDownloadExists):
        await grab(house, book)
    assert client.added == []


@pytest.mark.parametrize(
    "stage", [PipelineStage.IDLE, PipelineStage.CHECKING, PipelineStage.PENDING_REVIEW, PipelineStage.IMPORTING]
)
async def test_another_release_is_refused_while_one_is_on_its_way_into_the_library(stage: PipelineStage) -> None:
    house = House()
    client, book = await house.client(), await house.shelve()
    await house.put(a_download(book, reference="r", client_status=ClientStatus.COMPLETED, stage=stage))
    with pytest.raises(PipelineActive):
        await grab(house, book)
    assert client.added == []


async def test_a_failed_download_does_not_block_its_own_release() -> None:
    house = House()
    book = await house.shelve()
    await house.client()
    failed = a_download(book, release=RELEASE, client_status=ClientStatus.FAILED)
    await house.put(failed)
    grabbed = await grab(house, book)
    assert grabbed.created
    assert grabbed.download.id != failed.id


@pytest.mark.parametrize(
    "trouble",
    [AWAY, TimedOut(AWAY.kind, "seedbox", "no answer"), CredentialsRejected(AWAY.kind, "seedbox", "wrong password")],
)
async def test_a_client_in_trouble_leaves_nothing_behind(trouble: EarshelfError) -> None:
    house = House()
    client, book = await house.client(), await house.shelve()
    client.trouble = trouble
    with pytest.raises(type(trouble)):
        await grab(house, book)
    assert await house.downloads(book) == []
    assert (await house.book(book.id)).status is BookStatus.WANTED


async def test_a_tracker_that_gives_nothing_leaves_nothing_behind_and_the_client_is_not_asked() -> None:
    house = House()
    client, book = await house.client(), await house.shelve()
    house.fetcher.trouble = ReleaseUnavailable(IntegrationKind.INDEXER, "tracker", "answered with a page")
    with pytest.raises(ReleaseUnavailable):
        await grab(house, book)
    assert (await house.downloads(book), client.added) == ([], [])


async def test_without_a_client_for_the_protocol_nothing_is_fetched() -> None:
    house = House()
    book = await house.shelve()
    await house.client(enabled=False)
    with pytest.raises(NoDownloadClient, match="usenet"):
        await grab(house, book, a_release(protocol=Protocol.USENET))
    with pytest.raises(NoDownloadClient, match="torrent"):
        await grab(house, book)
    assert (await house.downloads(book), house.fetcher.fetched) == ([], [])


async def test_the_client_with_the_lowest_priority_number_takes_the_release() -> None:
    house = House()
    last, first = await house.client("last", priority=60), await house.client("first", priority=10)
    await grab(house, await house.shelve())
    assert (len(first.added), len(last.added)) == (1, 0)


async def test_only_hosts_of_configured_indexers_are_trusted() -> None:
    house = House()
    await house.client()
    for url in ("http://prowlarr:9696/1/api", "https://indexer.example/api"):
        await house.hire(IntegrationRole.INDEXER, "torznab", url, settings={"url": url})
    await grab(house, await house.shelve())
    assert set(house.fetcher.trusted) == {"prowlarr:9696", "indexer.example:443"}


async def test_an_unknown_book_is_told_before_a_bad_token() -> None:
    house = House()
    with pytest.raises(NotFound):
        await house.grabbing.grab("rubbish", book_id=BookId("bk_nobody"))


async def test_a_bad_token_is_refused_before_any_client_is_asked() -> None:
    house = House()
    client, book = await house.client(), await house.shelve()
    with pytest.raises(TokenInvalid):
        await house.grabbing.grab(house.signer.sign(RELEASE) + "x", book_id=book.id)
    assert (client.added, house.fetcher.fetched) == ([], [])


async def test_a_replacement_leaves_the_book_on_the_shelf() -> None:
    house = House()
    await house.client()
    book = await house.shelve(status=BookStatus.IMPORTED)
    grabbed = await grab(house, book)
    assert (await house.book(book.id)).status is BookStatus.IMPORTED
    assert grabbed.download.book_status_at_grab is BookStatus.IMPORTED
