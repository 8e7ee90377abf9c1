"""The size of a JPEG picture, without a library that would have to be loaded for it."""

from earshelf.domain.errors import BifInvalid

# start of frame, in all its kinds; C4, C8 and CC between them are something else
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# stand alone, without a length
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Returns width and height in pixels.

    :raises BifInvalid: the bytes are no JPEG picture.
    """
    place = 2
    while data[:2] == b"\xff\xd8" and place + 9 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker in _FRAMES:
            height, width = data[place + 5 : place + 7], data[place + 7 : place + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        # a filling byte, a bare marker, or a segment with its length
        step = 1 if marker == 0xFF else 2
        if marker not in _BARE and marker != 0xFF:
            step += max(2, int.from_bytes(data[place + 2 : place + 4], "big"))
        place += step
    raise BifInvalid("A picture is no JPEG")
