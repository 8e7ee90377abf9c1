"""What the disk refuses about results, in the words of the domain."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earshelf.adapters.files.faults import disk_faults, shown
from earshelf.adapters.preview_store.unfinished import told_by
from earshelf.domain.errors import BifInvalid, FilesUnavailable

_IN_THE_WAY = frozenset({errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY})


@contextmanager
def result_faults(path: str) -> Iterator[None]:
    """Says what the disk refuses about a result, and what else may be wrong with it."""
    try:
        with disk_faults(path):
            yield
    except BifInvalid as problem:
        raise FilesUnavailable(f"'{shown(path)}' is not sound: {problem.message}; make it anew") from problem
    except FilesUnavailable as problem:
        cause = problem.__cause__
        if not isinstance(cause, OSError):
            raise
        where = _culprit(cause, path)
        if cause.errno in _IN_THE_WAY:
            where = next((str(one) for one in reversed(Path(where).parents) if _is_no_folder(one)), where)
            raise FilesUnavailable(f"'{shown(where)}' is in the way of a result; move it away") from cause
        with disk_faults(where):
            raise OSError(cause.errno, cause.strerror) from cause


def _culprit(cause: OSError, path: str) -> str:
    """Names what people know: our own hidden names stand for the result that they were to become."""
    named = cause.filename if isinstance(cause.filename, str) else path
    return path if any(told_by(part) for part in Path(named).parts) else named


def _is_no_folder(path: Path) -> bool:
    return os.path.lexists(path) and not path.is_dir()


def require_spellable(path: str) -> None:
    """Looks whether a disk can hold such a name at all.

    :raises FilesUnavailable: it cannot.
    """
    try:
        if b"\0" not in os.fsencode(path):
            return
    except UnicodeEncodeError:
        pass
    raise FilesUnavailable(f"'{shown(path)}' is nothing that a disk can hold; correct the name")
