"""Servers that are away when prerolls come and go, lose answers, or do not keep what they accept."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from earshelf.domain.preroll_upkeep import ServerPreroll, SyncState
from tests.unit.upkeep import ALWAYS, HOUR, OWN, START, TICK, A, Upkeep, schedule
from tests.unit.viewing import CABIN


class TestAbsence:
    def test_a_server_that_was_away_at_the_beginning_is_given_the_preroll_later(self) -> None:
        house = Upkeep(is_away=True)
        house.until(2)
        assert house.state is SyncState.ERROR
        house.is_away = False
        house.until(2.1)
        assert (house.value, house.state) == ("/a.mp4", SyncState.IN_SYNC)

    def test_a_server_that_was_away_at_the_end_gets_its_own_value_back_later(self) -> None:
        house = Upkeep()
        house.until(2)
        house.is_away = True
        house.until(4)
        house.is_away = False
        house.until(4.1)
        assert (house.value, house.state) == (OWN, SyncState.IN_SYNC)

    def test_a_server_that_was_away_all_the_time_is_never_touched(self) -> None:
        house = Upkeep()
        house.is_away = True
        house.until(4)
        house.is_away = False
        house.until(5)
        assert (house.writes, house.value) == ([], OWN)

    def test_it_is_asked_less_and_less_often_and_every_five_minutes_in_the_end(self) -> None:
        house = Upkeep([ALWAYS], is_away=True)
        moments: list[datetime] = []
        while house.now < START + HOUR:
            before = house.asked
            house.tick()
            moments += [house.now] * (house.asked - before)
            house.now += timedelta(seconds=1)
        gaps = [(later - earlier).seconds for earlier, later in pairwise(moments)]
        assert gaps[:5] == [30, 60, 120, 240, 300]
        assert set(gaps[5:]) == {300}

    def test_a_server_that_is_known_to_be_back_is_asked_at_once(self) -> None:
        house = Upkeep([ALWAYS], is_away=True)
        house.until(1)
        house.is_away = False
        house.server = house.server.woken()
        house.tick()
        assert house.value == "/a.mp4"

    def test_one_server_that_is_away_holds_no_other_up(self) -> None:
        home, cabin = Upkeep(is_away=True), Upkeep(server=ServerPreroll(CABIN))
        home.until(1)
        cabin.until(1)
        assert (home.state, cabin.state) == (SyncState.ERROR, SyncState.IN_SYNC)

    def test_a_write_whose_answer_was_lost_is_never_taken_for_the_owners_value(self) -> None:
        house = Upkeep(drops_answers=True)
        house.until(1)
        assert (house.value, house.state) == ("/a.mp4", SyncState.ERROR)
        house.schedules = [A, schedule("urgent", 1, 2)]
        house.drops_answers = False
        house.until(4)
        assert house.value == OWN

    @pytest.mark.parametrize("end", [1.002, 1.01, 1.1])
    def test_a_stop_right_after_a_write_is_understood_however_soon_the_schedule_is_over(self, end: float) -> None:
        house = Upkeep([schedule("a", 1, end)], dies=True)
        house.until(1)
        assert house.writes == [(1, "/a.mp4")]
        house.dies, house.now = False, house.now + TICK
        house.until(2)
        assert (house.value, house.server.baseline) == (OWN, None)

    def test_a_restoration_whose_answer_was_lost_is_noticed(self) -> None:
        house = Upkeep()
        house.until(2.9)
        house.drops_answers = True
        house.until(3)
        house.drops_answers = False
        house.until(3.2)
        assert (house.value, house.state, len(house.writes)) == (OWN, SyncState.IN_SYNC, 2)

    def test_a_server_that_accepts_and_does_not_keep_the_value_is_in_error_and_asked_rarely(self) -> None:
        house = Upkeep([ALWAYS], deaf=True)
        house.until(1)
        assert (house.state, house.server.error) == (SyncState.ERROR, "not_taken")
        assert len(house.writes) <= 16
        assert house.server.baseline == OWN

    def test_a_server_that_spells_a_value_its_own_way_still_gives_the_owners_back(self) -> None:
        house = Upkeep(shouts=True)
        house.until(2)
        assert (house.value, house.state) == ("/A.MP4", SyncState.ERROR)
        house.shouts = False
        house.until(4)
        assert house.value == OWN
