"""The processes that decode: what becomes of them, and of the films they were given."""

import asyncio
import os
import resource
import signal
import sys
from pathlib import Path

import pytest

from earshelf.adapters.libav.processes import WorkerProcess
from earshelf.adapters.libav.source import LibavFrameSource
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import PreviewSettings
from tests.unit.libav.sampled import BOX, numbers
from tests.videos.clocks import Clock, written

MANY = PreviewSettings(interval=1, width=1920, quality=1)


def children() -> set[int]:
    """The processes that this one started and that still run."""
    found = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return {int(pid) for pid in found.read_text().split()} if found.exists() else set()


@pytest.fixture
def long_film(tmp_path: Path) -> Path:
    """A film whose thumbnails do not fit into a pipe."""
    return written(tmp_path / "long.mkv", Clock(40))


async def struck(source: LibavFrameSource, film: Path, number: signal.Signals) -> None:
    """Samples a film, and sends its worker a signal when the first picture is there."""
    before = children()
    async with source.sample(str(film), MANY, BOX) as sampling:
        async for thumbnail in sampling:
            if thumbnail.slot == 0:
                (worker,) = children() - before
                os.kill(worker, number)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
async def test_a_crash_costs_one_film_and_is_named(
    source: LibavFrameSource, films: Path, long_film: Path, number: signal.Signals
) -> None:
    with pytest.raises(VideoUnusable, match=f"the decoder crashed \\({number.name}\\)") as crashed:
        await struck(source, long_film, number)
    assert str(long_film) in str(crashed.value)
    assert await numbers(source, films / "clock.mkv") == [0, 48, 96]


async def test_a_worker_that_hangs_is_given_up(films: Path, long_film: Path) -> None:
    async with LibavFrameSource(1, stall=3) as source:
        with pytest.raises(VideoUnusable, match=r"gave nothing for 3 seconds"):
            await struck(source, long_film, signal.SIGSTOP)
        assert await numbers(source, films / "clock.mkv") == [0, 48, 96]


async def test_a_worker_serves_one_film_after_the_other(source: LibavFrameSource, films: Path) -> None:
    before = children()
    await numbers(source, films / "clock.mkv")
    first = children() - before
    await numbers(source, films / "clock.mp4")
    assert children() - before == first
    assert len(first) == 1


async def test_leaving_early_ends_the_worker(source: LibavFrameSource, long_film: Path) -> None:
    before = children()
    async with source.sample(str(long_film), MANY, BOX):
        assert len(children() - before) == 1
    assert children() == before


async def far_ahead(worker: int) -> None:
    """Waits until a worker gave all that is taken from it unasked, and says no more."""
    before, now = -1, 0
    while before != now:
        await asyncio.sleep(0.2)
        before, now = now, bytes_moved(worker, "wchar")


async def test_leaving_ends_a_worker_that_is_far_ahead(source: LibavFrameSource, tmp_path: Path) -> None:
    film = written(tmp_path / "noisy.mkv", Clock(40, extra="noise"))
    before = children()
    async with asyncio.timeout(30):
        async with source.sample(str(film), MANY, BOX):
            (worker,) = children() - before
            await far_ahead(worker)
    assert children() == before


async def test_as_many_films_are_sampled_at_once_as_there_are_workers(films: Path) -> None:
    async with LibavFrameSource(2) as source:
        both = (source.sample(str(films / f"clock.{ending}"), MANY, BOX) for ending in ("mkv", "mp4"))
        async with asyncio.timeout(30), next(both) as first, next(both) as second:
            assert first.outline.slots == second.outline.slots == 6


async def test_closing_the_source_ends_its_workers(films: Path) -> None:
    before = children()
    async with LibavFrameSource(1) as source:
        await numbers(source, films / "clock.mkv")
    assert children() == before


async def test_a_worker_ends_when_its_input_does() -> None:
    worker = await WorkerProcess.started()
    await worker.end()
    assert await worker.obituary() == "the decoder ended (status 0)"


async def test_the_server_loads_neither_decoder_nor_arrays(films: Path) -> None:
    said = (
        "import asyncio, sys\n"
        "from earshelf.adapters.libav.source import LibavFrameSource\n"
        "from earshelf.domain.previews import Fit, PreviewSettings\n"
        "async def main():\n"
        "    async with LibavFrameSource(1) as source:\n"
        "        async with source.sample(sys.argv[1], PreviewSettings(), frozenset(Fit)) as sampling:\n"
        "            print(len([one async for one in sampling]), {'av', 'numpy', 'PIL'} & set(sys.modules))\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", said, str(films / "clock.mkv"), stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    assert printed == b"2 set()\n"


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
async def test_keyframes_are_reached_without_reading_the_film(
    source: LibavFrameSource, films: Path, tmp_path: Path, ending: str
) -> None:
    film = written(tmp_path / f"long.{ending}", Clock(60, gop=120, extra="noise"))
    before = children()
    await numbers(source, films / f"clock.{ending}")
    (worker,) = children() - before
    read = bytes_moved(worker, "rchar")
    assert await numbers(source, film, PreviewSettings(interval=20)) == [0, 480, 960]
    assert bytes_moved(worker, "rchar") - read < film.stat().st_size / 5


def bytes_moved(process: int, way: str) -> int:
    counts = dict(line.split(": ") for line in Path(f"/proc/{process}/io").read_text().splitlines())
    return int(counts[way])


async def test_a_system_that_gives_no_process_costs_one_film_and_is_named(
    source: LibavFrameSource, films: Path
) -> None:
    film = films / "clock.mkv"
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, usual[1]))
    try:
        with pytest.raises(VideoUnusable, match="no process can be started for it: Too many open files") as refused:
            await numbers(source, film)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)
    assert str(film) in str(refused.value)
    assert await numbers(source, film) == [0, 48, 96]
