"""Finding an item again that its server gave another key: after a new match, a move, or a library that was rebuilt."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import NamedTuple

from earshelf.domain.ids import MediaId

# Plex makes these up from the key itself: after a rebuild they name something else
_MADE_UP = "local://"


class Trace(NamedTuple):
    """What an item can be found again by; a tuple, as a rebuilt library has a hundred thousand."""

    id: MediaId
    key: str
    guid: str | None
    file_path: str | None
    season_number: int | None = None
    episode_number: int | None = None


def reunions(lost: Iterable[Trace], found: Iterable[Trace]) -> Mapping[MediaId, Trace]:
    """Tells which items that came are the same as ones that went: by id of the lost one, each found one once.

    The same guid and file is the best of signs, then the guid alone, then the file alone. A file that holds several
    episodes is not enough to take one for the other. Whatever stands on both sides is itself, and nobody else.
    """
    gone = {trace.id: trace for trace in lost}
    come = {trace.id: trace for trace in found if trace.id not in gone}
    pairs: dict[MediaId, Trace] = {}
    for sign in (_guid_and_file, _guid, _file):
        pairs |= _matched(gone, come, sign)
    return pairs


def _matched(
    gone: dict[MediaId, Trace], come: dict[MediaId, Trace], sign: Callable[[Trace], Hashable]
) -> dict[MediaId, Trace]:
    waiting: dict[Hashable, list[Trace]] = defaultdict(list)
    for trace in come.values():
        waiting[sign(trace)].append(trace)
    pairs: dict[MediaId, Trace] = {}
    for trace in gone.values():
        shown = sign(trace)
        if shown is not None and (alike := waiting.get(shown)):
            pairs[trace.id] = alike.pop(0)
    for lost_id, other in pairs.items():
        del gone[lost_id], come[other.id]
    return pairs


def _guid_and_file(trace: Trace) -> Hashable:
    guid, file = _guid(trace), _file(trace)
    return None if guid is None or file is None else (guid, file)


def _guid(trace: Trace) -> str | None:
    return trace.guid if trace.guid and not trace.guid.startswith(_MADE_UP) else None


def _file(trace: Trace) -> Hashable:
    return (trace.file_path, trace.season_number, trace.episode_number) if trace.file_path else None
