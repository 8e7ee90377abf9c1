"""Media servers as Earshelf talks to them, whatever their make."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from earshelf.domain.servers import ServerDescription, ServerIdentity, ServerKind


class ServerAbility(StrEnum):
    """What a server of some make can, and others cannot."""

    TELLS_IDENTITY = "tells_identity"


@dataclass(frozen=True, slots=True)
class ServerAccess:
    """Where a server is and how it is asked. ``client_id`` is what this installation calls itself.

    ``verify_ssl`` holds for this server alone. ``insists`` says that whoever asks wants to know just now, or asks again
    by himself: each question is one attempt, also where the server was away a moment ago.
    """

    kind: ServerKind
    name: str
    url: str
    client_id: str
    token: str = field(default="", repr=False)
    verify_ssl: bool = True
    insists: bool = False


class MediaServerClient(Protocol):
    """One media server. Every method raises errors of kind ``server`` under the access's name."""

    @property
    def abilities(self) -> AbstractSet[ServerAbility]:
        """What this make of server can."""
        ...

    async def identity(self) -> ServerIdentity:
        """Asks who is there, without showing the token; waits five seconds at most.

        Only for servers with ``TELLS_IDENTITY``.
        """
        ...

    async def describe(self) -> ServerDescription:
        """Asks the server about itself, showing the token.

        :raises CredentialsRejected: it does not know the token.
        :raises Refused: with status 403, it knows the token and wants its owner's.
        """
        ...


class ServerClients(Protocol):
    """Builds clients; building costs nothing and contacts nobody."""

    def at(self, access: ServerAccess) -> MediaServerClient:
        """Returns the client of a server."""
        ...
