"""What download clients are asked to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from earshelf.domain.downloads import ClientStatus
from earshelf.ports.indexers import Artifact


@dataclass(frozen=True, slots=True)
class DownloadItem:
    """One job of a client.

    ``reference`` is the client's stable name for it (an info hash for torrents). ``progress`` runs from 0 to 1.
    ``output_path`` is file or folder as the *client* sees it, None while unknown. ``seconds_seeded`` and ``ratio``
    are None for clients that do not seed.
    """

    reference: str
    name: str
    status: ClientStatus
    progress: float
    output_path: str | None = None
    error: str | None = None
    seconds_seeded: int | None = None
    ratio: float | None = None


class DownloadClient(Protocol):
    """One configured download client. Every method raises errors of kind ``download_client``."""

    async def add(self, artifact: Artifact) -> str:
        """Hands a release over, in the configured category, and returns the client's reference.

        A release that the client has already is no error: its reference is returned.
        """
        ...

    async def items(self, references: Sequence[str]) -> Mapping[str, DownloadItem]:
        """Returns the wished jobs by the reference that was asked for.

        An unknown or blank reference is absent from the result; an empty wish is answered without a request.
        """
        ...

    async def remove(self, reference: str, *, delete_data: bool) -> None:
        """Takes the job out of the client; an unknown reference is no error, a blank one is never sent."""
        ...

    async def check(self) -> str:
        """Signs in and returns the client's version.

        :raises CredentialsRejected: user name or password is wrong.
        """
        ...
