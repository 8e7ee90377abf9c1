"""Items, their marks and what links copies of one thing."""

from dataclasses import replace
from datetime import UTC, datetime
from inspect import get_annotations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.duplicates import Copy, canonical, dedupe_key
from earshelf.domain.ids import MediaId, ServerId
from earshelf.domain.media import (
    PARSER_VERSION,
    LibraryType,
    MediaContent,
    MediaMark,
    Plays,
    Role,
    SeriesFacts,
    media_signature,
    search_words,
)
from earshelf.domain.media_files import MediaFile, MediaStream, MediaVersion

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOVIE, SERIES, MUSIC = LibraryType

KEYS = [
    (MOVIE, {"external_ids": {"TMDB": "603", "IMDB": "tt1"}}, "movie:tmdb:603"),
    (MOVIE, {"external_ids": {"IMDB": "tt1"}}, "movie:imdb:tt1"),
    (MOVIE, {"title": " The  Matrix ", "year": 1999}, "movie:title:the matrix:1999"),
    (MOVIE, {"title": "The Matrix"}, "movie:title:the matrix:"),
    (MOVIE, {"external_ids": {"TMDB": "1"}, "edition_title": "Director's Cut"}, "movie:tmdb:1:ed:director's cut"),
    (MOVIE, {"title": ""}, None),
    (SERIES, {"external_ids": {"TVDB": "5"}, "season_number": 2, "episode_number": 3}, "series:tvdb:5:s2e3"),
    (SERIES, {"parent_title": "Dark", "season_number": 1, "episode_number": 9}, "series:dark:s1e9"),
    (SERIES, {"title": "Alone"}, "series:alone:s0e0"),
    (SERIES, {"parent_title": "Dark", "season_number": 0, "originally_available_at": "2020-01-02"},
     "series:dark:s0e2020-01-02"),
    (SERIES, {"parent_title": "Dark", "season_number": 0, "episode_number": 4}, "series:dark:s0e4"),
    (MUSIC, {"title": "Song", "parent_title": "The  Band"}, "music:the band:song"),
    (MUSIC, {"title": "Song", "album_title": "Live"}, "music:unknown:song:live"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "values", "key"), KEYS)
def test_copies_are_linked_by(kind: LibraryType, values: dict[str, Any], key: str | None) -> None:
    assert dedupe_key(kind, MediaContent("")._replace(**values)) == key


def a_copy(server: str = "a", place: int = 1, resolution: str | None = None) -> Copy:
    return Copy(MediaId(f"md_{server}{place}"), ServerId(server), "1", resolution, None, place)


def test_the_preferred_servers_copy_stands_for_all() -> None:
    preferred = replace(a_copy("b", 2), is_preferred=True, is_enabled=False)
    assert canonical([a_copy("a", 1), preferred]) == preferred


def test_else_the_copy_that_was_met_first_stands_for_all() -> None:
    assert canonical([a_copy("a", 2, "4k"), a_copy("b", 1)]) == a_copy("b", 1)


def test_a_copy_on_a_disabled_server_stands_behind() -> None:
    assert canonical([replace(a_copy("a", 1), is_enabled=False), a_copy("b", 2)]) == a_copy("b", 2)


def test_of_copies_that_were_met_at_once_the_sharper_one_stands_for_all() -> None:
    assert canonical([a_copy("a", 1, "720"), a_copy("b", 1, "1080")]) == a_copy("b", 1, "1080")


def test_without_a_copy_nothing_stands_for_all() -> None:
    assert canonical([]) is None


@given(st.permutations([("1", "2", "3", "/a"), ("1", "3", "4", "/b"), ("2", "5", "6", "/c")]))
def test_a_signature_does_not_depend_on_the_order_of_files(files: list[tuple[str, str, str, str]]) -> None:
    assert media_signature(files) == media_signature(sorted(files))


@given(st.lists(st.tuples(*[st.text()] * 4), min_size=1))
def test_another_path_is_another_signature(files: list[tuple[str, str, str, str]]) -> None:
    (version, part, size, path), *others = files
    assert media_signature([(version, part, size, path + "x"), *others]) != media_signature(files)


MARK = MediaMark("1", NOON, "sig")


@pytest.mark.parametrize(
    ("stored", "is_fresh"),
    [
        (MARK, True),
        (replace(MARK, updated_at=None), False),
        (replace(MARK, signature="other"), False),
        (replace(MARK, is_complete=False), False),
        (replace(MARK, parser=PARSER_VERSION - 1), False),
    ],
)
def test_an_item_is_read_again_where_its_mark_tells_of_a_change(stored: MediaMark, is_fresh: bool) -> None:
    assert stored.is_fresh(MARK) is is_fresh


def test_plays_of_all_users_count_and_the_latest_time_holds() -> None:
    later = NOON.replace(hour=13)
    assert Plays(1, NOON).joined(Plays(4, later)) == Plays(4, later)
    assert Plays(5, later).joined(Plays(4, NOON)) == Plays(5, later)
    assert Plays(2, NOON, 10, 8.0).joined(None) == Plays(2, NOON, 10, 8.0)


def test_what_was_never_played_has_no_time_of_a_play() -> None:
    assert Plays(0, NOON, 99).joined(None) == Plays(0, None, 99)


@given(st.integers(0, 9), st.integers(0, 9))
def test_a_count_never_goes_back_between_two_passes(told: int, known: int) -> None:
    assert Plays(told).not_before(Plays(known)).count == max(told, known)


def test_the_last_time_never_goes_back_between_two_passes() -> None:
    later = NOON.replace(hour=13)
    assert Plays(3, NOON, 5, 8.0).not_before(Plays(2, later, 7, 6.0)) == Plays(3, later, 5, 8.0)
    assert Plays(3, later).not_before(Plays(2)) == Plays(3, later)


def test_an_episode_takes_its_series_ids_and_keeps_its_own_apart() -> None:
    episode = MediaContent("Pilot", external_ids={"TVDB": "9"})
    within = episode.within(SeriesFacts({"TVDB": "5"}, ("Crime",), "Many parts."))
    assert (within.external_ids, within.own_ids) == ({"TVDB": "5"}, {"TVDB": "9"})
    assert (within.genres, within.summary) == (("Crime",), "Many parts.")
    assert episode.within(None).external_ids == {}


def test_words_are_searched_for_in_any_script_and_case() -> None:
    assert search_words("O'Brien's 灯台, 2. Ärger!") == ("o", "brien", "s", "灯台", "2", "ärger")


@given(st.text())
def test_words_are_few_and_short_enough_for_an_index(title: str) -> None:
    words = search_words(title)
    assert len(words) <= 12
    assert all(0 < len(word) <= 40 for word in words)


def test_whoever_changes_the_fields_also_raises_the_parsers_version() -> None:
    counts = [len(get_annotations(kind)) for kind in (MediaContent, MediaFile, MediaStream, MediaVersion, Role)]
    assert (PARSER_VERSION, counts) == (1, [42, 32, 33, 8, 3])
