"""The last step of wide light: folding it into what a JPEG shows, by tables, at the size of the thumbnail."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import av
import numpy as np
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from earshelf.adapters.libav.jpeg import PIXELS
from earshelf.domain.colour import (
    BT709,
    PQ_PEAK,
    REFERENCE_WHITE,
    Chromaticities,
    Matrix,
    Triple,
    gamut_to_gamut,
    light_to_display,
    tone_curve,
)
from earshelf.domain.previews import ToneCurve

Planes = NDArray[np.float32]
"""Three rows, one per component, a column per pixel."""

STEPS = 4096
_OUTPUT_STEPS = 16384
_BRIGHTEST = PQ_PEAK / REFERENCE_WHITE


@lru_cache(maxsize=16)
def table(function: Callable[[float], float], factor: float = 1.0) -> NDArray[np.float32]:
    """Returns a function of 0 to 1, times a factor, at ``STEPS`` even steps."""
    return np.array([function(step / (STEPS - 1)) * factor for step in range(STEPS)], np.float32)


def looked_up(values: NDArray[np.float32], places: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the table's value for every place from 0 to 1; places outside count as the nearest end."""
    index = (np.clip(places, 0, 1) * np.float32(STEPS - 1) + np.float32(0.5)).astype(np.uint16)
    return values.take(index)


def times(matrix: Matrix, planes: Planes) -> Planes:
    """Returns the matrix times every pixel."""
    # written out: a library of linear algebra starts threads for this
    return np.stack([weighted(row, planes) for row in matrix])


def weighted(weights: Triple, planes: Planes) -> NDArray[np.float32]:
    """Returns the weighted sum of the three rows."""
    total: NDArray[np.float32] = planes[0] * np.float32(weights[0])
    total += planes[1] * np.float32(weights[1])
    total += planes[2] * np.float32(weights[2])
    return total


class Screen:
    """Shows linear light with one tone curve."""

    def __init__(self, curve: ToneCurve | None) -> None:
        self._curve = curve
        self._colours = VideoReformatter()

    def show(self, light: Planes, gamut: Chromaticities, peak: float, size: tuple[int, int]) -> av.VideoFrame:
        """Returns light, 1 for diffuse white, as a frame in ``jpeg.PIXELS``; ``peak`` in multiples of white."""
        if gamut != BT709:
            light = times(gamut_to_gamut(gamut, BT709), light)
        if self._curve is not None:
            light *= self._gains(light.max(axis=0), peak)
        index = (np.clip(light, 0, 1) * np.float32(_OUTPUT_STEPS - 1) + np.float32(0.5)).astype(np.uint16)
        picture = np.ascontiguousarray(_displayed().take(index).T).reshape(size[1], size[0], 3)
        return self._colours.reformat(
            av.VideoFrame.from_ndarray(picture, format="rgb24"),
            format=PIXELS,
            src_colorspace=Colorspace.ITU601,
            dst_colorspace=Colorspace.ITU601,
            src_color_range=2,
            dst_color_range=2,
            interpolation=Interpolation.AREA,  # the default leaves grey a little green
            threads=1,
        )

    def _gains(self, brightest: NDArray[Any], peak: float) -> NDArray[np.float32]:
        # one factor for all three colours of a pixel keeps its hue
        assert self._curve is not None
        return looked_up(_gain_table(self._curve, round(peak, 2)), np.sqrt(np.maximum(brightest, 0) / _BRIGHTEST))


@lru_cache(maxsize=16)
def _gain_table(curve: ToneCurve, peak: float) -> NDArray[np.float32]:
    folded = tone_curve(curve, peak)

    def gain(place: float) -> float:
        # even steps of the root spend most of the table on the dark
        light = max(place**2 * _BRIGHTEST, 1e-6)
        return folded(light) / light

    return table(gain)


@lru_cache(maxsize=1)
def _displayed() -> NDArray[np.uint8]:
    signal = [light_to_display(step / (_OUTPUT_STEPS - 1)) * 255 + 0.5 for step in range(_OUTPUT_STEPS)]
    return np.array(signal, np.float32).astype(np.uint8)
