"""Tokens that a server refuses while streams are looked at or listened to: the next look at tokens takes them in."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from earshelf.domain.accounts import TokenState
from earshelf.domain.ids import ServerId
from tests.contract.plex_theatre import PlexTheatre
from tests.unit.multiplex import CABIN, HOME, House, house_over, two_theatres


@pytest.fixture
async def theatres() -> AsyncIterator[dict[ServerId, PlexTheatre]]:
    async with two_theatres() as opened:
        yield opened


@pytest.fixture
async def house(theatres: dict[ServerId, PlexTheatre], tmp_path: Path) -> AsyncIterator[House]:
    async with house_over(theatres, tmp_path) as opened:
        await see(opened, HOME, TokenState.VALID)
        await see(opened, CABIN, TokenState.VALID)
        yield opened


@pytest.fixture
def attic(theatres: dict[ServerId, PlexTheatre]) -> PlexTheatre:
    return theatres[HOME]


async def see(house: House, server_id: ServerId, state: TokenState) -> None:
    """Takes down a look at a server's token."""
    async with house.storage.unit() as unit:
        server = await unit.servers.get(server_id)
        server.see(state, house.clock.now())
        await unit.servers.save(server)
        await unit.commit(house.clock.now())


async def is_doubted(house: House, server_id: ServerId) -> bool:
    async with house.storage.unit() as unit:
        return (await unit.servers.get(server_id)).checked_at is None


async def test_a_token_that_is_refused_when_streams_are_looked_at_is_looked_at_soon(
    house: House, attic: PlexTheatre
) -> None:
    attic.credential = "another"
    await house.watching.streams()
    assert (await is_doubted(house, HOME), await is_doubted(house, CABIN)) == (True, False)


async def test_a_token_is_doubted_no_oftener_than_every_quarter_of_an_hour(house: House, attic: PlexTheatre) -> None:
    attic.credential = "another"
    for minutes, again in ((0, True), (14, False), (1, True)):
        house.clock.advance(60 * minutes)
        await see(house, HOME, TokenState.VALID)
        await house.watching.streams()
        assert await is_doubted(house, HOME) is again


async def test_neither_an_outage_nor_a_token_that_is_known_to_be_dead_is_doubted(
    house: House, attic: PlexTheatre
) -> None:
    attic.is_away = True
    await house.watching.streams()
    assert not await is_doubted(house, HOME)
    await see(house, HOME, TokenState.REVOKED)
    attic.is_away, attic.credential = False, "another"
    await house.watching.streams()
    assert not await is_doubted(house, HOME)


async def test_a_token_that_the_notification_socket_refuses_is_looked_at_soon(house: House, attic: PlexTheatre) -> None:
    attic.credential = "another"
    listening = asyncio.create_task(house.attending.listen())
    try:
        async with asyncio.timeout(5):
            while not await is_doubted(house, HOME):  # noqa: ASYNC110 - a row knows no event
                await asyncio.sleep(0)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    assert attic.polls == 0
