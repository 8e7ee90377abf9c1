"""The films that are measured: made once by the ffmpeg program, the same every time, kept in a folder.

Half test card, half a slow fractal under mild grain, cut at irregular times: neither trivial nor noise. HEVC takes a
minute of the processor per second or two to encode, so two minutes of it are encoded and then repeated.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

RATE = 24
ENCODED_SECONDS = 120
GRAIN = 4
ROUND = 37
CUTS = (0, 3, 11, 24, 31)
"""The scenes change at these seconds of every round of 37: 3, 8, 13, 7 and 6 seconds long."""

_SHOWS_FRACTAL = "lt(mod(t,37),3)+between(mod(t,37),11,24)+gte(mod(t,37),31)"
# the cheapest preset with back what makes decoding dear: arithmetic coding, deblocking, B-frames, 8x8 transforms
_X264 = "cabac=1:no-deblock=0:8x8dct=1:bframes=2:b-adapt=0:ref=2:weightp=0:scenecut=0"
_HDR10 = (
    "hdr10=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:max-cll=1000,400"
    ":master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
)


_QUIETLY = ("-v", "error", "-nostdin", "-y")


@dataclass(frozen=True, slots=True)
class Clip:
    """One film: its codec, the longest time between two keyframes, and whether scenes begin with one.

    ``coarseness`` is the encoder's CRF.
    """

    name: str
    codec: str
    most_gap: int
    keyed_scenes: bool = False
    size: tuple[int, int] = (1920, 1080)
    ending: str = "mp4"
    seconds: int | None = None
    coarseness: int = 23


CLIPS = {
    clip.name: clip
    for clip in (
        Clip("h264-4s", "h264", 4),
        Clip("h264-2s", "h264", 2),
        Clip("h264-gaps", "h264", 10, keyed_scenes=True),
        Clip("h264-4s-light", "h264", 4, coarseness=35),
        Clip("h264-2s-light", "h264", 2, coarseness=35),
        Clip("hevc-hdr10-2s", "hevc", 2, ending="mkv", coarseness=22),
        Clip("hevc-hdr10-2s-light", "hevc", 2, ending="mkv", coarseness=30),
        Clip("hevc-hdr10-gaps", "hevc", 10, keyed_scenes=True, ending="mkv", coarseness=22),
        Clip("hevc-hdr10-4k", "hevc", 2, size=(3840, 2160), ending="mkv", seconds=20, coarseness=22),
    )
}


def place(clip: Clip, folder: Path, seconds: int, grain: int) -> Path:
    """Returns where a clip lies, or would lie."""
    rough = "" if grain == GRAIN else f"-grain{grain}"
    return folder / f"{clip.name}-{clip.seconds or seconds}s{rough}.{clip.ending}"


def made(clip: Clip, folder: Path, seconds: int, grain: int) -> Path:
    """Returns the clip's file, made now where it is not there yet; more ``grain`` makes for more bits."""
    length = clip.seconds or seconds
    path = place(clip, folder, seconds, grain)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f"half-{path.name}")
        is_repeated = clip.codec == "hevc" and length > ENCODED_SECONDS
        part = made(clip, folder, ENCODED_SECONDS, grain) if is_repeated else None
        words = _repeating(part, length) if part else _arguments(clip, length, grain)
        subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *_QUIETLY, *words, str(half)], check=True)
        half.rename(path)
    return path


def bitrate(path: Path, seconds: int) -> float:
    """Returns megabits per second."""
    return path.stat().st_size * 8 / seconds / 1e6


def _repeating(part: Path, seconds: int) -> list[str]:
    times = -(-seconds // ENCODED_SECONDS) - 1
    return ["-stream_loop", str(times), "-i", str(part), "-c", "copy", "-t", str(seconds)]


def _arguments(clip: Clip, seconds: int, grain: int) -> list[str]:
    # shorter than the pictures: frames of sound would make the film longer than they are
    sound = f"anoisesrc=r=48000:a=0.05:c=pink:d={seconds - 1}"
    inputs = ["-f", "lavfi", "-i", _pictures(clip, seconds, grain), "-f", "lavfi", "-i", sound]
    length = ["-t", str(seconds), "-c:a", "aac", "-b:a", "128k", "-g", str(clip.most_gap * RATE)]
    scenes = ["-force_key_frames", ",".join(map(str, _cuts(seconds)))] if clip.keyed_scenes else []
    return [*inputs, *length, *scenes, *_encoder(clip)]


def _pictures(clip: Clip, seconds: int, grain: int) -> str:
    width, height = clip.size
    fractal = f"mandelbrot=s=480x270:r={RATE}:maxiter=600:end_scale=0.00001:end_pts={seconds * RATE}"
    layout = "yuv420p10le" if clip.codec == "hevc" else "yuv420p"
    return (
        f"testsrc2=s={width}x{height}:r={RATE}[card];{fractal},scale={width}:{height}:flags=bilinear,format=yuv420p"
        f"[fractal];[card][fractal]overlay=enable='{_SHOWS_FRACTAL}',noise=alls={grain}:allf=t,format={layout}"
    )


def _encoder(clip: Clip) -> Sequence[str]:
    coarse = ["-crf", str(clip.coarseness)]
    if clip.codec == "h264":
        return ["-c:v", "libx264", "-preset", "ultrafast", *coarse, "-x264-params", _X264]
    gap = clip.most_gap * RATE
    keys = f"log-level=none:keyint={gap}:min-keyint=1:scenecut=0:bframes=3:{_HDR10}"
    return ["-c:v", "libx265", "-preset", "ultrafast", *coarse, "-x265-params", keys]


def _cuts(seconds: int) -> list[int]:
    rounds = range(0, seconds, ROUND)
    return [begin + cut for begin in rounds for cut in CUTS if begin + cut < seconds]
