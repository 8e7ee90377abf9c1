"""Live streams: who watches, ending one, and ending those that a rule does not allow."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from earshelf.domain.events import StopResult
from earshelf.domain.ids import ServerId
from earshelf.domain.stop_rules import StopRule
from earshelf.domain.stops import Stop, Verdict, Vigil, judged
from earshelf.domain.streams import Sighting, Stream, sighted
from earshelf.domain.usecases.polling import Outage, Polling, Round
from earshelf.domain.usecases.prompting import PATIENCE_SECONDS, Prompting
from earshelf.domain.usecases.stopping import Ordered, Stopping
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock

LONGEST_PAUSE = timedelta(seconds=30)
SHORTEST_PAUSE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class ShownStream:
    """A stream as the owner sees it.

    ``started_at`` is when it was first seen. ``ends_at`` is when a rule ends it, None where none does; ``ignores_stop``
    says that its player was told and went on.
    """

    stream: Stream
    server_name: str
    started_at: datetime
    ends_at: datetime | None
    ignores_stop: bool


@dataclass(frozen=True, slots=True)
class Showing:
    """All live streams, and the servers that did not tell theirs."""

    streams: tuple[ShownStream, ...]
    outages: tuple[Outage, ...]


class Watching:
    """Looks at live streams and enforces the rules about them."""

    def __init__(
        self,
        *,
        storage: Storage,
        polling: Polling,
        stopping: Stopping,
        clock: Clock,
        zone: tzinfo,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._storage = storage
        self._polling = polling
        self._stopping = stopping
        self._clock = clock
        self._zone = zone
        self._prompting = Prompting(polling=polling, on_late=self.note_change, patience=patience)
        self._news = asyncio.Event()
        self._look_again_at: datetime | None = None
        self._seen: tuple[Sighting, ...] = ()
        self._has_asked = False

    async def streams(self) -> Showing:
        """Returns who watches on all enabled servers, in their order; an outage of one hides nothing of the others."""
        found = await self._polling.round()
        async with self._storage.unit() as unit:
            rules, vigil = await self._rules(unit), await unit.watch.vigil()
        now = self._clock.now()
        verdict = judged(vigil, rules, found.polls, now=now, zone=self._zone)
        self._seen = sighted((*vigil.sightings, *self._seen), found.polls, now)
        return Showing(tuple(_shown(found, vigil, verdict, self._seen, now)), found.outages)

    async def terminate(self, session_id: str, server_id: ServerId, reason: str = "") -> bool:
        """Ends a stream; its player shows the reason. Returns whether it was still running.

        :raises NotFound: there is no such server. :raises Refused: the server cannot end it; the message says why.
        :raises IntegrationError: the server is in trouble.
        """
        async with self._storage.unit() as unit:
            server = await unit.servers.get(server_id)
        was_running = await self._stopping.by_owner(session_id, server, reason)
        self.note_change()
        return was_running

    def note_change(self) -> None:
        """Takes note that a stream or a rule changed, so that the next look comes soon."""
        self._news.set()

    async def rest(self) -> None:
        """Returns when it is time to look again: where something changed or a grace ends, else after half a minute.

        Servers that were asked just now have two seconds of peace.
        """
        now = self._clock.now()
        latest = now + LONGEST_PAUSE
        due = min(latest, max(self._look_again_at or latest, now + SHORTEST_PAUSE))
        if self._has_asked:
            await self._clock.sleep(SHORTEST_PAUSE.total_seconds())
        if not self._news.is_set():
            await self._first_of_news_and(due)
        self._news.clear()

    async def leave(self) -> None:
        """Ends the questions that servers have not answered yet."""
        await self._prompting.close()

    async def enforce(self) -> None:
        """Looks at every server once and ends what its rules do not allow; each attempt is stored before it is made.

        Where a server gives no answer nothing is ended, and its streams' time runs on. One that is slow to answer holds
        up nobody: there is news once it did.
        """
        self._look_again_at = None
        self._has_asked = await self._has_work()
        if not self._has_asked:
            await self._prompting.close()
            return
        found = await self._prompting.round()
        now = self._clock.now()
        async with self._storage.unit() as unit:
            before = await unit.watch.vigil()
            verdict = judged(_within(before, found), await self._rules(unit), found.polls, now=now, zone=self._zone)
            await self._remember(unit, before, _attempted(verdict, now))
        self._look_again_at = verdict.look_again_at
        ordered = await self._stopping.by_rules(verdict.stops, found, before)
        if ordered:
            await self._settle(verdict, ordered, now)

    async def _settle(self, verdict: Verdict, ordered: Iterable[Ordered], now: datetime) -> None:
        """Takes down what came of the stops; one that its server has not heard of is no attempt."""
        deaf = [one.stop for one in ordered if one.result is StopResult.UNANSWERED]
        async with self._storage.unit() as unit:
            await self._stopping.note(unit, ordered)
            if deaf:
                await unit.watch.put_vigil(_attempted(verdict, now, deaf))
            await unit.commit(self._clock.now())

    async def _has_work(self) -> bool:
        async with self._storage.unit() as unit:
            if await self._rules(unit):
                return True
            await self._remember(unit, await unit.watch.vigil(), Vigil())
        return False

    async def _rules(self, unit: UnitOfWork) -> list[StopRule]:
        maintenance = (await unit.watch.maintenance()).at(self._clock.now())
        transcoding, blackouts = await unit.watch.transcode_rule(), await unit.blackouts.all()
        rules: list[StopRule] = [blackout for blackout in blackouts if blackout.enabled]
        if transcoding.enabled:
            rules.insert(0, transcoding)
        if maintenance.enabled:
            rules.insert(0, maintenance)
        return rules

    async def _remember(self, unit: UnitOfWork, before: Vigil, after: Vigil) -> None:
        if after != before:
            await unit.watch.put_vigil(after)
            await unit.commit(self._clock.now())

    async def _first_of_news_and(self, due: datetime) -> None:
        seconds = (due - self._clock.now()).total_seconds()
        waiting = [asyncio.ensure_future(self._news.wait()), asyncio.ensure_future(self._clock.sleep(seconds))]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)


def _within(vigil: Vigil, found: Round) -> Vigil:
    """Forgets servers that were removed or switched off."""
    remembered = {
        *(one.server_id for one in vigil.sightings),
        *(one.server_id for one in vigil.openings),
        *(one.server_id for one in vigil.timers),
        *(one.server_id for one in vigil.attempts),
    }
    for server_id in remembered - {server.id for server in found.servers}:
        vigil = vigil.without_server(server_id)
    return vigil


def _attempted(verdict: Verdict, now: datetime, deaf: Iterable[Stop] = ()) -> Vigil:
    vigil, unheard = verdict.vigil, list(deaf)
    for stop in verdict.stops:
        vigil = vigil.attempted(stop, now, was_heard=stop not in unheard)
    return vigil


def _shown(
    found: Round, vigil: Vigil, verdict: Verdict, seen: Iterable[Sighting], now: datetime
) -> Iterable[ShownStream]:
    starts = {(one.server_id, one.session): one.first_seen_at for one in seen}
    deadlines = {
        (stop.stream.server_id, stop.stream.handle): stop.deadline
        for stop in (*verdict.waiting, *verdict.stops, *verdict.unstoppable)
    }
    for poll in found.polls:
        name = found.server(poll.server_id).name
        for stream in poll.streams:
            attempt = vigil.attempt_on(poll.server_id, stream.handle)
            ends_at = deadlines.get((poll.server_id, stream.handle)) if stream.can_be_stopped else None
            started_at = starts[poll.server_id, stream.handle]
            yield ShownStream(stream, name, started_at, ends_at, attempt is not None and attempt.is_ignored(now))
