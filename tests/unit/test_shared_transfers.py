"""Books that came by one transfer: what is taken out for one of them is not taken from the others."""

import asyncio
from typing import Any

import pytest

from earshelf.adapters.memory.services import MemoryDownloadClient
from earshelf.domain.books import Book, BookStatus
from earshelf.domain.downloads import ClientStatus, Download, DownloadStatus, PipelineStage
from earshelf.domain.errors import InvalidTransition
from earshelf.domain.ids import IntegrationId
from tests.contract.suites.makers import a_download, a_release
from tests.unit.house import House

HASH = "a" * 40
OMNIBUS = a_release("All the Books [m4b]", info_hash=HASH)


async def grab(house: House, book: Book) -> Download:
    return (await house.grabbing.grab(house.signer.sign(OMNIBUS), book_id=book.id)).download


async def shared(house: House) -> tuple[MemoryDownloadClient, list[Download]]:
    """Two books that grabbed the same torrent."""
    client = await house.client()
    return client, [await grab(house, await house.shelve(title)) for title in ("One", "Two")]


async def of_another_book(house: House, **values: Any) -> Download:
    """A second book's download at the first client there is."""
    client_id = next(iter(house.neighbours.clients))
    download = a_download(await house.shelve("Two"), release=OMNIBUS, **{"client_id": client_id, **values})
    await house.put(download)
    return download


async def test_cancelling_one_of_two_downloads_leaves_their_transfer_to_the_other() -> None:
    house = House()
    client, (one, other) = await shared(house)
    assert (await house.grabbing.cancel(one.id)).status is DownloadStatus.FAILED
    assert (await house.book(one.book_id)).status is BookStatus.WANTED
    assert (list(client.jobs), client.removed) == ([HASH], [])
    assert (await house.download(other.id)).status is DownloadStatus.DOWNLOADING


async def test_the_last_of_them_takes_the_transfer_along_when_it_is_cancelled() -> None:
    house = House()
    client, (one, other) = await shared(house)
    await house.grabbing.cancel(one.id)
    await house.grabbing.cancel(other.id)
    assert (client.jobs, client.removed) == ({}, [(HASH, True)])


@pytest.mark.parametrize("stage", ["idle", "checking", "pending_review", "importing"])
async def test_finished_files_stay_for_a_book_that_has_not_imported_them_yet(stage: str) -> None:
    house = House()
    client = await house.client()
    grabbed = await grab(house, await house.shelve())
    values = {"client_status": ClientStatus.COMPLETED, "stage": PipelineStage(stage)}
    await of_another_book(house, reference=HASH, **values)
    await house.grabbing.cancel(grabbed.id)
    assert client.removed == []


@pytest.mark.parametrize(("status", "stage"), [("failed", "idle"), ("completed", "imported")])
async def test_a_download_that_is_over_keeps_nothing_at_the_client(status: str, stage: str) -> None:
    house = House()
    client = await house.client()
    grabbed = await grab(house, await house.shelve())
    values = {"client_status": ClientStatus(status), "stage": PipelineStage(stage)}
    await of_another_book(house, reference=HASH, **values)
    await house.grabbing.cancel(grabbed.id)
    assert client.removed == [(HASH, True)]


async def test_a_torrent_is_shared_however_its_hash_is_spelled() -> None:
    house = House()
    client = await house.client()
    grabbed = await grab(house, await house.shelve())
    await of_another_book(house, reference=HASH.upper())
    await house.grabbing.cancel(grabbed.id)
    assert client.removed == []


async def test_a_torrent_that_another_grab_is_handing_over_stays() -> None:
    house = House()
    client = await house.client()
    grabbed = await grab(house, await house.shelve())
    await of_another_book(house, info_hash=HASH)
    await house.grabbing.cancel(grabbed.id)
    assert client.removed == []


async def test_the_same_torrent_in_another_client_is_another_transfer() -> None:
    house = House()
    client = await house.client()
    grabbed = await grab(house, await house.shelve())
    await of_another_book(house, reference=HASH, client_id=IntegrationId("dc_elsewhere"))
    await house.grabbing.cancel(grabbed.id)
    assert client.removed == [(HASH, True)]


async def test_a_grab_that_is_cancelled_while_the_client_is_asked_takes_nothing_from_another_book() -> None:
    house = House()
    client = await house.client()
    other = await grab(house, await house.shelve("Two"))
    book = await house.shelve("One")
    client.gate.clear()
    task = asyncio.create_task(grab(house, book))
    await client.until_asked(2)
    (reservation,) = await house.downloads(book)
    await house.grabbing.cancel(reservation.id)
    client.gate.set()
    with pytest.raises(InvalidTransition):
        await task
    assert (list(client.jobs), client.removed) == ([HASH], [])
    assert (await house.download(other.id)).status is DownloadStatus.DOWNLOADING
