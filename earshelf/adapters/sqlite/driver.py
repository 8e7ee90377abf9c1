"""sqlite-utils, loaded without numpy.

It looks for numpy's number types wherever numpy is installed; none is ever stored here, and numpy would be a sixth of
the server's memory. What makes previews loads it in processes of its own.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import cast


@contextmanager
def _without(name: str) -> Iterator[None]:
    if name in sys.modules:
        yield
        return
    # the way of the import system to say: is not installed
    sys.modules[name] = cast(ModuleType, None)
    try:
        yield
    finally:
        del sys.modules[name]


with _without("numpy"):
    from sqlite_utils import Database
    from sqlite_utils.db import NotFoundError

__all__ = ["Database", "NotFoundError"]
