"""Real films through the real program."""

from pathlib import Path

import imageio_ffmpeg
import pytest

from earshelf.adapters.ffmpeg.source import FfmpegFrames
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Accuracy, Fit, PreviewSettings, ToneCurve
from earshelf.ports.previews import Thumbnail
from tests.unit.ffmpeg.clocks import RATE, clock, pixels, told
from tests.unit.ffmpeg.films import NVIDIA

PROGRAM = Path(imageio_ffmpeg.get_ffmpeg_exe())
BOTH = frozenset(Fit)


async def sampled(path: Path, settings: PreviewSettings, source: FfmpegFrames | None = None) -> list[Thumbnail]:
    async with (source or FfmpegFrames(PROGRAM)).sample(str(path), settings, BOTH) as sampling:
        found = [thumbnail async for thumbnail in sampling]
        assert [each.slot for each in found] == list(range(sampling.outline.slots))
        sizes = {fit: pixels(found[0].jpegs[fit]) for fit in BOTH}
        assert sizes == sampling.outline.sizes
        return found


@pytest.mark.parametrize("interval", [1, 3, 7])
async def test_exact_slots_show_the_picture_of_their_time(tmp_path: Path, interval: int) -> None:
    settings = PreviewSettings(interval=interval, accuracy=Accuracy.EXACT)
    found = await sampled(clock(tmp_path / "clock.mp4"), settings)
    shown = [told(each.jpegs[Fit.BOX]) for each in found]
    assert shown == pytest.approx([slot * interval * RATE for slot in range(-(-20 // interval))], abs=1)


@pytest.mark.parametrize("name", ["clock.mp4", "clock.mkv"])
async def test_fast_slots_show_keyframes_where_they_are_near_enough(tmp_path: Path, name: str) -> None:
    found = await sampled(clock(tmp_path / name, gap=20), PreviewSettings(interval=5))
    shown = [told(each.jpegs[Fit.BOX]) for each in found]
    assert shown == pytest.approx([0, 40, 100, 140], abs=1)


async def test_fast_slots_are_decoded_where_keyframes_are_far(tmp_path: Path) -> None:
    found = await sampled(clock(tmp_path / "clock.mkv", gap=90), PreviewSettings(interval=4))
    shown = [told(each.jpegs[Fit.BOX]) for each in found]
    assert shown == pytest.approx([0, 40, 80, 120, 160], abs=1)


async def test_portrait_films_come_in_two_sizes_from_one_decoding(tmp_path: Path) -> None:
    film = clock(tmp_path / "tall.mp4", 6, size=(48, 96))
    found = await sampled(film, PreviewSettings(interval=2, width=64, accuracy=Accuracy.EXACT))
    for fit in BOTH:
        assert [told(each.jpegs[fit]) for each in found] == pytest.approx([0, 20, 40], abs=1)
    assert pixels(found[0].jpegs[Fit.WIDTH]) == (64, 128)
    assert pixels(found[0].jpegs[Fit.BOX]) == (24, 48)


@pytest.mark.parametrize(
    "name", ["-i.mp4", 'it\'s "so".mp4', "two\nlines.mp4", "http:.mp4", "🎬 %06d.mp4", "a;b|c.mp4"]
)
async def test_any_name_is_a_name(tmp_path: Path, name: str) -> None:
    assert len(await sampled(clock(tmp_path / name, 2), PreviewSettings(interval=1))) == 2


async def test_a_machine_without_the_gpu_that_was_asked_for_decodes_all_the_same_and_says_why(tmp_path: Path) -> None:
    source = FfmpegFrames(PROGRAM, device=NVIDIA)
    async with source.sample(str(clock(tmp_path / "clock.mp4", 3)), PreviewSettings(interval=1), BOTH) as sampling:
        (note,) = sampling.outline.notes
        assert len([thumbnail async for thumbnail in sampling]) == 3
    assert note.startswith("nvidia 1 gave up (")
    assert note.endswith("the processor decodes")


@pytest.mark.parametrize("content", [b"", b"no film at all\n" * 100, b"\x1aE\xdf\xa3" + bytes(5000)])
async def test_what_is_no_film_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.mkv"
    path.write_bytes(content)
    with pytest.raises(VideoUnusable, match=r"film\.mkv"):
        await sampled(path, PreviewSettings())


async def test_a_list_of_other_files_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "list.mp4"
    path.write_text(f"ffconcat version 1.0\nfile '{clock(tmp_path / 'clock.mp4', 2).name}'\n")
    with pytest.raises(VideoUnusable):
        await sampled(path, PreviewSettings())


async def test_a_film_that_breaks_off_gives_no_result(tmp_path: Path) -> None:
    whole = clock(tmp_path / "whole.mkv", size=(160, 96)).read_bytes()
    part = tmp_path / "part.mkv"
    part.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(VideoUnusable, match=r"part\.mkv"):
        await sampled(part, PreviewSettings(interval=1, accuracy=Accuracy.EXACT))


@pytest.mark.parametrize("curve", list(ToneCurve))
async def test_high_dynamic_range_is_folded_by_every_curve(tmp_path: Path, curve: ToneCurve) -> None:
    film = clock(tmp_path / "hdr.mp4", 16, hdr=True)
    found = await sampled(film, PreviewSettings(interval=4, accuracy=Accuracy.EXACT, tonemap=curve))
    shown = [told(each.jpegs[Fit.BOX]) for each in found]
    assert shown == sorted(shown)
    # the numbers of HDR10 taken for ordinary ones would be shown as they are: 0, 40, 80, 120
    assert abs(shown[-1] - 120) > 10


async def test_a_film_that_is_replaced_while_it_is_read_gives_no_result(tmp_path: Path) -> None:
    film, other = clock(tmp_path / "clock.mp4", 4), clock(tmp_path / "other.mp4", 4)
    async with FfmpegFrames(PROGRAM).sample(str(film), PreviewSettings(interval=1), BOTH) as sampling:
        other.replace(film)
        with pytest.raises(VideoUnusable, match="was replaced or changed"):
            _ = [thumbnail async for thumbnail in sampling]


async def test_a_missing_film_is_named(tmp_path: Path) -> None:
    with pytest.raises(VideoUnusable, match=r"gone\.mkv' does not exist"):
        await sampled(tmp_path / "gone.mkv", PreviewSettings())
