"""Which finished downloads go into the library by themselves, and what people decide about the others."""

import asyncio
from pathlib import Path

import pytest

from earshelf.domain.books import BookStatus
from earshelf.domain.downloads import ClientStatus, DownloadStatus, PipelineStage
from earshelf.domain.errors import Conflict, InvalidTransition, NotFound
from earshelf.domain.ids import DownloadId
from earshelf.domain.integrations import IntegrationRole
from earshelf.domain.paths import PathMapping
from tests.contract.suites.makers import a_download, a_file, a_release
from tests.unit.arrivals import TRACKS, Arrival
from tests.unit.house import House, contents, write


async def held(arrival: Arrival) -> str:
    """Why the download is held, after a round of the loop."""
    await arrival.work()
    download = await arrival.download()
    assert download.status is DownloadStatus.PENDING_REVIEW
    return download.error_message or ""


async def test_a_finished_download_is_sent_to_import_once(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    for _ in range(2):
        await arrival.house.reviewing.review()
    (job,) = await arrival.house.open_imports()
    assert (job.book_id, job.download_id, job.source) == (arrival.book.id, arrival.download_id, str(arrival.source))
    assert (await arrival.download()).status is DownloadStatus.IMPORTING
    assert (await arrival.stored_book()).status is BookStatus.IMPORTING


async def test_a_download_that_is_under_way_is_not_looked_at() -> None:
    house = House()
    await house.client()
    book = await house.shelve()
    await house.grabbing.grab_release(a_release(), book_id=book.id)
    await house.reviewing.review()
    assert (await house.book(book.id)).status is BookStatus.DOWNLOADING


async def test_without_a_library_the_download_waits_and_says_the_remedy(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    await arrival.house.change(library={"path": ""})
    for _ in range(2):
        await arrival.work()
    download = await arrival.download()
    assert (download.status, download.error_message) == (
        DownloadStatus.COMPLETED,
        "No library folder is set; set library.path in the settings",
    )
    assert arrival.house.imports == []
    await arrival.house.change(library={"path": str(arrival.library)})
    await arrival.work()
    download = await arrival.download()
    assert (download.status, download.error_message) == (DownloadStatus.IMPORTED, None)


async def test_files_that_are_not_there_are_held_and_the_remedy_is_a_mapping(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    arrival.source.rename(tmp_path / "elsewhere")
    remedy = f"'{arrival.source}' does not exist here; add a path mapping for client 'seedbox'"
    assert await held(arrival) == remedy
    assert (await arrival.stored_book()).status is BookStatus.DOWNLOADING


async def test_the_clients_paths_are_read_by_its_mappings(tmp_path: Path) -> None:
    house_path = tmp_path / "downloads"
    arrival = Arrival(tmp_path)
    await arrival.arrive()
    book = await arrival.house.shelve("Another", author="An Author")
    client = await arrival.house.client("far", priority=1, mappings=(PathMapping("/remote", str(house_path)),))
    arrival.client = client
    write(house_path / "far", "1.mp3")
    download_id = await arrival.finish(a_release(), book, "/remote/far")
    await arrival.work()
    assert (await arrival.house.download(download_id)).status is DownloadStatus.IMPORTED


async def test_a_download_without_audio_is_held(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive(tracks=("cover.jpg", "book.epub"))
    assert await held(arrival) == f"'{arrival.source}' holds no audio file"


async def test_a_client_that_does_not_say_where_its_files_are_is_named(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    book = await arrival.house.shelve("Another")
    arrival.download_id = await arrival.finish(a_release(), book, "")
    assert await held(arrival) == "'seedbox' does not say where it put the files"
    with pytest.raises(Conflict, match="does not say where"):
        await arrival.house.reviewing.approve(arrival.download_id)


async def test_a_download_that_leaves_its_folder_is_held(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive(tracks=())
    arrival.source.mkdir()
    write(tmp_path, "secret.mp3")
    (arrival.source / "01.mp3").symlink_to(tmp_path / "secret.mp3")
    assert await held(arrival)
    assert contents(arrival.library) == {}


async def test_a_download_inside_the_library_is_held(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    book = await arrival.house.shelve("Another")
    folder = write(arrival.library / "incoming", "1.mp3")
    arrival.download_id = await arrival.finish(a_release(), book, folder)
    assert await held(arrival)


async def test_a_book_on_the_shelf_is_not_replaced_before_a_person_agrees(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive(status=BookStatus.IMPORTED, files=(a_file(),), folder="/library/a")
    assert "approve to replace" in await held(arrival)
    assert (await arrival.stored_book()).status is BookStatus.IMPORTED


async def test_a_download_of_a_removed_client_is_looked_for_where_the_client_had_it(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    client_id = (await arrival.download()).client_id
    assert client_id is not None
    await arrival.house.configuring.remove(client_id, role=IntegrationRole.DOWNLOAD_CLIENT)
    await arrival.work()
    assert (await arrival.download()).status is DownloadStatus.IMPORTED


async def test_a_download_whose_book_was_deleted_is_held(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    async with arrival.house.storage.unit() as unit:
        await unit.books.remove(arrival.book.id)
        await unit.commit(arrival.house.clock.now())
    assert await held(arrival) == "The book was deleted"
    with pytest.raises(InvalidTransition):
        await arrival.house.reviewing.approve(arrival.download_id)


async def test_one_download_that_cannot_be_reviewed_does_not_stop_the_others(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    odd = await arrival.house.shelve("Odd", status=BookStatus.SEARCHING)
    first = a_download(odd, reference="r", client_status=ClientStatus.COMPLETED, output_path="/d")
    await arrival.house.put(first)
    await arrival.work()
    assert (await arrival.download()).status is DownloadStatus.IMPORTED
    assert (await arrival.house.download(first.id)).status is DownloadStatus.COMPLETED


async def test_an_approved_download_is_imported(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive(tracks=("cover.jpg",))
    await held(arrival)
    write(arrival.source, *TRACKS)
    approved = await arrival.house.reviewing.approve(arrival.download_id)
    assert approved.status is DownloadStatus.IMPORTING
    await arrival.work()
    assert (await arrival.download()).status is DownloadStatus.IMPORTED
    assert (await arrival.stored_book()).status is BookStatus.IMPORTED


async def test_approving_wakes_the_import_loop(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive(tracks=("cover.jpg",))
    await held(arrival)
    await arrival.house.reviewing.approve(arrival.download_id)
    async with asyncio.timeout(5):
        await arrival.house.importing.wait_for_news(3600)


async def test_an_approved_download_that_still_cannot_be_imported_is_held_again(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive(tracks=("cover.jpg",))
    await held(arrival)
    await arrival.house.reviewing.approve(arrival.download_id)
    assert await held(arrival) == f"'{arrival.source}' holds no audio file"
    assert (await arrival.stored_book()).status is BookStatus.DOWNLOADING


async def test_a_rejected_download_has_failed_and_its_book_is_wanted_again(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive(tracks=("cover.jpg",))
    await held(arrival)
    rejected = await arrival.house.reviewing.reject(arrival.download_id)
    assert (rejected.status, rejected.error_message) == (DownloadStatus.FAILED, "Rejected by user")
    assert (await arrival.stored_book()).status is BookStatus.WANTED
    assert (arrival.client.removed, list(contents(arrival.source))) == ([], ["cover.jpg"])


async def test_a_rejected_replacement_leaves_the_book_on_the_shelf(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive(status=BookStatus.IMPORTED, files=(a_file(),), folder="/library/a")
    await held(arrival)
    await arrival.house.reviewing.reject(arrival.download_id)
    assert (await arrival.stored_book()).status is BookStatus.IMPORTED


@pytest.mark.parametrize("verb", ["approve", "reject"])
@pytest.mark.parametrize(
    ("client", "stage"),
    [("downloading", "idle"), ("completed", "idle"), ("completed", "importing"), ("completed", "imported")],
)
async def test_only_a_held_download_is_decided_about(verb: str, client: str, stage: str) -> None:
    house = House()
    book = await house.shelve(status=BookStatus.DOWNLOADING)
    values = {"client_status": ClientStatus(client), "stage": PipelineStage(stage), "output_path": "/d"}
    download = a_download(book, reference="r", **values)
    await house.put(download)
    with pytest.raises(InvalidTransition):
        await getattr(house.reviewing, verb)(download.id)


@pytest.mark.parametrize("verb", ["approve", "reject"])
async def test_an_unknown_download_is_told_as_such(verb: str) -> None:
    with pytest.raises(NotFound):
        await getattr(House().reviewing, verb)(DownloadId("dl_nobody"))


async def test_a_check_that_was_cut_short_is_done_again(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    async with arrival.house.storage.unit() as unit:
        download = await unit.downloads.get(arrival.download_id)
        book = await unit.books.get(arrival.book.id)
        download.begin_check()
        book.begin_import(arrival.house.clock.now())
        await unit.downloads.save(download)
        await unit.books.save(book)
        await unit.commit(arrival.house.clock.now())
    await arrival.work()
    assert (await arrival.download()).status is DownloadStatus.IMPORTED
