"""Which videos the words of a command line mean, and which of them would get in each other's way."""

import os
from pathlib import Path

import pytest

from earshelf.entrypoints.video_arguments import on_one_line, shared_stems, videos_meant


def touch(folder: Path, *names: str) -> list[str]:
    paths = [folder / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return [str(path) for path in paths]


def test_a_folder_means_all_videos_below_it_in_order(tmp_path: Path) -> None:
    wanted = touch(tmp_path, "a.mkv", "b.MP4", "deep/er/c.webm")
    touch(tmp_path, "notes.txt", "a.srt", "deep/a.mkv.part")
    assert list(videos_meant([str(tmp_path)]).videos) == wanted


def test_hidden_films_are_left_out_unless_they_are_named(tmp_path: Path) -> None:
    shown, fork, _ = touch(tmp_path, "film.mkv", "._film.mkv", ".trash/old.mkv")
    assert list(videos_meant([str(tmp_path)]).videos) == [shown]
    assert list(videos_meant([fork]).videos) == [fork]


def test_a_file_counts_whatever_its_name_and_whether_it_is_there(tmp_path: Path) -> None:
    path = str(tmp_path / "no such film")
    assert list(videos_meant([path]).videos) == [path]


def test_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "-odd.mkv")
    monkeypatch.chdir(tmp_path)
    assert list(videos_meant(["./-odd.mkv"]).videos) == [str(tmp_path / "-odd.mkv")]


def test_two_dots_behind_a_link_lead_where_the_disk_says(tmp_path: Path) -> None:
    touch(tmp_path, "there/deep/x.srt", "there/film.mkv")
    (tmp_path / "link").symlink_to(tmp_path / "there" / "deep")
    (video,) = videos_meant([f"{tmp_path}/link/../film.mkv"]).videos
    assert Path(video).exists()


def test_a_film_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    (film,) = touch(tmp_path, "film.mkv")
    assert list(videos_meant([film, str(tmp_path), film]).videos) == [film]


def test_a_link_with_another_name_counts_too(tmp_path: Path) -> None:
    touch(tmp_path, "film.mkv")
    (tmp_path / "other.mkv").symlink_to(tmp_path / "film.mkv")
    assert [Path(video).name for video in videos_meant([str(tmp_path)]).videos] == ["film.mkv", "other.mkv"]


def test_folders_that_link_to_each_other_come_to_an_end(tmp_path: Path) -> None:
    touch(tmp_path, "one/film.mkv", "two/movie.mkv")
    (tmp_path / "one" / "up").symlink_to(tmp_path)
    (tmp_path / "one" / "other").symlink_to(tmp_path / "two")
    (tmp_path / "two" / "other").symlink_to(tmp_path / "one")
    assert {Path(video).name for video in videos_meant([str(tmp_path)]).videos} == {"film.mkv", "movie.mkv"}
    assert len(videos_meant([str(tmp_path)]).videos) == 2


def test_a_linked_folder_is_looked_into(tmp_path: Path) -> None:
    touch(tmp_path, "elsewhere/film.mkv")
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "more").symlink_to(tmp_path / "elsewhere")
    assert list(videos_meant([str(tmp_path / "films")]).videos) == [str(tmp_path / "films/more/film.mkv")]


def test_what_is_called_like_a_video_but_is_a_folder_is_none(tmp_path: Path) -> None:
    (film,) = touch(tmp_path, "show.mkv/film.mkv")
    os.mkfifo(tmp_path / "pipe.mkv")
    assert list(videos_meant([str(tmp_path)]).videos) == [film]


def test_a_folder_without_videos_is_a_problem_that_names_it(tmp_path: Path) -> None:
    (problem,) = videos_meant([str(tmp_path)]).problems
    assert problem.startswith(f"'{tmp_path}' holds no video; name a file, or a folder with .avi, ")


def test_a_film_called_by_dots_alone_is_refused(tmp_path: Path) -> None:
    (film,) = touch(tmp_path, "...mkv")
    finding = videos_meant([film])
    assert (list(finding.videos), len(finding.problems)) == ([], 1)
    assert "rename it" in finding.problems[0]


def test_equal_stems_are_told_with_their_films() -> None:
    assert shared_stems(["/a/film.mkv", "/b/film.mp4", "/b/other.mkv"]) == {"film": ["/a/film.mkv", "/b/film.mp4"]}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Das Böse 👨‍👩‍👧 'x' \"y\"", "Das Böse 👨‍👩‍👧 'x' \"y\""),
        ("two\nlines\r\x1b[2J", "two\\nlines\\r\\x1b[2J"),
        ("not utf-8 \udcff", "not utf-8 \\udcff"),
        ("turned \u202evkm", "turned \\u202evkm"),
    ],
)
def test_a_name_is_shown_on_one_line(text: str, shown: str) -> None:
    assert on_one_line(text) == shown
