"""Frames of Plex's notification socket, read into the port's types. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from earshelf.adapters.plex.loose import number, objects, text
from earshelf.ports.streams import ItemsChanged, LibraryScanned, Notification, StreamsChanged

_LIBRARY = "com.plexapp.plugins.library"
_DELETED = 9


def parse_frame(frame: str) -> list[Notification]:
    """Reads what a frame tells; one that is odd or about something else tells nothing."""
    try:
        decoded = msgspec.json.decode(frame)
    except (ValueError, RecursionError):
        return []
    told = decoded.get("NotificationContainer", decoded) if isinstance(decoded, dict) else {}
    if not isinstance(told, dict):
        return []
    kind = text(told.get("type"))
    if kind == "playing":
        return [one for each in objects(told.get("PlaySessionStateNotification")) for one in _playing(each)]
    if kind.startswith("transcodeSession."):
        return [StreamsChanged()]
    if kind == "timeline":
        return _timeline(objects(told.get("TimelineEntry")))
    return _activities(told) if kind == "activity" else []


def _playing(told: Mapping[str, Any]) -> Iterator[Notification]:
    yield StreamsChanged()
    # how often it was played may have changed, of which no entry of the library tells
    if text(told.get("state")).casefold() == "stopped" and (item := text(told.get("ratingKey"))):
        yield ItemsChanged((item,))


def _timeline(entries: list[Mapping[str, Any]]) -> list[Notification]:
    ours = [(number(one.get("state")), text(one.get("itemID"))) for one in entries if _is_library(one)]
    # without an agent an item stays at the first state; one that is on its way is told of again, and read again
    changed = tuple(dict.fromkeys(item for state, item in ours if state != _DELETED and item))
    removed = tuple(dict.fromkeys(item for state, item in ours if state == _DELETED and item))
    return [ItemsChanged(changed, removed)] if changed or removed else []


def _is_library(entry: Mapping[str, Any]) -> bool:
    return text(entry.get("identifier")) in {_LIBRARY, ""}


def _activities(told: Mapping[str, Any]) -> list[Notification]:
    found: list[Notification] = []
    for one in objects(told.get("ActivityNotification")):
        activity = one.get("Activity")
        if text(one.get("event")) != "ended" or not isinstance(activity, dict):
            continue
        if text(activity.get("type")).startswith("library.update"):
            context = next(iter(objects(activity.get("Context"))), {})
            found.append(LibraryScanned(text(context.get("librarySectionID")) or None))
    return found
