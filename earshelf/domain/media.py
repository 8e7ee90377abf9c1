"""Items of media servers' libraries: what is known of a film, an episode or a track, its file and its copies."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from types import MappingProxyType
from typing import NamedTuple

from earshelf.domain.ids import MediaId, ServerId
from earshelf.domain.media_files import MediaFile, MediaStream, MediaVersion

PARSER_VERSION = 1
"""Grows when more is read from a server's answers, so that every item is read again."""

_WORDS = re.compile(r"[^\W_]+")
_MOST_WORDS = 12
_LONGEST_WORD = 40
_NO_IDS: Mapping[str, str] = MappingProxyType({})


class LibraryType(StrEnum):
    """What a library holds: films, episodes of series, or tracks."""

    MOVIE = "MOVIE"
    SERIES = "SERIES"
    MUSIC = "MUSIC"


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody in the cast."""

    name: str
    role: str | None = None
    thumb_url: str | None = None


class MediaContent(NamedTuple):
    """What a server knows of an item, besides who watched it.

    Durations in milliseconds, ratings from 0 to 10, ``originally_available_at`` is ``YYYY-MM-DD``. Pictures are paths
    on the server. For an episode ``parent_title`` is the series, ``season_number`` 0 are the specials; for a track it
    is the artist, and the numbers are disc and track. ``external_ids`` go by source in capitals; an episode has its
    series', and its own as ``own_ids``. ``file`` is None for an item without media.
    """

    title: str
    title_sort: str | None = None
    guid: str | None = None
    parent_key: str | None = None
    grandparent_key: str | None = None
    original_title: str | None = None
    tagline: str | None = None
    summary: str | None = None
    studio: str | None = None
    content_rating: str | None = None
    year: int | None = None
    edition_title: str | None = None
    rating: float | None = None
    audience_rating: float | None = None
    rating_image: str | None = None
    audience_rating_image: str | None = None
    rating_count: int | None = None
    originally_available_at: str | None = None
    added_at: datetime | None = None
    duration: int | None = None
    genres: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    thumb_url: str | None = None
    art_url: str | None = None
    parent_thumb_url: str | None = None
    season_thumb_url: str | None = None
    parent_title: str | None = None
    album_title: str | None = None
    season_number: int | None = None
    episode_number: int | None = None
    absolute_index: int | None = None
    chapter_source: str | None = None
    file: MediaFile | None = None
    streams: tuple[MediaStream, ...] = ()
    versions: tuple[MediaVersion, ...] = ()
    external_ids: Mapping[str, str] = _NO_IDS
    own_ids: Mapping[str, str] = _NO_IDS

    def within(self, series: "SeriesFacts | None") -> "MediaContent":
        """Returns an episode as part of its series: the series' ids stand in front, never the episode's own.

        Genres and a summary that the episode lacks are the series'.
        """
        series = series or SeriesFacts()
        return self._replace(
            external_ids=series.external_ids,
            own_ids=self.external_ids,
            genres=self.genres or series.genres,
            summary=self.summary or series.summary,
        )


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """What episodes take from their series."""

    external_ids: Mapping[str, str] = field(default_factory=dict)
    genres: tuple[str, ...] = ()
    summary: str | None = None

    @property
    def fingerprint(self) -> str:
        """Differs when something of it does."""
        ids = sorted(f"{source}:{value}" for source, value in self.external_ids.items())
        return digest([*ids, *self.genres, self.summary or ""])


@dataclass(frozen=True, slots=True)
class Plays:
    """What a server tells of watching; ``view_offset`` in milliseconds, ``user_rating`` from 0 to 10."""

    count: int = 0
    last_played_at: datetime | None = None
    view_offset: int | None = None
    user_rating: float | None = None

    def joined(self, counted: "Plays | None") -> "Plays":
        """Returns these with what the server's history counts for all users; the larger number and later time hold."""
        count = max(self.count, counted.count if counted else 0)
        if not count:
            return self if self.last_played_at is None else replace(self, count=0, last_played_at=None)
        moments = [one for one in (self.last_played_at, counted.last_played_at if counted else None) if one]
        return replace(self, count=count, last_played_at=max(moments, default=None))

    def not_before(self, known: "Plays") -> "Plays":
        """Returns these, except that the count and the last time never go back between two full passes."""
        moments = [one for one in (self.last_played_at, known.last_played_at) if one]
        return replace(self, count=max(self.count, known.count), last_played_at=max(moments, default=None))


@dataclass(frozen=True, slots=True)
class MediaMark:
    """What tells whether an item has to be read again, besides what is told of watching.

    ``signature`` differs when a file does. ``parser`` is the ``PARSER_VERSION`` that read it, and ``is_complete`` is
    False where the details could not be read.
    """

    key: str
    updated_at: datetime | None
    signature: str
    parser: int = PARSER_VERSION
    is_complete: bool = True

    def within(self, series: SeriesFacts | None) -> "MediaMark":
        """Returns an episode's mark as part of its series: what changes of a series changes its episodes."""
        return self if series is None else replace(self, signature=digest((self.signature, series.fingerprint)))

    def is_fresh(self, listed: "MediaMark") -> bool:
        """Whether what is stored under this mark still is what a listing shows, so that no detail is asked for."""
        return self.is_complete and (self.updated_at, self.signature, self.parser) == (
            listed.updated_at,
            listed.signature,
            listed.parser,
        )


@dataclass(frozen=True, slots=True)
class MediaItem:
    """One item of one library of one server."""

    id: MediaId
    server_id: ServerId
    library_key: str
    type: LibraryType
    mark: MediaMark
    plays: Plays
    content: MediaContent

    @property
    def sort_title(self) -> str:
        """What titles are ordered by: the server's own word for it, without case and without blanks around."""
        return (self.content.title_sort or self.content.title).casefold().strip()

    @property
    def words(self) -> tuple[str, ...]:
        """The words that a search finds the item by: of its title, its original title and its series or artist."""
        content = self.content
        return search_words(" ".join(filter(None, (content.title, content.parent_title, content.original_title))))


def search_words(text: str) -> tuple[str, ...]:
    """Splits a text into what is searched for: runs of letters and digits without case, each once, twelve at most."""
    words = dict.fromkeys(word[:_LONGEST_WORD] for word in _WORDS.findall(text.casefold()))
    return tuple(words)[:_MOST_WORDS]


def media_signature(files: Iterable[tuple[str, str, str, str]]) -> str:
    """Digests what a listing tells of an item's files, in any order: ids of version and file, size, path."""
    return digest(sorted(":".join(one) for one in files))


def digest(texts: Iterable[str]) -> str:
    """Digests texts to 24 hexadecimal digits."""
    return blake2b("\n".join(texts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
