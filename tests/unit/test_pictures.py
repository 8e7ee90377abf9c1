"""Thumbnails of ordinary films: their sizes, their shape, their colours, and what they weigh."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import numpy as np
import pytest

from earshelf.adapters.libav.pictures import PictureMaker
from earshelf.adapters.libav.planes import one_field
from earshelf.adapters.libav.shapes import display_aspect, fitted
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Fit, PreviewSettings
from tests.unit import painted
from tests.unit.painted import film, frame_of, largest_difference, limited, made, opened, patch_means, spread

BOTH = frozenset(Fit)
RED, GREEN, BLUE, WHITE = (0.8, 0.1, 0.1), (0.1, 0.7, 0.2), (0.1, 0.2, 0.8), (0.9, 0.9, 0.9)
CORNERS = ((RED, GREEN), (BLUE, WHITE))
BT601, BT709 = (0.299, 0.114), (0.2126, 0.0722)
FORMATS = [
    *("yuv420p", "yuv422p", "yuv444p", "yuv410p", "yuv411p", "yuv440p", "nv12", "yuyv422", "yuva420p"),
    *("yuv420p10le", "yuv422p10le", "yuv444p12le", "p010le", "yuva444p10le"),
    *("rgb24", "bgr0", "rgba", "rgb48le", "gbrp", "gbrp10le", "gbrap12le"),
]
FINE = PreviewSettings(quality=1)


def eight_bits(patches: painted.Patches, weights: tuple[float, float] = BT601, **tags: int) -> Any:
    planes = [plane / 4 for plane in limited(spread(patches), *weights)]
    return frame_of(planes, "yuv420p", (tags.get("matrix", 2), 2, 2, 1))


def shown(colours: Any) -> list[Any]:
    return [[255 * value for value in colour] for colour in colours]


def test_ordinary_films_need_no_numpy(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", eight_bits(CORNERS), codec="libx264", degrees=90)
    program = (
        "import av, sys; from earshelf.adapters.libav.pictures import *; "
        "maker = PictureMaker((film := av.open(sys.argv[1])).streams.video[0], PreviewSettings(), frozenset(Fit)); "
        "assert maker.make(next(film.decode(video=0))); assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)


@pytest.mark.parametrize(
    ("aspect", "fit", "width", "size"),
    [
        (Fraction(16, 9), Fit.BOX, 320, (320, 180)),
        (Fraction(4, 3), Fit.BOX, 320, (320, 240)),
        (Fraction(240, 100), Fit.BOX, 320, (320, 134)),
        (Fraction(9, 16), Fit.BOX, 320, (136, 240)),
        (Fraction(9, 16), Fit.WIDTH, 320, (320, 568)),
        (Fraction(16, 9), Fit.WIDTH, 321, (321, 180)),
        (Fraction(16, 9), Fit.BOX, 321, (320, 180)),
        (Fraction(16), Fit.BOX, 16, (16, 2)),
        (Fraction(4, 3), Fit.BOX, 18, (18, 12)),
    ],
)
def test_a_thumbnail_lies_in_its_box_or_has_its_width(
    aspect: Fraction, fit: Fit, width: int, size: tuple[int, int]
) -> None:
    assert fitted(aspect, fit, width) == size


@pytest.mark.parametrize("sample_aspect", [None, Fraction(0), Fraction(10000, 1), Fraction(1, 90)])
def test_a_sample_aspect_that_cannot_be_meant_counts_as_square(sample_aspect: Fraction | None) -> None:
    assert display_aspect((1920, 1080), sample_aspect) == Fraction(16, 9)


def test_one_picture_serves_both_fits_where_they_agree(tmp_path: Path) -> None:
    wide = film(tmp_path / "wide.mp4", eight_bits(((RED,) * 4, (BLUE,) * 4)), codec="libx264")
    sizes, jpegs = made(wide, PreviewSettings(), BOTH)
    assert sizes == {Fit.BOX: (320, 160), Fit.WIDTH: (320, 160)}
    assert jpegs[Fit.BOX] is jpegs[Fit.WIDTH]


def test_a_tall_picture_has_a_smaller_one_for_the_box(tmp_path: Path) -> None:
    tall = film(tmp_path / "tall.mp4", eight_bits(((RED,), (GREEN,), (BLUE,))), codec="libx264")
    sizes, jpegs = made(tall, PreviewSettings(), BOTH)
    assert opened(jpegs[Fit.BOX]).shape[:2] == sizes[Fit.BOX][::-1] == (240, 80)
    assert opened(jpegs[Fit.WIDTH]).shape[:2] == sizes[Fit.WIDTH][::-1] == (960, 320)
    assert largest_difference(*(patch_means(opened(jpegs[fit]), 1, 3) for fit in Fit)) < 4


@pytest.mark.parametrize(("matrix", "weights"), [(1, BT709), (6, BT601), (2, BT601)])
def test_colours_come_back_by_the_matrix_that_the_film_names(
    tmp_path: Path, matrix: int, weights: tuple[float, float]
) -> None:
    path = film(tmp_path / "film.mp4", eight_bits(CORNERS, weights, matrix=matrix), codec="libx264")
    _, jpegs = made(path, FINE, BOTH)
    seen = patch_means(opened(jpegs[Fit.BOX]), 2, 2)
    assert largest_difference(seen, shown([RED, GREEN, BLUE, WHITE])) < 6


def test_a_large_film_that_names_no_matrix_has_that_of_bt709(tmp_path: Path) -> None:
    wide = film(tmp_path / "wide.mp4", eight_bits(((RED, GREEN) * 20, (BLUE, WHITE) * 20), BT709), codec="libx264")
    _, jpegs = made(wide, PreviewSettings(width=1280, quality=1), frozenset({Fit.WIDTH}))
    seen = patch_means(opened(jpegs[Fit.WIDTH]), 40, 2)
    assert largest_difference(seen[:2], shown([RED, GREEN])) < 6


def test_full_range_is_not_stretched(tmp_path: Path) -> None:
    grey = np.full((64, 64), 40.0), np.full((64, 64), 128.0), np.full((64, 64), 128.0)
    path = film(tmp_path / "full.mkv", frame_of(grey, "yuv420p", (6, 2, 2, 2)), codec="ffv1")
    _, jpegs = made(path, FINE, BOTH)
    assert patch_means(opened(jpegs[Fit.BOX]), 1, 1)[0] == pytest.approx((40, 40, 40), abs=2)


def test_anamorphic_pixels_are_shown_as_wide_as_they_are_meant(tmp_path: Path) -> None:
    narrow = film(tmp_path / "dvd.mkv", eight_bits(CORNERS), codec="libx264", sample_aspect=Fraction(16, 9))
    sizes, _ = made(narrow, PreviewSettings(), BOTH)
    assert sizes[Fit.BOX] == (320, 180)


@pytest.mark.parametrize(
    ("degrees", "corners"),
    [
        (0, (RED, GREEN, BLUE, WHITE)),
        (90, (GREEN, WHITE, RED, BLUE)),
        (180, (WHITE, BLUE, GREEN, RED)),
        (270, (BLUE, RED, WHITE, GREEN)),
    ],
)
def test_a_telephone_held_any_way_gives_upright_pictures(tmp_path: Path, degrees: int, corners: Any) -> None:
    path = film(tmp_path / "phone.mp4", eight_bits(CORNERS), codec="libx264", degrees=degrees)
    _, jpegs = made(path, FINE, BOTH)
    assert largest_difference(patch_means(opened(jpegs[Fit.BOX]), 2, 2), shown(corners)) < 6


def test_a_turned_film_has_its_sides_swapped(tmp_path: Path) -> None:
    path = film(tmp_path / "phone.mp4", eight_bits(((RED,) * 4, (BLUE,) * 4)), codec="libx264", degrees=90)
    sizes, jpegs = made(path, PreviewSettings(), BOTH)
    assert sizes == {Fit.BOX: (120, 240), Fit.WIDTH: (320, 640)}
    assert opened(jpegs[Fit.WIDTH]).shape[:2] == (640, 320)


def test_a_mirrored_film_is_mirrored_back(tmp_path: Path) -> None:
    path = film(tmp_path / "mirror.mp4", eight_bits(CORNERS), codec="libx264", degrees=0, mirrored=True)
    _, jpegs = made(path, FINE, BOTH)
    assert largest_difference(patch_means(opened(jpegs[Fit.BOX]), 2, 2), shown([GREEN, RED, WHITE, BLUE])) < 6


def test_interlaced_frames_show_one_field_and_no_comb(tmp_path: Path) -> None:
    luma = np.full((128, 128), 60.0)
    luma[1::2] = 200  # the other field shows another moment
    neutral = np.full((128, 128), 128.0)
    path = tmp_path / "fields.mkv"
    with av.open(path, "w") as container:
        stream: Any = container.add_stream("libx264", rate=25)
        stream.width = stream.height = 128
        stream.options = {"qp": "0", "x264-params": "tff=1"}
        stream.codec_context.flags |= av.codec.context.Flags.interlaced_dct
        container.mux([*stream.encode(frame_of((luma, neutral, neutral), "yuv420p")), *stream.encode()])
    with av.open(path) as container:
        assert next(container.decode(video=0)).interlaced_frame
    _, jpegs = made(path, FINE, BOTH)
    assert opened(jpegs[Fit.BOX]).max() < 60


@pytest.mark.parametrize("pixels", FORMATS)
def test_every_way_to_store_pixels_gives_the_same_colours(tmp_path: Path, pixels: str) -> None:
    plain = eight_bits(CORNERS, BT601, matrix=6)
    path = film(tmp_path / "film.mp4", plain, codec="libx264")
    with av.open(path) as container:
        maker = PictureMaker(container.streams.video[0], FINE, BOTH)
        other = plain.reformat(format=pixels, src_colorspace=5, dst_colorspace=5, src_color_range=1)
        seen = patch_means(opened(maker.make(other)[Fit.BOX]), 2, 2)
    assert largest_difference(seen, shown([RED, GREEN, BLUE, WHITE])) < 8


@pytest.mark.parametrize("pixels", ["yuv411p", "nv12", "yuv422p10le", "rgb24", "pal8", "gray"])
def test_a_field_is_taken_out_of_every_way_to_store_pixels(pixels: str) -> None:
    lines = av.VideoFrame(70, 51, pixels)
    for plane in lines.planes:
        numbers = bytes(line % 256 for line in range(plane.height) for _ in range(plane.line_size))
        plane.update(numbers[: plane.buffer_size].ljust(plane.buffer_size, b"\0"))
    field = one_field(lines)
    assert (field.width, field.height) == (70, 26)
    luma = bytes(field.planes[0])[:: field.planes[0].line_size]
    assert luma[:25] == bytes(range(0, 50, 2))


@pytest.mark.parametrize("pixels", ["gray", "gray10le", "gray12le", "ya8"])
def test_pictures_without_colour_stay_without(tmp_path: Path, pixels: str) -> None:
    greys = ((0.1, 0.1, 0.1), (0.4, 0.4, 0.4)), ((0.7, 0.7, 0.7), (1.0, 1.0, 1.0))
    path = film(tmp_path / "film.mp4", eight_bits(CORNERS), codec="libx264")
    with av.open(path) as container:
        maker = PictureMaker(container.streams.video[0], FINE, BOTH)
        grey = eight_bits(greys).reformat(format=pixels, src_color_range=1, dst_color_range=2)
        grey.color_range = 0
        seen = patch_means(opened(maker.make(grey)[Fit.BOX]), 2, 2)
    assert largest_difference(seen, shown(greys[0] + greys[1])) < 4


def test_pictures_with_a_palette_have_its_colours(tmp_path: Path) -> None:
    palette = np.zeros((256, 4), np.uint8)
    palette[:4] = [[255, *(round(255 * value) for value in colour)] for colour in (RED, GREEN, BLUE, WHITE)]
    places = np.array([[0, 1], [2, 3]], np.uint8).repeat(32, axis=0).repeat(32, axis=1)
    path = film(tmp_path / "film.mp4", eight_bits(CORNERS), codec="libx264")
    with av.open(path) as container:
        maker = PictureMaker(container.streams.video[0], FINE, BOTH)
        indexed: Any = (places, palette)
        frame = av.VideoFrame.from_ndarray(indexed, format="pal8")
        seen = patch_means(opened(maker.make(frame)[Fit.BOX]), 2, 2)
    assert largest_difference(seen, shown([RED, GREEN, BLUE, WHITE])) < 6


def test_a_film_that_changes_its_size_keeps_the_size_of_its_thumbnails(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", eight_bits(CORNERS), codec="libx264")
    with av.open(path) as container:
        maker = PictureMaker(container.streams.video[0], PreviewSettings(), BOTH)
        for side in (64, 99, 640):
            jpegs = maker.make(av.VideoFrame(side, side, "yuv420p"))
            assert opened(jpegs[Fit.WIDTH]).shape[:2] == (320, 320)


@pytest.mark.parametrize("size", [(37, 23), (1, 1), (641, 3), (5, 333)])
def test_odd_sizes_make_pictures_of_even_ones(tmp_path: Path, size: tuple[int, int]) -> None:
    path = film(tmp_path / "odd.mkv", av.VideoFrame(*size, "yuv444p"), codec="ffv1")
    sizes, jpegs = made(path, PreviewSettings(), BOTH)
    for fit, jpeg in jpegs.items():
        assert opened(jpeg).shape[:2] == sizes[fit][::-1]
        assert all(side % 2 == 0 for side in sizes[fit])


@pytest.mark.parametrize("quality", [1, 2, 4, 6, 10])
def test_a_picture_weighs_what_the_ffmpeg_program_makes_it_weigh(tmp_path: Path, quality: int) -> None:
    noise = np.random.default_rng(4).integers(0, 30, (180, 320)) + np.linspace(40, 180, 320)[None]
    chroma = np.linspace(90, 170, 180)[:, None].repeat(320, axis=1)
    path = film(tmp_path / "film.mkv", frame_of((noise, chroma, chroma), "yuv420p", (6, 2, 2, 1)), codec="ffv1")
    _, jpegs = made(path, PreviewSettings(quality=quality), BOTH)
    target = tmp_path / "theirs.jpg"
    program = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-qmin", "1", "-q:v", str(quality)]
    subprocess.run([*program, str(target)], check=True)
    assert len(jpegs[Fit.BOX]) == pytest.approx(target.stat().st_size, rel=0.05)


def test_pixels_that_cannot_be_converted_are_named(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", eight_bits(CORNERS), codec="libx264")
    with av.open(path) as container:
        maker = PictureMaker(container.streams.video[0], PreviewSettings(), BOTH)
        with pytest.raises(VideoUnusable, match="bgr4"):
            maker.make(av.VideoFrame(64, 64, "bgr4"))
