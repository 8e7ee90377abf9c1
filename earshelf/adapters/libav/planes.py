"""The planes of frames as arrays: taking one field, and turning."""

from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from earshelf.adapters.libav.shapes import UPRIGHT, Turn

Rows = NDArray[np.uint8]


def rows(plane: Any) -> Rows:
    """Returns a plane's memory, a row of bytes per line; lines may be longer than the picture is wide."""
    return np.frombuffer(plane, np.uint8).reshape(-1, abs(plane.line_size))


def one_field(frame: av.VideoFrame) -> av.VideoFrame:
    """Returns every second line, beginning with the first: two fields show two moments, and both together a comb."""
    field = av.VideoFrame(frame.width, (frame.height + 1) // 2, frame.format.name)
    for source, target in zip(frame.planes, field.planes, strict=True):
        _copy(rows(source)[::2], rows(target))
    field.colorspace, field.color_range = frame.colorspace, frame.color_range
    field.color_trc, field.color_primaries = frame.color_trc, frame.color_primaries
    return field


def turned(picture: av.VideoFrame, turn: Turn) -> av.VideoFrame:
    """Returns a picture of one byte per sample and equal subsampling both ways the way it is meant to be seen."""
    if turn == UPRIGHT:
        return picture
    size = (picture.height, picture.width) if turn.swaps else (picture.width, picture.height)
    result = av.VideoFrame(*size, picture.format.name)
    for source, target in zip(picture.planes, result.planes, strict=True):
        _copy(_turned(rows(source)[: source.height, : source.width], turn), rows(target))
    result.colorspace, result.color_range = picture.colorspace, picture.color_range
    return result


def _turned(samples: Rows, turn: Turn) -> Rows:
    upright = samples.T if turn.swaps else samples
    return upright[:: -1 if turn.mirrors_y else 1, :: -1 if turn.mirrors_x else 1]


def _copy(source: Rows, target: Rows) -> None:
    high, wide = (min(pair) for pair in zip(source.shape, target.shape, strict=True))
    target[:high, :wide] = source[:high, :wide]
