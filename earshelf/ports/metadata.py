"""What audiobook catalogues can be asked."""

from typing import Protocol

from earshelf.domain.metadata import MetadataRecord, Region


class Catalogue(Protocol):
    """The authority on which audiobooks exist.

    Both methods raise ``RateLimited``, ``TimedOut``, ``Unreachable``, ``Refused`` or ``UnexpectedPayload`` with kind
    ``provider``: trouble is never told as absence.
    """

    async def search(self, text: str, *, region: Region) -> list[MetadataRecord]:
        """Returns up to ten hits by relevance; a hit without title or author is left out; no hit is an empty list."""
        ...

    async def product(self, asin: str, *, region: Region) -> MetadataRecord:
        """Returns one product, possibly under another ASIN than the one asked for.

        :raises AsinNotResolved: the catalogue has no such product.
        :raises InvalidRecord: the product has no title or no author.
        """
        ...


class Enrichment(Protocol):
    """A second opinion on a known product."""

    async def record(self, asin: str, *, region: Region) -> MetadataRecord | None:
        """Returns what this provider knows of the product, None if nothing; raises like a catalogue."""
        ...
