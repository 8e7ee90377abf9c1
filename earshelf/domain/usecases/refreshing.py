"""Nudging media servers when the library changes: best effort, in batches, never in anybody's way."""

import asyncio
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from earshelf.domain.errors import (
    IntegrationError,
    IntegrationKind,
    MissingExtra,
    NotFound,
    RateLimited,
    Refused,
    TimedOut,
    Unreachable,
)
from earshelf.domain.events import BookFilesChanged
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.domain.refreshes import DebounceRule, LibraryChange, PendingBatch
from earshelf.ports.connectors import RefreshReport
from earshelf.ports.integrations import Neighbours
from earshelf.ports.storage import Storage
from earshelf.ports.system import Clock

_log = logging.getLogger(__name__)
_RETRY_SECONDS = 1.0
_RETRY_JITTER = 0.3
_FIRST_REQUEST_SECONDS = 20
_NEXT_REQUEST_SECONDS = 15


@dataclass(frozen=True, slots=True)
class RefreshOutcome:
    """How the last batch of a connector went; ``trouble`` is None where it went well."""

    at: datetime
    changes: int
    trouble: str | None


class Refreshing:
    """Collects library changes for every enabled connector and sends them once things are quiet.

    The queue lives in memory: what waits when the program is killed is dropped, and the server's own next scan finds
    it.
    """

    def __init__(
        self, *, storage: Storage, neighbours: Neighbours, clock: Clock, rule: DebounceRule | None = None
    ) -> None:
        self._storage = storage
        self._neighbours = neighbours
        self._clock = clock
        self._rule = rule or DebounceRule()
        self._pending: dict[IntegrationId, PendingBatch] = {}
        self._sending: dict[IntegrationId, asyncio.Task[None]] = {}
        self._outcomes: dict[IntegrationId, RefreshOutcome] = {}
        self._changed = asyncio.Event()

    @property
    def outcomes(self) -> Mapping[IntegrationId, RefreshOutcome]:
        """How the last batch of each connector went, since the program started."""
        return dict(self._outcomes)

    @property
    def waiting(self) -> int:
        """How many changes wait to be sent, over all connectors."""
        return sum(len(batch.changes) for batch in self._pending.values())

    async def note(self, event: BookFilesChanged) -> None:
        """Takes in that a book's files changed; a book that is gone meanwhile is no news."""
        async with self._storage.unit() as unit:
            if event.book_id is None:
                return
            try:
                book = await unit.books.get(event.book_id)
            except NotFound:
                return
            connectors = await unit.integrations.of_role(IntegrationRole.CONNECTOR, enabled_only=True)
        change = LibraryChange(book.id, book.title, book.folder or "", event.reason)
        for connector in connectors:
            batch = self._pending.setdefault(connector.id, PendingBatch(self._rule))
            batch.add(change, self._clock.now())
        self._changed.set()

    async def run(self) -> None:
        """Sends batches as they fall due, until cancelled; batches of one connector never overlap."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                for connector_id in self._due():
                    self._sending[connector_id] = tasks.create_task(self._send_one(connector_id))
                await self._wait_for_work()

    async def flush(self) -> None:
        """Sends everything that waits, at once, connectors side by side, after what is being sent already."""
        if self._sending:
            await asyncio.wait(self._sending.values())
        async with asyncio.TaskGroup() as tasks:
            for connector_id in [key for key, batch in self._pending.items() if batch.changes]:
                tasks.create_task(self._send_one(connector_id))

    def drop(self) -> None:
        """Forgets what waits, telling how much, because the program stops."""
        if self.waiting:
            _log.warning("Dropped %d waiting refreshes; the servers' own scans will find the books", self.waiting)
        self._pending.clear()

    def _due(self) -> list[IntegrationId]:
        now = self._clock.now()
        return [
            connector_id
            for connector_id, batch in self._pending.items()
            if connector_id not in self._sending and (due := batch.due_at()) is not None and due <= now
        ]

    async def _wait_for_work(self) -> None:
        moments = [
            due
            for connector_id, batch in self._pending.items()
            if connector_id not in self._sending and (due := batch.due_at()) is not None
        ]
        waits: list[asyncio.Task[Any]] = [asyncio.create_task(self._changed.wait())]
        if moments:
            seconds = (min(moments) - self._clock.now()).total_seconds()
            waits.append(asyncio.create_task(self._clock.sleep(seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self._changed.clear()

    async def _send_one(self, connector_id: IntegrationId) -> None:
        batch = self._pending.get(connector_id)
        changes = batch.take() if batch else ()
        try:
            if changes:
                await self._send(connector_id, changes)
        except Exception:  # noqa: BLE001 - a defect in one connector must not end the refreshing of the others
            _log.exception("Connector refresh failed")
        finally:
            self._sending.pop(connector_id, None)
            self._changed.set()

    async def _send(self, connector_id: IntegrationId, changes: tuple[LibraryChange, ...]) -> None:
        async with self._storage.unit() as unit:
            try:
                row = await unit.integrations.get(connector_id, IntegrationRole.CONNECTOR)
            except NotFound:
                return
        if not row.enabled:
            return
        try:
            report = await self._attempt_twice(row, changes)
        except (IntegrationError, MissingExtra) as problem:
            _log.warning("Connector refresh failed: %s", problem)
            self._outcomes[row.id] = RefreshOutcome(self._clock.now(), len(changes), problem.message)
        else:
            self._tell(row, report)
            self._outcomes[row.id] = RefreshOutcome(self._clock.now(), len(changes), None)

    async def _attempt_twice(self, row: Integration, changes: tuple[LibraryChange, ...]) -> RefreshReport:
        try:
            return await self._attempt(row, changes)
        except IntegrationError as problem:
            if not _is_passing(problem):
                raise
            _log.info("Connector refresh will be tried once more: %s", problem)
        await self._clock.sleep(_RETRY_SECONDS * (1 + random.uniform(0, _RETRY_JITTER)))  # noqa: S311 - spreads load
        return await self._attempt(row, changes)

    async def _attempt(self, row: Integration, changes: tuple[LibraryChange, ...]) -> RefreshReport:
        budget = _FIRST_REQUEST_SECONDS + _NEXT_REQUEST_SECONDS * (len(changes) - 1)
        try:
            async with asyncio.timeout(budget):
                return await self._neighbours.connector(row).refresh(changes)
        except TimeoutError as problem:
            raise TimedOut(IntegrationKind.CONNECTOR, row.name, f"no end after {budget} s") from problem

    def _tell(self, row: Integration, report: RefreshReport) -> None:
        if report.passthrough or report.skipped:
            _log.warning(
                "Connector refresh ineffective: %s: refreshed %d paths (%d passthrough, no mapping), skipped %d",
                row.name,
                len(report.paths),
                report.passthrough,
                report.skipped,
            )
        else:
            _log.info("Connector refresh dispatched: %s", row.name)
        _log.debug("Paths refreshed on %s: %s", row.name, ", ".join(report.paths) or "the whole library")


def _is_passing(problem: IntegrationError) -> bool:
    if isinstance(problem, Refused):
        return problem.status is not None and (problem.status == 408 or problem.status >= 500)
    return isinstance(problem, Unreachable | TimedOut | RateLimited)
