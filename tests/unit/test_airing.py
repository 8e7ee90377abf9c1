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
from earshelf.domain.errors import Conflict, IntegrationKind, Invalid, NotFound, Refused, StorageUnavailable
from earshelf.domain.ids import ServerId
from earshelf.domain.paths import PathMapping
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.preroll_upkeep import OverrideUntil, ServerPreroll, Source, SyncState
from earshelf.domain.prerolls import PrerollMode, Prerolls
from earshelf.domain.usecases.airing import Standing
from earshelf.ports.storage import Storage
from tests.unit.cinema import AWAY, OWN, TICK_SECONDS, Cinema, hour

HAND = Prerolls(("/hand.mp4",))


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


class TestByHand:
    def seen(self, standing: Standing) -> tuple[str | None, SyncState, Source]:
        """What a person is told."""
        return standing.value, standing.state, standing.wanted.source

    async def test_what_is_applied_is_on_the_server_when_the_answer_comes(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        standing = await cinema.airing.apply(home, HAND)
        assert self.seen(standing) == ("/hand.mp4", SyncState.IN_SYNC, Source.OVERRIDE)
        assert standing.is_managed
        assert attic.value == "/hand.mp4"
        await cinema.until(1)
        assert attic.value == "/hand.mp4"

    async def test_taking_it_back_gives_the_owner_back_what_there_was(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        await cinema.airing.apply(home, HAND)
        standing = await cinema.airing.clear(home)
        assert (attic.value, standing.value, standing.is_managed) == (OWN, OWN, False)

    async def test_taking_back_what_was_never_applied_touches_nothing(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        standing = await cinema.airing.clear(home)
        assert (attic.reads, attic.written) == (0, [])
        assert self.seen(standing) == (None, SyncState.IN_SYNC, Source.NOTHING)

    async def test_no_preroll_at_all_can_be_applied(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        standing = await cinema.airing.apply(home, Prerolls())
        assert (attic.value, standing.value) == ("", "")
        await cinema.airing.clear(home)
        assert attic.value == OWN

    async def test_it_lasts_until_the_next_change_of_schedules(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        await cinema.schedule("a", 0, 0.5)
        await cinema.schedule("b", 0.5, 0.8)
        await cinema.until(0.2)
        await cinema.airing.apply(home, HAND)
        await cinema.until(0.49)
        assert attic.value == "/hand.mp4"
        await cinema.until(0.5)
        assert attic.value == "/b.mp4"
        await cinema.until(0.8)
        assert attic.value == OWN

    async def test_it_lasts_until_a_time_or_until_it_is_taken_back(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        await cinema.schedule("a", 0.1, 0.2)
        await cinema.airing.apply(home, HAND, until=OverrideUntil.TIME, expires_at=hour(0.15))
        await cinema.until(0.14)
        assert attic.value == "/hand.mp4"
        await cinema.until(0.15)
        assert attic.value == "/a.mp4"
        await cinema.airing.apply(home, HAND, until=OverrideUntil.CLEARED)
        await cinema.until(0.5)
        assert attic.value == "/hand.mp4"

    async def test_a_change_that_came_and_went_while_the_program_was_off_ends_it_too(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        await cinema.schedule("a", 1, 2)
        await cinema.airing.apply(home, HAND)
        cinema.clock.advance(timedelta(hours=3).total_seconds())
        await cinema.airing.keep()
        assert attic.value == OWN

    @pytest.mark.parametrize("hours", [None, 0, -1])
    async def test_a_time_that_is_over_or_missing_is_refused(self, cinema: Cinema, hours: float | None) -> None:
        home, _ = await cinema.open()
        expires_at = None if hours is None else hour(hours)
        with pytest.raises(Invalid) as caught:
            await cinema.airing.apply(home, HAND, until=OverrideUntil.TIME, expires_at=expires_at)
        assert set(caught.value.fields) == {"expires_at"}

    async def test_on_a_server_that_is_away_it_is_remembered_through_a_restart(
        self, cinema: Cinema, storage: Storage
    ) -> None:
        home, attic = await cinema.open()
        attic.trouble = AWAY
        standing = await cinema.airing.apply(home, HAND)
        assert self.seen(standing) == (None, SyncState.ERROR, Source.OVERRIDE)
        assert "could not connect" in (standing.problem or "")
        attic.trouble = None
        cinema = Cinema(storage, before=cinema)
        await cinema.until(0.1)
        assert attic.value == "/hand.mp4"

    async def test_a_server_that_does_not_take_it_says_so(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        attic.trouble = Refused(IntegrationKind.SERVER, "Attic", "only the server's owner may change its prerolls", 403)
        standing = await cinema.airing.apply(home, HAND)
        assert standing.problem == "Attic: only the server's owner may change its prerolls"
        assert standing.preroll.error == "refused"

    async def test_two_at_once_end_with_one_of_them_and_the_owners_value_is_not_lost(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        other = Prerolls(("/other.mp4",))
        await asyncio.gather(cinema.airing.apply(home, HAND), cinema.airing.keep(), cinema.airing.apply(home, other))
        await cinema.airing.keep()
        assert attic.value in ("/hand.mp4", "/other.mp4")
        await cinema.airing.clear(home)
        assert attic.value == OWN

    async def test_two_processes_at_once_lose_nothing_either(self, cinema: Cinema, storage: Storage) -> None:
        home, attic = await cinema.open()
        beside = Cinema(storage, before=cinema)
        await cinema.schedule("a", 0, 1)
        await asyncio.gather(cinema.airing.keep(), beside.airing.apply(home, HAND), cinema.airing.keep())
        await cinema.airing.keep()
        assert attic.value == "/hand.mp4"
        await beside.airing.clear(home)
        await cinema.until(1)
        assert attic.value == OWN


class TestCurrent:
    async def test_the_server_is_asked_now(self, cinema: Cinema) -> None:
        home, attic = await cinema.open()
        standing = await cinema.airing.current(home)
        assert (standing.value, standing.is_managed, standing.state) == (OWN, False, SyncState.IN_SYNC)
        await cinema.schedule("a", 0, 1)
        await cinema.until(0.1)
        attic.value = "/mine.mp4"
        standing = await cinema.airing.current(home)
        assert (standing.value, standing.is_managed, standing.state) == ("/mine.mp4", False, SyncState.DRIFTED)
        assert standing.wanted.schedule == "a"

    async def test_asking_is_no_step_of_the_upkeep(self, cinema: Cinema) -> None:
        home, _ = await cinema.open()
        await cinema.airing.current(home)
        assert await cinema.known(home) == ServerPreroll(home)

    async def test_nobody_has_no_preroll(self, cinema: Cinema) -> None:
        for ask in (cinema.airing.current, cinema.airing.clear):
            with pytest.raises(NotFound):
                await ask(ServerId("sv_none"))
        with pytest.raises(NotFound):
            await cinema.airing.apply(ServerId("sv_none"), HAND)


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
