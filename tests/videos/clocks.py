"""Luma clocks: films in which every picture tells its own number by three bands of grey."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

BASE = 12
DARKEST = 16
STEP = 18
SIZE = (96, 72)
TICKS = 1000


@dataclass(frozen=True, slots=True)
class Clock:
    """How a clock runs: pictures per second, pictures from keyframe to keyframe, seconds before the first one.

    ``times`` are those of the pictures where they do not come evenly. ``extra`` is what the file holds besides:
    ``sound``, a ``cover``, ``noise`` in the colours, ``fragments`` where an MP4 would have an index, or nothing
    that is known in the end only, as with Matroska that is written ``live``. With ``refresh`` all keyframes but
    the first are pictures from which on, column by column, everything is drawn anew.
    """

    seconds: float = 12
    gop: int = 24
    rate: int = 24
    start: float = 0.0
    codec: str = "libx264"
    b_frames: int = 2
    times: tuple[float, ...] = ()
    extra: str = ""

    @property
    def moments(self) -> list[float]:
        """When every picture is shown, in seconds from the first."""
        return list(self.times) or [number / self.rate for number in range(round(self.seconds * self.rate))]


def written(path: Path, clock: Clock) -> Path:
    """Writes a clock; the name's ending says in which container."""
    with av.open(str(path), "w", options=_container_options(path, clock)) as container:
        stream = _stream(container, clock)
        cover = _cover(container) if clock.extra == "cover" else []
        sound = (
            container.add_stream("aac" if path.suffix == ".mp4" else "mp2", rate=48000)
            if clock.extra == "sound"
            else None
        )
        packets = [packet for frame in _frames(clock) for packet in stream.encode(frame)] + stream.encode()
        for packet in packets[:1] + cover + packets[1:]:
            container.mux(packet)
        if sound is not None:
            container.mux(_silence(sound, clock.seconds / 2))
    return path


def sound_only(path: Path) -> Path:
    """Writes a second of silence."""
    with av.open(str(path), "w") as container:
        container.mux(_silence(container.add_stream("aac", rate=48000), 1.0))
    return path


def number_in(jpeg: bytes) -> int:
    """Reads which picture of a clock a thumbnail shows."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        picture.draft("L", picture.size)
        grey = np.asarray(picture.convert("L"), np.float64)
    bands = np.array_split(grey, 3)
    digits = [round(float(band[len(band) // 4 : -(len(band) // 4)].mean()) * 219 / 255 / STEP) for band in bands]
    return digits[0] + BASE * digits[1] + BASE * BASE * digits[2]


def _container_options(path: Path, clock: Clock) -> dict[str, str]:
    if path.suffix != ".mp4":
        return {"live": "1"} if clock.extra == "live" else {}
    return {"movflags": "+frag_keyframe+empty_moov" if clock.extra == "fragments" else "+faststart"}


def _stream(container: Any, clock: Clock) -> Any:
    options = {
        "crf": "12",
        "preset": "ultrafast",
        "sc_threshold": "0",
        "bf": str(clock.b_frames),
        "b-pyramid": "normal",
        "intra-refresh": str(int(clock.extra == "refresh")),
    }
    if clock.codec == "libx265":
        said = f"keyint={clock.gop}:min-keyint={clock.gop}:scenecut=0:bframes={clock.b_frames}:log-level=none:pools=1"
        options = {"crf": "12", "preset": "ultrafast", "x265-params": said}
    stream = container.add_stream(clock.codec, rate=clock.rate, options=options)
    stream.width, stream.height = SIZE
    stream.pix_fmt = "yuv420p"
    stream.gop_size = clock.gop
    stream.codec_context.time_base = Fraction(1, TICKS)
    stream.time_base = Fraction(1, TICKS)
    return stream


def _frames(clock: Clock) -> Iterator[av.VideoFrame]:
    chance = np.random.default_rng(1) if clock.extra == "noise" else None
    for number, moment in enumerate(clock.moments):
        frame = av.VideoFrame.from_ndarray(_picture(number, chance), format="yuv420p")
        frame.pts, frame.time_base = round((clock.start + moment) * TICKS), Fraction(1, TICKS)
        yield frame


def _picture(number: int, chance: np.random.Generator | None = None) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    width, height = SIZE
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    for band in range(3):
        digit = number // BASE**band % BASE
        planes[band * height // 3 : (band + 1) * height // 3] = DARKEST + digit * STEP
    if chance:
        planes[height:] = chance.integers(64, 192, (height // 2, width), np.uint8)
    return planes


def _cover(container: Any) -> list[Any]:
    stream = container.add_stream("mjpeg", rate=1)
    stream.width, stream.height, stream.pix_fmt = 64, 64, "yuvj420p"
    stream.disposition = av.stream.Disposition.attached_pic
    frame = av.VideoFrame(64, 64, "yuvj420p")
    frame.pts = 0
    packets: list[Any] = [*stream.encode(frame), *stream.encode()]
    return packets


def _silence(stream: Any, seconds: float) -> list[Any]:
    frames = []
    for at in range(0, round(seconds * 48000), 1024):
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48000, at, Fraction(1, 48000)
        frames.append(frame)
    resampler = av.AudioResampler(format=stream.codec_context.format, layout="stereo", rate=48000, frame_size=1152)
    ready = [one for frame in [*frames, None] for one in resampler.resample(frame)]
    return [packet for frame in [*ready, None] for packet in stream.encode(frame)]
