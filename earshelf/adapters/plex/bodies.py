"""What a Plex server answers, decoded: JSON, or XML where a proxy or an old server ignores what was asked for."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

import orjson

_ITEMS = frozenset({"Video", "Track", "Photo"})
# a NUL, or half of a surrogate pair: no database holds it
_BROKEN = (b"\\u0000", b"\\ud", b"\\uD")


def container_in(body: bytes) -> Mapping[str, Any] | None:
    """Returns the ``MediaContainer`` of an answer; None means that there is none, as in an empty body or a page."""
    text = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"<"):
        return _xml_container(text)
    decoded = _decoded(text)
    container = decoded.get("MediaContainer") if isinstance(decoded, dict) else None
    return container if isinstance(container, dict) else None


def objects(parent: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Returns the objects of a list, which may be absent, or a single one without its list."""
    value = parent.get(name)
    if isinstance(value, list):
        return [one for one in value if isinstance(one, dict)]
    return [value] if isinstance(value, dict) else []


def _decoded(text: bytes) -> Any:
    try:
        if any(mark in text for mark in _BROKEN):
            return _mended(json.loads(text))
        return orjson.loads(text)
    except (ValueError, RecursionError):
        return None


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(one) for one in value]
    if isinstance(value, dict):
        return {name: _mended(one) for name, one in value.items()}
    return value


def _xml_container(text: bytes) -> Mapping[str, Any] | None:
    # whoever declares entities is up to no good: they can grow without end
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        return None
    try:
        root = ET.fromstring(text)  # noqa: S314 - declarations are refused above
    except (ET.ParseError, ValueError):
        return None
    return _object(root) if root.tag == "MediaContainer" else None


def _object(element: ET.Element) -> dict[str, Any]:
    found: dict[str, Any] = dict(element.attrib)
    for name, child in _children(element):
        found.setdefault(name, []).append(_object(child))
    return found


def _children(element: ET.Element) -> Iterator[tuple[str, ET.Element]]:
    for child in element:
        is_item = child.tag in _ITEMS or (child.tag == "Directory" and "ratingKey" in child.attrib)
        yield ("Metadata" if is_item else child.tag), child
