"""Servers that are switched off are left alone, and those that are removed get their own preroll back first."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.storage import SqliteStorage
from earshelf.domain.errors import Conflict
from earshelf.domain.paths import PathMapping
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.prerolls import PrerollMode
from earshelf.ports.storage import Storage
from tests.unit.cinema import AWAY, HAND, OWN, TICK_SECONDS, Cinema, hour


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with SqliteDatabase(tmp_path / "library.db") as database:
        yield SqliteStorage(database, AesGcmCipher(bytes(32)))


@pytest.fixture
def cinema(storage: Storage) -> Cinema:
    return Cinema(storage)


async def test_a_disabled_server_is_left_alone_and_a_removed_one_forgotten(cinema: Cinema) -> None:
    home, attic = await cinema.open()
    await cinema.schedule("a", 0.1, 1)
    async with cinema.storage.unit() as unit:
        server = await unit.servers.get(home)
        server.enabled = False
        await unit.servers.save(server)
        await unit.commit(hour(0))
    await cinema.until(0.2)
    assert attic.reads == 0
    with pytest.raises(Conflict, match="disabled"):
        await cinema.airing.apply(home, HAND)
    assert (await cinema.airing.current(home)).problem == "the server is disabled"
    async with cinema.storage.unit() as unit:
        await unit.server_prerolls.put_mappings(PrerollMappings(home, (PathMapping("/a", "/b"),)))
        await unit.servers.remove(home)
        await unit.commit(hour(0))
    await cinema.airing.keep()
    async with cinema.storage.unit() as unit:
        assert await unit.server_prerolls.ids() == []


class TestLeaving:
    async def test_a_server_gets_its_own_value_back_and_nothing_else_until_it_is_gone(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        await cinema.schedule("a", 0, 1)
        await cinema.airing.keep()
        async with cinema.airing.withdrawn(home):
            assert attic.value == OWN
            waiting = asyncio.create_task(cinema.airing.keep())
            await asyncio.sleep(0)
            async with cinema.storage.unit() as unit:
                await unit.servers.remove(home)
                await unit.commit(hour(0))
        await asyncio.wait_for(waiting, 5)
        assert attic.written == ["/a.mp4", OWN]

    async def test_one_that_stays_is_given_the_preroll_again(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        await cinema.schedule("a", 0, 1)
        await cinema.airing.keep()
        async with cinema.airing.withdrawn(home):
            pass
        await cinema.until(0.1)
        assert attic.value == "/a.mp4"
        await cinema.until(1)
        assert attic.value == OWN

    async def test_one_that_nothing_was_put_on_is_not_asked(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        await cinema.schedule("a", 1, 2)
        async with cinema.airing.withdrawn(home):
            pass
        assert (attic.reads, cinema.machines.accesses) == (0, [])

    async def test_one_that_is_away_holds_nobody_up_and_the_log_says_what_it_should_have(
        self, cinema: Cinema, caplog: pytest.LogCaptureFixture
    ) -> None:
        home, attic = await cinema.open()
        await cinema.schedule("a", 0, 1)
        await cinema.airing.keep()
        attic.trouble = AWAY
        async with cinema.airing.withdrawn(home):
            pass
        assert f"not given back its own preroll '{OWN}'" in caplog.text

    async def test_one_that_does_not_answer_holds_nobody_up_for_long(
        self, cinema: Cinema, storage: Storage, caplog: pytest.LogCaptureFixture
    ) -> None:
        home, attic = await cinema.open()
        await cinema.schedule("a", 0, 1)
        await cinema.airing.keep()

        class Silent:
            """Never answers."""

            modes = frozenset(PrerollMode)

            async def read(self) -> str:
                await asyncio.Event().wait()
                return ""

            async def write(self, value: str) -> None:
                await asyncio.Event().wait()

        class Keepers:
            def at(self, access: object) -> Silent:
                return Silent()

        cinema.clock.advance(TICK_SECONDS)
        async with (
            asyncio.timeout(5),
            Cinema(storage, before=cinema, keepers=Keepers(), patience=0.2).airing.withdrawn(home),
        ):
            assert attic.value == "/a.mp4"
        assert "it does not answer" in caplog.text
        cinema = Cinema(storage, before=cinema)
        await cinema.until(1)
        assert attic.value == OWN

    async def test_one_that_was_away_is_tried_once_more_without_waiting(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        await cinema.schedule("a", 0, 1)
        await cinema.airing.keep()
        attic.trouble = AWAY
        await cinema.until(0.5)
        attic.trouble = None
        async with cinema.airing.withdrawn(home):
            assert attic.value == OWN

    async def test_a_value_that_the_owner_set_meanwhile_is_left(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        await cinema.schedule("a", 0, 1)
        await cinema.airing.keep()
        attic.value = "/later.mp4"
        cinema.clock.advance(2)
        async with cinema.airing.withdrawn(home):
            assert attic.value == "/later.mp4"
