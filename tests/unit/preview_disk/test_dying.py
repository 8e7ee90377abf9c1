"""A process may be killed at any moment: the old result or the new one is there, and a sweep clears the rest."""

import subprocess
import sys
from pathlib import Path

import pytest

from earshelf.adapters.preview_store.store import DiskPreviewStore
from earshelf.domain.previews import PreviewFormat
from tests.unit.preview_disk.dying import NEW, OLD
from tests.unit.preview_disk.making import below, got, target_in

JELLYFIN = PreviewFormat.JELLYFIN
FOREIGN = {"film.mkv", ".hidden"}


def run(folder: Path, one: PreviewFormat, work: str) -> list[Path]:
    """Returns what the processes left, by the moment of their death; the last one came through."""
    command = [sys.executable, "-m", "tests.unit.preview_disk.dying", str(folder), one.value, work]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert finished.returncode == 0, finished.stderr
    return sorted(path for path in folder.iterdir() if path.name != "warm")


async def swept(world: Path) -> set[str]:
    """Sweeps, and returns what is left apart from the result, its journal and its folders."""
    await DiskPreviewStore().sweep(str(world))
    return {path for path in below(world) if not path.startswith("film") or path == "film.mkv"}


@pytest.mark.parametrize("one", PreviewFormat)
async def test_a_killed_first_run_leaves_a_whole_result_or_nothing(tmp_path: Path, one: PreviewFormat) -> None:
    worlds = run(tmp_path, one, "first")
    assert len(worlds) > 8
    seen, empty_folders = set(), 0
    for world in worlds:
        target = target_in(world, one)
        assert await swept(world) == FOREIGN
        journal = await DiskPreviewStore().journal(target)
        seen.add(journal is not None)
        if journal is not None:
            assert len(await got(target)) == len(NEW)
        else:
            left = {path for path, content in below(world).items() if content is not None} - FOREIGN
            # a file may be whole before its journal is; then it is made anew
            assert left <= ({str(Path(target.path).relative_to(world))} if one is not JELLYFIN else set())
            empty_folders += set(below(world)) - FOREIGN != set() and not left
    # only between making a folder and putting the first thing into it does nothing tell whose it is
    assert empty_folders <= 1
    assert seen == {False, True}


@pytest.mark.parametrize("one", PreviewFormat)
async def test_a_killed_run_never_leaves_half_of_two_results(tmp_path: Path, one: PreviewFormat) -> None:
    counts = set()
    for world in run(tmp_path, one, "again"):
        target = target_in(world, one)
        assert await swept(world) == FOREIGN
        journal = await DiskPreviewStore().journal(target)
        if journal is None:
            assert one is not JELLYFIN
            assert Path(target.path).exists()
        else:
            assert len(await got(target)) == journal.pictures
            counts.add(journal.pictures)
    assert counts == {len(OLD), len(NEW)}


async def test_an_exchange_in_two_steps_that_was_killed_is_undone(tmp_path: Path) -> None:
    counts = []
    for world in run(tmp_path, JELLYFIN, "two steps"):
        target = target_in(world, JELLYFIN)
        assert await swept(world) == FOREIGN
        journal = await DiskPreviewStore().journal(target)
        assert journal is not None
        assert len(await got(target)) == journal.pictures
        counts.append(journal.pictures)
    assert counts == sorted(counts)
    assert set(counts) == {len(OLD), len(NEW)}
