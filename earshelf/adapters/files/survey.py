"""What lies in a download, as far as it may be trusted."""

import errno
import os
import stat
from enum import Enum
from pathlib import Path

from earshelf.adapters.files.faults import real, shown, usable
from earshelf.domain.filenames import natural_key
from earshelf.domain.import_errors import UnsafeSource
from earshelf.ports.files import SourceFile

_AUDIO = frozenset([".m4b", ".mp3", ".m4a", ".mp4", ".flac", ".ogg", ".opus", ".wma", ".aac", ".wav"])
_NOTHING_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP})
_ADVICE = "grab another release, or copy the files into one folder by hand"


class Kind(Enum):
    """What lies at a path."""

    FOLDER = "folder"
    OTHER = "other"


def kind_of(path: str | Path) -> Kind | None:
    """Tells what lies at a path; None where nothing does, a link to nothing included."""
    try:
        found = Path(path).stat()
    except ValueError:  # a name that no disk can hold
        return None
    except OSError as error:
        if error.errno in _NOTHING_THERE:
            return None
        raise
    return Kind.FOLDER if stat.S_ISDIR(found.st_mode) else Kind.OTHER


def is_empty(path: str) -> bool:
    """Tells a folder that holds nothing from everything else."""
    if kind_of(path) is not Kind.FOLDER:
        return False
    with os.scandir(path) as entries:
        return next(entries, None) is None


def is_inside(path: str, folder: str) -> bool:
    """Tells whether a path lies where its name says that it does."""
    try:
        place, around = usable(path), usable(folder)
    except UnsafeSource:
        return False
    if ".." in path.split("/") or place == around or not place.is_relative_to(around):
        return False
    return real(place) == real(around) / place.relative_to(around)


def free_bytes(path: str) -> int:
    """Counts the bytes that an ordinary user may still write where the path is or would be."""
    place = usable(path)
    while kind_of(place) is None and place != place.parent:
        place = place.parent
    disk = os.statvfs(place)
    return disk.f_bavail * disk.f_frsize


def audio_below(source: str, library: str) -> list[SourceFile] | None:
    """Lists audio files as the port says.

    A link to a folder is never followed: inside the source its files are met where they lie, outside it is refused.
    A link with the name of an audio file stands for its file if that lies inside the source, once; it is refused when
    it leads elsewhere, nowhere, in circles, or to something that is not a file. Other links are left out, and so are
    pipes, sockets, devices and everything hidden.

    :raises UnsafeSource: as the port says, and for a source that is a link out of its own folder.
    """
    place = usable(source)
    root = real(place)
    _refuse_overlap(place, root, library)
    try:
        kind = place.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    if place.is_symlink() and not root.is_relative_to(real(place.parent)):
        raise UnsafeSource(f"'{shown(place)}' is a link to another folder; name the folder that it leads to")
    if place.name.startswith("."):
        return []
    if stat.S_ISDIR(kind):
        return _walk(root)
    return [_file(root, place.name)] if stat.S_ISREG(kind) and _is_audio(place.name) else []


def _walk(root: Path) -> list[SourceFile]:
    found: dict[Path, SourceFile] = {}
    links: list[Path] = []
    folders = [root]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                path = Path(entry.path)
                if entry.name.startswith("."):
                    continue
                if entry.is_symlink():
                    links.append(path)
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(path)
                elif entry.is_file(follow_symlinks=False) and _is_audio(entry.name):
                    found[path] = _file(path, str(path.relative_to(root)))
    for link in sorted(links):
        if (target := _linked(link, root)) is not None:
            found.setdefault(target, _file(target, str(link.relative_to(root))))
    return sorted(found.values(), key=lambda file: natural_key(file.path))


def _linked(link: Path, root: Path) -> Path | None:
    """Where a link's audio file lies; None for a link that brings no audio."""
    try:
        target = Path(os.path.realpath(link, strict=True))
        kind = target.stat().st_mode
    except OSError as error:
        if not _is_audio(link.name):
            return None
        raise UnsafeSource(f"'{shown(link)}' is a link that leads nowhere; {_ADVICE}") from error
    if not _is_audio(link.name) and not stat.S_ISDIR(kind):
        return None
    if not target.is_relative_to(root):
        raise UnsafeSource(f"'{shown(link)}' is a link out of the download's folder; {_ADVICE}")
    if stat.S_ISDIR(kind):
        return None
    if not stat.S_ISREG(kind):
        raise UnsafeSource(f"'{shown(link)}' is a link to something that is no file; {_ADVICE}")
    return target


def _file(absolute: Path, path: str) -> SourceFile:
    return SourceFile(path=path, absolute=str(absolute), size=absolute.lstat().st_size)


def _is_audio(name: str) -> bool:
    return Path(name).suffix.lower() in _AUDIO


def _refuse_overlap(place: Path, root: Path, library: str) -> None:
    if Path("/") in (place, root):
        raise UnsafeSource(f"'{shown(place)}' is a whole disk; correct the path mapping, or name the book's own folder")
    if not library.strip():
        return
    shelf = usable(library)
    pairs = [(place, shelf), (root, real(shelf))]
    if any(_overlap(*pair) for pair in pairs) or _same_place(root, real(shelf)):
        raise UnsafeSource(
            f"'{shown(place)}' and the library '{shown(shelf)}' lie inside each other; correct the path mapping"
        )


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _same_place(source: Path, library: Path) -> bool:
    """Whether one holds the other under another name: a bind mount, or a file system that ignores case."""
    return _is_one_of(library, _upwards(source)) or _is_one_of(source, _upwards(library))


def _is_one_of(path: Path, others: list[Path]) -> bool:
    identity = _identity(path)
    return identity is not None and identity in map(_identity, others)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _upwards(path: Path) -> list[Path]:
    """The path and its folders; the root is left out, for it is nobody's download."""
    return [path, *path.parents][:-1]
