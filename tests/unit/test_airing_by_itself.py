"""The running loop puts prerolls on servers as soon as the programme changes."""

import asyncio

from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.prerolls import Prerolls
from earshelf.domain.schedules import MonthDay, Seasonal
from earshelf.domain.usecases.programming import ScheduleDraft
from earshelf.entrypoints.demo.plex import PlexSimulator
from earshelf.entrypoints.loops import airing
from tests.contract.suites.makers import NOON, a_server

ALL_YEAR = Seasonal(MonthDay(1, 1), MonthDay(12, 31))


async def until_played(attic: PlexSimulator, value: str) -> None:
    """Waits until the server plays something."""
    for _ in range(1000):
        if attic.preferences.preroll == value:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"the server plays '{attic.preferences.preroll}'")


async def test_a_new_schedule_is_on_the_server_and_a_deleted_one_off_it_without_waiting_for_the_next_round() -> None:
    container = Container(settings=ProcessSettings(database_url="memory://"))
    async with PlexSimulator(credential="tok-srv", machine_id="machine-1") as attic, container.opened():
        attic.preferences.preroll = "/own.mp4"
        async with container.storage().unit() as unit:
            await unit.servers.add(a_server(url=attic.url, machine_id="machine-1"))
            await unit.commit(NOON)
        turning = asyncio.create_task(airing(container))
        schedule = await container.programming().add_schedule(ScheduleDraft("a", ALL_YEAR, Prerolls(("/a.mp4",))))
        await until_played(attic, "/a.mp4")
        await container.programming().remove_schedule(schedule.id)
        await until_played(attic, "/own.mp4")
        turning.cancel()
        await asyncio.gather(turning, return_exceptions=True)
