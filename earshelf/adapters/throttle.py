"""Manners towards metadata providers: a least time between requests, and silence while they ask for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from math import ceil

from earshelf.domain.errors import IntegrationKind, RateLimited
from earshelf.ports.system import Clock


class ProviderGate:
    """Lets requests to one provider through, one after the other, in the order they came.

    ``gap`` is the least time between the starts of two requests. A provider that answered with a rate limit is not
    asked again before its time is over; until then everybody is told how long that is.
    """

    def __init__(self, name: str, *, clock: Clock, gap: timedelta) -> None:
        self._name = name
        self._clock = clock
        self._gap = gap
        self._queue = asyncio.Lock()
        self._last: datetime | None = None
        self._closed_until: datetime | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits for a turn; what is done in it may last longer than the gap and run beside the next one.

        :raises RateLimited: the provider asked to be left alone and the time is not over.
        """
        async with self._queue:
            self._require_open()
            await self._keep_distance()
            self._require_open()
            self._last = self._clock.now()
        try:
            yield
        except RateLimited as limit:
            self._closed_until = self._clock.now() + timedelta(seconds=limit.retry_after)
            raise

    def _require_open(self) -> None:
        if self._closed_until is None:
            return
        left = (self._closed_until - self._clock.now()).total_seconds()
        if left > 0:
            raise RateLimited(IntegrationKind.PROVIDER, self._name, ceil(left))

    async def _keep_distance(self) -> None:
        if self._last is None:
            return
        left = self._last + self._gap - self._clock.now()
        # a clock that was set back must not close the gate for hours
        left = min(left, self._gap)
        if left > timedelta():
            await self._clock.sleep(left.total_seconds())
