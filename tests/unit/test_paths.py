"""Path mappings and the judgement of paths that downloads bring along."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.import_errors import UnsafeSource
from earshelf.domain.paths import (
    MappedPath,
    PathMapping,
    candidates,
    is_at_or_below,
    is_below,
    map_path,
    safe_relative,
    same_place,
)

SEGMENT = st.text(st.characters(exclude_characters="/\\\0", exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: text.strip() and text not in (".", "..") and ":" not in text
)
SEGMENTS = st.lists(SEGMENT, min_size=1, max_size=5)


def mapped(path: str, *rows: tuple[str, str]) -> MappedPath | None:
    return map_path(path, [PathMapping(source=source, target=target) for source, target in rows])


def test_a_path_under_a_source_moves_to_the_target() -> None:
    assert mapped("/library/A/T", ("/library", "/data")) == MappedPath(path="/data/A/T", mapped=True)


def test_a_path_that_no_row_matches_stays_exactly_as_it_came() -> None:
    assert mapped("/other/A\\T/", ("/library", "/data")) == MappedPath(path="/other/A\\T/", mapped=False)


def test_without_rows_every_path_passes_through() -> None:
    assert mapped("/library/A") == MappedPath(path="/library/A", mapped=False)


def test_the_longest_source_wins_whatever_the_order_of_the_rows() -> None:
    rows = [("/library", "/short"), ("/library/audio", "/long")]
    assert mapped("/library/audio/A", *rows) == mapped("/library/audio/A", *reversed(rows))
    assert mapped("/library/audio/A", *rows) == MappedPath(path="/long/A", mapped=True)


def test_only_whole_segments_match() -> None:
    assert mapped("/library2/A", ("/library", "/data")) == MappedPath(path="/library2/A", mapped=False)


@pytest.mark.parametrize(
    "source", ["/library", "/library/", "/library//", "//library".removeprefix("/"), "\\library\\"]
)
@pytest.mark.parametrize("target", ["/data", "/data/", "\\data\\\\"])
@pytest.mark.parametrize("path", ["/library/A", "/library/A/", "/library//A", "/library/./A", "\\library\\A"])
def test_spelling_of_slashes_does_not_matter(path: str, source: str, target: str) -> None:
    assert mapped(path, (source, target)) == MappedPath(path="/data/A", mapped=True)


def test_the_source_itself_matches() -> None:
    assert mapped("/library/", ("/library", "/data")) == MappedPath(path="/data", mapped=True)


@pytest.mark.parametrize(
    ("path", "source", "target", "result"),
    [
        ("/downloads", "/downloads", "/", "/"),
        ("/downloads/A", "/downloads", "/", "/A"),
        ("/downloads", "/downloads", "C:", "C:/"),
        ("/downloads", "/downloads", "C:\\", "C:/"),
        ("/downloads/A", "/downloads", "C:", "C:/A"),
        ("/A/B", "/", "/mnt", "/mnt/A/B"),
        ("/", "/", "/mnt", "/mnt"),
        ("C:\\A", "C:", "/mnt", "/mnt/A"),
        ("C:", "C:\\", "/mnt", "/mnt"),
    ],
)
def test_a_root_is_a_folder_like_any_other(path: str, source: str, target: str, result: str) -> None:
    assert mapped(path, (source, target)) == MappedPath(path=result, mapped=True)


@pytest.mark.parametrize(
    ("path", "source", "target", "result"),
    [
        ("D:\\Torrents\\A\\1.mp3", "D:\\Torrents", "/downloads", "/downloads/A/1.mp3"),
        ("d:/torrents/A", "D:\\Torrents\\", "/downloads", "/downloads/A"),
        ("\\\\NAS\\media\\A", "\\\\nas\\media", "/media", "/media/A"),
        ("/media/A", "/media", "\\\\nas\\share\\", "//nas/share/A"),
    ],
)
def test_windows_drives_and_shares_are_mapped_without_regard_to_case(
    path: str, source: str, target: str, result: str
) -> None:
    assert mapped(path, (source, target)) == MappedPath(path=result, mapped=True)


def test_posix_names_are_told_apart_by_case() -> None:
    assert mapped("/Library/A", ("/library", "/data")) == MappedPath(path="/Library/A", mapped=False)


def test_a_share_is_not_a_folder_of_the_local_root() -> None:
    assert mapped("\\\\nas\\A", ("/", "/mnt")) == MappedPath(path="\\\\nas\\A", mapped=False)


@pytest.mark.parametrize("path", ["", " ", "\t\n"])
def test_a_blank_path_leads_nowhere(path: str) -> None:
    assert mapped(path, ("/", "/data")) is None
    assert candidates(path, [PathMapping(source="/", target="/data")]) == []


def test_a_winning_row_with_a_blank_target_leads_nowhere() -> None:
    assert mapped("/library/A", ("/", "/data"), ("/library", "  ")) is None


def test_a_row_with_a_blank_source_matches_nothing() -> None:
    assert mapped("A/B", (" ", "/data")) == MappedPath(path="A/B", mapped=False)


def test_a_row_that_changes_nothing_still_counts_as_mapped() -> None:
    assert mapped("/library/A", ("/library", "/library")) == MappedPath(path="/library/A", mapped=True)


def test_a_path_that_climbs_out_of_the_source_is_not_under_it() -> None:
    assert mapped("/library/../etc/passwd", ("/library", "/data")) == MappedPath(
        path="/library/../etc/passwd", mapped=False
    )


def test_of_equal_sources_the_first_row_wins() -> None:
    assert mapped("/data/A", ("/data", "/disk1"), ("/data/", "/disk2")) == MappedPath(path="/disk1/A", mapped=True)


def test_candidates_are_every_match_longest_first_and_each_once() -> None:
    rows = [
        ("/", "/root"),
        ("/data", "/disk1"),
        ("/data/", "/disk2"),
        ("/data", "/disk1"),
        ("/x", "/y"),
        ("/data", ""),
    ]
    found = candidates("/data/A", [PathMapping(source=source, target=target) for source, target in rows])
    assert [each.path for each in found] == ["/disk1/A", "/disk2/A", "/root/data/A"]
    assert all(each.mapped for each in found)


def test_nothing_that_matches_means_no_candidates() -> None:
    assert candidates("/data/A", [PathMapping(source="/other", target="/x")]) == []


@given(SEGMENTS, SEGMENTS, SEGMENTS)
def test_mapping_there_and_back_returns_the_path(source: list[str], target: list[str], rest: list[str]) -> None:
    near, far = "/" + "/".join(source), "/" + "/".join(target)
    there = mapped("/".join([near, *rest]), (near, far))
    assert there is not None
    assert there == MappedPath(path="/".join([far, *rest]), mapped=True)
    assert mapped(there.path, (far, near)) == MappedPath(path="/".join([near, *rest]), mapped=True)


@given(st.text(), st.lists(st.builds(PathMapping, source=st.text(), target=st.text()), max_size=4))
def test_any_text_resolves_to_a_path_or_to_nothing(path: str, rows: list[PathMapping]) -> None:
    result = map_path(path, rows)
    if result is None:
        assert not path.strip() or any(not row.target.strip() for row in rows)
    elif not result.mapped:
        assert result.path == path
    else:
        assert result in candidates(path, rows)


@pytest.mark.parametrize(
    ("given_path", "read"),
    [
        ("A/1.mp3", "A/1.mp3"),
        ("A\\1.mp3", "A/1.mp3"),
        ("./A//1.mp3", "A/1.mp3"),
        ("...", "..."),
        ("a..b", "a..b"),
    ],
)
def test_a_path_inside_a_download_is_read_with_plain_slashes(given_path: str, read: str) -> None:
    assert safe_relative(given_path) == PurePosixPath(read)


@pytest.mark.parametrize(
    "path",
    ["", ".", "/", "/etc/passwd", "\\A", "C:\\A", "c:A", "..", "A/../../B", "A\\..\\B", "A\0.mp3", "//nas/A"],
)
def test_a_path_that_could_leave_the_download_is_refused(path: str) -> None:
    with pytest.raises(UnsafeSource):
        safe_relative(path)


@given(st.one_of(st.text(), st.text("./\\:aC\0", max_size=12)))
def test_what_is_accepted_never_leaves_its_folder(path: str) -> None:
    try:
        relative = safe_relative(path)
    except UnsafeSource:
        return
    assert not relative.is_absolute()
    assert relative.parts
    assert not {"..", ".", ""} & set(relative.parts)
    assert PurePosixPath("/x").joinpath(relative).is_relative_to("/x")


ACUTE = ["/m\u00e9dia", "/me\u0301dia"]


@pytest.mark.parametrize("source", ACUTE)
@pytest.mark.parametrize("path", ACUTE)
@pytest.mark.parametrize("rest", ACUTE)
def test_accents_match_in_either_spelling_and_what_remains_keeps_its_bytes(source: str, path: str, rest: str) -> None:
    assert mapped(path + rest, (source, "/data")) == MappedPath(path="/data" + rest, mapped=True)


@pytest.mark.parametrize("path", ["d:/M\u00c9DIA/A", "D:\\me\u0301dia\\A"])
def test_accents_on_windows_match_without_regard_to_case(path: str) -> None:
    assert mapped(path, ("D:\\m\u00e9dia", "/data")) == MappedPath(path="/data/A", mapped=True)


@pytest.mark.parametrize(
    ("path", "folder", "at", "below"),
    [
        ("/data/A", "/data/", True, True),
        ("/data/", "/data", True, False),
        ("/data2/A", "/data", False, False),
        ("/data/../A", "/data", False, False),
        ("/A", "/", True, True),
        ("/", "/", True, False),
        ("c:/A", "C:\\", True, True),
        ("/A", " ", False, False),
        (" ", "/", False, False),
        (ACUTE[0], ACUTE[1], True, False),
    ],
)
def test_a_path_is_at_a_folder_or_below_it_by_whole_names(path: str, folder: str, at: bool, below: bool) -> None:
    assert (is_at_or_below(path, folder), is_below(path, folder)) == (at, below)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/a/", "\\a", True),
        (ACUTE[0], ACUTE[1], True),
        ("/a", "a", False),
        ("C:\\A", "c:/a", True),
        ("/A", "/a", False),
    ],
)
def test_places_are_the_same_however_they_are_spelled(one: str, other: str, same: bool) -> None:
    assert same_place(one, other) is same
