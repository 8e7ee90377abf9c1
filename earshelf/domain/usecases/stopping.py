"""Asking media servers to end streams, and saying afterwards what came of it: in the log and in the history."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from earshelf.domain.errors import CredentialsRejected, EarshelfError, Refused
from earshelf.domain.events import StopResult, StreamStopOrdered
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import MediaServer
from earshelf.domain.stop_rules import placeholders, written_notice
from earshelf.domain.stops import Stop, Vigil
from earshelf.domain.streams import Player, Stream, Viewer
from earshelf.domain.usecases.polling import Polling, Round
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.streams import StreamSource
from earshelf.ports.system import Clock

OWNER = "owner"
_REASON = "The owner of this server has ended the stream."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ordered:
    """A stop that a server was asked for; ``is_news`` is off where the same was told before."""

    stop: Stop
    result: StopResult
    is_news: bool = True


class Stopping:
    """Ends streams, for a rule or for the owner."""

    def __init__(self, *, storage: Storage, polling: Polling, clock: Clock, zone: tzinfo) -> None:
        self._storage = storage
        self._polling = polling
        self._clock = clock
        self._zone = zone

    async def by_rules(self, stops: Iterable[Stop], found: Round, before: Vigil) -> Sequence[Ordered]:
        """Asks the servers, all at the same time; ``before`` is what was tried until now."""
        return await asyncio.gather(
            *(self._by_rule(stop, found.server(stop.stream.server_id), before) for stop in stops)
        )

    async def note(self, unit: UnitOfWork, ordered: Iterable[Ordered]) -> None:
        """Puts into the history what is news, with the unit's commit."""
        for one in ordered:
            if one.is_news:
                await unit.events.append(_fact(one.stop.stream, one.stop.rule, one.result))

    async def by_owner(self, session_id: str, server: MediaServer, reason: str) -> bool:
        """Ends a stream; its player shows the reason. Returns whether it was still running.

        :raises Refused: the server cannot end it; the message says why. :raises IntegrationError: it is in trouble.
        """
        source = await self._polling.source(server)
        stream = await _stream(source, session_id, server.id)
        notice = written_notice(reason.strip() or _REASON, self._named(stream, server) if stream.key else {})
        try:
            was_running = await source.terminate(session_id, notice)
        except EarshelfError as problem:
            await self._remember(_fact(stream, OWNER, _failure(problem)))
            raise
        _log.info("The owner ended the session %s on '%s'", ascii(session_id), server.name)
        await self._remember(_fact(stream, OWNER, StopResult.ENDED if was_running else StopResult.OVER_ALREADY))
        return was_running

    async def _by_rule(self, stop: Stop, server: MediaServer, before: Vigil) -> Ordered:
        stream = stop.stream
        notice = written_notice(stop.notice, self._named(stream, server, stop.ends_at))
        attempt = before.attempt_on(stream.server_id, stream.handle)
        try:
            source = await self._polling.source(server)
            was_running = await source.terminate(stream.session_id or "", notice)
        except EarshelfError as problem:
            _log.warning("'%s' of %s was not ended: %s", stream.title, stream.viewer.name, problem)
            result = _failure(problem)
            return Ordered(stop, result, is_news=result is StopResult.REFUSED or attempt is None)
        _log.info("Ended '%s' of %s on '%s' by %s", stream.title, stream.viewer.name, server.name, stop.rule)
        if not was_running:
            return Ordered(stop, StopResult.OVER_ALREADY)
        return Ordered(stop, StopResult.ASKED_AGAIN if attempt and attempt.count else StopResult.ENDED)

    async def _remember(self, fact: StreamStopOrdered) -> None:
        async with self._storage.unit() as unit:
            await unit.events.append(fact)
            await unit.commit(self._clock.now())

    def _named(self, stream: Stream, server: MediaServer, ends_at: datetime | None = None) -> dict[str, str]:
        now = self._clock.now()
        return placeholders(stream, server_name=server.name, ends_at=ends_at, now=now, zone=self._zone)


async def _stream(source: StreamSource, session_id: str, server_id: ServerId) -> Stream:
    """Finds who watches what; of a session that is over, or that nobody tells of, nothing but its id is known."""
    unknown = Stream(server_id, "", "", Viewer(""), Player(), session_id=session_id)
    try:
        found = await source.streams()
    except EarshelfError:
        # whether it can be ended is for the server to say
        return unknown
    return next((stream for stream in found if stream.session_id == session_id), unknown)


def _failure(problem: EarshelfError) -> StopResult:
    return StopResult.REFUSED if isinstance(problem, Refused | CredentialsRejected) else StopResult.UNANSWERED


def _fact(stream: Stream, rule: str, result: StopResult) -> StreamStopOrdered:
    viewer = stream.viewer
    return StreamStopOrdered(
        None, stream.server_id, stream.session_id or "", viewer.id or "", viewer.name, stream.title, rule, result
    )
