"""Items that their server lists no more: kept for a while, in case they come back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from earshelf.domain.ids import MediaId, ServerId
from earshelf.domain.reunions import Trace


class RemovedItems(Protocol):
    """What was removed, and what may be the same under another key; steps and errors as of the shelf of items."""

    async def put_away(self, server_id: ServerId, keys: Collection[str], now: datetime) -> None:
        """Takes items out of all lists, by their keys; unknown keys are no error."""
        ...

    async def lost(self, server_id: ServerId, missing: Collection[str]) -> Sequence[Trace]:
        """Returns what these items, and all that were put away of the server, can be found again by; oldest first."""
        ...

    async def newcomers(self, server_id: ServerId) -> Sequence[Trace]:
        """Returns the same of items that were stored since their library was settled last, oldest first."""
        ...

    async def reunite(self, pairs: Mapping[MediaId, MediaId]) -> None:
        """Puts items in the place of lost ones, by the ids of the lost: each takes over id, age, and time added.

        It is never told to be played less often, or added later, than the lost one was. Unknown ids are no error.
        """
        ...

    async def settle(self, server_id: ServerId, library_keys: Collection[str]) -> None:
        """Says that what these libraries hold now is known for good."""
        ...

    async def forget(self, before: datetime) -> None:
        """Deletes for good what was put away before a moment."""
        ...

    async def purge(self, server_id: ServerId, library_key: str) -> int:
        """Deletes all items of a library for good, listed or put away, and the library where its server lost it.

        Returns how many items there were.
        """
        ...
