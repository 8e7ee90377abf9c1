"""Following downloads: only the client's word counts, and one client's trouble is its own."""

import asyncio
from typing import Any

import pytest

from earshelf.adapters.memory.services import MemoryDownloadClient
from earshelf.domain.books import BookStatus
from earshelf.domain.downloads import ClientStatus, Download, DownloadStatus
from earshelf.domain.errors import EarshelfError, IntegrationKind, MissingExtra, Unreachable
from earshelf.domain.events import DownloadCompleted, DownloadFailed
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import IntegrationRole
from tests.contract.suites.makers import a_download, a_release
from tests.unit.house import GRACE_SECONDS, House, finish

AWAY = Unreachable(IntegrationKind.DOWNLOAD_CLIENT, "seedbox", "connection refused")


async def grabbed(house: House, **values: Any) -> Download:
    """A download that the client works on."""
    book = await house.shelve(**values)
    return (await house.grabbing.grab_release(a_release(), book_id=book.id)).download


async def status(house: House, download: Download) -> tuple[DownloadStatus, BookStatus]:
    read = await house.download(download.id)
    return read.status, (await house.book(read.book_id)).status


def only_client(house: House) -> tuple[IntegrationId, MemoryDownloadClient]:
    ((key, client),) = house.neighbours.clients.items()
    return key, client


def reference(download: Download) -> str:
    assert download.reference is not None
    return download.reference


async def test_progress_is_written_down_with_its_time() -> None:
    house = House()
    client = await house.client()
    download = await grabbed(house)
    client.report(reference(download), ClientStatus.DOWNLOADING, progress=0.5)
    house.clock.advance(10)
    await house.monitoring.look()
    read = await house.download(download.id)
    assert (read.progress, read.progressed_at) == (0.5, house.clock.now())


async def test_nothing_is_written_when_nothing_is_new() -> None:
    house = House()
    client = await house.client()
    download = await grabbed(house)
    client.report(reference(download), ClientStatus.DOWNLOADING, progress=0.5, path="/d/book")
    await house.monitoring.look()
    version = (await house.download(download.id)).version
    await house.monitoring.look()
    assert (await house.download(download.id)).version == version


@pytest.mark.parametrize("said", [ClientStatus.QUEUED, ClientStatus.PAUSED, ClientStatus.DOWNLOADING])
async def test_a_full_progress_bar_is_not_completion(said: ClientStatus) -> None:
    house = House()
    client = await house.client()
    download = await grabbed(house)
    client.report(reference(download), said, progress=1.0, path="/d/book")
    await house.monitoring.look()
    assert (await house.download(download.id)).status == said.value


async def test_completion_is_the_clients_word() -> None:
    house = House()
    client = await house.client()
    download = await grabbed(house)
    finish(client, download.reference, "/d/book")
    await house.monitoring.look()
    read = await house.download(download.id)
    assert (read.status, read.output_path, read.completed_at) == (
        DownloadStatus.COMPLETED,
        "/d/book",
        house.clock.now(),
    )
    events = [one.event for one in house.database.tables.committed.log]
    assert events.count(DownloadCompleted(read.book_id, read.id)) == 1


async def test_a_completed_download_is_asked_for_no_more() -> None:
    house = House()
    client = await house.client()
    download = await grabbed(house)
    finish(client, download.reference, "/d/book")
    await house.monitoring.look()
    asked = client.callers
    await house.monitoring.look()
    assert client.callers == asked


async def test_without_downloads_nobody_is_asked() -> None:
    house = House()
    client = await house.client()
    await house.monitoring.look()
    assert client.callers == 0


@pytest.mark.parametrize(("said", "told"), [("No space", "No space"), (None, "Failed at the client")])
async def test_a_failure_at_the_client_is_told_and_the_book_is_wanted_again(said: str | None, told: str) -> None:
    house = House()
    client = await house.client()
    download = await grabbed(house)
    client.report(reference(download), ClientStatus.FAILED, error=said)
    await house.monitoring.look()
    assert await status(house, download) == (DownloadStatus.FAILED, BookStatus.WANTED)
    assert (await house.download(download.id)).error_message == told
    events = [one.event for one in house.database.tables.committed.log]
    assert DownloadFailed(download.book_id, download.id, told) in events


@pytest.mark.parametrize("before", [BookStatus.FAILED, BookStatus.MISSING, BookStatus.IMPORTED])
async def test_a_failed_download_leads_the_book_back_to_where_it_was(before: BookStatus) -> None:
    house = House()
    client = await house.client()
    download = await grabbed(house, status=before)
    client.report(reference(download), ClientStatus.FAILED)
    await house.monitoring.look()
    assert await status(house, download) == (DownloadStatus.FAILED, before)


async def test_a_download_that_the_client_does_not_show_yet_is_given_time() -> None:
    house = House()
    client = await house.client()
    download = await grabbed(house)
    client.jobs.clear()
    house.clock.advance(GRACE_SECONDS)
    await house.monitoring.look()
    assert await status(house, download) == (DownloadStatus.DOWNLOADING, BookStatus.DOWNLOADING)


async def test_a_download_that_the_client_does_not_show_after_that_has_failed() -> None:
    house = House()
    client = await house.client()
    download = await grabbed(house)
    client.jobs.clear()
    house.clock.advance(GRACE_SECONDS + 1)
    await house.monitoring.look()
    assert await status(house, download) == (DownloadStatus.FAILED, BookStatus.WANTED)
    assert (await house.download(download.id)).error_message == "Download not found in download client"


@pytest.mark.parametrize("trouble", [AWAY, MissingExtra("x", "This client")])
async def test_a_client_in_trouble_fails_no_download_and_is_told_of(trouble: EarshelfError) -> None:
    house = House()
    client = await house.client()
    download = await grabbed(house)
    house.clock.advance(GRACE_SECONDS + 1)
    client.trouble = trouble
    await house.monitoring.look()
    assert await status(house, download) == (DownloadStatus.DOWNLOADING, BookStatus.DOWNLOADING)
    assert house.monitoring.troubles == {only_client(house)[0]: trouble.message}


async def test_a_client_that_cannot_be_built_is_told_of() -> None:
    house = House()
    await house.client()
    await grabbed(house)
    key, _ = only_client(house)
    house.neighbours.missing[key] = MissingExtra("x", "This client")
    await house.monitoring.look()
    assert list(house.monitoring.troubles) == [key]


async def test_trouble_is_forgotten_once_the_client_answers() -> None:
    house = House()
    client = await house.client()
    await grabbed(house)
    client.trouble = AWAY
    await house.monitoring.look()
    client.trouble = None
    await house.monitoring.look()
    assert house.monitoring.troubles == {}


async def test_one_client_in_trouble_does_not_stop_the_others() -> None:
    house = House()
    bad = await house.client("bad", priority=1)
    stuck = await grabbed(house)
    good = await house.client("good", priority=0)
    download = await grabbed(house)
    bad.trouble = AWAY
    finish(good, download.reference, "/d/book")
    await house.monitoring.look()
    assert (await house.download(stuck.id)).status is DownloadStatus.DOWNLOADING
    assert (await house.download(download.id)).status is DownloadStatus.COMPLETED


async def test_a_disabled_client_is_still_asked_about_what_it_has() -> None:
    house = House()
    client = await house.client()
    download = await grabbed(house)
    key, _ = only_client(house)
    async with house.storage.unit() as unit:
        row = await unit.integrations.get(key, IntegrationRole.DOWNLOAD_CLIENT)
        row.enabled = False
        await unit.integrations.save(row)
        await unit.commit(house.clock.now())
    finish(client, download.reference, "/d/book")
    await house.monitoring.look()
    assert (await house.download(download.id)).status is DownloadStatus.COMPLETED


@pytest.mark.parametrize("others", [0, 1])
async def test_a_download_whose_client_was_removed_has_failed_and_its_book_is_wanted_again(others: int) -> None:
    house = House()
    client = await house.client()
    download = await grabbed(house)
    asked = client.callers
    await house.configuring.remove(only_client(house)[0], role=IntegrationRole.DOWNLOAD_CLIENT)
    for _ in range(others):
        await house.client("another")
    house.clock.advance(GRACE_SECONDS + 1)
    await house.monitoring.look()
    assert await status(house, download) == (DownloadStatus.FAILED, BookStatus.WANTED)
    assert "client was removed" in ((await house.download(download.id)).error_message or "")
    assert client.callers == asked


async def test_a_download_whose_client_was_removed_just_now_is_given_the_same_time_as_any_other() -> None:
    house = House()
    await house.client()
    download = await grabbed(house)
    await house.configuring.remove(only_client(house)[0], role=IntegrationRole.DOWNLOAD_CLIENT)
    house.clock.advance(GRACE_SECONDS)
    await house.monitoring.look()
    assert await status(house, download) == (DownloadStatus.DOWNLOADING, BookStatus.DOWNLOADING)


async def test_a_download_that_names_no_client_fails_likewise() -> None:
    house = House()
    book = await house.shelve(status=BookStatus.DOWNLOADING)
    download = a_download(book, reference="r", client_status=ClientStatus.DOWNLOADING, added_at=house.clock.now())
    await house.put(download)
    house.clock.advance(GRACE_SECONDS + 1)
    await house.monitoring.look()
    assert await status(house, download) == (DownloadStatus.FAILED, BookStatus.WANTED)


async def test_a_download_that_ended_while_the_client_thought_about_it_stays_as_it_ended() -> None:
    house = House()
    client = await house.client()
    download = await grabbed(house)
    client.report(reference(download), ClientStatus.FAILED, error="Removed")
    client.gate.clear()
    look = asyncio.create_task(house.monitoring.look())
    await client.until_asked(client.callers + 1)
    async with house.storage.unit() as unit:
        ended = await unit.downloads.get(download.id)
        ended.fail("Cancelled by user")
        await unit.downloads.save(ended)
        await unit.commit(house.clock.now())
    client.gate.set()
    await look
    assert (await house.download(download.id)).error_message == "Cancelled by user"
