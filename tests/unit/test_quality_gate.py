"""What goes into the library by itself, and what a person looks at first."""

from earshelf.domain.quality_gate import Verdict, judge
from tests.contract.suites.makers import a_book, a_file


def test_anything_that_holds_audio_is_accepted() -> None:
    judgement = judge(a_book(), ["01.mp3"], source="/downloads/book")
    assert (judgement.verdict, judgement.reason) == (Verdict.ACCEPT, None)


def test_a_download_without_audio_is_held_and_named() -> None:
    judgement = judge(a_book(), [], source="/downloads/book")
    assert (judgement.verdict, judgement.reason) == (Verdict.HOLD, "'/downloads/book' holds no audio file")


def test_a_book_on_the_shelf_is_replaced_only_when_a_person_says_so() -> None:
    judgement = judge(a_book(files=(a_file(),)), ["01.mp3"], source="/downloads/book")
    assert judgement.verdict is Verdict.HOLD
    assert "approve" in (judgement.reason or "")


def test_missing_audio_is_told_before_the_replacement() -> None:
    assert "no audio" in (judge(a_book(files=(a_file(),)), [], source="/downloads/book").reason or "")
