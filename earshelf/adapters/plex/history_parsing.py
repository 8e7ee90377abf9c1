"""A Plex server's history of plays, read into the domain's types. Pure, and tolerant of whatever a field holds."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from earshelf.adapters.plex.bodies import objects, rows_in
from earshelf.adapters.plex.fields import text
from earshelf.adapters.plex.library_parsing import is_partial, moment_of, total_of
from earshelf.domain.loose_values import loose_text
from earshelf.domain.watches import UNKNOWN_VIEWER, Watch
from earshelf.ports.libraries import WatchPage

_OWNER, _LOCAL = "1", "0"


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
    return WatchPage(watches, rows_in(container), total_of(container))


def _watch(row: Mapping[str, Any], names: Names) -> Watch | None:
    key, watched_at = loose_text(row.get("ratingKey")), moment_of(row, "viewedAt")
    if not key or watched_at is None or is_partial(row):
        return None
    device, platform = names.devices.get(loose_text(row.get("deviceID")), (None, None))
    return Watch(
        key, watched_at, names.accounts.get(loose_text(row.get("accountID")), UNKNOWN_VIEWER), device, platform
    )
