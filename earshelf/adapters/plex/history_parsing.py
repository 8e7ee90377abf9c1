"""A Plex server's history of plays, read into the domain's types. Pure, and tolerant of whatever a field holds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from earshelf.adapters.plex.bodies import objects, rows_in
from earshelf.adapters.plex.fields import text
from earshelf.adapters.plex.library_parsing import moment_at
from earshelf.domain.loose_values import loose_int, loose_text
from earshelf.domain.media import Plays
from earshelf.domain.watches import UNKNOWN_VIEWER, Watch
from earshelf.ports.libraries import WatchPage

_OWNER, _LOCAL = "1", "0"
_MOST_WATCHED_TENTHS = 9


class Names(NamedTuple):
    """What accounts and devices are called, by their ids."""

    accounts: Mapping[str, str]
    devices: Mapping[str, tuple[str | None, str | None]]


def parse_names(accounts: Mapping[str, Any], devices: Mapping[str, Any]) -> Names:
    """Reads the names; whoever watched without an account is the owner, as far as the server can tell."""
    named = {loose_text(row.get("id")): name for row in objects(accounts, "Account") if (name := text(row, "name"))}
    if _OWNER in named:
        named.setdefault(_LOCAL, named[_OWNER])
    known = {
        loose_text(row.get("id")): (text(row, "name"), text(row, "platform")) for row in objects(devices, "Device")
    }
    return Names(named, known)


def parse_watches(container: Mapping[str, Any], names: Names) -> WatchPage:
    """Reads a page of the history; what was left in the middle, or is of an item that is gone, only counts as a row."""
    rows = objects(container, "Metadata")
    watches = [watch for row in rows if (watch := _watch(row, names))]
    return WatchPage(watches, rows_in(container), _total_of(container))


def parse_plays(container: Mapping[str, Any], counted: dict[str, Plays]) -> tuple[int, int | None]:
    """Adds a page of the history to what was counted by item; returns its rows and the total.

    What was left in the middle is no play, and neither is one of an item that is gone.
    """
    rows = objects(container, "Metadata")
    for row in rows:
        key = loose_text(row.get("ratingKey"))
        if key and not _is_partial(row):
            before = counted.get(key, Plays())
            moments = [one for one in (before.last_played_at, _watched_at(row)) if one]
            counted[key] = Plays(before.count + 1, max(moments, default=None))
    return rows_in(container), _total_of(container)


def _total_of(container: Mapping[str, Any]) -> int | None:
    """Returns how much there is in all; None where the server does not tell."""
    total = loose_int(container.get("totalSize"))
    return total if total is not None and total >= 0 else None


def _is_partial(row: Mapping[str, Any]) -> bool:
    duration, offset = loose_int(row.get("duration")) or 0, loose_int(row.get("viewOffset")) or 0
    # whole numbers may be larger than any float
    return 0 < offset * 10 < duration * _MOST_WATCHED_TENTHS


def _watched_at(row: Mapping[str, Any]) -> datetime | None:
    return moment_at(loose_int(row.get("viewedAt")))


def _watch(row: Mapping[str, Any], names: Names) -> Watch | None:
    key, watched_at = loose_text(row.get("ratingKey")), _watched_at(row)
    if not key or watched_at is None or _is_partial(row):
        return None
    device, platform = names.devices.get(loose_text(row.get("deviceID")), (None, None))
    return Watch(
        key, watched_at, names.accounts.get(loose_text(row.get("accountID")), UNKNOWN_VIEWER), device, platform
    )
