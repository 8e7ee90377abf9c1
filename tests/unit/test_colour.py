"""Transfer functions, gamuts and tone curves against the numbers that their standards give."""

import itertools

import pytest

from earshelf.domain.colour import (
    BT709,
    BT2020,
    applied,
    display_to_light,
    gamut_to_gamut,
    gamut_to_xyz,
    hlg_gain,
    hlg_to_scene,
    inverted,
    light_to_display,
    light_to_pq,
    luma_to_colours,
    pq_to_light,
    product,
    scene_to_hlg,
    tone_curve,
)
from earshelf.domain.previews import ToneCurve

STEPS = [step / 50 for step in range(51)]


@pytest.mark.parametrize(("nits", "signal"), [(0, 0.0), (100, 0.5081), (1000, 0.7518), (4000, 0.9026), (10000, 1.0)])
def test_pq_gives_the_signals_that_its_standard_lists(nits: int, signal: float) -> None:
    assert light_to_pq(nits / 10000) == pytest.approx(signal, abs=1e-4)


@pytest.mark.parametrize("signal", STEPS)
def test_pq_and_hlg_come_back_from_light(signal: float) -> None:
    assert light_to_pq(pq_to_light(signal)) == pytest.approx(signal, abs=1e-6)
    assert scene_to_hlg(hlg_to_scene(signal)) == pytest.approx(signal, abs=1e-6)
    assert light_to_display(display_to_light(signal)) == pytest.approx(signal, abs=1e-6)


def test_hlg_gives_a_twelfth_of_the_scene_at_half_signal_and_all_of_it_at_full() -> None:
    assert hlg_to_scene(0.5) == pytest.approx(1 / 12)
    assert hlg_to_scene(1) == pytest.approx(1, abs=1e-6)


def test_hlg_reference_white_is_203_nits_on_a_display_of_1000() -> None:
    scene = hlg_to_scene(0.75)
    assert 1000 * scene * hlg_gain(scene) == pytest.approx(203, abs=0.5)


@pytest.mark.parametrize("function", [pq_to_light, light_to_pq, hlg_to_scene, scene_to_hlg, light_to_display])
def test_signals_beyond_the_ends_count_as_the_ends(function: object) -> None:
    assert callable(function)
    assert function(-0.2) == function(0)
    assert function(1.7) == function(1)


def test_bt709_weighs_colours_in_luminance_as_its_standard_says() -> None:
    assert gamut_to_xyz(BT709)[1] == pytest.approx((0.2126, 0.7152, 0.0722), abs=1e-4)


def test_bt2020_in_bt709_is_the_matrix_of_bt2087_turned_round() -> None:
    published = ((0.6274, 0.3293, 0.0433), (0.0691, 0.9195, 0.0114), (0.0164, 0.0880, 0.8956))
    for row, expected in zip(gamut_to_gamut(BT709, BT2020), published, strict=True):
        assert row == pytest.approx(expected, abs=1e-4)


def test_white_stays_white_in_every_gamut() -> None:
    assert applied(gamut_to_gamut(BT2020, BT709), (1, 1, 1)) == pytest.approx((1, 1, 1))


def test_a_matrix_times_its_inverse_changes_nothing() -> None:
    matrix = gamut_to_xyz(BT2020)
    for row, expected in zip(product(matrix, inverted(matrix)), ((1, 0, 0), (0, 1, 0), (0, 0, 1)), strict=True):
        assert row == pytest.approx(expected, abs=1e-9)


def test_luma_and_chroma_of_bt601_become_red_again() -> None:
    luma, blue, red = 0.299, -0.299 / 1.772, 0.701 / 1.402
    assert applied(luma_to_colours(0.299, 0.114), (luma, blue, red)) == pytest.approx((1, 0, 0), abs=1e-9)


@pytest.mark.parametrize("curve", [curve for curve in ToneCurve if curve is not ToneCurve.CLIP])
def test_a_curve_takes_the_peak_to_white(curve: ToneCurve) -> None:
    assert tone_curve(curve, 10)(10) == pytest.approx(1)


@pytest.mark.parametrize("curve", list(ToneCurve))
def test_a_curve_never_falls(curve: ToneCurve) -> None:
    shown = [tone_curve(curve, 10)(step / 20) for step in range(201)]
    assert all(before <= after for before, after in itertools.pairwise(shown))
    assert shown[0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("curve", "shown"),
    [
        (ToneCurve.LINEAR, 0.1),
        (ToneCurve.CLIP, 1.0),
        (ToneCurve.REINHARD, 0.55),
        (ToneCurve.GAMMA, 0.2783),
        (ToneCurve.HABLE, 0.3124),
        (ToneCurve.MOBIUS, 0.6631),
    ],
)
def test_diffuse_white_of_a_film_with_a_peak_of_1000_nits(curve: ToneCurve, shown: float) -> None:
    assert tone_curve(curve, 10)(1) == pytest.approx(shown, abs=1e-3)


def test_mobius_leaves_what_is_dark_and_what_needs_no_folding() -> None:
    assert tone_curve(ToneCurve.MOBIUS, 10)(0.25) == 0.25
    assert tone_curve(ToneCurve.MOBIUS, 1)(0.9) == 0.9
