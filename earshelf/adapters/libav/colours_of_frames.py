"""What a frame says of its colours, and what is taken where it says nothing: the container's word, then a guess."""

from dataclasses import dataclass
from typing import Self

import av
from av.video.reformatter import Colorspace

LIMITED_RANGE = 1
FULL_RANGE = 2
_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
# without chroma, or with a palette: what formats for still pictures have, whose range is full
_PICTURE_FORMATS = ("gray", "ya", "mono", "pal")
_LARGEST_OF_601 = (1024, 576)


UNSPECIFIED = 2


@dataclass(frozen=True, slots=True)
class StreamTags:
    """What the container says of a stream's colours, in the numbers of ITU-T H.273."""

    matrix: int
    transfer: int
    primaries: int
    levels: int

    @classmethod
    def of(cls, stream: av.VideoStream) -> Self:
        """Reads the tags; a stream that was decoded from says what its decoder said last."""
        context = stream.codec_context
        return cls(context.colorspace, context.color_trc, context.color_primaries, context.color_range)

    def fill(self, frame: av.VideoFrame) -> None:
        """Gives a frame the tags that it lacks."""
        if frame.colorspace == UNSPECIFIED:
            frame.colorspace = self.matrix
        if frame.color_trc == UNSPECIFIED:
            frame.color_trc = self.transfer
        if frame.color_primaries == UNSPECIFIED:
            frame.color_primaries = self.primaries
        if frame.color_range == 0:
            frame.color_range = self.levels


def source_matrix(frame: av.VideoFrame) -> int:
    """Returns the matrix between luma and chroma and the colours; where it is not said, light or size tell."""
    if frame.colorspace in _MATRICES:
        return _MATRICES[frame.colorspace]
    if frame.color_primaries == 9 or frame.color_trc in (16, 18):
        return Colorspace.BT2020
    is_small = frame.width <= _LARGEST_OF_601[0] and frame.height <= _LARGEST_OF_601[1]
    return Colorspace.ITU601 if is_small else Colorspace.ITU709


def source_range(frame: av.VideoFrame) -> int:
    """Returns whether black and white lie at the ends of the numbers; where it is not said, the format tells."""
    if frame.format.is_rgb or frame.format.name.startswith("yuvj"):
        return FULL_RANGE
    if frame.color_range in (LIMITED_RANGE, FULL_RANGE):
        return frame.color_range
    return FULL_RANGE if frame.format.name.startswith(_PICTURE_FORMATS) else LIMITED_RANGE
