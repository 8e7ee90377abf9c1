"""Which releases are left out of a search, each for one reason that people can read."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from earshelf.domain.matching import BookFacts, Candidate, ReleaseRules, language_names, mb_per_hour
from earshelf.domain.releases import Protocol
from earshelf.domain.wording import language_name, word_match

_MB = 2**20
_PART_OF = re.compile(r"(?<!\w)\d{1,4}\W? of \W?(?P<total>\d{1,4})(?!\w)", re.IGNORECASE)
_PART_SLASH = re.compile(r"[(\[]\d{1,4}/(?P<total>\d{1,4})[)\]]")
_COUNTS_BOOKS = frozenset(["book", "books", "volume", "vol", "#"])
_WORD = re.compile(r"\w+|#")
# Room for the word before a number and what stands between.
_LOOK_BACK = 20
_EBOOK_WORDS = ("azw3", "epub", "pdf", "mobi")
_AUDIO_WORDS = ("m4b", "mp3", "flac", "aac", "ogg")


class DropReason(StrEnum):
    """Why a release is not offered, in the order in which it is asked."""

    BLOCKED = "blocked"
    PARTIAL = "partial"
    REJECT_WORD = "reject_word"
    NO_REQUIRED_WORD = "no_required_word"
    EBOOK = "ebook"
    SEEDERS = "seeders"
    DENSITY = "density"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Drop:
    """One release that was left out: the first reason that applied, and what exactly, for people."""

    reason: DropReason
    detail: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Sifted:
    """What the rules leave of a search, in the order in which it came, and what they left out."""

    kept: tuple[Candidate, ...]
    drops: tuple[Drop, ...] = ()

    @property
    def counts(self) -> Mapping[DropReason, int]:
        """How many were left out for each reason that occurred."""
        return Counter(drop.reason for drop in self.drops)


def sift(
    candidates: Iterable[Candidate],
    rules: ReleaseRules,
    book: BookFacts,
    *,
    blocked: Collection[str] = frozenset(),
) -> Sifted:
    """Leaves out what the owner does not want; every release is kept or dropped for one reason.

    ``blocked`` holds guids as they are and info hashes in lower case. What a release does not say never speaks
    against it.
    """
    kept, drops = [], []
    for candidate in candidates:
        drop = _first_drop(candidate, rules, book, blocked)
        if drop is None:
            kept.append(candidate)
        else:
            drops.append(drop)
    return Sifted(tuple(kept), tuple(drops))


def is_partial(name: str) -> bool:
    """Whether a usenet post holds one file of several, such as ``"08" of "30"`` or ``(3/12)``.

    Books are counted as well: ``Book 2 of 5`` is a whole one.
    """
    if any(int(found["total"]) > 1 for found in _PART_SLASH.finditer(name)):
        return True
    return any(
        int(found["total"]) > 1 and not _counts_books(name[max(0, found.start() - _LOOK_BACK) : found.start()])
        for found in _PART_OF.finditer(name)
    )


_Judge = Callable[[Candidate, ReleaseRules, BookFacts], Drop | None]


def _first_drop(candidate: Candidate, rules: ReleaseRules, book: BookFacts, blocked: Collection[str]) -> Drop | None:
    release = candidate.release
    if any(each in blocked for each in (release.guid, (release.info_hash or "").lower()) if each):
        return _drop(candidate, DropReason.BLOCKED, "the release is on the blocklist")
    for judge in _JUDGES:
        if drop := judge(candidate, rules, book):
            return drop
    return None


def _judge_wholeness(candidate: Candidate, _rules: ReleaseRules, _book: BookFacts) -> Drop | None:
    if candidate.release.protocol is Protocol.USENET and is_partial(candidate.release.title):
        return _drop(candidate, DropReason.PARTIAL, "the post holds one part of several")
    return None


def _judge_words(candidate: Candidate, rules: ReleaseRules, _book: BookFacts) -> Drop | None:
    texts = [candidate.release.title, candidate.title, candidate.author or "", candidate.narrator or ""]
    if word := word_match(rules.reject_words, texts):
        return _drop(candidate, DropReason.REJECT_WORD, f"it has the reject word '{word}'")
    required = [word for word in rules.required_words if word.strip()]
    if required and word_match(required, texts) is None:
        return _drop(candidate, DropReason.NO_REQUIRED_WORD, f"it has none of {', '.join(required)}")
    return None


def _judge_medium(candidate: Candidate, _rules: ReleaseRules, _book: BookFacts) -> Drop | None:
    texts = [candidate.release.title, candidate.title]
    ebook = word_match(_EBOOK_WORDS, texts)
    if ebook and not word_match(_AUDIO_WORDS, texts):
        return _drop(candidate, DropReason.EBOOK, f"it is an e-book ({ebook})")
    return None


def _judge_seeders(candidate: Candidate, rules: ReleaseRules, _book: BookFacts) -> Drop | None:
    seeders = candidate.release.seeders
    if candidate.release.protocol is Protocol.TORRENT and seeders is not None and seeders < rules.min_seeders:
        return _drop(candidate, DropReason.SEEDERS, f"{seeders} seeders, {rules.min_seeders} wanted")
    return None


def _judge_size(candidate: Candidate, rules: ReleaseRules, book: BookFacts) -> Drop | None:
    size = candidate.release.size
    density = mb_per_hour(size, book.seconds)
    if rules.min_mb_per_hour and density is not None and round(density) < rules.min_mb_per_hour:
        detail = f"{density:.0f} MB per hour, {rules.min_mb_per_hour:g} wanted"
        return _drop(candidate, DropReason.DENSITY, detail)
    if size is None:
        return None
    if size < rules.min_size_bytes:
        return _drop(candidate, DropReason.TOO_SMALL, f"{_mb(size)}, at least {_mb(rules.min_size_bytes)} wanted")
    if 0 < rules.max_size_bytes < size:
        return _drop(candidate, DropReason.TOO_LARGE, f"{_mb(size)}, at most {_mb(rules.max_size_bytes)} wanted")
    return None


def _judge_language(candidate: Candidate, rules: ReleaseRules, _book: BookFacts) -> Drop | None:
    spoken, wanted = language_name(candidate.language or ""), language_names(rules.languages)
    if spoken and wanted and spoken not in wanted:
        return _drop(candidate, DropReason.LANGUAGE, f"it is in {spoken}, {' or '.join(wanted)} wanted")
    return None


_JUDGES: tuple[_Judge, ...] = (
    _judge_wholeness,
    _judge_words,
    _judge_medium,
    _judge_seeders,
    _judge_size,
    _judge_language,
)


def _drop(candidate: Candidate, reason: DropReason, detail: str) -> Drop:
    return Drop(reason, detail, candidate.release.title)


def _counts_books(before: str) -> bool:
    words = _WORD.findall(before.casefold())
    return bool(words) and words[-1] in _COUNTS_BOOKS


def _mb(size: int) -> str:
    return f"{size / _MB:.0f} MB"
