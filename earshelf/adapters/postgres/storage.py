"""Storage in PostgreSQL, written by one unit of work at a time, in whichever process it is."""

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from earshelf.adapters.postgres.books import PostgresBooks, PostgresPeople
from earshelf.adapters.postgres.browser_sessions import PostgresBrowserSessions
from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.downloads import PostgresDownloads, PostgresImportJobs
from earshelf.adapters.postgres.integrations import PostgresCredentials, PostgresEventLog, PostgresIntegrations
from earshelf.adapters.postgres.prerolls import PostgresProgramme, PostgresServerPrerolls
from earshelf.adapters.postgres.servers import PostgresAccounts, PostgresServers, PostgresSignIns
from earshelf.adapters.postgres.session import PostgresSession
from earshelf.adapters.postgres.watching import PostgresBlackouts, PostgresWatch
from earshelf.adapters.rows import prerolls
from earshelf.domain.ids import PrerollPresetId, PrerollScheduleId
from earshelf.domain.prerolls import PrerollPreset, PrerollSchedule
from earshelf.ports.events import LoggedEvent
from earshelf.ports.secrets import Cipher


class PostgresUnit:
    """One transaction at a time; no connection is held before it is entered, nor after a commit."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session
        self.books = PostgresBooks(session)
        self.people = PostgresPeople(session)
        self.downloads = PostgresDownloads(session)
        self.imports = PostgresImportJobs(session)
        self.integrations = PostgresIntegrations(session)
        self.credentials = PostgresCredentials(session)
        self.servers = PostgresServers(session)
        self.accounts = PostgresAccounts(session)
        self.sign_ins = PostgresSignIns(session)
        self.browser_sessions = PostgresBrowserSessions(session)
        self.preroll_presets = PostgresProgramme[PrerollPreset, PrerollPresetId](session, prerolls.PRESET)
        self.preroll_schedules = PostgresProgramme[PrerollSchedule, PrerollScheduleId](session, prerolls.SCHEDULE)
        self.server_prerolls = PostgresServerPrerolls(session)
        self.watch = PostgresWatch(session)
        self.blackouts = PostgresBlackouts(session)
        self.events = PostgresEventLog(session)

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


class PostgresStorage:
    """Hands out units; secrets pass through the cipher on their way to the database."""

    def __init__(self, database: PostgresDatabase, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def unit(self) -> PostgresUnit:
        return PostgresUnit(PostgresSession(self._database, self._cipher))
