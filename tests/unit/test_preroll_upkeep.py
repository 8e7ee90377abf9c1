"""Servers that are given prerolls, and are changed by their owner and by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earshelf.domain.preroll_upkeep import OnDrift, Override, OverrideUntil, ServerPreroll, Source, SyncState
from earshelf.domain.prerolls import PrerollSchedule
from earshelf.domain.schedules import OneTime
from tests.unit.upkeep import ALWAYS, HOUR, OWN, START, A, B, Upkeep, schedule
from tests.unit.viewing import HOME


def test_a_server_is_left_alone_until_something_is_wanted() -> None:
    house = Upkeep()
    house.until(0.9)
    assert (house.asked, house.value, house.state) == (0, OWN, SyncState.IN_SYNC)


def test_the_owners_own_value_comes_back_when_the_schedule_is_over() -> None:
    house = Upkeep()
    house.until(2)
    assert (house.value, house.state) == ("/a.mp4", SyncState.IN_SYNC)
    house.until(3)
    assert (house.value, house.state) == (OWN, SyncState.IN_SYNC)
    assert house.writes == [(1, "/a.mp4"), (3, OWN)]


def test_a_server_without_a_preroll_has_none_again_afterwards() -> None:
    house = Upkeep(value="")
    house.until(4)
    assert house.writes == [(1, "/a.mp4"), (3, "")]


def test_between_two_schedules_the_owners_value_is_not_forgotten() -> None:
    house = Upkeep([A, B])
    house.until(6)
    assert house.writes == [(1, "/a.mp4"), (3, "/b.mp4"), (5, OWN)]


def test_deleting_the_schedule_gives_the_owners_value_back_at_once() -> None:
    house = Upkeep()
    house.until(2)
    house.schedules = ()
    house.tick()
    assert house.value == OWN


def test_a_default_stands_in_where_no_schedule_applies_and_gives_way_to_the_owners_value() -> None:
    house = Upkeep(default="/usual.mp4")
    house.until(4)
    assert [value for _, value in house.writes] == ["/usual.mp4", "/a.mp4", "/usual.mp4"]
    house.default = None
    house.until(5)
    assert house.value == OWN


def test_a_restored_server_is_the_owners_and_its_next_value_is_remembered_anew() -> None:
    house = Upkeep([A, replace(B, span=OneTime(START + 4 * HOUR, START + 5 * HOUR))])
    house.until(3.5)
    house.value = "/newer.mp4"
    house.until(6)
    assert house.value == "/newer.mp4"


class TestDrift:
    def test_a_value_that_the_owner_sets_meanwhile_is_left_and_kept_afterwards(self) -> None:
        house = Upkeep()
        house.until(2)
        house.value = "/mine.mp4"
        house.until(2.5)
        assert (house.value, house.state) == ("/mine.mp4", SyncState.DRIFTED)
        house.until(4)
        assert (house.value, house.state, len(house.writes)) == ("/mine.mp4", SyncState.IN_SYNC, 1)

    def test_the_next_schedule_still_comes_and_the_owners_later_value_after_it(self) -> None:
        house = Upkeep([A, B])
        house.until(2)
        house.value = "/mine.mp4"
        house.until(4)
        assert house.value == "/b.mp4"
        house.until(6)
        assert house.value == "/mine.mp4"

    def test_it_can_be_overruled_and_then_the_first_value_of_the_owner_comes_back(self) -> None:
        house = Upkeep(on_drift=OnDrift.ENFORCE)
        house.until(2)
        house.value = "/mine.mp4"
        house.until(2.5)
        assert (house.value, house.state) == ("/a.mp4", SyncState.IN_SYNC)
        house.until(4)
        assert house.value == OWN

    def test_a_change_just_before_the_end_of_a_schedule_is_seen(self) -> None:
        house = Upkeep([schedule("a", 1, 3.04)])
        house.until(3.03)
        house.value = "/mine.mp4"
        house.until(4)
        assert (house.value, len(house.writes)) == ("/mine.mp4", 1)

    @pytest.mark.parametrize("seconds", [2, 29, 290])
    def test_a_change_between_two_looks_is_seen_before_the_end_of_a_schedule_is_carried_out(self, seconds: int) -> None:
        house = Upkeep([schedule("a", 0, 0.0005)])
        house.tick()
        house.value, house.now = "/later.mp4", START + timedelta(seconds=seconds)
        house.tick()
        assert house.value == "/later.mp4"

    def test_a_clock_that_is_put_back_delays_no_look(self) -> None:
        house = Upkeep()
        house.until(2)
        house.now -= HOUR / 2
        house.value = "/mine.mp4"
        house.tick()
        assert house.state is SyncState.DRIFTED


class TestOverride:
    def applied(self, override: Override, schedules: Sequence[PrerollSchedule] = (A, B)) -> Upkeep:
        """A house in which a value was applied by hand at 1:30."""
        house = Upkeep(schedules)
        house.until(1.5)
        house.server = house.server.overridden(override)
        house.tick()
        assert house.value == override.value
        return house

    def test_until_the_next_change(self) -> None:
        house = self.applied(Override("/hand.mp4", OverrideUntil.NEXT_CHANGE, A.id, START + 3 * HOUR))
        house.until(2.9)
        assert house.value == "/hand.mp4"
        house.until(3)
        assert house.value == "/b.mp4"

    def test_a_change_that_nobody_foresaw_ends_it_too_and_for_good(self) -> None:
        house = self.applied(Override("/hand.mp4", OverrideUntil.NEXT_CHANGE, A.id))
        house.schedules = ()
        house.tick()
        assert house.value == OWN
        house.schedules = (A,)
        house.tick()
        assert house.value == "/a.mp4"

    def test_until_a_time(self) -> None:
        house = self.applied(Override("/hand.mp4", OverrideUntil.TIME, A.id, START + 4 * HOUR))
        house.until(3.9)
        assert house.value == "/hand.mp4"
        house.until(4)
        assert house.value == "/b.mp4"

    def test_until_it_is_cleared(self) -> None:
        house = self.applied(Override("/hand.mp4", OverrideUntil.CLEARED, A.id))
        house.until(9)
        assert house.value == "/hand.mp4"
        house.server = house.server.overridden(None)
        house.tick()
        assert (house.value, house.server.baseline) == (OWN, None)

    def test_it_may_be_no_preroll(self) -> None:
        self.applied(Override("", OverrideUntil.CLEARED))

    def test_it_is_written_over_a_value_that_was_respected_so_far(self) -> None:
        house = Upkeep([ALWAYS])
        house.until(1)
        house.value = "/mine.mp4"
        house.until(1.2)
        house.server = house.server.overridden(Override("/a.mp4", OverrideUntil.CLEARED))
        house.tick()
        assert house.value == "/a.mp4"
        house.schedules = ()
        house.server = house.server.overridden(None)
        house.until(2)
        assert house.value == "/mine.mp4"

    def test_taking_it_back_leaves_a_value_that_the_owner_set_later(self) -> None:
        house = Upkeep(())
        house.server = house.server.overridden(Override("/hand.mp4", OverrideUntil.CLEARED))
        house.until(0.5)
        house.value = "/mine.mp4"
        house.until(1)
        house.server = house.server.overridden(None)
        house.until(2)
        assert (house.value, len(house.writes)) == ("/mine.mp4", 1)


@pytest.mark.parametrize(
    ("override", "applying", "default", "baseline", "value", "source"),
    [
        ("/hand.mp4", A, "/usual.mp4", OWN, "/hand.mp4", Source.OVERRIDE),
        ("", A, "/usual.mp4", OWN, "", Source.OVERRIDE),
        (None, A, "/usual.mp4", OWN, "/a.mp4", Source.SCHEDULE),
        (None, None, "/usual.mp4", OWN, "/usual.mp4", Source.DEFAULT),
        (None, None, "", OWN, OWN, Source.BASELINE),
        (None, None, None, "", "", Source.BASELINE),
        (None, None, None, None, None, Source.NOTHING),
    ],
)
def test_the_hand_is_stronger_than_a_schedule_than_the_default_than_the_baseline(
    override: str | None,
    applying: PrerollSchedule | None,
    default: str | None,
    baseline: str | None,
    value: str | None,
    source: Source,
) -> None:
    server = ServerPreroll(HOME, baseline=baseline, override=None if override is None else Override(override))
    wanted = server.wanted(applying, default)
    assert (wanted.value, wanted.source) == (value, source)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=6, max_size=6),
    st.lists(st.integers(0, 720), max_size=6, unique=True).map(sorted),
)
def test_whatever_gets_lost_the_owners_value_is_back_in_the_end(
    troubles: list[tuple[bool, bool, bool]], edges: list[int]
) -> None:
    short = [schedule(f"s{number}", *(edge / 120 for edge in pair)) for number, pair in enumerate(pairwise(edges))]
    house = Upkeep([A, B, *short[::2]])
    for hour, (away, drops, dies) in enumerate(troubles, start=1):
        house.is_away, house.drops_answers, house.dies = away, drops, dies
        house.until(hour - 0.4)
    house.is_away = house.drops_answers = house.dies = False
    house.until(7)
    assert (house.value, house.state) == (OWN, SyncState.IN_SYNC)
