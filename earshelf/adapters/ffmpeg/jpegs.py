"""Cuts a stream of JPEGs, one right after the other, into single ones; pure."""

from earshelf.domain.errors import VideoUnusable

_BEGIN = b"\xff\xd8"
_END = b"\xff\xd9"
_SCAN = 0xDA
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
MOST_BYTES = 16 * 1024 * 1024
"""No thumbnail is as large as this."""


class JpegStream:
    """Takes bytes as they come and gives whole JPEGs."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._seen = 0
        self._is_in_scan = False

    def feed(self, data: bytes) -> None:
        """Takes the next bytes."""
        self._bytes += data

    def take(self) -> bytes | None:
        """Returns the next picture; None before it is whole.

        :raises VideoUnusable: what came is no JPEG, or one larger than any thumbnail.
        """
        end = self._end()
        if end is None:
            if len(self._bytes) > MOST_BYTES:
                raise VideoUnusable("ffmpeg gave something else than pictures")
            return None
        picture = bytes(self._bytes[:end])
        del self._bytes[:end]
        self._seen, self._is_in_scan = 0, False
        return picture

    def _end(self) -> int | None:
        """Steps over the segments by their lengths; within the scan the end's two bytes can mean nothing else."""
        while not self._is_in_scan:
            if not self._step():
                return None
        at = self._bytes.find(_END, self._seen)
        if at < 0:
            self._seen = max(self._seen, len(self._bytes) - 1)
            return None
        return at + len(_END)

    def _step(self) -> bool:
        at, data = self._seen, self._bytes
        if len(data) < at + 4:
            return False
        if (at == 0 and data[:2] != _BEGIN) or data[at] != 0xFF:
            raise VideoUnusable("ffmpeg gave something else than pictures")
        if data[at + 1] in _BARE:
            self._seen += 2
            return True
        length = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if len(data) < at + length:
            return False
        self._seen += length
        self._is_in_scan = data[at + 1] == _SCAN
        return True
