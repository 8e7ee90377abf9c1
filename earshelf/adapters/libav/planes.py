"""The planes of frames: taking one field, and turning. Plain memory, so that ordinary films need no numpy."""

import av
from av.video.plane import VideoPlane

from earshelf.adapters.libav.shapes import UPRIGHT, Turn


def one_field(frame: av.VideoFrame) -> av.VideoFrame:
    """Returns every second line, beginning with the first: two fields show two moments, and both together a comb."""
    field = av.VideoFrame(frame.width, (frame.height + 1) // 2, frame.format.name)
    for source, target in zip(frame.planes, field.planes, strict=True):
        _copy_lines(source, target)
    field.colorspace, field.color_range = frame.colorspace, frame.color_range
    field.color_trc, field.color_primaries = frame.color_trc, frame.color_primaries
    return field


def _copy_lines(source: VideoPlane, target: VideoPlane) -> None:
    memory, copy = memoryview(source), memoryview(target)
    step, line = abs(source.line_size), abs(target.line_size)
    width = min(step, line)
    if source.height == target.height:  # a palette, which has no lines
        copy[:] = memory[: len(copy)]
        return
    for number in range(target.height):
        begin = min(2 * number, source.height - 1) * step
        copy[number * line : number * line + width] = memory[begin : begin + width]


def turned(picture: av.VideoFrame, turn: Turn) -> av.VideoFrame:
    """Returns a picture of one byte per sample and equal subsampling both ways the way it is meant to be seen."""
    if turn == UPRIGHT:
        return picture
    size = (picture.height, picture.width) if turn.swaps else (picture.width, picture.height)
    result = av.VideoFrame(*size, picture.format.name)
    for source, target in zip(picture.planes, result.planes, strict=True):
        _copy_turned(source, target, turn)
    result.colorspace, result.color_range = picture.colorspace, picture.color_range
    return result


def _copy_turned(source: VideoPlane, target: VideoPlane, turn: Turn) -> None:
    memory, copy = memoryview(source), memoryview(target)
    step, line = abs(source.line_size), abs(target.line_size)
    for number in range(target.height):
        place = target.height - 1 - number if turn.mirrors_y else number
        if turn.swaps:
            samples = memory[place : place + step * (source.height - 1) + 1 : step]
        else:
            samples = memory[place * step : place * step + source.width]
        copy[number * line : number * line + target.width] = samples[:: -1 if turn.mirrors_x else 1]
