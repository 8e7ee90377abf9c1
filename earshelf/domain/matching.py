"""Which release is the wanted book: how well names match, and what goes first."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from earshelf.domain.releases import Protocol, Release
from earshelf.domain.wording import language_name

TITLE_WEIGHT = 0.6
AUTHOR_WEIGHT = 0.4
NARRATOR_MATCH = 0.8
POOR_MB_PER_HOUR = 30

_MB = 2**20
_BUCKETS = 10
_BETWEEN_NAMES = re.compile(r"[,;&/]|\band\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MatchScore:
    """How much a release looks like the book: 0 to 1, or None when nothing could be compared.

    ``reasons`` are sentences for people, one for each part that was or was not compared.
    """

    value: float | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A release together with what a search shows and ranks it by.

    ``title`` is parsed from the release's name, ``indexer`` is the owner's name for where it was found, a lower
    ``indexer_priority`` goes first, and None means unknown everywhere, never zero.
    """

    release: Release
    title: str
    author: str | None = None
    narrator: str | None = None
    indexer: str = ""
    indexer_priority: int = 50
    grabs: int | None = None
    language: str | None = None
    score: MatchScore | None = None


@dataclass(frozen=True, slots=True)
class BookFacts:
    """The book that is searched for; ``seconds`` is its duration, None when unknown."""

    title: str
    authors: tuple[str, ...] = ()
    narrators: tuple[str, ...] = ()
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class ReleaseRules:
    """What the owner wants of a release; empty and 0 leave a rule out.

    ``languages`` are names or codes with the preferred one first, sizes are in bytes, density is in MiB per hour.
    """

    reject_words: tuple[str, ...] = ()
    required_words: tuple[str, ...] = ()
    min_seeders: int = 0
    min_size_bytes: int = 0
    max_size_bytes: int = 0
    min_mb_per_hour: float = 0
    languages: tuple[str, ...] = ()
    protocol_preference: Protocol | None = None


def dice(one: str, other: str) -> float:
    """How alike two texts are, 0 to 1: Dice's coefficient on pairs of letters, without regard to case.

    Equal texts are 1 alike, and a text of less than two letters is 0 alike to any other.
    """
    one, other = one.strip().casefold(), other.strip().casefold()
    if one == other:
        return 1.0 if one else 0.0
    if len(one) < 2 or len(other) < 2:
        return 0.0
    pairs, others = _pairs(one), _pairs(other)
    return 2 * (pairs & others).total() / (pairs.total() + others.total())


def match_score(*, title: str, author: str | None, book: BookFacts) -> MatchScore:
    """Compares a release's title and author with a book's title and first author.

    A side that either lacks counts for neither, so a release without an author is judged by its title alone.
    """
    book_author = next((name for name in book.authors if name.strip()), None)
    weighed, weights = 0.0, 0.0
    reasons = []
    for label, weight, found, wanted in (
        ("title", TITLE_WEIGHT, title, book.title),
        ("author", AUTHOR_WEIGHT, author, book_author),
    ):
        if not found or not wanted or not found.strip() or not wanted.strip():
            reasons.append(f"{label} not compared: {'the release' if wanted else 'the book'} names none")
            continue
        alike = dice(found, wanted)
        weighed, weights = weighed + weight * alike, weights + weight
        reasons.append(f"{label} '{found}' is {alike:.0%} alike to '{wanted}'")
    return MatchScore(min(1.0, weighed / weights) if weights else None, tuple(reasons))


def mb_per_hour(size: int | None, seconds: int | None) -> float | None:
    """MiB per hour of listening; None unless both are known and above zero."""
    if not size or not seconds or size < 0 or seconds < 0:
        return None
    return size / _MB / (seconds / 3600)


def rank(
    candidates: Iterable[Candidate], rules: ReleaseRules, book: BookFacts, *, prefer_narrator: bool = False
) -> list[Candidate]:
    """Sorts the best first: match score in steps of a tenth, then the right narrator if wished, then density,
    protocol, language, the indexer's priority, grabs and seeders.

    The order is total: it does not depend on the order given, unless two candidates are alike in everything.
    """
    languages = language_names(rules.languages)

    def place(candidate: Candidate) -> tuple[float | int | str, ...]:
        release = candidate.release
        density = mb_per_hour(release.size, book.seconds)
        return (
            -_bucket(candidate.score),
            not _is_right_narrator(candidate, book, density) if prefer_narrator else 0,
            -(-1 if density is None else density) if book.seconds else 0,
            rules.protocol_preference not in (None, release.protocol),
            _language_place(candidate.language, languages),
            candidate.indexer_priority,
            -(candidate.grabs or 0),
            -(release.seeders or 0),
            -_exact(candidate.score),
            candidate.indexer,
            release.title,
            release.identity,
            release.download_url,
        )

    return sorted(candidates, key=place)


def _pairs(text: str) -> Counter[str]:
    return Counter(text[place : place + 2] for place in range(len(text) - 1))


def language_names(languages: Iterable[str]) -> list[str]:
    """The owner's languages as :func:`earshelf.domain.wording.language_name` spells them, unusable ones left out."""
    return [name for name in map(language_name, languages) if name]


def _exact(score: MatchScore | None) -> float:
    return -1.0 if score is None or score.value is None else score.value


def _bucket(score: MatchScore | None) -> int:
    """Tenths, so that nearly equal scores leave the word to the other rules and the order stays total."""
    return -1 if score is None or score.value is None else round(score.value * _BUCKETS)


def _is_right_narrator(candidate: Candidate, book: BookFacts, density: float | None) -> bool:
    if candidate.narrator is None or (density is not None and density < POOR_MB_PER_HOUR):
        return False
    named = [_letters(name) for name in _BETWEEN_NAMES.split(candidate.narrator)]
    return any(dice(name, _letters(wanted)) >= NARRATOR_MATCH for name in named for wanted in book.narrators)


def _letters(name: str) -> str:
    """A name without what initials are spelled with: R.C. Bray is R C Bray."""
    return "".join(letter for letter in name if letter.isalnum())


def _language_place(language: str | None, wanted: Sequence[str]) -> int:
    """The preferred language and unknown ones first, then the other wanted ones, then the rest."""
    spoken = language_name(language or "")
    if spoken is None or not wanted:
        return 0
    return wanted.index(spoken) if spoken in wanted else len(wanted)
