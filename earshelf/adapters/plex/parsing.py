"""What Plex sends, read into the ports' types. Pure."""

from collections.abc import Mapping
from typing import Any

from earshelf.ports.connectors import Target


def parse_sections(container: Mapping[str, Any]) -> list[Target] | None:
    """Reads the library sections; None means that the list is no list.

    A server without sections leaves the list out. A section without a title goes by its key.
    """
    directories = container.get("Directory", [])
    if not isinstance(directories, list):
        return None
    return [_section(entry) for entry in directories if isinstance(entry, dict) and entry.get("key")]


def _section(entry: Mapping[str, Any]) -> Target:
    return Target(id=str(entry["key"]), name=str(entry.get("title") or entry["key"]))
