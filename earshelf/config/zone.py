"""The owner's time zone, in which schedules are meant."""

import logging
import os
from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_log = logging.getLogger(__name__)


def local_zone(name: str | None = None, system: Path = Path("/etc/localtime")) -> tzinfo:
    """Returns the zone that ``TZ`` names, else the system's, else UTC; it knows of the changes in spring and autumn."""
    named = (os.environ.get("TZ", "") if name is None else name).strip().lstrip(":")
    if named:
        try:
            return ZoneInfo(named)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            _log.warning("TZ names no time zone that is known here; schedules are meant in UTC")
            return UTC
    try:
        with system.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return UTC
