"""Putting a folder in the place of another in one step, where the system can, else with the way back open."""

import ctypes
import errno
import os
from contextlib import suppress
from pathlib import Path

from earshelf.adapters.preview_store.unfinished import SET_ASIDE, new_folder, remove

_HERE = -100  # AT_FDCWD
_EXCHANGE = 2  # RENAME_EXCHANGE
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM})
_TAKEN = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR})
_TRIES = 20


def put_in_place(unfinished: Path, final: Path) -> None:
    """Gives a finished folder its name; what stood there is removed once the new one stands.

    :raises OSError: the disk refuses; what stood there stands there again.
    """
    for left in reversed(range(_TRIES)):
        try:
            # another writer may have withdrawn it, because it was empty
            final.parent.mkdir(parents=True, exist_ok=True)
            _put(unfinished, final)
            return
        except OSError as problem:
            # another writer was quicker by one step
            if not left or not (isinstance(problem, FileNotFoundError) or problem.errno in _TAKEN):
                raise


def restore(aside: Path) -> None:
    """Undoes what a killed run left of an exchange in two steps: what it set aside goes back, or away."""
    for old in aside.iterdir() if aside.is_dir() else ():
        final = aside.with_name(old.name)
        if not os.path.lexists(final):
            old.rename(final)
    remove(aside)


def _put(unfinished: Path, final: Path) -> None:
    try:
        unfinished.rename(final)
    except OSError as problem:
        if problem.errno not in _TAKEN:
            raise
    else:
        return
    if exchanged(unfinished, final):
        # the new one stands; what is left of the old one is swept another time
        with suppress(OSError):
            remove(unfinished)
    else:
        in_two_steps(unfinished, final)


def exchanged(one: Path, other: Path) -> bool:
    """Lets two things swap their names in one step; False where the system cannot.

    :raises OSError: the disk refuses.
    """
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        return False
    if renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(other))


def in_two_steps(unfinished: Path, final: Path) -> None:
    """Sets aside what stands there, in a folder of its own so that its name stays, and puts the new one in its place.

    :raises OSError: the disk refuses; what stood there stands there again.
    """
    # whoever sweeps meanwhile sees that somebody is at it
    aside = new_folder(final, final.parent, suffix=SET_ASIDE)
    try:
        final.rename(aside.path / final.name)
        try:
            unfinished.rename(final)
        except BaseException:
            with suppress(OSError):
                (aside.path / final.name).rename(final)
            raise
    finally:
        # what could not go back is never removed: the next sweep tries again
        if os.path.lexists(final) or not any(aside.path.iterdir()):
            aside.discard()
        else:
            aside.leave()
