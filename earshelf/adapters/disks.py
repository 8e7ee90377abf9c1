"""The machine's disks as Linux describes them; where nothing describes them, no disk rotates."""

import os
import re
from pathlib import Path

from anyio import to_thread

from earshelf.ports.previews import Disk

_DEEPEST = 16
# a machine inside a machine is not told what its disk is, and Linux then assumes the worst
_UNTOLD = re.compile(r"(vd|xvd|nbd|rbd|loop|ram|zram)[a-z0-9]+")


class SystemDisks:
    """Reads what the kernel tells in ``sysfs`` and in the table of mounts, which are those of Linux but in tests.

    Partitions count as their disk, and what is put together of others, such as a logical volume, as those. Memory,
    network and overlay file systems lie on no disk that could be told, and do not rotate; virtual disks neither.
    """

    def __init__(self, sysfs: str | Path = "/sys", mounts: str | Path = "/proc/self/mountinfo") -> None:
        self._sysfs = Path(sysfs)
        self._mounts = Path(mounts)

    async def holding(self, path: str) -> Disk:
        # a dead network mount may keep this waiting for long; it must not keep the others waiting too
        return await to_thread.run_sync(self._holding, path, abandon_on_cancel=True)

    def _holding(self, path: str) -> Disk:
        try:
            number = Path(path).stat().st_dev
        except (OSError, ValueError):
            return Disk("unknown", is_rotational=False)
        name = f"{os.major(number)}:{os.minor(number)}"
        try:
            disks = sorted(_disks_below(self._device(name, path), _DEEPEST))
        except OSError:
            return Disk(name, is_rotational=False)
        return Disk("+".join(disk.name for disk in disks), any(_rotates(disk) for disk in disks))

    def _device(self, name: str, path: str) -> Path:
        numbered = self._sysfs / "dev" / "block" / name
        if numbered.exists():
            return numbered.resolve(strict=True)
        # btrfs gives its files numbers that belong to no device, but its mounts name one
        source = os.path.realpath(self._mounted_from(os.path.realpath(path)))
        return (self._sysfs / "class" / "block" / Path(source).name).resolve(strict=True)

    def _mounted_from(self, path: str) -> str:
        """Returns what is mounted where a path lies, such as ``/dev/sda1``."""
        rows = [line.split(" ") for line in self._mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
        known = [(_unescaped(row[4]), row[row.index("-") + 2]) for row in rows]
        holding = [(len(point), source) for point, source in known if _is_below(path, point)]
        if not holding or not (source := max(holding)[1]).startswith("/dev/"):
            raise FileNotFoundError(path)
        return source


def _unescaped(point: str) -> str:
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, char)
    return point


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _disks_below(device: Path, depth: int) -> set[Path]:
    parts = sorted((device / "slaves").iterdir()) if (device / "slaves").is_dir() else []
    if parts and depth:
        return {disk for part in parts for disk in _disks_below(part.resolve(strict=True), depth - 1)}
    return {device.parent if (device / "partition").exists() else device}


def _rotates(disk: Path) -> bool:
    if _UNTOLD.fullmatch(disk.name):
        return False
    try:
        return (disk / "queue" / "rotational").read_text(encoding="ascii").strip() == "1"
    except (OSError, ValueError):
        return False
