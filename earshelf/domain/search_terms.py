"""What indexers are asked for: one clean query, and the rungs of looser ones below it.

Release names seldom carry a book's whole title. A search begins with title and author and, while every indexer
honestly answers nothing, steps down to parts of the title and at last leaves the author out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import combining, normalize

MAX_RUNGS = 8

_MAX_TITLE_LENGTH = 2048
_MAX_SEGMENTS = 32
_MIN_SEGMENT_LENGTH = 3
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘‛ʼʹ′`´＇"))
_PUNCTUATION = dict.fromkeys(map(ord, '()[]{}.:;,?!"“”„‟'), " ")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
_EDITION_TAIL = re.compile(r"[(\[]\s*(?:unabridged|audio|audible)\s*[)\]]")
_UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})


@dataclass(frozen=True, slots=True)
class Rung:
    """One query to put to every indexer.

    ``title`` is the part of the book's title that it asks for, ``author`` is None where it leaves the author out.
    ``cut`` says that parts of the title are missing: what it finds may be another book of the same series.
    """

    query: str
    title: str
    author: str | None
    cut: bool


@dataclass(frozen=True, slots=True)
class _Variant:
    title: str
    cut: bool


def search_query(title: str, author: str | None) -> str:
    """The full query: title and author without apostrophes, other punctuation as blanks, the case as it is.

    Empty when both consist of nothing but that.
    """
    return _cleaned(f"{title} {author or ''}")


def rungs(title: str, author: str | None) -> tuple[Rung, ...]:
    """At most 8 queries from the strictest to the loosest, no two alike; none when nothing is left to search for.

    All forms of the title come with the author first, then all without. A title in another script than Latin is asked
    for as it stands only.
    """
    query = search_query(title, author)
    if not query:
        return ()
    author = author if author and _cleaned(author) else None
    found = [Rung(query, title, author, cut=False)]
    if _is_latin(title):
        found += _looser(title, author)
    distinct: dict[tuple[str, bool], Rung] = {}
    for rung in found:
        distinct.setdefault((_normalised(rung.query), rung.author is not None), rung)
    return tuple(distinct.values())[:MAX_RUNGS]


def keeps_both_ends(title: str, release_title: str) -> bool:
    """Whether a release's title has the first and the last segment of a book's title, as whole words.

    Only then may what a cut query found be grabbed without asking. A title whose ends are alike must be there twice.
    """
    ends = [_words(segment) for segment in _segments(title)]
    first, last = ends[0], ends[-1]
    found = _words(release_title)
    if not first or not last:
        return False
    if len(ends) == 1:
        return bool(_starts(found, first))
    return any(
        _starts(found[:place], last) or _starts(found[place + len(first) :], last) for place in _starts(found, first)
    )


def _looser(title: str, author: str | None) -> list[Rung]:
    variants = [variant for variant in _variants(title) if _cleaned(variant.title)]
    return [
        Rung(search_query(variant.title, name), variant.title, name, variant.cut)
        for name in dict.fromkeys([author, None])
        for variant in variants
    ]


def _variants(title: str) -> Iterator[_Variant]:
    yield _Variant(title, cut=False)
    bare = " ".join(_BRACKETED.sub(" ", title).split())
    yield _Variant(bare, cut=False)
    segments = _segments(bare)
    if len(title) <= _MAX_TITLE_LENGTH and 1 < len(segments) <= _MAX_SEGMENTS:
        yield from _cuts(segments)


def _cuts(segments: Sequence[str]) -> Iterator[_Variant]:
    """Fewer and fewer segments from either end; at least half of them, or the last alone, or first and last."""
    least = -(-len(segments) // 2)
    for count in range(len(segments) - 1, 0, -1):
        prefix, suffix = segments[:count], segments[-count:]
        if _filled(prefix) >= least:
            yield _Variant(": ".join(prefix), cut=True)
        if count == 1 or _filled(suffix) >= least:
            yield _Variant(": ".join(suffix), cut=True)
        if count == 2:
            yield _Variant(f"{segments[0]}: {segments[-1]}", cut=True)


def _filled(segments: Sequence[str]) -> int:
    return sum(bool(_cleaned(segment)) for segment in segments)


def _segments(title: str) -> list[str]:
    """The title split at its colons, except where hardly anything stands before one (``Re: Zero``)."""
    segments: list[str] = []
    pending = ""
    *heads, last = title.split(":")
    for head in heads:
        pending += head
        if len(pending.strip()) >= _MIN_SEGMENT_LENGTH:
            segments.append(pending.strip())
            pending = ""
        else:
            pending += ":"
    return [*segments, (pending + last).strip()]


def _cleaned(text: str) -> str:
    return " ".join(text.translate(_APOSTROPHES).translate(_PUNCTUATION).split())


def _normalised(text: str) -> str:
    """How two queries are compared: Latin letters without marks, digits and blanks."""
    lowered = _EDITION_TAIL.sub(" ", _without_marks(text.lower()))
    joined = re.sub(r"[&+]", " and ", lowered.translate(_APOSTROPHES))
    return " ".join(re.sub(r"[^a-z0-9 ]", " ", joined).split())


def _without_marks(text: str) -> str:
    return "".join(letter for letter in normalize("NFKD", text.translate(_UNDECOMPOSED)) if not combining(letter))


def _is_latin(title: str) -> bool:
    """Whether nothing is lost when letters lose their marks."""
    return all(letter.isascii() for letter in _without_marks(title.lower()) if letter.isalnum())


def _words(text: str) -> list[str]:
    return _normalised(text).split()


def _starts(words: Sequence[str], phrase: Sequence[str]) -> list[int]:
    """Every place where the phrase begins."""
    last = len(words) - len(phrase)
    return [place for place in range(last + 1) if words[place : place + len(phrase)] == phrase]
