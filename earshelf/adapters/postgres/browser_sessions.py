"""Browsers' sessions, in PostgreSQL."""

from datetime import datetime

from earshelf.adapters.postgres.queries import numbered
from earshelf.adapters.postgres.session import PostgresSession
from earshelf.adapters.rows import browser_sessions as rows
from earshelf.domain.browser_sessions import BrowserSession


class PostgresBrowserSessions:
    """Keeps the browsers' sessions of one unit of work."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    async def add(self, session: BrowserSession) -> None:
        async with self._session.step() as step:
            await step.insert("browser_sessions", rows.session_row(session), kind=rows.SESSION)

    async def get(self, session_id: str) -> BrowserSession | None:
        found = await self._session.rows(numbered(rows.ONE), session_id)
        return rows.session_from(found[0]) if found else None

    async def touch(self, session_id: str, seen_at: datetime) -> None:
        await self._execute(rows.TOUCH, seen_at, session_id)

    async def remove(self, session_id: str) -> None:
        await self._execute(rows.REMOVE, session_id)

    async def remove_of(self, account_id: str) -> None:
        await self._execute(rows.REMOVE_OF, account_id)

    async def clear(self) -> None:
        await self._execute(rows.CLEAR)

    async def forget(self, *, begun_before: datetime, seen_before: datetime) -> None:
        await self._execute(rows.FORGET, begun_before, seen_before)

    async def _execute(self, sql: str, *values: str | datetime) -> None:
        async with self._session.step() as step:
            await step.rows(numbered(sql), *values)
