"""The rows of a media server: how they are read, and what they make of a path."""

from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.path_rules import (
    MissingMapping,
    PathRow,
    Shadowing,
    apply_path_mappings,
    apply_webhook_prefixes,
    candidates,
    missing_mapping,
    path_rows,
    row_problems,
    shadowings,
    siblings,
    to_canonical,
)

DISKS = (PathRow("/data_disk1", "/data", ("/data",)), PathRow("/data_disk2", "/data"))
COMPOSED, APART = normalize("NFC", "/médias/é"), normalize("NFD", "/médias/é")
NAME = st.text(st.characters(exclude_characters="/\\\0:", exclude_categories=["Cs"]), min_size=1, max_size=6).filter(
    lambda text: text.strip() == text and text not in (".", "..")
)
FOLDER = st.lists(NAME, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names))
ROWS = st.lists(st.builds(PathRow, FOLDER, FOLDER, st.lists(FOLDER, max_size=2).map(tuple)), max_size=4)


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        ([{"remote_prefix": "/a", "local_prefix": "/b"}], [PathRow("/a", "/b")]),
        ([{"remote_prefix": " /a ", "local_prefix": "\t/b"}], [PathRow("/a", "/b")]),
        ([{"plex_prefix": "/a", "local_prefix": "/b"}], [PathRow("/a", "/b")]),
        ([{"remote_prefix": "", "plex_prefix": "/a", "local_prefix": "/b"}], [PathRow("/a", "/b")]),
        ([{"remote_prefix": "/x", "plex_prefix": "/a", "local_prefix": "/b"}], [PathRow("/x", "/b")]),
        (
            [{"remote_prefix": "/a", "local_prefix": "/b", "webhook_prefixes": [" /c ", "", " ", 5, "/d"]}],
            [PathRow("/a", "/b", ("/c", "/d"))],
        ),
        ([{"remote_prefix": "/a", "local_prefix": "/b", "webhook_prefixes": "/c"}], [PathRow("/a", "/b")]),
        ([{"remote_prefix": "/a", "local_prefix": "/b", "webhook_prefixes": None}], [PathRow("/a", "/b")]),
        ([{"remote_prefix": "/a"}, {"local_prefix": "/b"}, {"remote_prefix": " ", "local_prefix": "/b"}], []),
        ([{"remote_prefix": 5, "local_prefix": "/b"}, "row", None, 5, ["/a", "/b"]], []),
        ([], []),
        ({"remote_prefix": "/a", "local_prefix": "/b"}, []),
        ("/a:/b", []),
        (None, []),
    ],
)
def test_rows_are_read_as_far_as_they_are_rows(value: Any, rows: list[PathRow]) -> None:
    assert path_rows(value) == tuple(rows)


@pytest.mark.parametrize(
    ("remote", "local", "rows"),
    [
        ("/a", "/x", [("/a", "/x")]),
        ("/a;/b", "/x", [("/a", "/x"), ("/b", "/x")]),
        ("/a;/b", "/x;/y", [("/a", "/x"), ("/b", "/y")]),
        (" /a ; ;/b; ", ";/x ;/y", [("/a", "/x"), ("/b", "/y")]),
        ("/a;/b;/c", "/x;/y", [("/a", "/x")]),
        ("/a", "/x;/y", [("/a", "/x")]),
        ("", "/x", []),
        ("/a", " ; ", []),
    ],
)
def test_the_legacy_texts_are_paired(remote: str, local: str, rows: list[tuple[str, str]]) -> None:
    assert path_rows(None, legacy_remote=remote, legacy_local=local) == tuple(PathRow(*row) for row in rows)


def test_rows_win_over_the_legacy_texts_if_one_of_them_is_left() -> None:
    legacy = {"legacy_remote": "/a", "legacy_local": "/x"}
    rows: list[Any] = [{"remote_prefix": "/new", "local_prefix": "/b"}, {}]
    assert path_rows(rows, **legacy) == (PathRow("/new", "/b"),)
    assert path_rows([{}], **legacy) == (PathRow("/a", "/x"),)


def test_rows_to_be_saved_are_complete_and_end_on_this_machine() -> None:
    rows: list[Any] = [
        {"remote_prefix": "D:\\Films", "local_prefix": "/films"},
        {"remote_prefix": " ", "local_prefix": "", "webhook_prefixes": []},
        {"remote_prefix": "/a", "local_prefix": "films"},
        {"local_prefix": "/films"},
        {"remote_prefix": "/a", "local_prefix": "/f\0", "webhook_prefixes": "/b"},
        "/a:/b",
    ]
    assert list(row_problems(rows)) == [
        "2.local_prefix",
        "3.remote_prefix",
        "4.local_prefix",
        "4.webhook_prefixes",
        "5",
    ]
    assert row_problems({}) == {"": "must be a list of rows"}


@pytest.mark.parametrize(
    ("path", "rows", "canonical"),
    [
        ("/data/tv/a.mkv", [PathRow("/data", "/mnt")], "/mnt/tv/a.mkv"),
        ("/data", [PathRow("/data/", "/mnt/")], "/mnt"),
        ("/database/a.mkv", [PathRow("/data", "/mnt")], "/database/a.mkv"),
        ("/Data/a.mkv", [PathRow("/data", "/mnt")], "/Data/a.mkv"),
        ("/a.mkv", [PathRow("/", "/mnt")], "/mnt/a.mkv"),
        ("/mnt/a.mkv", [PathRow("/mnt", "/")], "/a.mkv"),
        ("D:\\Films\\a.mkv", [PathRow("d:\\films\\", "/films")], "/films/a.mkv"),
        ("/other/a.mkv", [], "/other/a.mkv"),
        # the narrower row, whatever the order
        ("/data/4k/a.mkv", [PathRow("/data", "/mnt"), PathRow("/data/4k", "/fast")], "/fast/a.mkv"),
        # the path of a webhook
        ("/data/a.mkv", DISKS, "/data/a.mkv"),
        ("/tv/a.mkv", [PathRow("/data", "/mnt", ("/films", "/tv"))], "/mnt/a.mkv"),
        # of equally long ones the earlier row's, within a row the server's
        ("/data/a.mkv", [PathRow("/x", "/one", ("/data",)), PathRow("/data", "/two")], "/one/a.mkv"),
        ("/data/a.mkv", [PathRow("/data", "/two"), PathRow("/x", "/one", ("/data",))], "/two/a.mkv"),
        (" ", [PathRow("/", "/mnt")], None),
    ],
)
def test_a_path_becomes_canonical(path: str, rows: list[PathRow], canonical: str | None) -> None:
    assert to_canonical(path, rows) == canonical


@pytest.mark.parametrize(("prefix", "path"), [(COMPOSED, APART), (APART, COMPOSED)])
def test_accents_match_in_either_spelling_and_the_rest_keeps_its_own(prefix: str, path: str) -> None:
    rows = [PathRow(prefix, "/mnt")]
    for rest in (APART, COMPOSED):
        assert to_canonical(path + rest, rows) == "/mnt" + rest


@pytest.mark.parametrize("path", [COMPOSED, APART])
def test_the_spelling_of_the_target_is_the_rows(path: str) -> None:
    assert to_canonical("/data/x", [PathRow("/data", path)]) == f"{path}/x"


def test_a_server_s_path_may_lie_under_every_row_that_matches() -> None:
    rows = [PathRow("/", "/root"), PathRow("/data", "/one"), PathRow("/data", "/two"), PathRow("/x", "/y", ("/data",))]
    assert apply_path_mappings("/data/a", rows) == ["/one/a", "/two/a", "/root/data/a"]
    assert apply_path_mappings("/data/a", []) == ["/data/a"]
    assert apply_path_mappings(" ", rows) == []


def test_a_webhooks_path_goes_by_webhook_prefixes_alone() -> None:
    rows = [PathRow("/data", "/mnt"), PathRow("/x", "/one", ("/data", "/data/tv")), PathRow("/y", "/two", ("/data",))]
    assert apply_webhook_prefixes("/data/tv/a", rows) == ["/one/a", "/one/tv/a", "/two/tv/a"]
    assert apply_webhook_prefixes("/x/a", rows) == ["/x/a"]
    assert apply_webhook_prefixes("", rows) == []


ROW = [PathRow("/remote", "/local", ("/hook",))]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/remote/a", ["/remote/a", "/local/a", "/hook/a"]),
        ("/local/a", ["/local/a", "/remote/a", "/hook/a"]),
        ("/hook/a", ["/hook/a", "/local/a", "/remote/a"]),
        ("/other/a", ["/other/a"]),
        ("", []),
    ],
)
def test_candidates_go_every_way(path: str, found: list[str]) -> None:
    assert candidates(path, ROW) == found


def test_candidates_come_once_each_and_by_the_longest_prefix() -> None:
    rows = [PathRow("/data", "/mnt"), PathRow("/data/tv", "/tv"), PathRow("/data", "/mnt/")]
    assert candidates("/data/tv/a", rows) == ["/data/tv/a", "/tv/a", "/mnt/tv/a"]


@given(FOLDER, ROWS)
def test_a_candidate_is_there_for_what_every_single_operation_says(path: str, rows: list[PathRow]) -> None:
    found = candidates(path, rows)
    assert found[0] == path
    assert len(set(found)) == len(found)
    assert {*apply_path_mappings(path, rows), *apply_webhook_prefixes(path, rows), to_canonical(path, rows)} <= {*found}


@given(FOLDER, ROWS)
def test_the_canonical_path_is_a_server_s_or_a_webhooks_first_choice(path: str, rows: list[PathRow]) -> None:
    assert to_canonical(path, rows) in (apply_path_mappings(path, rows)[0], apply_webhook_prefixes(path, rows)[0])


@given(st.text(), st.lists(st.builds(PathRow, st.text(), st.text(), st.lists(st.text(), max_size=2).map(tuple))))
def test_any_text_leads_somewhere_unless_it_is_blank(path: str, rows: list[PathRow]) -> None:
    leads = bool(path.strip())
    for found in (apply_path_mappings(path, rows), apply_webhook_prefixes(path, rows), candidates(path, rows)):
        assert bool(found) == leads
    assert leads or not siblings(path, rows)
    assert leads or to_canonical(path, rows) is None


@given(st.text(), st.lists(st.text()))
def test_a_hint_is_about_a_folder_in_the_path(path: str, roots: list[str]) -> None:
    hint = missing_mapping(path, roots)
    assert hint is None or (hint.remote_prefix in roots and path.replace("\\", "/").strip("/"))


def test_a_file_may_lie_on_the_other_disks_longest_first() -> None:
    rows = [PathRow("/a", "/mnt"), PathRow("/b", "/mnt/disk1"), PathRow("/c", "/disk2"), PathRow("/d", "/mnt/x/disk3/")]
    assert siblings("/mnt/disk1/tv/a.mkv", rows) == ["/mnt/x/disk3/tv/a.mkv", "/mnt/tv/a.mkv", "/disk2/tv/a.mkv"]


def test_a_file_outside_all_prefixes_has_no_siblings_and_one_disk_is_not_its_own() -> None:
    assert siblings("/elsewhere/a.mkv", [PathRow("/a", "/mnt"), PathRow("/b", "/disk")]) == []
    assert siblings("/mnt/a.mkv", [PathRow("/a", "/mnt"), PathRow("/b", "/mnt/"), PathRow("/c", " ")]) == []
    assert siblings("", [PathRow("/a", "/mnt")]) == []


def test_a_prefix_that_an_earlier_row_has_too_is_shadowed() -> None:
    rows = [PathRow("/data", "/one"), PathRow("/data/", "/two"), PathRow("/x", "/three", ("/data",))]
    assert shadowings(rows) == [Shadowing("/data/", row=1, by=0), Shadowing("/data", row=2, by=0)]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        DISKS,
        [PathRow("/data", "/one"), PathRow("/data/4k", "/two")],
        [PathRow("/data", "/one"), PathRow("/data", "/one/")],
        [PathRow("/data", "/one", ("/data",))],
    ],
)
def test_narrower_rows_repetitions_and_shared_targets_shadow_nothing(rows: list[PathRow]) -> None:
    assert shadowings(rows) == []


@pytest.mark.parametrize(
    ("path", "roots", "found"),
    [
        ("/mnt/user/data/tv/a.mkv", ["/data/tv"], MissingMapping("/data/tv", "/mnt/user/data/tv")),
        ("/mnt/user/Data/TV/a.mkv", ["/data/tv/"], MissingMapping("/data/tv/", "/mnt/user/Data/TV")),
        ("/mnt/data/tv/a.mkv", ["/data", "/data/tv"], MissingMapping("/data/tv", "/mnt/data/tv")),
        ("\\\\nas\\data\\a.mkv", ["/data"], MissingMapping("/data", "//nas/data")),
        ("D:\\data\\a.mkv", ["/data"], MissingMapping("/data", "D:/data")),
        ("/data/tv/a.mkv", ["/data/tv"], None),
        ("/mnt/data/tvshows/a.mkv", ["/data/tv"], None),
        ("/mnt/mydata/tv/a.mkv", ["/data/tv"], None),
        ("/mnt/a.mkv", ["/", "", " "], None),
        ("", ["/data"], None),
    ],
)
def test_a_server_s_folder_in_the_middle_of_a_webhooks_path_hints_at_a_row(
    path: str, roots: list[str], found: MissingMapping | None
) -> None:
    assert missing_mapping(path, roots) == found


def test_the_row_that_is_hinted_at_would_help() -> None:
    hint = missing_mapping("/mnt/user/data/tv/a.mkv", ["/data/tv"])
    assert hint is not None
    rows = [PathRow(hint.remote_prefix, "/tv", (hint.webhook_prefix,))]
    assert to_canonical("/mnt/user/data/tv/a.mkv", rows) == "/tv/a.mkv"
