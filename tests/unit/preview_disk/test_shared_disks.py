"""Disks that are shared: with media servers of other users, over the network, and with people who mean harm."""

import os
import struct
import time
from pathlib import Path

import pytest

from earshelf.adapters.preview_store.store import DiskPreviewStore
from earshelf.adapters.preview_store.unfinished import Unfinished, is_abandoned
from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.previews import Fit, PreviewFormat
from earshelf.ports.previews import Outline
from tests.unit.preview_disk.making import (
    FORMATS,
    OUTLINE_SIZES,
    SETTINGS,
    below,
    painted,
    put,
    target_in,
    thumbnail,
)

PLEX, EMBY, JELLYFIN = FORMATS
SOMEBODY = 12345
DAY = 24 * 3600


def folder_without_locks(path: Path) -> int:
    """Opens a new folder so that locking it fails as it does on NFS: such a descriptor only stands for a name."""
    path.mkdir()
    return os.open(path, os.O_PATH)


def test_a_folder_that_no_lock_can_hold_is_made_all_the_same(tmp_path: Path) -> None:
    draft = Unfinished(tmp_path / "film.trickplay", tmp_path, folder_without_locks)
    assert list(tmp_path.iterdir()) == [draft.path]
    draft.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("age", "is_left"), [(0, False), (DAY - 60, False), (DAY + 60, True)])
def test_without_locks_only_what_is_a_day_old_counts_as_left(tmp_path: Path, age: int, is_left: bool) -> None:
    descriptor = folder_without_locks(tmp_path / "folder")
    moment = time.time() - age
    os.utime(tmp_path / "folder", (moment, moment))
    assert is_abandoned(descriptor) is is_left
    os.close(descriptor)


@pytest.mark.parametrize("one", FORMATS)
async def test_results_belong_to_whom_their_folder_belongs(tmp_path: Path, one: PreviewFormat) -> None:
    folder = tmp_path / "media"
    folder.mkdir()
    # only root can give a folder away; for anybody else all of it is their own anyway
    if os.geteuid() == 0:
        os.chown(folder, SOMEBODY, SOMEBODY)
    owner = folder.stat().st_uid
    await put(target_in(folder, one), [1, 2])
    assert {path.stat().st_uid for path in folder.rglob("*")} == {owner}


async def test_a_bundle_is_not_put_where_a_link_leads(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "results/film").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FilesUnavailable, match="is a link"):
        await put(target_in(tmp_path / "results", PLEX), [1])
    assert list((tmp_path / "elsewhere").iterdir()) == []


async def test_a_films_own_folder_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk2").mkdir()
    (tmp_path / "films").symlink_to(tmp_path / "disk2")
    await put(target_in(tmp_path / "films", EMBY), [1])
    assert len(below(tmp_path / "disk2")) == 2


async def test_a_picture_that_claims_to_be_huge_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    picture = bytearray(painted(1))
    frame = picture.index(b"\xff\xc0")
    struct.pack_into(">HH", picture, frame + 5, 30_000, 30_000)
    async with DiskPreviewStore().writing(target_in(tmp_path, JELLYFIN), Outline(1, OUTLINE_SIZES), SETTINGS) as writer:
        with pytest.raises(FilesUnavailable, match="larger than any thumbnail"):
            await writer.add(thumbnail(0, bytes(picture)))
    assert below(tmp_path) == {}


async def test_tiles_whose_sheet_would_fill_the_memory_are_refused_before_any_work(tmp_path: Path) -> None:
    tall = Outline(1, dict.fromkeys(Fit, (1920, 3414)))
    with pytest.raises(FilesUnavailable, match="take a smaller width"):
        async with DiskPreviewStore().writing(target_in(tmp_path, JELLYFIN), tall, SETTINGS):
            pytest.fail("it was begun")
    assert below(tmp_path) == {}
