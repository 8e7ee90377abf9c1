"""Giving one media server the preroll that is wanted of it, step after step, or its owner's own value back."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import tzinfo
from typing import TypeAlias

from earshelf.domain.companion_errors import OtherMachine
from earshelf.domain.errors import EarshelfError, IntegrationError, NotFound
from earshelf.domain.ids import ServerId
from earshelf.domain.preroll_settings import PrerollSettings
from earshelf.domain.preroll_upkeep import ServerPreroll, Step, StepKind, Wanted, next_step
from earshelf.domain.prerolls import PrerollSchedule, read_prerolls, winner
from earshelf.domain.servers import MediaServer
from earshelf.domain.usecases.reaching import Reaching
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock

_log = logging.getLogger(__name__)
# no server takes more before it is as it should be, or before it is clear that it is not
_MOST_STEPS = 8
# whoever removes a server that does not answer waits no longer
_PATIENCE_SECONDS = 10.0

_TakeIn: TypeAlias = Callable[[ServerPreroll], ServerPreroll]


class Tending:
    """Looks after single servers, each by one at a time.

    What is about to be written is stored before, so that whatever happens on the way is understood afterwards.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        reaching: Reaching,
        clock: Clock,
        zone: tzinfo,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._storage = storage
        self._reaching = reaching
        self._clock = clock
        self._zone = zone
        self._patience = patience
        self._turns: defaultdict[ServerId, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def tend(self, server: MediaServer, wishes: PrerollSettings) -> str | None:
        """Takes step after step until there is nothing to do now; returns what went wrong last.

        A server that was removed or disabled meanwhile is not asked.
        """
        async with self._turns[server.id]:
            return await self._stepped(server, wishes)

    @asynccontextmanager
    async def withdrawn(self, server: MediaServer, wishes: PrerollSettings) -> AsyncIterator[None]:
        """Gives a server its owner's own value back, and lets nothing be written there until the block ends.

        It is tried for ten seconds: a server that is away keeps what it has, and the log says what it should have.
        """
        async with self._turns[server.id]:
            problem = await self._given_back(server, wishes)
            if problem is not None:
                async with self._storage.unit() as unit:
                    owed = (await unit.server_prerolls.of(server.id)).owed().value
                _log.warning("'%s' was not given back its own preroll '%s': %s", server.name, owed, problem)
            yield

    async def known(self, server_id: ServerId, wishes: PrerollSettings) -> tuple[ServerPreroll, Wanted]:
        """Returns what is known of a server now, and what is wanted of it."""
        async with self._storage.unit() as unit:
            return await self._wanted(unit, await unit.server_prerolls.of(server_id), wishes)

    async def start_anew(self, server_id: ServerId) -> None:
        """Forgets what was put on the machine that a server was before; what is applied by hand stays."""
        async with self._turns[server_id], self._storage.unit() as unit:
            stored = await unit.server_prerolls.of(server_id)
            await unit.server_prerolls.save(ServerPreroll(server_id, override=stored.override), before=stored)
            await unit.commit(self._clock.now())

    def forget(self, server_id: ServerId) -> None:
        """Takes note that a server is gone."""
        self._turns.pop(server_id, None)

    async def _given_back(self, server: MediaServer, wishes: PrerollSettings) -> str | None:
        try:
            async with asyncio.timeout(self._patience):
                return await self._stepped(server, wishes, leaving=True)
        except TimeoutError:
            return "it does not answer"

    async def _stepped(self, server: MediaServer, wishes: PrerollSettings, *, leaving: bool = False) -> str | None:
        problem: str | None = None
        take_in: _TakeIn = ServerPreroll.woken if leaving else _unchanged
        for _ in range(_MOST_STEPS):
            step, wanted = await self._decided(server.id, take_in, wishes, leaving=leaving)
            if step.kind is StepKind.REST:
                break
            take_in, problem = await self._done(server, step, wanted)
        return problem

    async def _decided(
        self, server_id: ServerId, take_in: _TakeIn, wishes: PrerollSettings, *, leaving: bool
    ) -> tuple[Step, Wanted]:
        """Takes in what came of the last step, decides on the next one, and stores both."""
        now = self._clock.now()
        async with self._storage.unit() as unit:
            stored = await unit.server_prerolls.of(server_id)
            known, wanted = await self._wanted(unit, take_in(stored), wishes)
            if leaving:
                wanted = known.owed()
            if leaving or await _is_served(unit, server_id):
                step = next_step(known, wanted, on_drift=wishes.on_drift, now=now)
            else:
                step = Step(StepKind.REST, known)
            if step.server != stored:
                await unit.server_prerolls.save(step.server, before=stored)
                await unit.commit(now)
        return step, wanted

    async def _wanted(
        self, unit: UnitOfWork, preroll: ServerPreroll, wishes: PrerollSettings
    ) -> tuple[ServerPreroll, Wanted]:
        """Asks the programme; a schedule of which the server has nothing is none for it."""
        mappings = await unit.server_prerolls.mappings(preroll.server_id)
        now = self._clock.now()
        applying = winner(await unit.preroll_schedules.all(), now, self._zone)
        default = mappings.on_server(read_prerolls(wishes.default)).value
        known = preroll.lapsed(applying, now)
        spelled: PrerollSchedule | None = None
        if applying is not None and (there := mappings.on_server(applying.prerolls)).paths:
            spelled = replace(applying, prerolls=there)
        return known, known.wanted(spelled, default)

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


def _unchanged(preroll: ServerPreroll) -> ServerPreroll:
    return preroll


async def _is_served(unit: UnitOfWork, server_id: ServerId) -> bool:
    try:
        return (await unit.servers.get(server_id)).enabled
    except NotFound:
        return False
