"""Containers that a Plex server answers; some are large, so that the ordinary ones are decoded the fast way."""

from collections.abc import Mapping
from typing import Any

import msgspec

from earshelf.adapters.http import Answer
from earshelf.adapters.plex.payloads import container

_ITEMS = ("Video", "Track", "Photo", "Directory")
_ESCAPE, _NUL = b"\\", b"\\u0000"


def media_container(answer: Answer) -> Mapping[str, Any]:
    """Returns the ``MediaContainer`` of an answer, its items under ``Metadata`` also where they came as XML.

    :raises UnexpectedPayload: there is none.
    """
    if not holds_nul(answer.body):
        found = _quickly(answer.body)
        if found is not None:
            return found
    mended = container(answer)
    return mended if "Metadata" in mended else _as_in_json(mended)


def holds_nul(body: bytes) -> bool:
    """Whether a body may hold what no database does; halves of surrogate pairs the fast ways refuse by themselves."""
    # one character is looked for many times as fast as six
    return _ESCAPE in body and _NUL in body


def objects(parent: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Returns the objects of a list that an object has, or has not, under a name."""
    return members(parent.get(name))


def members(value: Any) -> list[dict[str, Any]]:
    """Returns the objects of a list, which may be absent, or a single one without its list."""
    if value is None:
        return []
    if isinstance(value, list):
        return [one for one in value if type(one) is dict]
    return [value] if isinstance(value, dict) else []


def rows_in(container: Mapping[str, Any]) -> int:
    """Counts the items of a page as its server counts them: those that are no objects, too."""
    value = container.get("Metadata")
    return len(value) if isinstance(value, list) else len(objects(container, "Metadata"))


def _as_in_json(container: dict[str, Any]) -> dict[str, Any]:
    """Puts the items of XML where JSON has them; no row is then there twice."""
    found: dict[str, Any] = {"Metadata": []}
    for tag in _ITEMS:
        rows = objects(container, tag)
        found["Metadata"] += [row for row in rows if "ratingKey" in row]
        found[tag] = [row for row in rows if "ratingKey" not in row]
    return {**container, **found}


def _quickly(body: bytes) -> Mapping[str, Any] | None:
    try:
        decoded = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None
    found = decoded.get("MediaContainer") if isinstance(decoded, dict) else None
    return found if isinstance(found, dict) else None
