"""Path mappings: how a path that one program reports reads on another machine.

Every user of mappings (download clients, connectors, media servers) resolves with the functions here. Paths
are compared segment by segment, never as bare strings, so ``/data`` does not match ``/database``. Letters with accents
may be spelled in either of Unicode's ways; what lies below the matching folder keeps its spelling, for disks mind it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple
from unicodedata import normalize

from earshelf.domain.import_errors import UnsafeSource

_DRIVE = re.compile(r"[A-Za-z]:(?=/|$)")
_DRIVE_PREFIX = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class PathMapping:
    """One row: whatever lies under ``source`` is found under ``target``.

    Either side may be POSIX, a Windows drive or a UNC share, with or without trailing slashes. A row with a
    blank source matches nothing.
    """

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class MappedPath:
    """Where a path leads; ``mapped`` is False when no row matched and the path is as it came."""

    path: str
    mapped: bool


class _Location(NamedTuple):
    """A path taken apart: ``root`` is ``/``, ``C:/``, ``//`` or, for a relative path, empty."""

    root: str
    segments: tuple[str, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """What is compared; Windows names differ in more than their case."""
        composed = (self.root, *(normalize("NFC", segment) for segment in self.segments))
        if self.root in ("", "/"):
            return composed
        return tuple(normalize("NFC", part.casefold()) for part in composed)


def map_path(path: str, mappings: Iterable[PathMapping]) -> MappedPath | None:
    """Resolves a path by the row with the longest matching source; of equally long ones the first wins.

    A row that maps a path onto itself counts as mapped. None means that no usable path can be derived:
    the path is blank, or the winning row has a blank target.
    """
    if not path.strip():
        return None
    winner = next(iter(_matches(path, mappings)), None)
    if winner is None:
        return MappedPath(path=path, mapped=False)
    row, rest = winner
    return MappedPath(path=_join(row.target, rest), mapped=True) if row.target.strip() else None


def deciding_row(path: str, mappings: Iterable[PathMapping]) -> PathMapping | None:
    """Returns the row that :func:`map_path` resolves a path by, None where none matches."""
    return next((row for row, _ in _matches(path, mappings)), None) if path.strip() else None


def candidates(path: str, mappings: Iterable[PathMapping]) -> list[MappedPath]:
    """Lists every path that some row leads to, longest source first, each once.

    Rows with a blank target lead nowhere and are left out. Empty when the path is blank or nothing matches.
    """
    if not path.strip():
        return []
    found = (_join(row.target, rest) for row, rest in _matches(path, mappings) if row.target.strip())
    return [MappedPath(path=each, mapped=True) for each in dict.fromkeys(found)]


def is_below(path: str, folder: str) -> bool:
    """Whether a path lies under a folder by its name; the folder itself does not, and nothing under a blank one."""
    return is_at_or_below(path, folder) and depth(path) > depth(folder)


def is_at_or_below(path: str, folder: str) -> bool:
    """Whether a path is the folder or lies under it, by its name; no path is at a blank one."""
    if not path.strip() or not folder.strip():
        return False
    around = _locate(folder).key
    return _locate(path).key[: len(around)] == around


def same_place(one: str, other: str) -> bool:
    """Whether two paths name the same place, however their slashes and accents are spelled."""
    return _locate(one).key == _locate(other).key


def depth(path: str) -> int:
    """Returns how many names a path has below its root."""
    return len(_locate(path).segments)


def is_absolute(path: str) -> bool:
    """Whether a path starts at a root: POSIX, a Windows drive or a UNC share."""
    return bool(_locate(path).root)


def is_whole_disk(path: str) -> bool:
    """Whether a path names nothing but a root, once ``.`` and ``..`` are worked in."""
    location = _locate(path)
    return bool(location.root) and not location.segments


def lineage(folder: str) -> list[str]:
    """The folder and all around it, innermost first, as a POSIX path spells them."""
    place = PurePosixPath(folder)
    return [str(each) for each in (place, *place.parents)]


def safe_relative(path: str) -> PurePosixPath:
    """Reads a path that a download or an archive gives for one of its own files.

    Backslashes count as slashes, empty and ``.`` segments are dropped. The result is relative, has at least
    one segment and no ``..``.

    :raises UnsafeSource: the path is empty, absolute, on a Windows drive, climbs with ``..`` or holds a NUL.
    """
    slashed = path.replace("\\", "/")
    if "\0" in slashed or slashed.startswith("/") or _DRIVE_PREFIX.match(slashed):
        raise UnsafeSource(f"{path!r} leaves the download's folder; the release is broken or hostile, grab another")
    relative = PurePosixPath(slashed)
    if not relative.parts or ".." in relative.parts:
        raise UnsafeSource(
            f"{path!r} names no file inside the download; the release is broken or hostile, grab another"
        )
    return relative


def _matches(path: str, mappings: Iterable[PathMapping]) -> list[tuple[PathMapping, tuple[str, ...]]]:
    """Every row whose source holds the path, longest first, with the segments that remain."""
    location = _locate(path)
    found = []
    for row in mappings:
        if not row.source.strip():
            continue
        source = _locate(row.source)
        if location.key[: len(source.key)] == source.key:
            found.append((row, location.segments[len(source.segments) :]))
    return sorted(found, key=lambda match: len(match[1]))


def _locate(path: str) -> _Location:
    slashed = path.replace("\\", "/")
    if drive := _DRIVE.match(slashed):
        root = drive.group() + "/"
    elif slashed.startswith("//") and slashed.strip("/"):
        root = "//"
    else:
        root = "/" if slashed.startswith("/") else ""
    return _Location(root, _resolved(slashed[len(root) :], rooted=bool(root)))


def _resolved(text: str, *, rooted: bool) -> tuple[str, ...]:
    """Segments with ``.`` and ``..`` worked in, so that a path cannot match a folder that it leaves again."""
    kept: list[str] = []
    for segment in text.split("/"):
        if segment == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif segment not in ("", ".") and not (segment == ".." and rooted):
            kept.append(segment)
    return tuple(kept)


def _join(target: str, rest: tuple[str, ...]) -> str:
    place = _locate(target)
    return place.root + "/".join(place.segments + rest)
