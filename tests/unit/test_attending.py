"""When streams of two simulated Plex servers are looked at: at news of a server or a rule, or after half a minute."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.ids import ServerId
from earshelf.domain.usecases.attending import RECONCILE_SECONDS
from earshelf.entrypoints.loops import enforcement
from tests.contract.plex_theatre import PlexTheatre
from tests.contract.suites.makers import NOON, a_server
from tests.unit.multiplex import CABIN, HOME, SECRET, House, ended, house_over, two_theatres


@pytest.fixture
async def theatres() -> AsyncIterator[dict[ServerId, PlexTheatre]]:
    async with two_theatres() as opened:
        yield opened


@pytest.fixture
async def house(theatres: dict[ServerId, PlexTheatre], tmp_path: Path) -> AsyncIterator[House]:
    async with house_over(theatres, tmp_path) as opened:
        yield opened


@pytest.fixture
def attic(theatres: dict[ServerId, PlexTheatre]) -> PlexTheatre:
    return theatres[HOME]


@pytest.fixture
def cabin(theatres: dict[ServerId, PlexTheatre]) -> PlexTheatre:
    return theatres[CABIN]


async def rested(house: House, step: float = 1) -> float:
    """Lets the house rest, moving its clock on in steps, and returns how many seconds that took by its clock."""
    resting = asyncio.ensure_future(house.watching.rest())
    begun = house.clock.now()
    while not resting.done():
        asleep = asyncio.ensure_future(house.clock.until_sleeping())
        await asyncio.wait({resting, asleep}, return_when=asyncio.FIRST_COMPLETED)
        if not resting.done():
            house.clock.advance(step)
            # whoever was woken goes to sleep again, or is done
            for _ in range(20):
                await asyncio.sleep(0)
        asleep.cancel()
    await resting
    return (house.clock.now() - begun).total_seconds()


async def roused(house: House) -> None:
    """Rests for the two seconds that everybody rests, and then until there is news: the clock goes no further."""
    resting = asyncio.ensure_future(house.watching.rest())
    # the other one who sleeps is whoever listens
    await house.clock.until_sleeping(2)
    house.clock.advance(2)
    await asyncio.wait_for(resting, 5)


@asynccontextmanager
async def holding(house: House, attic: PlexTheatre) -> AsyncIterator[None]:
    """Listens, and has been told just now that one item changed and another one went."""
    entry = {"identifier": "com.plexapp.plugins.library", "itemID": "7", "state": 5}
    listening = asyncio.create_task(house.attending.listen())
    try:
        await asyncio.wait_for(attic.until_tried(1), 5)
        async with asyncio.timeout(5):
            while not attic.listeners:  # noqa: ASYNC110 - the server itself knows no event for it
                await asyncio.sleep(0)
            await attic.tell({"type": "timeline", "TimelineEntry": [entry, {**entry, "itemID": 8, "state": 9}]})
            while not house.attending.is_holding:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0)
        yield
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


class TestResting:
    async def test_with_nothing_new_it_rests_for_half_a_minute(self, house: House) -> None:
        assert await rested(house) == 30

    async def test_a_change_is_looked_at_two_seconds_after_the_last_look(self, house: House) -> None:
        await house.maintain()
        house.watching.note_change()
        assert await rested(house) == 2

    async def test_the_first_rule_is_looked_at_at_once(self, house: House) -> None:
        await house.watching.enforce()
        await house.curbing.change_maintenance({"enabled": True})
        assert await rested(house) == 0

    async def test_a_change_in_the_middle_of_a_rest_ends_it(self, house: House) -> None:
        resting = asyncio.ensure_future(house.watching.rest())
        await house.clock.until_sleeping()
        house.clock.advance(2)
        await house.clock.until_sleeping()
        assert not resting.done()
        house.watching.note_change()
        await asyncio.wait_for(resting, 5)

    async def test_the_end_of_a_grace_is_not_slept_through(self, house: House, attic: PlexTheatre) -> None:
        attic.play("48", viewer="tom")
        await house.maintain(grace_seconds=12)
        assert await rested(house) == 2
        await house.watching.enforce()
        assert await rested(house) == 10
        await house.watching.enforce()
        assert ended(attic) == ["id-of-48"]


class TestAttending:
    async def test_a_notification_is_looked_at_at_once(
        self, house: House, attic: PlexTheatre, cabin: PlexTheatre
    ) -> None:
        cabin.is_away = True
        listening = asyncio.create_task(house.attending.listen())
        try:
            await roused(house)
            waiting = asyncio.create_task(roused(house))
            await asyncio.sleep(0)
            assert not waiting.done()
            await attic.tell()
            await waiting
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def test_changed_items_are_handed_on_when_it_is_quiet(self, house: House, attic: PlexTheatre) -> None:
        async with holding(house, attic):
            await house.attending.hand_on()
            assert house.changed == []
            house.clock.advance(5)
            await house.attending.hand_on()
            assert house.changed == [(HOME, frozenset({"7", "8"}))]

    async def test_a_clock_that_is_put_back_holds_up_no_changed_items(self, house: House, attic: PlexTheatre) -> None:
        async with holding(house, attic):
            house.clock.advance(-7200)
            await house.attending.hand_on()
            assert house.changed == [(HOME, frozenset({"7", "8"}))]

    async def test_a_server_that_goes_is_listened_to_no_longer(self, house: House, attic: PlexTheatre) -> None:
        listening = asyncio.create_task(house.attending.listen())
        try:
            await asyncio.wait_for(attic.until_tried(1), 5)
            async with house.storage.unit() as unit:
                await unit.servers.remove(HOME)
                await unit.commit(NOON)
            await house.clock.until_sleeping()
            house.clock.advance(RECONCILE_SECONDS)
            async with asyncio.timeout(5):
                while attic.listeners:  # noqa: ASYNC110 - the server itself knows no event for it
                    await asyncio.sleep(0)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def test_the_program_ends_streams_by_itself(attic: PlexTheatre) -> None:
    container = Container(settings=ProcessSettings(database_url="memory://"))
    attic.play("48", viewer="tom")
    async with container.opened():
        async with container.storage().unit() as unit:
            await unit.servers.add(a_server(url=attic.url, token=SECRET, machine_id=HOME))
            await unit.commit(NOON)
        turning = asyncio.create_task(enforcement(container))
        try:
            await container.curbing().change_maintenance({"enabled": True, "grace_seconds": 0})
            await asyncio.wait_for(attic.until_ended(), 5)
        finally:
            turning.cancel()
            await asyncio.gather(turning, return_exceptions=True)
    assert attic.endings == [("id-of-48", "Server is in maintenance mode.")]
