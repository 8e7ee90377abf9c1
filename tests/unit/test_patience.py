"""Asking again after trouble that may pass: not for ever, and not before the neighbour allows it."""

import asyncio
from collections.abc import Iterable

import pytest

from earshelf.adapters.memory.system import SettableClock
from earshelf.domain.errors import (
    CredentialsRejected,
    IntegrationError,
    IntegrationKind,
    RateLimited,
    Refused,
    TimedOut,
    UnexpectedPayload,
    Unreachable,
)
from earshelf.domain.usecases.patience import Patience

KIND = IntegrationKind.SERVER


class Neighbour:
    """Has troubles, one after the other, each after so many seconds, and then answers."""

    def __init__(self, clock: SettableClock, troubles: Iterable[IntegrationError], *, seconds: float = 0.0) -> None:
        self._clock = clock
        self._troubles = iter(troubles)
        self._seconds = seconds
        self.asked: list[float] = []
        self._began = clock.now()

    async def ask(self) -> str:
        self.asked.append((self._clock.now() - self._began).total_seconds())
        self._clock.advance(self._seconds)
        trouble = next(self._troubles, None)
        if trouble is not None:
            raise trouble
        return "answer"


async def settled(clock: SettableClock, asking: asyncio.Task[str]) -> str:
    """Moves the clock on until there is an answer or trouble."""
    while not asking.done():
        sleeping = asyncio.create_task(clock.until_sleeping())
        await asyncio.wait({asking, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        sleeping.cancel()
        while clock.sleeping:
            clock.advance(0.5)
    return await asking


async def patiently(neighbour: Neighbour, clock: SettableClock) -> str:
    return await settled(clock, asyncio.create_task(Patience(clock).asked(neighbour.ask)))


@pytest.mark.parametrize(
    "trouble",
    [Unreachable(KIND, "Attic", "away"), TimedOut(KIND, "Attic", "silence"), Refused(KIND, "Attic", "no", 500)],
)
async def test_trouble_that_may_pass_is_asked_after_three_times(trouble: IntegrationError) -> None:
    clock = SettableClock()
    neighbour = Neighbour(clock, [trouble] * 3)
    assert await patiently(neighbour, clock) == "answer"
    assert neighbour.asked == [0, 1, 3, 6]


@pytest.mark.parametrize(
    "trouble",
    [CredentialsRejected(KIND, "Attic", "no"), UnexpectedPayload(KIND, "Attic", "a page"),
     Refused(KIND, "Attic", "no", 404), Refused(KIND, "Attic", "no"), RateLimited(KIND, "Attic", 61)],
)  # fmt: skip
async def test_what_will_not_pass_soon_is_told_at_once(trouble: IntegrationError) -> None:
    clock = SettableClock()
    neighbour = Neighbour(clock, [trouble])
    with pytest.raises(type(trouble)):
        await patiently(neighbour, clock)
    assert neighbour.asked == [0]


async def test_an_outage_is_told_within_twenty_seconds() -> None:
    clock = SettableClock()
    neighbour = Neighbour(clock, [TimedOut(KIND, "Attic", "silence")] * 9, seconds=8)
    with pytest.raises(TimedOut):
        await patiently(neighbour, clock)
    assert neighbour.asked == [0, 9]


async def test_a_neighbour_that_asks_for_silence_gets_it() -> None:
    clock = SettableClock()
    neighbour = Neighbour(clock, [RateLimited(KIND, "Attic", 30), RateLimited(KIND, "Attic", 2)])
    assert await patiently(neighbour, clock) == "answer"
    assert neighbour.asked == [0, 30, 32]


async def test_every_new_attempt_is_eased() -> None:
    clock = SettableClock()
    neighbour, eased = Neighbour(clock, [Unreachable(KIND, "Attic", "away")] * 2), []
    patience = Patience(clock, pauses=(1.0, 2.0))
    asking = asyncio.create_task(patience.asked(neighbour.ask, eased=lambda: eased.append(len(neighbour.asked))))
    assert await settled(clock, asking) == "answer"
    assert eased == [1, 2]
