"""Browsers' sessions, in SQLite."""

from datetime import datetime

from earshelf.adapters.rows import browser_sessions as rows
from earshelf.adapters.sqlite.session import SqliteSession, as_text, insert
from earshelf.domain.browser_sessions import BrowserSession


class SqliteBrowserSessions:
    """Keeps the browsers' sessions of one unit of work."""

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    async def add(self, session: BrowserSession) -> None:
        row = rows.session_row(session)
        await self._session.run(lambda database: insert(database, "browser_sessions", row, kind=rows.SESSION))

    async def get(self, session_id: str) -> BrowserSession | None:
        found = await self._session.run(lambda database: database.execute(rows.ONE, (session_id,)).fetchone())
        return rows.session_from(found) if found else None

    async def touch(self, session_id: str, seen_at: datetime) -> None:
        await self._execute(rows.TOUCH, as_text(seen_at), session_id)

    async def remove(self, session_id: str) -> None:
        await self._execute(rows.REMOVE, session_id)

    async def remove_of(self, account_id: str) -> None:
        await self._execute(rows.REMOVE_OF, account_id)

    async def clear(self) -> None:
        await self._execute(rows.CLEAR)

    async def forget(self, *, begun_before: datetime, seen_before: datetime) -> None:
        await self._execute(rows.FORGET, as_text(begun_before), as_text(seen_before))

    async def _execute(self, sql: str, *values: str) -> None:
        await self._session.run(lambda database: database.execute(sql, values))
