"""Which disk a path lies on, told from trees like those that Linux keeps below /sys."""

import os
from pathlib import Path

import pytest

from earshelf.adapters.disks import SystemDisks
from earshelf.ports.previews import Disk


class Machine:
    """A tree like ``/sys`` with the disks that a test wants, and a film that lies on one of them."""

    def __init__(self, folder: Path) -> None:
        self._sysfs = folder / "sys"
        for place in ("devices", "dev/block", "class/block"):
            (self._sysfs / place).mkdir(parents=True)
        self._mounts = folder / "mounts"
        self._mounts.touch()
        self.film = folder / "film.mkv"
        self.film.touch()
        number = self.film.stat().st_dev
        self._number = f"{os.major(number)}:{os.minor(number)}"

    async def holding_the_film(self) -> Disk:
        return await SystemDisks(self._sysfs, self._mounts).holding(str(self.film))

    def put_the_film_on(self, device: Path) -> None:
        place = self._sysfs / "dev" / "block" / self._number
        place.unlink(missing_ok=True)
        place.symlink_to(device)

    def mount(self, source: str, point: object) -> None:
        spelled = str(point).replace(" ", "\\040")
        with self._mounts.open("a", encoding="utf-8") as table:
            table.write(f"36 35 0:31 /sub {spelled} rw,noatime shared:1 master:2 - btrfs {source} rw,space_cache\n")

    def disk(self, name: str, *, rotational: str | None) -> Path:
        device = self._device(name)
        if rotational is not None:
            (device / "queue").mkdir()
            (device / "queue" / "rotational").write_text(f"{rotational}\n")
        return device

    def partition(self, name: str, *, of: Path) -> Path:
        device = self._device(f"{of.name}/{name}")
        (device / "partition").write_text("1\n")
        return device

    def volume(self, name: str, *parts: Path, rotational: str = "1") -> Path:
        device = self.disk(name, rotational=rotational)
        (device / "slaves").mkdir()
        for part in parts:
            (device / "slaves" / part.name).symlink_to(part)
        return device

    def _device(self, path: str) -> Path:
        device = self._sysfs / "devices" / path
        device.mkdir(parents=True)
        (self._sysfs / "class" / "block" / device.name).symlink_to(device)
        return device


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(("flag", "rotates"), [("1", True), ("0", False), ("", False), (None, False)])
async def test_a_disk_rotates_where_the_kernel_says_so(machine: Machine, flag: str | None, rotates: bool) -> None:
    machine.put_the_film_on(machine.disk("sda", rotational=flag))
    assert await machine.holding_the_film() == Disk("sda", is_rotational=rotates)


@pytest.mark.parametrize("name", ["vda", "xvda", "nbd0", "rbd1", "loop7", "zram0"])
async def test_what_is_said_of_a_virtual_disk_is_not_believed(machine: Machine, name: str) -> None:
    machine.put_the_film_on(machine.disk(name, rotational="1"))
    assert await machine.holding_the_film() == Disk(name, is_rotational=False)


async def test_a_partition_counts_as_its_disk(machine: Machine) -> None:
    machine.put_the_film_on(machine.partition("sda1", of=machine.disk("sda", rotational="1")))
    assert await machine.holding_the_film() == Disk("sda", is_rotational=True)


async def test_two_volumes_on_one_disk_are_that_disk(machine: Machine) -> None:
    disk = machine.disk("sda", rotational="1")
    volumes = [machine.volume(f"dm-{number}", machine.partition(f"sda{number}", of=disk)) for number in (1, 2)]
    for volume in volumes:
        machine.put_the_film_on(volume)
        assert await machine.holding_the_film() == Disk("sda", is_rotational=True)


async def test_a_volume_on_an_array_is_the_arrays_disks(machine: Machine) -> None:
    parts = [machine.partition(f"{name}1", of=machine.disk(name, rotational="1")) for name in ("sdb", "sda")]
    machine.put_the_film_on(machine.volume("dm-0", machine.volume("md0", *parts)))
    assert await machine.holding_the_film() == Disk("sda+sdb", is_rotational=True)


async def test_a_volume_is_judged_by_its_disks_and_not_by_its_own_flag(machine: Machine) -> None:
    machine.put_the_film_on(machine.volume("dm-0", machine.disk("nvme0n1", rotational="0"), rotational="1"))
    assert await machine.holding_the_film() == Disk("nvme0n1", is_rotational=False)


async def test_volumes_that_lie_on_each_other_come_to_an_end(machine: Machine) -> None:
    one = machine.volume("dm-0")
    other = machine.volume("dm-1", one)
    (one / "slaves" / "dm-1").symlink_to(other)
    machine.put_the_film_on(one)
    assert (await machine.holding_the_film()).identifier in {"dm-0", "dm-1"}


async def test_a_file_system_without_a_device_number_is_found_by_its_mount(machine: Machine, tmp_path: Path) -> None:
    machine.partition("sda1", of=machine.disk("sda", rotational="1"))
    machine.partition("nvme0n1p2", of=machine.disk("nvme0n1", rotational="0"))
    machine.mount("/dev/nvme0n1p2", "/")
    machine.mount("/dev/sda1", tmp_path)
    machine.mount("/dev/nvme0n1p2", tmp_path / "film")
    assert await machine.holding_the_film() == Disk("sda", is_rotational=True)


async def test_a_mount_point_may_have_blanks(machine: Machine, tmp_path: Path) -> None:
    machine.disk("sda", rotational="1")
    folder = tmp_path / "my films"
    folder.mkdir()
    machine.film = machine.film.rename(folder / "film.mkv")
    machine.mount("/dev/sda", folder)
    assert (await machine.holding_the_film()).is_rotational


@pytest.mark.parametrize("source", ["nas:/films", "overlay", "/dev/unheard-of"])
async def test_what_lies_on_no_disk_that_is_known_does_not_rotate(machine: Machine, source: str) -> None:
    machine.disk("sda", rotational="1")
    machine.mount(source, "/")
    assert not (await machine.holding_the_film()).is_rotational


@pytest.mark.parametrize("path", ["/nowhere/at all", "with\0nul"])
async def test_what_is_not_there_does_not_rotate(path: str) -> None:
    assert await SystemDisks().holding(path) == Disk("unknown", is_rotational=False)


async def test_a_machine_without_sysfs_has_no_disk_that_rotates(tmp_path: Path) -> None:
    disk = await SystemDisks(tmp_path / "sys", tmp_path / "mounts").holding(str(tmp_path))
    assert not disk.is_rotational


async def test_this_machines_own_disks_can_be_asked(tmp_path: Path) -> None:
    assert (await SystemDisks().holding(str(tmp_path))).identifier != "unknown"
