"""What people read about a stream."""

from dataclasses import replace
from datetime import timedelta

import pytest

from earshelf.domain.streams import (
    Conversion,
    FrameSize,
    Hardware,
    Sighting,
    TrackDecision,
    decision_label,
    hardware_label,
    is_4k,
    is_too_slow,
    sighted,
)
from tests.unit.viewing import CABIN, HOME, START, poll, stream

KEPT, CONVERTED = TrackDecision.KEPT, TrackDecision.CONVERTED


@pytest.mark.parametrize(
    ("conversion", "label"),
    [
        (None, "Direct play"),
        (Conversion(), "Direct stream"),
        (Conversion(KEPT, KEPT), "Direct stream"),
        (Conversion(KEPT, KEPT, KEPT), "Direct stream"),
        (Conversion(CONVERTED, KEPT), "Transcode (video)"),
        (Conversion(KEPT, CONVERTED), "Transcode (audio)"),
        (Conversion(None, CONVERTED), "Transcode (audio)"),
        (Conversion(KEPT, KEPT, CONVERTED), "Transcode (subtitles)"),
        (Conversion(CONVERTED, CONVERTED, CONVERTED), "Transcode (video / audio / subtitles)"),
    ],
)
def test_the_decisions_make_the_label(conversion: Conversion | None, label: str) -> None:
    assert decision_label(conversion) == label


@pytest.mark.parametrize(
    ("asked", "decoder", "encoder", "throughout", "label"),
    [
        (False, None, None, False, Hardware.SOFTWARE),
        (True, None, None, False, Hardware.ASKED_ONLY),
        (True, "vaapi", None, False, Hardware.DECODE),
        (True, None, "nvenc", False, Hardware.ENCODE),
        (False, "vaapi", "vaapi", False, Hardware.FULL),
        (True, "vaapi", "vaapi", True, Hardware.FULL),
        (True, None, None, True, Hardware.FULL),
        (True, "", "", False, Hardware.ASKED_ONLY),
    ],
)
def test_only_engines_at_work_count_as_hardware(
    asked: bool, decoder: str | None, encoder: str | None, throughout: bool, label: Hardware
) -> None:
    conversion = Conversion(
        hardware_requested=asked, hardware_decoder=decoder, hardware_encoder=encoder, hardware_throughout=throughout
    )
    assert hardware_label(conversion) is label


def test_what_is_played_as_it_is_needs_no_hardware() -> None:
    assert hardware_label(None) is None


@pytest.mark.parametrize(
    ("speed", "throttled", "slow"), [(None, False, False), (0.9, False, True), (0.9, True, False), (1.0, False, False)]
)
def test_a_conversion_below_real_time_is_too_slow_unless_on_purpose(
    speed: float | None, throttled: bool, slow: bool
) -> None:
    assert is_too_slow(Conversion(speed=speed, is_throttled=throttled)) is slow


@pytest.mark.parametrize(
    ("sizes", "found"),
    [
        ([], False),
        ([(1920, 800)], False),
        ([(3839, 2159)], False),
        ([(3840, 1600)], True),
        ([(2880, 2160)], True),
        ([(1920, 800), (3840, 1600)], True),
    ],
)
def test_4k_is_what_any_of_the_pictures_has(sizes: list[tuple[int, int]], found: bool) -> None:
    assert is_4k(FrameSize(*size) for size in sizes) is found


def test_a_session_without_an_id_goes_by_its_key_and_cannot_be_stopped() -> None:
    nameless = replace(stream("48"), session_id=None)
    assert (nameless.handle, nameless.can_be_stopped) == ("key:48", False)


def test_a_first_sight_stays_until_the_server_says_that_the_session_is_over() -> None:
    seen = sighted((), [poll(stream("a")), poll(stream("a", CABIN), server_id=CABIN)], START)
    later = START + timedelta(minutes=9)
    assert sighted(seen, [poll(stream("a"), stream("b"))], later) == (
        Sighting(CABIN, "a", START),
        Sighting(HOME, "a", START),
        Sighting(HOME, "b", later),
    )
    assert sighted(seen, [poll()], later) == (Sighting(CABIN, "a", START),)


def test_a_first_sight_is_never_in_the_future() -> None:
    seen = sighted((), [poll(stream("a"))], START)
    earlier = START - timedelta(hours=1)
    assert sighted(seen, [poll(stream("a"))], earlier) == (Sighting(HOME, "a", earlier),)
