"""Opening what may be anything: only plain files are read, and nothing is ever waited for."""

import os
import stat
from typing import BinaryIO

from earshelf.domain.errors import BifInvalid


def opened(path: str | os.PathLike[str], folder: int | None = None) -> BinaryIO:
    """Opens a file for reading, from an open folder where one is given.

    :raises BifInvalid: it is no plain file; a pipe would never answer.
    :raises OSError: the disk refuses.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK, dir_fd=folder)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BifInvalid("it is no file")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise
