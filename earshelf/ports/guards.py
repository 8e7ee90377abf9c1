"""Keeping paths that people and other programs name inside the folder that the owner allows."""

from contextlib import AbstractAsyncContextManager
from typing import BinaryIO, Protocol


class PathGuard(Protocol):
    """Guards one folder of this machine, its root; the whole disk where the root is ``/``.

    The root itself may be reached through links, what lies in it may hold links that stay inside.
    """

    async def resolve(self, path: str) -> str:
        """Returns where a path really leads once every link is followed; it does not have to exist.

        This is so now and can be otherwise a moment later: who reads what others can change opens it with
        :meth:`opened`.

        :raises Invalid: the path is blank, relative, holds a NUL, or leads out of the root; the message names the
            remedy.
        """
        ...

    def opened(self, path: str) -> AbstractAsyncContextManager[BinaryIO]:
        """Opens a regular file for reading, as it lies inside the root; a link put in its way meanwhile is refused.

        :raises Invalid: as :meth:`resolve`. :raises FilesUnavailable: it is no file, or the disk refuses.
        """
        ...
