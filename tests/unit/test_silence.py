"""Silence that every player takes for a book."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import mutagen
import pytest

from earshelf.config.silence import silent_mp3

FRAME_SECONDS = 0.024


def frames_of(content: bytes) -> list[bytes]:
    """Walks from one frame header to the next, by the standard's own arithmetic, until nothing is left."""
    assert content[:3] == b"ID3"
    size = sum(byte << shift for byte, shift in zip(content[6:10], (21, 14, 7, 0), strict=True))
    position, frames = 10 + size, []
    while position < len(content):
        header = int.from_bytes(content[position : position + 4], "big")
        assert header >> 21 == 0x7FF, "sync"
        assert (header >> 19 & 3, header >> 17 & 3) == (3, 1), "MPEG-1, layer III"
        bitrate = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320][header >> 12 & 15]
        rate = [44_100, 48_000, 32_000][header >> 10 & 3]
        length = 144_000 * bitrate // rate + (header >> 9 & 1)
        frames.append(content[position : position + length])
        assert len(frames[-1]) == length, "a frame is cut short"
        position += length
    return frames


def silence(seconds: float) -> bytes:
    return silent_mp3(seconds, title="Die Tür – 扉", artist="Å. Uthor", album="Album")


@pytest.mark.parametrize("seconds", [0, 0.001, 0.024, 0.025, 1, 2.4, 61.7])
def test_every_byte_after_the_tags_belongs_to_a_whole_frame(seconds: float) -> None:
    frames = frames_of(silence(seconds))
    assert seconds <= len(frames) * FRAME_SECONDS + 1e-9
    assert (len(frames) - 1) * FRAME_SECONDS <= seconds


def test_no_frame_holds_any_sound() -> None:
    header_length, side_information = 4, 17
    for frame in frames_of(silence(1)):
        assert not any(frame[header_length : header_length + side_information])


def test_an_independent_reader_agrees_on_time_and_tags() -> None:
    read: Any = mutagen.File(BytesIO(silence(90)))
    assert read.info.length == pytest.approx(90, abs=FRAME_SECONDS)
    assert (read.info.version, read.info.layer, read.info.sketchy) == (1, 3, False)
    assert [str(read.tags[name]) for name in ("TIT2", "TPE1", "TALB")] == ["Die Tür – 扉", "Å. Uthor", "Album"]


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_a_time_that_is_no_time_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="from 0 seconds upwards"):
        silence(seconds)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="the ffmpeg program is not installed")
def test_a_real_decoder_plays_it_without_complaint(tmp_path: Path) -> None:
    (tmp_path / "silence.mp3").write_bytes(silence(3))
    command = ["ffmpeg", "-v", "error", "-xerror", "-i", "silence.mp3", "-f", "s16le", "-"]
    played = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, timeout=60)
    assert (played.returncode, played.stderr) == (0, b"")
    assert len(played.stdout) == pytest.approx(3 * 48_000 * 2, rel=0.02)
    assert not any(played.stdout)
