"""One server that is slow to answer holds up no rule on another, and is looked at when its answer came."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from earshelf.domain.ids import ServerId
from tests.contract.plex_theatre import PlexTheatre
from tests.unit.multiplex import CABIN, HOME, House, ended, house_over, two_theatres


@pytest.fixture
async def theatres() -> AsyncIterator[dict[ServerId, PlexTheatre]]:
    async with two_theatres() as opened:
        for server_id, theatre in opened.items():
            theatre.play(server_id, viewer="tom")
        yield opened


@pytest.fixture
async def house(theatres: dict[ServerId, PlexTheatre], tmp_path: Path) -> AsyncIterator[House]:
    """A house without patience in which everybody's stream is to end."""
    async with house_over(theatres, tmp_path) as opened:
        hasty = replace(opened, patience=0.05)
        await hasty.curbing.change_maintenance({"enabled": True, "grace_seconds": 0})
        try:
            yield hasty
        finally:
            await hasty.watching.leave()


@pytest.fixture
def cabin(theatres: dict[ServerId, PlexTheatre]) -> Iterator[PlexTheatre]:
    """A server that does not tell who watches for as long as its gate is closed."""
    theatres[CABIN].gate = gate = asyncio.Event()
    yield theatres[CABIN]
    gate.set()


async def until_ended_on(house: House, theatre: PlexTheatre) -> None:
    async with asyncio.timeout(5):
        while not ended(theatre):
            await house.watching.enforce()


async def test_streams_of_the_others_end_while_a_server_hangs(
    house: House, theatres: dict[ServerId, PlexTheatre], cabin: PlexTheatre
) -> None:
    await until_ended_on(house, theatres[HOME])
    assert (ended(cabin), cabin.polls) == ([], 1)


async def test_a_late_answer_is_news_and_is_acted_on(
    house: House, theatres: dict[ServerId, PlexTheatre], cabin: PlexTheatre
) -> None:
    await until_ended_on(house, theatres[HOME])
    resting = asyncio.create_task(house.watching.rest())
    await house.clock.until_sleeping()
    house.clock.advance(2)
    assert cabin.gate is not None
    cabin.gate.set()
    # the clock goes no further: only news ends the rest
    await asyncio.wait_for(resting, 5)
    await until_ended_on(house, cabin)
    assert cabin.polls == 1


async def test_a_hanging_server_is_not_waited_for_once_no_rule_is_in_force(house: House, cabin: PlexTheatre) -> None:
    await house.watching.enforce()
    await house.curbing.change_maintenance({"enabled": False})
    await house.watching.enforce()
    assert [task for task in asyncio.all_tasks() if "answer" in str(task.get_coro())] == []
    assert ended(cabin) == []
