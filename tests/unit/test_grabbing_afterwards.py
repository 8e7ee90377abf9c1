"""What becomes of a grab: after a kill, by a retry, a cancel, or when its row is forgotten."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from earshelf.domain.books import Book, BookStatus
from earshelf.domain.downloads import ClientStatus, Download, DownloadStatus, PipelineStage
from earshelf.domain.errors import (
    EarshelfError,
    IntegrationKind,
    InvalidTransition,
    MissingExtra,
    NotFound,
    Unreachable,
)
from earshelf.domain.ids import DownloadId, ImportId
from earshelf.domain.integrations import IntegrationRole
from earshelf.domain.releases import Release
from earshelf.domain.usecases.grabbing import Grab
from tests.contract.suites.makers import a_download, a_release
from tests.unit.fuses import Fuse, Fused, FusedNeighbours, FusedStorage, Killed
from tests.unit.house import House

AWAY = Unreachable(IntegrationKind.DOWNLOAD_CLIENT, "seedbox", "connection refused")
HASH = "a" * 40
RELEASE = a_release("A Book [m4b]", info_hash=HASH)


async def grab(house: House, book: Book, release: Release = RELEASE) -> Grab:
    return await house.grabbing.grab(house.signer.sign(release), book_id=book.id)


async def grab_until(step: int, house: House, book: Book) -> bool:
    """Grabs in a process that is killed at that step; whether it got there."""
    fuse = Fuse(step)
    dying = House(
        before=house,
        storage=FusedStorage(house.database.storage, fuse),
        neighbours=FusedNeighbours(house.neighbours, fuse),
        fetcher=Fused.around(house.fetcher, fuse),
    )
    try:
        await grab(dying, book)
    except Killed:
        return True
    return False


async def test_a_grab_that_is_killed_at_any_step_is_one_grab_after_the_restart() -> None:
    for step in range(1, 100):
        house = House()
        client, book = await house.client(), await house.shelve()
        if not await grab_until(step, house, book):
            break
        after = House(before=house)
        await after.grabbing.recover()
        assert all(download.reference for download in await house.downloads(book))
        await grab(after, book)
        assert [download.reference for download in await house.downloads(book)] == [HASH]
        assert list(client.jobs) == [HASH]
        assert (await house.book(book.id)).status is BookStatus.DOWNLOADING
    assert step > 10


async def reserved(house: House, *, info_hash: str | None = HASH) -> Download:
    """A grab that was cut short after the client was chosen."""
    book = await house.shelve()
    client_id = next(iter(house.neighbours.clients), None)
    download = a_download(book, release=RELEASE, client_id=client_id, info_hash=info_hash)
    await house.put(download)
    return download


async def test_a_reservation_that_the_client_has_becomes_a_download() -> None:
    house = House()
    client = await house.client()
    download = await reserved(house)
    await client.add(await house.fetcher.fetch(RELEASE, trusted_hosts=()))
    await house.grabbing.recover()
    assert (await house.download(download.id)).reference == HASH
    assert (await house.book(download.book_id)).status is BookStatus.DOWNLOADING


@pytest.mark.parametrize("info_hash", [HASH, None])
async def test_a_reservation_that_no_client_has_is_dropped(info_hash: str | None) -> None:
    house = House()
    await house.client()
    download = await reserved(house, info_hash=info_hash)
    await house.grabbing.recover()
    with pytest.raises(NotFound):
        await house.download(download.id)
    assert (await house.book(download.book_id)).status is BookStatus.WANTED


async def test_a_reservation_without_a_chosen_client_is_dropped() -> None:
    house = House()
    download = await reserved(house)
    await house.grabbing.recover()
    with pytest.raises(NotFound):
        await house.download(download.id)


async def test_a_young_reservation_is_left_to_whoever_may_be_at_work_on_it() -> None:
    house = House()
    download = a_download(await house.shelve(), added_at=house.clock.now())
    await house.put(download)
    house.clock.advance(119)
    await house.grabbing.recover(timedelta(minutes=2))
    assert (await house.download(download.id)).reference is None
    house.clock.advance(1)
    await house.grabbing.recover(timedelta(minutes=2))
    with pytest.raises(NotFound):
        await house.download(download.id)


@pytest.mark.parametrize("trouble", [AWAY, MissingExtra("x", "This client")])
async def test_a_reservation_stays_open_while_its_client_does_not_answer(trouble: EarshelfError) -> None:
    house = House()
    client = await house.client()
    download = await reserved(house)
    client.trouble = trouble
    await house.grabbing.recover()
    assert (await house.download(download.id)).reference is None
    client.trouble = None
    await house.grabbing.recover()
    with pytest.raises(NotFound):
        await house.download(download.id)


async def test_one_unreachable_client_does_not_keep_other_reservations_from_being_settled() -> None:
    house = House()
    (await house.client()).trouble = AWAY
    stuck = await reserved(house)
    other = a_download(await house.shelve())
    await house.put(other)
    await house.grabbing.recover()
    assert (await house.download(stuck.id)).reference is None
    with pytest.raises(NotFound):
        await house.download(other.id)


async def failed_download(house: House, **values: Any) -> Download:
    book = await house.shelve()
    download = a_download(book, release=RELEASE, client_status=ClientStatus.FAILED, **values)
    await house.put(download)
    return download


async def test_a_retry_grabs_the_release_anew_and_forgets_the_failed_row() -> None:
    house = House()
    client = await house.client()
    failed = await failed_download(house)
    again = await house.grabbing.retry(failed.id)
    assert (again.id == failed.id, again.release) == (False, failed.release)
    assert len(client.added) == 1
    with pytest.raises(NotFound):
        await house.download(failed.id)


async def test_a_retry_that_fails_keeps_the_failed_row() -> None:
    house = House()
    (await house.client()).trouble = AWAY
    failed = await failed_download(house)
    with pytest.raises(Unreachable):
        await house.grabbing.retry(failed.id)
    assert (await house.download(failed.id)).status is DownloadStatus.FAILED


@pytest.mark.parametrize("status", [one for one in ClientStatus if one is not ClientStatus.FAILED])
async def test_only_a_failed_download_is_retried(status: ClientStatus) -> None:
    house = House()
    download = a_download(await house.shelve(), reference="r", client_status=status)
    await house.put(download)
    with pytest.raises(InvalidTransition):
        await house.grabbing.retry(download.id)


async def test_a_download_whose_book_is_gone_is_not_retried() -> None:
    house = House()
    download = a_download(None, client_status=ClientStatus.FAILED)
    await house.put(download)
    with pytest.raises(InvalidTransition):
        await house.grabbing.retry(download.id)


async def test_a_cancelled_download_leaves_the_client_with_its_data_and_the_book_is_wanted_again() -> None:
    house = House()
    client, book = await house.client(), await house.shelve()
    grabbed = await grab(house, book)
    cancelled = await house.grabbing.cancel(grabbed.download.id)
    assert (cancelled.status, cancelled.error_message) == (DownloadStatus.FAILED, "Cancelled by user")
    assert client.removed == [(HASH, True)]
    assert (await house.book(book.id)).status is BookStatus.WANTED


async def test_nothing_changes_when_the_client_does_not_answer_a_cancel() -> None:
    house = House()
    client, book = await house.client(), await house.shelve()
    grabbed = await grab(house, book)
    client.trouble = AWAY
    with pytest.raises(Unreachable):
        await house.grabbing.cancel(grabbed.download.id)
    assert (await house.download(grabbed.download.id)).status is DownloadStatus.DOWNLOADING


async def test_a_download_of_a_removed_client_can_be_cancelled() -> None:
    house = House()
    book = await house.shelve()
    await house.client()
    grabbed = await grab(house, book)
    assert grabbed.download.client_id is not None
    await house.configuring.remove(grabbed.download.client_id, role=IntegrationRole.DOWNLOAD_CLIENT)
    assert (await house.grabbing.cancel(grabbed.download.id)).status is DownloadStatus.FAILED


@pytest.mark.parametrize(
    ("client", "stage"),
    [("failed", "idle"), ("completed", "imported"), ("completed", "importing")],
)
async def test_what_is_over_or_being_imported_cannot_be_cancelled(client: str, stage: str) -> None:
    house = House()
    values = {"client_status": ClientStatus(client), "stage": PipelineStage(stage)}
    download = a_download(await house.shelve(), reference="r", **values)
    await house.put(download)
    with pytest.raises(InvalidTransition):
        await house.grabbing.cancel(download.id)


@pytest.mark.parametrize("stage", ["idle", "checking", "pending_review"])
async def test_a_finished_download_can_be_cancelled_until_it_is_imported(stage: str) -> None:
    house = House()
    book = await house.shelve(status=BookStatus.DOWNLOADING)
    download = a_download(book, reference="r", client_status=ClientStatus.COMPLETED, stage=PipelineStage(stage))
    await house.put(download)
    await house.grabbing.cancel(download.id)
    assert (await house.book(book.id)).status is BookStatus.WANTED


async def test_a_cancelled_replacement_leaves_the_book_on_the_shelf() -> None:
    house = House()
    await house.client()
    book = await house.shelve(status=BookStatus.IMPORTED)
    grabbed = await grab(house, book)
    await house.grabbing.cancel(grabbed.download.id)
    assert (await house.book(book.id)).status is BookStatus.IMPORTED


async def test_a_book_with_another_living_download_goes_on_downloading_when_one_is_cancelled() -> None:
    house = House()
    book = await house.shelve(status=BookStatus.DOWNLOADING)
    one, other = a_download(book, reference="r1"), a_download(book, reference="r2")
    await house.put(one, other)
    await house.grabbing.cancel(one.id)
    assert (await house.book(book.id)).status is BookStatus.DOWNLOADING
    await house.grabbing.cancel(other.id)
    assert (await house.book(book.id)).status is BookStatus.WANTED


async def test_a_book_that_was_adopted_meanwhile_stays_on_the_shelf_when_its_download_is_cancelled() -> None:
    house = House()
    await house.client()
    book = await house.shelve()
    grabbed = await grab(house, book)
    async with house.storage.unit() as unit:
        adopted = await unit.books.get(book.id)
        adopted.mark_imported("/library/a", [], import_id=ImportId("im_1"), now=house.clock.now())
        await unit.books.save(adopted)
        await unit.commit(house.clock.now())
    await house.grabbing.cancel(grabbed.download.id)
    assert (await house.book(book.id)).status is BookStatus.IMPORTED


async def test_a_grab_that_is_cancelled_while_the_client_is_asked_does_not_stay_at_the_client() -> None:
    house = House()
    client, book = await house.client(), await house.shelve()
    client.gate.clear()
    task = asyncio.create_task(grab(house, book))
    await client.until_asked()
    (reservation,) = await house.downloads(book)
    await house.grabbing.cancel(reservation.id)
    client.gate.set()
    with pytest.raises(InvalidTransition):
        await task
    assert (client.jobs, client.removed) == ({}, [(HASH, True)])
    assert (await house.download(reservation.id)).status is DownloadStatus.FAILED
    assert (await house.book(book.id)).status is BookStatus.WANTED


@pytest.mark.parametrize(("client", "stage"), [("failed", "idle"), ("completed", "imported")])
async def test_a_download_that_is_over_can_be_forgotten(client: str, stage: str) -> None:
    house = House()
    values = {"client_status": ClientStatus(client), "stage": PipelineStage(stage)}
    download = a_download(await house.shelve(), reference="r", **values)
    await house.put(download)
    await house.grabbing.forget(download.id)
    assert house.database.tables.committed.downloads == {}


@pytest.mark.parametrize(("client", "stage"), [("downloading", "idle"), ("completed", "pending_review")])
async def test_a_living_download_is_not_forgotten(client: str, stage: str) -> None:
    house = House()
    values = {"client_status": ClientStatus(client), "stage": PipelineStage(stage)}
    download = a_download(await house.shelve(), reference="r", **values)
    await house.put(download)
    with pytest.raises(InvalidTransition):
        await house.grabbing.forget(download.id)
    assert list(house.database.tables.committed.downloads) == [download.id]


@pytest.mark.parametrize("verb", ["retry", "cancel", "forget"])
async def test_an_unknown_download_is_told_as_such(verb: str) -> None:
    house = House()
    with pytest.raises(NotFound):
        await getattr(house.grabbing, verb)(DownloadId("dl_nobody"))
