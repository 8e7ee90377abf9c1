"""JPEG pictures by libav's own encoder: its scale of quality is the one that ``ffmpeg -q:v`` has."""

from fractions import Fraction

import av
from av.codec.context import Flags

PIXELS = "yuvj420p"
_FULL_RANGE = 2


class JpegEncoder:
    """Encodes pictures of one size and one quality; the encoder is kept from picture to picture."""

    def __init__(self, size: tuple[int, int], quality: int) -> None:
        encoder = av.CodecContext.create("mjpeg", "w")
        assert isinstance(encoder, av.VideoCodecContext)
        encoder.width, encoder.height = size
        encoder.pix_fmt = PIXELS
        encoder.color_range = _FULL_RANGE
        # without a shape of its pixels the encoder leaves the JFIF header out
        encoder.sample_aspect_ratio = Fraction(1, 1)
        encoder.time_base = Fraction(1, 1)
        encoder.thread_count = 1
        encoder.flags |= Flags.bitexact  # no comment with the encoder's name in every picture
        # frames carry no quality of their own here: a range of one value leaves the encoder no choice
        encoder.qscale = True
        encoder.qmin = encoder.qmax = quality
        self._encoder = encoder
        self._count = 0

    def encode(self, picture: av.VideoFrame) -> bytes:
        """Returns a frame of ``PIXELS`` and of the encoder's size as JPEG."""
        picture.pts, picture.time_base = self._count, Fraction(1, 1)
        picture.pict_type = 0
        self._count += 1
        return b"".join(bytes(packet) for packet in self._encoder.encode(picture))
