"""Thumbnails out of decoded frames: brought to size first, then to the colours of a JPEG."""

from collections.abc import Mapping
from typing import Protocol, assert_never

import av
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

from earshelf.adapters.libav import planes
from earshelf.adapters.libav.colours_of_frames import FULL_RANGE, StreamTags, source_matrix, source_range
from earshelf.adapters.libav.dynamic_range import DynamicRange, completed, dynamic_range
from earshelf.adapters.libav.jpeg import PIXELS, JpegEncoder
from earshelf.adapters.libav.shapes import UPRIGHT, display_aspect, fitted, turn_of
from earshelf.adapters.libav.stream_facts import stream_facts
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Fit, PreviewSettings, ToneCurve


class Painter(Protocol):
    """Turns frames of one dynamic range into small pictures."""

    def picture(self, frame: av.VideoFrame, size: tuple[int, int]) -> av.VideoFrame:
        """Returns the frame in ``jpeg.PIXELS`` at this size."""
        ...


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


def _painter(kind: DynamicRange, curve: ToneCurve) -> Painter:
    if kind is DynamicRange.ORDINARY:
        return PlainScaler()
    # numpy takes a tenth of a second and 20 MB, which most films do not need
    from earshelf.adapters.libav import dolby_vision, tonemapping  # noqa: PLC0415

    match kind:
        case DynamicRange.WIDE:
            return tonemapping.ToneMapper(None, tonemapping.ordinary_light)
        case DynamicRange.PQ:
            return tonemapping.ToneMapper(curve, tonemapping.pq_light)
        case DynamicRange.HLG:
            return tonemapping.ToneMapper(curve, tonemapping.hlg_light)
        case DynamicRange.DOLBY:
            return dolby_vision.DolbyVision(curve)
    assert_never(kind)


class PictureMaker:
    """Makes the thumbnails of one video; what it sets up for the first frame it keeps for the rest.

    It is to be made before the stream's first frame is decoded: a decoder overwrites what the container says of the
    colours. ``sizes`` are certain from then on, and every frame is brought to them, also where the video changes its
    own size.
    """

    def __init__(self, stream: av.VideoStream, settings: PreviewSettings, fits: frozenset[Fit]) -> None:
        if not stream.width or not stream.height:
            raise VideoUnusable("the video does not say how large its pictures are")
        self._facts = stream_facts(stream)
        self._tags = StreamTags.of(stream)
        self._turn = turn_of(self._facts.matrix) if self._facts.matrix else UPRIGHT
        aspect = display_aspect((stream.width, stream.height), stream.sample_aspect_ratio)
        shown = 1 / aspect if self._turn.swaps else aspect
        self.sizes: Mapping[Fit, tuple[int, int]] = {fit: fitted(shown, fit, settings.width) for fit in fits}
        self._settings = settings
        self._painters: dict[DynamicRange, Painter] = {}
        self._encoders = {size: JpegEncoder(size, settings.quality) for size in self.sizes.values()}
        self._smaller = VideoReformatter()

    def make(self, frame: av.VideoFrame) -> dict[Fit, bytes]:
        """Returns the frame as JPEG for every fit; fits that agree in size share one bytes object.

        :raises VideoUnusable: the frame cannot be shown.
        """
        try:
            self._tags.fill(frame)
            jpegs = {size: self._encoders[size].encode(one) for size, one in self._pictures(frame).items()}
        except (av.FFmpegError, ValueError, MemoryError) as problem:
            raise VideoUnusable(f"a picture in {frame.format.name} cannot be shown: {problem}") from problem
        return {fit: jpegs[size] for fit, size in self.sizes.items()}

    def _pictures(self, frame: av.VideoFrame) -> dict[tuple[int, int], av.VideoFrame]:
        largest, *others = sorted(self._encoders, reverse=True)
        lying = largest[::-1] if self._turn.swaps else largest
        picture = planes.turned(self._painted(frame, lying), self._turn)
        return {largest: picture} | {size: self._shrunk(picture, size) for size in others}

    def _painted(self, frame: av.VideoFrame, size: tuple[int, int]) -> av.VideoFrame:
        if not self._painters:
            self._facts = completed(self._facts, frame)
        kind = dynamic_range(frame, self._facts)
        if kind not in self._painters:
            self._painters[kind] = _painter(kind, self._settings.tonemap)
        return self._painters[kind].picture(planes.one_field(frame) if frame.interlaced_frame else frame, size)

    def _shrunk(self, picture: av.VideoFrame, size: tuple[int, int]) -> av.VideoFrame:
        return self._smaller.reformat(picture, *size, interpolation=Interpolation.AREA, threads=1)
