"""What the name of a video file, or a text about one of its streams, says about picture and sound.

A token stands between characters that are neither letters nor digits. What could as well be a word of a title counts
only behind the first release marker: a year, an episode number or a resolution.
"""

import re
from enum import StrEnum
from functools import lru_cache
from unicodedata import normalize


class Token(StrEnum):
    """One thing that a name or a text can say; PQ is the curve that HDR10 uses."""

    DOLBY_VISION = "Dolby Vision"
    HDR10_PLUS = "HDR10+"
    HDR10 = "HDR10"
    PQ = "PQ"
    HLG = "HLG"
    HDR = "HDR"
    SDR = "SDR"
    ATMOS = "Atmos"
    DTS_X = "DTS:X"
    DTS_HD_MA = "DTS-HD MA"
    TRUEHD = "TrueHD"


_SEP = r"[ ._-]?"
_START = r"(?<![^\W_])"
_END = r"(?![^\W_])"
_NO_LETTER = r"(?![^\W\d_])"
_NOT_PLUS = r"(?![^\W_]|\+)"

_FORMS = {
    Token.DOLBY_VISION: rf"(?:dovi|dolby{_SEP}vision|dvhe|dvh1|dvav|dav1){_NO_LETTER}",
    Token.HDR10_PLUS: rf"hdr{_SEP}10(?:p|{_SEP}(?:\+|plus)){_NOT_PLUS}",
    Token.HDR10: rf"hdr{_SEP}10{_NOT_PLUS}",
    Token.PQ: rf"(?:pq(?:10)?|smpte{_SEP}(?:st{_SEP})?2084){_END}",
    Token.HLG: rf"hlg(?:10)?{_END}",
    Token.HDR: rf"hdr{_END}",
    Token.SDR: rf"sdr{_END}",
    Token.ATMOS: rf"(?:atmos|ddpa|truehda){_NO_LETTER}",
    # "DTS x264" and "DTS.x.264" name a video codec behind the sound.
    Token.DTS_X: rf"dts[ ._:/-]?x(?:{_END}(?![\W_]*26[3-6])|(?=[57]{_SEP}1(?![0-9])))",
    Token.DTS_HD_MA: rf"dts{_SEP}(?:hd{_SEP}ma(?:ster(?:{_SEP}audio)?)?|\(ma\)|ma){_NO_LETTER}",
    Token.TRUEHD: rf"true{_SEP}hd{_NO_LETTER}",
}
_PATTERNS = {token: re.compile(_START + form) for token, form in _FORMS.items()}
# No form is without one of these letters; asking for them first spares most of the searches.
_LETTERS = {
    Token.DOLBY_VISION: ("dovi", "dolby", "dvh", "dvav", "dav1"),
    Token.HDR10_PLUS: ("hdr",),
    Token.HDR10: ("hdr",),
    Token.PQ: ("pq", "smpte"),
    Token.HLG: ("hlg",),
    Token.HDR: ("hdr",),
    Token.SDR: ("sdr",),
    Token.ATMOS: ("atmos", "ddpa", "truehda"),
    Token.DTS_X: ("dts",),
    Token.DTS_HD_MA: ("dts",),
    Token.TRUEHD: ("true",),
}
_ANY_LETTERS = re.compile("|".join(sorted({"dv", *(letters for some in _LETTERS.values() for letters in some)})))
_NO_TITLE_WORD = frozenset([Token.DOLBY_VISION, Token.HDR10_PLUS, Token.HDR10])

_MARKER = re.compile(
    rf"{_START}(?:"
    rf"(?!\A)(?:19|20)[0-9]{{2}}{_END}"
    r"|s[0-9]{1,4}e[0-9]"
    rf"|[0-9]{{1,2}}x[0-9]{{2,3}}{_END}"
    rf"|(?:480|576|720|1080|1440|2160|4320)[pi]{_END}"
    rf"|4k{_END}|uhd{_END})"
)
_EXTENSION = re.compile(r"\.([a-z0-9]{1,5})\Z")

# DV is also the name of a tape format.
_DV = re.compile(
    rf"{_START}(?P<tape>(?:mini|sony|digital|hd)[\W_]+)?"
    rf"dv(?:hdr(?:10(?:\+|plus|p)?)?)?(?:{_SEP}p[0-9](?:[ ._][0-9])?)?{_END}"
)
_TAPE_BEHIND = re.compile(rf"[\W_]+(?:pal|ntsc|avi|cam|camcorder|tape|25|50){_END}")
_TAPE_EXTENSIONS = frozenset(["avi", "dv", "mpg", "mpeg", "vob", "wmv", "3gp"])


@lru_cache(maxsize=64)
def file_tokens(path: str) -> frozenset[Token]:
    """What the file's name says; its folders, parted by either slash, and its extension say nothing."""
    name = _folded(path[max(path.rfind("/"), path.rfind("\\")) + 1 :])
    extension = ""
    if found := _EXTENSION.search(name):
        name, extension = name[: found.start()], found[1]
    if not _ANY_LETTERS.search(name):
        return frozenset()
    marker = _MARKER.search(name)
    tail = name[marker.start() :] if marker else name
    tokens = {token for token in Token if _says(token, name if token in _NO_TITLE_WORD else tail)}
    if extension not in _TAPE_EXTENSIONS and "dv" in tail and _says_dv(tail):
        tokens.add(Token.DOLBY_VISION)
    return frozenset(tokens)


def text_tokens(*texts: str) -> frozenset[Token]:
    """What texts about one stream say, each read for itself and as a whole; DV alone is no Dolby Vision here."""
    return frozenset().union(*map(_tokens, texts))


@lru_cache(maxsize=1024)
def _tokens(text: str) -> frozenset[Token]:
    """Thousands of streams share their display titles."""
    folded = _folded(text)
    return frozenset(token for token in Token if _says(token, folded))


def _says(token: Token, folded: str) -> bool:
    return any(letters in folded for letters in _LETTERS[token]) and _PATTERNS[token].search(folded) is not None


def _says_dv(tail: str) -> bool:
    return any(not found["tape"] and not _TAPE_BEHIND.match(tail, found.end()) for found in _DV.finditer(tail))


def _folded(text: str) -> str:
    """One spelling whatever the letters' case, and letters with their accents as one character."""
    return text.lower() if text.isascii() else normalize("NFC", text.upper().casefold())
