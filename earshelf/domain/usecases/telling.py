"""Telling everybody who looks on what is played just now: one reading for all, and only what is news."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from earshelf.domain.errors import EarshelfError
from earshelf.domain.live_streams import tells_the_same
from earshelf.domain.usecases.watching import Showing, Watching
from earshelf.ports.system import Clock

SHORTEST_PAUSE = 2.0
LONGEST_PAUSE = 5.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Edition:
    """What was read at a moment; the number grows when there is news, not with every reading."""

    number: int
    read_at: datetime
    showing: Showing


class Telling:
    """Reads while anybody has a seat: every five seconds, sooner after a change, but never twice in two seconds."""

    def __init__(self, *, watching: Watching, clock: Clock) -> None:
        self._watching = watching
        self._clock = clock
        self._told: Edition | None = None
        self._read: Edition | None = None
        self._news = asyncio.Event()
        self._turn = asyncio.Event()
        self._entering = asyncio.Lock()
        self._reader: asyncio.Task[None] | None = None
        self._seats = 0
        self._is_closed = False

    @property
    def seats(self) -> int:
        """How many look on."""
        return self._seats

    @property
    def is_closed(self) -> bool:
        """Whether nobody is told anything any more."""
        return self._is_closed

    @property
    def newest(self) -> Edition | None:
        """The newest reading, under the number of the last news."""
        return self._read

    def note_change(self) -> None:
        """Takes note that something changed, so that the next reading comes soon."""
        self._news.set()

    def close(self) -> None:
        """Ends everybody's waiting for good."""
        self._is_closed = True
        self._turn.set()

    @asynccontextmanager
    async def seat(self) -> AsyncIterator["Seat"]:
        """Gives a seat, from which there is a reading to be had at once; the last to leave ends the reading.

        :raises StorageUnavailable: what to ask is not known.
        """
        async with self._entering:
            if self._reader is None:
                await self._look()
                self._reader = asyncio.create_task(self._go_on())
            self._seats += 1
        try:
            yield Seat(self)
        finally:
            self._seats -= 1
            if not self._seats:
                await self._rest()

    async def turned(self) -> None:
        """Returns when there is news, or when it is closed."""
        await self._turn.wait()

    async def _rest(self) -> None:
        reader, self._reader, self._read = self._reader, None, None
        if reader is not None:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _go_on(self) -> None:
        while True:
            await self._pause()
            try:
                await self._look()
            except EarshelfError as problem:
                _log.warning("Who watches is not told for now: %s", problem)
            except Exception:  # noqa: BLE001 - those who look on outlive the defects of a reading
                _log.exception("Reading who watches failed")

    async def _pause(self) -> None:
        await self._clock.sleep(SHORTEST_PAUSE)
        waiting = [
            asyncio.ensure_future(self._news.wait()),
            asyncio.ensure_future(self._clock.sleep(LONGEST_PAUSE - SHORTEST_PAUSE)),
        ]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _look(self) -> None:
        self._news.clear()
        showing, now = await self._watching.streams(), self._clock.now()
        told = self._told
        if told is not None and not _is_news(told, showing, now):
            self._read = Edition(told.number, now, showing)
            return
        self._told = self._read = Edition(told.number + 1 if told else 1, now, showing)
        turn, self._turn = self._turn, asyncio.Event()
        turn.set()


class Seat:
    """One who looks on. Whoever is slow misses what is old, never what is newest."""

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self._had = 0

    async def news(self, patience: float) -> Edition | None:
        """Returns the newest reading once there is news for this seat; None after so many seconds without any."""
        if not self._is_behind:
            try:
                async with asyncio.timeout(patience):
                    await self._telling.turned()
            except TimeoutError:
                return None
        newest = self._telling.newest
        if self._telling.is_closed or newest is None or not self._is_behind:
            return None
        self._had = newest.number
        return newest

    @property
    def _is_behind(self) -> bool:
        newest = self._telling.newest
        return newest is not None and newest.number != self._had


def _is_news(told: Edition, showing: Showing, now: datetime) -> bool:
    before, elapsed = told.showing, now - told.read_at
    if before.outages != showing.outages or len(before.streams) != len(showing.streams):
        return True
    for was, is_now in zip(before.streams, showing.streams, strict=True):
        if replace(was, stream=is_now.stream) != is_now or not tells_the_same(was.stream, is_now.stream, elapsed):
            return True
    return False
