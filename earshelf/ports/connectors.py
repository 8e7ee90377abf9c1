"""What media servers are told when the library changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from earshelf.domain.refreshes import LibraryChange


@dataclass(frozen=True, slots=True)
class Target:
    """A library or section of a media server."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a batch came to.

    ``paths`` are the server-side folders that were refreshed, empty for servers that scan whole libraries.
    ``passthrough`` counts changes that no path mapping matched, ``skipped`` those without a usable path.
    """

    paths: Sequence[str] = ()
    passthrough: int = 0
    skipped: int = 0
    whole_library: bool = False


class Connector(Protocol):
    """One configured media server. Every method raises errors of kind ``connector``."""

    async def targets(self) -> list[Target]:
        """Returns what could be refreshed, in the server's order."""
        ...

    async def check(self) -> None:
        """Proves that the server answers, takes the credential, and has the configured target.

        :raises TargetMissing: the library or section is not there; the message lists those that are.
        """
        ...

    async def refresh(self, changes: Sequence[LibraryChange]) -> RefreshReport:
        """Makes the server look at what changed; in case of trouble the whole batch may be sent again."""
        ...
