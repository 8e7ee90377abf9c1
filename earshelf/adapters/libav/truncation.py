"""Files that end before the place where their own head says they do."""

import os

from earshelf.domain.errors import VideoUnusable

HEAD_BYTES = 128
EBML = 0x1A45DFA3
SEGMENT = 0x18538067


def check_complete(descriptor: int, size: int, name: str) -> None:
    """Holds a file's size against its head.

    :raises VideoUnusable: it breaks off; the message says where.
    """
    head = os.pread(descriptor, HEAD_BYTES, 0)
    expected = _matroska_end(head) or _riff_end(head) or 0
    if expected > size:
        raise broken_off(name, size, expected)


def broken_off(name: str, size: int, expected: int) -> VideoUnusable:
    """Says how much of a file is there."""
    return VideoUnusable(f"{name} breaks off: {size} of {expected} bytes are there; copy it again")


def _riff_end(head: bytes) -> int | None:
    is_avi = head[:4] == b"RIFF" and head[8:11] == b"AVI"
    return 8 + int.from_bytes(head[4:8], "little") if is_avi else None


def _matroska_end(head: bytes) -> int | None:
    """Reads where the segment ends; a live recording does not say."""
    at, identifier, length = _element(head, 0)
    if identifier != EBML or length is None:
        return None
    at, identifier, length = _element(head, at + length)
    return at + length if identifier == SEGMENT and length is not None else None


def _element(head: bytes, at: int) -> tuple[int, int, int | None]:
    """Returns where an element's content begins, its identifier and its length; no length if it is open."""
    identifier, width = _number(head, at, keeps_marker=True)
    length, more = _number(head, at + width, keeps_marker=False)
    is_open = not more or length == (1 << 7 * more) - 1
    return at + width + more, identifier, None if is_open else length


def _number(head: bytes, at: int, *, keeps_marker: bool) -> tuple[int, int]:
    first = head[at] if at < len(head) else 0
    width = 9 - first.bit_length()
    if not first or at + width > len(head):
        return 0, 0
    value = int.from_bytes(head[at : at + width], "big")
    return value if keeps_marker else value - (1 << 7 * width), width
