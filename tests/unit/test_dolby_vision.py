"""Dolby Vision profile 5 with composed metadata: patches of known light come back from pictures in IPT-PQ-c2.

No film of a licensed encoder is at hand. Pictures and metadata are made here by the published transform turned
round, with reshaping by powers and by products, and libav's own decoder hands the metadata over.
"""

import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import pytest
from av.sidedata.sidedata import Type

from earshelf.adapters.libav.dolby_metadata import MetadataUnusable, parsed
from earshelf.adapters.libav.dolby_vision import cones_to_colours
from earshelf.adapters.libav.pictures import PictureMaker
from earshelf.adapters.libav.planes import one_field
from earshelf.adapters.libav.side_data import attached
from earshelf.domain.colour import (
    BT709,
    BT2020,
    Matrix,
    Triple,
    applied,
    gamut_to_gamut,
    gamut_to_xyz,
    inverted,
    light_to_display,
    light_to_pq,
    product,
    tone_curve,
)
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Fit, PreviewSettings, ToneCurve
from tests.unit.painted import (
    declare_dolby_vision,
    film,
    frame_of,
    largest_difference,
    made,
    opened,
    patch_means,
    spread,
)
from tests.unit.rpu import RGB_TO_LMS, YCC_TO_RGB, Curve, rpu

HUES = [(1, 1, 1), (1, 0.1, 0.1), (0.1, 1, 0.1), (0.1, 0.1, 1), (1, 1, 0.1), (0.1, 1, 1), (1, 0.1, 1), (0.8, 0.5, 0.4)]
NITS = [[(n * red, n * green, n * blue) for red, green, blue in HUES] for n in (20, 100, 400)]
PLAIN = PreviewSettings(width=256, quality=1, tonemap=ToneCurve.MOBIUS)
SILENT = (2, 2, 2, 2)

# cones of Hunt, Pointer and Estevez for D65, before any crosstalk
CONES: Matrix = ((0.40024, 0.70760, -0.08081), (-0.22630, 1.16532, 0.04570), (0.0, 0.0, 0.91822))

IDENTITY: Sequence[Curve] = [([0, 1023], [[0.0, 1.0]])] * 3
# intensity was folded into two slopes, one opponent squared, the other mixed with intensity
KNEE = 400
FOLDED: Sequence[Curve] = [
    ([0, KNEE, 1023], [[0.0, 0.8], [KNEE / 1023 * -0.4, 1.2]]),
    ([0, 1023], [[0.1, 0.6, 0.2]]),
    ([0, 1023], [(0.05, [[0, 0, 0.7, 0, 0.3, 0, 0]])]),
]


def scaled(rows: Sequence[Sequence[int]], unit: int) -> Matrix:
    first, second, third = ((row[0] / unit, row[1] / unit, row[2] / unit) for row in rows)
    return first, second, third


def coded(nits: Triple) -> Triple:
    """Light in BT.2020 as intensity and two opponents, 0 to 1."""
    light = [value / 10_000 for value in nits]
    cones = applied(product(CONES, gamut_to_xyz(BT2020)), light)
    mixed = applied(inverted(scaled(RGB_TO_LMS, 16384)), cones)
    one, two, three = applied(inverted(scaled(YCC_TO_RGB, 8192)), [light_to_pq(value) for value in mixed])
    return one, two + 0.5, three + 0.5


def folded(components: Triple) -> Triple:
    """What ``FOLDED`` puts right again."""
    one, two, three = components
    first = one / 0.8
    if first > KNEE / 1023:
        first = (one + 0.4 * KNEE / 1023) / 1.2
    second = (-0.6 + math.sqrt(0.36 + 0.8 * (two - 0.1))) / 0.4
    return first, second, (three - 0.05) / (0.7 + 0.3 * first)


def dolby(path: Path, patches: Sequence[Sequence[Triple]], metadata: bytes, declares: bool = True) -> Path:
    colours = spread(patches) * 1023
    frame: Any = frame_of([colours[..., 0], colours[..., 1], colours[..., 2]], "yuv444p10le", SILENT)
    film(path, frame, nal=metadata)
    if declares:
        declare_dolby_vision(path, profile=5, base=0)
    return path


def expected(nits: Triple) -> list[float]:
    light = applied(gamut_to_gamut(BT2020, BT709), [value / 100 for value in nits])
    curve = tone_curve(ToneCurve.MOBIUS, 40)  # 3696 of 4095 stands for 4000 nits
    return [255 * light_to_display(value * curve(max(light)) / max(light)) for value in light]


def seen(path: Path) -> list[Triple]:
    _, jpegs = made(path, PLAIN, frozenset({Fit.WIDTH}))
    return patch_means(opened(jpegs[Fit.WIDTH]), len(HUES), len(NITS))


WANTED = [expected(nits) for nits in itertools.chain(*NITS)]


def test_patches_come_back_where_nothing_was_reshaped(tmp_path: Path) -> None:
    patches = [[coded(nits) for nits in row] for row in NITS]
    assert largest_difference(seen(dolby(tmp_path / "film.mp4", patches, rpu(IDENTITY))), WANTED) < 8


def test_patches_come_back_from_curves_of_powers_and_of_products(tmp_path: Path) -> None:
    patches = [[folded(coded(nits)) for nits in row] for row in NITS]
    assert largest_difference(seen(dolby(tmp_path / "film.mp4", patches, rpu(FOLDED))), WANTED) < 8


def test_a_film_that_does_not_declare_its_profile_is_known_by_its_metadata(tmp_path: Path) -> None:
    patches = [[coded(nits) for nits in row] for row in NITS]
    silent = dolby(tmp_path / "film.mp4", patches, rpu(IDENTITY), declares=False)
    assert largest_difference(seen(silent), WANTED) < 8


def test_a_declared_film_without_metadata_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = dolby(tmp_path / "film.mp4", [[coded((100, 100, 100))]], b"")
    with pytest.raises(VideoUnusable, match="profile 5 cannot be shown: its metadata is missing"):
        made(path, PLAIN, frozenset({Fit.BOX}))


def test_a_frame_that_lost_its_metadata_is_shown_with_those_before_it(tmp_path: Path) -> None:
    path = dolby(tmp_path / "film.mp4", [[coded((100, 100, 100))]], rpu(IDENTITY))
    with av.open(path) as container:
        maker = PictureMaker(container.streams.video[0], PLAIN, frozenset({Fit.WIDTH}))
        frame = next(container.decode(video=0))
        bare = one_field(frame)  # a new frame of the same colours
        assert attached(bare, Type.DOVI_METADATA) is None
        before, after = (patch_means(opened(maker.make(one)[Fit.WIDTH]), 1, 1) for one in (frame, bare))
    assert largest_difference(before, after) < 2


def test_cones_become_colours_by_the_digits_that_are_published() -> None:
    # from LMS of ITU-R BT.2100 before its crosstalk, as open decoders print it
    published = ((3.06442, -2.16598, 0.10156), (-0.65612, 1.78554, -0.12944), (0.01736, -0.04725, 1.03004))
    for row, digits in zip(cones_to_colours(), published, strict=True):
        assert row == pytest.approx(digits, abs=2e-4)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = dolby(tmp_path_factory.mktemp("dolby") / "film.mp4", [[coded((100, 100, 100))]], rpu(FOLDED))
    with av.open(path) as container:
        found = attached(next(container.decode(video=0)), Type.DOVI_METADATA)
    assert found is not None
    return found


def test_the_metadata_are_the_ones_that_were_written(record: bytes) -> None:
    metadata = parsed(record)
    assert metadata.to_signal == scaled(YCC_TO_RGB, 8192)
    assert metadata.to_cones == scaled(RGB_TO_LMS, 16384)
    assert metadata.offset == (0, 0.5, 0.5)
    assert metadata.peak == pytest.approx(4000, rel=0.01)
    intensity, first, second = metadata.curves
    assert intensity.pivots == (0, KNEE / 1023, 1)
    assert intensity.pieces[1].powers == pytest.approx((1.2, 0))
    assert (first.pieces[0].constant, *first.pieces[0].powers) == pytest.approx((0.1, 0.6, 0.2))
    assert second.pieces[0].mixed[0] == pytest.approx((0, 0, 0.7, 0, 0.3, 0, 0))


@pytest.mark.parametrize("length", [0, 8, 23, 24, 100, 2000])
def test_metadata_that_break_off_are_unusable(record: bytes, length: int) -> None:
    with pytest.raises(MetadataUnusable, match="breaks off"):
        parsed(record[:length])


@pytest.mark.parametrize("octet", [0x00, 0xFF])
def test_metadata_overwritten_with_one_value_are_unusable(record: bytes, octet: int) -> None:
    offsets = record[:24]
    with pytest.raises(MetadataUnusable):
        parsed(offsets + bytes([octet]) * (len(record) - 24))
