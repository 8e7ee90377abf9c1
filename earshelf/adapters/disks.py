"""The machine's disks as Linux describes them; where nothing describes them, no disk rotates."""

import os
from pathlib import Path

from anyio import to_thread

from earshelf.ports.previews import Disk

_DEEPEST = 16


class SystemDisks:
    """Reads what lies below ``root``, which is ``/sys/dev/block`` but in tests."""

    def __init__(self, root: str | Path = "/sys/dev/block") -> None:
        self._root = Path(root)

    async def holding(self, path: str) -> Disk:
        # a dead network mount may keep this waiting for long; it must not keep the others waiting too
        return await to_thread.run_sync(self._holding, path, abandon_on_cancel=True)

    def _holding(self, path: str) -> Disk:
        try:
            device = Path(path).stat().st_dev
        except (OSError, ValueError):
            return Disk("unknown", is_rotational=False)
        return self.numbered(os.major(device), os.minor(device))

    def numbered(self, major: int, minor: int) -> Disk:
        """Says which disk has a device number.

        Partitions count as their disk, and what is put together of others, such as a logical volume, as those. Memory,
        network and overlay file systems have numbers that belong to no disk.
        """
        name = f"{major}:{minor}"
        try:
            disks = sorted(_disks_below((self._root / name).resolve(strict=True), _DEEPEST))
            return Disk("+".join(disk.name for disk in disks), any(_rotates(disk) for disk in disks))
        except OSError:
            return Disk(name, is_rotational=False)


def _disks_below(device: Path, depth: int) -> set[Path]:
    parts = sorted((device / "slaves").iterdir()) if (device / "slaves").is_dir() else []
    if parts and depth:
        return {disk for part in parts for disk in _disks_below(part.resolve(strict=True), depth - 1)}
    return {device.parent if (device / "partition").exists() else device}


def _rotates(disk: Path) -> bool:
    try:
        return (disk / "queue" / "rotational").read_text(encoding="ascii").strip() == "1"
    except (OSError, ValueError):
        return False
