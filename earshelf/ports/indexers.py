"""What indexers offer, and how a chosen offer's file is fetched."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from earshelf.domain.releases import Release
from earshelf.domain.torrents import Magnet, TorrentFile


@dataclass(frozen=True, slots=True)
class Offer:
    """One search hit. What the indexer does not say is None, never zero; ``language`` is lower case English."""

    release: Release
    grabs: int | None = None
    language: str | None = None
    author: str | None = None
    narrator: str | None = None
    published_at: datetime | None = None


class Indexer(Protocol):
    """One configured indexer. Every method may take up to 30 seconds and raises errors of kind ``indexer``."""

    async def search(self, query: str) -> list[Offer]:
        """Returns audiobook offers in the indexer's order; nothing found is an empty list."""
        ...

    async def check(self) -> str:
        """Asks for the indexer's abilities and returns its name for itself.

        :raises CredentialsRejected: the API key is wrong.
        """
        ...


@dataclass(frozen=True, slots=True)
class UsenetLink:
    """An NZB that the download client fetches by itself; the URL may hold a key."""

    url: str

    def __repr__(self) -> str:
        return "UsenetLink(url=…)"


Artifact: TypeAlias = TorrentFile | Magnet | UsenetLink


class ReleaseFetcher(Protocol):
    """Turns a release into what a download client takes."""

    async def fetch(self, release: Release, *, trusted_hosts: Collection[str]) -> Artifact:
        """Follows a download URL, across redirects up to a magnet link, and reads what lies there.

        ``trusted_hosts`` are ``host:port`` of configured indexers; other private addresses are never contacted.

        :raises ReleaseUnavailable: the tracker refused, answered with a page, or with something that is no torrent.
        :raises TimedOut: the tracker did not answer within 30 seconds.
        """
        ...
