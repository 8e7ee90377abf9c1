"""Where the pictures of a video's slots come from: which keyframe to start at, and how far to decode.

Times are seconds from the start of the video.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from earshelf.domain.previews import Accuracy

ROUNDING = 0.001
"""How far the times of a container may lie beside the true ones: Matroska counts in milliseconds."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Which pictures may stand for a slot.

    The first one to be decoded from ``earliest`` to ``latest`` does, both included; where there is none, the last one
    before. ``at_keyframe`` says whether the keyframe before the slot is such a picture, as far as the index knows.
    """

    slot: int
    earliest: float
    latest: float
    at_keyframe: bool


@dataclass(frozen=True, slots=True)
class Pass:
    """Slots that are served by decoding forward from one keyframe, in order; ``keyframe`` is its number."""

    keyframe: int
    aims: tuple[Aim, ...]

    @property
    def is_keyframe_only(self) -> bool:
        """Whether nothing behind the keyframe needs to be decoded."""
        return all(aim.at_keyframe for aim in self.aims)


def plan(
    keyframes: Sequence[float], slots: int, interval: float, accuracy: Accuracy, half_frame: float
) -> Iterator[Pass]:
    """Gives the passes that serve every slot once, in order of time; one pass for every GOP that is needed.

    ``keyframes`` are the times of at least one keyframe, ascending. ``fast`` takes the keyframe before the slot where
    it is at most half an interval early, else the next one where it is less than that late; ``exact`` the last
    picture not after the slot's time. Slots before the first keyframe show it.
    """
    aims = (_aim(keyframes, slot, interval, accuracy, half_frame) for slot in range(slots))
    for keyframe, group in groupby(aims, key=lambda pair: pair[0]):
        yield Pass(keyframe, tuple(aim for _, aim in group))


def _aim(
    keyframes: Sequence[float], slot: int, interval: float, accuracy: Accuracy, half_frame: float
) -> tuple[int, Aim]:
    time = slot * interval
    is_fast = accuracy is Accuracy.FAST
    late = half_frame if is_fast else min(half_frame, ROUNDING)
    early = interval / 2 if is_fast else late
    keyframe = max(0, bisect_right(keyframes, time + late) - 1)
    # what lies before the start was cut off, though the first pictures may build on it
    earliest = time - early if slot else -late
    latest = max(time + late, keyframes[0])
    at_keyframe = keyframes[keyframe] >= earliest
    # half a frame short of the middle: the keyframe there, should it be early for the next slot, is not shown twice
    if is_fast and not at_keyframe and _is_due(keyframes, keyframe + 1, time + early - half_frame):
        return keyframe + 1, Aim(slot, earliest, time + early - half_frame, at_keyframe=True)
    return keyframe, Aim(slot, earliest, latest, at_keyframe=at_keyframe)


def _is_due(keyframes: Sequence[float], number: int, time: float) -> bool:
    return number < len(keyframes) and keyframes[number] <= time


class Pursuit:
    """Tells, packet by packet in decoding order, which pictures of a pass are shown; the others may be left out."""

    def __init__(self, aims: Iterable[Aim]) -> None:
        self._open = list(aims)
        self._times: set[float] = set()
        self.shown: dict[int, float] = {}

    @property
    def is_over(self) -> bool:
        """Whether the picture of every slot is known."""
        return not self._open

    def shows(self, time: float) -> bool:
        """Whether the picture of this time is known to be shown."""
        return time in self._times

    def may_begin_at(self, time: float) -> bool:
        """Whether decoding could begin at a keyframe of this time, as no open slot needs a picture before it."""
        return bool(self._open) and time <= self._open[0].latest

    def meet(self, time: float) -> bool:
        """Takes note of a picture when its packet is read, and tells whether it is shown, as far as that is certain."""
        due = takewhile(lambda aim: aim.earliest <= time, self._open)
        return self._settle(time, [aim for aim in due if time <= aim.latest])

    def decide(self, time: float, following: Iterable[float]) -> bool:
        """Whether a picture is shown, given the times of those that are decoded after it."""
        later = min((other for other in following if other > time), default=math.inf)
        due = (aim for aim in self._open if time <= aim.latest)
        return self._settle(time, list(takewhile(lambda aim: aim.latest < later, due)))

    def _settle(self, time: float, aims: list[Aim]) -> bool:
        if aims:
            self.shown.update((aim.slot, time) for aim in aims)
            self._times.add(time)
            self._open = [aim for aim in self._open if aim.slot not in self.shown]
        return time in self._times
