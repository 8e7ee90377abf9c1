"""Answers that go on while somebody listens: server-sent events."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from earshelf.domain.errors import EarshelfError
from earshelf.entrypoints.answers import encoded

EVENTS = "text/event-stream"
HEARTBEAT = b": still here\n\n"
# a proxy must not keep what is told until there is more of it
_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between heartbeats and between looks who is there, until an answer ends, and until who is stuck goes."""

    beat: float = 30.0
    look: float = 2.0
    longest: float = 3600.0
    stuck: float = 30.0


def spelled_event(name: str, number: int, data: object) -> bytes:
    """Spells an event; its data is JSON, which has no line breaks."""
    return b"event: %s\nid: %d\ndata: %s\n\n" % (name.encode(), number, encoded(data))


class LiveAnswer(web.StreamResponse):
    """Sends ``first`` and what ``events`` yields, as long as somebody takes it. An empty one only looks who is there.

    It is written after the handler is done, so that a handler need not know the request. ``is_welcome`` is asked
    before each event: whoever was let in once may be shown out meanwhile.
    """

    def __init__(self, first: bytes, events: AsyncGenerator[bytes, None], pace: Pace) -> None:
        super().__init__(headers=_HEADERS)
        self.content_type, self.charset = EVENTS, "utf-8"
        self._first, self._events, self._pace = first, events, pace
        self._asked: web.BaseRequest | None = None
        self.is_welcome: Callable[[], Awaitable[bool]] | None = None

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Sends the head."""
        self._asked = request
        try:
            return await super().prepare(request)
        except BaseException:
            await self._events.aclose()
            raise

    async def write_eof(self, data: bytes = b"") -> None:
        """Sends the events, then ends."""
        async with aclosing(self._events) as events:
            if self._asked is not None and self._asked.method != "HEAD":
                await self._send(self._first, self._asked)
                async for event in events:
                    if not await self._may_stay():
                        break
                    await self._send(event, self._asked)
        await super().write_eof(data)

    async def _may_stay(self) -> bool:
        try:
            return self.is_welcome is None or await self.is_welcome()
        except EarshelfError:
            # whoever comes again is told why
            return False

    async def _send(self, event: bytes, request: web.BaseRequest) -> None:
        if request.transport is None or request.transport.is_closing():
            raise ConnectionResetError("the listener has gone")
        if not event:
            return
        try:
            async with asyncio.timeout(self._pace.stuck):
                await self.write(event)
        except TimeoutError:
            request.transport.abort()
            raise ConnectionResetError("the listener takes nothing") from None
