"""Decisions about stored things that somebody else may change at the same time."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from earshelf.domain.errors import StaleWrite
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock

_RACES = 10

ResultT = TypeVar("ResultT")


async def unless_stale(storage: Storage, clock: Clock, decide: Callable[[UnitOfWork], Awaitable[ResultT]]) -> ResultT:
    """Runs load, decide and save in a unit, and again with fresh rows where somebody else was faster."""
    for _ in range(_RACES):
        try:
            async with storage.unit() as unit:
                result = await decide(unit)
                await unit.commit(clock.now())
                return result
        except StaleWrite as problem:
            lost = problem
    raise lost
