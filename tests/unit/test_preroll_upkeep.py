"""Servers that are given prerolls, go away, come back, and are changed by their owner."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earshelf.domain.ids import PrerollScheduleId
from earshelf.domain.preroll_upkeep import (
    OnDrift,
    Override,
    OverrideUntil,
    ServerPreroll,
    Source,
    StepKind,
    SyncState,
    next_step,
)
from earshelf.domain.prerolls import Prerolls, PrerollSchedule, winner
from earshelf.domain.schedules import OneTime
from tests.unit.viewing import CABIN, HOME

START = datetime(2026, 12, 1, tzinfo=UTC)
HOUR, TICK = timedelta(hours=1), timedelta(seconds=30)
OWN = "/own/trailer.mp4"


def schedule(name: str, begins: float, ends: float) -> PrerollSchedule:
    """A schedule that applies between two hours after the start."""
    span = OneTime(START + begins * HOUR, START + ends * HOUR)
    return PrerollSchedule(PrerollScheduleId(f"ps_{name}"), name, Prerolls((f"/{name}.mp4",)), span, START)


A, B = schedule("a", 1, 3), schedule("b", 3, 5)
ALWAYS = schedule("a", -9, 999)


@dataclass
class Upkeep:
    """A server, and the loop that keeps its preroll; nothing but ``server`` lives from one tick to the next."""

    schedules: Sequence[PrerollSchedule] = (A,)
    default: str | None = None
    on_drift: OnDrift = OnDrift.RESPECT
    value: str = OWN
    now: datetime = START
    is_away: bool = False
    drops_answers: bool = False
    deaf: bool = False
    shouts: bool = False
    dies: bool = False
    server: ServerPreroll = field(default_factory=lambda: ServerPreroll(HOME))
    writes: list[tuple[float, str]] = field(default_factory=list)
    asked: int = 0

    def tick(self) -> None:
        """Does what is to be done now."""
        applying = winner(self.schedules, self.now, UTC)
        self.server = self.server.lapsed(applying, self.now)
        for _ in range(8):
            wanted = self.server.wanted(applying, self.default)
            step = next_step(self.server, wanted, on_drift=self.on_drift, now=self.now)
            self.server = step.server
            if step.kind is StepKind.REST:
                return
            self.asked += 1
            answered = self._answered(step.kind, step.value)
            if self.dies and step.kind is StepKind.WRITE:
                return
            self.server = answered
        raise AssertionError("the loop does not come to rest")

    def _answered(self, kind: StepKind, value: str) -> ServerPreroll:
        if self.is_away:
            return self.server.failed("unreachable", self.now)
        if kind is StepKind.READ:
            return self.server.read(self.value, self.now)
        self.writes.append(((self.now - START) / HOUR, value))
        if not self.deaf:
            self.value = value.upper() if self.shouts else value
        return self.server.failed("timed_out", self.now) if self.drops_answers else self.server.sent(self.now)

    def until(self, hour: float) -> None:
        """Ticks until so many hours after the start, that moment included."""
        while self.now < START + hour * HOUR:
            self.tick()
            self.now += TICK
        self.tick()

    @property
    def state(self) -> SyncState:
        """How the server stands."""
        applying = winner(self.schedules, self.now, UTC)
        return self.server.state(self.server.wanted(applying, self.default))


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
