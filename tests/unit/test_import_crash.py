"""A process that is killed at any moment of an import loses no book and leaves no half one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from earshelf.adapters.files.local import LocalFiles
from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.imports import ImportMode
from tests.unit.crashing_import import FOREIGN, IMPORT, LARGE, NEW, OLD, finish, furnish, plan_in, record_in, target_in

ROOT = Path(__file__).parents[2]
MODES = [ImportMode.COPY, ImportMode.HARDLINK, ImportMode.MOVE]


def exit_status(folder: Path, mode: ImportMode, work: str) -> int:
    """Runs the program that kills itself."""
    command = [sys.executable, "-m", "tests.unit.crashing_import", str(folder), mode, work]
    return subprocess.run(command, cwd=ROOT, check=False, timeout=120).returncode


def deaths(folder: Path, mode: ImportMode, work: str) -> list[Path]:
    """Every state of the disk that a killed process left behind."""
    assert exit_status(folder, mode, work) == 0
    return sorted(path for path in folder.iterdir() if path.name != "whole")


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder, hidden ones too."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def visible_audio(folder: Path) -> dict[str, bytes]:
    """What a media server would find."""
    found = contents(folder).items()
    return {path: content for path, content in found if path.endswith(".mp3") and not path.startswith(".")}


async def recover(world: Path, mode: ImportMode) -> None:
    """Goes on as the program does at its start."""
    files, plan = LocalFiles(), plan_in(world, mode)
    if not record_in(world).exists():
        if not await files.is_published(IMPORT, plan.target):
            await files.discard(IMPORT, plan.target)
            assert contents(world / "library" / "Author") == {
                f"Title/{name}": content for name, content in (OLD | FOREIGN).items()
            }
            await files.stage(plan, library=str(world / "library"))
            await files.publish(IMPORT, plan.target)
        record_in(world).touch()
    await finish(files, world, mode)


@pytest.mark.parametrize("mode", MODES)
async def test_an_import_killed_at_any_step_becomes_one_whole_book(mode: ImportMode, tmp_path: Path) -> None:
    worlds = deaths(tmp_path, mode, "import")
    assert len(worlds) > 2 * len(NEW)
    for world in [*worlds, tmp_path / "whole"]:
        assert visible_audio(target_in(world)) in ({}, OLD, NEW), world.name
        await recover(world, mode)
        assert contents(world / "library" / "Author") == {
            f"Title/{name}": content for name, content in (NEW | FOREIGN).items()
        }, world.name
        left = {} if mode is ImportMode.MOVE else NEW
        assert contents(world / "downloads" / "book") == left, world.name


@pytest.mark.parametrize("mode", [ImportMode.COPY, ImportMode.HARDLINK])
async def test_a_book_that_was_staged_whole_can_be_published_after_the_kill(mode: ImportMode, tmp_path: Path) -> None:
    published = 0
    for world in deaths(tmp_path, mode, "import"):
        if record_in(world).exists():
            continue
        try:
            await LocalFiles().publish(IMPORT, str(target_in(world)))
        except FilesUnavailable:
            assert visible_audio(target_in(world)) == OLD, world.name
        else:
            published += 1
            assert visible_audio(target_in(world)) == NEW, world.name
    assert published >= 3


async def test_an_undo_killed_at_any_step_brings_the_old_book_back_when_repeated(tmp_path: Path) -> None:
    worlds = deaths(tmp_path, ImportMode.COPY, "discard")
    assert len(worlds) > len(NEW)
    for world in worlds:
        assert visible_audio(target_in(world)) in ({}, OLD, NEW), world.name
        await LocalFiles().discard(IMPORT, str(target_in(world)))
        assert contents(world / "library" / "Author") == {
            f"Title/{name}": content for name, content in (OLD | FOREIGN).items()
        }, world.name


async def test_a_process_killed_in_the_middle_of_a_file_leaves_the_old_book(tmp_path: Path) -> None:
    furnish(tmp_path)
    large = tmp_path / "downloads" / LARGE
    large.write_bytes(os.urandom(3 << 20))
    assert exit_status(tmp_path, ImportMode.COPY, "cut") == -signal.SIGXFSZ
    target = target_in(tmp_path)
    staged = target.parent / f".earshelf-{IMPORT}.staging" / LARGE
    assert 0 < staged.stat().st_size < large.stat().st_size
    with pytest.raises(FilesUnavailable):
        await LocalFiles().publish(IMPORT, str(target))
    await LocalFiles().discard(IMPORT, str(target))
    assert contents(target.parent) == {f"Title/{name}": content for name, content in (OLD | FOREIGN).items()}
