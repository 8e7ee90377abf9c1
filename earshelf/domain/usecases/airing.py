"""Putting prerolls on media servers, and giving their owners back what they had there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from earshelf.domain.companion_errors import OtherMachine
from earshelf.domain.errors import Conflict, IntegrationError, Invalid
from earshelf.domain.ids import ServerId
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.preroll_upkeep import (
    Override,
    OverrideUntil,
    ServerPreroll,
    SyncState,
    Wanted,
)
from earshelf.domain.prerolls import Prerolls, PrerollSchedule, timeline, winner
from earshelf.domain.schedules import YEAR
from earshelf.domain.servers import MediaServer
from earshelf.domain.usecases.reaching import Reaching
from earshelf.domain.usecases.tending import Tending
from earshelf.ports.settings import SettingsStore
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock


@dataclass(frozen=True, slots=True)
class Standing:
    """How a server's preroll stands.

    ``value`` is what the server has, None where it does not tell; ``problem`` says why, or what it did not take.
    """

    server: MediaServer
    preroll: ServerPreroll
    wanted: Wanted
    value: str | None
    problem: str | None = None

    @property
    def state(self) -> SyncState:
        """How it stands to what is wanted."""
        return self.preroll.state(self.wanted)

    @property
    def is_managed(self) -> bool:
        """Whether the server plays what we put there."""
        return self.value is not None and self.preroll.is_ours


class Airing:
    """Keeps every enabled server's preroll as the programme, or somebody by hand, wants it."""

    def __init__(
        self,
        *,
        storage: Storage,
        reaching: Reaching,
        tending: Tending,
        settings: SettingsStore,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._storage = storage
        self._reaching = reaching
        self._tending = tending
        self._settings = settings
        self._clock = clock
        self._zone = zone
        self._news = asyncio.Event()

    def nudge(self) -> None:
        """Says that something else may be wanted now."""
        self._news.set()

    async def wait_for_news(self, seconds: float) -> None:
        """Returns once somebody nudged, or after that many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    async def keep(self) -> None:
        """Gives every enabled server what it should have now; one that is away holds up no other."""
        wishes = (await self._settings.load()).prerolls
        ended = await asyncio.gather(
            *(self._tending.tend(server, wishes) for server in await self._enabled()), return_exceptions=True
        )
        for problem in ended:
            if isinstance(problem, BaseException):
                raise problem

    async def apply(
        self,
        server_id: ServerId,
        prerolls: Prerolls,
        *,
        until: OverrideUntil = OverrideUntil.NEXT_CHANGE,
        expires_at: datetime | None = None,
    ) -> Standing:
        """Plays something on one server whatever the schedules say; it is remembered if the server is away.

        :raises NotFound: there is no such server. :raises Conflict: it is disabled.
        :raises Invalid: a time is wanted, and it is missing or over; or the server has none of the paths.
        """
        now = self._clock.now()
        if until is OverrideUntil.TIME and (expires_at is None or expires_at <= now):
            raise Invalid("Say until when", {"expires_at": "must be a time to come"})
        async with self._storage.unit() as unit:
            server = await unit.servers.get(server_id)
            if not server.enabled:
                raise Conflict(f"The server '{server.name}' is disabled; enable it first")
            schedules = await unit.preroll_schedules.all()
            mappings = await unit.server_prerolls.mappings(server_id)
            there = mappings.on_server(prerolls)
            if prerolls.paths and not there.paths:
                raise Invalid("These prerolls cannot be used", {"paths": f"'{server.name}' has none of them"})
            override = self._override(there, schedules, until, expires_at)
            await _change(unit, server_id, lambda preroll: preroll.overridden(override))
            await unit.commit(now)
        return await self._settled(server)

    async def clear(self, server_id: ServerId) -> Standing:
        """Takes back what was applied by hand; schedules, or the owner's own value, have their way again.

        :raises NotFound: there is no such server.
        """
        async with self._storage.unit() as unit:
            server = await unit.servers.get(server_id)
            await _change(unit, server_id, lambda preroll: preroll.overridden(None))
            await unit.commit(self._clock.now())
        return await self._settled(server)

    @asynccontextmanager
    async def withdrawn(self, server_id: ServerId) -> AsyncIterator[None]:
        """Gives a server its owner's own value back, and lets nothing be written there until the block ends.

        It is tried once: a server that is away keeps what it has, and the log says what it should have.

        :raises NotFound: there is no such server.
        """
        async with self._storage.unit() as unit:
            server = await unit.servers.get(server_id)
        async with self._tending.withdrawn(server, (await self._settings.load()).prerolls):
            yield

    async def start_anew(self, server_id: ServerId) -> None:
        """Takes note that a server is another machine now, which has a preroll of its owner's of its own."""
        await self._tending.start_anew(server_id)
        self.nudge()

    async def current(self, server_id: ServerId) -> Standing:
        """Asks a server what it plays just now; one that is disabled is not asked.

        :raises NotFound: there is no such server.
        """
        async with self._storage.unit() as unit:
            server = await unit.servers.get(server_id)
        standing = await self._standing(server)
        if not server.enabled:
            return replace(standing, value=None, problem="the server is disabled")
        try:
            value = await self._reaching.read(server)
        except (IntegrationError, OtherMachine) as problem:
            return replace(standing, value=None, problem=problem.message)
        seen = standing.preroll.read(value, self._clock.now())
        return replace(standing, preroll=replace(seen, actual=value), value=value)

    async def mappings(self, server_id: ServerId) -> PrerollMappings:
        """Returns how a server spells paths.

        :raises NotFound: there is no such server.
        """
        async with self._storage.unit() as unit:
            await unit.servers.get(server_id)
            return await unit.server_prerolls.mappings(server_id)

    async def map_paths(self, mappings: PrerollMappings) -> None:
        """Says how a server spells paths; what schedules want of it follows at once.

        :raises NotFound: there is no such server.
        """
        async with self._storage.unit() as unit:
            await unit.servers.get(mappings.server_id)
            await unit.server_prerolls.put_mappings(mappings)
            await unit.commit(self._clock.now())
        self.nudge()

    async def _enabled(self) -> list[MediaServer]:
        """Returns the servers to look after, and forgets those that are gone."""
        async with self._storage.unit() as unit:
            servers = await unit.servers.all()
            gone = set(await unit.server_prerolls.ids()) - {server.id for server in servers}
            for server_id in gone:
                await unit.server_prerolls.forget(server_id)
                self._tending.forget(server_id)
            if gone:
                await unit.commit(self._clock.now())
        return [server for server in servers if server.enabled]

    async def _settled(self, server: MediaServer) -> Standing:
        wishes = (await self._settings.load()).prerolls
        problem = await self._tending.tend(server, wishes) if server.enabled else None
        return replace(await self._standing(server), problem=problem)

    async def _standing(self, server: MediaServer) -> Standing:
        preroll, wanted = await self._tending.known(server.id, (await self._settings.load()).prerolls)
        return Standing(server, preroll, wanted, preroll.actual)

    def _override(
        self, prerolls: Prerolls, schedules: list[PrerollSchedule], until: OverrideUntil, expires_at: datetime | None
    ) -> Override:
        now = self._clock.now()
        applying = winner(schedules, now, self._zone)
        if until is OverrideUntil.NEXT_CHANGE:
            change = next(timeline(schedules, now=now, horizon=YEAR, zone=self._zone), None)
            expires_at = change.at if change else None
        elif until is OverrideUntil.CLEARED:
            expires_at = None
        return Override(prerolls.value, until, applying.id if applying else None, expires_at)


async def _change(unit: UnitOfWork, server_id: ServerId, change: Callable[[ServerPreroll], ServerPreroll]) -> None:
    stored = await unit.server_prerolls.of(server_id)
    changed = change(stored)
    if changed != stored:
        await unit.server_prerolls.save(changed, before=stored)
