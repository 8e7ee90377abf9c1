"""What the memory database holds, and one unit's own copy of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Protocol, TypeAlias

from earshelf.domain.access import Credential
from earshelf.domain.accounts import Account, AccountProvider, SignIn
from earshelf.domain.blackouts import Blackout
from earshelf.domain.books import Author, Book, Narrator, Series
from earshelf.domain.browser_sessions import BrowserSession
from earshelf.domain.downloads import Download
from earshelf.domain.errors import StaleWrite, StorageUnavailable
from earshelf.domain.events import Event
from earshelf.domain.ids import (
    BlackoutId,
    BookId,
    DownloadId,
    ImportId,
    IntegrationId,
    PrerollPresetId,
    PrerollScheduleId,
    ServerId,
)
from earshelf.domain.imports import ImportJob
from earshelf.domain.integrations import Integration
from earshelf.domain.maintenance import Maintenance, TranscodeRule
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.preroll_upkeep import ServerPreroll
from earshelf.domain.prerolls import PrerollPreset, PrerollSchedule
from earshelf.domain.servers import MediaServer
from earshelf.domain.stops import Vigil
from earshelf.ports.events import LoggedEvent
from earshelf.ports.queries import PersonKind

Name: TypeAlias = Author | Narrator | Series


class Aggregate(Protocol):
    """What a unit needs of an aggregate to write down its events."""

    def drain_events(self) -> list[Event]:
        """Hands over what happened."""
        ...


@dataclass(slots=True)
class Tables:
    """Every row, by id in the order of insertion; rows are replaced, never changed in place."""

    books: dict[BookId, Book] = field(default_factory=dict)
    names: dict[str, Name] = field(default_factory=dict)
    name_ids: dict[tuple[PersonKind, str], str] = field(default_factory=dict)
    downloads: dict[DownloadId, Download] = field(default_factory=dict)
    imports: dict[ImportId, ImportJob] = field(default_factory=dict)
    integrations: dict[IntegrationId, Integration] = field(default_factory=dict)
    credentials: dict[Credential, str] = field(default_factory=dict)
    servers: dict[ServerId, MediaServer] = field(default_factory=dict)
    accounts: dict[AccountProvider, Account] = field(default_factory=dict)
    sign_ins: dict[str, SignIn] = field(default_factory=dict)
    browser_sessions: dict[str, BrowserSession] = field(default_factory=dict)
    preroll_presets: dict[PrerollPresetId, PrerollPreset] = field(default_factory=dict)
    preroll_schedules: dict[PrerollScheduleId, PrerollSchedule] = field(default_factory=dict)
    server_prerolls: dict[ServerId, ServerPreroll] = field(default_factory=dict)
    preroll_mappings: dict[ServerId, PrerollMappings] = field(default_factory=dict)
    maintenance: list[Maintenance] = field(default_factory=list)
    transcode_rules: list[TranscodeRule] = field(default_factory=list)
    blackouts: dict[BlackoutId, Blackout] = field(default_factory=dict)
    vigil: list[Vigil] = field(default_factory=list)
    log: list[LoggedEvent] = field(default_factory=list)
    dispatched: set[int] = field(default_factory=set)

    def copy(self) -> "Tables":
        """Returns tables that can be changed without these noticing."""
        return Tables(**{one.name: getattr(self, one.name).copy() for one in fields(self)})


class MemoryTables:
    """The committed state, and the one pen that a unit must hold to change it."""

    def __init__(self) -> None:
        self.committed = Tables()
        self.pen = asyncio.Lock()


class Session:
    """One unit's transaction: its own tables, and the events that wait for the commit."""

    def __init__(self, shared: MemoryTables) -> None:
        self.shared = shared
        self._entered = False
        self._working: Tables | None = None
        self._pending: list[Event] = []

    async def enter(self) -> None:
        """Begins the first transaction."""
        self._entered = True
        await self.tables()

    async def tables(self) -> Tables:
        """Returns the unit's own tables, in a new transaction where the last one was committed."""
        if not self._entered:
            raise StorageUnavailable("The unit of work was not entered; use it with 'async with'")
        if self._working is None:
            await self.shared.pen.acquire()
            self._working = self.working_copy()
        return self._working

    @property
    def working(self) -> Tables:
        """The unit's own tables, while a transaction is open."""
        assert self._working is not None
        return self._working

    def working_copy(self) -> Tables:
        """Returns what the unit may scribble on."""
        return self.shared.committed.copy()

    def note(self, aggregate: Aggregate) -> None:
        """Takes an aggregate's events; they are logged with the commit."""
        self._pending += aggregate.drain_events()

    def note_fact(self, event: Event) -> None:
        """Takes a single event; it is logged with the commit."""
        self._pending.append(event)

    def check_version(self, kind: str, identifier: str, *, stored: int, read: int) -> None:
        """Refuses a row that somebody else wrote since it was read."""
        if stored != read:
            raise StaleWrite(kind, identifier)

    async def commit(self, at: datetime) -> Sequence[LoggedEvent]:
        """Makes the unit's tables everybody's."""
        tables = await self.tables()
        first = tables.log[-1].number + 1 if tables.log else 1
        events = [_without_lost_book(event, tables) for event in self._pending]
        logged = [LoggedEvent(first + place, at, event) for place, event in enumerate(events)]
        tables.log += logged
        self.shared.committed = tables
        self._finish()
        return logged

    def leave(self) -> None:
        """Forgets what was not committed."""
        if self._working is not None:
            self.undo()
            self._finish()
        self._entered = False

    def undo(self) -> None:
        """Leaves the committed tables as they were: the unit's own are simply dropped."""

    def _finish(self) -> None:
        self._working = None
        self._pending = []
        self.shared.pen.release()


def _without_lost_book(event: Event, tables: Tables) -> Event:
    return event if event.book_id in tables.books else replace(event, book_id=None)
