"""Whom plex.tv and a Plex server know, read into the domain's types. Pure.

A server calls its owner number 1, and everybody else as plex.tv does.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from earshelf.adapters.plex.loose import a_list, flag, objects, text
from earshelf.domain.viewers import Acquaintance, KnownViewer

OWNER = "1"
# what anybody plays who is not signed in
_NOBODY = "0"


def parse_friends(body: Any) -> list[KnownViewer] | None:
    """Reads an account's friends; None means that the list is no list."""
    return _people(body, "User", "Friend", "users", "friends")


def parse_home(body: Any) -> list[KnownViewer] | None:
    """Reads who belongs to an account's home, its head among them; None means that the list is no list."""
    return _people(body, "users", "User", "HomeUser")


def parse_accounts(container: Mapping[str, Any]) -> list[KnownViewer]:
    """Reads whom a server knows."""
    rows = ((text(row.get("id")), row) for row in objects(container.get("Account")))
    return [
        KnownViewer(_name(row), number, number == OWNER, safe_picture(row.get("thumb")), (Acquaintance.SERVER,))
        for number, row in rows
        if number and number != _NOBODY and _name(row)
    ]


def safe_picture(value: Any) -> str:
    """Returns the address of a picture that may be shown to anybody; one that could hold a token is none."""
    address = text(value)
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    is_plain = not parts.query and not parts.fragment and "@" not in parts.netloc
    return address if parts.scheme == "https" and parts.netloc and is_plain and address.isprintable() else ""


def _people(body: Any, *names: str) -> list[KnownViewer] | None:
    if isinstance(body, dict):
        inner = body.get("MediaContainer", body)
        rows = a_list(inner, *names)
        # who is alone says so with a number, an empty list, or a home without anybody in it
        if not rows and not (isinstance(inner, dict) and {"size", "id", *names} & inner.keys()):
            return None
        return list(_viewers(rows))
    return list(_viewers(objects(body))) if isinstance(body, list) else None


def _viewers(rows: Iterable[Mapping[str, Any]]) -> Iterable[KnownViewer]:
    for row in rows:
        number, name = text(row.get("id")), _name(row)
        is_owner = flag(row.get("admin"))
        if number and name:
            picture = safe_picture(row.get("thumb"))
            yield KnownViewer(name, OWNER if is_owner else number, is_owner, picture, (Acquaintance.ACCOUNT,))


def _name(row: Mapping[str, Any]) -> str:
    told = (text(row.get(name)) for name in ("title", "username", "name", "friendlyName"))
    return next(filter(None, told), "")
