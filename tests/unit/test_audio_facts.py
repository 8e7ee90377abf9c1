"""Audio files come from strangers too: whatever is in them, reading them ends and says something sensible."""

import asyncio
import math
import struct
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earshelf.adapters.audio import MutagenReader
from earshelf.config.silence import silent_mp3
from earshelf.ports.files import AudioFacts

YEAR = 366 * 24 * 3600


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def m4b(duration: int, *, timescale: int = 1000) -> bytes:
    """The smallest file that says how long its one sound track is."""
    media_header = box(b"mdhd", bytes(12), struct.pack(">II", timescale, duration), bytes(4))
    handler = box(b"hdlr", bytes(8), b"soun", bytes(13))
    media = box(b"mdia", media_header, handler)
    return box(b"ftyp", b"M4B ", bytes(4), b"M4B ") + box(b"moov", box(b"mvhd", bytes(100)), box(b"trak", media))


def wav(length: int) -> bytes:
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    body = b"WAVE" + form + b"data" + struct.pack("<I", length) + bytes(length)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def flac(samples: int, *, rate: int = 44_100) -> bytes:
    described = struct.pack(">Q", rate << 44 | 1 << 41 | 15 << 36 | samples)
    info = struct.pack(">HH", 4096, 4096) + bytes(6) + described + bytes(16)
    return b"fLaC" + b"\x80" + len(info).to_bytes(3, "big") + info


def ogg_opus(samples: int) -> bytes:
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 2, 0, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<II", 0, 0)
    return ogg_page(head, 0, first=True) + ogg_page(tags, 1) + ogg_page(b"\0" * 10, 2, samples, last=True)


def ogg_page(packet: bytes, number: int, position: int = 0, *, first: bool = False, last: bool = False) -> bytes:
    flags = (2 if first else 0) | (4 if last else 0)
    return b"OggS" + struct.pack("<BBqIIIBB", 0, flags, position, 7, number, 0, 1, len(packet)) + packet


SAMPLES = {
    "book.mp3": silent_mp3(2, title="Title", artist="Author", album="Album"),
    "book.m4b": m4b(3_600_000),
    "book.wav": wav(16_000),
    "book.flac": flac(441_000),
    "book.opus": ogg_opus(480_000),
}


def facts(name: str, content: bytes) -> AudioFacts:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return asyncio.run(MutagenReader().facts(str(path)))


@pytest.mark.parametrize(
    ("name", "kind", "seconds"),
    [
        ("book.mp3", "mp3", 2.0),
        ("book.m4b", "m4b", 3600.0),
        ("book.wav", "wav", 2.0),
        ("book.flac", "flac", 10.0),
        ("book.opus", "opus", 10.0),
    ],
)
def test_each_format_tells_its_playing_time(name: str, kind: str, seconds: float) -> None:
    found = facts(name, SAMPLES[name])
    assert found.format == kind
    assert found.seconds == pytest.approx(seconds, abs=0.05)


@pytest.mark.parametrize(("name", "kind"), [("a.M4A", "m4a"), ("a.mp4", "mp4"), ("a.m4b", "m4b"), ("a.mp3", "m4a")])
def test_the_name_says_which_of_the_mp4_family_a_file_is(name: str, kind: str) -> None:
    assert facts(name, m4b(1000)) == AudioFacts(seconds=1.0, format=kind)


def test_otherwise_content_is_believed_before_the_name() -> None:
    assert facts("book.m4b", SAMPLES["book.flac"]).format == "flac"
    assert facts("book.ogg", SAMPLES["book.opus"]).format == "opus"


@pytest.mark.parametrize("content", [m4b(0), m4b(0xFFFFFFFF, timescale=1), flac(0), m4b(5, timescale=0), wav(0)])
def test_times_that_no_book_has_are_unknown(content: bytes) -> None:
    assert facts("book.m4b", content).seconds is None


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(sorted(SAMPLES)), data=st.data())
def test_a_file_cut_short_and_scribbled_over_never_fails(name: str, data: st.DataObject) -> None:
    content = bytearray(SAMPLES[name])
    for place in data.draw(st.lists(st.integers(0, min(len(content), 400) - 1), max_size=12)):
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    assert_sensible(facts(name, bytes(content[:cut])))


MAGIC = [
    b"",
    b"ID3\x04\0\0",
    b"fLaC",
    b"OggS",
    b"RIFF",
    b"\0\0\0\x20ftypM4B ",
    b"\xff\xfb",
    b"\xff\xf1",
    b"MAC ",
    b"FORM",
]
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(["a.mp3", "a.m4b", "a.flac", "a.ogg", "a.opus", "a.wma", "a.aac", "a.wav", "a"]),
    magic=st.sampled_from([*MAGIC, ASF]),
    noise=st.binary(max_size=600),
)
def test_noise_with_any_beginning_never_fails(name: str, magic: bytes, noise: bytes) -> None:
    assert_sensible(facts(name, magic + noise))


def assert_sensible(found: AudioFacts) -> None:
    assert found.format == found.format.lower()
    if found.seconds is not None:
        assert math.isfinite(found.seconds)
        assert 0 < found.seconds < 2 * YEAR
