"""Items of media servers' libraries as rows, and back.

A body holds an item's content as a list of values in the order of the domain's fields: a third of the size of objects,
and read and written in a fraction of the time. It can be read by the version of the parser that its row names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import msgspec

from earshelf.adapters.rows.values import Row, bounded, cut
from earshelf.domain.duplicates import Copy, dedupe_key
from earshelf.domain.dynamic_ranges import DynamicRange
from earshelf.domain.ids import MediaId, ServerId
from earshelf.domain.media import (
    PARSER_VERSION,
    LibraryType,
    MediaContent,
    MediaItem,
    MediaMark,
    Plays,
    Role,
)
from earshelf.domain.media_files import MediaFile, MediaStream, MediaVersion, StreamKind
from earshelf.domain.sound_profiles import AudioProfile
from earshelf.ports.media import MediaRow, StoredMark

_NESTED = frozenset({"file", "streams", "versions", "roles", "added_at"})
_FLAT = tuple(name for name in MediaContent._fields if name not in _NESTED)
GUID_PLACE = _FLAT.index("guid")
"""Where the first list of a body holds an item's guid."""

_OF_SUBTITLES = MediaStream._fields.index("width")
_UNKNOWN = (None,) * (len(MediaStream._fields) - _OF_SUBTITLES)

# ids may be any mapping
_encoder = msgspec.json.Encoder(enc_hook=dict)
_flat = attrgetter(*_FLAT)
_role = attrgetter(*(one.name for one in fields(Role)))
_LISTS = frozenset({"genres", "directors", "writers", "countries", "labels", "collections"})

FACET = ("server_id", "library_key", "type", "dynamic_range", "audio_profile", "resolution")
"""What items are filtered by, in the order of a facet's columns."""

ITEM_COLUMNS = (
    *("number", "id", "server_id", "item_key", "facet", "title_key", "words", "dedupe_key"),
    *("title", "parent_title", "album_title", "season_number", "episode_number", "year", "added_at", "duration"),
    *("content_rating", "rating", "video_codec", "audio_codec", "audio_channels", "container", "file_size"),
    *("file_path", "play_count", "last_played_at", "view_offset", "user_rating"),
    *("updated_at", "signature", "parser", "is_complete", "body"),
)
UPDATED_COLUMNS = tuple(name for name in ITEM_COLUMNS if name not in {"number", "id", "server_id", "item_key"})

LIST_COLUMNS = (
    *("media.id", "media_facets.server_id", "media_facets.library_key", "media_facets.type", "media.item_key"),
    *("media.title", "media.parent_title", "media.album_title", "media.season_number", "media.episode_number"),
    *("media.year", "media.added_at", "media.duration", "media.content_rating", "media.rating"),
    *("media_facets.resolution", "media_facets.dynamic_range", "media_facets.audio_profile"),
    *("media.video_codec", "media.audio_codec", "media.audio_channels", "media.container", "media.file_size"),
    *("media.file_path", "media.play_count", "media.last_played_at"),
)
"""In the order of a list's row."""

MARK_COLUMNS = (
    "media.id, media_facets.library_key, media.item_key, media.play_count, media.last_played_at, media.view_offset, "
    "media.user_rating, media.updated_at, media.signature, media.parser, media.is_complete"
)


RESOLUTION_COLUMNS = "media.item_key, media_facets.resolution"


def overwriting(greatest: str) -> str:
    """Spells how a stored row takes a new one's values; ``greatest`` is the database's word for the larger of two.

    What the row brought along from a lost one holds.
    """
    kept = {
        "added_at": "CASE WHEN media.kept_added_at > 0 THEN media.kept_added_at ELSE excluded.added_at END",
        "play_count": f"{greatest}(excluded.play_count, media.kept_count)",
        "last_played_at": f"{greatest}(excluded.last_played_at, media.kept_played_at)",
    }
    return ", ".join(f"{name} = {kept.get(name, f'excluded.{name}')}" for name in UPDATED_COLUMNS)


def facet_of(item: MediaItem) -> tuple[str, ...]:
    """Spells what an item is filtered by; nothing known is an empty text."""
    file = item.content.file
    return (
        item.server_id,
        item.library_key,
        item.type.value,
        (file.dynamic_range or "") if file else "",
        (file.audio_profile or "") if file else "",
        bounded((file.resolution or "") if file else ""),
    )


def item_values(item: MediaItem, number: int, facet: int) -> tuple[Any, ...]:
    """Spells an item as the values of ``ITEM_COLUMNS``."""
    content, plays, mark = item.content, item.plays, item.mark
    file = content.file
    alike = dedupe_key(item.type, content)
    return (
        *(number, item.id, item.server_id, mark.key, facet, cut(item.sort_title), " ".join(item.words)),
        None if alike is None else bounded(alike),
        *(content.title, content.parent_title, content.album_title, content.season_number, content.episode_number),
        *(content.year or 0, seconds(content.added_at), content.duration, content.content_rating, content.rating),
        *((file.video_codec, file.audio_codec, file.audio_channels, file.container) if file else (None,) * 4),
        *((file.file_size, file.file_path) if file else (None, None)),
        *plays_values(plays),
        *(seconds(mark.updated_at), mark.signature, mark.parser, mark.is_complete, spelled_body(content)),
    )


def plays_values(plays: Plays) -> tuple[Any, ...]:
    """Spells what is told of watching as the values of its four columns."""
    return plays.count, seconds(plays.last_played_at), plays.view_offset, plays.user_rating


def seconds(when: datetime | None) -> int:
    """Spells a moment as seconds since 1970, an unknown one as 0."""
    return 0 if when is None else int(when.timestamp())


def moment_at(value: int) -> datetime | None:
    """Reads what :func:`seconds` spelled."""
    return datetime.fromtimestamp(value, UTC) if value else None


def spelled_body(content: MediaContent) -> str:
    """Spells the content of an item as JSON."""
    file = content.file
    return _encoder.encode(
        (
            _flat(content),
            tuple(file) if file else None,
            [_trimmed(stream) for stream in content.streams],
            [tuple(version) for version in content.versions],
            [_role(role) for role in content.roles],
        )
    ).decode()


def _trimmed(stream: MediaStream) -> tuple[Any, ...]:
    """Leaves out what subtitles do not tell, which most streams are."""
    return stream[:_OF_SUBTITLES] if stream[_OF_SUBTITLES:] == _UNKNOWN else stream[:]


def item_from(row: Row) -> MediaItem:
    """Reads an item, from the columns of ``media`` and ``media_facets``."""
    return MediaItem(
        id=MediaId(row["id"]),
        server_id=ServerId(row["server_id"]),
        library_key=row["library_key"],
        type=LibraryType(row["type"]),
        mark=_mark_from(row),
        plays=plays_from(row),
        content=_content_from(row),
    )


def _content_from(row: Row) -> MediaContent:
    if row["parser"] != PARSER_VERSION:
        # the next pass reads it again; until then there is what lists show
        return _outline_from(row)
    flat, file, streams, versions, roles = msgspec.json.decode(row["body"])
    named = dict(zip(_FLAT, flat, strict=True))
    named.update({name: tuple(named[name]) for name in _LISTS})
    return MediaContent(
        **named,
        added_at=moment_at(row["added_at"]),
        file=_file_from(file) if file else None,
        streams=tuple(MediaStream(StreamKind(kind), *others) for kind, *others in streams),
        versions=tuple(MediaVersion(*version) for version in versions),
        roles=tuple(Role(*role) for role in roles),
    )


def _outline_from(row: Row) -> MediaContent:
    listed = listed_row([row[name.rpartition(".")[2]] for name in LIST_COLUMNS])
    return MediaContent(
        title=listed.title,
        parent_title=listed.parent_title,
        album_title=listed.album_title,
        season_number=listed.season_number,
        episode_number=listed.episode_number,
        year=listed.year,
        added_at=listed.added_at,
        duration=listed.duration,
        content_rating=listed.content_rating,
        rating=listed.rating,
    )


def _file_from(values: Sequence[Any]) -> MediaFile:
    file = MediaFile._make(values)
    return file._replace(
        dynamic_range=DynamicRange(file.dynamic_range) if file.dynamic_range else None,
        dynamic_ranges=tuple(map(DynamicRange, file.dynamic_ranges)),
        audio_profile=AudioProfile(file.audio_profile) if file.audio_profile else None,
        audio_profiles=tuple(map(AudioProfile, file.audio_profiles)),
    )


def plays_from(row: Row) -> Plays:
    """Reads what is told of watching."""
    return Plays(row["play_count"], moment_at(row["last_played_at"]), row["view_offset"], row["user_rating"])


def _mark_from(row: Row) -> MediaMark:
    return MediaMark(
        row["item_key"], moment_at(row["updated_at"]), row["signature"], row["parser"], bool(row["is_complete"])
    )


def resolutions_from(rows: Sequence[Row]) -> Mapping[str, str]:
    """Reads rows of ``RESOLUTION_COLUMNS``."""
    return {row["item_key"]: row["resolution"] for row in rows if row["resolution"]}


def marks_from(rows: Sequence[Row]) -> Mapping[str, StoredMark]:
    """Reads rows of ``MARK_COLUMNS``."""
    return {
        row["item_key"]: StoredMark(MediaId(row["id"]), row["library_key"], _mark_from(row), plays_from(row))
        for row in rows
    }


def listed_row(row: Sequence[Any]) -> MediaRow:
    """Reads a row of ``LIST_COLUMNS``."""
    values = list(row)
    values[3] = LibraryType(values[3])
    values[10] = values[10] or None
    values[11] = moment_at(values[11])
    values[15:18] = [text or None for text in values[15:18]]
    values[25] = moment_at(values[25])
    return MediaRow._make(values)


def copy_from(row: Row) -> Copy:
    """Reads one of several copies."""
    return Copy(
        MediaId(row["id"]),
        ServerId(row["server_id"]),
        row["library_key"],
        row["resolution"] or None,
        row["file_size"],
        row["number"],
        is_preferred=bool(row["preferred"]),
        # items may be there a moment longer than their server
        is_enabled=row["enabled"] is None or bool(row["enabled"]),
    )
