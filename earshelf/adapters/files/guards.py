"""Folders that paths do not leave, not even through links."""

import errno
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from anyio import to_thread

from earshelf.adapters.files.faults import disk_faults, real, shown, usable
from earshelf.domain.errors import FilesUnavailable, Invalid
from earshelf.domain.import_errors import UnsafeSource

# a folder that may be passed but not listed can be on the way
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# a pipe without a writer would wait for one
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_SWAPPED = frozenset({errno.ELOOP, errno.EMLINK, errno.ENOTDIR})


class FolderGuard:
    """Guards a folder; ``variable`` is what the owner sets it by, for the messages."""

    def __init__(self, root: str, variable: str) -> None:
        self._root = root
        self._variable = variable

    async def resolve(self, path: str) -> str:
        """Follows the links in a thread, for a disk that hangs is not to stop the server."""
        return str(await to_thread.run_sync(self._resolved, path))

    @asynccontextmanager
    async def opened(self, path: str) -> AsyncIterator[BinaryIO]:
        """Walks to the file folder by folder, so that what is checked is what is opened."""
        file = await to_thread.run_sync(self._open, path)
        with file:
            yield file

    def _open(self, path: str) -> BinaryIO:
        place = self._resolved(path)
        with disk_faults(place):
            return os.fdopen(open_inside(real(Path(self._root)), place), "rb")

    def _resolved(self, path: str) -> Path:
        try:
            place = real(usable(path))
        except UnsafeSource as problem:
            raise Invalid(problem.message) from problem
        if not place.is_relative_to(real(Path(self._root))):
            raise Invalid(
                f"'{shown(path)}' leads out of '{shown(self._root)}', all that {self._variable} allows; name a path in "
                f"it, or widen {self._variable}"
            )
        return place


def open_inside(root: Path, place: Path) -> int:
    """Opens a regular file below a root for reading; both paths are free of links, and one met on the way is refused.

    :raises FilesUnavailable: a link or something else came into the way, or it is no regular file.
    :raises OSError: the disk refuses; it names the whole path.
    """
    handle = os.open(root, _FOLDER)
    try:
        *folders, name = place.relative_to(root).parts or (".",)
        for folder in folders:
            handle = _stepped(handle, folder)
        file = os.open(name, _FILE, dir_fd=handle)
    except OSError as error:
        if error.errno in _SWAPPED:
            raise _no_file(place) from error
        error.filename = str(place)
        raise
    finally:
        os.close(handle)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise _no_file(place)
    return file


def _stepped(handle: int, folder: str) -> int:
    inner = os.open(folder, _FOLDER, dir_fd=handle)
    os.close(handle)
    return inner


def _no_file(place: Path) -> FilesUnavailable:
    return FilesUnavailable(
        f"'{shown(place)}' is no file, or was replaced while it was being opened; look at what it is"
    )
