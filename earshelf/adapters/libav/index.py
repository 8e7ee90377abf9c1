"""Where a video's keyframes lie, read from its container or, where that does not tell, from all its packets."""

from array import array
from collections.abc import Callable, Iterator, MutableSequence
from dataclasses import dataclass, field

import av

from earshelf.adapters.libav.opening import INDEXED, Film, VideoPacket
from earshelf.adapters.libav.truncation import broken_off
from earshelf.domain.errors import VideoUnusable

MOST_ENTRIES = 20_000_000
NEAR_START_FRAMES = 2
SPARSE = 60.0
# libav finds no place in ASF but by time
SOUGHT_BY_TIME = INDEXED | {"asf"}


@dataclass(slots=True)
class KeyframeIndex:
    """The keyframes of a video in order.

    ``times`` are seconds from ``start``, which is in units of the stream's clock; what they are looked up by is a
    time stamp or, with ``is_by_place``, an offset in the file. ``has_stamps`` says whether packets tell when they are
    shown. ``end`` is where the pictures end, as far as is known.
    """

    start: int
    is_by_place: bool = False
    has_stamps: bool = True
    times: MutableSequence[float] = field(default_factory=lambda: array("d"))
    keys: MutableSequence[int] = field(default_factory=lambda: array("q"))
    end: float | None = None

    def add(self, film: Film, stamp: int, key: int) -> None:
        """Adds a keyframe; one that is not later than those before comes after a break, where time starts anew."""
        time = (stamp - self.start) * film.unit
        if not self.times or time > self.times[-1]:
            self.times.append(time)
            self.keys.append(key)

    def seek(self, film: Film, number: int) -> None:
        """Moves to a keyframe; the next packet is its own, or one shortly before or behind it."""
        key = self.keys[number]
        if self.is_by_place:
            film.container.seek(key, stream=film.stream, unsupported_byte_offset=True)
        else:
            # MP4 looks backward by the time of showing, forward by the time of decoding, which is what its index has
            film.container.seek(key, stream=film.stream, backward=False)


def read_index(film: Film, alive: Callable[[], None]) -> KeyframeIndex:
    """Reads where the keyframes lie; calls ``alive`` again and again where that takes long.

    :raises VideoUnusable: no keyframe can be found, or what the container tells is absurd.
    """
    try:
        index = _stored(film) if film.kind in INDEXED else None
        index = index or _scanned(film, alive)
    except (av.FFmpegError, MemoryError, OverflowError) as problem:
        raise VideoUnusable(f"{film.name} cannot be read: its index is damaged") from problem
    if not index.times:
        raise VideoUnusable(f"{film.name} holds no picture that could be decoded")
    return index


def _stored(film: Film) -> KeyframeIndex | None:
    """Reads the index of the container; None where it is missing or not complete."""
    # Matroska loads its index with the first seek
    film.container.seek(film.stream.start_time or 0, stream=film.stream)
    first = next(_packets(film), None)
    entries = film.stream.index_entries
    if first is None or len(entries) < 1:
        return None
    if len(entries) > MOST_ENTRIES:
        raise VideoUnusable(f"{film.name} claims to hold {len(entries)} pictures")
    _check_reach(film)
    index = _from_entries(film, first)
    return index if _is_complete(film, index) else None


def _from_entries(film: Film, first: VideoPacket) -> KeyframeIndex:
    stamps = array("q", sorted({one.timestamp for one in film.stream.index_entries if one.is_keyframe}))
    shown = _stamp(first) or 0
    index = KeyframeIndex(
        _start(film, shown, is_cut_off=first.is_discard), has_stamps=first.pts is not None, keys=stamps
    )
    # MP4 and AVI note when a picture is decoded; it is shown somewhat later
    shift = shown - stamps[0] - index.start if stamps else 0
    index.times.extend((stamp + shift) * film.unit for stamp in stamps)
    entries = film.stream.index_entries
    index.end = (entries[len(entries) - 1].timestamp + shift) * film.unit
    return index


def _check_reach(film: Film) -> None:
    """Refuses a film whose index names pictures behind the end of its file; what follows its head was cut off."""
    entries = film.stream.index_entries
    last = entries[len(entries) - 1]
    if film.container.size and last.pos + last.size > film.container.size:
        raise broken_off(film.name, film.container.size, last.pos + last.size)


def _is_complete(film: Film, index: KeyframeIndex) -> bool:
    """Whether the index reaches to the end: one that was gathered from the first packets does not."""
    if not index.times or index.end is None:
        return False
    if film.stream.frames:
        return True
    if film.container.duration is None:
        return False
    whole = film.container.duration / av.time_base
    gaps = max((after - before for before, after in zip(index.times, index.times[1:], strict=False)), default=0.0)
    return whole - index.end <= max(SPARSE, 4 * gaps)


def _start(film: Film, first: int, *, is_cut_off: bool = False) -> int:
    """Returns the stamp of the first picture; a stream may begin with some that have no keyframe, or are cut off."""
    begin = film.stream.start_time
    if begin is None:
        return first
    if not is_cut_off and abs(first - begin) * film.unit <= NEAR_START_FRAMES * film.frame:
        return first
    return begin


def _scanned(film: Film, alive: Callable[[], None]) -> KeyframeIndex:
    """Reads the heads of all packets; those that tell no time count on from the one before."""
    if film.kind in INDEXED:
        film.container.seek(film.container.start_time or 0)
    step = max(1, round(film.frame / film.unit))
    index: KeyframeIndex | None = None
    stamp = -step
    place = 0
    for packet in _packets(film):
        alive()
        own = _stamp(packet)
        stamp = stamp + step if own is None else own
        if packet.is_keyframe and packet.pos is not None and packet.pos >= 0:
            index = index or KeyframeIndex(
                _start(film, stamp), is_by_place=film.kind not in SOUGHT_BY_TIME, has_stamps=packet.pts is not None
            )
            index.add(film, stamp, _key(film, packet, place))
        place = packet.pos if packet.pos is not None else place
        if index:
            index.end = max(index.end or 0.0, (stamp - index.start) * film.unit + film.frame)
    return index or KeyframeIndex(0)


def _key(film: Film, packet: VideoPacket, before: int) -> int:
    """Returns what a packet is looked up by; of containers that may hold an index libav made one while reading."""
    if film.kind == "matroska" and packet.pts is not None:
        return packet.pts
    if film.kind in SOUGHT_BY_TIME and packet.dts is not None:
        return packet.dts
    # a picture may begin in the unit of a program stream that the one before ends in
    return before if film.kind == "mpeg" else packet.pos or 0


def _packets(film: Film) -> Iterator[VideoPacket]:
    """Gives what is left of the stream; the last one that libav gives is empty, and means the end."""
    return (packet for packet in film.container.demux(film.stream) if packet.size)


def _stamp(packet: VideoPacket) -> int | None:
    return packet.dts if packet.pts is None else packet.pts
