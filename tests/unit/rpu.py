"""Writes Dolby Vision metadata (an RPU of profile 5) bit by bit, composed for tests.

The syntax is that of the public decoders; no player of a licensee has judged what is written here.
"""

import zlib
from collections.abc import Iterable, Sequence

PRECISION = 23
NAL_HEADER = bytes([62 << 1, 1])

# what films of profile 5 carry: intensity and two opponents to cones, and cones without two per cent of crosstalk
YCC_TO_RGB = ((8192, 799, 1681), (8192, -933, 1091), (8192, 267, -5545))
RGB_TO_LMS = ((17081, -349, -349), (-349, 17081, -349), (-349, -349, 17081))


class Bits:
    """Bits in the order of a bit stream."""

    def __init__(self) -> None:
        self._bits: list[int] = []

    def u(self, value: int, width: int) -> None:
        """Appends a number of fixed width; negative ones as two's complement."""
        self._bits += [value >> place & 1 for place in reversed(range(width))]

    def ue(self, value: int) -> None:
        """Appends an Exp-Golomb number."""
        width = (value + 1).bit_length()
        self.u(value + 1, 2 * width - 1)

    def se(self, value: int) -> None:
        """Appends a signed Exp-Golomb number."""
        self.ue(2 * value - 1 if value > 0 else -2 * value)

    def coefficient(self, value: float) -> None:
        """Appends a coefficient: its whole part below, and its fraction."""
        whole, fraction = divmod(round(value * 2**PRECISION), 2**PRECISION)
        self.se(whole)
        self.u(fraction, PRECISION)

    def flags(self, values: Iterable[int]) -> None:
        """Appends single bits."""
        self._bits += values

    def octets(self) -> bytes:
        """Returns the bits so far, filled up with zeroes."""
        padded = self._bits + [0] * (-len(self._bits) % 8)
        return int("".join(map(str, padded)) or "0", 2).to_bytes(len(padded) // 8, "big")


# a curve: its pivots in codes of 10 bits, and per piece coefficients of powers, or rows of products
Powers = Sequence[float]
Mixed = tuple[float, Sequence[Sequence[float]]]
Curve = tuple[Sequence[int], Sequence[Powers | Mixed]]


def rpu(curves: Sequence[Curve], peak_signal: int = 3696) -> bytes:
    """Returns the metadata as a NAL unit of HEVC, escaped."""
    bits = Bits()
    _header(bits)
    _mapping(bits, curves)
    _colour(bits, peak_signal)
    body = bits.octets()
    return NAL_HEADER + _escaped(b"\x19" + body + _checksum(body).to_bytes(4, "big") + b"\x80")


def _header(bits: Bits) -> None:
    bits.u(2, 6)  # type
    bits.u(18, 11)  # format
    bits.u(0, 4)  # profile of the metadata
    bits.u(0, 4)  # level
    bits.flags([1, 0])  # sequence info follows; no explicit chroma filter
    bits.u(0, 2)  # coefficients are fixed point
    bits.ue(PRECISION)
    bits.u(1, 2)
    bits.flags([1])  # full range
    for depth in (10, 10, 12):
        bits.ue(depth - 8)
    bits.flags([0, 0, 0, 0, 0, 1])  # no residual
    bits.flags([1, 0])  # colour follows; nothing is taken from before


def _mapping(bits: Bits, curves: Sequence[Curve]) -> None:
    for _ in range(3):
        bits.ue(0)  # identifier, colour space, chroma format
    for pivots, _ in curves:
        bits.ue(len(pivots) - 2)
        for before, pivot in zip([0, *pivots], pivots, strict=False):
            bits.u(pivot - before, 10)
    bits.ue(0)
    bits.ue(0)  # one partition
    for _, pieces in curves:
        for piece in pieces:
            _piece(bits, piece)


def _piece(bits: Bits, piece: Powers | Mixed) -> None:
    if isinstance(piece, tuple):
        constant, rows = piece
        bits.ue(1)
        bits.u(len(rows) - 1, 2)
        values = [constant, *(value for row in rows for value in row)]
    else:
        values = list(piece)
        bits.ue(0)
        bits.ue(len(values) - 2)
        if len(values) == 2:
            bits.flags([0])
    for value in values:
        bits.coefficient(value)


def _colour(bits: Bits, peak_signal: int) -> None:
    for _ in range(3):
        bits.ue(0)
    for row in YCC_TO_RGB:
        for value in row:
            bits.u(value & 0xFFFF, 16)
    for offset in (0, 1 << 27, 1 << 27):
        bits.u(offset, 32)
    for row in RGB_TO_LMS:
        for value in row:
            bits.u(value & 0xFFFF, 16)
    bits.u(65535, 16)  # PQ
    for width in (16, 16, 32):
        bits.u(0, width)
    bits.u(12, 5)
    bits.u(2, 2)
    bits.u(0, 2)
    bits.u(1, 2)
    bits.u(62, 12)
    bits.u(peak_signal, 12)
    bits.u(42, 10)
    bits.ue(0)  # no extensions


def _checksum(body: bytes) -> int:
    # CRC-32 of MPEG: the same polynomial as everywhere, read the other way round and not inverted at the end
    mirrored = bytes(int(f"{octet:08b}"[::-1], 2) for octet in body)
    return int(f"{zlib.crc32(mirrored) ^ 0xFFFFFFFF:032b}"[::-1], 2)


def _escaped(payload: bytes) -> bytes:
    result = bytearray()
    for octet in payload:
        if octet <= 3 and result[-2:] == b"\0\0":
            result.append(3)
        result.append(octet)
    return bytes(result)
