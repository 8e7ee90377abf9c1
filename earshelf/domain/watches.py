"""Who watched what, and when."""

from dataclasses import dataclass
from datetime import datetime

UNKNOWN_VIEWER = "Unknown"
"""Whoever the server has no name for."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One time that an item was watched to its end, as its server remembers it; ``key`` is the server's of the item."""

    key: str
    watched_at: datetime
    viewer: str = UNKNOWN_VIEWER
    device: str | None = None
    platform: str | None = None
