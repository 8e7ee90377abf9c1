"""The library's records, written through units of work.

A unit of work sees its own changes at once and nobody else's until they are committed. Leaving it without ``commit``
undoes everything. No network call belongs inside one: in SQLite a unit holds the only writer.
"""

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from earshelf.ports.events import LoggedEvent
from earshelf.ports.preroll_rows import PrerollPresets, PrerollSchedules, ServerPrerolls
from earshelf.ports.repositories import (
    Books,
    Credentials,
    Downloads,
    EventLog,
    ImportJobs,
    IntegrationRows,
    People,
)
from earshelf.ports.server_rows import Accounts, ServerRows, SignIns
from earshelf.ports.session_rows import BrowserSessions
from earshelf.ports.watch_rows import BlackoutRows, WatchRows


class UnitOfWork(Protocol):
    """One transaction over everything the library records."""

    @property
    def books(self) -> Books:
        """The books."""
        ...

    @property
    def people(self) -> People:
        """Authors, narrators, series."""
        ...

    @property
    def downloads(self) -> Downloads:
        """The downloads."""
        ...

    @property
    def imports(self) -> ImportJobs:
        """The imports."""
        ...

    @property
    def integrations(self) -> IntegrationRows:
        """The neighbours."""
        ...

    @property
    def credentials(self) -> Credentials:
        """The keys."""
        ...

    @property
    def servers(self) -> ServerRows:
        """The media servers."""
        ...

    @property
    def accounts(self) -> Accounts:
        """The accounts behind them."""
        ...

    @property
    def sign_ins(self) -> SignIns:
        """The PINs under way."""
        ...

    @property
    def browser_sessions(self) -> BrowserSessions:
        """The browsers that were let in."""
        ...

    @property
    def preroll_presets(self) -> PrerollPresets:
        """The presets of prerolls."""
        ...

    @property
    def preroll_schedules(self) -> PrerollSchedules:
        """The schedules of prerolls."""
        ...

    @property
    def server_prerolls(self) -> ServerPrerolls:
        """What is known of each server's preroll."""
        ...

    @property
    def watch(self) -> WatchRows:
        """The maintenance mode, the rule against transcoding, and the vigil over the streams."""
        ...

    @property
    def blackouts(self) -> BlackoutRows:
        """The blackouts."""
        ...

    @property
    def events(self) -> EventLog:
        """The log."""
        ...

    async def __aenter__(self) -> Self:
        """Begins the transaction.

        :raises StorageUnavailable: the database does not answer.
        """
        ...

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Undoes whatever was not committed."""
        ...

    async def commit(self, at: datetime) -> Sequence[LoggedEvent]:
        """Makes the changes durable and visible, and returns the events they logged, stamped with ``at``.

        A unit may go on after a commit, with a new transaction.

        :raises StorageUnavailable: the database does not answer; nothing was written. Only where the connection breaks
            in the very moment of the commit nobody can tell.
        """
        ...


class Storage(Protocol):
    """Hands out units of work."""

    def unit(self) -> UnitOfWork:
        """Returns a unit that has not begun yet."""
        ...
