"""BIF files: thumbnails of one video in a row, as Roku laid them down and Plex and Emby read them.

All numbers are unsigned 32-bit integers, the least significant byte first:

====== ======= ==========================================================
offset length  holds
====== ======= ==========================================================
0      8       the signature ``89 42 49 46 0D 0A 1A 0A``
8      4       the version, 0
12     4       N, how many pictures
16     4       milliseconds between two pictures; 0 means 1000
20     44      zeros
64     8 · N   of every picture its number and the offset of its bytes
64+8N  8       ``FFFFFFFF`` and the offset of the end of the pictures
72+8N          the pictures as JPEG, one after the other without a gap
====== ======= ==========================================================
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from earshelf.domain.errors import BifInvalid

SIGNATURE = b"\x89BIF\r\n\x1a\n"
DATA_OFFSET = 64
"""Where the index begins."""

_HEADER = struct.Struct("<8sIII44x")
_ENTRY = struct.Struct("<II")
_SENTINEL = 0xFFFFFFFF
_MOST_BYTES = 0xFFFFFFFF
_DEFAULT_INTERVAL_MS = 1000


@dataclass(frozen=True, slots=True)
class Bif:
    """The pictures of a file as JPEG, and the milliseconds between two of them."""

    frames: Sequence[bytes]
    interval_ms: int


@dataclass(frozen=True, slots=True)
class BifIndex:
    """Where the pictures lie: ``offsets`` has one entry per picture and one for the end."""

    offsets: Sequence[int]
    interval_ms: int

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(self.offsets) - 1

    def span(self, number: int) -> tuple[int, int]:
        """Returns offset and length of a picture.

        :raises IndexError: there is no picture of this number.
        """
        if not 0 <= number < self.count:
            raise IndexError(f"picture {number} of {self.count}")
        return self.offsets[number], self.offsets[number + 1] - self.offsets[number]


def prefix_length(count: int) -> int:
    """Returns how many bytes stand before the first of ``count`` pictures."""
    return DATA_OFFSET + _ENTRY.size * (count + 1)


def encode_prefix(sizes: Iterable[int], interval_ms: int) -> bytes:
    """Spells header and index for pictures of these sizes in bytes; the pictures follow.

    :raises BifInvalid: the file would be larger than 4 GiB, or the interval is out of bounds.
    """
    lengths = list(sizes)
    if not 0 < interval_ms <= _SENTINEL:
        raise BifInvalid(f"An interval of {interval_ms} ms cannot be spelled in a BIF file")
    offsets = list(accumulate(lengths, initial=prefix_length(len(lengths))))
    if offsets[-1] > _MOST_BYTES:
        raise BifInvalid("A BIF file holds 4 GiB at most; take a longer interval or smaller pictures")
    entries = b"".join(_ENTRY.pack(number, offset) for number, offset in enumerate(offsets[:-1]))
    return _HEADER.pack(SIGNATURE, 0, len(lengths), interval_ms) + entries + _ENTRY.pack(_SENTINEL, offsets[-1])


def encode_bif(frames: Sequence[bytes], interval_ms: int) -> bytes:
    """Spells a whole file.

    :raises BifInvalid: as :func:`encode_prefix`.
    """
    return b"".join((encode_prefix(map(len, frames), interval_ms), *frames))


def index_length(header: bytes, size: int) -> int:
    """Returns how many bytes header and index of a file take, from its first 64 bytes and its whole size.

    Nothing is believed before it is held against the size: no small file can claim a billion pictures.

    :raises BifInvalid: it is no BIF file, of another version, or too short for what it claims.
    """
    if len(header) < DATA_OFFSET:
        raise BifInvalid(f"A BIF file begins with {DATA_OFFSET} bytes, and here are {len(header)}")
    signature, version, count, _ = _HEADER.unpack(header[:DATA_OFFSET])
    if signature != SIGNATURE:
        raise BifInvalid("The bytes do not begin as a BIF file does: bad magic")
    if version != 0:
        raise BifInvalid(f"BIF version {version} is unknown; only 0 is")
    if prefix_length(count) > size:
        raise BifInvalid(f"A BIF file of {size} bytes has no room for an index of {count} pictures")
    return prefix_length(count)


def decode_index(prefix: bytes, size: int) -> BifIndex:
    """Reads header and index; ``prefix`` has at least the bytes that :func:`index_length` tells, ``size`` the file's.

    :raises BifInvalid: they do not fit each other or the file.
    """
    length = index_length(prefix, size)
    if len(prefix) < length:
        raise BifInvalid("The index of the BIF file is cut short")
    interval_ms: int = _HEADER.unpack(prefix[:DATA_OFFSET])[3]
    *entries, (last, end) = _ENTRY.iter_unpack(prefix[DATA_OFFSET:length])
    if last != _SENTINEL:
        raise BifInvalid("The index of the BIF file lacks its sentinel")
    if any(number != place for place, (number, _) in enumerate(entries)):
        raise BifInvalid("The pictures of the BIF file are not numbered one after the other")
    offsets = [*(offset for _, offset in entries), end]
    _require_order(offsets, length, size)
    return BifIndex(offsets, interval_ms or _DEFAULT_INTERVAL_MS)


def decode_bif(data: bytes) -> Bif:
    """Reads a whole file.

    :raises BifInvalid: it is no BIF file, or its index does not fit it.
    """
    length = index_length(data[:DATA_OFFSET], len(data))
    index = decode_index(data[:length], len(data))
    spans = pairwise(index.offsets)
    return Bif([data[start:end] for start, end in spans], index.interval_ms)


def _require_order(offsets: Sequence[int], length: int, size: int) -> None:
    if offsets[0] < length:
        raise BifInvalid("The first picture of the BIF file lies inside its own header or index")
    if any(later < earlier for earlier, later in pairwise(offsets)):
        raise BifInvalid("The offsets of the BIF file run backwards")
    if offsets[-1] > size:
        raise BifInvalid(f"The pictures of the BIF file end at byte {offsets[-1]}, and it has {size}")
