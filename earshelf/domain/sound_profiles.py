"""What kind of sound an audio track is. Texts and names count only where they agree with the codec."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from earshelf.domain.loose_values import Loose, loose_text, loose_values
from earshelf.domain.media_payloads import AudioStream
from earshelf.domain.release_tokens import Token, file_tokens, text_tokens


class AudioProfile(StrEnum):
    """The kinds of sound that are told apart."""

    DOLBY_ATMOS = "Dolby Atmos"
    DOLBY_TRUEHD = "Dolby TrueHD"
    DTS_HD_MA = "DTS-HD MA"
    DTS_X = "DTS:X"


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """What the tracks of a file are.

    ``profile`` and ``format`` are the first track's; ``format`` is for people and also names sound without a profile.
    ``profiles`` are the distinct ones of all tracks, the first track's first.
    """

    profile: AudioProfile | None
    format: str | None
    profiles: tuple[AudioProfile, ...] = ()


_FAMILIES = {"dca": "dts", "dca-ma": "dts", "mlp": "truehd", "ec-3": "eac3", "ac-4": "ac4"}
_SPATIAL = {"dolbyatmos": AudioProfile.DOLBY_ATMOS, "dtsx": AudioProfile.DTS_X}
_TITLED = {
    Token.DTS_X: AudioProfile.DTS_X,
    Token.DTS_HD_MA: AudioProfile.DTS_HD_MA,
    Token.TRUEHD: AudioProfile.DOLBY_TRUEHD,
}
_NAMED = {
    Token.DTS_X: AudioProfile.DTS_X,
    Token.ATMOS: AudioProfile.DOLBY_ATMOS,
    Token.TRUEHD: AudioProfile.DOLBY_TRUEHD,
    Token.DTS_HD_MA: AudioProfile.DTS_HD_MA,
}
_OBJECTS = frozenset(["atmos", "joc"])
_FORMATS = {
    "eac3": "Dolby Digital Plus",
    "ac3": "Dolby Digital",
    "ac4": "Dolby AC-4",
    "aac": "AAC",
    "flac": "FLAC",
    "alac": "ALAC",
    "pcm": "PCM",
    "opus": "Opus",
    "vorbis": "Vorbis",
    "mp2": "MP2",
    "mp3": "MP3",
}
_DTS_FORMATS = {"hra": "DTS-HD HRA", "es": "DTS-ES", "express": "DTS Express", "96": "DTS 96/24"}
_WORD = re.compile(r"[^\W_]+")
SOUND_EVIDENCE = ("codec", "audioSpatialFormat", "profile", "displayTitle", "extendedDisplayTitle", "title")
"""All that is asked of an audio track."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """All evidence about one track: ``says`` is what its texts say, ``words`` what its profile is made of."""

    codec: str
    spatial: str
    words: frozenset[str]
    says: frozenset[Token]
    profile_says: frozenset[Token]
    part_is_ma: bool
    name: frozenset[Token]

    @property
    def family(self) -> str:
        return _FAMILIES.get(self.codec, self.codec)


def sound_facts(
    tracks: Sequence[AudioStream], *, part_audio_profile: Loose = None, file_path: str | None = None
) -> SoundFacts:
    """Decides about every track. The part's profile is about the first one; a name may be about any of them."""
    evidence = [loose_values(track, SOUND_EVIDENCE) for track in tracks or [AudioStream()]]
    return sound_facts_of(evidence, part_audio_profile=part_audio_profile, file_path=file_path)


def sound_facts_of(
    tracks: Sequence[Sequence[Loose]], *, part_audio_profile: Loose = None, file_path: str | None = None
) -> SoundFacts:
    """Decides from the values of ``SOUND_EVIDENCE`` of at least one track, in its order."""
    name = file_tokens(loose_text(file_path))
    profile, format_ = _facts(name, loose_text(part_audio_profile), *tracks[0])
    found = [profile, *[_facts(name, "", *track)[0] for track in tracks[1:]]]
    return SoundFacts(profile, format_, tuple(dict.fromkeys(filter(None, found))))


@lru_cache(maxsize=2048, typed=True)
def _facts(name: frozenset[Token], part_profile: str, *evidence: Loose) -> tuple[AudioProfile | None, str | None]:
    """Profile and format of a track; thousands share all their evidence."""
    codec, spatial, profile, *titles = map(loose_text, evidence)
    heard = _Heard(
        codec=codec.lower(),
        spatial="".join(_WORD.findall(spatial.lower())),
        words=_words(profile),
        says=text_tokens(*titles),
        profile_says=text_tokens(profile),
        part_is_ma="ma" in _words(part_profile),
        name=name,
    )
    found = _profile(heard)
    return found, found or _format(heard)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


def _profile(heard: _Heard) -> AudioProfile | None:
    if heard.spatial in _SPATIAL:
        return _SPATIAL[heard.spatial]
    match heard.family:
        case "truehd":
            return AudioProfile.DOLBY_ATMOS if _is_atmos(heard) else AudioProfile.DOLBY_TRUEHD
        case "eac3" | "ac4":
            return AudioProfile.DOLBY_ATMOS if _is_atmos(heard) else None
        case "dts":
            return _dts(heard)
        case "":
            return _unanalysed(heard)
    return None


def _is_atmos(heard: _Heard) -> bool:
    return _says_atmos(heard) or Token.ATMOS in heard.name


def _says_atmos(heard: _Heard) -> bool:
    return Token.ATMOS in heard.says or not _OBJECTS.isdisjoint(heard.words)


def _dts(heard: _Heard) -> AudioProfile | None:
    said = heard.says | heard.profile_says
    if Token.DTS_X in said or "x" in heard.words:
        return AudioProfile.DTS_X
    ma = heard.codec == "dca-ma" or "ma" in heard.words or Token.DTS_HD_MA in said
    # A profile that was read and is not MA is the core alone, whatever the file is called.
    core = bool(heard.words) and not ma
    if not core and Token.DTS_X in heard.name:
        return AudioProfile.DTS_X
    if ma or (not core and (heard.part_is_ma or Token.DTS_HD_MA in heard.name)):
        return AudioProfile.DTS_HD_MA
    return None


def _unanalysed(heard: _Heard) -> AudioProfile | None:
    if _says_atmos(heard):
        return AudioProfile.DOLBY_ATMOS
    if said := next((profile for token, profile in _TITLED.items() if token in heard.says), None):
        return said
    if "truehd" in heard.words:
        return AudioProfile.DOLBY_TRUEHD
    if heard.part_is_ma:
        return AudioProfile.DTS_HD_MA
    if heard.name >= {Token.TRUEHD, Token.ATMOS}:
        return AudioProfile.DOLBY_ATMOS
    return next((profile for token, profile in _NAMED.items() if token in heard.name), None)


def _format(heard: _Heard) -> str | None:
    """The name of sound that has no profile."""
    if heard.family == "dts":
        return next((name for word, name in _DTS_FORMATS.items() if word in heard.words), "DTS")
    if heard.codec.startswith("pcm"):
        return _FORMATS["pcm"]
    return _FORMATS.get(heard.family, heard.codec.upper()) or None
