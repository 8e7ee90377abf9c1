"""Templates for folders and files, and what they render."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.errors import TemplateInvalid
from earshelf.domain.filenames import MAX_NAME_BYTES
from earshelf.domain.filing import last_first, without_article
from earshelf.domain.naming import (
    DEFAULT_FILE_FORMAT,
    DEFAULT_FOLDER_FORMAT,
    FILE_TOKENS,
    FOLDER_TOKENS,
    LetterCase,
    NamingFacts,
    NamingStyle,
    NamingTemplate,
    TemplateKind,
    WordSeparator,
    file_names,
    folder_segments,
)

BOOK = NamingFacts(
    title="The Final Empire",
    authors=("Brandon Sanderson", "Somebody Else"),
    narrators=("Michael Kramer",),
    series="Mistborn",
    position=1.0,
    published="2006-07-17",
)
ANY_TEXT = st.one_of(st.text(), st.text("./\\ ()[]{}?:c\u0301\ud800\u202e漢", max_size=300))
FACTS = st.builds(
    NamingFacts,
    title=ANY_TEXT,
    authors=st.lists(ANY_TEXT, max_size=2).map(tuple),
    narrators=st.lists(ANY_TEXT, max_size=2).map(tuple),
    series=st.none() | ANY_TEXT,
    position=st.none() | st.floats(),
    published=st.none() | ANY_TEXT,
    edition=st.none() | ANY_TEXT,
)
STYLES = st.builds(NamingStyle, separator=st.sampled_from(WordSeparator), case=st.sampled_from(LetterCase))


def folder(text: str, facts: NamingFacts = BOOK, style: NamingStyle | None = None) -> str:
    template = NamingTemplate.parse(text, TemplateKind.FOLDER)
    return "/".join(folder_segments(template, facts, style or NamingStyle()))


def files(text: str, sources: list[str], facts: NamingFacts = BOOK) -> list[str]:
    return file_names(NamingTemplate.parse(text, TemplateKind.FILE), facts, sources)


def test_the_default_formats_name_author_and_title() -> None:
    assert folder(DEFAULT_FOLDER_FORMAT) == "Brandon Sanderson/The Final Empire"
    assert files(DEFAULT_FILE_FORMAT, ["x.M4B"]) == ["Brandon Sanderson - The Final Empire.m4b"]


@pytest.mark.parametrize(
    ("token", "value"),
    [
        ("{author}", "Brandon Sanderson"),
        ("{authorLastFirst}", "Sanderson, Brandon"),
        ("{titleSort}", "Final Empire"),
        ("{series}", "Mistborn"),
        ("{seriesPosition}", "1"),
        ("{seriesPosition:00}", "01"),
        ("{series:00}", "Mistborn"),
        ("{year}", "2006"),
        ("{narrator}", "Michael Kramer"),
        ("{narratorLastFirst}", "Kramer, Michael"),
        ("{series? - }", "Mistborn -"),
        ("{Book ?seriesPosition}", "Book 1"),
        ("{Book ?seriesPosition:000?.}x", "Book 001.x"),
        ("{edition?!}x", "x"),
        ("{in ?edition?!}x", "x"),
        ("{series ?seriesPosition}", "series 1"),
        ("{series?seriesPosition}", "MistbornseriesPosition"),
    ],
)
def test_every_token_renders_its_value(token: str, value: str) -> None:
    assert folder("{title}/" + token) == f"The Final Empire/{value}"


@pytest.mark.parametrize(
    ("position", "text"), [(0.0, "00"), (2.5, "02.5"), (12.0, "12"), (123.0, "123"), (float("nan"), ""), (None, "")]
)
def test_a_position_is_padded_before_its_point(position: float | None, text: str) -> None:
    assert folder("{title} x{seriesPosition:00}", NamingFacts(title="T", position=position)) == f"T x{text}"


def test_a_slash_inside_a_token_parts_folders_only_where_there_is_a_value() -> None:
    assert folder("{author}/{series?/}{title}") == "Brandon Sanderson/Mistborn/The Final Empire"
    assert folder("{author}/{series?/}{title}", NamingFacts(title="T", authors=("A",))) == "A/T"


def test_a_slash_in_a_value_never_parts_folders() -> None:
    assert folder("{author}/{title}", NamingFacts(title="../../etc", authors=("AC/DC",))) == "ACDC/etc"


def test_folders_that_come_out_blank_are_left_out() -> None:
    assert folder("{author}/{series}/{title}", NamingFacts(title="T", authors=("A",))) == "A/T"


@pytest.mark.parametrize("template", ["{title} ({year})", "{title} [{year}]", "{title} ([{year}])", "({year}) {title}"])
def test_brackets_that_end_up_empty_vanish(template: str) -> None:
    assert folder(template, NamingFacts(title="T")) == "T"


@pytest.mark.parametrize("title", ["", "???", "()", "[ ( ) ]", "...", "\0"])
def test_a_title_that_leaves_nothing_still_gets_a_folder_of_its_own(title: str) -> None:
    assert folder("{author}/{title}", NamingFacts(title=title, authors=("A",))) == "A/Unknown"


@pytest.mark.parametrize("author", [" ", "[]", "...", "??"])
def test_a_book_without_a_usable_author_is_filed_under_unknown_author(author: str) -> None:
    assert folder("{author}/{title}", NamingFacts(title="T", authors=(author,))) == "Unknown Author/T"
    assert folder("{authorLastFirst}/{title}", NamingFacts(title="T", authors=(author,))) == "Unknown Author/T"


def test_an_edition_is_appended_unless_the_template_places_it() -> None:
    facts = NamingFacts(title="T", authors=("A",), edition="Full Cast")
    assert folder("{author}/{title}", facts) == "A/T (Full Cast)"
    assert folder("{author}/{edition?/}{title}", facts) == "A/Full Cast/T"


def test_two_editions_of_an_endless_title_keep_folders_apart() -> None:
    one, other = (NamingFacts(title="漢" * 300, edition=edition) for edition in ("One", "Other"))
    assert folder("{title}", one) != folder("{title}", other)
    assert len(folder("{title}", one).encode()) <= MAX_NAME_BYTES


@pytest.mark.parametrize(
    ("separator", "case", "result"),
    [
        (WordSeparator.SPACE, LetterCase.DEFAULT, "x y - don't McX jo"),
        (WordSeparator.PERIOD, LetterCase.UPPER, "x y - DON'T.MCX.JO"),
        (WordSeparator.UNDERSCORE, LetterCase.LOWER, "x y - don't_mcx_jo"),
        (WordSeparator.DASH, LetterCase.TITLE, "x y - Don't-McX-Jo"),
    ],
)
def test_separator_and_case_change_values_only(separator: WordSeparator, case: LetterCase, result: str) -> None:
    assert folder("x y - {title}", NamingFacts(title="don't McX jo"), NamingStyle(separator, case)) == result


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{author}",
        "title",
        "{title}{nonsense}",
        "{title} {",
        "{title} }",
        "{}",
        "{title}{?}",
        "{title:0x}",
        "{title:1}",
        "{{title}}",
        "{title}{trackNumber}",
        "{title}{a?b}",
        "{title}" * 100,
        "/{author}/{title}",
        "\\{title}",
        " /{title}",
        "../{title}",
        "{author}/../{title}",
        "{author}\\..\\{title}",
        "{author}/ .. /{title}",
        "./{title}",
        "{title}/.",
    ],
)
def test_an_unsound_folder_format_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(TemplateInvalid) as refused:
        NamingTemplate.parse(text, TemplateKind.FOLDER)
    assert refused.value.fields == {"folder_format": refused.value.message}


@pytest.mark.parametrize("text", ["{author}/{title}", "{author}\\{title}", "{trackNumber}", "{title?/}"])
def test_an_unsound_file_format_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(TemplateInvalid) as refused:
        NamingTemplate.parse(text, TemplateKind.FILE)
    assert list(refused.value.fields) == ["file_format"]


def test_title_sort_alone_is_title_enough() -> None:
    assert NamingTemplate.parse("{titleSort}", TemplateKind.FOLDER).tokens == {"titleSort"}


def test_tracks_are_numbered_in_the_order_given() -> None:
    names = files("{trackNumber:00} of {trackTotal} {title} - {partName}", ["Intro.MP3", "cd/End.mp3"])
    assert names == ["01 of 2 The Final Empire - Intro.mp3", "02 of 2 The Final Empire - End.mp3"]


def test_a_single_file_has_no_track_and_no_part() -> None:
    assert files("{title}{ - ?trackNumber:00}{ - ?partName}", ["Intro.mp3"]) == ["The Final Empire.mp3"]


def test_files_that_would_get_one_name_get_ordinals() -> None:
    assert files("{title}", ["a.mp3", "b.mp3"]) == ["The Final Empire - 01.mp3", "The Final Empire - 02.mp3"]


def test_no_files_have_no_names() -> None:
    assert files("{title}", []) == []


@given(
    FACTS,
    STYLES,
    st.lists(st.sampled_from([f"{{{token}}}" for token in FOLDER_TOKENS] + ["/", "..", "(", ")"]), max_size=20),
)
def test_a_folder_always_stays_below_the_library(facts: NamingFacts, style: NamingStyle, parts: list[str]) -> None:
    text = "".join([*parts, "{title}"])
    try:
        template = NamingTemplate.parse(text, TemplateKind.FOLDER)
    except TemplateInvalid:
        assert text.startswith("/") or ".." in text.split("/")
        return
    segments = folder_segments(template, facts, style)
    assert segments
    assert len(PurePosixPath(*segments).parts) == len(segments)
    for segment in segments:
        assert not set(segment) & set('/\\\0:*?"<>|')
        assert not segment.startswith(".")
        assert 0 < len(segment.encode()) <= MAX_NAME_BYTES


@given(FACTS, STYLES)
def test_a_book_never_lands_in_its_authors_folder(facts: NamingFacts, style: NamingStyle) -> None:
    template = NamingTemplate.parse(DEFAULT_FOLDER_FORMAT, TemplateKind.FOLDER)
    assert len(folder_segments(template, facts, style)) == 2


@given(
    FACTS,
    STYLES,
    st.lists(ANY_TEXT | ANY_TEXT.map(lambda text: text + ".MP3"), max_size=12),
    st.lists(st.sampled_from([f"{{{token}}}" for token in FILE_TOKENS]), max_size=20),
)
def test_file_names_stay_in_their_folder_and_apart(
    facts: NamingFacts, style: NamingStyle, sources: list[str], tokens: list[str]
) -> None:
    template = NamingTemplate.parse("".join([*tokens, "{title}"]), TemplateKind.FILE)
    names = file_names(template, facts, sources, style)
    assert len({name.casefold() for name in names}) == len(sources)
    for name in names:
        assert not set(name) & set('/\\\0:*?"<>|')
        assert not name.startswith(".")
        assert 0 < len(name.encode()) <= MAX_NAME_BYTES


@given(st.text("{}title?:0/ a", max_size=20), st.sampled_from(TemplateKind))
def test_any_format_is_read_or_refused(text: str, kind: TemplateKind) -> None:
    try:
        template = NamingTemplate.parse(text, kind)
    except TemplateInvalid:
        return
    assert template.tokens & {"title", "titleSort"}


@pytest.mark.parametrize(
    ("name", "filed"),
    [
        ("Brandon Sanderson", "Sanderson, Brandon"),
        ("Ursula K. Le Guin", "Le Guin, Ursula K."),
        ("Kurt Vonnegut Jr.", "Vonnegut Jr., Kurt"),
        ("Vincent van der Berg", "van der Berg, Vincent"),
        ("Tolkien, J.R.R.", "Tolkien, J.R.R."),
        ("Plato", "Plato"),
        ("De Niro", "Niro, De"),
        ("", ""),
    ],
)
def test_people_are_filed_by_family_name(name: str, filed: str) -> None:
    assert last_first(name) == filed


@pytest.mark.parametrize(
    ("title", "sorted_as"),
    [("The Hobbit", "Hobbit"), ("a Tale", "Tale"), ("An Echo", "Echo"), ("Them", "Them"), ("A", "A"), ("The ", "The")],
)
def test_titles_are_filed_without_their_article(title: str, sorted_as: str) -> None:
    assert without_article(title) == sorted_as
