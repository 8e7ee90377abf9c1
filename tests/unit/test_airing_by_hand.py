"""Prerolls that somebody applies by hand, takes back, and asks about; over a real database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.storage import SqliteStorage
from earshelf.domain.errors import IntegrationKind, Invalid, NotFound, Refused
from earshelf.domain.ids import ServerId
from earshelf.domain.preroll_upkeep import OverrideUntil, ServerPreroll, Source, SyncState
from earshelf.domain.prerolls import Prerolls
from earshelf.domain.usecases.airing import Standing
from earshelf.ports.storage import Storage
from tests.unit.cinema import AWAY, HAND, OWN, Cinema, hour


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with SqliteDatabase(tmp_path / "library.db") as database:
        yield SqliteStorage(database, AesGcmCipher(bytes(32)))


@pytest.fixture
def cinema(storage: Storage) -> Cinema:
    return Cinema(storage)


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
