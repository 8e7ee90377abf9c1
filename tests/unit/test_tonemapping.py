"""Films with high dynamic range, held against the ffmpeg program and against each other."""

import colorsys
import gc
import itertools
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest

from earshelf.adapters.libav.dynamic_range import DynamicRange, dynamic_range
from earshelf.adapters.libav.pictures import PictureMaker
from earshelf.adapters.libav.stream_facts import StreamFacts
from earshelf.domain.colour import (
    BT709,
    BT2020,
    LUMA_2020,
    Triple,
    applied,
    gamut_to_gamut,
    light_to_display,
    light_to_pq,
    scene_to_hlg,
    tone_curve,
)
from earshelf.domain.previews import Fit, PreviewSettings, ToneCurve
from tests.unit.painted import (
    declare_dolby_vision,
    film,
    frame_of,
    largest_difference,
    limited,
    made,
    opened,
    patch_means,
    spread,
)

PQ, HLG = (9, 16, 9, 1), (9, 18, 9, 1)
HUES = [(1, 1, 1), (1, 0.1, 0.1), (0.1, 1, 0.1), (0.1, 0.1, 1), (1, 1, 0.1), (0.1, 1, 1), (1, 0.1, 1), (0.8, 0.5, 0.4)]
NITS = [[(n * red, n * green, n * blue) for red, green, blue in HUES] for n in (20, 100, 400)]
"""Colour bars in nits of BT.2020, dark, white and bright."""

GREYS = slice(0, None, len(HUES))
WIDTH, HEIGHT = 256, 96


def pq(nits: Triple) -> Triple:
    red, green, blue = (light_to_pq(value / 10_000) for value in nits)
    return red, green, blue


def hlg(nits: Triple) -> Triple:
    shown = sum(weight * value / 1000 for weight, value in zip(LUMA_2020, nits, strict=True))
    red, green, blue = (scene_to_hlg(value / 1000 * shown ** (1 / 1.2 - 1)) for value in nits)
    return red, green, blue


def bars(path: Path, coded: Callable[[Triple], Triple], tags: tuple[int, int, int, int]) -> Path:
    colours = spread([[coded(nits) for nits in row] for row in NITS])
    return film(path, frame_of(limited(colours, 0.2627, 0.0593), tags=tags))


def ours(path: Path, curve: ToneCurve) -> list[Triple]:
    settings = PreviewSettings(width=WIDTH, quality=1, tonemap=curve)
    _, jpegs = made(path, settings, frozenset({Fit.WIDTH}))
    return patch_means(opened(jpegs[Fit.WIDTH]), len(HUES), len(NITS))


def theirs(path: Path, curve: ToneCurve) -> list[Triple]:
    """What the program shows at full size, as red, green and blue."""
    chain = (
        f"zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap={curve}:desat=0,"
        "zscale=t=bt709:m=bt709:r=tv,format=yuv420p,scale=in_color_matrix=bt709,format=rgb24"
    )
    program = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-vf", chain, "-f", "rawvideo", "-"]
    answer = subprocess.run(program, check=True, capture_output=True)
    picture = np.frombuffer(answer.stdout, np.uint8).reshape(HEIGHT, WIDTH, 3)
    return patch_means(picture.astype(float), len(HUES), len(NITS))


def hue_difference(some: Sequence[Triple], others: Sequence[Triple]) -> float:
    """Degrees between the hues of colours that have one, at most."""
    first, second = (
        [colorsys.rgb_to_hsv(*(value / 255 for value in colour)) for colour in them] for them in (some, others)
    )
    pairs = zip(first, second, strict=True)
    return max(abs((one[0] - other[0] + 0.5) % 1 - 0.5) * 360 for one, other in pairs if one[1] > 0.1)


@pytest.fixture(scope="module")
def hdr10(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bars(tmp_path_factory.mktemp("bars") / "hdr10.mkv", pq, PQ)


@pytest.fixture(scope="module")
def broadcast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bars(tmp_path_factory.mktemp("bars") / "hlg.mkv", hlg, HLG)


@pytest.mark.parametrize("curve", list(ToneCurve))
def test_hdr10_looks_as_the_program_shows_it(hdr10: Path, curve: ToneCurve) -> None:
    mine, reference = ours(hdr10, curve), theirs(hdr10, curve)
    assert np.abs(np.array(mine) - reference).mean() < 2
    assert largest_difference(mine, reference) < 6
    assert hue_difference(mine, reference) < 7


@pytest.mark.parametrize("curve", [ToneCurve.HABLE, ToneCurve.MOBIUS])
def test_hlg_has_the_greys_and_the_hues_that_the_program_shows(broadcast: Path, curve: ToneCurve) -> None:
    mine, reference = ours(broadcast, curve), theirs(broadcast, curve)
    assert largest_difference(mine[GREYS], reference[GREYS]) < 4
    assert hue_difference(mine, reference) < 10


def test_the_same_light_looks_the_same_in_hlg_and_in_hdr10(hdr10: Path, broadcast: Path) -> None:
    # the program raises every colour by itself to the system's gamma; BT.2100 raises luminance, so light is the judge
    assert largest_difference(ours(hdr10, ToneCurve.HABLE), ours(broadcast, ToneCurve.HABLE)) < 4


def test_every_patch_is_the_light_that_was_painted(hdr10: Path) -> None:
    folded = tone_curve(ToneCurve.MOBIUS, 10)

    def expected(nits: Triple) -> list[float]:
        light = applied(gamut_to_gamut(BT2020, BT709), [value / 100 for value in nits])
        return [255 * light_to_display(value * folded(max(light)) / max(light)) for value in light]

    painted_light = [expected(nits) for nits in itertools.chain(*NITS)]
    assert largest_difference(ours(hdr10, ToneCurve.MOBIUS), painted_light) < 6


DISPLAY = ":master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L({nits}0000,50)"


@pytest.mark.parametrize(
    ("says", "peak"),
    [
        ("", 1000),
        (":max-cll=400,0", 400),
        (":max-cll=4000,0", 4000),
        (DISPLAY.format(nits=600), 600),
        (DISPLAY.format(nits=4000) + ":max-cll=500,0", 500),
        (DISPLAY.format(nits=600) + ":max-cll=0,0", 600),
        (":max-cll=3,0", 1000),
    ],
)
def test_a_film_is_folded_from_the_peak_that_it_says(tmp_path: Path, says: str, peak: int) -> None:
    frame = frame_of(limited(spread([[pq((100, 100, 100))]]), 0.2627, 0.0593), tags=PQ)
    path = film(tmp_path / "film.mkv", frame, says=says)
    _, jpegs = made(path, PreviewSettings(quality=1, tonemap=ToneCurve.LINEAR), frozenset({Fit.BOX}))
    grey = patch_means(opened(jpegs[Fit.BOX]), 1, 1)[0]
    assert grey == pytest.approx((255 * light_to_display(100 / peak),) * 3, abs=3)


def test_a_wide_gamut_without_high_range_keeps_its_hues(tmp_path: Path) -> None:
    orange = (0.8, 0.5, 0.3)
    coded = [light_to_display(value) for value in applied(gamut_to_gamut(BT709, BT2020), orange)]
    red, green, blue = coded
    path = film(
        tmp_path / "wide.mkv", frame_of(limited(spread([[(red, green, blue)]]), 0.2627, 0.0593), tags=(9, 14, 9, 1))
    )
    _, jpegs = made(path, PreviewSettings(quality=1), frozenset({Fit.BOX}))
    seen = patch_means(opened(jpegs[Fit.BOX]), 1, 1)[0]
    assert seen == pytest.approx([255 * light_to_display(value) for value in orange], abs=4)


def test_what_only_the_container_says_of_the_colours_counts_too(tmp_path: Path) -> None:
    silent = frame_of(limited(spread([[pq((100, 100, 100))]]), 0.2627, 0.0593), tags=(2, 2, 2, 1))
    path = film(tmp_path / "silent.mkv", silent, told_outside=(16, 9))
    _, jpegs = made(path, PreviewSettings(quality=1), frozenset({Fit.BOX}))
    hable = 255 * light_to_display(tone_curve(ToneCurve.HABLE, 10)(1))
    assert patch_means(opened(jpegs[Fit.BOX]), 1, 1)[0] == pytest.approx((hable,) * 3, abs=4)


@pytest.mark.parametrize(
    ("profile", "base", "tags", "kind"),
    [
        (0, 0, PQ, DynamicRange.PQ),
        (0, 0, HLG, DynamicRange.HLG),
        (0, 0, (1, 1, 1, 1), DynamicRange.ORDINARY),
        (0, 0, (9, 14, 9, 1), DynamicRange.WIDE),
        (5, 0, (2, 2, 2, 2), DynamicRange.DOLBY),
        (5, 0, PQ, DynamicRange.DOLBY),
        (7, 6, PQ, DynamicRange.PQ),
        (7, 6, (2, 2, 2, 1), DynamicRange.PQ),
        (8, 1, (2, 2, 2, 1), DynamicRange.PQ),
        (8, 2, (1, 1, 1, 1), DynamicRange.ORDINARY),
        (8, 4, HLG, DynamicRange.HLG),
        (8, 4, (2, 2, 2, 1), DynamicRange.HLG),
        (10, 0, PQ, DynamicRange.DOLBY),
        (10, 1, PQ, DynamicRange.PQ),
    ],
)
def test_the_base_of_dolby_vision_counts_where_it_has_one(
    profile: int, base: int, tags: tuple[int, int, int, int], kind: DynamicRange
) -> None:
    frame = frame_of([np.full((16, 16), 512.0)] * 3, tags=tags)
    assert dynamic_range(frame, StreamFacts(b"", profile, base)) is kind


def test_a_film_of_profile_8_looks_like_its_base(tmp_path: Path) -> None:
    plain = bars(tmp_path / "plain.mp4", pq, PQ)
    dolby = bars(tmp_path / "dolby.mp4", pq, PQ)
    declare_dolby_vision(dolby, profile=8, base=1)
    assert ours(dolby, ToneCurve.HABLE) == ours(plain, ToneCurve.HABLE)


def test_a_base_that_names_no_colours_is_what_the_container_says_of_it(tmp_path: Path) -> None:
    silent = bars(tmp_path / "silent.mp4", pq, (9, 2, 2, 1))
    declare_dolby_vision(silent, profile=8, base=1)
    named = bars(tmp_path / "named.mp4", pq, PQ)
    assert largest_difference(ours(silent, ToneCurve.HABLE), ours(named, ToneCurve.HABLE)) < 2


@pytest.mark.parametrize("tags", [PQ, (1, 1, 1, 1)])
def test_a_frame_that_was_shown_is_let_go_without_the_collector(hdr10: Path, tags: tuple[int, int, int, int]) -> None:
    def frames() -> int:
        return sum(isinstance(thing, av.VideoFrame) for thing in gc.get_objects())

    with av.open(hdr10) as container:
        maker = PictureMaker(container.streams.video[0], PreviewSettings(), frozenset(Fit))
        maker.make(frame_of([np.full((16, 16), 512.0)] * 3, tags=tags))
        gc.collect()
        gc.disable()
        try:
            before = frames()
            maker.make(frame_of([np.full((16, 16), 512.0)] * 3, tags=tags))
            assert frames() == before
        finally:
            gc.enable()
