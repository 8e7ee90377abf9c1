"""Which way a frame's numbers stand for light, from its tags and from what the container says."""

from dataclasses import replace
from enum import Enum, auto

import av
from av.sidedata.sidedata import Type

from earshelf.adapters.libav.colours_of_frames import UNSPECIFIED
from earshelf.adapters.libav.dolby_metadata import is_without_base
from earshelf.adapters.libav.side_data import attached
from earshelf.adapters.libav.stream_facts import StreamFacts

_PRIMARIES_2020 = 9
_TRANSFER_PQ = 16
_TRANSFER_HLG = 18
_LEAST_BITS = 10  # of Dolby Vision
_PROFILE_ALONE = 5
_PROFILES_PERHAPS_ALONE = (10, 20)
_BASE_HDR10 = 1
_BASE_HLG = 4
_BASE_BLURAY = 6


class DynamicRange(Enum):
    """How light is coded; ``WIDE`` is ordinary light in the gamut of BT.2020, ``DOLBY`` needs metadata to be seen."""

    ORDINARY = auto()
    WIDE = auto()
    PQ = auto()
    HLG = auto()
    DOLBY = auto()


def completed(facts: StreamFacts, frame: av.VideoFrame) -> StreamFacts:
    """Returns what the container says, or where it knows of no Dolby Vision, what a film's first frame shows of it."""
    if facts.profile or frame.format.components[0].bits < _LEAST_BITS:
        return facts
    record = attached(frame, Type.DOVI_METADATA)
    return replace(facts, profile=_PROFILE_ALONE) if record and is_without_base(record) else facts


def dynamic_range(frame: av.VideoFrame, facts: StreamFacts) -> DynamicRange:
    """Classifies a frame; where Dolby Vision lies upon a base that others can show, the base counts."""
    if facts.profile == _PROFILE_ALONE or (facts.profile in _PROFILES_PERHAPS_ALONE and facts.base == 0):
        return DynamicRange.DOLBY
    if frame.color_trc == _TRANSFER_PQ:
        return DynamicRange.PQ
    if frame.color_trc == _TRANSFER_HLG:
        return DynamicRange.HLG
    if frame.color_trc == UNSPECIFIED and facts.profile:
        return _base(facts.base)
    return DynamicRange.WIDE if frame.color_primaries == _PRIMARIES_2020 else DynamicRange.ORDINARY


def _base(base: int) -> DynamicRange:
    if base in (_BASE_HDR10, _BASE_BLURAY):
        return DynamicRange.PQ
    return DynamicRange.HLG if base == _BASE_HLG else DynamicRange.ORDINARY
