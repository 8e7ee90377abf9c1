"""BIF files, byte by byte."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.bif import BifIndex, decode_bif, decode_index, encode_bif, encode_prefix, index_length
from earshelf.domain.errors import BifInvalid

JPEG = b"\xff\xd8\xff"


def altered(data: bytes, offset: int, *numbers: int) -> bytes:
    """Puts 32-bit numbers over what stands at an offset."""
    return data[:offset] + struct.pack(f"<{len(numbers)}I", *numbers) + data[offset + 4 * len(numbers) :]


def by_hand(data: bytes) -> tuple[int, list[bytes]]:
    """Reads a file as its layout is written down, knowing nothing of our reader."""
    assert data[:8] == bytes.fromhex("894249460D0A1A0A")
    version, count, interval = struct.unpack("<III", data[8:20])
    assert version == 0
    assert data[20:64] == bytes(44)
    table = [struct.unpack("<II", data[64 + 8 * row : 72 + 8 * row]) for row in range(count + 1)]
    assert [number for number, _ in table] == [*range(count), 0xFFFFFFFF]
    return interval, [data[table[row][1] : table[row + 1][1]] for row in range(count)]


def test_three_pictures_of_three_bytes() -> None:
    data = encode_bif([JPEG] * 3, 5000)
    assert len(data) == 105
    assert data[:8].hex() == "894249460d0a1a0a"
    assert data[8:20].hex() == "00000000" + "03000000" + "88130000"
    assert data[20:64] == bytes(44)
    assert struct.unpack("<8I", data[64:96]) == (0, 96, 1, 99, 2, 102, 0xFFFFFFFF, 105)
    assert data[96:] == JPEG * 3


def test_no_picture_at_all() -> None:
    data = encode_bif([], 5000)
    assert (len(data), struct.unpack("<II", data[64:])) == (72, (0xFFFFFFFF, 72))
    assert decode_bif(data).frames == []


@pytest.mark.parametrize(("seconds", "spelled"), [(10, "10270000"), (2, "d0070000"), (1, "e8030000"), (60, "60ea0000")])
def test_the_interval_is_spelled_in_milliseconds(seconds: int, spelled: str) -> None:
    assert encode_bif([JPEG], seconds * 1000)[16:20].hex() == spelled


def test_offsets_follow_the_sizes() -> None:
    sizes = [103, 203, 303, 403, 503]
    index = decode_index(encode_prefix(sizes, 5000), 1627)
    assert index.offsets == [112, 215, 418, 721, 1124, 1627]
    assert [index.span(number) for number in range(5)] == list(zip(index.offsets, sizes, strict=False))


@pytest.mark.parametrize("number", [-1, 2])
def test_a_picture_that_is_not_there_is_none(number: int) -> None:
    with pytest.raises(IndexError):
        BifIndex([88, 90, 92], 1000).span(number)


def test_an_interval_of_nothing_means_a_second() -> None:
    assert decode_bif(altered(encode_bif([JPEG], 5000), 16, 0)).interval_ms == 1000


SOUND = encode_bif([JPEG, JPEG * 2], 5000)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "begins with 64 bytes"),
        (SOUND[:8], "begins with 64 bytes"),
        (bytes(128), "bad magic"),
        (altered(SOUND, 8, 1), "version 1"),
        (altered(SOUND, 12, 0xFFFFFFFF), "no room for an index"),
        (altered(SOUND, 12, 3), "sentinel"),
        (altered(SOUND, 80, 0), "sentinel"),
        (altered(SOUND, 64, 7), "numbered one after the other"),
        (altered(SOUND, 68, 12), "inside its own header or index"),
        (altered(SOUND, 76, 80), "run backwards"),
        (altered(SOUND, 84, 90), "run backwards"),
        (SOUND[:-1], "end at byte"),
        (altered(SOUND, 84, 0xFFFFFFF0), "end at byte"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(BifInvalid, match=why):
        decode_bif(data)


def test_an_index_that_is_cut_short_is_refused() -> None:
    with pytest.raises(BifInvalid, match="cut short"):
        decode_index(SOUND[:70], len(SOUND))


def test_more_than_four_gibibytes_are_refused() -> None:
    with pytest.raises(BifInvalid, match="4 GiB"):
        encode_prefix([2**31, 2**31], 5000)


@pytest.mark.parametrize("interval", [0, -1, 2**32])
def test_an_interval_that_cannot_be_spelled_is_refused(interval: int) -> None:
    with pytest.raises(BifInvalid, match="interval"):
        encode_prefix([3], interval)


@given(st.lists(st.binary(max_size=40), max_size=30), st.integers(1, 2**32 - 1))
def test_whatever_goes_in_comes_out(frames: list[bytes], interval: int) -> None:
    data = encode_bif(frames, interval)
    bif = decode_bif(data)
    assert (list(bif.frames), bif.interval_ms) == (frames, interval)
    assert by_hand(data) == (interval, frames)


@given(st.binary(max_size=300))
def test_any_bytes_give_pictures_or_a_refusal(data: bytes) -> None:
    read_or_refuse(data)
    read_or_refuse(SOUND[:16] + data)


@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), max_size=8), st.integers(0, len(SOUND)))
def test_a_damaged_file_gives_pictures_or_a_refusal(damage: list[tuple[int, int]], length: int) -> None:
    data = bytearray(SOUND)
    for place, value in damage:
        data[place] = value
    read_or_refuse(bytes(data[:length]))


def read_or_refuse(data: bytes) -> None:
    try:
        bif = decode_bif(data)
    except BifInvalid:
        return
    assert sum(map(len, bif.frames)) <= len(data)
    assert index_length(data[:64], len(data)) <= len(data)
