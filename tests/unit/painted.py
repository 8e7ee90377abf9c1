"""Patches of known colour as frames and films, and what a thumbnail made of them."""

import io
import struct
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from earshelf.adapters.libav.pictures import PictureMaker
from earshelf.adapters.libav.tonemapping import rows
from earshelf.domain.colour import Triple
from earshelf.domain.previews import Fit, PreviewSettings

SIDE = 32
Patches = Sequence[Sequence[Triple]]


def spread(patches: Patches) -> Any:
    """Returns rows of patches as an array of height, width, 3."""
    return np.array(patches, float).repeat(SIDE, axis=0).repeat(SIDE, axis=1)


def limited(colours: Any, red: float, blue: float) -> list[Any]:
    """Returns coded colours as planes of limited 10-bit luma and chroma, from the weights of red and blue in luma."""
    luma = colours @ np.array([red, 1 - red - blue, blue])
    first, second = (colours[..., 2] - luma) / (2 * (1 - blue)), (colours[..., 0] - luma) / (2 * (1 - red))
    return [64 + 876 * luma, 512 + 896 * first, 512 + 896 * second]


def frame_of(planes: Sequence[Any], pixels: str = "yuv420p10le", tags: tuple[int, int, int, int] | None = None) -> Any:
    """Returns full planes of codes as a frame, chroma thinned out; tags are matrix, transfer, primaries and range."""
    high, wide = planes[0].shape
    frame = av.VideoFrame(wide, high, pixels)
    kind = np.uint16 if "10" in pixels else np.uint8
    for number, plane in enumerate(frame.planes):
        codes = planes[number][:: high // plane.height, :: wide // plane.width]
        rows(plane).view(kind)[: codes.shape[0], : codes.shape[1]] = np.round(codes)
    if tags is not None:
        frame.colorspace, frame.color_trc, frame.color_primaries, frame.color_range = tags
    return frame


def film(path: Path, frame: Any, *, codec: str = "libx265", nal: bytes = b"", **facts: Any) -> Path:
    """Writes one frame as a film, nearly without loss; ``nal`` goes after the picture's own.

    ``facts`` are ``sample_aspect``, ``degrees`` to turn by, ``mirrored``, ``says``, more parameters of x265,
    and ``told_outside``, transfer and primaries that only the container names.
    """
    with av.open(path, "w") as container:
        stream: Any = container.add_stream(codec, rate=1, options=_options(codec, facts.get("says", "")))
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, frame.format.name
        stream.codec_context.sample_aspect_ratio = facts.get("sample_aspect", Fraction(1))
        stream.color_range, stream.colorspace = frame.color_range, frame.colorspace
        stream.color_trc, stream.color_primaries = frame.color_trc, frame.color_primaries
        if "degrees" in facts:
            stream.set_display_rotation(facts["degrees"], hflip=facts.get("mirrored", False))
        frame.pts, frame.time_base = 0, Fraction(1)
        packets = [*stream.encode(frame), *stream.encode()]
        if "told_outside" in facts:
            stream.color_trc, stream.color_primaries = facts["told_outside"]
        for packet in packets:
            container.mux(_longer(packet, nal, stream) if nal else packet)
    return path


def _options(codec: str, says: str) -> dict[str, str]:
    if codec == "libx264":
        return {"qp": "2", "bf": "0"}
    return {"x265-params": f"qp=2:bframes=0:log-level=none:pools=none{says}"} if codec == "libx265" else {}


def _longer(packet: Any, nal: bytes, stream: Any) -> Any:
    longer = av.Packet(bytes(packet) + b"\0\0\0\1" + nal)
    longer.pts, longer.dts, longer.time_base, longer.stream = packet.pts, packet.dts, packet.time_base, stream
    longer.is_keyframe = True
    return longer


def declare_dolby_vision(path: Path, profile: int, base: int) -> None:
    """Puts a Dolby Vision configuration box into an MP4 whose head comes last."""
    film = bytearray(path.read_bytes())
    box = struct.pack(">I4s5B19x", 32, b"dvvC" if profile > 7 else b"dvcC", 1, 0, profile << 1, 0b00110101, base << 4)
    place = film.index(b"hvcC") - 4
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"hev1"):
        size = film.index(name) - 4
        struct.pack_into(">I", film, size, struct.unpack_from(">I", film, size)[0] + len(box))
    film[place:place] = box
    path.write_bytes(film)


def opened(jpeg: bytes) -> Any:
    """Returns a JPEG as an array of height, width, 3."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        return np.array(picture.convert("RGB"), float)


def patch_means(picture: Any, across: int, down: int) -> list[Triple]:
    """Returns the mean colour in the middle of every patch, row by row."""
    high, wide = picture.shape[0] / down, picture.shape[1] / across
    return [
        tuple(
            picture[int((y + 0.3) * high) : int((y + 0.7) * high), int((x + 0.3) * wide) : int((x + 0.7) * wide)].mean(
                axis=(0, 1)
            )
        )
        for y in range(down)
        for x in range(across)
    ]


def largest_difference(some: Sequence[Sequence[float]], others: Sequence[Sequence[float]]) -> float:
    """Returns by how much two lists of colours differ at most, in one component."""
    return float(np.abs(np.array(some) - np.array(others)).max())


def made(
    path: Path, settings: PreviewSettings, fits: frozenset[Fit]
) -> tuple[Mapping[Fit, tuple[int, int]], dict[Fit, bytes]]:
    """Returns sizes and pictures of a film's first frame."""
    with av.open(path) as container:
        maker = PictureMaker(container.streams.video[0], settings, fits)
        return maker.sizes, maker.make(next(container.decode(video=0)))
