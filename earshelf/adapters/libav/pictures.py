"""Thumbnails out of decoded frames: brought to size first, then to the colours of a JPEG."""

from collections.abc import Mapping

import av
from av.sidedata.sidedata import Type
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

from earshelf.adapters.libav import planes
from earshelf.adapters.libav.jpeg import PIXELS, JpegEncoder
from earshelf.adapters.libav.shapes import UPRIGHT, Turn, display_aspect, fitted, turn_of
from earshelf.adapters.libav.side_data import attached
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Fit, PreviewSettings

LIMITED_RANGE = 1
FULL_RANGE = 2
_UNSPECIFIED = 2
_KNOWN_MATRICES = frozenset({1, 4, 5, 6, 7, 9, 10})
_LARGEST_OF_601 = (1024, 576)


def source_matrix(frame: av.VideoFrame) -> int:
    """Returns the matrix between the frame's luma and chroma and its colours; by its size where it is not said."""
    if frame.colorspace in _KNOWN_MATRICES:
        return {6: Colorspace.ITU601, 10: Colorspace.BT2020}.get(frame.colorspace, Colorspace(frame.colorspace))
    is_small = frame.width <= _LARGEST_OF_601[0] and frame.height <= _LARGEST_OF_601[1]
    return Colorspace.ITU601 if is_small else Colorspace.ITU709


def source_range(frame: av.VideoFrame) -> int:
    """Returns whether black and white lie at the ends of the numbers; where it is not said, the format tells."""
    if frame.color_range in (LIMITED_RANGE, FULL_RANGE) and not frame.format.is_rgb:
        return frame.color_range
    return FULL_RANGE if frame.format.is_rgb or frame.format.name.startswith("yuvj") else LIMITED_RANGE


class PlainScaler:
    """Brings frames of ordinary dynamic range to size and to the colours of a JPEG in one conversion."""

    def __init__(self) -> None:
        self._scaler = VideoReformatter()

    def picture(self, frame: av.VideoFrame, size: tuple[int, int]) -> av.VideoFrame:
        """Returns the frame in ``jpeg.PIXELS`` at this size."""
        return self._scaler.reformat(
            frame,
            *size,
            PIXELS,
            src_colorspace=source_matrix(frame),
            dst_colorspace=Colorspace.ITU601,
            src_color_range=source_range(frame),
            dst_color_range=FULL_RANGE,
            # averages all pixels that fall together, and is quicker than the filters that are no worse
            interpolation=Interpolation.AREA,
            threads=1,
        )


class PictureMaker:
    """Makes the thumbnails of one video; what it sets up for the first frame it keeps for the rest.

    How a picture is to be turned only its frames tell: ``sizes`` is certain once the first frame was seen. Every
    later frame is brought to the same sizes, also where the video changes its own.
    """

    def __init__(self, stream: av.VideoStream, settings: PreviewSettings, fits: frozenset[Fit]) -> None:
        if not stream.width or not stream.height:
            raise VideoUnusable("the video does not say how large its pictures are")
        self._aspect = display_aspect((stream.width, stream.height), stream.sample_aspect_ratio)
        self._settings = settings
        self._fits = fits
        self._turn = UPRIGHT
        self._scaler = PlainScaler()
        self._smaller = VideoReformatter()
        self._encoders: dict[tuple[int, int], JpegEncoder] = {}
        self._is_settled = False
        self.sizes: Mapping[Fit, tuple[int, int]] = self._sizes_for(UPRIGHT)

    def make(self, frame: av.VideoFrame) -> dict[Fit, bytes]:
        """Returns the frame as JPEG for every fit; fits that agree in size share one bytes object.

        :raises VideoUnusable: the frame cannot be shown.
        """
        try:
            self.settle(frame)
            jpegs = self._jpegs(planes.one_field(frame) if frame.interlaced_frame else frame)
        except (av.FFmpegError, ValueError, MemoryError) as problem:
            raise VideoUnusable(f"a picture in {frame.format.name} cannot be shown: {problem}") from problem
        return {fit: jpegs[size] for fit, size in self.sizes.items()}

    def settle(self, frame: av.VideoFrame) -> None:
        """Makes ``sizes`` certain by the video's first frame; later calls change nothing."""
        if not self._is_settled:
            self._turn = _turn(frame)
            self.sizes = self._sizes_for(self._turn)
            self._is_settled = True

    def _sizes_for(self, turn: Turn) -> dict[Fit, tuple[int, int]]:
        aspect = 1 / self._aspect if turn.swaps else self._aspect
        return {fit: fitted(aspect, fit, self._settings.width) for fit in self._fits}

    def _jpegs(self, frame: av.VideoFrame) -> dict[tuple[int, int], bytes]:
        largest, *others = sorted(set(self.sizes.values()), reverse=True)
        lying = largest[::-1] if self._turn.swaps else largest
        picture = planes.turned(self._scaler.picture(frame, lying), self._turn)
        pictures = {largest: picture} | {size: self._shrunk(picture, size) for size in others}
        return {size: self._encoder(size).encode(one) for size, one in pictures.items()}

    def _shrunk(self, picture: av.VideoFrame, size: tuple[int, int]) -> av.VideoFrame:
        return self._smaller.reformat(picture, *size, interpolation=Interpolation.AREA, threads=1)

    def _encoder(self, size: tuple[int, int]) -> JpegEncoder:
        if size not in self._encoders:
            self._encoders[size] = JpegEncoder(size, self._settings.quality)
        return self._encoders[size]


def _turn(frame: av.VideoFrame) -> Turn:
    matrix = attached(frame, Type.DISPLAYMATRIX)
    return turn_of(matrix) if matrix else UPRIGHT
