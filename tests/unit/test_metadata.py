"""Two providers' accounts of one book, and which hits the owner wants to see."""

from typing import Any

import pytest

from earshelf.domain.metadata import (
    CataloguePreferences,
    MetadataRecord,
    PersonName,
    SeriesMention,
    admitted,
    canonical_asin,
    merge,
    rejected_by,
)


def record(title: str = "A Book", **values: Any) -> MetadataRecord:
    return MetadataRecord(title, authors=(PersonName("An Author", "A1"),), **values)


def names(*people: str) -> tuple[PersonName, ...]:
    return tuple(map(PersonName, people))


GAPS: dict[str, Any] = {
    "series": (SeriesMention("Saint of Steel", 2),),
    "genres": ("Fantasy",),
    "isbn": "978",
    "description": "Long",
    "language": "english",
    "runtime_minutes": 600,
}


@pytest.mark.parametrize("name", GAPS)
def test_a_gap_of_the_catalogue_is_filled(name: str) -> None:
    assert getattr(merge(record(), record(**GAPS)), name) == GAPS[name]


OTHER: dict[str, Any] = {
    "series": (SeriesMention("Other"),),
    "genres": ("Other",),
    "isbn": "1",
    "description": "Other",
    "language": "german",
    "runtime_minutes": 1,
}


@pytest.mark.parametrize("name", GAPS)
def test_what_the_catalogue_says_stands(name: str) -> None:
    assert getattr(merge(record(**GAPS), record(**OTHER)), name) == GAPS[name]


def test_without_enrichment_the_catalogue_stands_alone() -> None:
    assert merge(record(**GAPS), None) == record(**GAPS)


def test_title_and_asin_are_the_catalogues() -> None:
    merged = merge(record("A Book", asin="B1"), record("Another", asin="B2", subtitle="Sub"))
    assert (merged.title, merged.asin, merged.subtitle) == ("A Book", "B1", None)


def test_narrators_come_from_whoever_knows_more_of_them() -> None:
    one, two = record(narrators=names("A")), record(narrators=names("B", "C"))
    assert merge(one, two).narrators == names("B", "C")
    assert merge(two, one).narrators == names("B", "C")
    assert merge(one, record(narrators=names("B"))).narrators == names("A")


def test_the_first_series_is_the_primary_one() -> None:
    assert record().primary_series is None
    assert record(series=(SeriesMention("A"), SeriesMention("B"))).primary_series == SeriesMention("A")


@pytest.mark.parametrize(("spelled", "canonical"), [(" b0 ", "B0"), ("B017v4im1g", "B017V4IM1G"), ("  ", "")])
def test_an_asin_is_compared_without_blanks_and_case(spelled: str, canonical: str) -> None:
    assert canonical_asin(spelled) == canonical


@pytest.mark.parametrize(
    "carrier",
    [
        record("Abridged Tales"),
        record(subtitle="The abridged edition"),
        record(format_type="abridged"),
        record(narrators=names("Abridged Voice")),
        MetadataRecord("A Book", authors=names("A. Bridged", "Mr Abridged")),
    ],
)
def test_a_reject_word_is_found_in_title_subtitle_people_and_format(carrier: MetadataRecord) -> None:
    assert rejected_by(carrier, ["Sample", "Abridged"]) == "Abridged"


def test_a_reject_word_is_a_whole_word() -> None:
    assert rejected_by(record("A Book", format_type="unabridged"), ["Abridged"]) is None


@pytest.mark.parametrize("stand_in", ["Full Cast", "various", "UNKNOWN"])
def test_a_stand_in_for_narrators_is_nobody_to_reject(stand_in: str) -> None:
    assert rejected_by(record(narrators=names(stand_in)), ["cast", "various", "unknown"]) is None


@pytest.mark.parametrize("kind", ["PodcastParent", "Periodical"])
def test_what_is_no_book_is_not_shown(kind: str) -> None:
    assert admitted([record(delivery_type=kind)], CataloguePreferences()) == []


def test_an_edition_with_a_reject_word_is_not_shown() -> None:
    hits = [record("Abridged Tales"), record("Tales")]
    assert admitted(hits, CataloguePreferences(reject_words=("Abridged",))) == hits[1:]


def test_a_short_hit_is_not_shown_and_an_unknown_length_speaks_for_the_hit() -> None:
    hits = [record(runtime_minutes=29), record(runtime_minutes=30), record()]
    assert admitted(hits, CataloguePreferences(min_duration_minutes=30)) == hits[1:]


def test_another_language_is_not_shown_and_an_unknown_one_speaks_for_the_hit() -> None:
    hits = [record(language="german"), record(language="English"), record()]
    assert admitted(hits, CataloguePreferences(languages=("english",))) == hits[1:]


def test_without_wished_languages_every_language_is_shown_in_the_providers_order() -> None:
    hits = [record(language="german"), record(language="english"), record()]
    assert admitted(hits, CataloguePreferences()) == hits


def test_the_language_named_first_comes_first_and_else_the_providers_order_stands() -> None:
    german = [record("1", language="german"), record("2", language="german")]
    english = [record("3", language="english"), record("4", language="english")]
    mixed = [english[0], german[0], english[1], german[1]]
    assert admitted(mixed, CataloguePreferences(languages=("german", "english"))) == [*german, *english]
