"""Watching and ending streams of two simulated Plex servers, over real storage, by a clock that stands until told."""

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from earshelf.domain.errors import NotFound, Refused
from earshelf.domain.ids import ServerId
from tests.contract.plex_theatre import PlexTheatre
from tests.contract.suites.makers import NOON
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


class TestListing:
    async def test_streams_of_all_servers_are_shown_and_an_outage_is_named(
        self, house: House, attic: PlexTheatre, cabin: PlexTheatre
    ) -> None:
        attic.play("48", viewer="tom")
        cabin.play("48", viewer="ada")
        shown = await house.watching.streams()
        assert [(one.server_name, one.stream.viewer.name) for one in shown.streams] == [
            ("Attic", "tom"),
            ("Cabin", "ada"),
        ]
        cabin.is_away = True
        shown = await house.watching.streams()
        assert [one.server_name for one in shown.streams] == ["Attic"]
        (outage,) = shown.outages
        assert (outage.server_id, outage.name) == (CABIN, "Cabin")
        assert SECRET not in outage.message

    async def test_a_server_that_is_switched_off_is_not_asked(self, house: House, cabin: PlexTheatre) -> None:
        async with house.storage.unit() as unit:
            server = await unit.servers.get(CABIN)
            server.enabled = False
            await unit.servers.save(server)
            await unit.commit(NOON)
        assert (await house.watching.streams()).outages == ()
        assert cabin.polls == 0

    async def test_another_machine_at_the_address_is_not_shown_the_token(
        self, house: House, cabin: PlexTheatre
    ) -> None:
        cabin.machine_id = "somebody-else"
        (outage,) = (await house.watching.streams()).outages
        assert outage.code == "other_machine"
        assert SECRET not in cabin.shown

    async def test_whoever_is_at_an_address_that_nobody_asked_for_a_while_is_asked_who_he_is(
        self, house: House, attic: PlexTheatre
    ) -> None:
        assert (await house.watching.streams()).outages == ()
        asked = len(attic.shown)
        house.clock.advance(10)
        assert (await house.watching.streams()).outages == ()
        assert (attic.shown[asked:], attic.polls) == ([], 2)
        attic.machine_id = "machine-9"
        house.clock.advance(11)
        assert [outage.code for outage in (await house.watching.streams()).outages] == ["other_machine"]
        assert (attic.shown[asked:], attic.polls) == ([""], 2)

    async def test_it_is_shown_when_a_stream_will_end(self, house: House, attic: PlexTheatre) -> None:
        attic.play("48", viewer="tom")
        await house.maintain()
        house.clock.advance(10)
        (shown,) = (await house.watching.streams()).streams
        assert shown.ends_at == house.clock.now() + timedelta(seconds=20)
        assert attic.endings == []


class TestTerminating:
    async def test_the_owner_ends_one_stream_and_its_player_says_why(
        self, house: House, attic: PlexTheatre, cabin: PlexTheatre
    ) -> None:
        attic.play("48", viewer="tom")
        cabin.play("48", viewer="ada")
        assert await house.watching.terminate("id-of-48", HOME, "Sorry {user},\n{title} on {server} ends")
        assert attic.endings == [("id-of-48", "Sorry tom, Harbour Lights on Attic ends")]
        assert cabin.endings == []

    async def test_a_stream_that_has_ended_is_no_error(self, house: House) -> None:
        assert not await house.watching.terminate("id-of-48", HOME)

    async def test_an_unknown_server_is_not_found(self, house: House) -> None:
        with pytest.raises(NotFound):
            await house.watching.terminate("id-of-48", ServerId("sv_nowhere"))

    async def test_without_a_pass_it_is_said_what_is_missing(self, house: House, attic: PlexTheatre) -> None:
        attic.has_pass = False
        attic.play("48", viewer="tom")
        with pytest.raises(Refused, match="Plex Pass"):
            await house.watching.terminate("id-of-48", HOME)


class TestMaintenance:
    async def test_streams_end_on_both_servers_when_their_grace_is_over(
        self, house: House, attic: PlexTheatre, cabin: PlexTheatre
    ) -> None:
        attic.play("48", viewer="tom")
        cabin.play("48", viewer="ada")
        await house.maintain(message="Back at ten, {user}")
        await house.after(29)
        assert (attic.endings, cabin.endings) == ([], [])
        await house.after(1)
        assert attic.endings == [("id-of-48", "Back at ten, tom")]
        assert cabin.endings == [("id-of-48", "Back at ten, ada")]

    async def test_a_restart_gives_nobody_a_second_grace(self, house: House, attic: PlexTheatre) -> None:
        attic.play("48", viewer="tom")
        await house.maintain()
        house.clock.advance(20)
        await house.restarted().after(10)
        assert ended(attic) == ["id-of-48"]

    async def test_an_outage_ends_nothing_and_resets_no_timer(
        self, house: House, attic: PlexTheatre, cabin: PlexTheatre
    ) -> None:
        attic.play("48", viewer="tom")
        cabin.play("7", viewer="ada")
        await house.maintain()
        attic.is_away = True
        await house.after(30)
        assert (ended(attic), ended(cabin)) == ([], ["id-of-7"])
        attic.is_away = False
        await house.restarted().after(1)
        assert ended(attic) == ["id-of-48"]

    async def test_a_player_that_goes_on_is_asked_again_after_30_s_then_every_60_s_five_times(
        self, house: House, attic: PlexTheatre
    ) -> None:
        attic.obeys = False
        attic.play("48", viewer="tom")
        await house.maintain(grace_seconds=0)
        begun, asked = house.clock.now(), [0.0]
        for _ in range(60):
            before = len(attic.endings)
            house = house.restarted()
            await house.after(10)
            if len(attic.endings) > before:
                asked.append((house.clock.now() - begun).total_seconds())
        assert asked == [0, 30, 90, 150, 210]
        (shown,) = (await house.watching.streams()).streams
        assert shown.ignores_stop

    async def test_a_stop_that_nobody_heard_is_tried_again_and_does_not_count(
        self, house: House, attic: PlexTheatre, caplog: pytest.LogCaptureFixture
    ) -> None:
        attic.play("48", viewer="tom")
        attic.hangs_up_on_terminate = True
        await house.maintain(grace_seconds=0)
        attic.hangs_up_on_terminate = False
        async with house.storage.unit() as unit:
            (attempt,) = (await unit.watch.vigil()).attempts
        assert attempt.count == 0
        await house.after(30)
        assert ended(attic) == ["id-of-48"]
        assert SECRET not in caplog.text

    async def test_excluded_viewers_and_the_owner_go_on(self, house: House, attic: PlexTheatre) -> None:
        attic.play("1", viewer="Ada")
        attic.play("2", viewer="marta", User={"id": "1", "title": "marta"})
        attic.play("3", viewer="tom")
        await house.maintain(grace_seconds=0, excluded_users=["ada"])
        assert ended(attic) == ["id-of-3"]

    async def test_a_session_without_id_is_left_alone(self, house: House, attic: PlexTheatre) -> None:
        attic.play("48", viewer="tom", has_id=False)
        await house.maintain(grace_seconds=0)
        assert attic.endings == []

    async def test_switching_off_forgets_the_timers(self, house: House, attic: PlexTheatre) -> None:
        attic.play("48", viewer="tom")
        await house.maintain()
        house.clock.advance(25)
        await house.curbing.change_maintenance({"enabled": False})
        await house.watching.enforce()
        await house.maintain()
        await house.after(10)
        assert attic.endings == []

    async def test_its_end_switches_it_off(self, house: House, attic: PlexTheatre) -> None:
        until = house.clock.now() + timedelta(seconds=20)
        attic.play("48", viewer="tom")
        await house.maintain(until=until)
        await house.after(40)
        assert attic.endings == []
        assert not (await house.curbing.maintenance()).enabled

    async def test_without_a_rule_no_server_is_asked(self, house: House, attic: PlexTheatre) -> None:
        await house.watching.enforce()
        assert attic.polls == 0


NIGHTLY = {
    "name": "Night",
    "schedule_type": "recurring",
    "days_of_week": [5],
    "start_time": "22:00",
    "end_time": "06:00",
}


class TestBlackouts:
    async def test_overnight_only_new_streams_end_through_a_restart(
        self, house: House, attic: PlexTheatre, cabin: PlexTheatre
    ) -> None:
        await house.curbing.add_blackout({**NIGHTLY, "action": "block_new_only"})
        attic.play("1", viewer="tom")
        await house.after(10 * 3600 - 60)
        assert attic.endings == []
        cabin.play("1", viewer="ada")
        for _ in range(120):
            await house.after(30)
        house = house.restarted()
        attic.play("2", viewer="eve")
        await house.after(30)
        assert (ended(attic), ended(cabin)) == (["id-of-2"], [])
        for _ in range(7):
            await house.after(3600)
        attic.play("3", viewer="eve")
        await house.after(3600)
        assert ended(attic) == ["id-of-2"]

    async def test_the_notice_says_until_when(self, house: House, attic: PlexTheatre) -> None:
        await house.curbing.add_blackout({**NIGHTLY, "action": "terminate_immediate"})
        attic.play("1", viewer="tom")
        await house.after(11 * 3600)
        assert attic.endings == [("id-of-1", "Streaming is paused until 06:00.")]

    async def test_a_change_that_names_one_field_keeps_the_others(self, house: House) -> None:
        made = await house.curbing.add_blackout({**NIGHTLY, "action": "warn_then_terminate", "delay": 90})
        off = await house.curbing.change_blackout(made.blackout.id, {"enabled": False})
        on = await house.curbing.change_blackout(made.blackout.id, {"enabled": True})
        assert (off.blackout.span, off.blackout.delay) == (made.blackout.span, 90)
        assert on.blackout == made.blackout

    async def test_the_earliest_end_counts_and_its_words(self, house: House, attic: PlexTheatre) -> None:
        attic.play("1", viewer="tom")
        blackout = {**NIGHTLY, "action": "warn_then_terminate", "delay": 20, "message": "Good night"}
        await house.curbing.add_blackout(blackout | {"days_of_week": [5], "start_time": "00:00", "end_time": "00:00"})
        await house.maintain()
        await house.after(20)
        assert attic.endings == [("id-of-1", "Good night")]


async def test_no_token_gets_into_the_log(
    house: House, attic: PlexTheatre, cabin: PlexTheatre, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    attic.play("48", viewer="tom")
    cabin.is_away = True
    await house.maintain(grace_seconds=0)
    attic.has_pass = False
    attic.play("49", viewer="tom")
    await house.after(30)
    assert "Plex Pass" in caplog.text
    assert SECRET not in caplog.text
