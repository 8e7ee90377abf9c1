"""Single values as Plex sends them: numbers as texts, truth as 1, "1" or "true", lists that are absent."""

import re
from collections.abc import Mapping
from typing import Any

_TRUE = frozenset({"1", "true", "yes"})
_LONGEST = 500
_TOKEN = re.compile(r"(X-Plex-Token(?:=|%3D))[^&#%\s]*", re.IGNORECASE)


def without_token(address: str) -> str:
    """Returns an address that may be shown to anybody: servers take tokens in addresses, and may tell some so."""
    return _TOKEN.sub(r"\1****", address) if "=" in address or "%" in address else address


def text(value: Any) -> str:
    """Reads a text, also from a number; everything else is empty. What is very long is cut."""
    is_word = isinstance(value, str | int | float) and not isinstance(value, bool)
    # no database holds a NUL
    return str(value).replace("\0", "").strip()[:_LONGEST] if is_word else ""


def number(value: Any) -> int | None:
    """Reads a whole number, also from a text."""
    try:
        return int(value) if isinstance(value, int | float) else int(text(value))
    except (ValueError, OverflowError):
        return None


def flag(value: Any, *, default: bool = False) -> bool:
    """Reads a truth value; what is none is the default."""
    if value is None or isinstance(value, list | dict):
        return default
    return str(value).strip().casefold() in _TRUE


def objects(value: Any) -> list[Mapping[str, Any]]:
    """Reads a list of objects; one that is absent is empty, one that came alone is a list of one."""
    members = [value] if isinstance(value, dict) else value
    return [member for member in members if isinstance(member, dict)] if isinstance(members, list) else []


def a_list(value: Any, *names: str) -> list[Mapping[str, Any]]:
    """Returns the first list that an object has under one of these names."""
    if isinstance(value, dict):
        return next((found for name in names if (found := objects(value.get(name)))), [])
    return []
