"""Putting prerolls on media servers, and giving their owners back what they had there."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import TypeAlias

from earshelf.domain.companion_errors import OtherMachine
from earshelf.domain.errors import Conflict, EarshelfError, IntegrationError, Invalid
from earshelf.domain.ids import ServerId
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.preroll_settings import PrerollSettings
from earshelf.domain.preroll_upkeep import (
    Override,
    OverrideUntil,
    ServerPreroll,
    Step,
    StepKind,
    SyncState,
    Wanted,
    next_step,
)
from earshelf.domain.prerolls import Prerolls, PrerollSchedule, read_prerolls, timeline, winner
from earshelf.domain.schedules import YEAR
from earshelf.domain.servers import MediaServer
from earshelf.domain.usecases.reaching import Reaching
from earshelf.ports.settings import SettingsStore
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock

_log = logging.getLogger(__name__)
# no server takes more before it is as it should be, or before it is clear that it is not
_MOST_STEPS = 8

_TakeIn: TypeAlias = Callable[[ServerPreroll], ServerPreroll]


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
    """Keeps every enabled server's preroll as the programme, or somebody by hand, wants it.

    What is about to be written is stored before, so that whatever happens on the way is understood afterwards.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        reaching: Reaching,
        settings: SettingsStore,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._storage = storage
        self._reaching = reaching
        self._settings = settings
        self._clock = clock
        self._zone = zone
        self._news = asyncio.Event()
        self._turns: defaultdict[ServerId, asyncio.Lock] = defaultdict(asyncio.Lock)

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
            *(self._tend(server, wishes) for server in await self._enabled()), return_exceptions=True
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
        :raises Invalid: a time is wanted, and it is missing or over.
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
            override = self._override(mappings.on_server(prerolls), schedules, until, expires_at)
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
                self._turns.pop(server_id, None)
            if gone:
                await unit.commit(self._clock.now())
        return [server for server in servers if server.enabled]

    async def _settled(self, server: MediaServer) -> Standing:
        wishes = (await self._settings.load()).prerolls
        problem = await self._tend(server, wishes) if server.enabled else None
        return replace(await self._standing(server), problem=problem)

    async def _standing(self, server: MediaServer) -> Standing:
        wishes = (await self._settings.load()).prerolls
        async with self._storage.unit() as unit:
            preroll = await unit.server_prerolls.of(server.id)
            applying, spelled, default = await self._programme(unit, server.id, wishes)
        preroll = preroll.lapsed(applying, self._clock.now())
        return Standing(server, preroll, preroll.wanted(spelled, default), preroll.actual)

    async def _tend(self, server: MediaServer, wishes: PrerollSettings) -> str | None:
        """Takes step after step until there is nothing to do now; returns what went wrong last."""
        problem: str | None = None
        take_in: _TakeIn = _unchanged
        async with self._turns[server.id]:
            for _ in range(_MOST_STEPS):
                step, wanted = await self._decided(server.id, take_in, wishes)
                if step.kind is StepKind.REST:
                    break
                take_in, problem = await self._done(server, step, wanted)
        return problem

    async def _decided(self, server_id: ServerId, take_in: _TakeIn, wishes: PrerollSettings) -> tuple[Step, Wanted]:
        """Takes in what came of the last step, decides on the next one, and stores both."""
        now = self._clock.now()
        async with self._storage.unit() as unit:
            stored = await unit.server_prerolls.of(server_id)
            applying, spelled, default = await self._programme(unit, server_id, wishes)
            known = take_in(stored).lapsed(applying, now)
            wanted = known.wanted(spelled, default)
            step = next_step(known, wanted, on_drift=wishes.on_drift, now=now)
            if step.server != stored:
                await unit.server_prerolls.save(step.server, before=stored)
                await unit.commit(now)
        return step, wanted

    async def _programme(
        self, unit: UnitOfWork, server_id: ServerId, wishes: PrerollSettings
    ) -> tuple[PrerollSchedule | None, PrerollSchedule | None, str | None]:
        """Returns the schedule that applies, the same as the server spells it if it has anything of it, the default."""
        mappings = await unit.server_prerolls.mappings(server_id)
        applying = winner(await unit.preroll_schedules.all(), self._clock.now(), self._zone)
        default = mappings.on_server(read_prerolls(wishes.default)).value
        if applying is None:
            return None, None, default
        there = mappings.on_server(applying.prerolls)
        return applying, replace(applying, prerolls=there) if there.paths else None, default

    async def _done(self, server: MediaServer, step: Step, wanted: Wanted) -> tuple[_TakeIn, str | None]:
        """Asks of a server what was decided, and returns what to make of its answer."""
        try:
            if step.kind is StepKind.READ:
                value = await self._reaching.read(server)
                read_at = self._clock.now()
                return lambda preroll: preroll.read(value, read_at), None
            await self._reaching.write(server, step.value)
        except (IntegrationError, OtherMachine) as problem:
            return self._failed(server, step, problem)
        sent_at = self._clock.now()
        _log.info(
            "'%s' plays '%s' from now on, not '%s' (%s)",
            server.name, step.value, step.replaced, wanted.schedule or wanted.source,
        )  # fmt: skip
        return lambda preroll: preroll.sent(sent_at), None

    def _failed(self, server: MediaServer, step: Step, problem: EarshelfError) -> tuple[_TakeIn, str]:
        level = logging.DEBUG if step.server.failures else logging.WARNING
        _log.log(level, "The preroll of '%s' has to wait: %s", server.name, problem)
        failed_at, code = self._clock.now(), problem.code
        return lambda preroll: preroll.failed(code, failed_at), problem.message

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


def _unchanged(preroll: ServerPreroll) -> ServerPreroll:
    return preroll


async def _change(unit: UnitOfWork, server_id: ServerId, change: _TakeIn) -> None:
    stored = await unit.server_prerolls.of(server_id)
    changed = change(stored)
    if changed != stored:
        await unit.server_prerolls.save(changed, before=stored)
