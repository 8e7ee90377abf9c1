"""Whole-word search and the names of languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.wording import language_in, language_name, word_match


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("Abridged", "Title (ABRIDGED)"),
        ("abridged", "Title_abridged_2010"),
        ("Free Excerpt", "A free.excerpt of Title"),
        ("Free Excerpt", "Free   Excerpt"),
        ("C++", "Learning C++ aloud"),
        ("Straße", "Die STRASSE"),
        ("café", "Cafe\u0301 Society"),
    ],
)
def test_a_whole_word_is_found_whatever_its_case_and_surroundings(word: str, text: str) -> None:
    assert word_match([word], ["nothing", text]) == word


@pytest.mark.parametrize(
    ("word", "text"),
    [("Abridged", "Unabridged"), ("Sample", "Samples"), ("Free Excerpt", "Freely Excerpt"), ("", "x"), ("  ", "x")],
)
def test_a_part_of_a_word_is_not_found(word: str, text: str) -> None:
    assert word_match([word], [text]) is None


def test_the_first_word_that_matches_is_named() -> None:
    assert word_match(["absent", "Two", "one"], ["one two"]) == "Two"


def test_nothing_matches_in_no_texts() -> None:
    assert word_match(["x"], []) is None


@given(st.text(min_size=1), st.text(), st.text())
def test_a_word_between_blanks_is_always_found(word: str, before: str, after: str) -> None:
    found = word_match([word], [f"{before} {word} {after}"])
    assert found == (word if word.split() else None)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("English", "english"),
        ("en", "english"),
        ("ENG", "english"),
        ("en-US", "english"),
        ("English (UK)", "english"),
        ("ger", "german"),
        ("Deutsch", "german"),
        ("français", "french"),
        ("Klingon", "klingon"),
        (" ", None),
        ("", None),
        ("0", None),
        ("xx", None),
        ("Unknown", None),
        ("2 languages", None),
    ],
)
def test_languages_have_one_name_each(text: str, name: str | None) -> None:
    assert language_name(text) == name


@pytest.mark.parametrize(
    ("release", "name"),
    [
        ("Autor - Titel [German] (2010)", "german"),
        ("Titre (FR)", "french"),
        ("Title (it) (fin)", None),
        ("The English Patient", None),
        ("Title (Unabridged)", None),
    ],
)
def test_a_release_states_its_language_in_brackets_only(release: str, name: str | None) -> None:
    assert language_in(release) == name
