"""What release names say, in the many ways in which they are written."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.release_names import ReleaseName, parse_release_name


@pytest.mark.parametrize(
    ("name", "author", "title"),
    [
        ("Andy Weir - The Martian", "Andy Weir", "The Martian"),
        ("Andy Weir – The Martian", "Andy Weir", "The Martian"),
        ("Andy Weir-The Martian", "Andy Weir", "The Martian"),
        ("Andy_Weir-The_Martian-AUDiOBOOK-WEB-EN-2013-GRP", "Andy Weir", "The Martian"),
        ("Andy.Weir.-.The.Martian.2013.Unabridged.m4b", "Andy Weir", "The Martian"),
        ("The Martian by Andy Weir [MP3 64kbps]", "Andy Weir", "The Martian"),
        ("Good Omens by Terry Pratchett and Neil Gaiman", "Terry Pratchett and Neil Gaiman", "Good Omens"),
        ("Andy Weir - The Martian [English / M4B] (Audiobook)", "Andy Weir", "The Martian"),
        ('(01/10) - "Andy Weir - The Martian.part01.rar" yEnc', "Andy Weir", "The Martian"),
        ("Re: REQ: Andy Weir - The Martian 512 MB", "Andy Weir", "The Martian"),
        ("Andy Weir - The Martian 01 of 10.nzb", "Andy Weir", "The Martian"),
        ("George Orwell - 1984", "George Orwell", "1984"),
        ("Douglas Adams - 1979 - The Guide", "Douglas Adams", "The Guide"),
    ],
)
def test_author_and_title_are_told_apart(name: str, author: str, title: str) -> None:
    read = parse_release_name(name)
    assert (read.author, read.title) == (author, title)


@pytest.mark.parametrize(
    ("name", "author", "series", "position", "title"),
    [
        ("Jo Doe's Saga, Book 2 - Second", "Jo Doe", "Saga", 2.0, "Second"),
        ("Jo Doe - Saga 02 - Second", "Jo Doe", "Saga", 2.0, "Second"),
        ("Jo Doe - The Long Saga, Book 2.5 - Half", "Jo Doe", "The Long Saga", 2.5, "Half"),
        ("Jo Doe - [Saga #3] - Third", "Jo Doe", "Saga", 3.0, "Third"),
    ],
)
def test_a_series_stands_between_author_and_title(
    name: str, author: str, series: str, position: float, title: str
) -> None:
    read = parse_release_name(name)
    assert (read.author, read.series, read.position, read.title) == (author, series, position, title)


@pytest.mark.parametrize("name", ["The Martian", "Spider-Man", "Stand by Me", "2001 A Space Odyssey", "01 - Intro"])
def test_a_name_in_no_known_shape_is_all_title(name: str) -> None:
    assert parse_release_name(name) == ReleaseName(raw=name, title=name)


@pytest.mark.parametrize(
    "name",
    [
        "Andy Weir - The Martian (read by R. C. Bray) [2013]",
        "Andy Weir - The Martian narrated by R. C. Bray (Unabridged)",
        "Andy Weir - The Martian - Narrated by: R. C. Bray - 64kbps",
        "Andy_Weir_-_The_Martian_read_by_R._C._Bray_unabridged",
    ],
)
def test_the_narrator_is_taken_out_of_the_title(name: str) -> None:
    read = parse_release_name(name)
    assert (read.author, read.title, read.narrator) == ("Andy Weir", "The Martian", "R. C. Bray")


def test_who_wrote_and_narrated_is_author_too() -> None:
    read = parse_release_name("Coraline, written and narrated by Neil Gaiman")
    assert (read.author, read.narrator, read.title) == ("Neil Gaiman", "Neil Gaiman", "Coraline")


def test_bread_by_a_baker_is_no_narrator() -> None:
    assert parse_release_name("Bread by Hand").narrator is None


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("A B - C (2010)", 2010),
        ("A B - C [2010-08-31]", 2010),
        ("Abe - 2010 - C", 2010),
        ("Abe - Title 2010", 2010),
        ("Abe - 1984 (2007)", 2007),
        ("Abe - 1984", None),
        ("2001 A Space Odyssey", None),
        ("Blade Runner 2049", None),
    ],
)
def test_a_year_is_one_only_where_it_is_no_title(name: str, year: int | None) -> None:
    assert parse_release_name(name).year == year


@pytest.mark.parametrize(
    ("name", "unabridged"), [("T (Unabridged)", True), ("T [ABRIDGED]", False), ("T", None), ("T.Unabridged.x.y", True)]
)
def test_an_edition_is_known_only_where_it_is_named(name: str, unabridged: bool | None) -> None:
    assert parse_release_name(name).unabridged is unabridged


@pytest.mark.parametrize(("name", "kind"), [("T [M4B]", "m4b"), ("T.mp3", "mp3"), ("T_FLAC_x", "flac"), ("Mp3s", None)])
def test_the_format_is_read_as_a_whole_word(name: str, kind: str | None) -> None:
    assert parse_release_name(name).format == kind


def test_a_bare_hash_is_left_alone() -> None:
    name = "d41d8cd98f00b204e9800998ecf8427e"
    assert parse_release_name(f" {name} ") == ReleaseName(raw=f" {name} ", title=name)


@given(st.text() | st.text("Aa1 -.()[]'\"by,#/_–", max_size=60))
def test_any_name_has_a_title_unless_it_is_blank(name: str) -> None:
    read = parse_release_name(name)
    assert read.raw == name
    assert bool(read.title) == bool(name.strip())
    assert read.author != ""
    assert read.narrator != ""


@pytest.mark.parametrize(
    "unit", ["a ", "(1/10) ", "- ", "A", "[( ", "narrated by ", "Aa ", "1 of 2 ", "by A ", "[mp3 ", "eng", "Aa - "]
)
def test_no_name_keeps_the_reader_busy(unit: str) -> None:
    begun = time.process_time()
    parse_release_name(unit * 20_000)
    assert time.process_time() - begun < 1
