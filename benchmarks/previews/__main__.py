"""``python -m benchmarks.previews``: prints what thumbnails cost us and the ffmpeg program, in one run.

Times are seconds on the clock / of the processor, medians of runs in turns. Films are made once, which takes a while.
"""

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import imageio_ffmpeg

from benchmarks.previews import cases, rows
from benchmarks.previews.clips import CLIPS, GRAIN, bitrate, place
from benchmarks.previews.rows import Bench, Row

_WIDTHS = (58, 26, 18, 22)


def main() -> int:
    """Parses the command line and runs."""
    races = [f"{case.accuracy}:{case.clip}" for case in cases.SPEED]
    known = [*races, *cases.EXTRAS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.previews", description=__doc__)
    parser.add_argument(
        "--clips", type=Path, default=Path.home() / ".cache/earshelf-benchmarks", help="where films lie"
    )
    parser.add_argument("--seconds", type=int, default=600, help="length of the films")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each side in every race")
    parser.add_argument("--grain", type=int, default=GRAIN, help="noise in the films, 0 to 100: more makes more bits")
    parser.add_argument("--interval", type=int, default=5)
    parser.add_argument("--cold", action="store_true", help="count the start of our workers, which servers keep")
    parser.add_argument("--cases", default=",".join(known), help=f"by comma: {', '.join(known)}")
    options = parser.parse_args()
    wanted = options.cases.split(",")
    if unknown := set(wanted) - set(known):
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    bench = Bench(options.clips, options.seconds, options.repeats, options.interval, not options.cold, options.grain)
    _print(bench, wanted)
    return 0


def _print(bench: Bench, wanted: list[str]) -> None:
    print(f"{os.cpu_count()} cores, {platform.machine()}, PyAV {av.__version__}, ffmpeg", _release())
    workers = "kept from an earlier film" if bench.warm else "started for the film"
    print(f"films of {bench.seconds} s, a slot every {bench.interval} s; our workers are {workers}\n")
    _line(Row("case", "ffmpeg", "earshelf", "gain", "target"))
    for row in _rows(bench, wanted):
        _line(row)
    print()
    for clip in CLIPS.values():
        length = clip.seconds or bench.seconds
        path = place(clip, bench.clips, bench.seconds, bench.grain)
        if path.exists():
            print(f"{clip.name}: {bitrate(path, length):.1f} Mbit/s")


def _rows(bench: Bench, wanted: list[str]) -> Iterator[Row]:
    for case in cases.SPEED:
        if f"{case.accuracy}:{case.clip}" in wanted:
            yield rows.race(bench, case)
    if "bytes" in wanted:
        yield rows.bytes_read(bench)
    if "slow" in wanted:
        yield rows.slow_source(bench)
    if "memory" in wanted:
        yield from rows.memory(bench)
    if "pair" in wanted:
        yield rows.pair(bench)


def _line(row: Row) -> None:
    cells = (row.case, row.theirs, row.ours, row.gain)
    fitted = (f"{cell:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))
    print("".join(fitted) + row.target, flush=True)


def _release() -> str:
    return str(imageio_ffmpeg.get_ffmpeg_version())


if __name__ == "__main__":
    sys.exit(main())
