"""What a container says of a video beside its codec: how to turn it, and which Dolby Vision it carries.

The bindings keep both to themselves. A muxer gets them, though, so the stream's header is written into memory as MP4,
and read there.
"""

import io
import struct
from dataclasses import dataclass

import av

_MATRIX_IN_TKHD = 40
_CONFIGURATIONS = (b"dvcC", b"dvvC", b"dvwC")


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """``matrix`` is a display matrix in the form of libav's; ``profile`` of Dolby Vision is 0 where there is none.

    ``base`` is the profile's signal compatibility: 0 for none, 1 for HDR10, 2 for SDR, 4 for HLG.
    """

    matrix: bytes = b""
    profile: int = 0
    base: int = 0


def stream_facts(stream: av.VideoStream) -> StreamFacts:
    """Reads a stream's facts; a codec that MP4 does not take tells nothing."""
    try:
        header = _header(stream)
    except (av.FFmpegError, ValueError):
        return StreamFacts()
    return StreamFacts(_matrix(header), *_dolby_vision(header))


def _header(stream: av.VideoStream) -> bytes:
    memory = io.BytesIO()
    # without "strict" the muxer leaves Dolby Vision out, without "empty_moov" a track that has no packets
    options = {"strict": "unofficial", "movflags": "empty_moov"}
    with av.open(memory, "w", format="mp4", options=options) as container:
        container.add_stream_from_template(stream)
        container.start_encoding()
    return memory.getvalue()


def _matrix(header: bytes) -> bytes:
    begin = header.find(b"tkhd") + 4 + _MATRIX_IN_TKHD
    if begin < 4 + _MATRIX_IN_TKHD or len(header) < begin + 36:
        return b""
    return struct.pack("=9i", *struct.unpack_from(">9i", header, begin))


def _dolby_vision(header: bytes) -> tuple[int, int]:
    """Profile and compatibility, by the layout of ETSI TS 103 572's configuration box."""
    for name in _CONFIGURATIONS:
        begin = header.find(name)
        if 0 <= begin <= len(header) - 9:
            return header[begin + 6] >> 1, header[begin + 8] >> 4
    return 0, 0
