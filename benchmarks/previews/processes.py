"""What the kernel tells of other processes."""

import os
from contextlib import suppress
from pathlib import Path

_PARENT = 1
_USER = 11
_SYSTEM = 12


def children() -> list[int]:
    """Returns the processes that this one started and that still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int(_fields(folder)[_PARENT]) == os.getpid():
                found.append(int(folder.name))
    return found


def busy(process: int) -> float:
    """Returns the processor seconds of a process so far."""
    fields = _fields(Path(f"/proc/{process}"))
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / os.sysconf("SC_CLK_TCK")


def bytes_read(process: int) -> int:
    """Returns what a process asked to read so far, of files, pipes and sockets."""
    return _entry(process, "io", "rchar:")


def peak_kib(process: int) -> int:
    """Returns the most memory that a process held at once."""
    return _entry(process, "status", "VmHWM:")


def _fields(folder: Path) -> list[str]:
    # the name, in brackets, may hold anything
    return (folder / "stat").read_text().rpartition(")")[2].split()


def _entry(process: int, file: str, name: str) -> int:
    lines = Path(f"/proc/{process}/{file}").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
