"""The dynamic range of a video: what was measured wins over titles, and titles over the file's name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import cast

from earshelf.domain.loose_values import Loose, loose_bool, loose_int, loose_text, loose_values
from earshelf.domain.media_payloads import VideoStream
from earshelf.domain.release_tokens import Token, file_tokens, text_tokens


class DynamicRange(StrEnum):
    """The dynamic range of an item, best first; HDR is high dynamic range of unknown kind."""

    DOLBY_VISION = "Dolby Vision"
    HDR10_PLUS = "HDR10+"
    HDR10 = "HDR10"
    HLG = "HLG"
    HDR = "HDR"
    SDR = "SDR"


class RangeSource(StrEnum):
    """Where a dynamic range was read: measured values, a display title, the file's name, or nowhere."""

    STREAM = "stream"
    TITLE = "title"
    FILENAME = "filename"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """A dynamic range, and why.

    ``formats`` are all that the video is known to carry, best first: Dolby Vision over HDR10 has both, SDR none.
    ``dv_profile`` is what the stream says, such as ``5`` or ``8.1``, and None where it is no Dolby Vision.
    """

    dynamic_range: DynamicRange
    source: RangeSource
    formats: tuple[DynamicRange, ...] = ()
    dv_profile: str | None = None


_CURVES = {"smpte2084": DynamicRange.HDR10, "arib-std-b67": DynamicRange.HLG}
_SDR_CURVES = frozenset(
    ["bt709", "smpte170m", "smpte240m", "bt470bg", "bt470m", "iec61966-2-1", "iec61966-2-4", "bt2020-10", "bt2020-12"]
)
_FOREIGN = (
    (re.compile(r"DOVI|\ADV"), DynamicRange.DOLBY_VISION),
    (re.compile(r"HDR10(?:\+|P)"), DynamicRange.HDR10_PLUS),
    (re.compile(r"HDR10|PQ"), DynamicRange.HDR10),
    (re.compile(r"HLG"), DynamicRange.HLG),
    (re.compile(r"SDR"), DynamicRange.SDR),
    (re.compile(r"HDR"), DynamicRange.HDR),
)
_TITLES = {Token.HDR10: DynamicRange.HDR10, Token.HLG: DynamicRange.HLG, Token.HDR: DynamicRange.HDR}
_NAMES = {
    Token.SDR: DynamicRange.SDR,
    Token.DOLBY_VISION: DynamicRange.DOLBY_VISION,
    Token.HDR10_PLUS: DynamicRange.HDR10_PLUS,
    Token.HDR10: DynamicRange.HDR10,
    Token.PQ: DynamicRange.HDR10,
    Token.HLG: DynamicRange.HLG,
    Token.HDR: DynamicRange.HDR,
}
# What a name may add to a picture that is known to be HDR.
_UPGRADES = {
    DynamicRange.HDR10: (Token.DOLBY_VISION, Token.HDR10_PLUS),
    DynamicRange.HLG: (Token.DOLBY_VISION,),
    DynamicRange.HDR: (Token.DOLBY_VISION, Token.HDR10_PLUS, Token.HDR10, Token.PQ, Token.HLG),
}
_DOLBY_VISION_CODECS = frozenset(["", "hevc", "h264", "av1", "vvc"])
_BASE_LAYERS = {1: DynamicRange.HDR10, 4: DynamicRange.HLG, 6: DynamicRange.HDR10}
_LAYERED_PROFILES = frozenset([8, 9, 10])

PICTURE_EVIDENCE = (
    *("codec", "displayTitle", "extendedDisplayTitle", "videoRangeType", "colorTrc", "bitDepth"),
    *("DOVIPresent", "DOVIProfile", "DOVIBLCompatID", "HDR10PlusPresent"),
)
"""All that is asked of a video stream."""

_Verdict = tuple[DynamicRange, RangeSource]


@dataclass(frozen=True, slots=True)
class _Seen:
    """All evidence: the stream, what its titles say, and what the file's name may say of such a stream."""

    stream: VideoStream
    titles: frozenset[Token]
    name: frozenset[Token]


def picture_facts(stream: VideoStream | None, *, file_path: str | None = None) -> PictureFacts:
    """Decides from the video stream, None or empty where nothing has been analysed, and the file's path."""
    return picture_facts_of(loose_values(stream or {}, PICTURE_EVIDENCE), file_path=file_path)


def picture_facts_of(evidence: Sequence[Loose], *, file_path: str | None = None) -> PictureFacts:
    """Decides from the values of ``PICTURE_EVIDENCE`` in its order, and the file's path."""
    return _facts(file_tokens(loose_text(file_path)), *evidence)


@lru_cache(maxsize=2048, typed=True)
def _facts(name: frozenset[Token], *evidence: Loose) -> PictureFacts:
    """Thousands of files share all their evidence."""
    seen = _seen(cast(VideoStream, dict(zip(PICTURE_EVIDENCE, evidence, strict=True))), name)
    verdict = _declared(seen) or _from_base(seen) or _from_name(seen)
    dolby_vision = verdict[0] is DynamicRange.DOLBY_VISION
    return PictureFacts(*verdict, _formats(seen, verdict[0]), dv_profile_of(seen.stream) if dolby_vision else None)


def _seen(stream: VideoStream, name: frozenset[Token]) -> _Seen:
    titles = text_tokens(loose_text(stream.get("displayTitle")), loose_text(stream.get("extendedDisplayTitle")))
    if loose_text(stream.get("codec")).lower() not in _DOLBY_VISION_CODECS:
        name -= {Token.DOLBY_VISION}
    return _Seen(stream, titles, name)


def _declared(seen: _Seen) -> _Verdict | None:
    """The kind itself is said."""
    if loose_bool(seen.stream.get("DOVIPresent")) or (loose_int(seen.stream.get("DOVIProfile")) or 0) > 0:
        return DynamicRange.DOLBY_VISION, RangeSource.STREAM
    if foreign := _foreign(seen.stream):
        return foreign[0], RangeSource.STREAM
    if Token.DOLBY_VISION in seen.titles:
        return DynamicRange.DOLBY_VISION, RangeSource.TITLE
    if loose_bool(seen.stream.get("HDR10PlusPresent")):
        return DynamicRange.HDR10_PLUS, RangeSource.STREAM
    if Token.HDR10_PLUS in seen.titles:
        return DynamicRange.HDR10_PLUS, RangeSource.TITLE
    return None


def _from_base(seen: _Seen) -> _Verdict | None:
    """It is HDR at least. A name may say more: older servers tell neither Dolby Vision nor HDR10+."""
    base = _measured(seen.stream) or _titled(seen.titles)
    if base is None:
        return None
    upgrade = next((token for token in _UPGRADES[base[0]] if token in seen.name), None)
    return (_NAMES[upgrade], RangeSource.FILENAME) if upgrade else base


def _from_name(seen: _Seen) -> _Verdict:
    if _curve(seen.stream) in _SDR_CURVES or loose_int(seen.stream.get("bitDepth")) == 8:
        return DynamicRange.SDR, RangeSource.STREAM
    said = next((dynamic_range for token, dynamic_range in _NAMES.items() if token in seen.name), None)
    return (said, RangeSource.FILENAME) if said else (DynamicRange.SDR, RangeSource.DEFAULT)


def _foreign(stream: VideoStream) -> list[DynamicRange]:
    """All that another server's word says, the best first; ``DOVIWithHDR10`` says two things."""
    word = loose_text(stream.get("videoRangeType")).upper()
    return [dynamic_range for pattern, dynamic_range in _FOREIGN if pattern.search(word)]


def _measured(stream: VideoStream) -> _Verdict | None:
    curve = _CURVES.get(_curve(stream))
    return (curve, RangeSource.STREAM) if curve else None


def _titled(titles: frozenset[Token]) -> _Verdict | None:
    said = next((dynamic_range for token, dynamic_range in _TITLES.items() if token in titles), None)
    return (said, RangeSource.TITLE) if said else None


def _curve(stream: VideoStream) -> str:
    return loose_text(stream.get("colorTrc")).lower()


def _formats(seen: _Seen, dynamic_range: DynamicRange) -> tuple[DynamicRange, ...]:
    if dynamic_range is DynamicRange.SDR:
        return ()
    found = {dynamic_range} | _layers(seen)
    if DynamicRange.HDR10_PLUS in found:
        found.add(DynamicRange.HDR10)
    found -= {DynamicRange.HDR, DynamicRange.SDR} - {dynamic_range}
    return tuple(kind for kind in DynamicRange if kind in found)


def _layers(seen: _Seen) -> set[DynamicRange]:
    """What else the stream can be shown as; its name is asked only where the stream leaves room for it."""
    found = {_NAMES[token] for token in seen.titles if token in _NAMES} | set(_foreign(seen.stream))
    if loose_bool(seen.stream.get("HDR10PlusPresent")):
        found.add(DynamicRange.HDR10_PLUS)
    if _only_dolby_vision(seen.stream):
        return found
    if base := _base_layer(seen.stream):
        found.add(base)
    named = {kind for token, kind in _NAMES.items() if token in seen.name}
    if DynamicRange.HDR10 in found:
        return found | (named & {DynamicRange.HDR10_PLUS})
    return found | named if found <= {DynamicRange.DOLBY_VISION, DynamicRange.HDR} else found


def _base_layer(stream: VideoStream) -> DynamicRange | None:
    declared = _BASE_LAYERS.get(loose_int(stream.get("DOVIBLCompatID")) or 0)
    return declared or _CURVES.get(_curve(stream))


def _only_dolby_vision(stream: VideoStream) -> bool:
    """Whether other players see no HDR: profile 5 uses the PQ curve and yet is no HDR10."""
    compatible = loose_int(stream.get("DOVIBLCompatID"))
    return loose_int(stream.get("DOVIProfile")) == 5 or (compatible is not None and compatible not in _BASE_LAYERS)


def dv_profile_of(stream: VideoStream) -> str | None:
    """Spells the Dolby Vision profile of a stream, such as ``5`` or ``8.1``; None where it tells none."""
    profile, compatible = loose_int(stream.get("DOVIProfile")) or 0, loose_int(stream.get("DOVIBLCompatID"))
    if profile <= 0:
        return None
    return f"{profile}.{compatible}" if profile in _LAYERED_PROFILES and compatible is not None else str(profile)
