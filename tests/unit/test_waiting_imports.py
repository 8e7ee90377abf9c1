"""Imports whose library is away, and imports whose book is gone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from earshelf.adapters.files.local import LocalFiles
from earshelf.domain.books import BookStatus
from earshelf.domain.downloads import DownloadStatus
from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.events import BookImported
from earshelf.domain.ids import BookId, DownloadId, ImportId
from earshelf.domain.import_errors import LibraryMissing, LibraryNotSet
from earshelf.domain.imports import ImportState
from earshelf.ports.files import StagingPlan
from earshelf.ports.storage import Storage
from tests.contract.suites.makers import NOON
from tests.unit.arrivals import TRACKS, Arrival
from tests.unit.fuses import Killed
from tests.unit.house import House, contents, write


class FatalFiles(LocalFiles):
    """The process is killed right after it published a book."""

    async def publish(self, plan_id: ImportId, target: str) -> None:
        await super().publish(plan_id, target)
        raise Killed


class LeavingDisk(LocalFiles):
    """A library that goes away at one step of an import, as when a cable is pulled."""

    def __init__(self, step: str, leave: Callable[[], object]) -> None:
        self._step = step
        self._leave = leave

    async def stage(self, plan: StagingPlan, *, library: str) -> None:
        self._pass("stage", plan.target)
        await super().stage(plan, library=library)
        self._pass("staged", plan.target)

    async def publish(self, plan_id: ImportId, target: str) -> None:
        await super().publish(plan_id, target)
        self._pass("published", target)

    async def settle(self, plan_id: ImportId, target: str, *, replaced: object = ()) -> None:
        self._pass("settle", target)

    def _pass(self, step: str, path: str) -> None:
        if step == self._step:
            self._leave()
            raise FilesUnavailable(f"'{path}': Input/output error")


class SickDisk(LocalFiles):
    """A library on a file server that answers with errors."""

    async def is_folder(self, path: str) -> bool:
        raise FilesUnavailable(f"'{path}': Stale file handle; check that its disk is mounted and healthy")


class ListeningFiles(LocalFiles):
    """Notes what the download's row says while its files are on their way."""

    def __init__(self, house: House, download_id: DownloadId) -> None:
        self._house = house
        self._download_id = download_id
        self.heard: list[str | None] = []

    async def stage(self, plan: StagingPlan, *, library: str) -> None:
        self.heard.append((await self._house.download(self._download_id)).error_message)
        await super().stage(plan, library=library)


class ForgetfulFiles(LocalFiles):
    """The owner deletes the book in the moment in which it is published."""

    def __init__(self, storage: Storage, book_id: BookId) -> None:
        self._storage = storage
        self._book_id = book_id

    async def publish(self, plan_id: ImportId, target: str) -> None:
        await super().publish(plan_id, target)
        await delete(self._storage, self._book_id)


async def delete(storage: Storage, book_id: BookId) -> None:
    async with storage.unit() as unit:
        await unit.books.remove(book_id)
        await unit.commit(NOON)


async def published_and_killed(disk: Path, *, mode: str = "copy") -> Arrival:
    """A book whose import was killed before it was recorded."""
    arrival = await Arrival(disk).arrive(mode=mode)
    await arrival.house.reviewing.review()
    with pytest.raises(Killed):
        await House(before=arrival.house, files=FatalFiles()).importing.work()
    assert arrival.shelf.is_dir()
    return arrival


async def start_again(arrival: Arrival) -> None:
    """What the program does at its start, and two rounds of its loop."""
    house = House(before=arrival.house)
    await house.importing.recover()
    for _ in range(2):
        await house.reviewing.review()
        await house.importing.work()


def away(arrival: Arrival) -> Path:
    """Where the library lies while it is not where it belongs."""
    return arrival.library.with_name("elsewhere")


def leave(arrival: Arrival) -> None:
    arrival.library.rename(away(arrival))


def come_back(arrival: Arrival) -> None:
    away(arrival).rename(arrival.library)


async def message(arrival: Arrival) -> str:
    return (await arrival.download()).error_message or ""


async def states(arrival: Arrival) -> list[ImportState]:
    return [job.state for job in await arrival.house.open_imports()]


async def check_imported_once(arrival: Arrival, library: Path) -> None:
    book, download = await arrival.stored_book(), await arrival.download()
    shelf = library / "An Author" / "A Book"
    assert (book.status, book.folder) == (BookStatus.IMPORTED, str(shelf))
    assert (download.status, download.error_message) == (DownloadStatus.IMPORTED, None)
    assert [path.name for path in shelf.parent.iterdir()] == ["A Book"]
    assert sorted(contents(shelf).values()) == sorted(name.encode() * 100 for name in TRACKS)
    assert {job.state for job in arrival.house.imports} == {ImportState.DONE}
    events = [one.event for one in arrival.house.database.tables.committed.log]
    assert sum(isinstance(event, BookImported) and event.book_id == book.id for event in events) == 1


class TestAfterACrash:
    """A book that was published before the crash is there once, whatever becomes of the library's disk."""

    async def test_it_is_recorded_when_the_library_that_was_away_comes_back(self, tmp_path: Path) -> None:
        arrival = await published_and_killed(tmp_path)
        leave(arrival)
        await start_again(arrival)
        assert await states(arrival) == [ImportState.STAGING]
        assert not arrival.library.exists()
        come_back(arrival)
        await arrival.work()
        await check_imported_once(arrival, arrival.library)

    async def test_it_is_recorded_when_the_library_is_set_again(self, tmp_path: Path) -> None:
        arrival = await published_and_killed(tmp_path)
        await arrival.house.change(library={"path": ""})
        await start_again(arrival)
        assert await states(arrival) == [ImportState.STAGING]
        await arrival.house.change(library={"path": str(arrival.library)})
        await arrival.work()
        await check_imported_once(arrival, arrival.library)

    async def test_it_is_recorded_when_the_mount_comes_back_to_its_empty_folder(self, tmp_path: Path) -> None:
        arrival = await published_and_killed(tmp_path)
        other = await arrival.house.shelve("Another")
        await arrival.house.adopt(other.id, write(arrival.library / "Other", "1.mp3"))
        leave(arrival)
        arrival.library.mkdir()
        await start_again(arrival)
        assert contents(arrival.library) == {}
        arrival.library.rmdir()
        come_back(arrival)
        await arrival.work()
        await check_imported_once(arrival, arrival.library)

    async def test_it_is_found_in_a_library_that_moved(self, tmp_path: Path) -> None:
        arrival = await published_and_killed(tmp_path)
        leave(arrival)
        await start_again(arrival)
        await arrival.house.change(library={"path": str(away(arrival))})
        await arrival.work()
        await check_imported_once(arrival, away(arrival))

    async def test_it_is_found_by_a_job_that_was_put_back_in_line_too_early(self, tmp_path: Path) -> None:
        arrival = await published_and_killed(tmp_path)
        (job,) = await arrival.house.open_imports()
        job.restart()
        async with arrival.house.storage.unit() as unit:
            await unit.imports.save(job)
            await unit.commit(NOON)
        arrival.source.rename(tmp_path / "gone")
        await arrival.work()
        await check_imported_once(arrival, arrival.library)


class TestWaiting:
    """An import waits for its library, says so, and goes on by itself."""

    async def sent(self, disk: Path, *, mode: str = "copy") -> Arrival:
        arrival = await Arrival(disk).arrive(mode=mode)
        await arrival.house.reviewing.review()
        return arrival

    async def check_waits(self, arrival: Arrival, why: str) -> None:
        download, book = await arrival.download(), await arrival.stored_book()
        assert (download.status, book.status) == (DownloadStatus.IMPORTING, BookStatus.IMPORTING)
        assert why in (download.error_message or "")
        assert len(await arrival.house.open_imports()) == 1

    async def test_for_a_library_that_is_not_set(self, tmp_path: Path) -> None:
        arrival = await self.sent(tmp_path)
        await arrival.house.change(library={"path": ""})
        await arrival.house.importing.work()
        await self.check_waits(arrival, LibraryNotSet().message)
        await arrival.house.change(library={"path": str(arrival.library)})
        await arrival.house.importing.work()
        await check_imported_once(arrival, arrival.library)

    async def test_for_a_library_that_is_not_there(self, tmp_path: Path) -> None:
        arrival = await self.sent(tmp_path)
        leave(arrival)
        await arrival.house.importing.work()
        await self.check_waits(arrival, LibraryMissing(str(arrival.library)).message)
        come_back(arrival)
        await arrival.house.importing.work()
        await check_imported_once(arrival, arrival.library)

    async def test_for_a_library_whose_disk_answers_with_errors(self, tmp_path: Path) -> None:
        arrival = await self.sent(tmp_path)
        await House(before=arrival.house, files=SickDisk()).importing.work()
        await self.check_waits(arrival, "Stale file handle")
        await arrival.house.importing.work()
        await check_imported_once(arrival, arrival.library)

    async def test_for_a_library_that_is_empty_although_books_lie_in_it(self, tmp_path: Path) -> None:
        arrival = await self.sent(tmp_path)
        for title in ("One", "Two"):
            book = await arrival.house.shelve(title)
            await arrival.house.adopt(book.id, write(arrival.library / title, "1.mp3"))
        leave(arrival)
        arrival.library.mkdir()
        for _ in range(2):
            await arrival.work()
        await self.check_waits(arrival, f"'{arrival.library}' is empty although 2 books lie in it; mount")
        assert contents(arrival.library) == {}
        arrival.library.rmdir()
        come_back(arrival)
        await arrival.work()
        assert (await arrival.download()).status is DownloadStatus.IMPORTED

    async def test_a_finished_download_is_not_looked_at_before_the_library_is_mounted(self, tmp_path: Path) -> None:
        arrival = await Arrival(tmp_path).arrive()
        book = await arrival.house.shelve("One")
        await arrival.house.adopt(book.id, write(arrival.library / "One", "1.mp3"))
        leave(arrival)
        arrival.library.mkdir()
        await arrival.work()
        assert (await arrival.download()).status is DownloadStatus.COMPLETED
        assert "is empty although 1 book lies in it" in await message(arrival)

    async def test_the_first_book_goes_into_an_empty_library(self, tmp_path: Path) -> None:
        arrival = await self.sent(tmp_path)
        await arrival.house.shelve("Elsewhere", folder=f"{arrival.library}-old/Elsewhere")
        await arrival.house.importing.work()
        await check_imported_once(arrival, arrival.library)

    @pytest.mark.parametrize("step", ["stage", "staged", "published"])
    async def test_that_goes_away_in_the_middle(self, step: str, tmp_path: Path) -> None:
        arrival = await self.sent(tmp_path)
        files = LeavingDisk(step, lambda: leave(arrival))
        await House(before=arrival.house, files=files).importing.work()
        await self.check_waits(arrival, LibraryMissing(str(arrival.library)).message)
        come_back(arrival)
        await arrival.house.importing.work()
        await check_imported_once(arrival, arrival.library)

    async def test_to_clear_the_traces_of_a_recorded_book(self, tmp_path: Path) -> None:
        arrival = await self.sent(tmp_path, mode="move")
        files = LeavingDisk("settle", lambda: leave(arrival))
        await House(before=arrival.house, files=files).importing.work()
        await arrival.house.importing.work()
        assert await states(arrival) == [ImportState.RECORDED]
        assert await message(arrival) == ""
        come_back(arrival)
        await arrival.house.importing.work()
        await check_imported_once(arrival, arrival.library)
        assert not arrival.source.exists()

    async def test_saying_it_once_and_no_more_when_it_goes_on(self, tmp_path: Path) -> None:
        arrival = await self.sent(tmp_path)
        leave(arrival)
        await arrival.house.importing.work()
        version = (await arrival.download()).version
        await arrival.house.importing.work()
        assert (await arrival.download()).version == version
        come_back(arrival)
        files = ListeningFiles(arrival.house, arrival.download_id)
        await House(before=arrival.house, files=files).importing.work()
        assert files.heard == [None]


class TestWithoutABook:
    """An import whose book was deleted ends, and loses nothing."""

    async def check_ended(self, arrival: Arrival) -> str:
        download = await arrival.download()
        assert (download.status, await arrival.house.open_imports()) == (DownloadStatus.FAILED, [])
        (*_, job) = arrival.house.imports
        assert (job.state, job.error_message) == (ImportState.FAILED, download.error_message)
        return download.error_message or ""

    async def test_what_is_published_already_stays_where_it_is(self, tmp_path: Path) -> None:
        arrival = await Arrival(tmp_path).arrive(mode="move")
        await arrival.house.reviewing.review()
        files = ForgetfulFiles(arrival.house.storage, arrival.book.id)
        await House(before=arrival.house, files=files).importing.work()
        assert f"deleted while it was imported; its files lie in '{arrival.shelf}'" in await self.check_ended(arrival)
        assert sorted(contents(arrival.shelf).values()) == sorted(name.encode() * 100 for name in TRACKS)
        assert len(contents(arrival.source)) == len(TRACKS)

    async def test_what_it_was_to_replace_stays_beside_it(self, tmp_path: Path) -> None:
        arrival = await Arrival(tmp_path).arrive(tracks=("old.mp3",))
        await arrival.work()
        write(arrival.shelf, "notes.txt")
        arrival.download_id = await arrival.finish_another(arrival.book, arrival.downloads / "better", TRACKS)
        await arrival.work()
        await arrival.house.reviewing.approve(arrival.download_id)
        files = ForgetfulFiles(arrival.house.storage, arrival.book.id)
        await House(before=arrival.house, files=files).importing.work()
        await self.check_ended(arrival)
        kept = sorted(contents(arrival.library).values())
        assert kept == sorted(name.encode() * 100 for name in (*TRACKS, "old.mp3", "notes.txt"))

    async def test_nor_does_a_restart_try_forever(self, tmp_path: Path) -> None:
        arrival = await published_and_killed(tmp_path)
        await delete(arrival.house.storage, arrival.book.id)
        await start_again(arrival)
        assert str(arrival.shelf) in await self.check_ended(arrival)
        assert len(contents(arrival.shelf)) == len(TRACKS)

    async def test_before_anything_was_copied_nothing_is(self, tmp_path: Path) -> None:
        arrival = await Arrival(tmp_path).arrive()
        await arrival.house.reviewing.review()
        await delete(arrival.house.storage, arrival.book.id)
        await arrival.house.importing.work()
        assert await self.check_ended(arrival) == "The book was deleted before it was imported"
        assert contents(arrival.library) == {}
