"""The rows besides the plain races: bytes, a slow source, memory, two films at once."""

import io
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av

from benchmarks.previews import cases, yardstick
from benchmarks.previews.clips import CLIPS, made

_SHORT = 30
# wide light, so that the worker has its tables
_EARLIER = "hevc-hdr10-2s"
_BOTH = ("fast", "exact")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; all of it as text."""

    case: str
    theirs: str
    ours: str
    gain: str
    target: str


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the films lie, how long they are, and how often a race is run."""

    clips: Path
    seconds: int
    repeats: int
    interval: int
    warm: bool
    grain: int

    def film(self, name: str) -> Path:
        """Returns a film, made now where it is not there yet."""
        return made(CLIPS[name], self.clips, self.seconds, self.grain)

    @property
    def warming(self) -> list[str]:
        """How our program is told to start its workers before it is measured."""
        return ["--warm", str(made(CLIPS[_EARLIER], self.clips, _SHORT, self.grain))] if self.warm else []


def told_by(module: str, *words: str) -> dict[str, Any]:
    """Runs one of our programs and returns what it printed."""
    line = [sys.executable, "-m", f"benchmarks.previews.{module}", *words]
    return dict(json.loads(subprocess.run(line, check=True, stdout=subprocess.PIPE).stdout))


def ours(bench: Bench, *videos: Path, accuracy: str = "fast", threads: int = 1) -> tuple[dict[str, Any], int]:
    """Runs our side; returns what it told and how many distinct pictures the first film gave."""
    with tempfile.TemporaryDirectory(prefix="earshelf-bench-") as folder:
        words = ["--out", folder, "--accuracy", accuracy, "--threads", str(threads), "--interval", str(bench.interval)]
        told = told_by("ours", *map(str, videos), *words, *bench.warming)
        return told, distinct(Path(folder) / "0")


def distinct(folder: Path) -> int:
    """Returns how many of the pictures in a folder differ."""
    return len({path.read_bytes() for path in folder.glob("*.jpg")})


def race(bench: Bench, case: cases.Case) -> Row:
    """Runs both sides in turns and compares the medians."""
    video, theirs, mine, counts = bench.film(case.clip), [], [], set()
    for _ in range(bench.repeats):
        with tempfile.TemporaryDirectory(prefix="earshelf-bench-") as folder:
            out = Path(folder) / "theirs"
            theirs.append(
                yardstick.run(str(video), out, interval=bench.interval, threads=case.threads, is_hdr=case.is_hdr)
            )
            found = distinct(out)
        told, count = ours(bench, video, accuracy=case.accuracy, threads=case.threads)
        mine.append(yardstick.Cost(told["wall"], told["cpu"]))
        counts.add((found, count))
    them, us = _median(theirs), _median(mine)
    pictures = "; ".join(f"{a}/{b}" for a, b in sorted(counts))
    gain = f"{them.wall / us.wall:.2f}x {them.cpu / us.cpu:.2f}x"
    return Row(f"{case.name} [{pictures} pictures]", _spelled(them), _spelled(us), gain, f">= {case.target}x")


def bytes_read(bench: Bench) -> Row:
    """Holds what a worker reads against the keyframe packets that it shows, and the index."""
    video = bench.film(cases.KEYED)
    told, _ = ours(replace(bench, warm=True), video)
    needed = _keyframe_bytes(video, bench.interval) + _box_bytes(video, b"moov")
    size = video.stat().st_size
    return Row(
        "bytes read, keyframes suffice",
        f"{2 * size / 1e6:.0f} MB (the file twice)",
        f"{told['read'] / 1e6:.1f} MB",
        f"{told['read'] / needed:.2f} of {needed / 1e6:.1f} MB",
        f"<= {cases.MOST_READ}",
    )


def _keyframe_bytes(video: Path, interval: int) -> int:
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        packets = [one for one in container.demux(stream) if one.is_keyframe and one.size and one.pts is not None]
        unit, begin = float(stream.time_base or 0), packets[0].pts or 0
        keyed = [((one.pts or 0) - begin) * unit for one in packets]
        last = float((stream.duration or 0) * unit)
        slots = range(max(1, -int(-last // interval)))
        # half a frame late still is on time
        shown = {max(at for at, time in enumerate(keyed) if time <= slot * interval + 0.02) for slot in slots}
        return sum(packets[at].size for at in shown)


def _box_bytes(video: Path, name: bytes) -> int:
    """Returns the size of a box of the file's top level."""
    with video.open("rb") as file:
        while head := file.read(8):
            size = int.from_bytes(head[:4], "big")
            skipped = 8
            if size == 1:
                size, skipped = int.from_bytes(file.read(8), "big"), 16
            if head[4:] == name:
                return size
            file.seek(size - skipped, io.SEEK_CUR)
    return 0


def slow_source(bench: Bench) -> Row:
    """Lets both sides read through one server that gives 20 MB a second."""
    video = bench.film(cases.KEYED)
    with _served(video) as address, tempfile.TemporaryDirectory(prefix="earshelf-bench-") as folder:
        them = yardstick.run(address, Path(folder) / "theirs", interval=bench.interval, threads=1, is_hdr=False)
        words = ["--out", f"{folder}/ours", "--interval", str(bench.interval)]
        mine = told_by("direct", address, *words)
        pictures = f"{distinct(Path(folder) / 'theirs')}/{distinct(Path(folder) / 'ours')}"
    us = yardstick.Cost(mine["wall"], mine["cpu"])
    name = f"fast, a source of 20 MB/s [{pictures} pictures]"
    return Row(name, _spelled(them), _spelled(us), f"{them.wall / us.wall:.2f}x", f">= {cases.SLOW_GAIN}x")


@contextmanager
def _served(video: Path) -> Iterator[str]:
    line = [sys.executable, "-m", "benchmarks.previews.slow_server", str(video), str(cases.SLOW_RATE)]
    with subprocess.Popen(line, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}/{video.name}"
        finally:
            server.terminate()


def memory(bench: Bench) -> Iterator[Row]:
    """Asks workers for the most memory that they ever held."""
    for name, clip, most in cases.MEMORY:
        kib = max(ours(bench, bench.film(clip), accuracy=accuracy, threads=2)[0]["peak_kib"] for accuracy in _BOTH)
        yield Row(name, "", f"{kib / 1024:.0f} MB", "", f"<= {most} MB")


def pair(bench: Bench) -> Row:
    """Compares two workers on two films with two separate processes, each against one after the other."""
    first, second = (bench.film(name) for name in cases.PAIR)
    alone, together, apart = [], [], []
    for _ in range(bench.repeats):
        alone.append(sum(ours(bench, video)[0]["wall"] for video in (first, second)))
        together.append(ours(bench, first, second)[0]["wall"])
        apart.append(_apart(bench, first, second))
    one, two, split = map(statistics.median, (alone, together, apart))
    share = f"{split / two:.2f} of the gain"
    processes, workers = f"{split:.2f} s ({one / split:.2f}x)", f"{two:.2f} s ({one / two:.2f}x)"
    return Row("two films: processes, workers", processes, workers, share, f">= {cases.SHARE_OF_PROCESSES}")


def _apart(bench: Bench, *videos: Path) -> float:
    with tempfile.TemporaryDirectory(prefix="earshelf-bench-") as folder:
        line = [sys.executable, "-m", "benchmarks.previews.ours", "--interval", str(bench.interval), "--out"]
        running = [
            subprocess.Popen([*line, f"{folder}/{at}", str(video), *bench.warming], stdout=subprocess.PIPE)
            for at, video in enumerate(videos)
        ]
        return max(float(json.loads(process.communicate()[0])["wall"]) for process in running)


def _median(costs: list[yardstick.Cost]) -> yardstick.Cost:
    return yardstick.Cost(statistics.median(each.wall for each in costs), statistics.median(each.cpu for each in costs))


def _spelled(cost: yardstick.Cost) -> str:
    return f"{cost.wall:.2f} / {cost.cpu:.2f} s"
