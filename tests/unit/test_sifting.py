"""What is left out of a search, and the reason given for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.matching import BookFacts, Candidate, ReleaseRules
from earshelf.domain.releases import Protocol, Release
from earshelf.domain.sifting import DropReason, is_partial, sift

BOOK = BookFacts(title="T", seconds=36_000)
MB = 2**20


def torrent(title: str = "T", *, size: int | None = None, seeders: int | None = None) -> Candidate:
    return Candidate(Release("http://x", title, Protocol.TORRENT, size=size, seeders=seeders), title)


def usenet(title: str) -> Candidate:
    return Candidate(Release("http://x", title, Protocol.USENET), title)


def reason(candidate: Candidate, rules: ReleaseRules | None = None, book: BookFacts = BOOK) -> DropReason | None:
    found = sift([candidate], rules or ReleaseRules(), book)
    assert len(found.kept) + len(found.drops) == 1
    return found.drops[0].reason if found.drops else None


def test_a_blocked_release_is_known_by_its_guid_or_its_hash_in_any_case() -> None:
    by_guid = Candidate(Release("http://x", "A", Protocol.USENET, guid="Guid-1"), "A")
    by_hash = Candidate(Release("http://x", "B", Protocol.TORRENT, info_hash="ABCDEF"), "B")
    free = Candidate(Release("http://x", "C", Protocol.TORRENT, guid="guid-1"), "C")
    found = sift([by_guid, by_hash, free], ReleaseRules(), BOOK, blocked={"Guid-1", "abcdef"})
    assert found.kept == (free,)
    assert found.counts == {DropReason.BLOCKED: 2}


def test_a_release_without_identifiers_is_never_blocked() -> None:
    assert sift([torrent()], ReleaseRules(), BOOK, blocked={""}).kept == (torrent(),)


@pytest.mark.parametrize(
    "name", ['T "08" of "30"', "T 8 of 30", "T (3/12)", "T [03/12] x", "T - Part 2 of 5", "Audiobook 2 of 5 T"]
)
def test_a_post_of_one_part_is_dropped_from_usenet_only(name: str) -> None:
    assert is_partial(name)
    assert reason(usenet(name)) is DropReason.PARTIAL
    assert reason(torrent(name)) is None


@pytest.mark.parametrize(
    "name",
    ["T Book 2 of 5", "T, Vol. 2 of 5", "T volume 2 of 5", "T #2 of 5", "T 1 of 1", "T (1/1)", "Lord of 2 Rings", "T"],
)
def test_a_book_of_a_series_is_whole(name: str) -> None:
    assert not is_partial(name)


def test_reject_words_are_whole_words_of_any_name() -> None:
    rules = ReleaseRules(reject_words=("Abridged", "Virtual Voice"))
    assert reason(torrent("T (abridged)"), rules) is DropReason.REJECT_WORD
    assert reason(torrent("T Unabridged"), rules) is None
    narrated = Candidate(torrent().release, "T", narrator="Virtual Voice")
    written = Candidate(torrent().release, "T", author="Virtual Voice")
    assert reason(narrated, rules) is DropReason.REJECT_WORD
    assert reason(written, rules) is DropReason.REJECT_WORD


def test_one_required_word_is_enough() -> None:
    rules = ReleaseRules(required_words=("m4b", "flac"))
    assert reason(torrent("T [M4B]"), rules) is None
    assert reason(torrent("T [MP3]"), rules) is DropReason.NO_REQUIRED_WORD
    assert reason(torrent("T"), ReleaseRules(required_words=(" ",))) is None


@pytest.mark.parametrize("name", ["T.epub", "T [PDF]", "T_azw3_x", "T MOBI"])
def test_an_ebook_is_dropped_unless_audio_comes_with_it(name: str) -> None:
    assert reason(torrent(name)) is DropReason.EBOOK
    assert reason(torrent(name + " + MP3")) is None


def test_too_few_seeders_count_for_torrents_that_say_so() -> None:
    rules = ReleaseRules(min_seeders=2)
    assert reason(torrent(seeders=1), rules) is DropReason.SEEDERS
    assert reason(torrent(seeders=2), rules) is None
    assert reason(torrent(seeders=None), rules) is None
    assert reason(usenet("T"), rules) is None


def test_thin_sound_is_dropped_where_size_and_duration_are_known() -> None:
    rules = ReleaseRules(min_mb_per_hour=30)
    assert reason(torrent(size=290 * MB), rules) is DropReason.DENSITY
    assert reason(torrent(size=296 * MB), rules) is None
    assert reason(torrent(size=None), rules) is None
    assert reason(torrent(size=MB), rules, BookFacts(title="T")) is None


def test_sizes_out_of_bounds_are_dropped_where_they_are_known() -> None:
    rules = ReleaseRules(min_size_bytes=50 * MB, max_size_bytes=100 * MB)
    assert reason(torrent(size=50 * MB - 1), rules) is DropReason.TOO_SMALL
    assert reason(torrent(size=50 * MB), rules) is None
    assert reason(torrent(size=100 * MB), rules) is None
    assert reason(torrent(size=100 * MB + 1), rules) is DropReason.TOO_LARGE
    assert reason(torrent(size=None), rules) is None
    assert reason(torrent(size=10**15)) is None


def test_another_language_is_dropped_and_an_unknown_one_passes() -> None:
    rules = ReleaseRules(languages=("english",))

    def speaking(language: str | None) -> Candidate:
        return Candidate(torrent().release, "T", language=language)

    assert reason(speaking("de"), rules) is DropReason.LANGUAGE
    assert reason(speaking("ENG"), rules) is None
    assert reason(speaking(None), rules) is None
    assert reason(speaking("unknown"), rules) is None
    assert reason(speaking("de")) is None


def test_the_first_reason_in_order_is_the_one_that_counts() -> None:
    rules = ReleaseRules(reject_words=("sample",), min_seeders=5)
    found = sift([torrent("Sample.epub", seeders=0), torrent("T.epub", seeders=0)], rules, BOOK)
    assert [drop.reason for drop in found.drops] == [DropReason.REJECT_WORD, DropReason.EBOOK]


def test_a_drop_says_what_was_left_out_and_exactly_why() -> None:
    drop = sift([torrent("T", seeders=1)], ReleaseRules(min_seeders=3), BOOK).drops[0]
    assert (drop.title, drop.detail) == ("T", "1 seeders, 3 wanted")


@given(st.lists(st.builds(usenet, st.text("a 12of/()[]", max_size=15)), max_size=6))
def test_every_release_is_kept_or_dropped_and_kept_in_order(candidates: list[Candidate]) -> None:
    found = sift(candidates, ReleaseRules(), BOOK)
    assert len(found.kept) + len(found.drops) == len(candidates)
    assert list(found.kept) == [each for each in candidates if not is_partial(each.title)]
    assert sum(found.counts.values()) == len(found.drops)
