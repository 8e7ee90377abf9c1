"""Whether a finished download may go into the library by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from earshelf.domain.books import Book


class Verdict(StrEnum):
    """What the gate decides: in it goes, or a person looks first."""

    ACCEPT = "accept"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and for a hold the sentence that says why."""

    verdict: Verdict
    reason: str | None = None


def judge(book: Book, audio_files: Sequence[str], *, source: str) -> Judgement:
    """Accepts anything that holds audio, except in place of a book that is on the shelf already."""
    if not audio_files:
        return Judgement(Verdict.HOLD, f"'{source}' holds no audio file")
    if book.files:
        return Judgement(Verdict.HOLD, "The library has this book; approve to replace its files")
    return Judgement(Verdict.ACCEPT)
