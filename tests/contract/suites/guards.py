"""What every guard of a folder does, on a disk with links.

A subclass gives a fixture ``guarding``, which makes the guard of a folder, given by its path.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from earshelf.domain.errors import FilesUnavailable, Invalid
from earshelf.ports.guards import PathGuard

Guarding = Callable[[str], PathGuard]


class PathGuardContract:
    """Inside is inside, whatever the path is called and wherever its links lead."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        for folder in ("plex/Media", "plex2", "secret"):
            (tmp_path / folder).mkdir(parents=True)
        (tmp_path / "plex/Media/a.bif").write_bytes(b"inside")
        (tmp_path / "secret/key").write_bytes(b"outside")
        return tmp_path / "plex"

    @pytest.fixture
    def guard(self, guarding: Guarding, root: Path) -> PathGuard:
        return guarding(str(root))

    @pytest.mark.parametrize("tail", ["", "/", "/Media", "/Media/a.bif", "//Media/./a.bif", "/gone/../Media", "/new/x"])
    async def test_what_lies_in_the_root_is_let_through_as_it_really_is(
        self, guard: PathGuard, root: Path, tail: str
    ) -> None:
        assert await guard.resolve(f"{root}{tail}") == os.path.normpath(f"{root.resolve()}{tail}")

    @pytest.mark.parametrize("tail", ["2", "2/x", "/..", "/../secret/key", "/Media/../../plex2", "x"])
    async def test_a_name_that_only_begins_like_the_root_or_climbs_out_is_refused(
        self, guard: PathGuard, root: Path, tail: str
    ) -> None:
        with pytest.raises(Invalid, match="leads out of"):
            await guard.resolve(f"{root}{tail}")

    @pytest.mark.parametrize("path", ["", "  ", "Media/a.bif", "./x", "~/x"])
    async def test_a_path_that_is_not_absolute_is_refused(self, guard: PathGuard, path: str) -> None:
        with pytest.raises(Invalid, match="no absolute path"):
            await guard.resolve(path)

    async def test_a_nul_is_refused(self, guard: PathGuard, root: Path) -> None:
        for path in (f"{root}/a\0.bif", "/\0", f"{root}/\ud800"):
            with pytest.raises(Invalid):
                await guard.resolve(path)

    @pytest.mark.parametrize("target", ["../../secret", "/", "../../plex2"])
    async def test_a_link_out_of_the_root_is_refused_and_so_is_what_lies_behind_it(
        self, guard: PathGuard, root: Path, target: str
    ) -> None:
        (root / "Media/link").symlink_to(target)
        for path in (f"{root}/Media/link", f"{root}/Media/link/key", f"{root}/Media/link/not/there"):
            with pytest.raises(Invalid):
                await guard.resolve(path)

    async def test_a_link_that_stays_inside_is_followed(self, guard: PathGuard, root: Path) -> None:
        (root / "link").symlink_to("Media")
        assert await guard.resolve(f"{root}/link/a.bif") == str(root.resolve() / "Media/a.bif")
        async with guard.opened(f"{root}/link/a.bif") as file:
            assert file.read() == b"inside"

    async def test_a_root_that_is_a_link_guards_what_it_leads_to(self, guarding: Guarding, root: Path) -> None:
        (root.parent / "alias").symlink_to(root)
        guard = guarding(str(root.parent / "alias"))
        for path in (root.parent / "alias/Media/a.bif", root / "Media/a.bif"):
            assert await guard.resolve(str(path)) == str(root.resolve() / "Media/a.bif")
        with pytest.raises(Invalid):
            await guard.resolve(str(root.parent / "alias2"))

    async def test_the_whole_disk_as_root_lets_every_absolute_path_through(
        self, guarding: Guarding, root: Path
    ) -> None:
        guard = guarding("/")
        assert await guard.resolve(f"{root}/../secret/key") == str(root.resolve().parent / "secret/key")
        assert await guard.resolve("/") == "/"
        async with guard.opened(f"{root.parent}/secret/key") as file:
            assert file.read() == b"outside"

    async def test_a_file_inside_is_opened(self, guard: PathGuard, root: Path) -> None:
        async with guard.opened(f"{root}/Media/a.bif") as file:
            assert file.read() == b"inside"
        assert file.closed

    async def test_a_file_outside_is_not_opened(self, guard: PathGuard, root: Path) -> None:
        (root / "link").symlink_to("../secret/key")
        for path in (root / "link", root.parent / "secret/key"):
            with pytest.raises(Invalid):
                async with guard.opened(str(path)):
                    pytest.fail("it was opened")

    async def test_only_files_are_opened(self, guard: PathGuard, root: Path) -> None:
        os.mkfifo(root / "pipe")
        (root / "circle").symlink_to("circle")
        for name in ("Media", "pipe", "circle", ".", "gone", "Media/a.bif/x"):
            with pytest.raises(FilesUnavailable, match=str(root)):
                async with guard.opened(f"{root}/{name}"):
                    pytest.fail("it was opened")
