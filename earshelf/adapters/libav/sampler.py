"""The pictures of a video's slots, one seek for every group of pictures that is needed."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, dropwhile

import av

from earshelf.adapters.libav.gop import GopDecoder, SlotPicture, TimedPacket
from earshelf.adapters.libav.index import read_index
from earshelf.adapters.libav.lengths import slots_of, spoken
from earshelf.adapters.libav.opening import Film
from earshelf.adapters.libav.recovery import recovers_later
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Accuracy, PreviewSettings
from earshelf.domain.sampling import Pass, plan

MOST_STEPS_BACK = 3
LEAST_SHRINKING = 3
# what keyframes promise to draw anew is complete at the next, or somewhat later
SEASONING = 2
SPARED_SLOTS = 2
SPARED_SHARE = 0.02


class Sampler:
    """Takes the pictures of one film; ``alive`` is called again and again where that takes long.

    ``slots`` says how many there will be, ``is_easy`` whether keyframes suffice for all of them.

    :raises VideoUnusable: the film's index is damaged, or what it tells is absurd.
    """

    def __init__(self, film: Film, settings: PreviewSettings, threads: int, alive: Callable[[], None]) -> None:
        self._film = film
        self._settings = settings
        self._alive = alive
        self._index = read_index(film, alive)
        self.slots = slots_of(film, self._index, settings.interval)
        self._context = film.stream.codec_context
        self._context.options = {"skip_loop_filter": self._unsmoothed()}
        self._recovers = False
        self.is_easy = all(work.is_keyframe_only for work in self._plan())
        self._context.thread_count = 1 if self.is_easy else threads
        self._context.thread_type = "FRAME"

    def pictures(self) -> Iterator[tuple[int, av.VideoFrame | None]]:
        """Gives every slot's picture in order; a slot whose own cannot be decoded shows that of a neighbour.

        None means the picture of the slot before. No frame is held on to while the next is decoded: one may take 25 MB.

        :raises VideoUnusable: the film cannot be read on, or more than a few of its pictures cannot be decoded.
        """
        due, spoiled = 0, 0
        for slot, frame in self._found():
            spoiled += slot - due
            self._check_spoiled(spoiled, due)
            yield due, frame
            del frame
            yield from ((missed, None) for missed in range(due + 1, slot + 1))
            due = slot + 1
        self._check_spoiled(spoiled + self.slots - due, due)
        yield from ((missed, None) for missed in range(due, self.slots))

    def _check_spoiled(self, spoiled: int, due: int) -> None:
        if spoiled > max(SPARED_SLOTS, SPARED_SHARE * self.slots) or spoiled >= self.slots:
            place = spoken(due * self._settings.interval)
            raise VideoUnusable(f"{self._film.name} is damaged: {spoiled} pictures, at {place} last, cannot be decoded")

    def _unsmoothed(self) -> str:
        """Says which pictures need no loop filter.

        The edges it smooths vanish where several pixels become one. What is left out of pictures that others build
        on adds up with every one of them, so it is left out of these only where the way to the slot is short.
        """
        is_small = self._film.stream.codec_context.width >= LEAST_SHRINKING * self._settings.width
        if not is_small:
            return "default"
        return "all" if self._settings.accuracy is Accuracy.FAST else "bidir"

    def _plan(self) -> Iterator[Pass]:
        settings = self._settings
        return plan(self._index.times, self.slots, settings.interval, settings.accuracy, self._film.frame / 2)

    def _found(self) -> Iterator[SlotPicture]:
        waiting = deque(self._plan())
        while waiting:
            work = waiting.popleft()
            # what begins so far before its own keyframe would decode most of the pass before again
            while self._recovers and waiting and waiting[0].keyframe - work.keyframe <= SEASONING:
                work = Pass(work.keyframe, work.aims + waiting.popleft().aims)
            try:
                yield from self._served(work, MOST_STEPS_BACK)
            except (av.FFmpegError, MemoryError) as problem:
                place = spoken(work.aims[0].slot * self._settings.interval)
                reason = getattr(problem, "strerror", None) or "memory does not suffice"
                raise VideoUnusable(f"{self._film.name} cannot be read at {place}: {reason}") from problem

    def _served(self, work: Pass, steps: int) -> Iterator[SlotPicture]:
        """Serves a pass; what its keyframe turns out to be too late for begins at the one before."""
        packets = self._packets(work.keyframe)
        first = next(packets, None)
        self._recovers = self._recovers or bool(first and recovers_later(self._context, first[1]))
        if self._recovers and work.keyframe:
            yield from self._recovered(work)
            return
        late = sum(first is None or aim.latest < first[0] for aim in work.aims)
        if late and work.keyframe and steps:
            yield from self._served(Pass(work.keyframe - 1, work.aims[:late]), steps - 1)
            if work.aims[late:]:
                yield from self._served(Pass(work.keyframe, work.aims[late:]), 0)
        elif first:
            aims = tuple(replace(aim, latest=max(aim.latest, first[0])) for aim in work.aims)
            pictures = self._decoded(replace(work, aims=aims), first, packets, can_skip=self._index.has_stamps)
            if picture := next(pictures, None):
                yield from chain([picture], pictures)
            elif work.keyframe and self._index.has_stamps:
                whole = tuple(replace(aim, earliest=max(aim.earliest, first[0])) for aim in aims)
                yield from self._seasoned(replace(work, aims=whole))

    def _decoded(
        self, work: Pass, first: TimedPacket, packets: Iterator[TimedPacket], *, can_skip: bool
    ) -> Iterator[SlotPicture]:
        decoder = GopDecoder(self._context, work, self._time_of(first), can_skip=can_skip)
        return decoder.pictures(chain([first], packets))

    def _recovered(self, work: Pass) -> Iterator[SlotPicture]:
        """Serves a pass whose keyframe is whole for who saw those before it."""
        packets = self._packets(max(0, work.keyframe - SEASONING))
        if first := next(packets, None):
            # what is shown before is not certain to be whole
            whole = self._index.times[work.keyframe]
            aims = tuple(replace(aim, earliest=min(max(aim.earliest, whole), aim.latest)) for aim in work.aims)
            yield from self._decoded(replace(work, aims=aims), first, packets, can_skip=False)

    def _seasoned(self, work: Pass) -> Iterator[SlotPicture]:
        """Serves a pass whose keyframe gave nothing, perhaps as it builds on those before it."""
        packets = self._packets(max(0, work.keyframe - SEASONING))
        first = next(packets, None)
        meant = {aim.slot: aim for aim in work.aims}
        for slot, frame in self._decoded(work, first, packets, can_skip=False) if first else ():
            # pictures from before a damage do not stand for what is damaged
            if frame.pts is not None and meant[slot].earliest <= self._seconds(frame.pts) <= meant[slot].latest:
                yield slot, frame

    def _packets(self, keyframe: int) -> Iterator[TimedPacket]:
        """Gives what follows a keyframe; packets without a time count on from it."""
        self._index.seek(self._film, keyframe)
        counted = self._index.times[keyframe]
        following = (packet for packet in self._film.container.demux(self._film.stream) if packet.size)
        for packet in dropwhile(lambda one: not one.is_keyframe, following):
            self._alive()
            stamp = packet.dts if packet.pts is None else packet.pts
            yield counted if stamp is None else self._seconds(stamp), packet
            counted += self._film.frame

    def _time_of(self, first: TimedPacket) -> Callable[[av.VideoFrame], float]:
        counted = first[0] - self._film.frame

        def time_of(frame: av.VideoFrame) -> float:
            nonlocal counted
            counted += self._film.frame
            stamp = frame.dts if frame.pts is None else frame.pts
            return counted if stamp is None else self._seconds(stamp)

        return time_of

    def _seconds(self, stamp: int) -> float:
        return (stamp - self._index.start) * self._film.unit
