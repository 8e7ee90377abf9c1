"""A second, plain reading of video file names: every spelling is written out, and compared sign by sign.

It shares nothing with the program's own reading but the words for the results.
"""

from collections.abc import Callable
from itertools import product

SEPARATORS = ["", " ", ".", "_", "-"]
MINI_WORDS = ["mini", "sony", "digital", "hd"]
TAPE_WORDS = ["pal", "ntsc", "avi", "cam", "camcorder", "tape", "25", "50"]
TAPE_ENDINGS = ["avi", "dv", "mpg", "mpeg", "vob", "wmv", "3gp"]
HEIGHTS = ["480", "576", "720", "1080", "1440", "2160", "4320"]


def _spelled(*columns: list[str]) -> list[str]:
    return ["".join(parts) for parts in product(*columns)]


SURE = ["dovi", "dvhe", "dvh1", "dvav", "dav1", *_spelled(["dolby"], SEPARATORS, ["vision"])]
HDR10 = _spelled(["hdr"], SEPARATORS, ["10"])
HDR10_PLUS = _spelled(HDR10, ["p", *_spelled(SEPARATORS, ["+", "plus"])])
PQ = ["pq", "pq10", *_spelled(["smpte"], SEPARATORS, ["2084", *_spelled(["st"], SEPARATORS, ["2084"])])]
MASTER = ["ma", "master", *_spelled(["master"], SEPARATORS, ["audio"])]
MA = [
    *_spelled(["dts"], SEPARATORS, ["hd"], SEPARATORS, MASTER),
    *_spelled(["dts"], SEPARATORS, ["(ma)"]),
    *_spelled(["dts"], SEPARATORS, ["ma"]),
]
DTS_X = _spelled(["dts"], ["", " ", ".", "_", ":", "/", "-"], ["x"])
TRUEHD = _spelled(["true"], SEPARATORS, ["hd"])
CHANNELS = _spelled(["5", "7"], SEPARATORS, ["1"])
GLUED = _spelled(["dv"], ["", "hdr", "hdr10", "hdr10+", "hdr10plus", "hdr10p"])
PROFILED = _spelled(SEPARATORS, ["p"], list("0123456789"), ["", *_spelled([".", " ", "_"], list("0123456789"))])
DV = [*GLUED, *_spelled(GLUED, PROFILED)]


def read(path: str) -> set[str]:
    """The tokens of a file's name, under the values of the program's own."""
    name = path.replace("\\", "/").split("/")[-1].lower()
    ending = ""
    if "." in name and 1 <= len(name.split(".")[-1]) <= 5 and name.split(".")[-1].isalnum():
        name, ending = name[: name.rindex(".")], name.split(".")[-1]
    tail = _tail(name)
    found = {
        "HDR10+": _has(name, HDR10_PLUS, _no_plus),
        "HDR10": _has(name, HDR10, _no_plus),
        "PQ": _has(tail, PQ, _over),
        "HLG": _has(tail, ["hlg", "hlg10"], _over),
        "HDR": _has(tail, ["hdr"], _over),
        "SDR": _has(tail, ["sdr"], _over),
        "Atmos": _has(tail, ["atmos", "ddpa", "truehda"], _no_letter),
        "DTS:X": _has(tail, DTS_X, _no_codec),
        "DTS-HD MA": _has(tail, MA, _no_letter),
        "TrueHD": _has(tail, TRUEHD, _no_letter),
        "Dolby Vision": _has(name, SURE, _no_letter) or (ending not in TAPE_ENDINGS and _short(tail)),
    }
    return {token for token, said in found.items() if said}


def _starts(text: str) -> list[int]:
    return [place for place in range(len(text)) if text[place].isalnum() and not text[:place][-1:].isalnum()]


def _word(text: str) -> str:
    """The letters and digits at the beginning."""
    length = 0
    while length < len(text) and text[length].isalnum():
        length += 1
    return text[:length]


def _has(text: str, spellings: list[str], allowed: Callable[[str], bool]) -> bool:
    return any(
        text.startswith(spelling, place) and allowed(text[place + len(spelling) :])
        for place in _starts(text)
        for spelling in spellings
    )


def _over(rest: str) -> bool:
    return not rest[:1].isalnum()


def _no_letter(rest: str) -> bool:
    return not rest[:1].isalpha()


def _no_plus(rest: str) -> bool:
    return _over(rest) and not rest.startswith("+")


def _no_codec(rest: str) -> bool:
    if rest[:1].isalnum():
        return any(rest.startswith(channels) and not rest[len(channels) :][:1].isdigit() for channels in CHANNELS)
    while rest and not rest[0].isalnum():
        rest = rest[1:]
    return rest[:3] not in ("263", "264", "265", "266")


def _short(tail: str) -> bool:
    before = ""
    for place in _starts(tail):
        rest = tail[place:]
        if rest.startswith("dv") and before not in MINI_WORDS and _untaped(rest):
            return True
        before = _word(rest)
    return False


def _untaped(rest: str) -> bool:
    fitting = [form for form in DV if rest.startswith(form) and _over(rest[len(form) :])]
    if not fitting:
        return False
    behind = rest[len(max(fitting, key=len)) :]
    while behind and not behind[0].isalnum():
        behind = behind[1:]
    return _word(behind) not in TAPE_WORDS


def _tail(name: str) -> str:
    for place in _starts(name):
        if _is_marker(_word(name[place:]), first=place == 0):
            return name[place:]
    return name


def _is_marker(word: str, *, first: bool) -> bool:
    if word in ("4k", "uhd") or (word[:-1] in HEIGHTS and word[-1] in "pi"):
        return True
    if len(word) == 4 and word.isdigit() and 1900 <= int(word) <= 2099:
        return not first
    season, cross, number = word.partition("x")
    if cross and season.isdigit() and number.isdigit() and len(season) <= 2 and 2 <= len(number) <= 3:
        return True
    season, letter, number = word[1:].partition("e")
    return word.startswith("s") and bool(letter) and season.isdigit() and len(season) <= 4 and number[:1].isdigit()
