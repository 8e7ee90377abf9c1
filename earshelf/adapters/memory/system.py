"""A clock that stands until it is told, and chance that repeats itself."""

import asyncio
from datetime import UTC, datetime, timedelta
from hashlib import shake_256

from earshelf.domain.ids import ENTROPY_BYTES, IdPrefix, opaque_id

MORNING = datetime(2026, 1, 1, 8, tzinfo=UTC)


class SettableClock:
    """Tells the time it was set to; whoever sleeps by it wakes when it is moved far enough."""

    def __init__(self, start: datetime = MORNING) -> None:
        self._now = start
        self._sleepers: dict[asyncio.Future[None], datetime] = {}
        self._watchers: set[asyncio.Event] = set()

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        alarm = asyncio.get_running_loop().create_future()
        self._sleepers[alarm] = self._now + timedelta(seconds=seconds)
        self._tell_watchers()
        try:
            await alarm
        finally:
            self._sleepers.pop(alarm, None)

    def advance(self, seconds: float) -> None:
        """Moves the clock on and wakes everybody whose time has come."""
        self._now += timedelta(seconds=seconds)
        for alarm, due in list(self._sleepers.items()):
            if due <= self._now and not alarm.done():
                alarm.set_result(None)
                del self._sleepers[alarm]

    @property
    def sleeping(self) -> int:
        """How many sleep by this clock."""
        return len(self._sleepers)

    async def until_sleeping(self, count: int = 1) -> None:
        """Returns as soon as that many sleep by this clock, so that a test knows when to advance it."""
        changed = asyncio.Event()
        self._watchers.add(changed)
        try:
            while self.sleeping < count:
                changed.clear()
                await changed.wait()
        finally:
            self._watchers.discard(changed)

    def _tell_watchers(self) -> None:
        for watcher in self._watchers:
            watcher.set()


class SequentialEntropy:
    """Counts instead of rolling dice: every value is new, and the same in every run."""

    def __init__(self) -> None:
        self._count = 0

    def new_id(self, prefix: IdPrefix) -> str:
        return opaque_id(prefix, self._next().to_bytes(ENTROPY_BYTES, "big"))

    def secret_bytes(self, count: int) -> bytes:
        return shake_256(self._next().to_bytes(ENTROPY_BYTES, "big")).digest(count)

    def _next(self) -> int:
        self._count += 1
        return self._count
