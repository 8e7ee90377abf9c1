"""Small playable audio files for demonstrations and tests, made of nothing."""

import math
from io import BytesIO

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
    from mutagen.id3 import ID3, TALB, TIT2, TPE1

    tags = ID3()
    for frame, text in ((TIT2, title), (TPE1, artist), (TALB, album)):
        tags.add(frame(encoding=3, text=[text]))
    written = BytesIO()
    tags.save(written, padding=lambda _: 0)
    return written.getvalue()
