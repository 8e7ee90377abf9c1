"""Putting a folder in the place of another in one step, where the system can, else with the way back open."""

import ctypes
import errno
import os
from pathlib import Path

from earshelf.adapters.preview_store.unfinished import SET_ASIDE, aside_name, locked, remove

_HERE = -100  # AT_FDCWD
_EXCHANGE = 2  # RENAME_EXCHANGE
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})


def put_in_place(unfinished: Path, final: Path) -> None:
    """Gives a finished folder its name; what stood there is removed once the new one stands.

    :raises OSError: the disk refuses; what stood there stands there again.
    """
    if not os.path.lexists(final):
        unfinished.rename(final)
    elif _exchanged(unfinished, final):
        remove(unfinished)
    else:
        _in_two_steps(unfinished, final)


def restore(aside: Path) -> None:
    """Undoes what a killed run left of an exchange in two steps: what it set aside goes back, or away."""
    final = aside.with_name(aside.name.removesuffix(SET_ASIDE).removeprefix(".").rpartition(".")[0])
    if os.path.lexists(final):
        remove(aside)
    else:
        aside.rename(final)


def _exchanged(one: Path, other: Path) -> bool:
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


def _in_two_steps(unfinished: Path, final: Path) -> None:
    aside = aside_name(final)
    descriptor = os.open(final, os.O_RDONLY)
    try:
        # whoever sweeps meanwhile sees that somebody is at it
        locked(descriptor)
        final.rename(aside)
        try:
            unfinished.rename(final)
        except BaseException:
            aside.rename(final)
            raise
        remove(aside)
    finally:
        os.close(descriptor)
