"""Files that are no film, or not a whole one: a clear reason, and the next film is served."""

import os
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from earshelf.adapters.libav.source import LibavFrameSource
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Accuracy, PreviewSettings
from tests.unit.libav.sampled import BOX, numbers, refusal
from tests.videos.clocks import Clock, sound_only, written


async def test_a_missing_file_is_said_to_be_missing(source: LibavFrameSource, tmp_path: Path) -> None:
    assert await refusal(source, tmp_path / "nix.mkv") == f"'{tmp_path}/nix.mkv' does not exist"


async def test_an_empty_file_is_said_to_be_empty(source: LibavFrameSource, tmp_path: Path) -> None:
    (tmp_path / "empty.mkv").touch()
    assert "is empty" in await refusal(source, tmp_path / "empty.mkv")


@pytest.mark.parametrize(
    "text", ["Once upon a time\n" * 99, "#EXTM3U\n/etc/passwd\n", "ffconcat version 1.0\nfile a\n"]
)
async def test_text_is_no_video(source: LibavFrameSource, tmp_path: Path, text: str) -> None:
    (tmp_path / "text.mkv").write_text(text)
    assert "is no video that can be read" in await refusal(source, tmp_path / "text.mkv")


async def test_sound_alone_is_no_video(source: LibavFrameSource, tmp_path: Path) -> None:
    assert "holds sound only" in await refusal(source, sound_only(tmp_path / "song.m4a"))


async def test_a_folder_and_a_pipe_are_no_files(source: LibavFrameSource, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mkv")
    assert "is not a file" in await refusal(source, tmp_path)
    assert "is not a file" in await refusal(source, tmp_path / "pipe.mkv")


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
@pytest.mark.parametrize("share", [0.4, 0.9])
async def test_a_film_that_breaks_off_is_refused_with_how_much_is_there(
    source: LibavFrameSource, films: Path, tmp_path: Path, ending: str, share: float
) -> None:
    whole = (films / f"clock.{ending}").read_bytes()
    cut = tmp_path / f"cut.{ending}"
    cut.write_bytes(whole[: int(len(whole) * share)])
    said = await refusal(source, cut)
    assert "breaks off" in said
    assert str(int(len(whole) * share)) in said


@pytest.mark.parametrize(("accuracy", "after"), [(Accuracy.FAST, 216), (Accuracy.EXACT, 240)])
async def test_what_cannot_be_decoded_is_stood_for_by_the_next_picture(
    source: LibavFrameSource, tmp_path: Path, accuracy: Accuracy, after: int
) -> None:
    film = written(tmp_path / "film.mp4", Clock(24, gop=72, codec="libx265", b_frames=0))
    _wipe(film, range(144, 216))
    found = await numbers(source, film, PreviewSettings(interval=2, accuracy=accuracy))
    assert found[3:6] == [after] * 3
    assert len(set(found)) == 12 - 2


async def test_a_film_that_claims_to_last_for_years_is_refused(source: LibavFrameSource, tmp_path: Path) -> None:
    film = written(tmp_path / "film.mkv", Clock(gop=100, times=(0.0, 1.0, 900_000_000.0), b_frames=0))
    assert "claims to last 250000 hours" in await refusal(source, film)


async def test_a_film_of_twenty_hours_is_served(source: LibavFrameSource, tmp_path: Path) -> None:
    times = tuple(float(hour * 3600) for hour in range(20))
    film = written(tmp_path / "film.mkv", Clock(gop=5, times=times, b_frames=0))
    found = await numbers(source, film, PreviewSettings(interval=60))
    assert len(found) == 19 * 60 + 1
    assert found[::60] == list(range(20))


async def test_a_film_that_is_replaced_while_it_is_read_is_refused(
    source: LibavFrameSource, films: Path, tmp_path: Path
) -> None:
    film = tmp_path / "film.mkv"
    film.write_bytes((films / "clock.mkv").read_bytes())
    (tmp_path / "other").write_bytes((films / "clock.mkv").read_bytes())
    with pytest.raises(VideoUnusable, match="was replaced or changed while it was read"):
        await _sampled_while(source, film, lambda: (tmp_path / "other").replace(film))
    assert await numbers(source, film) == [0, 48, 96]


async def _sampled_while(source: LibavFrameSource, film: Path, act: Callable[[], object]) -> None:
    """Acts when the first of many large pictures is there: the worker cannot be through with them by then."""
    large = PreviewSettings(interval=1, width=1920, quality=1)
    async with source.sample(str(film), large, BOX) as sampling:
        act()
        async for _ in sampling:
            pass


def _wipe(film: Path, pictures: range) -> None:
    """Overwrites pictures, as a bad sector does, and leaves the index alone."""
    with av.open(str(film)) as container:
        packets = [(one.pos or 0, one.size) for one in container.demux(video=0) if one.size]
    with film.open("r+b") as written_over:
        for place, size in packets[pictures.start : pictures.stop]:
            written_over.seek(place)
            written_over.write(bytes(size))
