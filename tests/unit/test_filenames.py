"""File names that every file system takes, and natural order."""

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from earshelf.domain.filenames import (
    MAX_NAME_BYTES,
    cut,
    distinct_names,
    extension,
    in_natural_order,
    plain_text,
    safe_name,
    stem,
)

ANY_TEXT = st.one_of(st.text(), st.text("./\\ :con\u0301ß\ud800\u202e(1)é漢", max_size=300))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('A<B>C:D"E/F\\G|H?I*J', "ABCDEFGHIJ"),
        ("  two   words\t\n", "two words"),
        ("ends with dots...", "ends with dots"),
        (".hidden", "hidden"),
        ("..", "Unknown"),
        ("", "Unknown"),
        ("???", "Unknown"),
        ("bell\x07\x00", "bell"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("cafe\u0301", "café"),
        ("Book.import-bak", "Book"),
        ("Book.IMPORT-TMP.import-commit-pending", "Book"),
        ("!!!", "!!!"),
    ],
)
def test_a_name_loses_only_what_file_systems_forbid(text: str, name: str) -> None:
    assert safe_name(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [("CON", "CON_"), ("nul.mp3", "nul_.mp3"), ("Com1 .x", "Com1_.x"), ("LPT²", "LPT²_"), ("Connie", "Connie")],
)
def test_windows_devices_are_never_named(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_a_long_name_is_cut_at_bytes_and_between_characters() -> None:
    assert safe_name("漢" * 200) == "漢" * 85
    assert safe_name("x" + "漢" * 200) == "x" + "漢" * 84


def test_a_cut_never_parts_a_letter_from_its_accent() -> None:
    assert cut("ab" + "q\u0323\u0307", 4) == "ab"
    assert cut("abq\u0323", 5) == "abq\u0323"


@given(ANY_TEXT)
@example("NUL" + "." * 300 + "x")
@example("a" * 254 + " b")
@example("x" * 250 + ".import-tmp")
def test_any_text_becomes_one_harmless_segment(text: str) -> None:
    name = safe_name(text)
    assert 0 < len(name.encode()) <= MAX_NAME_BYTES
    assert not set(name) & set('<>:"/\\|?*\0')
    assert not name.startswith((".", " "))
    assert not name.endswith((".", " "))
    assert name.partition(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}


@given(ANY_TEXT)
def test_a_safe_name_stays_as_it_is(text: str) -> None:
    assert safe_name(safe_name(text)) == safe_name(text)


@given(ANY_TEXT)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert plain_text(plain_text(text)) == plain_text(text)


@pytest.mark.parametrize(
    ("path", "ending", "rest"),
    [
        ("A/Track.MP3", ".mp3", "Track"),
        ("A\\Track.m4b", ".m4b", "Track"),
        ("A.B/track", "", "track"),
        (".mp3", "", ".mp3"),
        ("Vol. 1", "", "Vol. 1"),
        ("a.tar.gz", ".gz", "a.tar"),
        ("a.m?3", "", "a.m?3"),
    ],
)
def test_the_extension_is_the_last_short_word_after_a_dot(path: str, ending: str, rest: str) -> None:
    assert extension(path) == ending
    assert stem(path) == rest


def test_numbers_sort_by_value() -> None:
    assert in_natural_order(["track10.mp3", "track2.mp3", "Track1.mp3"]) == ["Track1.mp3", "track2.mp3", "track10.mp3"]


def test_a_bare_name_comes_before_its_copies() -> None:
    shuffled = ["Book (10).mp3", "Book (2).mp3", "Book.mp3", "Book (1).mp3"]
    assert in_natural_order(shuffled) == ["Book.mp3", "Book (1).mp3", "Book (2).mp3", "Book (10).mp3"]


def test_folders_sort_before_what_they_hold() -> None:
    shuffled = ["CD 10/1.mp3", "CD 2/2.mp3", "CD 2/10.mp3", "CD 2/1.mp3"]
    assert in_natural_order(shuffled) == ["CD 2/1.mp3", "CD 2/2.mp3", "CD 2/10.mp3", "CD 10/1.mp3"]


def test_a_number_of_any_length_is_compared() -> None:
    long, longer = "1" * 5000, "1" * 5001
    assert in_natural_order([longer, long, "2"]) == ["2", long, longer]


@given(st.lists(st.text("aA0129 ().\\/é²", max_size=8), unique=True), st.randoms(use_true_random=False))
def test_natural_order_does_not_depend_on_the_order_given(paths: list[str], dice: random.Random) -> None:
    shuffled = list(paths)
    dice.shuffle(shuffled)
    assert in_natural_order(shuffled) == in_natural_order(paths)


def test_only_colliding_stems_get_ordinals() -> None:
    names = distinct_names(["Title", "Other", "TITLE", "title"], [".mp3"] * 4)
    assert names == ["Title - 01.mp3", "Other.mp3", "TITLE - 02.mp3", "title - 03.mp3"]


def test_ordinals_are_as_wide_as_their_count_needs() -> None:
    names = distinct_names(["T"] * 100, [".mp3"] * 100)
    assert (names[0], names[-1]) == ("T - 001.mp3", "T - 100.mp3")


def test_an_ordinal_steps_aside_for_a_file_that_has_the_name_already() -> None:
    names = distinct_names(["T", "T", "T - 01"], [".mp3"] * 3)
    assert names == ["T - 001.mp3", "T - 002.mp3", "T - 01.mp3"]


def test_stems_collide_whatever_their_extension() -> None:
    assert distinct_names(["T", "T"], [".mp3", ".m4b"]) == ["T - 01.mp3", "T - 02.m4b"]


def test_numbered_names_still_fit() -> None:
    for name in distinct_names(["漢" * 90, "漢" * 91], [".mp3", ".mp3"]):
        assert len(name.encode()) <= MAX_NAME_BYTES


@given(st.lists(st.tuples(st.one_of(st.sampled_from(["T", "t", "T - 01", "ß", "SS"]), ANY_TEXT), st.just(".mp3"))))
def test_no_two_names_are_one_file_without_case(pairs: list[tuple[str, str]]) -> None:
    names = distinct_names([each for each, _ in pairs], [ext for _, ext in pairs])
    assert len({name.casefold() for name in names}) == len(pairs)
    assert len({name.lower() for name in names}) == len(pairs)
    assert all(name.endswith(".mp3") and len(name.encode()) <= MAX_NAME_BYTES for name in names)
