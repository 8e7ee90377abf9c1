"""Which disk a path lies on, told from trees like those that Linux keeps below /sys."""

import os
from pathlib import Path

import pytest

from earshelf.adapters.disks import SystemDisks
from earshelf.ports.previews import Disk


class Sysfs:
    """A tree like ``/sys``, with the disks that a test wants."""

    def __init__(self, folder: Path) -> None:
        self._devices = folder / "devices"
        self.root = folder / "dev" / "block"
        self.root.mkdir(parents=True)

    def disk(self, name: str, number: str, *, rotational: str | None) -> Path:
        device = self._device(name, number)
        if rotational is not None:
            (device / "queue").mkdir()
            (device / "queue" / "rotational").write_text(f"{rotational}\n")
        return device

    def partition(self, name: str, number: str, *, of: Path) -> Path:
        device = self._device(f"{of.name}/{name}", number)
        (device / "partition").write_text("1\n")
        return device

    def volume(self, name: str, number: str, *parts: Path, rotational: str = "1") -> Path:
        device = self.disk(name, number, rotational=rotational)
        (device / "slaves").mkdir()
        for part in parts:
            (device / "slaves" / part.name).symlink_to(part)
        return device

    def _device(self, path: str, number: str) -> Path:
        device = self._devices / path
        device.mkdir(parents=True)
        (self.root / number).symlink_to(device)
        return device


@pytest.fixture
def sysfs(tmp_path: Path) -> Sysfs:
    return Sysfs(tmp_path)


@pytest.mark.parametrize(("flag", "rotates"), [("1", True), ("0", False), ("", False), (None, False)])
def test_a_disk_rotates_where_the_kernel_says_so(sysfs: Sysfs, flag: str | None, rotates: bool) -> None:
    sysfs.disk("sda", "8:0", rotational=flag)
    assert SystemDisks(sysfs.root).numbered(8, 0) == Disk("sda", is_rotational=rotates)


def test_partitions_count_as_their_disk(sysfs: Sysfs) -> None:
    disk = sysfs.disk("sda", "8:0", rotational="1")
    sysfs.partition("sda1", "8:1", of=disk)
    sysfs.partition("sda2", "8:2", of=disk)
    disks = SystemDisks(sysfs.root)
    assert disks.numbered(8, 1) == disks.numbered(8, 2) == Disk("sda", is_rotational=True)


def test_two_volumes_on_one_disk_are_that_disk(sysfs: Sysfs) -> None:
    disk = sysfs.disk("sda", "8:0", rotational="1")
    sysfs.volume("dm-0", "253:0", sysfs.partition("sda1", "8:1", of=disk))
    sysfs.volume("dm-1", "253:1", sysfs.partition("sda2", "8:2", of=disk))
    disks = SystemDisks(sysfs.root)
    assert disks.numbered(253, 0) == disks.numbered(253, 1) == Disk("sda", is_rotational=True)


def test_a_volume_on_an_array_is_the_arrays_disks(sysfs: Sysfs) -> None:
    parts = [
        sysfs.partition(f"{name}1", f"8:{number + 1}", of=sysfs.disk(name, f"8:{number}", rotational="1"))
        for name, number in (("sdb", 16), ("sda", 0))
    ]
    array = sysfs.volume("md0", "9:0", *parts)
    sysfs.volume("dm-0", "253:0", array)
    assert SystemDisks(sysfs.root).numbered(253, 0) == Disk("sda+sdb", is_rotational=True)


def test_a_volume_is_judged_by_its_disks_and_not_by_its_own_flag(sysfs: Sysfs) -> None:
    sysfs.volume("dm-0", "253:0", sysfs.disk("nvme0n1", "259:0", rotational="0"), rotational="1")
    assert SystemDisks(sysfs.root).numbered(253, 0) == Disk("nvme0n1", is_rotational=False)


def test_volumes_that_lie_on_each_other_come_to_an_end(sysfs: Sysfs) -> None:
    one = sysfs.volume("dm-0", "253:0")
    other = sysfs.volume("dm-1", "253:1", one)
    (one / "slaves" / "dm-1").symlink_to(other)
    assert SystemDisks(sysfs.root).numbered(253, 0).identifier in {"dm-0", "dm-1"}


def test_what_lies_on_no_disk_does_not_rotate(sysfs: Sysfs) -> None:
    assert SystemDisks(sysfs.root).numbered(0, 45) == Disk("0:45", is_rotational=False)


async def test_a_path_is_on_the_disk_of_its_file_system(sysfs: Sysfs, tmp_path: Path) -> None:
    device = tmp_path.stat().st_dev
    sysfs.disk("sdz", f"{os.major(device)}:{os.minor(device)}", rotational="1")
    assert await SystemDisks(sysfs.root).holding(str(tmp_path)) == Disk("sdz", is_rotational=True)


@pytest.mark.parametrize("path", ["/nowhere/at all", "with\0nul"])
async def test_what_is_not_there_does_not_rotate(sysfs: Sysfs, path: str) -> None:
    assert not (await SystemDisks(sysfs.root).holding(path)).is_rotational


async def test_this_machines_own_disks_can_be_asked(tmp_path: Path) -> None:
    assert (await SystemDisks().holding(str(tmp_path))).identifier != "unknown"
