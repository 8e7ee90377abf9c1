"""Light and its signals: transfer functions, gamuts and tone curves, a number at a time.

Signals run from 0 to 1. Light is relative to a reference: the functions of PQ speak of 10000 nits, those of HLG of the
scene's brightest, and the tone curves of diffuse white, for which ``REFERENCE_WHITE`` nits are taken.
"""

import math
from collections.abc import Callable, Sequence
from typing import assert_never

from earshelf.domain.previews import ToneCurve

Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]
Chromaticities = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]

REFERENCE_WHITE = 100.0
"""Nits of the white that a thumbnail shows as white."""

PQ_PEAK = 10_000.0
"""Nits that the largest PQ signal stands for (SMPTE ST 2084)."""

ASSUMED_PEAK = 1000.0
"""Nits of the brightest highlight where no metadata says it; also the nominal peak of HLG (ITU-R BT.2100)."""

LUMA_2020: Triple = (0.2627, 0.6780, 0.0593)
"""How much red, green and blue add to luminance (ITU-R BT.2020, table 4)."""

_D65 = (0.3127, 0.3290)

BT709: Chromaticities = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
"""Red, green and blue of ITU-R BT.709 and sRGB, as x and y of CIE 1931; white is D65 in every gamut here."""

BT2020: Chromaticities = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
"""Red, green and blue of ITU-R BT.2020."""

DISPLAY_P3: Chromaticities = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
"""Red, green and blue of SMPTE EG 432-1 with white D65."""

# SMPTE ST 2084, section 5
_M1, _M2 = 2610 / 16384, 2523 / 32
_C1, _C2, _C3 = 3424 / 4096, 2413 / 128, 2392 / 128

# ITU-R BT.2100, table 5
_A = 0.17883277
_B = 1 - 4 * _A
_C = 0.5 - _A * math.log(4 * _A)
_SYSTEM_GAMMA = 1.2


def pq_to_light(signal: float) -> float:
    """Returns light, 1 for 10000 nits, of a PQ signal (the EOTF of SMPTE ST 2084)."""
    root = min(max(signal, 0.0), 1.0) ** (1 / _M2)
    return float((max(root - _C1, 0.0) / (_C2 - _C3 * root)) ** (1 / _M1))


def light_to_pq(light: float) -> float:
    """Returns the PQ signal of light, 1 for 10000 nits; undoes ``pq_to_light``."""
    power = min(max(light, 0.0), 1.0) ** _M1
    return float(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2)


def hlg_to_scene(signal: float) -> float:
    """Returns the scene's light, at most 1, of an HLG signal (the inverse OETF of ITU-R BT.2100, table 5)."""
    signal = min(max(signal, 0.0), 1.0)
    return signal**2 / 3 if signal <= 0.5 else (math.exp((signal - _C) / _A) + _B) / 12


def scene_to_hlg(light: float) -> float:
    """Returns the HLG signal of a scene's light; undoes ``hlg_to_scene``."""
    light = min(max(light, 0.0), 1.0)
    return math.sqrt(3 * light) if light <= 1 / 12 else _A * math.log(12 * light - _B) + _C


def hlg_gain(luminance: float) -> float:
    """Returns what a scene's colours are multiplied by on a display of nominal peak (the OOTF of ITU-R BT.2100).

    ``luminance`` is the scene's, by ``LUMA_2020``; the product is light where 1 is the display's peak.
    """
    return float(max(luminance, 0.0) ** (_SYSTEM_GAMMA - 1))


def display_to_light(signal: float) -> float:
    """Returns light of an ordinary video signal on a reference display (the EOTF of ITU-R BT.1886, black at 0)."""
    return float(min(max(signal, 0.0), 1.0) ** 2.4)


def light_to_display(light: float) -> float:
    """Returns the video signal that shows this light on a reference display; undoes ``display_to_light``."""
    return float(min(max(light, 0.0), 1.0) ** (1 / 2.4))


def tone_curve(curve: ToneCurve, peak: float) -> Callable[[float], float]:
    """Returns a curve that folds light up to ``peak`` into 0 to 1; both in multiples of diffuse white.

    The curves and their parameters are those that FFmpeg's manual gives for its filter ``tonemap``. What is brighter
    than the peak may come out above 1.
    """
    match curve:
        case ToneCurve.LINEAR:
            return lambda light: light / peak
        case ToneCurve.CLIP:
            return lambda light: min(light, 1.0)
        case ToneCurve.GAMMA:
            return lambda light: _gamma(light, peak)
        case ToneCurve.REINHARD:
            return lambda light: light / (light + 1) * (peak + 1) / peak
        case ToneCurve.HABLE:
            return lambda light: _filmic(light) / _filmic(peak)
        case ToneCurve.MOBIUS:
            return lambda light: _mobius(light, peak)
    assert_never(curve)


def _gamma(light: float, peak: float, exponent: float = 1 / 1.8, knee: float = 0.05) -> float:
    # a straight line near black, where the power's slope would be endless
    if light > knee:
        return float((light / peak) ** exponent)
    return float(light * (knee / peak) ** exponent / knee)


def _filmic(light: float) -> float:
    # J. Hable, "Filmic Tonemapping Operators", 2010
    shoulder, linear, angle, toe, rise, run = 0.15, 0.50, 0.10, 0.20, 0.02, 0.30
    above = light * (shoulder * light + angle * linear) + toe * rise
    below = light * (shoulder * light + linear) + toe * run
    return above / below - rise / run


def _mobius(light: float, peak: float, knee: float = 0.3) -> float:
    # equal in value and slope to the identity at the knee, 1 at the peak
    if light <= knee or peak <= 1:
        return light
    shift = -(knee**2) * (peak - 1) / (knee**2 - 2 * knee + peak)
    pole = (knee**2 - 2 * knee * peak + peak) / (peak - 1)
    return (pole**2 + 2 * pole * knee + knee**2) / (pole - shift) * (light + shift) / (light + pole)


def gamut_to_xyz(gamut: Chromaticities) -> Matrix:
    """Returns the matrix from linear red, green and blue to CIE XYZ with white at Y = 1 (SMPTE RP 177)."""
    columns = [(x / y, 1.0, (1 - x - y) / y) for x, y in (*gamut, _D65)]
    primaries = transposed(columns[:3])
    red, green, blue = applied(inverted(primaries), columns[3])
    return product(primaries, ((red, 0.0, 0.0), (0.0, green, 0.0), (0.0, 0.0, blue)))


def gamut_to_gamut(source: Chromaticities, target: Chromaticities) -> Matrix:
    """Returns the matrix between linear colours of two gamuts; colours outside the target fall below 0 or above 1."""
    return product(inverted(gamut_to_xyz(target)), gamut_to_xyz(source))


def luma_to_colours(red: float, blue: float) -> Matrix:
    """Returns the matrix from luma and chroma (-0.5 to 0.5) to colours, from the weights of red and blue in luma."""
    green = 1 - red - blue
    return (
        (1.0, 0.0, 2 * (1 - red)),
        (1.0, -2 * (1 - blue) * blue / green, -2 * (1 - red) * red / green),
        (1.0, 2 * (1 - blue), 0.0),
    )


def applied(matrix: Matrix, vector: Sequence[float]) -> Triple:
    """Returns a matrix times a column."""
    first, second, third = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return first, second, third


def product(left: Matrix, right: Matrix) -> Matrix:
    """Returns a matrix times a matrix."""
    return transposed([applied(left, column) for column in transposed(right)])


def transposed(rows: Sequence[Sequence[float]]) -> Matrix:
    """Returns three rows of three as columns."""
    first, second, third = ((column[0], column[1], column[2]) for column in zip(*rows, strict=True))
    return first, second, third


def inverted(matrix: Matrix) -> Matrix:
    """Returns the inverse of a matrix.

    :raises ZeroDivisionError: it has none.
    """
    (a, b, c), (d, e, f), (g, h, i) = matrix
    cofactors = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    scale = 1 / (a * cofactors[0][0] + b * cofactors[1][0] + c * cofactors[2][0])
    return transposed([[value * scale for value in column] for column in zip(*cofactors, strict=True)])
