"""Names and locks of what is still being made, so that what a killed run left is told from what somebody works on.

Everything unfinished has a hidden name with our own ending, and whoever makes it holds a lock on it: the lock goes with
the process, however it ends.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

SUFFIX = ".earshelf-unfinished"
SET_ASIDE = ".earshelf-aside"
_numbers = count()


def unfinished_name(final: Path, folder: Path | None = None) -> Path:
    """Returns a name for what will be put at ``final``, in its folder or in another one of the same file system."""
    return (folder or final.parent) / f".{final.name[:100]}.{os.getpid()}-{next(_numbers)}{SUFFIX}"


def aside_name(final: Path) -> Path:
    """Returns a name, beside it, for what stood at ``final`` while the new takes the place."""
    return final.with_name(f".{final.name}.{os.getpid()}-{next(_numbers)}{SET_ASIDE}")


class NewFolders:
    """A folder, made with all that leads to it; those that stay empty can be withdrawn."""

    def __init__(self, folder: Path) -> None:
        missing = [folder, *folder.parents]
        self._made = [one for one in missing if not one.exists()]
        folder.mkdir(parents=True, exist_ok=True)

    def withdraw(self) -> None:
        """Removes what was made here and holds nothing."""
        for folder in self._made:
            with suppress(OSError):
                folder.rmdir()


def locked(descriptor: int) -> bool:
    """Takes the lock of an open file or folder; False where somebody else holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def remove(path: Path) -> None:
    """Removes a file or a folder with all that lies in it; what is not there is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def leftovers(folder: Path) -> Iterator[Path]:
    """Gives everything unfinished below a folder that nobody works on, deepest last; links are not followed."""
    for parent, folders, files in os.walk(folder, onerror=_complain):
        for name in [*folders, *files]:
            if name.endswith((SUFFIX, SET_ASIDE)) and name.startswith("."):
                path = Path(parent, name)
                if name in folders:
                    folders.remove(name)
                if _is_abandoned(path):
                    yield path


def _is_abandoned(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        # gone meanwhile, or a link that somebody made by hand
        return False
    try:
        return locked(descriptor)
    finally:
        os.close(descriptor)


def _complain(problem: OSError) -> None:
    if not isinstance(problem, FileNotFoundError):
        raise problem
