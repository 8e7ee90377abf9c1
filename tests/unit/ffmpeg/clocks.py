"""Videos whose brightness tells the time."""

import io
from pathlib import Path

import av
import numpy as np
from PIL import Image

RATE = 10
DARKEST = 20
_HDR10 = (9, 16, 9)


def clock(path: Path, seconds: int = 20, *, gap: int = 50, size: tuple[int, int] = (64, 48), hdr: bool = False) -> Path:
    """Writes a film in which picture ``n`` is as bright as ``DARKEST + n``; ``gap`` pictures from key to key.

    With ``hdr`` the numbers are said to be those of HDR10.
    """
    with av.open(str(path), "w") as container:
        quick = {"crf": "5", "sc_threshold": "0", "preset": "ultrafast"}
        stream = container.add_stream("libx264", rate=RATE, options=quick)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.gop_size = gap
        if hdr:
            context = stream.codec_context
            context.color_primaries, context.color_trc, context.colorspace = _HDR10
        for number in range(seconds * RATE):
            container.mux(stream.encode(_grey(size, DARKEST + number)))
        container.mux(stream.encode())
    return path


def _grey(size: tuple[int, int], luma: int) -> av.VideoFrame:
    planes = np.full((size[1] * 3 // 2, size[0]), 128, np.uint8)
    planes[: size[1]] = luma
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def told(jpeg: bytes) -> float:
    """Returns the number of the picture that a thumbnail shows."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        grey = float(np.asarray(picture.convert("L"), np.float64).mean())
    return grey * 219 / 255 + 16 - DARKEST


def pixels(jpeg: bytes) -> tuple[int, int]:
    """Returns the size of a thumbnail."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        return picture.size
