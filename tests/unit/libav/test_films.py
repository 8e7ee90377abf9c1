"""Films as they are found on disks."""

import os
import shutil
from pathlib import Path

import pytest

from earshelf.adapters.libav.source import LibavFrameSource
from earshelf.domain.previews import Accuracy, PreviewSettings
from tests.unit.libav.sampled import numbers
from tests.videos.clocks import Clock, written

EXACT = PreviewSettings(interval=2, accuracy=Accuracy.EXACT)


@pytest.mark.parametrize(
    "name",
    [
        'it\'s "so".mkv',
        "two\nlines.mkv",
        "🎬.mkv",
        "-i.mkv",
        "http:x.mkv",
        "concat:a|b.mkv",
        "%06d.mkv",
        "file:.mkv",
        os.fsdecode(b"latin-\xe9.mkv"),
        "no ending",
    ],
)
async def test_a_name_is_a_name_whatever_it_looks_like(
    source: LibavFrameSource, films: Path, tmp_path: Path, name: str
) -> None:
    shutil.copy(films / "clock.mkv", tmp_path / name)
    assert await numbers(source, tmp_path / name) == [0, 48, 96]


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg4"])
@pytest.mark.parametrize("b_frames", [0, 2])
async def test_codecs_and_reordered_pictures_keep_time(
    source: LibavFrameSource, tmp_path: Path, codec: str, b_frames: int
) -> None:
    film = written(tmp_path / "film.mkv", Clock(6, gop=100, codec=codec, b_frames=b_frames))
    assert await numbers(source, film, EXACT) == pytest.approx([0, 48, 96], abs=1)


@pytest.mark.parametrize("ending", ["avi", "h264", "flv", "mov", "wmv"])
async def test_other_containers_and_bare_streams_are_read_too(
    source: LibavFrameSource, tmp_path: Path, ending: str
) -> None:
    film = written(tmp_path / f"film.{ending}", Clock(6, gop=30, rate=25, b_frames=0))
    assert await numbers(source, film, EXACT) == pytest.approx([0, 50, 100], abs=1)


async def test_a_picture_that_stands_long_is_shown_by_all_slots_it_lasts(
    source: LibavFrameSource, tmp_path: Path
) -> None:
    times = (0.0, 0.5, 1.0, 7.0, 7.5, 12.0, 12.5)
    film = written(tmp_path / "slides.mkv", Clock(gop=100, times=times, b_frames=0))
    assert await numbers(source, film, EXACT) == [0, 2, 2, 2, 4, 4, 5]
    assert await numbers(source, film, PreviewSettings(interval=2)) == [0, 2, 2, 2, 3, 4, 5]


@pytest.mark.parametrize("extra", ["cover", "sound"])
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
async def test_what_else_a_file_holds_is_not_taken_for_the_film(
    source: LibavFrameSource, tmp_path: Path, extra: str, ending: str
) -> None:
    film = written(tmp_path / f"film.{ending}", Clock(6, extra=extra))
    assert await numbers(source, film) == [0, 48, 96]


async def test_a_fragmented_film_is_sampled_throughout(source: LibavFrameSource, tmp_path: Path) -> None:
    film = written(tmp_path / "film.mp4", Clock(40, extra="fragments"))
    assert await numbers(source, film, PreviewSettings(interval=10)) == [0, 240, 480, 720]


async def test_a_live_recording_without_index_or_length_is_read_through(
    source: LibavFrameSource, tmp_path: Path
) -> None:
    film = written(tmp_path / "film.mkv", Clock(10, extra="live"))
    assert await numbers(source, film) == [0, 48, 96, 144, 192]
    assert await numbers(source, film, PreviewSettings(interval=3, accuracy=Accuracy.EXACT)) == [0, 72, 144, 216]


@pytest.mark.parametrize("cut", [1 / 24, 1.5])
async def test_a_film_that_was_cut_without_encoding_begins_where_it_was_cut(
    source: LibavFrameSource, tmp_path: Path, cut: float
) -> None:
    film = written(tmp_path / "film.mp4", Clock(8, gop=60, start=-cut))
    first = round(cut * 24)
    assert (await numbers(source, film))[0] == first
    assert (await numbers(source, film, EXACT))[:3] == [first, first + 48, first + 96]


@pytest.mark.parametrize("ending", ["mkv", "mp4", "ts"])
@pytest.mark.parametrize(("gop", "b_frames"), [(24, 0), (48, 0), (48, 2), (250, 2)])
@pytest.mark.parametrize("interval", [1, 5])
async def test_films_that_are_drawn_anew_strip_by_strip_show_whole_pictures_of_their_time(
    source: LibavFrameSource, tmp_path: Path, ending: str, gop: int, b_frames: int, interval: int
) -> None:
    film = written(tmp_path / f"film.{ending}", Clock(16, gop=gop, b_frames=b_frames, extra="refresh"))
    shown = await numbers(source, film, PreviewSettings(interval=interval, accuracy=Accuracy.EXACT))
    assert shown == pytest.approx([slot * interval * 24 for slot in range(len(shown))], abs=1)
    half = interval * 12
    quick = await numbers(source, film, PreviewSettings(interval=interval))
    assert all(-half < slot * interval * 24 - number <= half + 1 for slot, number in enumerate(quick))
