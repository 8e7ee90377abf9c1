"""The yardstick: the ffmpeg program doing what generators around it do.

First a pass over all packets for the longest gap between keyframes; then one pass over the keyframes, or over all
pictures where a gap is longer than the interval. ``imageio-ffmpeg`` brings no ffprobe, so the first pass is
``-c copy -f framecrc``: it demultiplexes the whole file likewise and prints a line per packet, in the same release as
the second pass and quicker than ffprobe's writers.
"""

import os
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import imageio_ffmpeg

_NOT_KEY = "F=0x0"
_FIT = "scale=w=320:h=240:force_original_aspect_ratio=decrease"
_FOLD = (
    "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,"
    "format=yuv420p"
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the clock, and of the processor."""

    wall: float
    cpu: float


def run(video: str, folder: Path, *, interval: int, threads: int, is_hdr: bool) -> Cost:
    """Makes the pictures of a video, a path or an address, into a folder."""
    folder.mkdir(parents=True)
    begun = time.perf_counter()
    gap, probing = _longest_gap(video)
    chain = ",".join([f"fps=fps=1/{interval}:round=up", *([_FOLD] if is_hdr else []), _FIT])
    limits = ["-threads", str(threads), "-filter_threads", str(threads)]
    keyed = ["-skip_frame:v", "nokey"] if gap <= interval else []
    wanted = ["-an", "-sn", "-dn", "-q:v", "4", "-vf", chain, str(folder / "img-%06d.jpg")]
    making = _busy_of(_started([*limits, *keyed, "-i", video, *wanted]))
    return Cost(time.perf_counter() - begun, probing + making)


def _longest_gap(video: str) -> tuple[float, float]:
    """Returns the longest time between two keyframes, and the processor seconds that this took."""
    process = _started(["-i", video, "-map", "0:v:0", "-c", "copy", "-f", "framecrc", "-"], subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout as lines:
        times = list(_keyframes(line.decode() for line in lines))
    gaps = [after - before for before, after in pairwise(times)]
    return max(gaps, default=float("inf")), _busy_of(process)


def _keyframes(lines: Iterable[str]) -> Iterable[float]:
    """Reads lines of stream, dts, pts, duration, size, checksum, and flags where it is no keyframe."""
    unit = 1.0
    for line in lines:
        if line.startswith("#tb 0:"):
            numerator, denominator = line.partition(":")[2].split("/")
            unit = int(numerator) / int(denominator)
        elif not line.startswith("#") and _NOT_KEY not in line:
            yield int(line.split(",")[2]) * unit


def _started(words: list[str], output: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    program = imageio_ffmpeg.get_ffmpeg_exe()
    return subprocess.Popen([program, "-v", "error", "-nostdin", *words], stdout=output, stdin=subprocess.DEVNULL)


def _busy_of(process: subprocess.Popen[bytes]) -> float:
    """Waits for the end and returns the processor seconds."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"ffmpeg ended with {process.returncode}")
    return used.ru_utime + used.ru_stime
