"""Writing in lots."""

import asyncio

import pytest

from earshelf.domain.usecases.lots import Lots


class Slate:
    """Keeps the lots that were written, as soon as they may be."""

    def __init__(self) -> None:
        self.lots: list[list[int]] = []
        self.at_once = self.most_at_once = 0
        self.free = asyncio.Event()

    async def write(self, lot: list[int]) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.free.wait()
        self.lots.append(lot)
        self.at_once -= 1


async def test_a_lot_is_written_while_the_next_one_piles_up() -> None:
    slate = Slate()
    lots = Lots(slate.write, least=2)
    await lots.add([1, 2])
    await lots.add([3])
    slate.free.set()
    await lots.finish()
    assert slate.lots == [[1, 2], [3]]


async def test_one_lot_is_written_at_a_time_whoever_adds() -> None:
    slate = Slate()
    lots = Lots(slate.write, least=2)
    adding = asyncio.gather(*(lots.add([number, -number]) for number in range(1, 6)))
    slate.free.set()
    await adding
    await lots.finish()
    assert slate.most_at_once == 1
    assert sorted(one for lot in slate.lots for one in lot) == [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5]


async def test_what_was_added_is_written_after_whoever_waited_was_cancelled() -> None:
    slate = Slate()
    lots = Lots(slate.write, least=1)
    await lots.add([1])
    waiting = asyncio.create_task(lots.add([2]))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    slate.free.set()
    await lots.finish()
    assert slate.lots == [[1], [2]]


async def test_trouble_with_a_lot_reaches_whoever_adds_the_next() -> None:
    async def refuse(lot: list[int]) -> None:
        raise ValueError(lot)

    lots = Lots(refuse, least=1)
    await lots.add([1])
    with pytest.raises(ValueError, match="1"):
        await lots.add([2])
    with pytest.raises(ValueError, match="2"):
        await lots.finish()
