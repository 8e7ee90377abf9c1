"""What providers know of an audiobook, and how several accounts of one book become one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from earshelf.domain.wording import word_match

_PSEUDO_NARRATORS = frozenset({"full cast", "various", "unknown"})
MAX_ASIN_LENGTH = 64


class Region(StrEnum):
    """The Audible marketplaces."""

    US = "us"
    CA = "ca"
    UK = "uk"
    AU = "au"
    FR = "fr"
    DE = "de"
    JP = "jp"
    IT = "it"
    IN = "in"
    ES = "es"


@dataclass(frozen=True, slots=True)
class PersonName:
    """An author or narrator as a provider writes the name."""

    name: str
    asin: str | None = None


@dataclass(frozen=True, slots=True)
class SeriesMention:
    """A book's place in a series; ``position`` is None where the provider names no number."""

    name: str
    position: float | None = None


@dataclass(frozen=True, slots=True)
class MetadataRecord:
    """One provider's account of one audiobook.

    ``published_date`` is the provider's text, mostly ``YYYY-MM-DD``; ``language`` is lower case English (``german``);
    ``runtime_minutes`` counts whole minutes; ``series`` is ordered primary first.
    """

    title: str
    asin: str | None = None
    subtitle: str | None = None
    authors: tuple[PersonName, ...] = ()
    narrators: tuple[PersonName, ...] = ()
    series: tuple[SeriesMention, ...] = ()
    description: str | None = None
    publisher: str | None = None
    published_date: str | None = None
    language: str | None = None
    cover_url: str | None = None
    runtime_minutes: int | None = None
    isbn: str | None = None
    genres: tuple[str, ...] = ()
    format_type: str | None = None
    delivery_type: str | None = None

    @property
    def primary_series(self) -> SeriesMention | None:
        """The series that a shelf would file the book under."""
        return self.series[0] if self.series else None


@dataclass(frozen=True, slots=True)
class CataloguePreferences:
    """Which search hits the owner wants to see at all; an empty ``languages`` admits every language."""

    reject_words: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    min_duration_minutes: int = 0


def canonical_asin(text: str) -> str:
    """Spells an ASIN as it is stored and compared: without blanks around it, in capitals."""
    return text.strip().upper()


def merge(catalogue: MetadataRecord, enrichment: MetadataRecord | None) -> MetadataRecord:
    """Fills the catalogue's gaps from the enrichment: series, genres, ISBN, and narrators where it knows more."""
    if enrichment is None:
        return catalogue
    fuller_cast = len(enrichment.narrators) > len(catalogue.narrators)
    return replace(
        catalogue,
        series=catalogue.series or enrichment.series,
        genres=catalogue.genres or enrichment.genres,
        isbn=catalogue.isbn or enrichment.isbn,
        narrators=enrichment.narrators if fuller_cast else catalogue.narrators,
        description=catalogue.description or enrichment.description,
        language=catalogue.language or enrichment.language,
        runtime_minutes=catalogue.runtime_minutes or enrichment.runtime_minutes,
    )


def rejected_by(record: MetadataRecord, reject_words: Sequence[str]) -> str | None:
    """Returns the first reject word that the edition carries, or None.

    Title, subtitle, people and format type are searched for whole words; stand-ins such as "full cast" are not people.
    """
    narrators = [person.name for person in record.narrators if person.name.casefold() not in _PSEUDO_NARRATORS]
    texts = [
        record.title,
        record.subtitle,
        record.format_type,
        *(person.name for person in record.authors),
        *narrators,
    ]
    return word_match(reject_words, [text for text in texts if text])


def admitted(records: Iterable[MetadataRecord], preferences: CataloguePreferences) -> list[MetadataRecord]:
    """Keeps the hits that the owner wants, by the owner's languages first, else in the provider's order.

    What a provider does not say (language, duration) speaks for a record, never against it.
    """
    kept = [record for record in records if _is_book(record) and _is_wanted(record, preferences)]
    return sorted(kept, key=lambda record: _rank(record, preferences.languages))


def _is_book(record: MetadataRecord) -> bool:
    return record.delivery_type not in {"PodcastParent", "Periodical"}


def _is_wanted(record: MetadataRecord, preferences: CataloguePreferences) -> bool:
    if rejected_by(record, preferences.reject_words) or not _speaks(record, preferences.languages):
        return False
    return record.runtime_minutes is None or record.runtime_minutes >= preferences.min_duration_minutes


def _rank(record: MetadataRecord, languages: Sequence[str]) -> int:
    spoken = (record.language or "").casefold()
    return languages.index(spoken) if spoken in languages else 0


def _speaks(record: MetadataRecord, languages: Sequence[str]) -> bool:
    return not languages or record.language is None or record.language.casefold() in languages
