"""Films with high dynamic range: brought to size in 16 bits first, then to light, and folded into a thumbnail."""

import struct
from collections.abc import Callable
from typing import Any

import av
import numpy as np
from av.sidedata.sidedata import Type
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from earshelf.adapters.libav.colours_of_frames import LIMITED_RANGE, source_matrix, source_range
from earshelf.adapters.libav.screen import Planes, Screen, looked_up, table, times, weighted
from earshelf.adapters.libav.side_data import attached
from earshelf.domain.colour import (
    ASSUMED_PEAK,
    BT709,
    BT2020,
    DISPLAY_P3,
    LUMA_2020,
    PQ_PEAK,
    REFERENCE_WHITE,
    Chromaticities,
    Matrix,
    display_to_light,
    hlg_gain,
    hlg_to_scene,
    luma_to_colours,
    pq_to_light,
)
from earshelf.domain.previews import ToneCurve

_GAMUTS = {1: BT709, 11: DISPLAY_P3, 12: DISPLAY_P3}
_WEIGHTS = {Colorspace.ITU709: (0.2126, 0.0722), Colorspace.BT2020: (0.2627, 0.0593)}
_WEIGHTS_OF_601 = (0.299, 0.114)
_HIGHLIGHTS = (REFERENCE_WHITE, PQ_PEAK)


def rows(plane: Any) -> NDArray[np.uint8]:
    """Returns a plane's memory, a row of bytes per line; lines may be longer than the picture is wide."""
    return np.frombuffer(plane, np.uint8).reshape(-1, abs(plane.line_size))


class SampleReader:
    """Brings frames to size and gives their three components as they are coded."""

    def __init__(self) -> None:
        self._scaler = VideoReformatter()

    def samples(self, frame: av.VideoFrame, size: tuple[int, int], matrix: int, levels: int) -> Planes:
        """Returns the components as 16-bit codes."""
        small = self._scaler.reformat(
            frame,
            *size,
            "yuv444p16le",
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range=levels,
            dst_color_range=levels,
            interpolation=Interpolation.AREA,
            threads=1,
        )
        codes = [rows(plane).view(np.uint16)[: size[1], : size[0]] for plane in small.planes]
        return np.stack(codes).reshape(3, -1).astype(np.float32)


class ToneMapper:
    """Makes pictures of frames with wide light or a wide gamut; without a curve light is not folded."""

    def __init__(self, curve: ToneCurve | None, to_light: Callable[[Planes], Planes]) -> None:
        self._screen = Screen(curve)
        self._reader = SampleReader()
        self._to_light = to_light
        self._peak: float | None = None

    def picture(self, frame: av.VideoFrame, size: tuple[int, int]) -> av.VideoFrame:
        """Returns the frame in ``jpeg.PIXELS`` at this size."""
        if self._peak is None:
            # once per film: a frame whose side data was looked at stays in memory until cycles are collected
            self._peak = peak_of(frame) / REFERENCE_WHITE
        light = self._to_light(colours(self._reader, frame, size))
        return self._screen.show(light, gamut_of(frame), self._peak, size)


def colours(reader: SampleReader, frame: av.VideoFrame, size: tuple[int, int]) -> Planes:
    """Returns red, green and blue as coded, 0 to 1."""
    matrix, levels = source_matrix(frame), source_range(frame)
    codes = reader.samples(frame, size, matrix, levels)
    black, white, centre, spread = (
        (16 * 256, 219 * 256, 128 * 256, 224 * 256) if levels == LIMITED_RANGE else (0, 65535, 32768, 65535)
    )
    codes[0] -= black
    codes[0] /= white
    codes[1:] -= centre
    codes[1:] /= spread
    return times(_to_colours(matrix), codes)


def _to_colours(matrix: int) -> Matrix:
    return luma_to_colours(*_WEIGHTS.get(Colorspace(matrix), _WEIGHTS_OF_601))


def pq_light(signal: Planes) -> Planes:
    """Returns light, 1 for diffuse white, of PQ colours."""
    return looked_up(table(pq_to_light, PQ_PEAK / REFERENCE_WHITE), signal)


def hlg_light(signal: Planes) -> Planes:
    """Returns light, 1 for diffuse white, of HLG colours on a display of nominal peak."""
    scene = looked_up(table(hlg_to_scene), signal)
    scene *= looked_up(table(hlg_gain, ASSUMED_PEAK / REFERENCE_WHITE), weighted(LUMA_2020, scene))
    return scene


def ordinary_light(signal: Planes) -> Planes:
    """Returns light, 1 for white, of colours of ordinary dynamic range."""
    return looked_up(table(display_to_light), signal)


def gamut_of(frame: av.VideoFrame) -> Chromaticities:
    """Returns the gamut the frame names; high dynamic range that names none has that of BT.2020."""
    return _GAMUTS.get(frame.color_primaries, BT2020)


def peak_of(frame: av.VideoFrame) -> float:
    """Returns nits of the brightest highlight, by the content's light level or the mastering display, else 1000."""
    level, mastering = attached(frame, Type.CONTENT_LIGHT_LEVEL), attached(frame, Type.MASTERING_DISPLAY_METADATA)
    candidates = [_content_peak(level) if level else 0, _display_peak(mastering) if mastering else 0]
    sound = (nits for nits in candidates if _HIGHLIGHTS[0] <= nits <= _HIGHLIGHTS[1])
    return next(sound, ASSUMED_PEAK)


def _content_peak(record: bytes) -> float:
    # AVContentLightMetadata begins with MaxCLL
    return float(struct.unpack_from("=I", record)[0]) if len(record) >= 4 else 0


def _display_peak(record: bytes) -> float:
    # AVMasteringDisplayMetadata: eight fractions of chromaticities, darkest, brightest, and two flags
    if len(record) < 88:
        return 0
    above, below, _, has_luminance = struct.unpack_from("=4i", record, 72)
    return above / below if has_luminance and below else 0
