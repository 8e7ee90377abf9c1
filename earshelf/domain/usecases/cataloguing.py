"""Finding audiobooks in the catalogue and putting them on the wanted list."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from earshelf.domain.books import Author, Book, Narrator, Series, SeriesEntry
from earshelf.domain.errors import BookExists, EditionRejected, IntegrationError, Invalid
from earshelf.domain.ids import AuthorId, BookId, IdPrefix, ImportId, NarratorId, SeriesId
from earshelf.domain.matching import language_names
from earshelf.domain.metadata import (
    CataloguePreferences,
    MetadataRecord,
    Region,
    admitted,
    canonical_asin,
    merge,
    rejected_by,
)
from earshelf.domain.settings import Settings
from earshelf.domain.usecases.importing import Importing
from earshelf.ports.metadata import Catalogue, Enrichment
from earshelf.ports.queries import OwnedBook, Queries
from earshelf.ports.settings import SettingsStore
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock, Entropy

_log = logging.getLogger(__name__)
_Finder: TypeAlias = Callable[[UnitOfWork], Awaitable[Book]]


@dataclass(frozen=True, slots=True)
class CatalogueHit:
    """A search hit, and the book of the library that has its ASIN."""

    record: MetadataRecord
    owned: OwnedBook | None


class Cataloguing:
    """The library's dealings with metadata providers."""

    def __init__(
        self,
        *,
        storage: Storage,
        queries: Queries,
        catalogue: Catalogue,
        enrichment: Enrichment,
        settings: SettingsStore,
        clock: Clock,
        entropy: Entropy,
        importing: Importing,
    ) -> None:
        self._storage = storage
        self._queries = queries
        self._catalogue = catalogue
        self._enrichment = enrichment
        self._settings = settings
        self._clock = clock
        self._entropy = entropy
        self._importing = importing

    async def search(self, text: str) -> list[CatalogueHit]:
        """Asks the catalogue, leaves out what the owner does not want, and marks what the library has.

        :raises IntegrationError: the provider is throttled, away or broken; never told as "no match".
        """
        settings = await self._settings.load()
        records = await self._catalogue.search(text, region=settings.metadata.region)
        kept = admitted(records, _preferences(settings))
        asins = [canonical_asin(record.asin) for record in kept if record.asin]
        owned = await self._queries.owned(asins) if asins else {}
        return [CatalogueHit(record, owned.get(canonical_asin(record.asin or ""))) for record in kept]

    async def add_by_asin(self, asin: str) -> Book:
        """Puts the product with this ASIN on the wanted list.

        :raises BookExists: the library has it, under this ASIN or under the one that the provider redirects to.
        :raises AsinNotResolved: the provider knows no such product.
        :raises InvalidRecord: the provider's record lacks a title or an author.
        :raises EditionRejected: the edition carries one of the owner's reject words.
        :raises IntegrationError: the provider is throttled, away or broken.
        """
        return await self._add(*await self._resolved(asin))

    async def adopt(self, folder: str, *, asin: str | None = None, record: MetadataRecord | None = None) -> ImportId:
        """Takes a folder inside the library for a book's, without touching a file.

        The book is the one with this ASIN, new if the library has none, or one made of the record.

        :raises Invalid: neither ASIN nor record is given. Else as :meth:`add_by_asin` and :meth:`Importing.adopt`.
        """
        await self._importing.adoptable(folder)
        return await self._importing.adopt(folder, await self._finder(asin, record))

    async def _finder(self, asin: str | None, record: MetadataRecord | None) -> _Finder:
        """Asks whom there is to ask about a book, and returns what is left to do in a unit of work."""
        if record is not None:
            return partial(self._added, record=record, asin=canonical_asin(record.asin) if record.asin else None)
        if not asin:
            raise Invalid("Say which book it is", {"asin": "give an ASIN or metadata"})
        if owned := (await self._queries.owned([canonical_asin(asin)])).get(canonical_asin(asin)):
            return partial(_stored, book_id=owned.id)
        record, resolved = await self._resolved(asin)
        return partial(self._added, record=record, asin=resolved)

    async def _resolved(self, asin: str) -> tuple[MetadataRecord, str]:
        """Asks the provider for a product that the library lacks, and under which ASIN it has it."""
        wanted = canonical_asin(asin)
        await self._refuse_owned(wanted)
        settings = await self._settings.load()
        record = await self._record(wanted, settings.metadata.region)
        if word := rejected_by(record, settings.quality.reject_words):
            raise EditionRejected(word)
        return record, canonical_asin(record.asin or wanted)

    async def _record(self, asin: str, region: Region) -> MetadataRecord:
        product = await self._catalogue.product(asin, region=region)
        try:
            enrichment = await self._enrichment.record(asin, region=region)
        except IntegrationError as problem:
            _log.info("Enrichment of %s left out: %s", asin, problem)
            enrichment = None
        return merge(product, enrichment)

    async def _refuse_owned(self, asin: str) -> None:
        if owned := (await self._queries.owned([asin])).get(asin):
            raise BookExists(owned.id)

    async def _add(self, record: MetadataRecord, asin: str) -> Book:
        async with self._storage.unit() as unit:
            book = await self._added(unit, record=record, asin=asin)
            await unit.commit(book.created_at)
        return book

    async def _added(self, unit: UnitOfWork, *, record: MetadataRecord, asin: str | None) -> Book:
        # a redirect by the provider may have led to a book that is here already
        if asin and (existing := await unit.books.with_asin(asin)):
            raise BookExists(existing.id)
        book = await self._compose(unit, record, asin)
        await unit.books.add(book)
        return book

    async def _compose(self, unit: UnitOfWork, record: MetadataRecord, asin: str | None) -> Book:
        now = self._clock.now()
        book = Book(
            id=BookId(self._entropy.new_id(IdPrefix.BOOK)),
            title=record.title,
            created_at=now,
            updated_at=now,
            asin=asin,
            subtitle=record.subtitle,
            description=record.description,
            publisher=record.publisher,
            published_date=record.published_date,
            language=record.language,
            cover_url=record.cover_url,
            isbn=record.isbn,
            runtime_minutes=record.runtime_minutes,
            genres=record.genres,
            authors=await self._authors(unit, record),
            narrators=await self._narrators(unit, record),
            series=await self._series(unit, record),
        )
        book.announce_added()
        return book

    async def _authors(self, unit: UnitOfWork, record: MetadataRecord) -> tuple[Author, ...]:
        authors = [
            await unit.people.ensure_author(
                Author(AuthorId(self._entropy.new_id(IdPrefix.AUTHOR)), person.name, person.asin),
            )
            for person in record.authors
        ]
        return tuple({author.id: author for author in authors}.values())

    async def _narrators(self, unit: UnitOfWork, record: MetadataRecord) -> tuple[Narrator, ...]:
        narrators = [
            await unit.people.ensure_narrator(
                Narrator(NarratorId(self._entropy.new_id(IdPrefix.NARRATOR)), person.name),
            )
            for person in record.narrators
        ]
        return tuple({narrator.id: narrator for narrator in narrators}.values())

    async def _series(self, unit: UnitOfWork, record: MetadataRecord) -> SeriesEntry | None:
        mention = record.primary_series
        if mention is None:
            return None
        series = await unit.people.ensure_series(
            Series(SeriesId(self._entropy.new_id(IdPrefix.SERIES)), mention.name),
        )
        return SeriesEntry(series, mention.position)


async def _stored(unit: UnitOfWork, *, book_id: BookId) -> Book:
    return await unit.books.get(book_id)


def _preferences(settings: Settings) -> CataloguePreferences:
    return CataloguePreferences(
        reject_words=settings.quality.reject_words,
        languages=tuple(language_names(settings.metadata.languages)),
        min_duration_minutes=settings.metadata.min_duration_minutes,
    )
