"""Copies of one thing on several servers: what links them, and which of them stands for all."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from earshelf.domain.ids import MediaId, ServerId
from earshelf.domain.media import LibraryType, MediaContent

_BLANKS = re.compile(r"\s+")
_RESOLUTIONS = ("sd", "480", "720", "1080", "4k")


@dataclass(frozen=True, slots=True)
class Copy:
    """One of several copies of a thing; ``place`` counts from the one that was met first.

    ``is_preferred`` and ``is_enabled`` tell of its server.
    """

    id: MediaId
    server_id: ServerId
    library_key: str
    resolution: str | None
    file_size: int | None
    place: int
    is_preferred: bool = False
    is_enabled: bool = True


def dedupe_key(kind: LibraryType, content: MediaContent) -> str | None:
    """Spells what copies of one thing have in common.

    Films go by an external id, else by title and year; episodes by their series and numbers, specials without a number
    by their date; tracks by artist, album and title.
    """
    match kind:
        case LibraryType.MOVIE:
            return _film_key(content)
        case LibraryType.SERIES:
            return _episode_key(content)
        case LibraryType.MUSIC:
            artist, album = _norm(content.parent_title) or "unknown", _norm(content.album_title)
            return ":".join(["music", artist, _norm(content.title), *([album] if album else [])])


def _film_key(content: MediaContent) -> str | None:
    edition = f":ed:{_norm(content.edition_title)}" if content.edition_title else ""
    for source in ("TMDB", "IMDB"):
        if found := content.external_ids.get(source):
            return f"movie:{source.lower()}:{found}{edition}"
    title = _norm(content.title)
    return f"movie:title:{title}:{content.year or ''}{edition}" if title else None


def _episode_key(content: MediaContent) -> str | None:
    tvdb = content.external_ids.get("TVDB")
    series = f"tvdb:{tvdb}" if tvdb else _norm(content.parent_title) or _norm(content.title)
    if not series:
        return None
    number = str(content.episode_number or 0)
    if not content.season_number and not content.episode_number and content.originally_available_at:
        number = content.originally_available_at
    return f"series:{series}:s{content.season_number or 0}e{number}"


def _norm(text: str | None) -> str:
    return _BLANKS.sub(" ", (text or "").lower()).strip()


def canonical(copies: Iterable[Copy]) -> Copy | None:
    """Picks the copy that stands for all: of a preferred server, else of an enabled one, else the first one met.

    Where two were met at once the higher resolution wins. None where there is no copy.
    """
    return min(copies, key=_standing, default=None)


def _standing(copy: Copy) -> tuple[bool, bool, int, int]:
    rank = _RESOLUTIONS.index(copy.resolution) if copy.resolution in _RESOLUTIONS else -1
    return not copy.is_preferred, not copy.is_enabled, copy.place, -rank
