"""Single fields of large Plex answers. Most values are what they should be, and those are read without a detour."""

from collections.abc import Mapping
from typing import Any

from earshelf.domain.loose_values import loose_bool, loose_float, loose_int, loose_text

_MOST = 2**63


def as_text(value: Any) -> str | None:
    """Reads a text; an empty one is none."""
    if value is None:
        return None
    return (value.strip() if type(value) is str else loose_text(value)) or None


def as_whole(value: Any) -> int | None:
    """Reads a whole number that a database can hold."""
    number = value if type(value) is int else None if value is None else loose_int(value)
    return number if number is not None and -_MOST <= number < _MOST else None


def as_real(value: Any) -> float | None:
    """Reads a number."""
    return value if type(value) is float and value - value == 0 else loose_float(value)


def as_flag(value: Any) -> bool:
    """Reads a flag; what is absent is false."""
    return value is True or (value is not None and loose_bool(value))


def text(row: Mapping[str, Any], name: str) -> str | None:
    """Returns a text of an object; an empty one is none."""
    return as_text(row.get(name))


def whole(row: Mapping[str, Any], name: str) -> int | None:
    """Returns a whole number of an object."""
    return as_whole(row.get(name))


def real(row: Mapping[str, Any], name: str) -> float | None:
    """Returns a number of an object."""
    return as_real(row.get(name))
