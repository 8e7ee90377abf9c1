"""What the disk says, put into the words of the domain."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.import_errors import UnsafeSource

_REMEDIES = {
    errno.EACCES: "give the user that runs Earshelf access to it",
    errno.EPERM: "give the user that runs Earshelf access to it",
    errno.ENOSPC: "free some space on its disk",
    errno.EDQUOT: "raise the quota or free some space",
    errno.EROFS: "mount its disk writable",
    errno.ENAMETOOLONG: "shorten its name, or the naming templates",
    errno.EEXIST: "two files would get this name; change the file template",
}
_AGAINST_WRITING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENAMETOOLONG, errno.EEXIST, errno.EFBIG})


def shown(path: str | Path) -> str:
    """A path as it can be printed and stored: what is not UTF-8 on the disk becomes question marks."""
    return str(path).encode(errors="replace").decode()


@contextmanager
def disk_faults(path: str | Path) -> Iterator[None]:
    """Turns every refusal of the disk into ``FilesUnavailable``; ``path`` is named where the disk names none."""
    try:
        yield
    except OSError as error:
        raise FilesUnavailable(_sentence(_culprit(error) or path, error)) from error


def usable(path: str) -> Path:
    """Reads an absolute path; double slashes and dots are taken out.

    :raises UnsafeSource: it is blank, relative, or nothing that a disk can hold.
    """
    try:
        encoded = os.fsencode(path)
    except UnicodeEncodeError:
        encoded = b"\0"
    if b"\0" in encoded or not path.startswith("/"):
        raise UnsafeSource(f"'{shown(path)}' is no absolute path; correct the folder or the path mapping it comes from")
    return Path("/" + os.path.normpath(path).lstrip("/"))


def real(path: Path) -> Path:
    """Where a path leads once every link is followed; what does not exist stays as it is."""
    return Path(os.path.realpath(path))


def lies(path: Path) -> bool:
    """Whether anything has this name, be it a link to nothing."""
    return os.path.lexists(path)


def is_real_folder(path: Path) -> bool:
    """Whether the path is a folder and no link to one."""
    return path.is_dir() and not path.is_symlink()


def sync_folder(folder: Path) -> None:
    """Makes renames and new names in a folder survive a power cut, where its file system can do that."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        # network file systems know no such thing for folders
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(handle)


def _culprit(error: OSError) -> str | None:
    """The path that a refusal is about: of two, what was to be written where the reason is one against writing."""
    named = error.filename2 if error.errno in _AGAINST_WRITING and error.filename2 else error.filename
    return named if isinstance(named, str) else None


def _sentence(path: str | Path, error: OSError) -> str:
    reason = os.strerror(error.errno) if error.errno else "the disk failed"
    remedy = _REMEDIES.get(error.errno or 0, "check that its disk is mounted and healthy")
    return f"'{shown(path)}': {reason}; {remedy}"
