"""Browsers' sessions, in memory."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from earshelf.adapters.memory.tables import Session
from earshelf.domain.browser_sessions import BrowserSession
from earshelf.domain.errors import AlreadyExists


class MemoryBrowserSessions:
    """Keeps the browsers' sessions of one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, session: BrowserSession) -> None:
        rows = await self._rows()
        if session.id in rows:
            raise AlreadyExists("session", session.id)
        rows[session.id] = session

    async def get(self, session_id: str) -> BrowserSession | None:
        return (await self._rows()).get(session_id)

    async def touch(self, session_id: str, seen_at: datetime) -> None:
        rows = await self._rows()
        if session_id in rows:
            rows[session_id] = replace(rows[session_id], seen_at=seen_at)

    async def remove(self, session_id: str) -> None:
        await self._remove_where(lambda row: row.id == session_id)

    async def remove_of(self, account_id: str) -> None:
        await self._remove_where(lambda row: row.account_id == account_id)

    async def clear(self) -> None:
        (await self._rows()).clear()

    async def forget(self, *, begun_before: datetime, seen_before: datetime) -> None:
        await self._remove_where(lambda row: row.begun_at < begun_before or row.seen_at < seen_before)

    async def _remove_where(self, is_meant: Callable[[BrowserSession], bool]) -> None:
        rows = await self._rows()
        for row in [row for row in rows.values() if is_meant(row)]:
            del rows[row.id]

    async def _rows(self) -> dict[str, BrowserSession]:
        return (await self._session.tables()).browser_sessions
