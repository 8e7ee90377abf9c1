"""How well a release fits, and which of several goes first."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.matching import (
    BookFacts,
    Candidate,
    MatchScore,
    ReleaseRules,
    dice,
    match_score,
    mb_per_hour,
    rank,
)
from earshelf.domain.releases import Protocol, Release

BOOK = BookFacts(title="The Martian", authors=("Andy Weir",), narrators=("R. C. Bray", "Wil Wheaton"), seconds=36_000)
MB = 2**20


def candidate(
    name: str = "x",
    *,
    score: float | None = 0.9,
    size: int | None = 500 * MB,
    protocol: Protocol = Protocol.TORRENT,
    seeders: int | None = None,
    language: str | None = None,
    priority: int = 50,
    grabs: int | None = None,
    narrator: str | None = None,
) -> Candidate:
    return Candidate(
        release=Release(f"http://x/{name}", name, protocol, size=size, seeders=seeders),
        title=name,
        narrator=narrator,
        indexer_priority=priority,
        grabs=grabs,
        language=language,
        score=MatchScore(score),
    )


def order(
    *candidates: Candidate,
    rules: ReleaseRules | None = None,
    book: BookFacts = BOOK,
    prefer_narrator: bool = False,
) -> list[str]:
    ranked = rank(candidates, rules or ReleaseRules(), book, prefer_narrator=prefer_narrator)
    return [each.title for each in ranked]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("night", "nacht", 0.25),
        ("Dune", " dUNE ", 1.0),
        ("a", "a", 1.0),
        ("a", "ab", 0.0),
        ("", "", 0.0),
        ("abc", "xyz", 0.0),
        ("aaaa", "aa", 0.5),
    ],
)
def test_likeness_counts_shared_pairs_of_letters(one: str, other: str, alike: float) -> None:
    assert dice(one, other) == pytest.approx(alike)


@given(st.text(), st.text())
def test_likeness_is_a_share_and_goes_both_ways(one: str, other: str) -> None:
    assert 0 <= dice(one, other) <= 1
    assert dice(one, other) == dice(other, one)
    assert dice(one, one) == (1.0 if one.strip() else 0.0)


def test_title_weighs_more_than_author() -> None:
    right_title = match_score(title="The Martian", author="qqq", book=BOOK)
    right_author = match_score(title="qqq", author="Andy Weir", book=BOOK)
    assert right_title.value == pytest.approx(0.6)
    assert right_author.value == pytest.approx(0.4)


def test_a_side_that_is_unknown_counts_for_neither() -> None:
    assert match_score(title="The Martian", author=None, book=BOOK).value == 1.0
    assert match_score(title="The Martian", author=" ", book=BOOK).value == 1.0
    assert match_score(title="The Martian", author="Anybody", book=BookFacts(title="The Martian")).value == 1.0


def test_nothing_to_compare_is_no_score_rather_than_zero() -> None:
    assert match_score(title="", author=None, book=BOOK).value is None


def test_a_score_says_what_it_compared() -> None:
    score = match_score(title="The Martian", author=None, book=BOOK)
    assert score.reasons == (
        "title 'The Martian' is 100% alike to 'The Martian'",
        "author not compared: the release names none",
    )


@given(st.text(), st.none() | st.text(), st.text(), st.lists(st.text(), max_size=2).map(tuple))
def test_every_score_is_a_share_or_unknown(
    title: str, author: str | None, book_title: str, authors: tuple[str, ...]
) -> None:
    score = match_score(title=title, author=author, book=BookFacts(title=book_title, authors=authors))
    assert score.value is None or 0 <= score.value <= 1
    assert len(score.reasons) == 2


@pytest.mark.parametrize(
    ("size", "seconds", "density"),
    [(300 * MB, 36_000, 30.0), (None, 36_000, None), (300 * MB, None, None), (300 * MB, 0, None), (0, 36_000, None)],
)
def test_density_is_megabytes_per_hour_of_listening(
    size: int | None, seconds: int | None, density: float | None
) -> None:
    assert mb_per_hour(size, seconds) == density


def test_a_clearly_better_match_goes_first() -> None:
    assert order(candidate("b", score=0.5, size=900 * MB), candidate("a", score=0.9)) == ["a", "b"]


def test_a_slightly_better_match_leaves_the_word_to_density() -> None:
    assert order(candidate("a", score=0.92, size=400 * MB), candidate("b", score=0.88)) == ["b", "a"]


def test_an_unknown_match_goes_last() -> None:
    assert order(candidate("a", score=None), candidate("b", score=0.0)) == ["b", "a"]


def test_the_right_narrator_goes_first_only_where_it_is_wished() -> None:
    both = candidate("loud", size=900 * MB), candidate("right", narrator="RC Bray")
    assert order(*both) == ["loud", "right"]
    assert order(*both, prefer_narrator=True) == ["right", "loud"]


def test_one_right_narrator_of_several_is_enough() -> None:
    both = candidate("loud", size=900 * MB), candidate("right", narrator="Somebody and Will Wheaton")
    assert order(*both, prefer_narrator=True) == ["right", "loud"]


def test_the_right_narrator_in_poor_sound_has_no_advantage() -> None:
    both = candidate("loud", size=900 * MB), candidate("poor", size=100 * MB, narrator="R. C. Bray")
    assert order(*both, prefer_narrator=True) == ["loud", "poor"]


def test_without_a_duration_size_does_not_count() -> None:
    both = candidate("large", size=900 * MB, priority=2), candidate("small", size=MB, priority=1)
    assert order(*both) == ["large", "small"]
    assert order(*both, book=replace(BOOK, seconds=None)) == ["small", "large"]


def test_an_unknown_size_goes_after_any_known_one() -> None:
    assert order(candidate("a", size=None), candidate("b", size=1)) == ["b", "a"]


def test_the_preferred_protocol_goes_first() -> None:
    both = candidate("a"), candidate("b", protocol=Protocol.USENET)
    assert order(*both) == ["a", "b"]
    assert order(*both, rules=ReleaseRules(protocol_preference=Protocol.USENET)) == ["b", "a"]


def test_the_primary_language_goes_before_the_others() -> None:
    found = [
        candidate("other", language="fr"),
        candidate("second", language="German"),
        candidate("first", language="en"),
    ]
    rules = ReleaseRules(languages=("english", "de"))
    assert order(*found, rules=rules) == ["first", "second", "other"]
    assert order(candidate("b", language="de"), candidate("a"), rules=rules) == ["a", "b"]


def test_priority_then_grabs_then_seeders_decide_among_equals() -> None:
    found = [
        candidate("seeded", seeders=9, grabs=1),
        candidate("grabbed", grabs=5),
        candidate("near", priority=1),
        candidate("plain", grabs=1),
    ]
    assert order(*found) == ["near", "grabbed", "seeded", "plain"]


CANDIDATES = st.lists(
    st.builds(
        candidate,
        st.text("abc", min_size=1, max_size=2),
        score=st.none() | st.floats(0, 1),
        size=st.none() | st.integers(1, 2**40),
        protocol=st.sampled_from(Protocol),
        seeders=st.none() | st.integers(0, 3),
        language=st.sampled_from([None, "english", "de", "xx"]),
        priority=st.integers(0, 2),
        grabs=st.none() | st.integers(0, 3),
        narrator=st.sampled_from([None, "R. C. Bray", "Nobody"]),
    ),
    max_size=8,
    unique_by=lambda each: each.release.download_url,
)


@given(CANDIDATES, st.randoms(use_true_random=False), st.booleans())
def test_the_order_does_not_depend_on_the_order_given(
    candidates: list[Candidate], dice_cup: random.Random, prefer_narrator: bool
) -> None:
    rules = ReleaseRules(languages=("english", "german"), protocol_preference=Protocol.USENET)
    shuffled = list(candidates)
    dice_cup.shuffle(shuffled)
    ranked = rank(candidates, rules, BOOK, prefer_narrator=prefer_narrator)
    assert rank(shuffled, rules, BOOK, prefer_narrator=prefer_narrator) == ranked
    assert sorted(each.title for each in ranked) == sorted(each.title for each in candidates)
