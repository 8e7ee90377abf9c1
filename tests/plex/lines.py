"""Lines to scripted servers that ask once, and forget at once who was away."""

from datetime import timedelta

from earshelf.adapters.http import HttpClient
from earshelf.adapters.memory.system import SettableClock
from earshelf.adapters.plex.lines import PlexLines


def hasty(http: HttpClient) -> PlexLines:
    """Returns lines for tests of what a single answer says."""
    return PlexLines(http, SettableClock(), pauses=(), rest=timedelta())
