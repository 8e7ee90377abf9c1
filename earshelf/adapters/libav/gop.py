"""Decoding forward from one keyframe to the pictures that are shown, leaving out what nothing depends on."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

import av

from earshelf.adapters.libav.opening import VideoPacket
from earshelf.domain.sampling import Pass, Pursuit

# At most 16 pictures are decoded between one and the next that is shown; the rest is for streams that break the rule.
LOOK_AHEAD = 34

TimedPacket = tuple[float, VideoPacket]
SlotPicture = tuple[int, av.VideoFrame]


class GopDecoder:
    """Serves one pass; gives the picture of every slot in order.

    ``time_of`` says when a frame is shown. ``can_skip`` says whether packets tell that too: only then is it known
    before decoding what is shown.
    """

    def __init__(
        self,
        context: av.VideoCodecContext,
        work: Pass,
        time_of: Callable[[av.VideoFrame], float],
        *,
        can_skip: bool,
    ) -> None:
        self._context = context
        self._time_of = time_of
        self._can_skip = can_skip
        self._pursuit = Pursuit(work.aims)
        self._aims = deque(work.aims)
        self._line: deque[TimedPacket] = deque()
        self._before: tuple[float, av.VideoFrame] | None = None

    def pictures(self, packets: Iterable[TimedPacket]) -> Iterator[SlotPicture]:
        """Reads packets from the pass's keyframe on, only as many as it takes to know all pictures."""
        for time, packet in packets:
            self._queue(time, packet)
            if self._pursuit.is_over:
                break
            if len(self._line) > LOOK_AHEAD:
                yield from self._due(self._decoded(*self._line.popleft()))
        yield from self._drained()

    def _queue(self, time: float, packet: VideoPacket) -> None:
        if packet.is_keyframe and self._can_skip and not self._is_waiting and self._pursuit.may_begin_at(time):
            self._line.clear()
            self._context.flush_buffers()
        self._line.append((time, packet))
        self._pursuit.meet(time)

    @property
    def _is_waiting(self) -> bool:
        """Whether a picture is known that did not come out of the decoder yet."""
        return any(aim.slot in self._pursuit.shown for aim in self._aims)

    def _drained(self) -> Iterator[SlotPicture]:
        while self._line and not (self._pursuit.is_over and self._is_rest_needless()):
            yield from self._due(self._decoded(*self._line.popleft()))
        yield from self._due(self._decoded(0.0, None))
        self._context.flush_buffers()
        if self._before:
            yield from ((aim.slot, self._before[1]) for aim in self._aims)

    def _is_rest_needless(self) -> bool:
        return not any(self._pursuit.shows(time) for time, _ in self._line)

    def _decoded(self, time: float, packet: VideoPacket | None) -> list[av.VideoFrame]:
        is_shown = packet is None or self._pursuit.decide(time, (other for other, _ in self._line))
        self._context.skip_frame = "NONREF" if self._can_skip and not is_shown else "DEFAULT"
        try:
            return self._context.decode(packet)
        except av.error.InvalidDataError:
            return []

    def _due(self, frames: Iterable[av.VideoFrame]) -> Iterator[SlotPicture]:
        """Gives what the frames that came out decide; a damaged picture is stood for by its neighbour."""
        for frame in frames:
            time = self._time_of(frame)
            while self._aims and time >= (target := self._pursuit.shown.get(self._aims[0].slot, float("inf"))):
                yield self._aims.popleft().slot, self._nearest(target, time, frame)
            self._before = time, frame

    def _nearest(self, target: float, time: float, frame: av.VideoFrame) -> av.VideoFrame:
        if self._before and target - self._before[0] < time - target:
            return self._before[1]
        return frame
