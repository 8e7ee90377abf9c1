"""Our side of a measurement, as a program: ``python -m benchmarks.previews.ours VIDEO… --out DIR``.

Prints one JSON object: seconds from the call to the last picture, processor seconds of this process and its workers
in that time, what the workers read, and the most memory that one of them held. Workers are started within the
measured time unless ``--warm`` names a video that is sampled first.
"""

import argparse
import asyncio
import json
import os
import time
from pathlib import Path

from benchmarks.previews.processes import busy, bytes_read, children, peak_kib
from earshelf.adapters.libav.source import LibavFrameSource
from earshelf.domain.previews import Accuracy, Fit, PreviewSettings


def main() -> None:
    """Samples the videos at the same time, each in a worker of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.previews.ours")
    parser.add_argument("videos", nargs="+")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--accuracy", default="fast")
    parser.add_argument("--interval", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--warm", help="a video that is sampled before the measurement begins")
    asyncio.run(_run(parser.parse_args()))


async def _run(options: argparse.Namespace) -> None:
    settings = PreviewSettings(interval=options.interval, accuracy=Accuracy(options.accuracy))
    count = len(options.videos)
    folders = [options.out / str(at) for at in range(count)]
    for folder in folders:
        folder.mkdir(parents=True)
    async with LibavFrameSource(count, threads=options.threads) as source:
        if options.warm:
            await asyncio.gather(*(_sample(source, options.warm, settings, None) for _ in range(count)))
        read, used, begun = sum(map(bytes_read, children())), _busy(), time.perf_counter()
        pairs = zip(options.videos, folders, strict=True)
        work = (_sample(source, video, settings, folder) for video, folder in pairs)
        await asyncio.gather(*work)
        told = {"wall": time.perf_counter() - begun, "cpu": _busy() - used}
        # workers wait for the next film, so that they can still be asked
        workers = children()
        told |= {"read": sum(map(bytes_read, workers)) - read, "peak_kib": max(map(peak_kib, workers))}
    print(json.dumps(told))


async def _sample(source: LibavFrameSource, video: str, settings: PreviewSettings, folder: Path | None) -> None:
    async with source.sample(video, settings, frozenset({Fit.BOX})) as sampling:
        async for thumbnail in sampling:
            if folder is not None:
                (folder / f"{thumbnail.slot:06}.jpg").write_bytes(thumbnail.jpegs[Fit.BOX])


def _busy() -> float:
    return busy(os.getpid()) + sum(map(busy, children()))


if __name__ == "__main__":
    main()
