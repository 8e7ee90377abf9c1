"""Who is stopped when: maintenance, the transcode rule, several rules at once, and players that do not obey."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from earshelf.domain.blackouts import Blackout, BlackoutAction
from earshelf.domain.ids import BlackoutId
from earshelf.domain.maintenance import Maintenance, TranscodeCriteria, TranscodeRule
from earshelf.domain.schedules import OneTime
from earshelf.domain.stop_rules import Audience
from earshelf.domain.stops import Vigil
from earshelf.domain.streams import Conversion, TrackDecision, Viewer
from tests.unit.viewing import CABIN, HOME, START, Enforcement, keys, stream

SECOND = timedelta(seconds=1)
CONVERTED = Conversion(TrackDecision.CONVERTED, TrackDecision.KEPT)


def maintenance(grace: int = 30, new: int = 5, since: datetime = START) -> Maintenance:
    return Maintenance(True, "Back soon", grace, grace_for_new=new, enabled_since=since)


def blackout(action: BlackoutAction, *, hours: float = 1, delay: int = 30, message: str = "Night") -> Blackout:
    span = OneTime(START, START + timedelta(hours=hours))
    return Blackout(BlackoutId("bo_1"), "Night", span, action, message=message, delay=delay)


def test_what_runs_when_maintenance_begins_has_the_whole_grace() -> None:
    house = Enforcement([maintenance(grace=60)])
    house.play(stream("a"))
    assert keys(house.look().waiting) == ["a"]
    assert keys(house.after(59).stops) == []
    assert keys(house.after(1).stops) == ["a"]


def test_the_next_look_is_at_the_earliest_end_of_a_grace() -> None:
    house = Enforcement([maintenance(grace=60)])
    house.play(stream("a"))
    assert house.look().look_again_at == START + 60 * SECOND
    house.play(stream("b"))
    assert house.after(20).look_again_at == START + 25 * SECOND


def test_what_starts_during_maintenance_has_the_grace_for_new_ones() -> None:
    house = Enforcement([maintenance(grace=60, new=5)])
    house.play(stream("a"))
    house.look()
    house.play(stream("b"))
    assert keys(house.after(10).waiting) == ["a", "b"]
    assert keys(house.after(5).stops) == ["b"]
    assert house.left == ["a"]


def test_new_streams_never_have_more_grace_than_running_ones() -> None:
    house = Enforcement([maintenance(grace=0, new=5)])
    house.play(stream("a"))
    assert keys(house.look().stops) == ["a"]
    house.play(stream("b"))
    assert keys(house.after(30).stops) == ["b"]


def test_a_restart_gives_nobody_a_second_grace() -> None:
    house = Enforcement([maintenance(grace=600)])
    house.play(stream("a"))
    house.look()
    reloaded = Vigil(house.vigil.sightings, house.vigil.openings, house.vigil.timers, house.vigil.attempts)
    after = Enforcement([maintenance(grace=600)], START + timedelta(minutes=20), vigil=reloaded)
    after.play(stream("a"), stream("b"))
    verdict = after.look()
    assert keys(verdict.stops) == ["a"]
    assert keys(verdict.waiting) == ["b"]


def test_a_changed_grace_counts_from_the_same_moment() -> None:
    house = Enforcement([maintenance(grace=600)])
    house.play(stream("a"))
    house.look()
    house.rules = [maintenance(grace=120)]
    assert keys(house.after(119).stops) == []
    assert keys(house.after(1).stops) == ["a"]


def test_maintenance_that_is_switched_off_and_on_begins_anew() -> None:
    house = Enforcement([maintenance(grace=60)])
    house.play(stream("a"))
    house.look()
    switched = maintenance(grace=60).switched(on=False, now=START + 40 * SECOND)
    assert switched.window(START + 40 * SECOND, house.zone) is None
    house.rules = [switched.switched(on=True, now=START + 50 * SECOND)]
    assert keys(house.after(60).stops) == []
    assert keys(house.after(59).stops) == []
    assert keys(house.after(1).stops) == ["a"]


def test_switching_on_what_is_on_changes_nothing() -> None:
    on = maintenance()
    assert on.switched(on=True, now=START + timedelta(hours=1)) == on


def test_maintenance_ends_by_itself_at_its_end() -> None:
    house = Enforcement([replace(maintenance(), until=START + timedelta(minutes=1))])
    house.look()
    house.play(stream("a"))
    assert keys(house.after(59).waiting) == ["a"]
    verdict = house.after(10)
    assert (verdict.waiting, verdict.stops, verdict.vigil.timers) == ((), (), ())


def test_excluded_viewers_have_no_timer() -> None:
    rule = replace(maintenance(grace=0), audience=Audience(exclude_owner=True))
    house = Enforcement([rule])
    house.play(stream("a", viewer=Viewer("marta", "1", is_owner=True)), stream("b"))
    house.look()
    assert house.left == ["a"]


def test_a_server_without_an_answer_keeps_its_timers_and_its_streams() -> None:
    house = Enforcement([maintenance(grace=600)])
    house.play(stream("a", HOME), stream("b", CABIN))
    house.look()
    house.away = {HOME}
    house.run(timedelta(minutes=11))
    assert house.left == ["a"]
    house.away = set()
    assert keys(house.look().stops) == ["a"]


def test_a_server_that_forgets_its_sessions_drops_their_timers() -> None:
    house = Enforcement([maintenance(grace=600)])
    house.play(stream("a"))
    house.look()
    house.end("a")
    assert house.after(30).vigil.timers == ()


def test_equal_sessions_of_two_servers_have_a_timer_each() -> None:
    house = Enforcement([maintenance(grace=60, new=50)])
    house.play(stream("48", HOME))
    house.look()
    house.play(stream("48", CABIN))
    house.after(30)
    verdict = house.after(30)
    assert [(stop.stream.server_id, stop.deadline) for stop in verdict.stops] == [(HOME, START + 60 * SECOND)]
    assert [(stop.stream.server_id, stop.deadline) for stop in verdict.waiting] == [(CABIN, START + 80 * SECOND)]


def test_a_removed_server_is_forgotten() -> None:
    house = Enforcement([maintenance(grace=60)], obeys=False)
    house.play(stream("a", HOME), stream("b", CABIN))
    house.run(timedelta(minutes=2))
    left = house.vigil.without_server(HOME)
    for kept in (left.sightings, left.openings, left.timers, left.attempts):
        assert [one.server_id for one in kept] == [CABIN]


def test_a_clock_that_is_put_back_lengthens_no_grace_beyond_itself() -> None:
    house = Enforcement([maintenance(grace=60)])
    house.play(stream("a"))
    house.look()
    house.after(-7200)
    assert keys(house.after(59).stops) == []
    assert keys(house.after(1).stops) == ["a"]


class TestTranscodeRule:
    rule = TranscodeRule(True, TranscodeCriteria(video_transcoding=True), "No converting", 60)

    def test_the_clock_begins_with_the_conversion_not_with_the_stream(self) -> None:
        house = Enforcement([self.rule])
        house.play(stream("a"))
        house.run(timedelta(hours=1))
        house.playing[HOME] = [replace(stream("a"), conversion=CONVERTED)]
        assert keys(house.look().waiting) == ["a"]
        assert keys(house.after(60).stops) == ["a"]

    def test_the_clock_is_reset_when_the_conversion_ends(self) -> None:
        house = Enforcement([self.rule])
        converted = replace(stream("a"), conversion=CONVERTED)
        house.play(converted)
        house.look()
        house.playing[HOME] = [stream("a")]
        assert house.after(50).vigil.timers == ()
        house.playing[HOME] = [converted]
        house.after(10)
        assert keys(house.after(59).stops) == []
        assert keys(house.after(1).stops) == ["a"]

    def test_an_outage_does_not_reset_the_clock(self) -> None:
        house = Enforcement([self.rule], away={CABIN})
        house.play(replace(stream("a"), conversion=CONVERTED))
        house.look()
        house.away = {HOME, CABIN}
        house.after(30)
        house.away = set()
        assert keys(house.after(30).stops) == ["a"]

    def test_a_rule_that_is_off_has_no_timers(self) -> None:
        house = Enforcement([replace(self.rule, enabled=False)])
        house.play(replace(stream("a"), conversion=CONVERTED))
        assert house.look().vigil.timers == ()


class TestSeveralRules:
    @pytest.mark.parametrize(
        ("grace", "delay", "notice", "seconds"),
        [(60, 30, "Night", 30), (20, 30, "Back soon", 20), (30, 30, "Back soon", 30)],
    )
    def test_the_earliest_deadline_and_its_message_win(self, grace: int, delay: int, notice: str, seconds: int) -> None:
        house = Enforcement([maintenance(grace), blackout(BlackoutAction.WARN_THEN_TERMINATE, delay=delay)])
        house.play(stream("a"))
        house.look()
        stop = house.after(seconds).stops[0]
        assert (stop.notice, stop.deadline) == (notice, START + seconds * SECOND)

    def test_a_rule_that_spares_a_stream_does_not_shield_it_from_another(self) -> None:
        house = Enforcement([blackout(BlackoutAction.BLOCK_NEW_ONLY), maintenance(grace=60)])
        house.play(stream("a"))
        house.look()
        house.after(60)
        assert house.left == []

    def test_when_the_stricter_rule_ends_the_other_goes_on_with_its_own_clock(self) -> None:
        strict, mild = maintenance(grace=90), blackout(BlackoutAction.WARN_THEN_TERMINATE, delay=120)
        house = Enforcement([strict, mild])
        house.play(stream("a"))
        house.look()
        house.rules = [mild]
        assert keys(house.after(90).stops) == []
        assert keys(house.after(30).stops) == ["a"]

    def test_a_stop_knows_when_its_rule_ends(self) -> None:
        house = Enforcement([blackout(BlackoutAction.TERMINATE_IMMEDIATE), maintenance()])
        house.play(stream("a"))
        assert house.look().stops[0].ends_at == START + timedelta(hours=1)
        lasting = Enforcement([maintenance(grace=0)])
        lasting.play(stream("a"))
        assert lasting.look().stops[0].ends_at is None


class TestDisobedience:
    def test_a_player_that_goes_on_is_asked_after_30_s_then_every_60_s_and_five_times_in_all(self) -> None:
        house = Enforcement([maintenance(grace=0)], obeys=False)
        house.play(stream("a"))
        house.run(timedelta(hours=1), every=SECOND)
        assert [(when - START) // SECOND for when, _ in house.stopped] == [0, 30, 90, 150, 210]

    def test_a_restart_forgets_no_attempt(self) -> None:
        house = Enforcement([maintenance(grace=0)], obeys=False)
        house.play(stream("a"))
        house.look()
        assert keys(house.after(29).stops) == []
        assert house.vigil.attempts[0].again_at == START + 30 * SECOND

    def test_a_clock_that_is_put_back_gives_a_player_no_more_time_than_a_retry_takes(self) -> None:
        house = Enforcement([maintenance(grace=0)], obeys=False)
        house.play(stream("a"))
        house.look()
        house.after(-7200)
        assert keys(house.after(29).stops) == []
        assert keys(house.after(1).stops) == ["a"]

    def test_it_counts_as_ignored_after_30_s(self) -> None:
        house = Enforcement([maintenance(grace=0)], obeys=False)
        house.play(stream("a"))
        house.look()
        attempt = house.vigil.attempt_on(HOME, "a")
        assert attempt is not None
        assert not attempt.is_ignored(START + 29 * SECOND)
        assert attempt.is_ignored(START + 30 * SECOND)

    def test_a_request_that_the_server_never_heard_is_repeated_without_being_counted(self) -> None:
        house = Enforcement([maintenance(grace=0)], obeys=False)
        house.play(stream("a"))
        stop = house.look().stops[0]
        vigil = Vigil(timers=house.vigil.timers, openings=house.vigil.openings).attempted(stop, START, was_heard=False)
        house.vigil = vigil
        assert keys(house.after(29).stops) == []
        assert keys(house.after(1).stops) == ["a"]
        assert [attempt.count for attempt in house.vigil.attempts] == [1]

    def test_a_session_that_ended_is_a_new_case_when_it_comes_back(self) -> None:
        house = Enforcement([maintenance(grace=0)])
        house.play(stream("a"))
        house.look()
        assert house.after(5).vigil.attempts == ()
        house.play(stream("a"))
        assert keys(house.after(5).stops) == ["a"]

    def test_an_outage_forgets_no_attempt(self) -> None:
        house = Enforcement([maintenance(grace=0)], obeys=False)
        house.play(stream("a"))
        house.look()
        house.away = {HOME}
        house.after(10)
        house.away = set()
        assert keys(house.after(10).stops) == []
        assert keys(house.after(10).stops) == ["a"]

    def test_a_session_without_an_id_is_named_as_one_that_cannot_be_stopped(self) -> None:
        house = Enforcement([maintenance(grace=30)])
        house.play(replace(stream("a"), session_id=None))
        assert keys(house.look().waiting) == ["a"]
        verdict = house.after(30)
        assert (keys(verdict.unstoppable), verdict.stops) == (["a"], ())
