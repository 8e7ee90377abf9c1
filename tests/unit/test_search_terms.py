"""Queries and the rungs below them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.search_terms import MAX_RUNGS, keeps_both_ends, rungs, search_query


@pytest.mark.parametrize(
    ("title", "author", "query"),
    [
        ("The Final Empire", "Brandon Sanderson", "The Final Empire Brandon Sanderson"),
        ("Ender’s Game", "Orson Scott Card", "Enders Game Orson Scott Card"),
        ("Title: A Subtitle (Book 1) [x] {y}", None, "Title A Subtitle Book 1 x y"),
        ("What If?  “Yes!”", "J.R.R. Tolkien", "What If Yes J R R Tolkien"),
        ("Spider-Man & Co/2", "Žižek", "Spider-Man & Co/2 Žižek"),
        ("...", None, ""),
        ("'’\"", " ", ""),
    ],
)
def test_a_query_keeps_words_and_drops_punctuation(title: str, author: str | None, query: str) -> None:
    assert search_query(title, author) == query


def queries(title: str, author: str | None) -> list[str]:
    return [rung.query for rung in rungs(title, author)]


def test_a_plain_title_is_asked_for_with_and_without_its_author() -> None:
    assert queries("Dune", "Frank Herbert") == ["Dune Frank Herbert", "Dune"]


def test_without_an_author_nothing_is_asked_twice() -> None:
    assert queries("Dune", None) == ["Dune"]
    assert queries("Dune", " ") == ["Dune"]


def test_brackets_are_left_out_on_the_second_rung() -> None:
    assert queries("Dune (Unabridged) [2007]", None) == ["Dune Unabridged 2007", "Dune"]


def test_a_title_of_two_parts_is_cut_to_either() -> None:
    found = rungs("Mistborn: The Final Empire", "B. S.")
    assert [(rung.title, rung.author, rung.cut) for rung in found] == [
        ("Mistborn: The Final Empire", "B. S.", False),
        ("Mistborn", "B. S.", True),
        ("The Final Empire", "B. S.", True),
        ("Mistborn: The Final Empire", None, False),
        ("Mistborn", None, True),
        ("The Final Empire", None, True),
    ]


def test_a_cut_keeps_half_of_the_parts_or_the_last_or_both_ends() -> None:
    found = [rung.title for rung in rungs("One: Two: Three", None)]
    assert found == ["One: Two: Three", "One: Two", "Two: Three", "One: Three", "Three"]


def test_a_colon_after_hardly_anything_parts_no_title() -> None:
    assert [rung.title for rung in rungs("Re: Zero: Part", None)] == ["Re: Zero: Part", "Re: Zero", "Part"]


def test_there_are_eight_rungs_at_most() -> None:
    found = rungs("Aaa: Bbb: Ccc: Ddd: Eee: Fff", "Author")
    assert len(found) == MAX_RUNGS
    assert found[0].query == "Aaa Bbb Ccc Ddd Eee Fff Author"


def test_a_title_in_another_script_is_asked_for_as_it_stands_only() -> None:
    assert queries("Мастер: Маргарита", "Bulgakov") == ["Мастер Маргарита Bulgakov"]


def test_marks_on_latin_letters_are_no_other_script() -> None:
    assert len(rungs("Ødegård: Žižek", None)) == 3


@pytest.mark.parametrize("title", ["abc: " * 40, "abc: " * 3 + "x" * 2048])
def test_an_endless_title_is_never_cut(title: str) -> None:
    assert not any(rung.cut for rung in rungs(title, "Author"))


def test_nothing_to_search_for_has_no_rungs() -> None:
    assert rungs("(...)", "") == ()


def test_an_author_alone_is_asked_for_once_only() -> None:
    assert queries("...", "Plato") == ["Plato"]


@given(st.text(st.sampled_from("abcß漢é:'(&) "), max_size=60), st.none() | st.text("ab. ", max_size=5))
def test_rungs_begin_with_the_full_query_and_never_repeat(title: str, author: str | None) -> None:
    found, query = rungs(title, author), search_query(title, author)
    assert [(rung.query, rung.cut) for rung in found[:1]] == ([(query, False)] if query else [])
    assert len({(rung.query.lower(), rung.author) for rung in found}) == len(found) <= MAX_RUNGS
    assert all(rung.query for rung in found)


@pytest.mark.parametrize(
    ("release", "kept"),
    [
        ("Mistborn 01 The Final Empire", True),
        ("The Final Empire (Mistborn)", True),
        ("MISTBORN - the final empire [M4B]", True),
        ("Mistborn Secret History", False),
        ("Mistborns Final Empire", False),
    ],
)
def test_both_ends_of_a_title_are_whole_words_of_the_release(release: str, kept: bool) -> None:
    assert keeps_both_ends("Mistborn: The Final Empire", release) is kept


def test_ends_that_are_alike_must_stand_there_twice() -> None:
    assert not keeps_both_ends("Echo: Part: Echo", "Echo part")
    assert keeps_both_ends("Echo: Part: Echo", "Echo part echo")


def test_apostrophes_and_ampersands_do_not_part_ends() -> None:
    assert keeps_both_ends("Ender’s Game: War & Peace", "Enders Game war and peace")


def test_a_title_of_one_part_is_its_own_ends() -> None:
    assert keeps_both_ends("Dune", "Frank Herbert Dune")
    assert not keeps_both_ends("Dune", "Dunes")


def test_a_title_without_words_has_no_ends_to_keep() -> None:
    assert not keeps_both_ends("...", "anything")
