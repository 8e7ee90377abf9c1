"""Runs that end otherwise than they should."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from earshelf.adapters.ffmpeg.devices import CPU, Device
from earshelf.adapters.ffmpeg.film import Film
from earshelf.adapters.ffmpeg.filming import Filming, Task
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Fit, PreviewSettings
from tests.unit.ffmpeg.films import EVERYTHING, NVIDIA, PORTRAIT, SMALL
from tests.unit.ffmpeg.programs import program, runs

FOUR = replace(SMALL, slots=4)


def task(path: Path, film: Film = FOUR, device: Device = CPU, stall_seconds: float = 30) -> Task:
    return Task(path, EVERYTHING, device, "/m/a.mkv", film, PreviewSettings(), 0, stall_seconds)


async def taken(filming: Filming) -> list[int]:
    return [thumbnail.jpegs[Fit.BOX][6] async for thumbnail in filming]


def is_running(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


async def test_every_slot_is_given_once_in_order(tmp_path: Path) -> None:
    async with Filming(task(program(tmp_path, "give(1, 2, 3, 4)"))) as filming:
        assert await taken(filming) == [1, 2, 3, 4]
        assert filming.outline.slots == 4
        assert list(filming.outline.notes) == []


async def test_two_sizes_are_read_from_two_pipes(tmp_path: Path) -> None:
    written = "os.write(pipe, b'\\xff\\xd8\\xff\\xda\\x00\\x02%d%d\\xff\\xd9' % (i, n))"
    body = f"for n in (1, 2, 3, 4):\n    for i, pipe in enumerate(pipes): {written}"
    async with Filming(task(program(tmp_path, body), replace(PORTRAIT, slots=4))) as filming:
        found = [(one.jpegs[Fit.BOX][6:8], one.jpegs[Fit.WIDTH][6:8]) async for one in filming]
    assert found == [(b"0%d" % number, b"1%d" % number) for number in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    "failure",
    [
        'fail("[h264 @ 0x55d2c1] Failed setup for format cuda: hwaccel initialisation returned error.", 1)',
        'fail("something", 234)',
        "os.kill(os.getpid(), signal.SIGSEGV)",
    ],
)
async def test_the_processor_takes_over_in_place_and_the_reason_is_kept(tmp_path: Path, failure: str) -> None:
    path = program(tmp_path, f"if on_gpu: {failure}\ngive(1, 2, 3, 4)")
    async with Filming(task(path, device=NVIDIA)) as filming:
        (note,) = filming.outline.notes
        assert await taken(filming) == [1, 2, 3, 4]
    assert note.startswith("nvidia 1 gave up (")
    assert note.endswith("the processor decodes")
    assert "0x" not in note
    assert [device for _, device in runs(tmp_path)] == ["gpu", "cpu"]


async def test_a_gpu_that_fails_half_way_costs_no_slot_and_gives_none_twice(tmp_path: Path) -> None:
    body = "give(1, 2)\nif on_gpu: fail('CUDA error: an illegal memory access', 1)\ngive(3, 4)"
    async with Filming(task(program(tmp_path, body), device=NVIDIA)) as filming:
        assert await taken(filming) == [1, 2, 3, 4]
        assert "illegal memory access" in filming.outline.notes[0]


async def test_a_damaged_film_is_not_tried_again(tmp_path: Path) -> None:
    path = program(tmp_path, 'fail("[mov @ 0x1234567] moov atom not found\\nError opening input: Invalid data", 1)')
    with pytest.raises(VideoUnusable, match=r"'/m/a\.mkv': Error opening input: Invalid data"):
        async with Filming(task(path, device=NVIDIA)):
            pass
    assert [device for _, device in runs(tmp_path)] == ["gpu"]


async def test_pictures_of_half_a_film_are_no_result(tmp_path: Path) -> None:
    with pytest.raises(VideoUnusable, match="partial: 2 of 4 pictures"):
        async with Filming(task(program(tmp_path, "give(1, 2)"))) as filming:
            await taken(filming)


async def test_a_failure_after_some_pictures_says_how_many_and_why(tmp_path: Path) -> None:
    body = 'give(1, 2)\nfail("Error while decoding: Input/output error", 251)'
    with pytest.raises(VideoUnusable, match="partial: 2 of 4 pictures, Error while decoding"):
        async with Filming(task(program(tmp_path, body))) as filming:
            await taken(filming)


async def test_the_last_picture_stays_where_the_container_rounded_its_duration_up(tmp_path: Path) -> None:
    async with Filming(task(program(tmp_path, "give(1, 2, 3)"))) as filming:
        assert await taken(filming) == [1, 2, 3, 3]


async def test_a_pass_over_the_keyframes_that_fails_is_followed_by_a_whole_one(tmp_path: Path) -> None:
    body = 'if "nokey" in words: fail("Error: no frame", 1)\ngive(1, 2, 3, 4)'
    async with Filming(task(program(tmp_path, body), replace(FOUR, keyframes_suffice=True))) as filming:
        assert await taken(filming) == [1, 2, 3, 4]


async def test_a_pass_over_the_keyframes_that_finds_too_few_is_followed_by_a_whole_one(tmp_path: Path) -> None:
    body = 'give(*([1] if "nokey" in words else [1, 2, 3, 4]))'
    async with Filming(task(program(tmp_path, body), replace(FOUR, keyframes_suffice=True))) as filming:
        assert await taken(filming) == [1, 2, 3, 4]


async def test_a_program_that_gives_nothing_is_not_waited_for(tmp_path: Path) -> None:
    path = program(tmp_path, "give(1)\ntime.sleep(600)")
    with pytest.raises(VideoUnusable, match=r"gave no picture for 0\.3 seconds"):
        async with Filming(task(path, stall_seconds=0.3)) as filming:
            await taken(filming)
    ((number, _),) = runs(tmp_path)
    assert not is_running(number)


async def test_leaving_early_ends_the_program_and_what_it_started(tmp_path: Path) -> None:
    body = "child = os.fork()\nif child:\n    (here / 'child').write_text(str(child))\n    give(1)\ntime.sleep(600)"
    async with Filming(task(program(tmp_path, body))):
        pass
    ((number, _),) = runs(tmp_path)
    assert not is_running(number)
    child = Path(f"/proc/{(tmp_path / 'child').read_text()}/stat")
    # killed with its parent, though the system may take its time over it
    async with asyncio.timeout(10):
        while child.exists() and child.read_text().split()[2] != "Z":  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


async def test_a_task_that_is_cancelled_leaves_no_program_behind(tmp_path: Path) -> None:
    async def filmed() -> None:
        async with Filming(task(program(tmp_path, "give(1)\ntime.sleep(600)"))) as filming:
            begun.set()
            await taken(filming)

    begun = asyncio.Event()
    working = asyncio.create_task(filmed())
    await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    ((number, _),) = runs(tmp_path)
    assert not is_running(number)


async def test_endless_complaints_do_not_fill_the_memory_or_block_the_pictures(tmp_path: Path) -> None:
    body = "for n in (1, 2, 3, 4):\n    print('warning ' * 100_000, file=sys.stderr)\n    give(n)"
    async with Filming(task(program(tmp_path, body))) as filming:
        assert await taken(filming) == [1, 2, 3, 4]


async def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    path = program(tmp_path, "[os.write(pipe, b'hello world') for pipe in pipes]")
    with pytest.raises(VideoUnusable, match="something else than pictures"):
        async with Filming(task(path)):
            pass
