"""One file's way into a staged book: by a link where possible, else byte by byte."""

import errno
import os
import stat
from pathlib import Path
from threading import Event

from earshelf.adapters.files.faults import disk_faults, shown
from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.imports import ImportMode

_LINKING = frozenset({ImportMode.HARDLINK, ImportMode.MOVE})
# another disk, a file of another user, too many names, or a file system without hard links
_CANNOT_LINK = frozenset(
    {errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
)
_CHUNK = 1 << 20


def bring(source: Path, destination: Path, mode: ImportMode, halt: Event) -> None:
    """Puts a source under a name that nothing has yet; ``halt`` is set by whoever no longer wants it.

    :raises FilesUnavailable: the source is no regular file, or grew or shrank meanwhile.
    """
    with disk_faults(source):
        _stop_if(halt, source)
        if not stat.S_ISREG(source.lstat().st_mode):
            raise FilesUnavailable(f"'{shown(source)}' is no regular file any more; import again")
        if mode not in _LINKING or not _linked(source, destination):
            _copy(source, destination, halt)


def _linked(source: Path, destination: Path) -> bool:
    try:
        os.link(source, destination, follow_symlinks=False)
    except OSError as error:
        if error.errno in _CANNOT_LINK:
            return False
        raise
    if not os.path.samestat(source.lstat(), destination.lstat()):
        raise _changed(source)
    return True


def _copy(source: Path, destination: Path, halt: Event) -> None:
    # not through a link that took the file's place, and never waiting for a pipe's other end
    handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb", buffering=0) as reader, destination.open("xb", buffering=0) as writer:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            raise _changed(source)
        while chunk := reader.read(_CHUNK):
            _stop_if(halt, source)
            _write_all(writer.fileno(), chunk, destination)
        with disk_faults(destination):
            os.fsync(writer.fileno())
        sizes = {before.st_size, os.fstat(handle).st_size, os.fstat(writer.fileno()).st_size}
    if len(sizes) > 1:
        raise _changed(source)


def _write_all(handle: int, chunk: bytes, destination: Path) -> None:
    rest = memoryview(chunk)
    with disk_faults(destination):
        while rest:
            rest = rest[os.write(handle, rest) :]


def _stop_if(halt: Event, source: Path) -> None:
    if halt.is_set():
        raise FilesUnavailable(f"The import stopped before '{shown(source)}'; it starts again by itself")


def _changed(source: Path) -> FilesUnavailable:
    return FilesUnavailable(f"'{shown(source)}' changed while it was read; import again once the download rests")
