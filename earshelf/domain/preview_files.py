"""What results are called, and where each media server looks for them.

Plex keeps them in bundles named by the hash of a media part, Emby beside the video, Jellyfin in a folder beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from earshelf.domain.previews import PreviewFormat, PreviewSettings, Target

TILES_ACROSS = 10
TILES_DOWN = 10
TILES = TILES_ACROSS * TILES_DOWN
"""How many pictures a sheet of Jellyfin has."""

JOURNAL_SUFFIX = ".meta"
_SHORTEST_HASH = 2


def target_of(video: str, output: str, one: PreviewFormat, settings: PreviewSettings) -> Target:
    """Returns where a video's result lies below a folder of results; videos of one stem share their places."""
    folder, stem = PurePath(output), _stem(video)
    match one:
        case PreviewFormat.PLEX:
            path = folder / stem / "index-sd.bif"
        case PreviewFormat.EMBY:
            path = folder / emby_sidecar(stem, settings)
        case PreviewFormat.JELLYFIN:
            path = folder / trickplay_folder(stem, settings)
    return Target(one, str(path))


def _stem(video: str) -> str:
    """A stem of dots, such as that of ``...mkv``, would lead out of the folder of results."""
    name = PurePath(video)
    return name.name if set(name.stem) == {"."} else name.stem


def emby_sidecar(stem: str, settings: PreviewSettings) -> str:
    """Returns the name of Emby's file beside a video: ``<stem>-<width>-<interval>.bif``, the interval in seconds."""
    return f"{stem}-{settings.width}-{settings.interval}.bif"


def trickplay_folder(stem: str, settings: PreviewSettings) -> PurePath:
    """Returns Jellyfin's folder of sheets beside a video: ``<stem>.trickplay/<width> - 10x10``."""
    return PurePath(f"{stem}.trickplay", f"{settings.width} - {TILES_ACROSS}x{TILES_DOWN}")


def sheet_count(pictures: int) -> int:
    """Returns how many sheets hold so many pictures."""
    return -(-pictures // TILES)


def journal_path(target: Target) -> str:
    """Returns where the journal of a result lies: beside a file, beside the first sheet inside a folder."""
    first = f"{target.path}/0.jpg" if target.format is PreviewFormat.JELLYFIN else target.path
    return first + JOURNAL_SUFFIX


def plex_bundle(part_hash: str) -> PurePath | None:
    """Returns Plex's file below its configuration folder; None for a part that Plex has not looked at yet."""
    if len(part_hash) < _SHORTEST_HASH:
        return None
    bundle = PurePath("Media", "localhost", part_hash[0], f"{part_hash[1:]}.bundle")
    return bundle / "Contents" / "Indexes" / "index-sd.bif"


@dataclass(frozen=True, slots=True)
class PlexPart:
    """One file of a Plex item; the hash is empty until Plex has looked at the file."""

    hash: str
    file: str


def part_of(path: str, parts: Sequence[PlexPart]) -> PlexPart | None:
    """Returns the part that a path as seen here means; None where no part has a usable hash, or the meant one has none.

    The part whose path has most in common with ours from the end wins. Where several have equally much, one of them
    may be the only one of our file's name; else the first with a usable hash stands for all.
    """
    if not parts:
        return None
    ours = PurePath(path).parts
    shared = [_shared_ending(ours, PurePath(part.file).parts) for part in parts]
    best = [part for part, length in zip(parts, shared, strict=True) if length == max(shared)]
    named = [part for part in parts if PurePath(part.file).name == PurePath(path).name]
    for candidates in (best, named):
        if len(candidates) == 1:
            return candidates[0] if _is_usable(candidates[0]) else None
    return next((part for part in [*best, *parts] if _is_usable(part)), None)


def _is_usable(part: PlexPart) -> bool:
    return len(part.hash) >= _SHORTEST_HASH


def _shared_ending(ours: Sequence[str], theirs: Sequence[str]) -> int:
    length = 0
    for one, other in zip(reversed(ours), reversed(theirs), strict=False):
        if one != other:
            break
        length += 1
    return length
