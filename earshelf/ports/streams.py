"""What is played on media servers just now, and what servers tell by themselves as it changes."""

from collections.abc import AsyncGenerator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from earshelf.domain.servers import MediaServer
from earshelf.domain.streams import Stream
from earshelf.domain.viewers import KnownViewer


class StreamAbility(StrEnum):
    """What not every server can do.

    ``TERMINATES``: it ends sessions, so that :meth:`StreamSource.terminate` may be asked.
    ``NOTIFIES``: it tells by itself what changes, so that :meth:`StreamSource.notifications` may be asked.
    ``KNOWS_VIEWERS``: it knows who could watch, so that :meth:`StreamSource.viewers` may be asked.
    """

    TERMINATES = "terminates"
    NOTIFIES = "notifies"
    KNOWS_VIEWERS = "knows_viewers"


@dataclass(frozen=True, slots=True)
class Listening:
    """The connection stands, for the first time or again: what changed meanwhile was not told."""


@dataclass(frozen=True, slots=True)
class StreamsChanged:
    """A session began, ended, or does something else than before."""


@dataclass(frozen=True, slots=True)
class ItemsChanged:
    """Items of the libraries changed, or were watched, by the server's keys.

    ``removed`` are said to be gone, which may be too early.
    """

    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LibraryScanned:
    """The server has looked through a library's folders; None where it does not say which."""

    library_key: str | None


Notification: TypeAlias = Listening | StreamsChanged | ItemsChanged | LibraryScanned


class StreamSource(Protocol):
    """One server's live sessions. Every method raises errors of kind ``server`` under the server's name."""

    @property
    def abilities(self) -> AbstractSet[StreamAbility]:
        """What this make of server can."""
        ...

    async def streams(self) -> list[Stream]:
        """Returns every live session, in the server's order; no two have the same ``handle``.

        Whatever cannot be told apart from nobody playing is an error, never an empty list.

        :raises CredentialsRejected: the server does not know the token.
        :raises Refused: with status 403, it knows the token and wants its owner's.
        """
        ...

    async def viewers(self) -> list[KnownViewer]:
        """Returns everybody whom the server knows, whether they watch or not, with the ids that streams have."""
        ...

    async def terminate(self, session_id: str, reason: str) -> bool:
        """Asks the server to end a session; the player shows the reason, one line of at most 250 characters.

        Returns whether there was such a session; one that has ended meanwhile is no error. The player may take seconds
        to obey, or not obey at all.

        :raises Refused: the server cannot end sessions, or not this one; the message says why.
        """
        ...

    def notifications(self) -> AsyncGenerator[Notification, None]:
        """Yields what the server tells, without end: a lost connection is made again, after ever longer pauses.

        ``Listening`` comes with every connection. Close it (``contextlib.aclosing``) when leaving early.

        :raises CredentialsRejected: the server does not know the token; asking again is of no use.
        """
        ...


class StreamSources(Protocol):
    """Builds what reads a server's sessions; building costs nothing and contacts nobody."""

    def of(self, server: MediaServer, client_id: str) -> StreamSource:
        """Returns the source; ``client_id`` is what this installation calls itself.

        :raises CredentialsRejected: the stored token is lost.
        """
        ...
