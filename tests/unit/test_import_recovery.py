"""A process that is killed between any two steps of an import: afterwards the book is there once, or not at all."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from earshelf.adapters.files.local import LocalFiles
from earshelf.domain.books import BookStatus
from earshelf.domain.downloads import DownloadStatus
from earshelf.domain.events import BookImported
from earshelf.domain.imports import ImportState
from tests.unit.arrivals import TRACKS, Arrival
from tests.unit.fuses import Fuse, Fused, FusedStorage, Killed
from tests.unit.house import House, contents

FIRST = {f"An Author - A Book - {number}.mp3" for number in ("01", "02", "03")}
MOST_STEPS = 200
OLD = ("old 1.mp3", "old 2.mp3")


async def loop_once(house: House) -> None:
    """One round of the import loop."""
    await house.reviewing.review()
    await house.importing.work()


async def start_again(house: House) -> None:
    """What the program does at its start, and one round of its loop."""
    await house.importing.recover()
    await loop_once(house)


async def is_killed(arrival: Arrival, step: int, activity: Callable[[House], Awaitable[None]]) -> bool:
    """Runs an activity in a process that is killed at that step; whether it got there."""
    fuse = Fuse(step)
    dying = House(
        before=arrival.house,
        storage=FusedStorage(arrival.house.database.storage, fuse),
        files=Fused.around(LocalFiles(), fuse),
    )
    try:
        await activity(dying)
    except Killed:
        return True
    return False


async def arrived(disk: Path, mode: str) -> Arrival:
    disk.mkdir()
    return await Arrival(disk).arrive(mode=mode)


async def replacing(disk: Path, mode: str) -> Arrival:
    """A book on the shelf whose replacement has been approved."""
    disk.mkdir()
    arrival = await Arrival(disk).arrive(tracks=OLD, mode="copy")
    await arrival.work()
    (arrival.shelf / "notes.txt").write_text("mine")
    await arrival.house.change(imports={"mode": mode})
    arrival.download_id = await arrival.finish_another(arrival.book, arrival.downloads / "better", TRACKS)
    await arrival.work()
    await arrival.house.reviewing.approve(arrival.download_id)
    return arrival


def audible(arrival: Arrival) -> list[bytes]:
    """What a media server would find of the book."""
    found = contents(arrival.shelf).items() if arrival.shelf.exists() else ()
    return [content for name, content in sorted(found) if name.endswith(".mp3")]


def spelled(names: tuple[str, ...]) -> list[bytes]:
    return [name.encode() * 100 for name in names]


def times_imported(arrival: Arrival) -> int:
    events = [one.event for one in arrival.house.database.tables.committed.log]
    return sum(isinstance(event, BookImported) for event in events)


async def check_whole(arrival: Arrival, *, imports: int) -> None:
    """The book is there, once, with its records, and nothing is left beside it."""
    book, download = await arrival.stored_book(), await arrival.download()
    assert (book.status, download.status) == (BookStatus.IMPORTED, DownloadStatus.IMPORTED)
    assert book.folder == str(arrival.shelf)
    assert {file.path for file in book.files} == FIRST
    assert audible(arrival) == spelled(TRACKS)
    assert [path.name for path in arrival.shelf.parent.iterdir()] == ["A Book"]
    assert times_imported(arrival) == imports
    assert {job.state for job in arrival.house.imports} == {ImportState.DONE}


async def check_not_half(arrival: Arrival, source: Path, old: list[bytes]) -> None:
    """Whatever the moment: all of the old book or all of the new, and no source gone before the book is recorded."""
    assert audible(arrival) in ([], old, spelled(TRACKS))
    book = await arrival.stored_book()
    if (await arrival.download()).status is DownloadStatus.IMPORTED:
        assert (book.status, audible(arrival)) == (BookStatus.IMPORTED, spelled(TRACKS))
    else:
        assert [content for _, content in sorted(contents(source).items())] == spelled(TRACKS)


@pytest.mark.parametrize("mode", ["copy", "hardlink", "move"])
async def test_an_import_that_is_killed_at_any_step_is_whole_after_the_restart(mode: str, tmp_path: Path) -> None:
    for step in range(1, MOST_STEPS):
        arrival = await arrived(tmp_path / str(step), mode)
        if not await is_killed(arrival, step, loop_once):
            break
        await check_not_half(arrival, arrival.source, [])
        await start_again(House(before=arrival.house))
        await check_whole(arrival, imports=1)
        assert arrival.source.exists() == (mode != "move")
    assert 20 < step < MOST_STEPS


@pytest.mark.parametrize("mode", ["copy", "move"])
async def test_a_replacement_that_is_killed_at_any_step_is_whole_after_the_restart(mode: str, tmp_path: Path) -> None:
    for step in range(1, MOST_STEPS):
        arrival = await replacing(tmp_path / str(step), mode)
        source = arrival.downloads / "better"
        if not await is_killed(arrival, step, loop_once):
            break
        await check_not_half(arrival, source, spelled(OLD))
        await start_again(House(before=arrival.house))
        await check_whole(arrival, imports=2)
        assert (arrival.shelf / "notes.txt").read_text() == "mine"
        assert source.exists() == (mode != "move")
    assert 20 < step < MOST_STEPS


async def test_a_restart_that_is_killed_too_loses_nothing(tmp_path: Path) -> None:
    for step in range(1, MOST_STEPS):
        arrival = await arrived(tmp_path / str(step), "move")
        if not await is_killed(arrival, step, loop_once):
            break
        for again in range(1, MOST_STEPS, 3):
            if not await is_killed(arrival, again, start_again):
                break
            await check_not_half(arrival, arrival.source, [])
        await check_whole(arrival, imports=1)


async def test_a_killed_import_gives_up_cleanly_when_its_files_are_gone_at_the_restart(tmp_path: Path) -> None:
    for step in range(1, MOST_STEPS):
        arrival = await arrived(tmp_path / str(step), "copy")
        if not await is_killed(arrival, step, loop_once):
            break
        arrival.source.rename(tmp_path / f"{step}-elsewhere")
        await start_again(House(before=arrival.house))
        status = (await arrival.download()).status
        if status is DownloadStatus.IMPORTED:
            await check_whole(arrival, imports=1)
        else:
            assert (status, contents(arrival.library)) == (DownloadStatus.PENDING_REVIEW, {})
            assert (await arrival.stored_book()).status is BookStatus.DOWNLOADING
