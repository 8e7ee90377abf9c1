"""What of a stream is news to somebody who saw it some time ago; that it plays on is none."""

from dataclasses import replace
from datetime import timedelta

from earshelf.domain.streams import PlayState, Stream

SLACK = timedelta(seconds=15)
"""How far a position may be from where it is expected: servers hear of it from players every ten seconds."""


def tells_the_same(before: Stream, after: Stream, elapsed: timedelta) -> bool:
    """Whether a stream is as somebody expects it who saw it that long ago, and moves its position with the clock."""
    return settled(before) == settled(after) and abs(_position(after) - expected_position(before, elapsed)) <= SLACK


def expected_position(stream: Stream, elapsed: timedelta) -> timedelta:
    """Returns where a stream is that was seen so long ago: what plays goes on, and ends with its end."""
    position = _position(stream)
    if stream.state is not PlayState.PLAYING:
        return position
    there = position + elapsed
    return there if stream.duration_ms is None else min(there, max(position, _time(stream.duration_ms)))


def settled(stream: Stream) -> Stream:
    """Returns a stream without what moves by itself: its position, and how far its conversion has come."""
    details = stream.details
    if details.converted is not None:
        details = replace(details, converted=replace(details.converted, progress=None))
    return replace(stream, position_ms=0, details=details)


def _position(stream: Stream) -> timedelta:
    return _time(stream.position_ms)


def _time(milliseconds: int) -> timedelta:
    # a server may say anything; longer than this nothing plays
    return timedelta(milliseconds=min(milliseconds, 10**12))
