"""Names that every file system takes, and the order in which people number their files."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from unicodedata import category, combining, normalize

MAX_NAME_BYTES = 255
UNKNOWN = "Unknown"

_FORBIDDEN = frozenset('<>:"/\\|?*')
# Joiners hold scripts and emoji together; every other invisible character only hides something.
_JOINERS = frozenset("\u200c\u200d")
_RESERVED_SUFFIXES = (".import-bak", ".import-tmp", ".import-commit-pending")
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"]
)
_EXTENSION = re.compile(r"(?<=[^.])\.[A-Za-z0-9]{1,15}\Z")
_RUN = re.compile(r"[0-9]+|[^0-9]+")

NaturalKey = tuple[tuple[tuple[int, int, str], ...], ...]


def plain_text(text: str) -> str:
    """Takes out what no file name may hold: ``< > : " / \\ | ? *``, control and invisible characters.

    White space of any sort becomes single spaces; the result is in Unicode form C and may be empty.
    """
    spaced = (" " if letter.isspace() else letter for letter in text)
    kept = "".join(letter for letter in spaced if _is_allowed(letter))
    return " ".join(normalize("NFC", kept).split())


def safe_name(text: str, *, limit: int = MAX_NAME_BYTES) -> str:
    """Turns any text into one path segment of at most ``limit`` bytes in UTF-8 (at least 32).

    The segment is never empty, hidden, ``.`` or ``..``, never a Windows device and never one of the names that
    imports use for their own folders. A safe name stays as it is.
    """
    name = _off_devices(_trimmed(plain_text(text)))
    return _trimmed(cut(name, limit)) or UNKNOWN


def cut(text: str, limit: int) -> str:
    """Shortens a text to ``limit`` bytes of UTF-8, leaving no half character and no letter without its accents."""
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    kept = encoded[:limit].decode(errors="ignore")
    while kept and combining(text[len(kept)]):
        kept = kept[:-1]
    return kept


def extension(path: str) -> str:
    """The lower-case extension with its dot, such as ``.mp3``; empty unless made of ASCII letters and digits."""
    found = _EXTENSION.search(_last_segment(path))
    return found.group().lower() if found else ""


def stem(path: str) -> str:
    """The last segment of a path without its extension."""
    name = _last_segment(path)
    return name[: len(name) - len(extension(path))]


def natural_key(path: str) -> tuple[NaturalKey, str]:
    """A sort key by which ``track2`` comes before ``track10``, and a bare name before its ``(2)`` copy.

    Case does not matter; equal readings (``1`` and ``01``) fall back on the spelling, so the order is total.
    """
    folders = path.replace("\\", "/").split("/")[:-1]
    return tuple(_chunks(part) for part in (*folders, stem(path))), path


def in_natural_order(paths: Iterable[str]) -> list[str]:
    """Sorts paths by :func:`natural_key`, folder by folder."""
    return sorted(paths, key=natural_key)


def distinct_names(stems: Sequence[str], extensions: Sequence[str]) -> list[str]:
    """Joins safe stems with their extensions so that no two results are one file on any file system.

    Stems that differ at most in case get ordinals in the order given (``Title - 01``, ``Title - 02``); the others
    stay as they are.
    """
    fitted = [safe_name(each, limit=MAX_NAME_BYTES - len(ext)) for each, ext in zip(stems, extensions, strict=True)]
    uses = Counter(map(_identity, fitted))
    taken = {identity for identity, count in uses.items() if count == 1}
    for identity in [identity for identity, count in uses.items() if count > 1]:
        members = [index for index, each in enumerate(fitted) if _identity(each) == identity]
        numbered = _numbered([fitted[index] for index in members], [extensions[index] for index in members], taken)
        taken.update(map(_identity, numbered))
        for index, name in zip(members, numbered, strict=True):
            fitted[index] = name
    return [each + ext for each, ext in zip(fitted, extensions, strict=True)]


def _numbered(stems: Sequence[str], extensions: Sequence[str], taken: set[str]) -> list[str]:
    width = max(2, len(str(len(stems))))
    while True:
        endings = [f" - {number:0{width}}" for number in range(1, len(stems) + 1)]
        names = [
            _trimmed(cut(each, MAX_NAME_BYTES - len(ext) - len(ending))) + ending
            for each, ext, ending in zip(stems, extensions, endings, strict=True)
        ]
        if taken.isdisjoint(map(_identity, names)):
            return names
        width += 1


def _identity(name: str) -> str:
    """Equal for two names that some file system takes for one."""
    return normalize("NFD", normalize("NFD", name).casefold())


def _is_allowed(letter: str) -> bool:
    if letter in _FORBIDDEN:
        return False
    return letter in _JOINERS or category(letter) not in ("Cc", "Cf", "Cs")


def _trimmed(name: str) -> str:
    before = None
    while name != before:
        before = name
        name = name.strip(" .")
        for suffix in _RESERVED_SUFFIXES:
            if name.lower().endswith(suffix):
                name = name[: -len(suffix)]
    return name


def _off_devices(name: str) -> str:
    """Windows opens the console for ``CON`` and for ``con.mp3`` alike."""
    head, dot, rest = name.partition(".")
    if head.rstrip().casefold() in _DEVICES:
        return f"{head.rstrip()}_{dot}{rest}"
    return name


def _last_segment(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _chunks(text: str) -> tuple[tuple[int, int, str], ...]:
    """Runs of digits compare by value: the longer without leading zeros is the larger."""
    chunks = []
    for run in _RUN.findall(normalize("NFC", text).casefold()):
        if run[0] in "0123456789":
            digits = run.lstrip("0")
            chunks.append((0, len(digits), digits))
        else:
            chunks.append((1, 0, run))
    return tuple(chunks)
