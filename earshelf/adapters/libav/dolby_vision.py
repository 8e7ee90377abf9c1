"""Dolby Vision without a base layer that others can show (profile 5): IPT-PQ-c2, put right by its metadata.

The picture is reshaped, taken to the light of the cones by matrices from the metadata, and to BT.2020 by the
transform of Hunt, Pointer and Estevez without crosstalk. All of it happens at the size of the thumbnail.
"""

from functools import lru_cache

import av
import numpy as np
from av.sidedata.sidedata import Type
from numpy.typing import NDArray

from earshelf.adapters.libav.colours_of_frames import FULL_RANGE, source_matrix
from earshelf.adapters.libav.dolby_metadata import Curve, DolbyMetadata, MetadataUnusable, Piece, parsed
from earshelf.adapters.libav.screen import Planes, Screen, times
from earshelf.adapters.libav.side_data import attached
from earshelf.adapters.libav.tonemapping import SampleReader, pq_light
from earshelf.domain.colour import BT2020, REFERENCE_WHITE, Matrix, gamut_to_xyz, inverted, product
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import ToneCurve

_CONES: Matrix = ((0.40024, 0.70760, -0.08081), (-0.22630, 1.16532, 0.04570), (0.0, 0.0, 0.91822))
"""From XYZ, made equal for D65 (M. D. Fairchild, "Color Appearance Models", on Hunt, Pointer and Estevez)."""


class DolbyVision:
    """Makes pictures of frames of profile 5; the metadata may change with every frame."""

    def __init__(self, curve: ToneCurve) -> None:
        self._screen = Screen(curve)
        self._reader = SampleReader()
        self._known: DolbyMetadata | None = None

    def picture(self, frame: av.VideoFrame, size: tuple[int, int]) -> av.VideoFrame:
        """Returns the frame in ``jpeg.PIXELS`` at this size.

        :raises VideoUnusable: it has no metadata, nor had a frame before it, or they make no sense.
        """
        metadata = self._metadata(frame)
        coded = self._reader.samples(frame, size, source_matrix(frame), FULL_RANGE)
        coded /= np.float32(65535)
        light = light_of(coded, metadata)
        return self._screen.show(light, BT2020, metadata.peak / REFERENCE_WHITE, size)

    def _metadata(self, frame: av.VideoFrame) -> DolbyMetadata:
        record = attached(frame, Type.DOVI_METADATA)
        if record is not None:
            self._known = _parsed(record)
        if self._known is None:
            raise VideoUnusable("Dolby Vision profile 5 cannot be shown: its metadata is missing from the film")
        # a frame that lost its own is closer to what it was with its neighbour's than with none
        return self._known


def _parsed(record: bytes) -> DolbyMetadata:
    try:
        return parsed(record)
    except MetadataUnusable as problem:
        raise VideoUnusable(f"Dolby Vision profile 5 cannot be shown: its metadata is unusable, {problem}") from problem


def light_of(coded: Planes, metadata: DolbyMetadata) -> Planes:
    """Returns light in BT.2020, 1 for diffuse white, of the coded components, 0 to 1."""
    components = np.stack([reshaped(curve, coded, index) for index, curve in enumerate(metadata.curves)])
    components -= np.array(metadata.offset, np.float32)[:, None]
    cones = pq_light(times(metadata.to_signal, components))
    return times(product(cones_to_colours(), metadata.to_cones), cones)


@lru_cache(maxsize=1)
def cones_to_colours() -> Matrix:
    """Returns the matrix from light of the cones to light in BT.2020."""
    to_cones = product(_CONES, gamut_to_xyz(BT2020))
    # the published digits leave white a little off; white is to stay white
    return inverted(_scaled_to_white(to_cones))


def _scaled_to_white(matrix: Matrix) -> Matrix:
    red, green, blue = (1 / sum(row) for row in matrix)
    return product(((red, 0.0, 0.0), (0.0, green, 0.0), (0.0, 0.0, blue)), matrix)


def reshaped(curve: Curve, coded: Planes, index: int) -> NDArray[np.float32]:
    """Returns one component as it was before it was folded into few bits."""
    own = np.clip(coded[index], curve.pivots[0], curve.pivots[-1])
    if all(not piece.mixed for piece in curve.pieces):
        restored = _by_powers(curve, own)
    else:
        restored = _by_pieces(curve, coded, own)
    return np.clip(restored, 0, 1)


def _by_powers(curve: Curve, own: NDArray[np.float32]) -> NDArray[np.float32]:
    which = np.searchsorted(np.array(curve.pivots[1:-1], np.float32), own, side="right")
    table = np.array([(piece.constant, *piece.powers) for piece in curve.pieces], np.float32)
    constant, first, second = table[which].T
    restored: NDArray[np.float32] = (second * own + first) * own + constant
    return restored


def _by_pieces(curve: Curve, coded: Planes, own: NDArray[np.float32]) -> NDArray[np.float32]:
    which = np.searchsorted(np.array(curve.pivots[1:-1], np.float32), own, side="right")
    restored = np.empty_like(own)
    for number, piece in enumerate(curve.pieces):
        here = which == number
        restored[here] = _mixed(piece, coded[:, here]) if piece.mixed else _power(piece, own[here])
    return restored


def _power(piece: Piece, own: NDArray[np.float32]) -> NDArray[np.float32]:
    first, second = piece.powers
    restored: NDArray[np.float32] = (own * second + first) * own + piece.constant
    return restored


def _mixed(piece: Piece, coded: Planes) -> NDArray[np.float32]:
    one, two, three = np.clip(coded, 0, 1)
    terms = np.stack([one, two, three, one * two, one * three, two * three, one * two * three])
    powers = terms
    total: NDArray[np.float32] = np.full_like(one, piece.constant)
    for row in piece.mixed:
        for weight, term in zip(row, powers, strict=True):
            total += term * weight
        powers = powers * terms
    return total
