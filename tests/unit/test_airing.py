"""Prerolls come onto servers and go again, whatever happens to server, program and clock; over a real database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.storage import SqliteStorage
from earshelf.domain.errors import Invalid, NotFound, StorageUnavailable
from earshelf.domain.ids import ServerId
from earshelf.domain.paths import PathMapping
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.preroll_upkeep import ServerPreroll, SyncState
from earshelf.domain.prerolls import PrerollMode, Prerolls
from earshelf.ports.storage import Storage
from tests.unit.cinema import AWAY, HAND, OWN, Cinema


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with SqliteDatabase(tmp_path / "library.db") as database:
        yield SqliteStorage(database, AesGcmCipher(bytes(32)))


@pytest.fixture
def cinema(storage: Storage) -> Cinema:
    return Cinema(storage)


async def test_a_server_is_not_even_asked_while_nothing_is_planned(cinema: Cinema) -> None:
    home, attic = await cinema.open()
    await cinema.schedule("a", 1, 2)
    await cinema.until(0.9)
    assert (attic.reads, attic.written) == (0, [])
    assert await cinema.known(home) == ServerPreroll(home)
    assert cinema.machines.accesses == []


async def test_the_owners_own_value_comes_back_when_the_schedule_is_over(cinema: Cinema) -> None:
    _, attic = await cinema.open()
    await cinema.schedule("a", 0.1, 0.3)
    await cinema.until(0.2)
    assert attic.value == "/a.mp4"
    await cinema.until(0.3)
    assert attic.value == OWN
    await cinema.until(0.5)
    assert attic.written == ["/a.mp4", OWN]


async def test_nothing_is_written_that_was_not_stored_before(cinema: Cinema) -> None:
    home, attic = await cinema.open()
    attic.loses_answers = True
    await cinema.schedule("a", 0, 1)
    await cinema.airing.keep()
    known, value = await cinema.known(home), attic.value
    assert value == "/a.mp4"
    assert (known.baseline, known.attempted, known.error) == (OWN, "/a.mp4", "unreachable")


@pytest.mark.parametrize("loses", [False, True])
async def test_a_stop_between_writing_and_reading_back_is_understood_after_the_restart(
    cinema: Cinema, storage: Storage, loses: bool
) -> None:
    home, attic = await cinema.open()
    await cinema.schedule("a", 0, 1)
    arrived, stopped = asyncio.Event(), asyncio.Event()

    class Stalling:
        """Writes, and never comes back."""

        modes = frozenset(PrerollMode)

        async def read(self) -> str:
            return attic.value

        async def write(self, value: str) -> None:
            attic.value = OWN if loses else value
            arrived.set()
            await stopped.wait()

    class Keepers:
        def at(self, access: object) -> Stalling:
            return Stalling()

    first = Cinema(storage, before=cinema, keepers=Keepers())
    dying = asyncio.create_task(first.airing.keep())
    await arrived.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    assert (await cinema.known(home)).attempted == "/a.mp4"

    again = Cinema(storage, before=cinema)
    again.clock.advance(300)
    await again.until(0.5)
    assert attic.value == "/a.mp4"
    await again.until(1)
    assert (attic.value, (await again.known(home)).baseline) == (OWN, None)


async def test_what_is_planned_and_what_is_owed_outlive_every_restart(cinema: Cinema, storage: Storage) -> None:
    _, attic = await cinema.open()
    await cinema.schedule("a", 0.1, 0.2)
    for tenth in range(4):
        cinema = Cinema(storage, before=cinema)
        await cinema.until(tenth / 10)
    assert attic.written == ["/a.mp4", OWN]


class TestAbsence:
    async def test_a_server_that_is_away_at_the_end_gets_its_own_value_when_it_is_back(
        self, cinema: Cinema, storage: Storage
    ) -> None:
        home, attic = await cinema.open()
        await cinema.schedule("a", 0, 1)
        await cinema.until(0.9)
        attic.trouble = AWAY
        await cinema.until(2)
        cinema = Cinema(storage, before=cinema)
        attic.trouble = None
        await cinema.until(2.1)
        assert attic.value == OWN
        assert (await cinema.airing.current(home)).state is SyncState.IN_SYNC

    async def test_a_server_that_is_away_for_the_whole_schedule_is_left_alone_afterwards(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        attic.trouble = AWAY
        await cinema.schedule("a", 0, 1)
        await cinema.until(0.5)
        assert (await cinema.known(home)).error == "unreachable"
        await cinema.until(1.5)
        attic.trouble = None
        await cinema.until(2)
        assert (attic.value, attic.written) == (OWN, [])

    async def test_a_server_that_is_back_before_the_end_gets_the_preroll_within_five_minutes(
        self, cinema: Cinema
    ) -> None:
        _, attic = await cinema.open()
        attic.trouble = AWAY
        await cinema.schedule("a", 0, 9)
        await cinema.until(1)
        attic.trouble = None
        await cinema.until(1 + 5.5 / 60)
        assert attic.value == "/a.mp4"

    async def test_a_server_that_is_away_is_asked_less_and_less_often(self, cinema: Cinema) -> None:
        await cinema.open()
        cinema.machines.machines.clear()
        await cinema.schedule("a", 0, 9)
        await cinema.until(1)
        # four times within the first quarter of an hour, then every five minutes
        assert 12 <= len(cinema.machines.accesses) <= 17

    async def test_a_server_that_is_away_or_hangs_holds_up_no_other(self, cinema: Cinema, storage: Storage) -> None:
        _, attic = await cinema.open("Attic")
        _, barn = await cinema.open("Barn", "")
        _, cabin = await cinema.open("Cabin", "/c1.mp4;/c2.mp4")
        barn.trouble = AWAY
        await cinema.schedule("a", 0, 1)
        await cinema.until(0.5)
        assert (attic.value, barn.value, cabin.value) == ("/a.mp4", "", "/a.mp4")
        barn.trouble, cabin.trouble = None, AWAY
        await cinema.until(0.7)
        assert barn.value == "/a.mp4"
        await cinema.until(1.1)
        cabin.trouble = None
        await cinema.until(1.2)
        assert (attic.value, barn.value, cabin.value) == (OWN, "", "/c1.mp4;/c2.mp4")

    async def test_a_token_that_was_revoked_is_trouble_like_any_other(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        await cinema.schedule("a", 0, 1)
        attic.tokens.clear()
        await cinema.until(0.1)
        assert (await cinema.known(home)).error == "credentials_rejected"
        attic.tokens.add("tok-srv")
        await cinema.until(0.2)
        assert attic.value == "/a.mp4"

    async def test_whoever_answers_as_another_machine_sees_no_token_and_gets_no_preroll(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        machine = cinema.machines.put("http://attic:32400", "machine-else")
        await cinema.schedule("a", 0, 1)
        await cinema.until(0.1)
        assert (attic.reads, attic.written, machine.shown) == (0, [], [])
        assert (await cinema.known(home)).error == "other_machine"
        standing = await cinema.airing.current(home)
        assert (standing.value, standing.state) == (None, SyncState.ERROR)
        assert "another server" in (standing.problem or "")


async def test_deleting_or_disabling_the_schedule_restores_at_once(cinema: Cinema) -> None:
    _, attic = await cinema.open()
    planned = await cinema.schedule("a", 0, 1)
    other = await cinema.schedule("b", 2, 3)
    await cinema.until(0.1)
    waiting = asyncio.create_task(cinema.airing.wait_for_news(60))
    await cinema.programming.remove_schedule(planned.id)
    await asyncio.wait_for(waiting, 5)
    await cinema.airing.keep()
    assert attic.value == OWN
    assert [each.id for each in await cinema.programming.schedules()] == [other.id]


async def test_a_default_stands_in_where_no_schedule_applies(cinema: Cinema) -> None:
    _, attic = await cinema.open()
    settings = await cinema.settings.load()
    await cinema.settings.save(settings.changed({"prerolls": {"default": "/usual.mp4"}}))
    await cinema.schedule("a", 0.1, 0.2)
    await cinema.until(0.3)
    assert attic.written == ["/usual.mp4", "/a.mp4", "/usual.mp4"]
    await cinema.settings.save(settings)
    await cinema.until(0.31)
    assert attic.value == OWN


class TestMappings:
    async def test_every_server_is_told_paths_as_it_spells_them(self, cinema: Cinema) -> None:
        home, attic = await cinema.open("Attic")
        _, barn = await cinema.open("Barn")
        await cinema.airing.map_paths(PrerollMappings(home, (PathMapping("/", r"D:\Films"),)))
        await cinema.schedule("a", 0, 1)
        await cinema.until(0.1)
        assert (attic.value, barn.value) == (r"D:\Films\a.mp4", "/a.mp4")
        standing = await cinema.airing.apply(home, Prerolls(("/x.mp4", "/y.mp4"), PrerollMode.RANDOM))
        assert (standing.value, attic.value) == (r"D:\Films\x.mp4;D:\Films\y.mp4",) * 2

    async def test_changed_mappings_follow_at_once(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        await cinema.schedule("a", 0, 1)
        await cinema.until(0.1)
        await cinema.airing.map_paths(PrerollMappings(home, (PathMapping("/", "/mnt"),)))
        await cinema.airing.keep()
        assert attic.value == "/mnt/a.mp4"
        await cinema.until(1)
        assert attic.value == OWN

    async def test_a_schedule_of_which_a_server_has_nothing_is_none_for_it(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        await cinema.airing.map_paths(PrerollMappings(home, (PathMapping("/a.mp4", ""),)))
        await cinema.schedule("a", 0, 1)
        await cinema.until(0.5)
        assert attic.written == []

    async def test_applying_what_a_server_does_not_have_is_no_way_to_silence_it(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        await cinema.airing.map_paths(PrerollMappings(home, (PathMapping("/hand.mp4", ""),)))
        with pytest.raises(Invalid) as refused:
            await cinema.airing.apply(home, HAND)
        assert refused.value.fields == {"paths": "'Attic' has none of them"}
        assert attic.value == OWN

    async def test_a_server_that_is_not_there_has_none(self, cinema: Cinema) -> None:
        nobody = ServerId("sv_none")
        for ask in (cinema.airing.mappings(nobody), cinema.airing.map_paths(PrerollMappings(nobody))):
            with pytest.raises(NotFound):
                await ask


async def test_trouble_with_one_server_in_storage_is_told_after_all_were_tended(cinema: Cinema) -> None:
    home, attic = await cinema.open("Attic")
    _, barn = await cinema.open("Barn")
    await cinema.schedule("a", 0, 1)
    attic.trouble = StorageUnavailable("the disk is full")
    with pytest.raises(StorageUnavailable):
        await cinema.airing.keep()
    assert barn.value == "/a.mp4"
    assert replace(await cinema.known(home), read_at=None) == ServerPreroll(home)


async def test_a_clock_that_jumps_gives_and_takes_what_is_due(cinema: Cinema) -> None:
    _, attic = await cinema.open()
    await cinema.schedule("a", 1, 2)
    cinema.clock.advance(timedelta(hours=1.5).total_seconds())
    await cinema.airing.keep()
    assert attic.value == "/a.mp4"
    cinema.clock.advance(timedelta(days=300).total_seconds())
    await cinema.airing.keep()
    assert attic.value == OWN
