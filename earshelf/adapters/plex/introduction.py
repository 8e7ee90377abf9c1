"""How this installation introduces itself to everything of Plex's."""

import platform
from collections.abc import Mapping

PRODUCT = "Earshelf"


def introduction(client_id: str, version: str) -> Mapping[str, str]:
    """Returns the headers of every request: what the owner finds in the list of authorised devices."""
    return {
        "Accept": "application/json",
        "X-Plex-Client-Identifier": client_id,
        "X-Plex-Product": PRODUCT,
        "X-Plex-Version": version,
        "X-Plex-Platform": platform.system() or "Unknown",
        "X-Plex-Device": "Server",
        "X-Plex-Device-Name": PRODUCT,
    }
