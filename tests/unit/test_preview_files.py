"""What results of previews are called."""

import pytest

from earshelf.domain.preview_files import (
    PlexPart,
    emby_sidecar,
    journal_path,
    part_of,
    plex_bundle,
    sheet_count,
    target_of,
    trickplay_folder,
)
from earshelf.domain.previews import PreviewFormat, PreviewSettings, Target

SETTINGS = PreviewSettings(interval=10, width=320)


@pytest.mark.parametrize(
    ("one", "path"),
    [
        (PreviewFormat.PLEX, "/out/Foo (2024)/index-sd.bif"),
        (PreviewFormat.EMBY, "/out/Foo (2024)-320-10.bif"),
        (PreviewFormat.JELLYFIN, "/out/Foo (2024).trickplay/320 - 10x10"),
    ],
)
def test_results_lie_below_the_folder_under_the_stem(one: PreviewFormat, path: str) -> None:
    assert target_of("/m/Foo (2024).mkv", "/out", one, SETTINGS) == Target(one, path)


def test_dots_inside_a_name_stay() -> None:
    assert target_of("/m/a.b.c.mkv", "/out", PreviewFormat.EMBY, SETTINGS).path == "/out/a.b.c-320-10.bif"
    assert emby_sidecar("a.b.c", PreviewSettings()) == "a.b.c-320-5.bif"
    assert str(trickplay_folder("Film", SETTINGS)) == "Film.trickplay/320 - 10x10"


@pytest.mark.parametrize(("pictures", "sheets"), [(1, 1), (99, 1), (100, 1), (101, 2), (250, 3)])
def test_a_sheet_holds_a_hundred_pictures(pictures: int, sheets: int) -> None:
    assert sheet_count(pictures) == sheets


def test_the_journal_lies_beside_a_file_and_inside_a_folder() -> None:
    assert journal_path(Target(PreviewFormat.PLEX, "/out/f/index-sd.bif")) == "/out/f/index-sd.bif.meta"
    assert journal_path(Target(PreviewFormat.JELLYFIN, "/out/f.trickplay/320 - 10x10")).endswith("10x10/0.jpg.meta")


def test_a_bundle_is_found_by_the_hash_of_its_part() -> None:
    expected = "Media/localhost/2/db65295f059e9a6.bundle/Contents/Indexes/index-sd.bif"
    assert str(plex_bundle("2db65295f059e9a6")) == expected


@pytest.mark.parametrize("part_hash", ["", "a"])
def test_a_part_that_plex_has_not_looked_at_has_no_bundle(part_hash: str) -> None:
    assert plex_bundle(part_hash) is None


DUNE_4K = PlexPart("aaaaaaaaaa", "/mnt/4k/Movies/Dune (2021)/Dune (2021).mkv")
DUNE_HD = PlexPart("bbbbbbbbbb", "/mnt/1080p/Movies/Dune (2021)/Dune (2021).mkv")


@pytest.mark.parametrize("wanted", [DUNE_4K, DUNE_HD])
def test_of_two_versions_the_one_with_the_longer_shared_path_is_meant(wanted: PlexPart) -> None:
    assert part_of(wanted.file, [DUNE_4K, DUNE_HD]) == wanted


def test_a_single_part_is_meant_wherever_the_server_sees_it() -> None:
    part = PlexPart("cc", "/data/Movies/Dune (2021)/Dune (2021).mkv")
    assert part_of("/mnt/media/Movies/Dune (2021)/Dune (2021).mkv", [part]) == part


def test_the_meant_part_without_a_hash_is_not_replaced_by_another_film() -> None:
    assert part_of(DUNE_HD.file, [DUNE_4K, PlexPart("", DUNE_HD.file)]) is None


def test_among_equals_the_first_usable_one_stands_for_all() -> None:
    parts = [PlexPart("", "/a/x/Dune.mkv"), PlexPart("dd", "/b/x/Dune.mkv"), PlexPart("ee", "/c/x/Dune.mkv")]
    assert part_of("/elsewhere/x/Dune.mkv", parts) == parts[1]


def test_of_equals_the_one_of_our_name_is_meant() -> None:
    parts = [PlexPart("dd", "/a/Dune part 2.mkv"), PlexPart("ee", "/b/Dune.mkv")]
    assert part_of("/c/Dune.mkv", parts) == parts[1]


def test_an_item_without_parts_gives_none() -> None:
    assert part_of("/m/x.mkv", []) is None
