"""Loosely typed values of the wire, read as what they mean.

A media server may write a number as text, a flag as ``true``, ``1`` or ``"1"``, and leave out what is false.
"""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, TypeAlias

Loose: TypeAlias = str | int | float | bool | None

_LONGEST_NUMBER = 40
_TRUE = frozenset(["1", "true", "yes"])
_PLAIN = frozenset([str, int, float, bool, type(None)])


def loose_int(value: object) -> int | None:
    """The whole number that a number or a text stands for, cut towards zero; None for anything else."""
    if type(value) is int:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and value.strip().isdecimal():
        return int(value)
    number = loose_float(value)
    return None if number is None else int(number)


def loose_float(value: object) -> float | None:
    """The finite number that a number or a text of up to 40 characters stands for; None for anything else."""
    if not isinstance(value, int | float | str) or (isinstance(value, str) and len(value) > _LONGEST_NUMBER):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def loose_bool(value: object) -> bool:
    """True for true, ``"true"``, ``"yes"`` and anything that stands for one; what is absent or odd is false."""
    if isinstance(value, str) and value.strip().lower() in _TRUE:
        return True
    return loose_float(value) == 1


def loose_text(value: object) -> str:
    """The text without blanks around it, a number as it is written, and nothing for anything else."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def loose_values(row: Mapping[str, Any], names: Iterable[str]) -> list[Loose]:
    """The values of these fields, in their order; None for what is absent or neither text, number nor flag."""
    values = list(map(row.get, names))
    if _PLAIN.issuperset(map(type, values)):
        return values
    return [value if isinstance(value, str | int | float) else None for value in values]
