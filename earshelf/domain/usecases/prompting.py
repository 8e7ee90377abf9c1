"""Rounds of all media servers that wait for nobody long: whoever answers late is in the round after his answer."""

import asyncio
from collections.abc import Callable, Collection, Hashable

from earshelf.domain.errors import TimedOut
from earshelf.domain.servers import MediaServer
from earshelf.domain.streams import Poll
from earshelf.domain.usecases.polling import Outage, Polling, Round, gathered, way_to

# with the two seconds between two looks, a rule acts within five seconds whatever one of the servers does
PATIENCE_SECONDS = 2.5


class Prompting:
    """Asks every enabled server, and goes on with those that answered; ``on_late`` is called when another one did.

    Questions that are still open are owned: :meth:`close` ends them.
    """

    def __init__(self, *, polling: Polling, on_late: Callable[[], None], patience: float = PATIENCE_SECONDS) -> None:
        self._polling = polling
        self._on_late = on_late
        self._patience = patience
        self._open: dict[Hashable, asyncio.Task[Poll | Outage]] = {}
        self._late: set[Hashable] = set()

    async def round(self) -> Round:
        """Returns what is known after ``patience`` seconds at most; a server that thinks longer counts as away."""
        servers = {way_to(server): server for server in await self._polling.servers()}
        await self._drop([way for way in self._open if way not in servers])
        for way in servers.keys() - self._open.keys():
            self._open[way] = asyncio.create_task(self._polling.answer(servers[way]))
        if self._open:
            await asyncio.wait(self._open.values(), timeout=self._patience)
        answers = [self._taken(way, server) for way, server in servers.items()]
        return gathered(list(servers.values()), answers)

    async def close(self) -> None:
        """Ends the questions that nobody answered yet."""
        await self._drop(list(self._open))

    def _taken(self, way: Hashable, server: MediaServer) -> Poll | Outage:
        ask = self._open[way]
        if ask.done():
            self._late.discard(way)
            return self._open.pop(way).result()
        if way not in self._late:
            self._late.add(way)
            ask.add_done_callback(lambda _: self._on_late())
        return Outage(server.id, server.name, f"{server.name}: has not answered yet", TimedOut.code)

    async def _drop(self, ways: Collection[Hashable]) -> None:
        asks = [self._open.pop(way) for way in ways]
        self._late.difference_update(ways)
        for ask in asks:
            ask.cancel()
        await asyncio.gather(*asks, return_exceptions=True)
