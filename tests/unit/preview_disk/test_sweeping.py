"""What a sweep removes, and what it never touches."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from earshelf.adapters.preview_store.store import DiskPreviewStore
from earshelf.adapters.preview_store.unfinished import SET_ASIDE, SUFFIX, unfinished_name
from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.previews import PreviewFormat
from tests.unit.preview_disk.making import FORMATS, below, got, put, shades, target_in

MAKING = """
import asyncio, sys
from pathlib import Path
from earshelf.adapters.preview_store.store import DiskPreviewStore
from earshelf.domain.previews import PreviewFormat
from earshelf.ports.previews import Outline
from tests.unit.preview_disk.making import *

async def work(folder, one):
    target = target_in(folder, one)
    async with DiskPreviewStore().writing(target, Outline(2, OUTLINE_SIZES), SETTINGS) as writer:
        await writer.add(thumbnail(0, painted(1)))
        print("making", flush=True)
        sys.stdin.readline()
        await writer.add(thumbnail(1, painted(2)))
        await writer.publish(journal_of(target, 2))

asyncio.run(work(Path(sys.argv[1]), PreviewFormat(sys.argv[2])))
"""


def making(folder: Path, one: PreviewFormat) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", MAKING, str(folder), one.value]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


@pytest.mark.parametrize("one", FORMATS)
async def test_what_another_process_is_making_stays_until_it_dies(tmp_path: Path, one: PreviewFormat) -> None:
    (tmp_path / "film.mkv").touch()
    with making(tmp_path, one) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"making\n"
        before = below(tmp_path)
        assert await DiskPreviewStore().sweep(str(tmp_path)) == []
        assert below(tmp_path) == before
        other.kill()
        other.wait()
        (path,) = await DiskPreviewStore().sweep(str(tmp_path))
        assert path.endswith(SUFFIX)
        assert below(tmp_path) == {"film.mkv": b""}


@pytest.mark.parametrize("one", FORMATS)
async def test_a_sweep_does_not_keep_another_process_from_its_end(tmp_path: Path, one: PreviewFormat) -> None:
    with making(tmp_path, one) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"making\n"
        await DiskPreviewStore().sweep(str(tmp_path))
        other.communicate(b"\n")
        assert other.returncode == 0
    assert len(await got(target_in(tmp_path, one))) == 2


async def test_foreign_files_stay_whatever_they_are_called(tmp_path: Path) -> None:
    ours = unfinished_name(tmp_path / "film.bif").name
    names = [
        "film.earshelf-unfinished",
        ".film.earshelf-unfinished",
        ".film.12-3.earshelf-aside",
        ours.removeprefix("."),
        f"{ours}.bak",
        f"{ours}\n",
        ".hidden",
    ]
    for name in names:
        (tmp_path / name).write_bytes(b"mine")
    (tmp_path / unfinished_name(tmp_path / "linked").name).symlink_to(tmp_path / ".hidden")
    before = below(tmp_path)
    assert await DiskPreviewStore().sweep(str(tmp_path)) == []
    assert below(tmp_path) == before


async def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    leftover = unfinished_name(outside / "film.bif")
    leftover.touch()
    (inside / "link").symlink_to(outside)
    assert await DiskPreviewStore().sweep(str(inside)) == []
    assert leftover.exists()


async def test_a_pipe_under_our_name_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(unfinished_name(tmp_path / "film.bif"))
    await DiskPreviewStore().sweep(str(tmp_path))
    assert below(tmp_path) == {}


async def test_a_lock_on_a_leftover_keeps_it(tmp_path: Path) -> None:
    leftover = unfinished_name(tmp_path / "film.bif")
    with leftover.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert await DiskPreviewStore().sweep(str(tmp_path)) == []
    assert await DiskPreviewStore().sweep(str(tmp_path)) == [str(leftover)]


@pytest.mark.parametrize("is_replaced", [False, True])
async def test_what_was_set_aside_goes_back_unless_something_took_its_place(tmp_path: Path, is_replaced: bool) -> None:
    target = target_in(tmp_path, PreviewFormat.JELLYFIN)
    final = Path(target.path)
    await put(target, shades(3))
    aside = unfinished_name(final, suffix=SET_ASIDE)
    aside.mkdir()
    final.rename(aside / final.name)
    if is_replaced:
        await put(target, shades(5))
    assert await DiskPreviewStore().sweep(str(tmp_path)) == [str(aside)]
    assert len(await got(target)) == (5 if is_replaced else 3)
    assert not aside.exists()


async def test_folders_that_were_there_before_stay_though_they_are_empty(tmp_path: Path) -> None:
    (tmp_path / "film").mkdir()
    (unfinished_name(tmp_path / "film" / "index-sd.bif")).touch()
    await DiskPreviewStore().sweep(str(tmp_path))
    assert below(tmp_path) == {"film": None}


async def test_what_is_no_folder_cannot_be_swept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FilesUnavailable, match=f"'{tmp_path}/file'"):
        await DiskPreviewStore().sweep(str(tmp_path / "file"))
