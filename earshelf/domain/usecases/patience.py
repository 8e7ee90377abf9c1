"""Asking a neighbour again after trouble that may pass, and giving up soon enough."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from earshelf.domain.errors import IntegrationError, RateLimited, Refused, TimedOut, Unreachable
from earshelf.ports.system import Clock

ResultT = TypeVar("ResultT")

_SERVER_ERROR = 500
PAUSES = (1.0, 2.0, 3.0)
"""Seconds before each new attempt after trouble that may pass."""
# together with the last answer that is waited for, an outage is told within twenty seconds
_PATIENCE_SECONDS = 9.0
# whoever asks for more silence is not waited for
_LONGEST_SILENCE_SECONDS = 60.0


class Patience:
    """Asks again after trouble that may pass, and gives up soon enough."""

    def __init__(self, clock: Clock, *, pauses: Sequence[float] = PAUSES) -> None:
        self._clock = clock
        self._pauses = pauses

    async def asked(
        self, ask: Callable[[], Awaitable[ResultT]], *, eased: Callable[[], object] = lambda: None
    ) -> ResultT:
        """Returns what is asked for; ``eased`` makes the next attempt easier.

        A server that asks to be left alone for up to a minute is, each time. Raises the trouble of the last attempt.
        """
        spent = 0.0
        for pause in self._pauses:
            began = self._clock.now()
            try:
                return await ask()
            except (Unreachable, TimedOut, RateLimited, Refused) as problem:
                spent += (self._clock.now() - began).total_seconds()
                if not _may_pass(problem) or spent > _PATIENCE_SECONDS:
                    raise
                wait = _wait(problem, pause)
            eased()
            spent += pause
            await self._clock.sleep(wait)
        return await ask()


def _may_pass(problem: IntegrationError) -> bool:
    if isinstance(problem, RateLimited):
        return problem.retry_after <= _LONGEST_SILENCE_SECONDS
    return not isinstance(problem, Refused) or (problem.status or 0) >= _SERVER_ERROR


def _wait(problem: IntegrationError, pause: float) -> float:
    return max(pause, problem.retry_after) if isinstance(problem, RateLimited) else pause
