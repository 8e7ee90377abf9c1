"""Listening to what media servers tell by themselves, and handing it to whoever acts on it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Hashable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from earshelf.domain.errors import EarshelfError
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import MediaServer
from earshelf.domain.usecases.polling import Polling, way_to
from earshelf.ports.streams import (
    ItemsChanged,
    LibraryScanned,
    Listening,
    Notification,
    StreamAbility,
    StreamsChanged,
)
from earshelf.ports.system import Clock

RECONCILE_SECONDS = 10.0
QUIET = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=5)
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Heap:
    """Items of one server that changed, and when that began and was last told."""

    first_at: datetime
    last_at: datetime
    keys: set[str] = field(default_factory=set)

    def is_ripe(self, now: datetime) -> bool:
        # a change in the future means that the clock was put back; nobody waits for it to be as late again
        return now < self.last_at or now - self.last_at >= QUIET or now - self.first_at >= LONGEST_WAIT


class Attending:
    """Keeps one ear at every enabled server that tells of changes.

    ``on_streams`` is called at once; ``on_items`` with a server and the keys that changed on it, once it was quiet for
    five seconds, or after five minutes.
    """

    def __init__(
        self,
        *,
        polling: Polling,
        clock: Clock,
        on_streams: Callable[[], None],
        on_items: Callable[[ServerId, Collection[str]], Awaitable[None]],
    ) -> None:
        self._polling = polling
        self._clock = clock
        self._on_streams = on_streams
        self._on_items = on_items
        self._ears: dict[Hashable, asyncio.Task[None]] = {}
        self._heaps: dict[ServerId, _Heap] = {}
        self._deaf: dict[ServerId, str] = {}

    @property
    def is_holding(self) -> bool:
        """Whether there are changed items that were not handed on yet."""
        return bool(self._heaps)

    async def listen(self) -> None:
        """Listens until cancelled; servers that are new, changed or gone are noticed within seconds."""
        try:
            while True:
                try:
                    await self._reconcile()
                except EarshelfError as problem:
                    _log.warning("Who is listened to stays as it is: %s", problem)
                await self._clock.sleep(RECONCILE_SECONDS)
        finally:
            await self._close(list(self._ears))

    async def hand_on(self) -> None:
        """Hands on the changed items of every server that has been quiet for long enough."""
        now = self._clock.now()
        for server_id in [server_id for server_id, heap in self._heaps.items() if heap.is_ripe(now)]:
            keys = self._heaps.pop(server_id).keys
            try:
                await self._on_items(server_id, keys)
            except EarshelfError as problem:
                _log.warning("Changes of a library wait for its next sync: %s", problem)

    async def _reconcile(self) -> None:
        wanted = {way_to(server): server for server in await self._polling.servers()}
        await self._close([place for place, ear in self._ears.items() if place not in wanted or ear.done()])
        for place in wanted.keys() - self._ears.keys():
            self._ears[place] = asyncio.create_task(self._attend(wanted[place]))

    async def _close(self, places: Collection[Hashable]) -> None:
        ears = [self._ears.pop(place) for place in places]
        for ear in ears:
            ear.cancel()
        await asyncio.gather(*ears, return_exceptions=True)

    async def _attend(self, server: MediaServer) -> None:
        try:
            source = await self._polling.source(server)
            if StreamAbility.NOTIFIES not in source.abilities:
                return
            self._deaf.pop(server.id, None)
            async with aclosing(source.notifications()) as told:
                async for one in told:
                    self._hear(server.id, one)
        except EarshelfError as problem:
            self._note_deaf(server, problem.message)
            await self._polling.doubt(server, problem)
        except Exception:  # noqa: BLE001 - a defect about one server must not silence the others
            _log.exception("Listening to '%s' failed", server.name)

    def _note_deaf(self, server: MediaServer, why: str) -> None:
        if self._deaf.get(server.id) != why:
            _log.info("'%s' is not listened to for now: %s", server.name, why)
        self._deaf[server.id] = why

    def _hear(self, server_id: ServerId, told: Notification) -> None:
        match told:
            case Listening() | StreamsChanged():
                self._on_streams()
            case ItemsChanged(changed, removed):
                now = self._clock.now()
                heap = self._heaps.setdefault(server_id, _Heap(now, now))
                heap.last_at = now
                heap.keys |= {*changed, *removed}
            case LibraryScanned():
                # its entries were told one by one already
                return
            case _:
                assert_never(told)
