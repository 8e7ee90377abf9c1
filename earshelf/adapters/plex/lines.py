"""How everything of Plex's is asked: what may be asked again is, and nobody waits twice for a server that is away."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from earshelf.adapters.http import DEFAULT_MAX_BYTES, Answer, HttpClient, Neighbour
from earshelf.adapters.plex.absences import REST, Absences
from earshelf.adapters.plex.introduction import introduction
from earshelf.domain.errors import (
    IntegrationError,
    IntegrationKind,
    Obstacle,
    RateLimited,
    Refused,
    TimedOut,
    Unreachable,
)
from earshelf.ports.servers import ServerAccess
from earshelf.ports.system import Clock

PAUSES = (1.0, 2.0, 3.0)
"""Seconds before each new attempt of a question after trouble that may pass."""
# no attempt begins later than this after the first one did
_PATIENCE_SECONDS = 9.0
_REPEATABLE = frozenset({"GET", "HEAD"})
# of a proxy before the server, or of a server that is starting
_PASSING_STATUSES = frozenset({502, 503, 504})

_Ask = Callable[[], Awaitable[Answer]]


class PlexLines:
    """Lines to servers and to plex.tv. What one of them finds out of a server holds for all lines to it."""

    def __init__(
        self, http: HttpClient, clock: Clock, *, pauses: Sequence[float] = PAUSES, rest: timedelta = REST
    ) -> None:
        self._http = http
        self._clock = clock
        self._pauses = tuple(pauses)
        self._absences = Absences(rest)

    def line(
        self,
        access: ServerAccess,
        *,
        version: str,
        timeout: float,
        max_bytes: int = DEFAULT_MAX_BYTES,
        shows_token: bool = True,
        most_repeats: int = len(PAUSES),
    ) -> "Line":
        """Returns a line to a server; it costs nothing and contacts nobody.

        ``most_repeats`` bounds how often a question is asked again; one that ``insists`` never is.
        """
        headers = dict(introduction(access.client_id, version))
        if shows_token and access.token:
            headers["X-Plex-Token"] = access.token
        host = self._http.neighbour(
            kind=IntegrationKind.SERVER,
            name=access.name,
            base_url=access.url,
            headers=headers,
            timeout=timeout,
            max_bytes=max_bytes,
            secrets=(access.token,),
            verify_ssl=access.verify_ssl,
        )
        way = (host.base_url, access.token, access.verify_ssl)
        pauses = () if access.insists else self._pauses[:most_repeats]
        return Line(host, self._clock, self._absences, way, pauses, access.insists)


@dataclass(frozen=True, slots=True)
class Line:
    """One line; ``host`` tells its troubles in words."""

    host: Neighbour
    _clock: Clock
    _absences: Absences
    _way: Hashable = field(repr=False)
    _pauses: Sequence[float]
    _insists: bool

    async def request(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, passing: Collection[int] = ()
    ) -> Answer:
        """Sends a request as :meth:`Neighbour.request` does.

        A question (GET) is asked again after 1, 2 and 3 seconds where the connection broke, no answer came or a status
        of 502, 503 or 504 did, and after ``Retry-After`` where that is soon; not where nobody listens, and never what
        changes something, because it may have happened. A server that did not answer is not asked again for a while:
        everybody is told at once why.
        """
        ask = partial(self.host.request, method, path, params=params, passing=passing)
        self._absences.require_speech(self._way, self.host.kind, self.host.name, self._clock.now())
        if self._insists:
            return await self._insisted(ask)
        return await self._asked(ask, self._pauses if method in _REPEATABLE else ())

    @asynccontextmanager
    async def socket(self, path: str) -> AsyncIterator[AsyncIterator[str]]:
        """Opens a WebSocket as :meth:`Neighbour.socket` does; once it is open everybody may ask the server again."""
        async with self.host.socket(path) as frames:
            self._absences.answered(self._way, self._clock.now())
            yield frames

    async def _insisted(self, ask: _Ask) -> Answer:
        """Asks once, whatever is known of the server; trouble is for whoever insists, an answer for everybody."""
        try:
            answer = await ask()
        except (Unreachable, TimedOut):
            raise
        except IntegrationError as problem:
            self._note(problem)
            raise
        self._absences.answered(self._way, self._clock.now())
        return answer

    async def _asked(self, ask: _Ask, pauses: Sequence[float]) -> Answer:
        began = self._clock.now()
        is_trial = self._absences.enter(self._way, self.host.kind, self.host.name, began)
        try:
            answer = await self._repeated(ask, () if is_trial else pauses)
        except (Unreachable, TimedOut) as problem:
            self._absences.failed(self._way, problem, asked_at=began, now=self._clock.now())
            raise
        except IntegrationError as problem:
            self._note(problem)
            raise
        except BaseException:
            # cancelled, or a defect: the next one has to be let through
            if is_trial:
                self._absences.left(self._way)
            raise
        self._absences.answered(self._way, self._clock.now())
        return answer

    async def _repeated(self, ask: _Ask, pauses: Sequence[float]) -> Answer:
        began = self._clock.now()
        for pause in pauses:
            try:
                return await ask()
            except (Unreachable, TimedOut, RateLimited, Refused) as problem:
                wait = _wait(problem, pause)
                spent = (self._clock.now() - began).total_seconds()
                if wait is None or spent + wait > _PATIENCE_SECONDS:
                    raise
            await self._clock.sleep(wait)
        return await ask()

    def _note(self, problem: IntegrationError) -> None:
        now = self._clock.now()
        self._absences.answered(self._way, now)
        if isinstance(problem, RateLimited):
            self._absences.silenced(self._way, problem.retry_after, now)


def _wait(problem: IntegrationError, pause: float) -> float | None:
    """Returns how long to wait before asking again; None where that is no use."""
    match problem:
        case RateLimited(retry_after=seconds):
            return max(pause, seconds)
        case Unreachable(obstacle=Obstacle.OTHER) | TimedOut():
            return pause
        case Refused(status=status) if status in _PASSING_STATUSES:
            return pause
        case _:
            return None
