"""Bringing finished files into the library."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from earshelf.adapters.files.local import LocalFiles
from earshelf.domain.books import BookStatus
from earshelf.domain.downloads import DownloadStatus
from earshelf.domain.errors import EarshelfError, FilesUnavailable, NotFound
from earshelf.domain.events import BookFilesChanged, BookImported, ChangeReason, ImportFailed
from earshelf.domain.ids import BookId
from earshelf.domain.import_errors import LibraryNotSet, NoAudio, SourceNotFound, UnsafeSource
from earshelf.domain.imports import ImportState
from tests.unit.arrivals import TRACKS, Arrival
from tests.unit.house import House, contents, write


class StubbornFiles(LocalFiles):
    """A disk that does not let go of the files below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def remove_sources(self, sources: Sequence[str], *, root: str) -> None:
        if root == str(self._folder):
            raise FilesUnavailable(f"'{root}' is read-only")
        await super().remove_sources(sources, root=root)


async def test_a_finished_download_becomes_a_book_on_the_shelf(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    await arrival.work()
    book, download = await arrival.stored_book(), await arrival.download()
    assert (book.status, download.status) == (BookStatus.IMPORTED, DownloadStatus.IMPORTED)
    assert book.folder == str(arrival.shelf)
    assert sorted(contents(arrival.shelf).values()) == sorted(contents(arrival.source).values())
    assert {file.path for file in book.files} == set(contents(arrival.shelf))
    assert {(file.format, file.seconds) for file in book.files} == {("mp3", 60.0)}


async def test_nothing_is_left_beside_the_book_and_no_work_is_left(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    await arrival.work()
    assert [path.name for path in arrival.shelf.parent.iterdir()] == ["A Book"]
    (job,) = arrival.house.imports
    assert (job.state, job.finished_at) == (ImportState.DONE, arrival.house.clock.now())


async def test_the_files_keep_the_order_in_which_they_are_numbered(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    await arrival.work()
    shelved = [content for _, content in sorted(contents(arrival.shelf).items())]
    assert shelved == [name.encode() * 100 for name in TRACKS]


async def test_an_import_is_announced_once_for_the_media_servers(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    for _ in range(2):
        await arrival.work()
    (job,) = arrival.house.imports
    events = [one.event for one in arrival.house.database.tables.committed.log]
    assert events.count(BookImported(arrival.book.id, job.id)) == 1
    assert events.count(BookFilesChanged(arrival.book.id, ChangeReason.IMPORT)) == 1


async def test_a_single_file_is_a_book_too(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive(tracks=("whole.m4b",))
    await arrival.work()
    assert list(contents(arrival.shelf)) == ["An Author - A Book.m4b"]


@pytest.mark.parametrize("mode", ["copy", "hardlink"])
async def test_source_files_stay_where_the_client_has_them(mode: str, tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive(mode=mode)
    before = contents(arrival.source)
    await arrival.work()
    assert contents(arrival.source) == before
    shared = [(arrival.source / name).stat().st_nlink for name in TRACKS]
    assert shared == [2 if mode == "hardlink" else 1] * 3


async def test_moved_files_are_gone_from_the_client_once_the_book_is_recorded(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive(mode="move")
    await arrival.work()
    assert not arrival.source.exists()
    assert len(contents(arrival.shelf)) == 3


async def test_moving_leaves_what_is_no_audio(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive(mode="move", tracks=(*TRACKS, "notes.txt"))
    await arrival.work()
    assert list(contents(arrival.source)) == ["notes.txt"]


async def test_a_namesake_on_the_shelf_is_left_alone_and_the_new_folder_gets_a_number(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    write(arrival.shelf, "foreign.mp3")
    write(arrival.shelf.with_name("A Book (2)"), "foreign.mp3")
    await arrival.work()
    assert (await arrival.stored_book()).folder == str(arrival.shelf.with_name("A Book (3)"))
    assert list(contents(arrival.shelf)) == ["foreign.mp3"]


async def test_an_approved_replacement_takes_the_old_files_place_and_keeps_foreign_ones(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    await arrival.work()
    write(arrival.shelf, "notes.txt")
    again = await arrival.finish_another(arrival.book, arrival.downloads / "better", ("whole.m4b",))
    await arrival.work()
    await arrival.house.reviewing.approve(again)
    await arrival.work()
    assert set(contents(arrival.shelf)) == {"An Author - A Book.m4b", "notes.txt"}
    book = await arrival.stored_book()
    assert ([file.path for file in book.files], book.folder) == (["An Author - A Book.m4b"], str(arrival.shelf))


async def test_a_full_disk_holds_the_import_and_says_so(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    await arrival.house.change(imports={"min_free_space_gb": 100_000})
    await arrival.work()
    download = await arrival.download()
    assert download.status is DownloadStatus.PENDING_REVIEW
    assert "free some or lower the reserve" in (download.error_message or "")
    assert contents(arrival.library) == {}
    assert (await arrival.stored_book()).status is BookStatus.DOWNLOADING


async def test_files_that_vanish_before_the_import_hold_it(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    await arrival.house.reviewing.review()
    arrival.source.rename(tmp_path / "elsewhere")
    await arrival.house.importing.work()
    download = await arrival.download()
    assert download.status is DownloadStatus.PENDING_REVIEW
    assert "add a path mapping" in (download.error_message or "")
    (job,) = arrival.house.imports
    events = [one.event for one in arrival.house.database.tables.committed.log]
    assert ImportFailed(arrival.book.id, job.id, download.error_message or "") in events


async def test_one_import_that_cannot_go_on_does_not_stop_the_others(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    other = await arrival.house.shelve("Another")
    second = await arrival.finish_another(other, arrival.downloads / "other", ("1.mp3",))
    await arrival.house.reviewing.review()
    arrival.source.rename(tmp_path / "elsewhere")
    await arrival.house.importing.work()
    assert (await arrival.download()).status is DownloadStatus.PENDING_REVIEW
    assert (await arrival.house.download(second)).status is DownloadStatus.IMPORTED


async def test_moved_files_that_cannot_be_cleared_away_keep_the_book_and_the_other_imports(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive(mode="move")
    other = await arrival.house.shelve("Another")
    second = await arrival.finish_another(other, arrival.downloads / "other", ("1.mp3",))
    await arrival.house.reviewing.review()
    stubborn = House(before=arrival.house, files=StubbornFiles(arrival.source))
    await stubborn.importing.work()
    assert (await arrival.stored_book()).status is BookStatus.IMPORTED
    assert len(contents(arrival.shelf)) == len(contents(arrival.source)) == 3
    assert (await arrival.house.download(second)).status is DownloadStatus.IMPORTED
    assert [job.state for job in await arrival.house.open_imports()] == [ImportState.RECORDED]
    await arrival.house.importing.work()
    assert (await arrival.house.open_imports(), arrival.source.exists()) == ([], False)
    assert len(contents(arrival.shelf)) == 3


async def test_a_nudge_wakes_whoever_waits_for_news_and_is_heard_once() -> None:
    importing = House().importing
    async with asyncio.timeout(5):
        waiting = asyncio.create_task(importing.wait_for_news(3600))
        importing.nudge()
        await waiting
        importing.nudge()
        await importing.wait_for_news(3600)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await importing.wait_for_news(3600)


async def test_without_work_nothing_happens(tmp_path: Path) -> None:
    arrival = await Arrival(tmp_path).arrive()
    await arrival.house.importing.recover()
    await arrival.house.importing.work()
    assert contents(arrival.library) == {}


class TestAdopting:
    """Taking a folder of the library for a book's."""

    async def house(self, library: Path) -> House:
        house = House()
        await house.change(library={"path": str(library)})
        return house

    async def test_an_adopted_folder_is_the_books_and_no_file_is_touched(self, tmp_path: Path) -> None:
        house = await self.house(tmp_path)
        book, folder = await house.shelve(), write(tmp_path / "A" / "T", "2.mp3", "10.mp3", "cover.jpg")
        before = contents(tmp_path)
        await house.adopt(book.id, folder)
        adopted = await house.book(book.id)
        assert (adopted.status, adopted.folder) == (BookStatus.IMPORTED, str(folder))
        assert [file.path for file in adopted.files] == ["2.mp3", "10.mp3"]
        assert contents(tmp_path) == before

    async def test_adopting_tells_the_media_servers_why(self, tmp_path: Path) -> None:
        house = await self.house(tmp_path)
        book = await house.shelve()
        await house.adopt(book.id, write(tmp_path / "A", "1.mp3"))
        events = [one.event for one in house.database.tables.committed.log]
        assert BookFilesChanged(book.id, ChangeReason.ADOPT) in events

    async def test_an_adoption_leaves_no_work(self, tmp_path: Path) -> None:
        house = await self.house(tmp_path)
        book = await house.shelve()
        import_id = await house.adopt(book.id, write(tmp_path / "A", "1.mp3"))
        assert [(job.id, job.state) for job in house.imports] == [(import_id, ImportState.DONE)]

    @pytest.mark.parametrize(
        ("path", "refusal"),
        [
            ("library/nothing", SourceNotFound),
            ("library/empty", NoAudio),
            ("library", UnsafeSource),
            ("outside", UnsafeSource),
            ("library/../outside", UnsafeSource),
            ("library2", UnsafeSource),
        ],
    )
    async def test_only_a_folder_with_audio_inside_the_library_is_adopted(
        self, path: str, refusal: type[EarshelfError], tmp_path: Path
    ) -> None:
        house = await self.house(tmp_path / "library")
        book = await house.shelve()
        write(tmp_path / "outside", "1.mp3")
        write(tmp_path / "library2", "1.mp3")
        write(tmp_path / "library" / "empty", "cover.jpg")
        with pytest.raises(refusal):
            await house.adopt(book.id, f"{tmp_path}/{path}")
        assert (await house.book(book.id)).status is BookStatus.WANTED

    async def test_without_a_library_nothing_is_adopted(self, tmp_path: Path) -> None:
        house = House()
        with pytest.raises(LibraryNotSet):
            await house.adopt((await house.shelve()).id, write(tmp_path / "A", "1.mp3"))

    @pytest.mark.parametrize("spelling", ["{}", "{}/", "{}/."])
    async def test_a_folder_of_another_book_is_refused_however_it_is_spelled(
        self, spelling: str, tmp_path: Path
    ) -> None:
        house = await self.house(tmp_path)
        owner, other, folder = await house.shelve("Owner"), await house.shelve("Other"), write(tmp_path / "A", "1.mp3")
        await house.adopt(owner.id, folder)
        with pytest.raises(UnsafeSource, match="belongs to the book 'Owner'"):
            await house.adopt(other.id, spelling.format(folder))

    async def test_a_book_may_adopt_its_own_folder_again(self, tmp_path: Path) -> None:
        house = await self.house(tmp_path)
        book, folder = await house.shelve(), write(tmp_path / "A", "1.mp3")
        await house.adopt(book.id, folder)
        write(folder, "2.mp3")
        await house.adopt(book.id, folder)
        assert len((await house.book(book.id)).files) == 2

    async def test_an_unknown_book_adopts_nothing(self, tmp_path: Path) -> None:
        house = await self.house(tmp_path)
        with pytest.raises(NotFound):
            await house.adopt(BookId("bk_nobody"), write(tmp_path / "A", "1.mp3"))
        assert house.imports == []
