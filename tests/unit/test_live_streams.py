"""What is news of a stream, and what everybody expects."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.live_streams import SLACK, tells_the_same
from earshelf.domain.stream_details import Converted, StreamDetails
from earshelf.domain.streams import Conversion, PlayState, TrackDecision
from tests.unit.viewing import stream

MINUTE = timedelta(minutes=1)
AT_START = stream("a", position=MINUTE)


@given(st.integers(0, 10**7), st.integers(-14, 14))
def test_that_a_stream_plays_on_is_no_news(seconds: int, off: int) -> None:
    elapsed = timedelta(seconds=seconds)
    assert tells_the_same(AT_START, stream("a", position=MINUTE + elapsed + timedelta(seconds=off)), elapsed)


@pytest.mark.parametrize("moved", [timedelta(), 2 * MINUTE + SLACK * 1.1])
def test_a_jump_and_a_standstill_are_news(moved: timedelta) -> None:
    assert not tells_the_same(AT_START, stream("a", position=MINUTE + moved), 2 * MINUTE)


def test_what_is_paused_stays_where_it_is() -> None:
    paused = replace(AT_START, state=PlayState.PAUSED)
    assert tells_the_same(paused, paused, timedelta(hours=3))
    assert not tells_the_same(AT_START, paused, timedelta())


def test_nothing_plays_beyond_its_end() -> None:
    short = replace(AT_START, duration_ms=90_000)
    assert tells_the_same(short, replace(short, position_ms=90_000), timedelta(hours=1))


def test_another_speed_or_decision_is_news_but_how_far_a_conversion_has_come_is_not() -> None:
    converted = replace(
        AT_START,
        conversion=Conversion(TrackDecision.CONVERTED, speed=1.7),
        details=StreamDetails(converted=Converted(progress=10.0)),
    )
    further = replace(converted, details=StreamDetails(converted=Converted(progress=20.0)))
    assert tells_the_same(converted, further, timedelta())
    assert not tells_the_same(converted, replace(converted, conversion=Conversion(speed=0.7)), timedelta())
    assert not tells_the_same(AT_START, converted, timedelta())


def test_an_absurd_position_breaks_nothing() -> None:
    odd = replace(AT_START, position_ms=2**63 - 1, duration_ms=2**63 - 1)
    assert tells_the_same(odd, odd, timedelta())
