"""Playing time and format of audio files, read with mutagen."""

import math
import stat
from pathlib import Path
from typing import Any

from anyio import to_thread

from earshelf.ports.files import AudioFacts

_LONGEST_SECONDS = 10_000 * 3600
_FORMATS = {
    "MP3": "mp3",
    "FLAC": "flac",
    "OggFLAC": "ogg",
    "OggVorbis": "ogg",
    "OggSpeex": "ogg",
    "OggOpus": "opus",
    "ASF": "wma",
    "AAC": "aac",
    "WAVE": "wav",
}
# one container for all three: only its name says what a player should make of it
_MP4_NAMES = frozenset({"m4b", "m4a", "mp4"})


class MutagenReader:
    """Reads the headers of audio files in a thread; what a file holds never makes it fail."""

    async def facts(self, path: str) -> AudioFacts:
        """Returns what the content says where it can be understood, else what the extension says."""
        return await to_thread.run_sync(_facts, path)


def _facts(path: str) -> AudioFacts:
    named = Path(path).suffix.lower().removeprefix(".")
    opened = _open(path)
    if opened is None:
        return AudioFacts(seconds=None, format=named)
    return AudioFacts(seconds=_seconds(opened), format=_format(opened, named))


def _open(path: str) -> Any:
    from mutagen import File  # noqa: PLC0415 - it loads a parser for every format, which few processes need

    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):  # a pipe would never answer
            return None
        return File(path)
    except Exception:  # noqa: BLE001 - broken files bring out more kinds of errors than mutagen declares
        return None


def _seconds(opened: Any) -> float | None:
    length = getattr(opened.info, "length", None)
    if not isinstance(length, int | float) or not math.isfinite(length):
        return None
    return float(length) if 0 < length <= _LONGEST_SECONDS else None


def _format(opened: Any, named: str) -> str:
    kind = type(opened).__name__
    if kind == "MP4":
        return named if named in _MP4_NAMES else "m4a"
    return _FORMATS.get(kind, named)
