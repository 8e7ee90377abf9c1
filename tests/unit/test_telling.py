"""Everybody who looks on is told the same, from one reading, by a clock that stands until told."""

import asyncio
from dataclasses import replace

import pytest

from earshelf.domain.errors import StorageUnavailable
from earshelf.domain.streams import PlayState
from earshelf.domain.usecases.telling import LONGEST_PAUSE, SHORTEST_PAUSE, Edition, Seat
from tests.unit.auditorium import Auditorium, replaced
from tests.unit.viewing import CABIN, HOME, stream

NOW = 0.001


@pytest.fixture
async def house() -> Auditorium:
    return await Auditorium().furnished()


async def read_again(house: Auditorium) -> None:
    """Lets the clock run until the servers were asked once more, and the reader rests again."""
    asked = house.at(HOME).callers
    for pause in (SHORTEST_PAUSE, LONGEST_PAUSE - SHORTEST_PAUSE):
        await asyncio.wait_for(house.clock.until_sleeping(), 5)
        house.clock.advance(pause)
        await _settled()
    await asyncio.wait_for(house.at(HOME).until_asked(asked + 1), 5)
    await asyncio.wait_for(house.clock.until_sleeping(), 5)


async def _settled() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


def shown(edition: Edition | None) -> list[str]:
    assert edition is not None
    return [one.stream.key for one in edition.showing.streams]


async def test_the_first_reading_is_there_at_once_and_then_only_what_is_news(house: Auditorium) -> None:
    house.play(stream("a"))
    async with house.telling.seat() as seat:
        assert shown(await seat.news(NOW)) == ["a"]
        house.at(HOME).playing = [replace(one, position_ms=5_000) for one in house.at(HOME).playing]
        await read_again(house)
        assert await seat.news(NOW) is None
        house.at(HOME).playing = replaced(house.at(HOME).playing, "a", state=PlayState.PAUSED)
        await read_again(house)
        edition = await seat.news(NOW)
        assert edition is not None
        assert (edition.number, edition.showing.streams[0].stream.state) == (2, PlayState.PAUSED)


async def test_a_hundred_who_look_on_cost_the_servers_no_more_than_one(house: Auditorium) -> None:
    house.play(stream("a"))

    async def look_on(done: asyncio.Event) -> None:
        async with house.telling.seat() as seat:
            assert shown(await seat.news(5)) == ["a"]
            await done.wait()

    done = asyncio.Event()
    crowd = [asyncio.create_task(look_on(done)) for _ in range(100)]
    while house.telling.seats < 100:  # noqa: ASYNC110 - nobody tells of seats
        await asyncio.sleep(0)
    assert house.at(HOME).callers == 1
    await read_again(house)
    assert house.at(HOME).callers == 2
    done.set()
    await asyncio.gather(*crowd)


async def test_nobody_is_asked_when_nobody_looks_on_and_no_task_is_left(house: Auditorium) -> None:
    before = asyncio.all_tasks()
    for _ in range(3):
        async with house.telling.seat() as seat:
            assert await seat.news(NOW) is not None
    assert (house.telling.seats, house.clock.sleeping, asyncio.all_tasks()) == (0, 0, before)
    assert house.at(HOME).callers == 3


async def test_whoever_is_cancelled_leaves_the_seat(house: Auditorium) -> None:
    async def look_on() -> None:
        async with house.telling.seat() as seat:
            await seat.news(NOW)
            await seat.news(3600)

    before = asyncio.all_tasks()
    looking = asyncio.create_task(look_on())
    while not house.telling.seats:  # noqa: ASYNC110 - nobody tells of seats
        await asyncio.sleep(0)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    assert (house.telling.seats, asyncio.all_tasks()) == (0, before)


async def test_a_change_is_read_two_seconds_after_the_last_reading(house: Auditorium) -> None:
    async with house.telling.seat() as seat:
        await seat.news(NOW)
        house.play(stream("a"))
        house.telling.note_change()
        await house.clock.until_sleeping()
        assert house.at(HOME).callers == 1
        house.clock.advance(SHORTEST_PAUSE)
        assert shown(await seat.news(5)) == ["a"]


async def test_whoever_is_slow_gets_the_newest_only(house: Auditorium) -> None:
    async with house.telling.seat() as quick, house.telling.seat() as slow:
        for key in "abc":
            house.play(stream(key))
            await read_again(house)
            assert await quick.news(NOW) is not None
        assert shown(await slow.news(NOW)) == ["a", "b", "c"]
        assert await slow.news(NOW) is None


async def test_whoever_comes_later_is_told_where_a_stream_is_now(house: Auditorium) -> None:
    house.play(stream("a"))
    async with house.telling.seat():
        house.at(HOME).playing = replaced(house.at(HOME).playing, "a", position_ms=5_000)
        await read_again(house)
        async with house.telling.seat() as late:
            edition = await late.news(NOW)
            assert edition is not None
            assert (edition.number, edition.showing.streams[0].stream.position_ms) == (1, 5_000)


async def test_an_outage_is_news_and_hides_nothing_of_the_others(house: Auditorium) -> None:
    house.play(stream("a"), stream("b", CABIN))
    async with house.telling.seat() as seat:
        assert shown(await seat.news(NOW)) == ["a", "b"]
        house.leave(CABIN)
        await read_again(house)
        edition = await seat.news(NOW)
        assert edition is not None
        assert (shown(edition), [one.server_id for one in edition.showing.outages]) == (["a"], [CABIN])


async def test_when_a_stream_will_end_is_news(house: Auditorium) -> None:
    house.play(stream("a"))
    async with house.telling.seat() as seat:
        await seat.news(NOW)
        await house.curbing.change_maintenance({"enabled": True, "grace_seconds": 600})
        await house.watching.enforce()
        await read_again(house)
        edition = await seat.news(NOW)
        assert edition is not None
        assert edition.showing.streams[0].ends_at is not None


async def test_a_stream_keeps_its_beginning_as_long_as_it_runs(house: Auditorium) -> None:
    began = house.now
    house.play(stream("a"))
    assert (await house.watching.streams()).streams[0].started_at == began
    house.clock.advance(600)
    house.leave(HOME)
    await house.watching.streams()
    house.come_back(HOME)
    assert (await house.watching.streams()).streams[0].started_at == began


async def test_closing_ends_all_waiting(house: Auditorium) -> None:
    async def wait(seat: Seat) -> Edition | None:
        return await seat.news(3600)

    async with house.telling.seat() as seat:
        await seat.news(NOW)
        waiting = asyncio.create_task(wait(seat))
        await _settled()
        house.telling.close()
        assert await asyncio.wait_for(waiting, 5) is None
    assert house.telling.is_closed


async def test_trouble_with_storage_is_for_whoever_comes_first_and_does_not_stop_the_reading(
    house: Auditorium, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.telling.seat() as seat:
        await seat.news(NOW)
        house.at(HOME).trouble = StorageUnavailable("The database does not answer")
        house.play(stream("a"))
        await read_again(house)
        house.come_back(HOME)
        await read_again(house)
        assert shown(await seat.news(NOW)) == ["a"]
