"""Videos opened by libav with as little reading as possible."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.container import InputContainer
from av.stream import Discard, Disposition

from earshelf.adapters.libav.truncation import check_complete
from earshelf.domain.errors import VideoUnusable

# Formats that hold a film in one file. Playlists, pictures and lists of other files are not among them.
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,flv,live_flv,asf,ogg,rm,nut,mxf,wtv,dv,gxf,ivf,"
    "h264,hevc,vvc,av1,obu,mpegvideo,m4v,vc1,rawvideo,mp3,aac,flac,wav,ape,aiff,mpc,ac3,eac3,dts,truehd"
)
INDEXED = frozenset({"mov", "matroska", "avi"})
LITTLE_PROBING = {"probesize": "32", "fpsprobesize": "0"}
USUAL_FRAME = 1 / 25
LONGEST_FRAME = 60.0

if TYPE_CHECKING:
    VideoPacket = av.Packet[av.VideoStream]
else:
    VideoPacket = av.Packet


@dataclass(frozen=True, slots=True)
class Film:
    """An open video: its picture stream, and what is read from its head.

    ``name`` is what people know it by; ``frame`` is the time of one picture in seconds.
    """

    name: str
    container: InputContainer
    stream: av.VideoStream
    frame: float

    @property
    def kind(self) -> str:
        """The first of the names that libav has for the container's format."""
        return self.container.format.name.partition(",")[0]

    @property
    def unit(self) -> float:
        """Seconds in one unit of the stream's clock."""
        return float(self.stream.time_base or 0) or 1 / 90_000


@contextmanager
def opened(path: str) -> Iterator[Film]:
    """Opens a file by its path, whatever its name looks like, and looks at the end whether it is still the same.

    :raises VideoUnusable: it is missing, empty, not complete, no video, or another file lies there in the end.
    """
    name = f"'{path}'"
    descriptor = _descriptor(path, name)
    try:
        before = _regular(descriptor, name)
        check_complete(descriptor, before.st_size, name)
        # by its descriptor, so that no name is taken for a protocol; libav's own 'fd:' reads megabytes at every seek
        with _container(f"file:/dev/fd/{descriptor}", {"protocol_whitelist": "file"}, name) as film:
            yield film
        _check_same(path, before, name)
    finally:
        os.close(descriptor)


@contextmanager
def opened_address(address: str) -> Iterator[Film]:
    """Opens a video that an HTTP server gives; only measurements do."""
    with _container(address, {"protocol_whitelist": "http,tcp"}, "the video") as film:
        yield film


def _descriptor(path: str, name: str) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as problem:
        raise VideoUnusable(f"{name} does not exist") from problem
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "its name cannot be used"
        raise VideoUnusable(f"{name} cannot be read: {reason}") from problem


def _regular(descriptor: int, name: str) -> os.stat_result:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise VideoUnusable(f"{name} is not a file")
    if not found.st_size:
        raise VideoUnusable(f"{name} is empty")
    return found


def _check_same(path: str, before: os.stat_result, name: str) -> None:
    try:
        after = Path(path).stat()
    except OSError as problem:
        raise VideoUnusable(f"{name} was taken away while it was read") from problem
    if _identity(after) != _identity(before):
        raise VideoUnusable(f"{name} was replaced or changed while it was read; try again when it is finished")


def _identity(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


@contextmanager
def _container(address: str, options: dict[str, str], name: str) -> Iterator[Film]:
    with _probed(address, options, name) as container:
        yield _film(container, name)


def _probed(address: str, options: dict[str, str], name: str) -> InputContainer:
    """Opens with little probing first: the heads of MP4 and Matroska say what others show in packets only."""
    container = _open(address, options | LITTLE_PROBING, name)
    if container.format.name.partition(",")[0] in INDEXED and _is_known(container):
        return container
    container.close()
    return _open(address, options, name)


def _open(address: str, options: dict[str, str], name: str) -> InputContainer:
    try:
        return av.open(address, "r", options=options | {"format_whitelist": FORMATS}, metadata_errors="replace")
    except (av.FFmpegError, ValueError, MemoryError) as problem:
        reason = getattr(problem, "strerror", None) or "its head is damaged"
        raise VideoUnusable(f"{name} is no video that can be read: {reason}") from problem


def _pictures(container: InputContainer) -> list[av.VideoStream]:
    still = Disposition.attached_pic | Disposition.timed_thumbnails
    return [one for one in container.streams.video if not one.disposition & still]


def _is_known(container: InputContainer) -> bool:
    decoders = [_decoder(one) for one in _pictures(container)]
    return any(one is not None and one.width and one.pix_fmt for one in decoders)


def _decoder(stream: av.VideoStream) -> av.VideoCodecContext | None:
    """Returns what decodes a stream, which for some codecs is nothing."""
    return stream.codec_context


def _film(container: InputContainer, name: str) -> Film:
    streams = _pictures(container)
    if not streams:
        kind = "holds sound only" if container.streams.audio else "holds no video"
        raise VideoUnusable(f"{name} {kind}")
    chosen = max(streams, key=lambda one: bool(one.disposition & Disposition.default))
    if _decoder(chosen) is None:
        raise VideoUnusable(f"{name} is in a format for which there is no decoder")
    for stream in container.streams:
        if stream is not chosen:
            stream.discard = Discard.all
    return Film(name, container, chosen, _frame_time(chosen))


def _frame_time(stream: av.VideoStream) -> float:
    for rate in (stream.guessed_rate, stream.average_rate):
        if rate and 1 / LONGEST_FRAME <= rate <= 1000:
            return float(1 / rate)
    return USUAL_FRAME
