"""Which keyframe serves which slot, and which pictures on the way are shown."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.previews import Accuracy
from earshelf.domain.sampling import Aim, Pass, Pursuit, plan

FRAME = 1 / 24
HALF = FRAME / 2

gaps = st.lists(st.integers(1, 400), max_size=40)
keyframe_times = gaps.map(lambda found: [number * FRAME for number in accumulate(found, initial=0)])
accuracies = st.sampled_from(Accuracy)


def planned(keyframes: list[float], slots: int, interval: float, accuracy: Accuracy = Accuracy.FAST) -> list[Pass]:
    return list(plan(keyframes, slots, interval, accuracy, HALF))


@given(keyframe_times, st.integers(1, 60), st.integers(1, 60), accuracies)
def test_every_slot_is_served_once_and_in_order(
    keyframes: list[float], slots: int, interval: int, accuracy: Accuracy
) -> None:
    found = planned(keyframes, slots, interval, accuracy)
    assert [aim.slot for work in found for aim in work.aims] == list(range(slots))


@given(keyframe_times, st.integers(1, 60), st.integers(1, 60), accuracies)
def test_every_group_of_pictures_is_gone_through_once(
    keyframes: list[float], slots: int, interval: int, accuracy: Accuracy
) -> None:
    found = [work.keyframe for work in planned(keyframes, slots, interval, accuracy)]
    assert all(before < after for before, after in pairwise(found))


@given(keyframe_times, st.integers(1, 60), st.integers(1, 60))
def test_a_pass_of_exact_slots_begins_at_the_last_keyframe_that_is_not_late(
    keyframes: list[float], slots: int, interval: int
) -> None:
    for work in planned(keyframes, slots, interval, Accuracy.EXACT):
        for aim in work.aims:
            assert keyframes[work.keyframe] <= aim.latest
            assert all(aim.latest < later for later in keyframes[work.keyframe + 1 :])


@given(keyframe_times, st.integers(1, 60), st.integers(1, 60))
def test_a_fast_slot_shows_a_keyframe_less_than_half_an_interval_away_or_nothing_but_decoding_does(
    keyframes: list[float], slots: int, interval: int
) -> None:
    for aim, keyframe in (
        (aim, keyframes[work.keyframe]) for work in planned(keyframes, slots, interval)[1:] for aim in work.aims
    ):
        time = aim.slot * interval
        early = [one for one in keyframes if time - interval / 2 <= one <= time + HALF]
        late = [one for one in keyframes if time + HALF < one <= time + interval / 2 - HALF]
        assert aim.earliest == time - interval / 2
        assert aim.at_keyframe == bool(early or late)
        assert keyframe == (early[-1:] or late or [max(one for one in keyframes if one <= time)])[0]


@given(keyframe_times, st.integers(1, 60), st.integers(1, 60))
def test_no_two_fast_slots_show_one_keyframe(keyframes: list[float], slots: int, interval: int) -> None:
    for work in planned(keyframes, slots, interval)[1:]:
        assert sum(aim.at_keyframe for aim in work.aims) <= 1


def test_a_fast_slot_is_decoded_to_where_no_keyframe_is_near() -> None:
    first, *_ = planned([0.0, 13.0], 4, 5)
    assert [(aim.slot, aim.at_keyframe, aim.latest) for aim in first.aims[1:]] == [
        (1, False, 5 + HALF),
        (2, False, 10 + HALF),
    ]


def test_an_exact_slot_takes_no_keyframe_that_is_early() -> None:
    (work,) = planned([0.0, 9.9], 2, 5, Accuracy.EXACT)
    assert [aim.at_keyframe for aim in work.aims] == [True, False]
    assert not work.is_keyframe_only


def test_slots_before_the_first_keyframe_show_it() -> None:
    (work,) = planned([7.0], 2, 5)
    assert all(aim.latest >= 7.0 for aim in work.aims)


@pytest.mark.parametrize(("keyframe", "serves"), [(5 + HALF / 2, True), (8, False)])
def test_a_keyframe_may_be_late_in_fast_only(keyframe: float, serves: bool) -> None:
    assert (planned([0.0, keyframe], 2, 5)[-1].keyframe == 1) is serves
    assert planned([0.0, keyframe], 2, 5, Accuracy.EXACT)[-1].keyframe == 0


def reordered(count: int, mini: int) -> list[float]:
    """Times of pictures as they are decoded: every anchor before the ``mini`` pictures that are shown before it."""
    numbers = [0]
    for anchor in range(mini + 1, count + mini + 1, mini + 1):
        numbers += [anchor, *range(anchor - mini, anchor)]
    return [number * FRAME for number in numbers]


def shown(times: list[float], aims: list[Aim], look_ahead: int = 34) -> dict[int, float]:
    pursuit = Pursuit(aims)
    for at, time in enumerate(times):
        pursuit.meet(time)
        if at >= look_ahead:
            decided = at - look_ahead
            pursuit.decide(times[decided], times[decided + 1 : at + 1])
    for at in range(max(0, len(times) - look_ahead), len(times)):
        pursuit.decide(times[at], times[at + 1 :])
    assert pursuit.is_over
    return pursuit.shown


@given(st.integers(1, 300), st.integers(0, 7), st.lists(st.floats(0, 20), min_size=1, max_size=20))
def test_an_exact_slot_shows_the_last_picture_before_it_however_they_are_reordered(
    count: int, mini: int, moments: list[float]
) -> None:
    times = reordered(count, mini)
    aims = [Aim(slot, moment, moment, at_keyframe=False) for slot, moment in enumerate(sorted(moments))]
    found = shown(times, aims)
    assert found == {aim.slot: max(time for time in times if time <= aim.latest) for aim in aims}


@given(st.integers(1, 300), st.integers(0, 7), st.lists(st.integers(1, 20), min_size=1, max_size=20, unique=True))
def test_a_fast_slot_shows_the_first_picture_within_its_bounds_else_the_last_before(
    count: int, mini: int, moments: list[int]
) -> None:
    times = reordered(count, mini)
    aims = [Aim(slot, at - 0.5, at, at_keyframe=False) for slot, at in enumerate(sorted(moments))]
    for aim in aims:
        within = [time for time in times if aim.earliest <= time <= aim.latest]
        before = max(time for time in times if time <= aim.latest)
        assert shown(times, aims)[aim.slot] == (within[0] if within else before)


def test_decoding_may_begin_anew_at_a_keyframe_before_the_next_slot_only() -> None:
    pursuit = Pursuit([Aim(0, 4.0, 5.0, at_keyframe=False)])
    assert pursuit.may_begin_at(3.0)
    assert not pursuit.may_begin_at(5.5)
