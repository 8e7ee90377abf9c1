"""From committed events to their handlers.

The event log is the queue: publishing only wakes the dispatcher, which reads what was not handed over yet. Whatever a
stop leaves behind is found the same way at the next start, so that every event arrives at least once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from earshelf.domain.errors import EarshelfError
from earshelf.domain.events import Event
from earshelf.ports.events import EventPublisher, LoggedEvent
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
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock
from earshelf.ports.watch_rows import BlackoutRows, WatchRows

_log = logging.getLogger(__name__)
_BATCH = 200
# events that another process committed wake nobody here
_LOOK_AGAIN_SECONDS = 5.0

Reactions = Mapping[type[Event], Sequence[Callable[[Any], Awaitable[None]]]]


class PublishingStorage:
    """Storage whose commits are published, once they are durable."""

    def __init__(self, storage: Storage, publisher: EventPublisher) -> None:
        self._storage = storage
        self._publisher = publisher

    def unit(self) -> UnitOfWork:
        """A unit that publishes what it commits."""
        return _PublishingUnit(self._storage.unit(), self._publisher)


class _PublishingUnit:
    def __init__(self, unit: UnitOfWork, publisher: EventPublisher) -> None:
        self._unit = unit
        self._publisher = publisher

    @property
    def books(self) -> Books:
        return self._unit.books

    @property
    def people(self) -> People:
        return self._unit.people

    @property
    def downloads(self) -> Downloads:
        return self._unit.downloads

    @property
    def imports(self) -> ImportJobs:
        return self._unit.imports

    @property
    def integrations(self) -> IntegrationRows:
        return self._unit.integrations

    @property
    def credentials(self) -> Credentials:
        return self._unit.credentials

    @property
    def servers(self) -> ServerRows:
        return self._unit.servers

    @property
    def accounts(self) -> Accounts:
        return self._unit.accounts

    @property
    def sign_ins(self) -> SignIns:
        return self._unit.sign_ins

    @property
    def browser_sessions(self) -> BrowserSessions:
        return self._unit.browser_sessions

    @property
    def preroll_presets(self) -> PrerollPresets:
        return self._unit.preroll_presets

    @property
    def preroll_schedules(self) -> PrerollSchedules:
        return self._unit.preroll_schedules

    @property
    def server_prerolls(self) -> ServerPrerolls:
        return self._unit.server_prerolls

    @property
    def watch(self) -> WatchRows:
        return self._unit.watch

    @property
    def blackouts(self) -> BlackoutRows:
        return self._unit.blackouts

    @property
    def events(self) -> EventLog:
        return self._unit.events

    async def __aenter__(self) -> Self:
        await self._unit.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._unit.__aexit__(exc_type, exc, traceback)

    async def commit(self, at: datetime) -> Sequence[LoggedEvent]:
        events = await self._unit.commit(at)
        if events:
            self._publisher.publish(events)
        return events


class Dispatcher:
    """Hands logged events to their handlers, each in a task of its own; a failing handler is logged, no more."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._news = asyncio.Event()

    def publish(self, events: Sequence[LoggedEvent]) -> None:
        """Wakes the dispatcher; what happened stands in the log."""
        if events:
            self._news.set()

    async def run(self, reactions: Reactions) -> None:
        """Hands over everything that was and will be logged, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._news.clear()
                try:
                    while await self._hand_over(reactions, tasks):
                        pass
                except EarshelfError as problem:
                    _log.warning("Events wait: %s", problem)
                await self._wait()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_AGAIN_SECONDS):
                await self._news.wait()
        except TimeoutError:
            return

    async def _hand_over(self, reactions: Reactions, tasks: asyncio.TaskGroup) -> bool:
        async with self._storage.unit() as unit:
            waiting = await unit.events.undispatched(_BATCH)
        for logged in waiting:
            for react in reactions.get(type(logged.event), ()):
                tasks.create_task(_guarded(react, logged.event))
        if waiting:
            async with self._storage.unit() as unit:
                await unit.events.mark_dispatched([logged.number for logged in waiting])
                await unit.commit(self._clock.now())
        return bool(waiting)


async def _guarded(react: Callable[[Any], Awaitable[None]], event: Event) -> None:
    try:
        await react(event)
    except EarshelfError as problem:
        _log.warning("Reaction to %s came to nothing: %s", type(event).__name__, problem)
    except Exception:  # noqa: BLE001 - one handler's defect must not stop the others
        _log.exception("Reaction to %s failed", type(event).__name__)
