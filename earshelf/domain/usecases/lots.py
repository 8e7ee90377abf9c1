"""Writing many things in lots, of which one is written while the next one piles up."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class Lots(Generic[ItemT]):
    """Hands things to ``write`` in lots of at least ``least``, one lot at a time.

    Whoever began has to :meth:`finish`, also after trouble: nothing that was added is lost unless writing fails.
    """

    def __init__(self, write: Callable[[list[ItemT]], Awaitable[None]], *, least: int) -> None:
        self._write = write
        self._least = least
        self._pile: list[ItemT] = []
        self._turn = asyncio.Lock()
        self._writing: asyncio.Task[None] | None = None

    async def add(self, things: Iterable[ItemT]) -> None:
        """Adds things; waits where a lot is full before the one before is written. Raises what writing raised."""
        self._pile += things
        async with self._turn:
            if len(self._pile) >= self._least:
                await self._settle()
                self._writing = asyncio.create_task(self._written(self._taken()))

    async def finish(self) -> None:
        """Writes what is left. Raises what writing raised."""
        async with self._turn:
            try:
                await self._settle()
            finally:
                await self._written(self._taken())

    async def _settle(self) -> None:
        if self._writing is not None:
            # whoever waits may be cancelled; what is being written is not
            await asyncio.wait([self._writing])
            task, self._writing = self._writing, None
            task.result()

    def _taken(self) -> list[ItemT]:
        lot, self._pile = self._pile, []
        return lot

    async def _written(self, lot: list[ItemT]) -> None:
        if lot:
            await self._write(lot)
