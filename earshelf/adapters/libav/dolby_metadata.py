"""The metadata of Dolby Vision as libav hangs it on frames (``AVDOVIMetadata``), read into plain numbers."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from earshelf.domain.colour import ASSUMED_PEAK, PQ_PEAK, Matrix, Triple, pq_to_light

# sub-structures of libavutil/dovi_meta.h with the compiler's own alignment; each lies where the head says
_HEAD = struct.Struct("@3N")
_HEADER = struct.Struct("@BH10B")
_CURVE = struct.Struct("@B9H8i8B24q8B8q168q")
_COLOUR = struct.Struct("@BB18i6i18i3HI4B3H")
_CURVES_IN_MAPPING = 8
_MOST_PIECES = 8
_TERMS = 7
_LEAST_PEAK_SIGNAL = 2081 / 4095  # 100 nits


class MetadataUnusable(Exception):
    """The bytes do not make sense; the message says where."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch of a curve: powers of the component itself, or of products of all three (``mixed``)."""

    constant: float
    powers: tuple[float, float] = (0.0, 0.0)
    mixed: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """How a component is put back: ``pieces[i]`` holds from ``pivots[i]`` to ``pivots[i + 1]``, all 0 to 1."""

    pivots: tuple[float, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class DolbyMetadata:
    """What turns a coded frame into light.

    ``to_signal`` after ``offset`` gives PQ signals of cones, ``to_cones`` mixes their light; ``peak`` is in nits.
    """

    curves: tuple[Curve, Curve, Curve]
    offset: Triple
    to_signal: Matrix
    to_cones: Matrix
    peak: float


def is_without_base(record: bytes) -> bool:
    """Returns whether the metadata belong to a picture that makes no sense without them (profile 5)."""
    try:
        header = _HEADER.unpack_from(record, _HEAD.unpack_from(record)[0])
    except struct.error:
        return False
    profile, is_full_range = header[2], header[8]
    return profile == 0 and bool(is_full_range)


def parsed(record: bytes) -> DolbyMetadata:
    """Reads a frame's metadata.

    :raises MetadataUnusable: they break off or break the rules of the format.
    """
    try:
        header_at, mapping_at, colour_at = _HEAD.unpack_from(record)
        header = _HEADER.unpack_from(record, header_at)
        colour = _COLOUR.unpack_from(record, colour_at)
        fields = [
            _CURVE.unpack_from(record, mapping_at + _CURVES_IN_MAPPING + index * _CURVE.size) for index in range(3)
        ]
    except struct.error as problem:
        raise MetadataUnusable("the record breaks off") from problem
    precision, depth = header[6], header[9]
    if not (13 <= precision <= 32 and 8 <= depth <= 16):
        raise MetadataUnusable("the precision is out of bounds")
    first, second, third = (_curve(one, 2**depth - 1, 2.0**precision) for one in fields)
    numbers = _fractions(colour[2:44])
    return DolbyMetadata(
        (first, second, third), _triple(numbers[9:12]), _matrix(numbers[:9]), _matrix(numbers[12:]), _peak(colour[-2])
    )


def _curve(fields: Sequence[int], largest: int, unit: float) -> Curve:
    count, pivots, methods = fields[0], fields[1:10], fields[10:18]
    if not 2 <= count <= _MOST_PIECES + 1 or any(method not in (0, 1) for method in methods[: count - 1]):
        raise MetadataUnusable("a curve has an impossible shape")
    places = [pivot / largest for pivot in pivots[:count]]
    if places != sorted(places):
        raise MetadataUnusable("a curve runs backwards")
    pieces = [
        _mixed(fields, index, unit) if methods[index] else _powers(fields, index, unit) for index in range(count - 1)
    ]
    return Curve(tuple(places), tuple(pieces))


def _powers(fields: Sequence[int], index: int, unit: float) -> Piece:
    order = fields[18 + index]
    constant, first, second = (value / unit for value in fields[26 + 3 * index : 29 + 3 * index])
    return Piece(constant, (first, second if order > 1 else 0.0))


def _mixed(fields: Sequence[int], index: int, unit: float) -> Piece:
    order = fields[50 + index]
    if not 1 <= order <= 3:
        raise MetadataUnusable("a curve has an impossible order")
    start = 66 + 3 * _TERMS * index
    rows = [fields[start + _TERMS * row : start + _TERMS * (row + 1)] for row in range(order)]
    return Piece(fields[58 + index] / unit, mixed=tuple(tuple(value / unit for value in row) for row in rows))


def _fractions(pairs: Sequence[int]) -> list[float]:
    if any(below == 0 for below in pairs[1::2]):
        raise MetadataUnusable("the matrices are empty")
    return [above / below for above, below in zip(pairs[::2], pairs[1::2], strict=True)]


def _triple(values: Sequence[float]) -> Triple:
    return values[0], values[1], values[2]


def _matrix(values: Sequence[float]) -> Matrix:
    return _triple(values[:3]), _triple(values[3:6]), _triple(values[6:])


def _peak(code: int) -> float:
    signal = code / 4095
    return pq_to_light(signal) * PQ_PEAK if _LEAST_PEAK_SIGNAL <= signal <= 1 else ASSUMED_PEAK
