"""The local disk keeps the promises of guarded folders, and of the moment between look and touch."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from earshelf.adapters.files.guards import FolderGuard, open_inside
from earshelf.domain.errors import FilesUnavailable, Invalid
from earshelf.ports.guards import PathGuard
from tests.contract.suites.guards import PathGuardContract


class TestFolderGuard(PathGuardContract):
    @pytest.fixture
    def guarding(self) -> Callable[[str], PathGuard]:
        return partial(FolderGuard, variable="MEDIA_ROOT")


async def test_a_refusal_names_the_path_and_what_would_allow_it(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refusal:
        await FolderGuard(str(tmp_path), "MEDIA_ROOT").resolve("/etc/passwd")
    assert "'/etc/passwd'" in refusal.value.message
    assert "widen MEDIA_ROOT" in refusal.value.message


@pytest.mark.parametrize("swapped", ["a", "a/b", "a/b/c.mkv"])
def test_a_link_that_is_put_in_the_way_after_the_look_is_not_followed(tmp_path: Path, swapped: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    for folder in (root, outside):
        (folder / "a/b").mkdir(parents=True)
        (folder / "a/b/c.mkv").write_bytes(folder.name.encode())
    looked_at = root / "a/b/c.mkv"
    with os.fdopen(open_inside(root, looked_at), "rb") as file:
        assert file.read() == b"root"
    (root / swapped).rename(tmp_path / "aside")
    (root / swapped).symlink_to(outside / swapped)
    assert looked_at.read_bytes() == b"outside"
    with pytest.raises(FilesUnavailable, match="replaced while it was being opened"):
        open_inside(root, looked_at)


def test_a_file_that_vanishes_after_the_look_is_told_with_its_whole_path(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as refusal:
        open_inside(tmp_path, tmp_path / "a.mkv")
    assert refusal.value.filename == str(tmp_path / "a.mkv")


def test_nothing_stays_open_after_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    before = len(list(Path("/dev/fd").iterdir()))
    for name in ("a/b/gone", "gone/b/c", "a/b", "a"):
        with pytest.raises((FilesUnavailable, OSError)):
            open_inside(tmp_path, tmp_path / name)
    assert len(list(Path("/dev/fd").iterdir())) == before
