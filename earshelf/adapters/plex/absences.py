"""What earlier calls found out about servers: who was away a moment ago, and who asked to be left alone. Pure."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from earshelf.domain.errors import IntegrationKind, Obstacle, RateLimited, TimedOut, Unreachable

REST = timedelta(seconds=45)
"""How long a server that was away is not asked again."""
# whatever a server asks for
_LONGEST_SILENCE = timedelta(seconds=60)
# each address and token is a server of its own; forgetting one costs a single attempt
_MOST = 256


@dataclass(slots=True)
class _Known:
    """What is known of one server. ``obstacle`` is None where it did not answer in time."""

    answered_at: datetime | None = None
    away_since: datetime | None = None
    why: str = ""
    obstacle: Obstacle | None = None
    is_tried: bool = False
    silent_since: datetime | None = None
    silence: timedelta = timedelta()


class Absences:
    """Spares everybody the wait for a server that was away a moment ago.

    After a rest one caller tries, and the others wait for what comes of it. A ``way`` is address and credential
    together: another address, or another token, is another server. Clocks may jump; no rest lasts longer for it.
    """

    def __init__(self, rest: timedelta = REST) -> None:
        self._rest = rest
        self._ways: dict[Hashable, _Known] = {}

    def require_speech(self, way: Hashable, kind: IntegrationKind, name: str, now: datetime) -> None:
        """Lets a question through unless the server asked to be left alone.

        :raises RateLimited: it did, and the time is not over.
        """
        known = self._ways.get(way)
        if known is not None and (left := _left(known.silent_since, known.silence, now)) > timedelta():
            raise RateLimited(kind, name, ceil(left.total_seconds()))

    def enter(self, way: Hashable, kind: IntegrationKind, name: str, now: datetime) -> bool:
        """Lets a question through where it may be worth while; returns whether it is the one that tries after a rest.

        Whoever tries has to tell what came of it, by :meth:`answered`, :meth:`failed` or :meth:`left`.

        :raises Unreachable: the server was away a moment ago. :raises TimedOut: it did not answer then.
        """
        known = self._ways.get(way)
        if known is None or known.away_since is None:
            return False
        if known.is_tried or _left(known.away_since, self._rest, now) > timedelta():
            if known.obstacle is None:
                raise TimedOut(kind, name, known.why)
            raise Unreachable(kind, name, known.why, known.obstacle)
        known.is_tried = True
        return True

    def answered(self, way: Hashable, now: datetime) -> None:
        """Takes note that a server is there, whatever it said."""
        known = self._of(way)
        known.answered_at, known.away_since, known.is_tried = now, None, False

    def failed(self, way: Hashable, problem: Unreachable | TimedOut, *, asked_at: datetime, now: datetime) -> None:
        """Takes note that a server did not answer a question; an answer that came meanwhile tells more."""
        known = self._of(way)
        known.is_tried = False
        if known.answered_at is not None and asked_at < known.answered_at <= now:
            return
        known.away_since, known.why = now, problem.reason
        known.obstacle = problem.obstacle if isinstance(problem, Unreachable) else None

    def left(self, way: Hashable) -> None:
        """Takes note that whoever tried gave it up before anything came of it."""
        self._of(way).is_tried = False

    def silenced(self, way: Hashable, seconds: int, now: datetime) -> None:
        """Takes note that a server asked to be left alone for so long; a minute is enough for any."""
        known = self._of(way)
        known.silent_since, known.silence = now, min(timedelta(seconds=seconds), _LONGEST_SILENCE)

    def _of(self, way: Hashable) -> _Known:
        if way not in self._ways and len(self._ways) >= _MOST:
            del self._ways[next(iter(self._ways))]
        return self._ways.setdefault(way, _Known())


def _left(since: datetime | None, span: timedelta, now: datetime) -> timedelta:
    # a clock that was set back must not keep anybody waiting for hours
    return since + span - now if since is not None and since <= now else timedelta()
