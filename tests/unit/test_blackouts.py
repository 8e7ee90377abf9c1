"""Blackouts by the clock: nights, changes of the clock, restarts, and what may go on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from earshelf.domain.blackouts import Blackout, BlackoutAction
from earshelf.domain.ids import BlackoutId
from earshelf.domain.schedules import OneTime, Recurring, moment
from earshelf.domain.streams import Player, Stream, StreamKind, Viewer
from tests.unit.viewing import CABIN, HOME, START, Enforcement, keys, stream

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = 5
IMMEDIATE, WARN, BLOCK = BlackoutAction
TWO_DAYS = timedelta(hours=48)
MINUTE = timedelta(minutes=1)


def nightly(action: BlackoutAction, *days: int, delay: int = 30) -> Blackout:
    span = Recurring(days or tuple(range(7)), time(22), time(6))
    return Blackout(BlackoutId("bo_1"), "Night", span, action, delay=delay)


def at(text: str) -> datetime:
    return moment(datetime.fromisoformat(text), BERLIN)


def arrivals(house: Enforcement, every: timedelta, server: Callable[[int], Stream]) -> Callable[[datetime], None]:
    """Starts a new stream so often; each goes on until it is stopped."""
    begin = house.now
    started = [0]

    def meanwhile(now: datetime) -> None:
        while begin + started[0] * every <= now:
            house.play(server(started[0]))
            started[0] += 1

    return meanwhile


def local_hours(house: Enforcement) -> set[int]:
    """The hours by the wall clock in which something was stopped."""
    return {when.astimezone(BERLIN).hour for when, _ in house.stopped}


@pytest.mark.parametrize("begin", ["2026-11-20T12:00", "2026-03-28T12:00", "2026-10-24T12:00"])
def test_over_48_hours_streams_are_stopped_at_night_only_whatever_the_clock_does(begin: str) -> None:
    house = Enforcement([nightly(IMMEDIATE)], at(begin), BERLIN)
    started: dict[str, datetime] = {}

    def hourly(now: datetime) -> None:
        if now.minute == 0 and now.second == 0:
            started[now.isoformat()] = now
            house.play(stream(now.isoformat()))

    house.run(TWO_DAYS, meanwhile=hourly)
    night = {22, 23, 0, 1, 2, 3, 4, 5}
    assert local_hours(house) <= night
    for when, key in house.stopped:
        # what began by night ends at once, what began by day at 22:00
        local = when.astimezone(BERLIN)
        assert when == started[key] or (local.hour, local.minute) == (22, 0)
    survivors = [started[key].astimezone(BERLIN).hour for key in house.left]
    assert all(6 <= hour < 22 for hour in survivors)
    assert len(house.left) + len(house.stopped) == len(started)
    assert house.left


@pytest.mark.parametrize(
    ("begin", "hours"), [("2026-11-20T22:00", 8), ("2026-03-28T22:00", 7), ("2026-10-24T22:00", 9)]
)
def test_a_night_lasts_as_long_as_the_clock_makes_it(begin: str, hours: int) -> None:
    house = Enforcement([nightly(IMMEDIATE)], at(begin), BERLIN)
    house.run(timedelta(hours=12), every=10 * MINUTE, meanwhile=arrivals(house, 10 * MINUTE, lambda n: stream(str(n))))
    assert house.stopped[0][0] == at(begin)
    assert house.stopped[-1][0] == at(begin) + timedelta(hours=hours) - 10 * MINUTE


def test_friday_night_is_over_on_saturday_morning_and_was_not_on_friday_morning() -> None:
    house = Enforcement([nightly(IMMEDIATE, FRIDAY)], at("2026-11-20T00:00"), BERLIN)
    house.run(TWO_DAYS, every=10 * MINUTE, meanwhile=arrivals(house, 10 * MINUTE, lambda n: stream(str(n))))
    whens = [when for when, _ in house.stopped]
    assert (min(whens), max(whens)) == (at("2026-11-20T22:00"), at("2026-11-21T05:50"))


def test_warned_streams_go_on_for_the_delay_and_a_restart_in_it_changes_nothing() -> None:
    house = Enforcement([nightly(WARN, delay=600)], at("2026-11-20T21:55"), BERLIN)
    house.play(stream("a"))
    house.run(10 * MINUTE)
    later = Enforcement([nightly(WARN, delay=600)], at("2026-11-20T22:09"), BERLIN, vigil=house.vigil)
    later.play(stream("a"))
    later.run(2 * MINUTE)
    assert later.stopped == [(at("2026-11-20T22:10"), "a")]


def test_a_warned_stream_whose_window_ends_first_is_left_alone() -> None:
    house = Enforcement([nightly(WARN, delay=3600)], at("2026-11-21T05:30"), BERLIN)
    house.play(stream("a"))
    house.run(timedelta(hours=2))
    assert house.left == ["a"]


class TestBlockingNewOnly:
    def test_on_two_servers_what_ran_goes_on_and_what_comes_later_is_stopped_at_once(self) -> None:
        house = Enforcement([nightly(BLOCK)], at("2026-11-20T21:50"), BERLIN)
        house.play(stream("old", HOME), stream("old too", CABIN))
        house.run(20 * MINUTE)
        house.play(stream("new", HOME), stream("new too", CABIN))
        assert keys(house.look().stops) == ["new", "new too"]
        house.run(TWO_DAYS)
        assert house.left == ["old", "old too"]

    def test_a_server_that_answers_late_keeps_what_was_seen_before_the_window(self) -> None:
        house = Enforcement([nightly(BLOCK)], at("2026-11-20T21:50"), BERLIN)
        house.play(stream("old", CABIN))
        house.run(5 * MINUTE)
        house.away = {CABIN}
        house.run(30 * MINUTE)
        house.away = set()
        house.play(stream("new", CABIN, position=2 * MINUTE))
        house.look()
        assert house.left == ["old"]

    def test_a_start_in_the_middle_of_a_night_asks_how_far_unknown_streams_are(self) -> None:
        house = Enforcement([nightly(BLOCK)], at("2026-11-20T23:00"), BERLIN)
        house.play(stream("long", position=90 * MINUTE), stream("short", position=10 * MINUTE))
        house.look()
        assert house.left == ["long"]

    def test_a_restart_in_the_night_lets_nobody_in(self) -> None:
        house = Enforcement([nightly(BLOCK)], at("2026-11-20T21:50"), BERLIN)
        house.play(stream("old"))
        house.run(20 * MINUTE)
        later = Enforcement([nightly(BLOCK)], at("2026-11-20T23:30"), BERLIN, vigil=house.vigil)
        later.play(stream("old"), stream("came meanwhile", position=100 * MINUTE))
        later.look()
        assert later.left == ["old"]

    def test_a_blackout_that_is_switched_on_within_its_window_begins_then(self) -> None:
        now = at("2026-11-20T23:00")
        rule = replace(nightly(BLOCK), enabled=False).switched(on=True, now=now)
        house = Enforcement([rule], now, BERLIN)
        house.play(stream("running", position=10 * MINUTE))
        house.look()
        house.play(stream("new"))
        house.after(30)
        assert house.left == ["running"]

    def test_switching_off_and_on_between_two_looks_begins_anew(self) -> None:
        house = Enforcement([nightly(BLOCK)], at("2026-11-20T22:00"), BERLIN)
        house.look()
        house.play(stream("came meanwhile"))
        house.now += MINUTE
        house.rules = [nightly(BLOCK).switched(on=False, now=house.now).switched(on=True, now=house.now)]
        house.look()
        assert house.left == ["came meanwhile"]

    def test_the_next_night_begins_with_what_runs_then(self) -> None:
        house = Enforcement([nightly(BLOCK)], at("2026-11-20T23:00"), BERLIN)
        house.run(timedelta(hours=12))
        house.play(stream("of the day"))
        house.run(timedelta(hours=13))
        assert house.left == ["of the day"]

    def test_days_without_a_gap_are_one_window(self) -> None:
        rule = replace(nightly(BLOCK), span=Recurring(tuple(range(7)), time(22), time(22)))
        house = Enforcement([rule], at("2026-11-20T22:00"), BERLIN)
        house.play(stream("old"))
        house.look()
        house.away = {HOME}
        house.run(TWO_DAYS, every=timedelta(hours=1))
        house.away = set()
        house.play(stream("new", position=timedelta(hours=9)))
        house.look()
        assert house.left == ["old"]


TOM, ANNA = Viewer("tom", "31337"), Viewer("anna", "7")
TV, PHONE = Player("tv"), Player("phone")
EPISODE = stream("before", viewer=TOM, player=TV, item="e1", kind=StreamKind.EPISODE, series="harbour")


class TestSuccession:
    def after(self, before: Stream, following: Stream, *, pause: float = 30, autoplay: bool = True) -> list[str]:
        """What is left when one stream follows another, so many seconds after the server missed the first."""
        span = OneTime(START, START + timedelta(hours=5))
        rule = Blackout(BlackoutId("bo_1"), "Night", span, BLOCK, allow_autoplay=autoplay)
        house = Enforcement([rule])
        house.play(before)
        house.look()
        house.end(before.key)
        house.after(600)
        house.play(following)
        house.after(pause)
        return house.left

    def test_the_same_item_on_the_same_player_goes_on_under_another_id(self) -> None:
        again = replace(EPISODE, key="after", session_id="after")
        assert self.after(EPISODE, again, autoplay=False) == ["after"]

    def test_it_does_not_after_more_than_a_minute(self) -> None:
        again = replace(EPISODE, key="after", session_id="after")
        assert self.after(EPISODE, again, pause=60) == ["after"]
        assert self.after(EPISODE, again, pause=61) == []

    @pytest.mark.parametrize("other", [{"viewer": ANNA}, {"player": PHONE}, {"player": Player()}])
    def test_another_viewer_or_player_is_new(self, other: dict[str, Viewer | Player]) -> None:
        again = replace(replace(EPISODE, key="after", session_id="after"), **other)  # type: ignore[arg-type]
        assert self.after(EPISODE, again) == []

    @pytest.mark.parametrize("nameless", [Player(), Player("")])
    def test_a_player_without_an_id_has_no_successors(self, nameless: Player) -> None:
        before = replace(EPISODE, player=nameless)
        assert self.after(before, replace(before, key="after", session_id="after")) == []

    @pytest.mark.parametrize("session", ["after", "before"])
    @pytest.mark.parametrize(("autoplay", "left"), [(True, True), (False, False)])
    def test_the_next_episode_goes_on_where_autoplay_is_allowed(self, session: str, autoplay: bool, left: bool) -> None:
        following = replace(EPISODE, key=session, session_id=session, item_id="e2")
        assert bool(self.after(EPISODE, following, autoplay=autoplay)) is left

    def test_an_episode_of_another_series_is_new(self) -> None:
        other = replace(EPISODE, key="after", session_id="after", item_id="e9", series_id="lighthouse")
        assert self.after(EPISODE, other) == []

    def test_the_next_track_goes_on(self) -> None:
        track = replace(EPISODE, kind=StreamKind.TRACK, series_id=None)
        assert self.after(track, replace(track, key="after", session_id="after", item_id="t2")) == ["after"]

    def test_another_film_is_new(self) -> None:
        film = replace(EPISODE, kind=StreamKind.MOVIE)
        assert self.after(film, replace(film, key="after", session_id="after", item_id="m2")) == []

    def test_an_outage_in_between_is_no_absence(self) -> None:
        span = OneTime(START, START + timedelta(hours=5))
        house = Enforcement([Blackout(BlackoutId("bo_1"), "Night", span, BLOCK)])
        house.play(EPISODE)
        house.look()
        house.away = {HOME}
        house.run(timedelta(hours=1))
        house.away = set()
        house.end("before")
        house.play(replace(EPISODE, key="after", session_id="after"))
        house.look()
        assert house.left == ["after"]


def test_the_windows_of_a_blackout_are_in_utc() -> None:
    window = nightly(IMMEDIATE).window(at("2026-11-20T23:00"), BERLIN)
    assert window is not None
    assert window.start.tzinfo is UTC
