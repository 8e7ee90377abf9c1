"""How items of media servers' libraries look outside."""

from collections.abc import Mapping
from enum import StrEnum
from inspect import get_annotations
from typing import Any

from earshelf.domain.duplicates import Copy
from earshelf.domain.dynamic_ranges import DynamicRange
from earshelf.domain.media import LibraryType, MediaContent, MediaItem, Role
from earshelf.domain.media_files import MediaFile, MediaStream, MediaVersion, StreamKind
from earshelf.domain.sound_profiles import AudioProfile
from earshelf.domain.watches import Watch
from earshelf.entrypoints.answers import spelled_date
from earshelf.entrypoints.routing import Document
from earshelf.ports.media import MediaRow

_TEXT: Mapping[str, Any] = {"type": "string"}
_MAYBE_TEXT: Mapping[str, Any] = {"type": ["string", "null"]}
_WHOLE: Mapping[str, Any] = {"type": "integer"}
_MAYBE_WHOLE: Mapping[str, Any] = {"type": ["integer", "null"]}
_MAYBE_NUMBER: Mapping[str, Any] = {"type": ["number", "null"]}
_MAYBE_DATE: Mapping[str, Any] = {"type": ["string", "null"], "format": "date-time"}
_DATE: Mapping[str, Any] = {"type": "string", "format": "date-time"}
_FLAG: Mapping[str, Any] = {"type": "boolean"}
_TEXTS: Mapping[str, Any] = {"type": "array", "items": _TEXT}
_IDS: Mapping[str, Any] = {"type": "object", "additionalProperties": _TEXT}
_RESOLUTION = {**_MAYBE_TEXT, "description": "`4k`, `1080`, `720`, `480` or `sd`, or the server's own word"}
_PLAIN: Mapping[str, Mapping[str, Any]] = {
    "str | None": _MAYBE_TEXT,
    "int | None": _MAYBE_WHOLE,
    "float | None": _MAYBE_NUMBER,
    "tuple[str, ...]": _TEXTS,
    str(str): _TEXT,
    str(int): _WHOLE,
    str(bool): _FLAG,
}


def _one_of(choice: type[StrEnum], *, may_be_none: bool = False) -> dict[str, Any]:
    return {"enum": [*(word.value for word in choice), *([None] if may_be_none else [])]}


def _all_of(choice: type[StrEnum]) -> dict[str, Any]:
    return {"type": "array", "items": _one_of(choice)}


def _plain_parts(kind: type) -> dict[str, Any]:
    """Tells what the plain fields of a domain object look like."""
    return {name: _PLAIN[str(one)] for name, one in get_annotations(kind).items() if str(one) in _PLAIN}


def _closed(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": dict(parts), "required": list(parts)}


def _many(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _closed(parts)}


_SPECIAL_OF_FILE: Mapping[str, Any] = {
    "resolution": _RESOLUTION,
    "dynamic_range": _one_of(DynamicRange, may_be_none=True),
    "dynamic_ranges": _all_of(DynamicRange),
    "audio_profile": _one_of(AudioProfile, may_be_none=True),
    "audio_profiles": _all_of(AudioProfile),
}
_ROW_PARTS: Mapping[str, Any] = {
    "id": _TEXT,
    "server_id": _TEXT,
    "library_key": _TEXT,
    "type": _one_of(LibraryType),
    "rating_key": {**_TEXT, "description": "The server's own key of the item"},
    "title": _TEXT,
    "parent_title": {**_MAYBE_TEXT, "description": "Series or artist"},
    "album_title": _MAYBE_TEXT,
    "season_number": _MAYBE_WHOLE,
    "episode_number": _MAYBE_WHOLE,
    "year": _MAYBE_WHOLE,
    "added_at": _MAYBE_DATE,
    "duration": {**_MAYBE_WHOLE, "description": "Milliseconds"},
    "content_rating": _MAYBE_TEXT,
    "rating": _MAYBE_NUMBER,
    "resolution": _RESOLUTION,
    "dynamic_range": _SPECIAL_OF_FILE["dynamic_range"],
    "audio_profile": _SPECIAL_OF_FILE["audio_profile"],
    "video_codec": _MAYBE_TEXT,
    "audio_codec": _MAYBE_TEXT,
    "audio_channels": _MAYBE_WHOLE,
    "container": _MAYBE_TEXT,
    "file_size": {**_MAYBE_WHOLE, "description": "Bytes"},
    "file_path": {**_MAYBE_TEXT, "description": "As the server sees it"},
    "play_count": _WHOLE,
    "last_played_at": _MAYBE_DATE,
}
_COPY_PARTS: Mapping[str, Any] = {
    "id": _TEXT,
    "server_id": _TEXT,
    "library_key": _TEXT,
    "resolution": _RESOLUTION,
    "file_size": _MAYBE_WHOLE,
    "is_canonical": {**_FLAG, "description": "Whether this one stands for all"},
}
# keys are named as the item's own is
_KEYS = {"parent_rating_key": "parent_key", "grandparent_rating_key": "grandparent_key"}
_PLAIN_OF_CONTENT = _plain_parts(MediaContent)
_CONTENT_PARTS = {name: part for name, part in _PLAIN_OF_CONTENT.items() if name not in _KEYS.values()}
_FILE_PARTS: Mapping[str, Any] = {**_plain_parts(MediaFile), **_SPECIAL_OF_FILE}
_DETAIL_PARTS: Mapping[str, Any] = {
    **_FILE_PARTS,
    **_CONTENT_PARTS,
    **_ROW_PARTS,
    **{ours: _PLAIN_OF_CONTENT[name] for ours, name in _KEYS.items()},
    "server_updated_at": _MAYBE_DATE,
    "view_offset": _MAYBE_WHOLE,
    "user_rating": _MAYBE_NUMBER,
    "is_complete": {**_FLAG, "description": "Whether its details could be read"},
    "external_ids": {**_IDS, "description": "By source; an episode has its series'. Some items have none"},
    "own_ids": _IDS,
    "roles": _many(_plain_parts(Role)),
    "streams": _many({"kind": _one_of(StreamKind), **_plain_parts(MediaStream)}),
    "media_versions": _many(_plain_parts(MediaVersion)),
    "copies": _many(_COPY_PARTS),
}

MEDIA_LIST = Document(
    "MediaItemList",
    _closed({"data": _many(_ROW_PARTS), "total": {"type": "integer", "minimum": 0}}),
)
REMOVED_LIST = Document(
    "RemovedMediaList",
    _closed(
        {
            "data": _many({**_ROW_PARTS, "removed_at": _DATE, "forgotten_at": _DATE}),
            "total": {"type": "integer", "minimum": 0},
        }
    ),
)
WATCH_LIST = Document(
    "WatchList",
    _closed(
        {
            "data": _many({"viewer": _TEXT, "watched_at": _DATE, "device": _MAYBE_TEXT, "platform": _MAYBE_TEXT}),
            "total": {"type": "integer", "minimum": 0},
        }
    ),
)
MEDIA_ITEM = Document("MediaItemDetails", _closed(_DETAIL_PARTS))


def row_dto(row: MediaRow) -> dict[str, Any]:
    """Spells an item as lists show it."""
    shown = row._asdict()
    shown["rating_key"] = shown.pop("key")
    shown["type"] = row.type.value
    shown["added_at"] = spelled_date(row.added_at) if row.added_at else None
    shown["last_played_at"] = spelled_date(row.last_played_at) if row.last_played_at else None
    return shown


def watch_dto(watch: Watch) -> dict[str, Any]:
    """Spells one time that an item was watched."""
    return {
        "viewer": watch.viewer,
        "watched_at": spelled_date(watch.watched_at),
        "device": watch.device,
        "platform": watch.platform,
    }


def item_dto(item: MediaItem, copies: list[Copy], canonical: Copy | None) -> dict[str, Any]:
    """Spells everything that is known of an item."""
    content, plays = item.content, item.plays
    file = content.file or MediaFile()
    return {
        "id": item.id,
        "server_id": item.server_id,
        "library_key": item.library_key,
        "type": item.type.value,
        "rating_key": item.mark.key,
        **{name: _listed(getattr(file, name)) for name in _FILE_PARTS},
        **{name: _listed(getattr(content, name)) for name in _CONTENT_PARTS},
        **{ours: getattr(content, name) for ours, name in _KEYS.items()},
        "title_sort": content.title_sort or content.title,
        "added_at": spelled_date(content.added_at) if content.added_at else None,
        "server_updated_at": spelled_date(item.mark.updated_at) if item.mark.updated_at else None,
        "play_count": plays.count,
        "last_played_at": spelled_date(plays.last_played_at) if plays.last_played_at else None,
        "view_offset": plays.view_offset,
        "user_rating": plays.user_rating,
        "is_complete": item.mark.is_complete,
        "external_ids": dict(content.external_ids),
        "own_ids": dict(content.own_ids),
        "roles": [_plain(role) for role in content.roles],
        "streams": [_plain(stream) for stream in content.streams],
        "media_versions": [_plain(version) for version in content.versions],
        "copies": [copy_dto(copy, is_canonical=copy == canonical) for copy in copies],
    }


def copy_dto(copy: Copy, *, is_canonical: bool) -> dict[str, Any]:
    """Spells one of several copies."""
    return {
        "id": copy.id,
        "server_id": copy.server_id,
        "library_key": copy.library_key,
        "resolution": copy.resolution,
        "file_size": copy.file_size,
        "is_canonical": is_canonical,
    }


def _plain(thing: Any) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in get_annotations(type(thing))}


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
