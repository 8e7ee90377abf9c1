"""The manners of the provider gate, by a clock that stands until it is told."""

import asyncio
from datetime import timedelta

import pytest

from earshelf.adapters.memory.system import SettableClock
from earshelf.adapters.throttle import ProviderGate
from earshelf.adapters.waiting import DEFAULT_WAIT, seconds_to_wait
from earshelf.domain.errors import IntegrationKind, RateLimited


class Visitors:
    """Goes through a gate and notes who got in when."""

    def __init__(self, gap_ms: int = 200) -> None:
        self.clock = SettableClock()
        self.gate = ProviderGate("Audible", clock=self.clock, gap=timedelta(milliseconds=gap_ms))
        self.arrived: list[tuple[str, float]] = []
        self._start = self.clock.now()

    async def visit(self, name: str) -> None:
        async with self.gate.turn():
            self.arrived.append((name, (self.clock.now() - self._start).total_seconds()))

    async def be_limited(self, seconds: int) -> None:
        with pytest.raises(RateLimited):
            async with self.gate.turn():
                raise RateLimited(IntegrationKind.PROVIDER, "Audible", seconds)


async def test_visitors_keep_their_distance_and_their_order() -> None:
    visitors = Visitors()
    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(visitors.visit(name))
        for _ in range(2):
            await visitors.clock.until_sleeping()
            visitors.clock.advance(0.2)
    assert visitors.arrived == [("a", 0.0), ("b", 0.2), ("c", 0.4)]


async def test_nobody_waits_who_comes_late_enough() -> None:
    visitors = Visitors()
    await visitors.visit("a")
    visitors.clock.advance(0.2)
    await visitors.visit("b")
    assert [name for name, _ in visitors.arrived] == ["a", "b"]


async def test_a_slow_visitor_does_not_hold_up_the_next() -> None:
    visitors = Visitors(gap_ms=0)
    async with visitors.gate.turn():
        await visitors.visit("b")
    assert visitors.arrived == [("b", 0.0)]


async def test_a_clock_that_is_set_back_closes_the_gate_for_one_gap_at_most() -> None:
    visitors = Visitors()
    await visitors.visit("a")
    visitors.clock.advance(-3600)
    task = asyncio.create_task(visitors.visit("b"))
    await visitors.clock.until_sleeping()
    visitors.clock.advance(0.2)
    await task
    assert [name for name, _ in visitors.arrived] == ["a", "b"]


async def test_a_limit_meets_those_who_were_waiting_already() -> None:
    visitors = Visitors()
    await visitors.visit("a")
    waiting = asyncio.create_task(visitors.visit("b"))
    await visitors.clock.until_sleeping()
    limiting = asyncio.create_task(visitors.be_limited(30))
    visitors.clock.advance(0.2)
    await waiting
    await visitors.clock.until_sleeping()
    late = asyncio.create_task(visitors.visit("c"))
    visitors.clock.advance(0.2)
    await limiting
    with pytest.raises(RateLimited) as caught:
        await late
    assert caught.value.retry_after == 30


async def test_a_limit_counts_down_and_ends() -> None:
    visitors = Visitors(gap_ms=0)
    await visitors.be_limited(30)
    visitors.clock.advance(29.5)
    with pytest.raises(RateLimited) as caught:
        await visitors.visit("early")
    assert caught.value.retry_after == 1
    visitors.clock.advance(0.5)
    await visitors.visit("in time")
    assert [name for name, _ in visitors.arrived] == ["in time"]


async def test_a_visitor_who_gives_up_does_not_block_the_queue() -> None:
    visitors = Visitors()
    await visitors.visit("a")
    impatient = asyncio.create_task(visitors.visit("b"))
    await visitors.clock.until_sleeping()
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    visitors.clock.advance(0.2)
    await visitors.visit("c")
    assert [name for name, _ in visitors.arrived] == ["a", "c"]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        (" 7 ", 7),
        ("Thu, 01 Jan 2026 08:02:00 GMT", 120),
        ("Thursday, 01-Jan-26 08:00:30 GMT", 30),
        ("999999999999999999", 86400),
        (None, DEFAULT_WAIT),
        ("", DEFAULT_WAIT),
        ("0", DEFAULT_WAIT),
        ("-5", DEFAULT_WAIT),
        ("1.5", DEFAULT_WAIT),
        ("²", DEFAULT_WAIT),
        ("soon", DEFAULT_WAIT),
        ("Thu, 01 Jan 2026 07:00:00 GMT", DEFAULT_WAIT),
        ("Thu, 99 Foo 9999 99:99:99 GMT", DEFAULT_WAIT),
    ],
)
def test_the_time_to_wait_is_read_from_seconds_and_dates(header: str | None, seconds: int) -> None:
    assert seconds_to_wait(header, SettableClock().now()) == seconds
