"""Small playable audio files for demonstrations and tests, made of nothing."""

import math

SECONDS_PER_FRAME = 1152 / 48_000
# MPEG-1 Layer III without checksum, 32 kbit/s, 48 kHz, mono. At this rate a frame is 96 bytes with nothing left over,
# and a side information of zeros says that no sample differs from silence.
FRAME = bytes([0xFF, 0xFB, 0x14, 0xC4]).ljust(96, b"\0")


def silent_mp3(seconds: float, *, title: str, artist: str, album: str) -> bytes:
    """Returns a tagged mp3 of silence, up to one frame (24 ms) longer than asked for.

    :raises ValueError: the time is negative or no number.
    """
    if not 0 <= seconds < math.inf:
        raise ValueError(f"silence takes a time from 0 seconds upwards, not {seconds}")
    frames = max(1, math.ceil(seconds / SECONDS_PER_FRAME - 1e-9))
    return _tags(title, artist, album) + FRAME * frames


def _tags(title: str, artist: str, album: str) -> bytes:
    """An ID3v2.4 tag in UTF-8."""
    frames = _text(b"TIT2", title) + _text(b"TPE1", artist) + _text(b"TALB", album)
    return b"ID3\x04\0\0" + _seven_bits(len(frames)) + frames


def _text(name: bytes, text: str) -> bytes:
    body = b"\x03" + text.encode()
    return name + _seven_bits(len(body)) + b"\0\0" + body


def _seven_bits(number: int) -> bytes:
    """ID3 keeps the highest bit of every byte free, so that no length looks like the start of a frame."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
