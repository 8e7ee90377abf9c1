"""Storage in one file, written by one unit of work at a time."""

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from earshelf.adapters.rows import prerolls
from earshelf.adapters.sqlite.books import SqliteBooks, SqlitePeople
from earshelf.adapters.sqlite.browser_sessions import SqliteBrowserSessions
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.downloads import SqliteDownloads, SqliteImportJobs
from earshelf.adapters.sqlite.integrations import SqliteCredentials, SqliteEventLog, SqliteIntegrations
from earshelf.adapters.sqlite.prerolls import SqliteProgramme, SqliteServerPrerolls
from earshelf.adapters.sqlite.servers import SqliteAccounts, SqliteServers, SqliteSignIns
from earshelf.adapters.sqlite.session import SqliteSession
from earshelf.adapters.sqlite.watching import SqliteBlackouts, SqliteWatch
from earshelf.domain.ids import PrerollPresetId, PrerollScheduleId
from earshelf.domain.prerolls import PrerollPreset, PrerollSchedule
from earshelf.ports.events import LoggedEvent
from earshelf.ports.secrets import Cipher


class SqliteUnit:
    """One transaction at a time over the file."""

    def __init__(self, session: SqliteSession) -> None:
        self._session = session
        self.books = SqliteBooks(session)
        self.people = SqlitePeople(session)
        self.downloads = SqliteDownloads(session)
        self.imports = SqliteImportJobs(session)
        self.integrations = SqliteIntegrations(session)
        self.credentials = SqliteCredentials(session)
        self.servers = SqliteServers(session)
        self.accounts = SqliteAccounts(session)
        self.sign_ins = SqliteSignIns(session)
        self.browser_sessions = SqliteBrowserSessions(session)
        self.preroll_presets = SqliteProgramme[PrerollPreset, PrerollPresetId](session, prerolls.PRESET)
        self.preroll_schedules = SqliteProgramme[PrerollSchedule, PrerollScheduleId](session, prerolls.SCHEDULE)
        self.server_prerolls = SqliteServerPrerolls(session)
        self.watch = SqliteWatch(session)
        self.blackouts = SqliteBlackouts(session)
        self.events = SqliteEventLog(session)

    async def __aenter__(self) -> Self:
        await self._session.enter()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._session.leave()

    async def commit(self, at: datetime) -> Sequence[LoggedEvent]:
        return await self._session.commit(at)


class SqliteStorage:
    """Hands out units; secrets pass through the cipher on their way to the file."""

    def __init__(self, database: SqliteDatabase, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def unit(self) -> SqliteUnit:
        return SqliteUnit(SqliteSession(self._database, self._cipher))
