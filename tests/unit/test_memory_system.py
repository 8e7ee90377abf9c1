"""The clock and the chance of tests."""

import asyncio
from datetime import timedelta

import pytest

from earshelf.adapters.memory.system import MORNING, SequentialEntropy, SettableClock
from earshelf.adapters.system import SystemClock, SystemEntropy
from earshelf.domain.ids import IdPrefix


async def test_a_sleeper_wakes_when_the_clock_has_been_moved_far_enough() -> None:
    clock = SettableClock()
    task = asyncio.create_task(clock.sleep(10))
    await clock.until_sleeping()
    clock.advance(9)
    await asyncio.sleep(0)
    assert not task.done()
    clock.advance(1)
    await task
    assert clock.now() == MORNING + timedelta(seconds=10)
    assert clock.sleeping == 0


async def test_only_those_wake_whose_time_has_come() -> None:
    clock = SettableClock()
    tasks = [asyncio.create_task(clock.sleep(seconds)) for seconds in (5, 50)]
    await clock.until_sleeping(2)
    clock.advance(20)
    await tasks[0]
    assert clock.sleeping == 1
    tasks[1].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[1]
    assert clock.sleeping == 0


async def test_sleeping_for_no_time_returns_at_once() -> None:
    await SettableClock().sleep(0)
    await SettableClock().sleep(-1)


def test_counted_chance_is_new_every_time_and_the_same_in_every_run() -> None:
    one, other = SequentialEntropy(), SequentialEntropy()
    ids = [one.new_id(IdPrefix.BOOK) for _ in range(100)]
    assert len(set(ids)) == 100
    assert ids == [other.new_id(IdPrefix.BOOK) for _ in range(100)]
    assert one.secret_bytes(5) == other.secret_bytes(5)
    assert len(one.secret_bytes(33)) == 33


def test_the_machines_chance_has_the_shape_of_an_identifier() -> None:
    identifier = SystemEntropy().new_id(IdPrefix.DOWNLOAD)
    assert identifier.startswith("dl_")
    assert len(identifier) == 25
    assert identifier != SystemEntropy().new_id(IdPrefix.DOWNLOAD)
    assert len(SystemEntropy().secret_bytes(32)) == 32


async def test_the_machines_clock_is_aware_and_goes_on() -> None:
    clock = SystemClock()
    before = clock.now()
    await clock.sleep(0)
    assert before.utcoffset() == timedelta(0)
    assert clock.now() >= before
