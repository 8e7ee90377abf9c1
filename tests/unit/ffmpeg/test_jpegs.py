"""Cutting a stream into pictures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.adapters.ffmpeg.jpegs import MOST_BYTES, JpegStream
from earshelf.domain.errors import VideoUnusable


def picture(comment: bytes = b"", scan: bytes = b"\x12\x34") -> bytes:
    said = b"\xff\xfe" + (2 + len(comment)).to_bytes(2, "big") + comment
    return b"\xff\xd8" + said + b"\xff\xda\x00\x04\x00\x00" + scan + b"\xff\xd9"


def cut(data: bytes, size: int) -> list[bytes]:
    stream, found = JpegStream(), []
    for begin in range(0, len(data), size):
        stream.feed(data[begin : begin + size])
        while (one := stream.take()) is not None:
            found.append(one)
    return found


@given(st.lists(st.binary(max_size=20), max_size=4), st.integers(1, 40))
def test_pictures_come_out_as_they_went_in_however_the_bytes_arrive(comments: list[bytes], size: int) -> None:
    pictures = [picture(comment) for comment in comments]
    assert cut(b"".join(pictures), size) == pictures


def test_an_end_within_a_comment_is_none() -> None:
    assert cut(picture(b"\xff\xd9"), 3) == [picture(b"\xff\xd9")]


def test_a_zero_behind_the_marker_of_an_end_belongs_to_the_scan() -> None:
    assert cut(picture(scan=b"\xff\x00\xd9\xff\xd0"), 1) == [picture(scan=b"\xff\x00\xd9\xff\xd0")]


@pytest.mark.parametrize("data", [b"no picture at all", b"\xff\xd8no segment", b"\x89PNG\r\n\x1a\n"])
def test_other_things_than_pictures_are_refused(data: bytes) -> None:
    stream = JpegStream()
    stream.feed(data)
    with pytest.raises(VideoUnusable, match="something else than pictures"):
        stream.take()


def test_a_picture_without_an_end_is_refused_before_it_fills_the_memory() -> None:
    stream = JpegStream()
    stream.feed(picture()[:-2] + bytes(MOST_BYTES))
    with pytest.raises(VideoUnusable, match="something else than pictures"):
        stream.take()
