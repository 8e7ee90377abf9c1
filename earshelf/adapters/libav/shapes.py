"""Which size a thumbnail has, and how a stored picture has to be turned to stand upright; pure."""

import struct
from fractions import Fraction
from typing import NamedTuple

from earshelf.domain.previews import Fit

_EXTREME = 16


class Turn(NamedTuple):
    """What a display matrix asks for: swap the axes first, then mirror left to right, then top to bottom."""

    swaps: bool = False
    mirrors_x: bool = False
    mirrors_y: bool = False


UPRIGHT = Turn()


def turn_of(matrix: bytes) -> Turn:
    """Reads a display matrix, nine native 32-bit numbers, as the nearest turn by a multiple of 90 degrees."""
    if len(matrix) < 20:
        return UPRIGHT
    a, b, _, c, d = struct.unpack_from("=5i", matrix)
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Turn(swaps=False, mirrors_x=a < 0, mirrors_y=d < 0)
    return Turn(swaps=True, mirrors_x=c < 0, mirrors_y=b < 0)


def display_aspect(size: tuple[int, int], sample_aspect: Fraction | None) -> Fraction:
    """Returns width to height as the picture is meant to be seen; what no screen can show is brought into bounds."""
    shape = Fraction(*size)
    if sample_aspect and Fraction(1, _EXTREME) <= sample_aspect <= _EXTREME:
        shape *= sample_aspect
    return min(max(shape, Fraction(1, _EXTREME)), Fraction(_EXTREME))


def fitted(aspect: Fraction, fit: Fit, width: int) -> tuple[int, int]:
    """Returns the pixels of a thumbnail: even numbers, but for an odd width that was asked for exactly."""
    if fit is Fit.WIDTH:
        return width, _even(width / aspect)
    box = Fraction(width), Fraction(width * 3, 4)
    wide = min(box[0], box[1] * aspect)
    return _even(wide, box[0]), _even(wide / aspect, box[1])


def _even(length: Fraction, most: Fraction | None = None) -> int:
    near = 2 * round(length / 2)
    return max(2, near - 2 if most is not None and near > most else near)
