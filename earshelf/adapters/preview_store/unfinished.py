"""Names and locks of what is still being made, so that what a killed run left is told from what somebody works on.

Everything unfinished has a hidden name with our own ending, and whoever makes it holds a lock on it: the lock goes with
the process, however it ends. The name also tells how many folders were made for it.
"""

import errno
import fcntl
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

SUFFIX = ".earshelf-unfinished"
SET_ASIDE = ".earshelf-aside"
_OURS = re.compile(
    rf"\.(?P<final>.*)\.[0-9a-f]{{16}}-(?P<made>\d{{1,4}})(?:{re.escape(SUFFIX)}|{re.escape(SET_ASIDE)})", re.DOTALL
)
_LONGEST_NAME = 255  # bytes, on nearly every file system
# NFS locks nothing that is open for reading only, as a folder always is
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EINVAL, errno.EBADF})
# where no lock tells whether somebody works on it: no result takes so long
_SECONDS_UNTIL_ABANDONED = 24 * 3600.0
_TRIES = 20


def unfinished_name(final: Path, *, made: int = 0, suffix: str = SUFFIX) -> Path:
    """Returns a name for what will be put at ``final``, or inside it; it lies beside it."""
    # no process number: in containers every run has the same
    ending = f".{token_hex(8)}-{made}{suffix}"
    room = _LONGEST_NAME - len(ending) - 1
    # a character that is cut in two would be no name on some file systems
    kept = os.fsencode(final.name)[:room].decode(errors="ignore")
    return final.with_name(f".{kept}{ending}")


def told_by(name: str) -> tuple[str, int] | None:
    """Returns what an unfinished thing's name tells: the final name, perhaps cut, and how many folders were made."""
    found = _OURS.fullmatch(name)
    return (found["final"], int(found["made"])) if found else None


class NewFolders:
    """A folder, made with all that leads to it; those that stay empty can be withdrawn."""

    def __init__(self, folder: Path) -> None:
        missing = [folder, *folder.parents]
        self._made = [one for one in missing if not one.exists()]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except BaseException:
            self.withdraw()
            raise

    @property
    def count(self) -> int:
        """How many were made."""
        return len(self._made)

    def give_away(self) -> None:
        """Lets those that were made here belong to whom the folder around them belongs."""
        for folder in reversed(self._made):
            _give_folder(folder)

    def withdraw(self) -> None:
        """Removes what was made here and holds nothing."""
        for folder in self._made:
            with suppress(OSError):
                folder.rmdir()


class Unfinished:
    """A new file or folder, beside what it is named after, that this process holds and nobody sweeps away.

    The folder ``needed`` is made with it.
    """

    def __init__(self, final: Path, needed: Path, make: Callable[[Path], int], suffix: str = SUFFIX) -> None:
        for left in reversed(range(_TRIES)):
            self.folders = NewFolders(needed)
            self.path = unfinished_name(final, made=self.folders.count, suffix=suffix)
            try:
                self.descriptor = make(self.path)
            except BaseException as problem:
                self.folders.withdraw()
                # another writer withdrew the folder just now
                if left and isinstance(problem, FileNotFoundError):
                    continue
                raise
            if self._is_held():
                # not before: only what has a hidden name beside or in it is swept after a death
                self.folders.give_away()
                give_to_owner_of(self.path.parent, self.descriptor)
                return
            os.close(self.descriptor)
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(final))

    def _is_held(self) -> bool:
        """Locks it; False where somebody swept in the moment before."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            # where the file system knows no locks nothing so new is swept either
            return problem.errno in _NO_LOCKS
        with suppress(FileNotFoundError):
            return self.path.lstat().st_ino == os.fstat(self.descriptor).st_ino
        return False

    def discard(self) -> None:
        """Leaves nothing of it but what was given its final name; may be repeated."""
        with suppress(OSError):
            remove(self.path)
        self.leave()
        self.folders.withdraw()

    def leave(self) -> None:
        """Lets go of it, whatever lies there; may be repeated."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def new_file(final: Path) -> Unfinished:
    """Begins a file, in a folder that is made for it."""
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW
    return Unfinished(final, final.parent, lambda path: os.open(path, flags, 0o666))


def new_folder(final: Path, needed: Path, *, suffix: str = SUFFIX) -> Unfinished:
    """Begins a folder."""
    return Unfinished(final, needed, _made_folder, suffix)


def _made_folder(path: Path) -> int:
    path.mkdir()
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)


@contextmanager
def taken_over(path: Path) -> Iterator[bool]:
    """Holds what a killed run left; False where somebody works on it, or nobody can tell."""
    try:
        descriptor = _opened_to_lock(path)
    except OSError:
        # gone meanwhile, somebody else's, or a link that somebody made by hand
        yield False
        return
    try:
        yield is_abandoned(descriptor)
    finally:
        os.close(descriptor)


def is_abandoned(descriptor: int) -> bool:
    """Takes the lock of what a run left; where there are no locks, only what is a day old counts as left."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        age = time.time() - os.fstat(descriptor).st_mtime
        return problem.errno in _NO_LOCKS and age > _SECONDS_UNTIL_ABANDONED
    return True


def _opened_to_lock(path: Path) -> int:
    # never waits, whatever somebody put under such a name
    flags = os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        # NFS locks a file only where it could be written
        return os.open(path, os.O_RDWR | flags)
    except IsADirectoryError:
        return os.open(path, os.O_RDONLY | flags)


def give_to_owner_of(folder: Path, made: int) -> None:
    """Lets what root makes belong to whom its folder belongs, so that a media server can replace it.

    ``made`` is open: behind a name the folder's owner could put somebody else's file.
    """
    if os.geteuid() == 0:
        owner = folder.stat()
        # some disks know no owners, and some let root change none
        with suppress(OSError):
            os.chown(made, owner.st_uid, owner.st_gid)


def _give_folder(made: Path) -> None:
    # gone, or not ours any more: then there is nothing to give
    with suppress(OSError):
        descriptor = os.open(made, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            give_to_owner_of(made.parent, descriptor)
        finally:
            os.close(descriptor)


def remove(path: Path) -> None:
    """Removes a file or a folder with all that lies in it; what is not there is fine."""
    for _ in range(_TRIES):
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            # another process removes the same
            continue
        return
