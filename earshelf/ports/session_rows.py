"""What a unit of work reads and writes of browsers' sessions."""

from datetime import datetime
from typing import Protocol

from earshelf.domain.browser_sessions import BrowserSession


class BrowserSessions(Protocol):
    """Browsers that were let in. They are no part of a backup: whoever restores one signs in again."""

    async def add(self, session: BrowserSession) -> None:
        """Inserts a session.

        :raises AlreadyExists: another one has this id. The unit stays usable.
        """
        ...

    async def get(self, session_id: str) -> BrowserSession | None:
        """Returns the session, be its time over or not; None where there is none."""
        ...

    async def touch(self, session_id: str, seen_at: datetime) -> None:
        """Writes down when its browser was last seen; one that is gone stays gone."""
        ...

    async def remove(self, session_id: str) -> None:
        """Deletes the session, if it is there."""
        ...

    async def remove_of(self, account_id: str) -> None:
        """Deletes every session that came in with an account."""
        ...

    async def clear(self) -> None:
        """Deletes them all."""
        ...

    async def forget(self, *, begun_before: datetime, seen_before: datetime) -> None:
        """Deletes those that began, or were last seen, before a moment."""
        ...
