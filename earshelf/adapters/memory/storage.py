"""Storage that forgets everything with the process, and otherwise keeps every promise of the port."""

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from earshelf.adapters.memory.archive import MemoryArchive
from earshelf.adapters.memory.books import MemoryBooks, MemoryPeople
from earshelf.adapters.memory.browser_sessions import MemoryBrowserSessions
from earshelf.adapters.memory.downloads import MemoryDownloads, MemoryImportJobs
from earshelf.adapters.memory.integrations import MemoryCredentials, MemoryEventLog, MemoryIntegrations
from earshelf.adapters.memory.preroll_rows import MemoryPrerollPresets, MemoryPrerollSchedules, MemoryServerPrerolls
from earshelf.adapters.memory.queries import MemoryQueries
from earshelf.adapters.memory.servers import MemoryAccounts, MemoryServers, MemorySignIns
from earshelf.adapters.memory.tables import MemoryTables, Session
from earshelf.adapters.memory.watching import MemoryBlackouts, MemoryWatch
from earshelf.ports.events import LoggedEvent


class MemoryUnit:
    """One transaction at a time over the memory tables."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.books = MemoryBooks(session)
        self.people = MemoryPeople(session)
        self.downloads = MemoryDownloads(session)
        self.imports = MemoryImportJobs(session)
        self.integrations = MemoryIntegrations(session)
        self.credentials = MemoryCredentials(session)
        self.servers = MemoryServers(session)
        self.accounts = MemoryAccounts(session)
        self.sign_ins = MemorySignIns(session)
        self.browser_sessions = MemoryBrowserSessions(session)
        self.preroll_presets = MemoryPrerollPresets(session)
        self.preroll_schedules = MemoryPrerollSchedules(session)
        self.server_prerolls = MemoryServerPrerolls(session)
        self.watch = MemoryWatch(session)
        self.blackouts = MemoryBlackouts(session)
        self.events = MemoryEventLog(session)

    async def __aenter__(self) -> Self:
        await self._session.enter()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._session.leave()

    async def commit(self, at: datetime) -> Sequence[LoggedEvent]:
        return await self._session.commit(at)


class MemoryStorage:
    """Hands out units over shared tables; one unit is open at a time, the others wait."""

    def __init__(self, tables: MemoryTables) -> None:
        self._tables = tables

    def unit(self) -> MemoryUnit:
        return MemoryUnit(Session(self._tables))


class MemoryDatabase:
    """Storage and queries over the same rows."""

    def __init__(self) -> None:
        self.tables = MemoryTables()
        self.storage = MemoryStorage(self.tables)
        self.queries = MemoryQueries(self.tables)
        self.archive = MemoryArchive(self.tables)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """There is nothing to close."""
