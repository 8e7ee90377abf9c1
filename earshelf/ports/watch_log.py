"""Who watched the items of media servers' libraries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from earshelf.domain.ids import ServerId
from earshelf.domain.watches import Watch


class WatchLog(Protocol):
    """The history; steps and errors as of the shelf of items. It goes with its items, also under another key."""

    async def add(self, server_id: ServerId, watches: Sequence[Watch]) -> None:
        """Writes down what is new of these; what is of no listed item is left out.

        The same item, viewer and second is one.
        """
        ...

    async def newest(self, server_id: ServerId) -> datetime | None:
        """Returns when anything of a server was watched last, None where nothing is known."""
        ...
