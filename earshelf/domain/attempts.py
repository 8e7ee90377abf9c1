"""How often somebody without a credential may try."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from earshelf.domain.errors import TooManyAttempts

# a flood of addresses must not fill the memory; the oldest are forgotten first
_MOST_CALLERS = 10_000


@dataclass(frozen=True, slots=True)
class Standing:
    """How many attempts a caller may make at most, how many are left, and when the next one comes back."""

    most: int
    left: int
    renewed_at: datetime


class Attempts:
    """Counts by caller within a window that moves along; kept in memory, so that a restart forgives."""

    def __init__(self, *, most: int, window: timedelta) -> None:
        self._most = most
        self._window = window
        self._seen: dict[str, deque[datetime]] = {}

    def require(self, caller: str, now: datetime) -> None:
        """Looks without counting.

        :raises TooManyAttempts: the caller has had all of its attempts.
        """
        seen = self._recent(caller, now)
        if len(seen) >= self._most:
            raise TooManyAttempts(max(1, ceil((seen[0] + self._window - now).total_seconds())))

    def count(self, caller: str, now: datetime) -> None:
        """Counts an attempt.

        :raises TooManyAttempts: there was none left; it is not counted.
        """
        self.require(caller, now)
        seen = self._seen.pop(caller, deque[datetime]())
        self._seen[caller] = seen
        seen.append(now)
        while len(self._seen) > _MOST_CALLERS:
            del self._seen[next(iter(self._seen))]

    def standing(self, caller: str, now: datetime) -> "Standing":
        """Returns what a caller has left."""
        seen = self._recent(caller, now)
        renewed = seen[0] + self._window if seen else now + self._window
        return Standing(self._most, max(0, self._most - len(seen)), renewed)

    def _recent(self, caller: str, now: datetime) -> deque[datetime]:
        seen = self._seen.get(caller, deque[datetime]())
        # a clock that was set back must not shut anybody out until it is as late again
        while seen and seen[-1] > now:
            seen.pop()
        while seen and seen[0] + self._window <= now:
            seen.popleft()
        return seen
