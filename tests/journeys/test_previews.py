"""``earshelf previews`` as people run it: what it writes, what it says, and what it leaves alone."""

import io
import json
import math
import os
import pty
import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import pytest
from PIL import Image

from tests.journeys.previews import Desk, bif, film, luma_of, luma_shown

pytestmark = pytest.mark.journey
EVERYTHING = ("--format", "plex,emby,jellyfin")
ODD_NAMES = [
    'it\'s "quoted".mkv',
    "two\nlines.mkv",
    "👨‍👩‍👧 Übermut.mkv",
    "-dash.mkv",
    "--output.mkv",
    " blanks .mkv",
    "%s {0} $HOME `x`.mkv",
    "a.b.c.mkv",
    "file:film.mkv",
]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def tiles(folder: Path, size: tuple[int, int]) -> list[Image.Image]:
    """Reads Jellyfin's sheets and returns the tiles of all, in order."""
    found = []
    for number in range(len(list(folder.glob("*.jpg")))):
        with Image.open(folder / f"{number}.jpg") as sheet:
            assert sheet.size == (10 * size[0], 10 * size[1])
            for place in range(100):
                left, top = place % 10 * size[0], place // 10 * size[1]
                found.append(sheet.crop((left, top, left + size[0], top + size[1])))
    return found


def test_all_three_results_hold_the_pictures_of_their_slots(desk: Desk) -> None:
    film(desk.films / "film.mkv", seconds=12)
    (report,) = desk.reports(*EVERYTHING, "--interval", "1", "--accuracy", "exact", "--width", "64", "film.mkv")
    assert (report["slots"], report["provenance"], report["failed"]) == (12, "extracted", False)
    expected = [luma_of(4 * slot) for slot in range(12)]
    for name in ("film/index-sd.bif", "film-64-1.bif"):
        gap, pictures = bif(desk.output / name)
        shown = [luma_shown(Image.open(io.BytesIO(picture))) for picture in pictures]
        assert (gap, len(shown)) == (1000, 12)
        assert shown == pytest.approx(expected, abs=2)
    sheet = tiles(desk.output / "film.trickplay" / "64 - 10x10", (64, 48))
    assert [luma_shown(tile) for tile in sheet[:12]] == pytest.approx(expected, abs=2)
    assert all(luma_shown(tile) < 20 for tile in sheet[12:])


def test_nothing_lies_beside_the_results_but_their_journals(desk: Desk) -> None:
    film(desk.films / "film.mkv")
    desk.run(*EVERYTHING, "film.mkv")
    results = {"film/index-sd.bif", "film-320-5.bif", "film.trickplay/320 - 10x10/0.jpg"}
    written = set(desk.results())
    assert results <= written
    assert len(written - results) == 3
    assert all(name.endswith(".meta") for name in written - results)


@pytest.mark.parametrize("interval", [1, 5, 7])
def test_there_are_as_many_pictures_as_the_interval_fits(desk: Desk, interval: int) -> None:
    for seconds in (0.5, 1, 7, 10, 10.25, 12):
        film(desk.films / f"{seconds}.mp4", seconds=seconds)
    counts = {Path(report["video"]).stem: report["slots"] for report in desk.reports("--interval", str(interval), ".")}
    assert len(counts) == 6
    for name, slots in counts.items():
        assert slots == math.ceil(float(name) / interval)
        assert len(bif(desk.output / name / "index-sd.bif")[1]) == slots


def test_a_fast_picture_is_never_more_than_half_an_interval_away(desk: Desk) -> None:
    film(desk.films / "film.mkv", seconds=12, every=11)
    desk.run("--interval", "2", "film.mkv")
    for slot, picture in enumerate(bif(desk.output / "film" / "index-sd.bif")[1]):
        number = (luma_shown(Image.open(io.BytesIO(picture))) - 30) / 4
        assert 8 * slot - 4 - 0.6 <= number < 8 * slot + 4


def test_a_second_run_leaves_everything_alone(desk: Desk) -> None:
    film(desk.films / "film.mkv")
    desk.run(*EVERYTHING, "film.mkv")
    before = {name: (desk.output / name).stat().st_mtime_ns for name in desk.results()}
    (report,) = desk.reports(*EVERYTHING, "film.mkv")
    assert {row["outcome"] for row in report["targets"]} == {"skipped_output_exists"}
    assert {name: (desk.output / name).stat().st_mtime_ns for name in desk.results()} == before
    (report,) = desk.reports(*EVERYTHING, "--regenerate", "film.mkv")
    assert report["provenance"] == "extracted"


def test_another_format_is_converted_and_another_film_of_that_name_is_not(desk: Desk) -> None:
    film(desk.films / "film.mkv")
    desk.run("film.mkv")
    (converted,) = desk.reports("--format", "jellyfin,emby", "film.mkv")
    assert (converted["provenance"], converted["failed"]) == ("output_existed", False)
    film(desk.films / "film.mkv", seconds=7)
    (anew,) = desk.reports(*EVERYTHING, "film.mkv")
    assert (anew["provenance"], anew["slots"]) == ("extracted", 2)


def test_pictures_are_kept_for_another_output(desk: Desk) -> None:
    film(desk.films / "film.mkv")
    desk.run("film.mkv")
    (report,) = desk.reports("--output", str(desk.folder / "other"), "film.mkv")
    assert report["provenance"] == "cache_hit"
    first, second = (folder / "film" / "index-sd.bif" for folder in (desk.output, desk.folder / "other"))
    assert first.read_bytes() == second.read_bytes()


def test_a_folder_means_its_films(desk: Desk) -> None:
    for name in ("one.mkv", "deeper/two.mp4"):
        (desk.films / name).parent.mkdir(exist_ok=True)
        film(desk.films / name, seconds=2)
    (desk.films / "deeper" / "up").symlink_to(desk.films)
    videos = {report["video"] for report in desk.reports("--workers", "2", desk.films)}
    assert videos == {str(desk.films / "one.mkv"), str(desk.films / "deeper" / "two.mp4")}


def test_odd_names_make_no_difference(desk: Desk) -> None:
    original = film(desk.films / "film.mkv", seconds=2)
    for name in ODD_NAMES:
        (desk.films / name).hardlink_to(original)
    reports = desk.reports(*EVERYTHING, "--", *ODD_NAMES)
    assert {report["video"] for report in reports} == {str(desk.films / name) for name in ODD_NAMES}
    for name in ODD_NAMES:
        assert len(bif(desk.output / Path(name).stem / "index-sd.bif")[1]) == 1


def test_a_name_that_is_not_utf_8_makes_no_difference(desk: Desk) -> None:
    name = b"\xff\xfe.mkv"
    film(desk.films / "film.mkv", seconds=2).rename(os.fsdecode(os.fsencode(desk.films) + b"/" + name))
    assert "\\udcff\\udcfe.mkv: 1 picture" in desk.run(name).stdout
    (report,) = desk.reports(name)
    assert os.fsencode(report["video"]) == os.fsencode(desk.films) + b"/" + name


def test_neither_database_nor_key_is_made(desk: Desk) -> None:
    film(desk.films / "film.mkv", seconds=2)
    desk.run("film.mkv")
    assert {path.name for path in desk.config.iterdir()} <= {"cache"}


def test_a_configuration_folder_that_cannot_be_used_is_a_note(desk: Desk) -> None:
    film(desk.films / "film.mkv", seconds=2)
    desk.config.write_text("no folder")
    finished = desk.run("film.mkv")
    assert finished.stderr.startswith("earshelf: note: The pictures are not kept for another time: ")
    assert len(finished.stderr.splitlines()) == 1
    assert "film/index-sd.bif" in desk.results()


def test_a_bar_is_drawn_on_a_terminal_only(desk: Desk) -> None:
    film(desk.films / "film.mkv", seconds=2)
    master, terminal = pty.openpty()
    finished = desk.run("film.mkv", stderr=terminal)
    os.close(terminal)
    drawn = os.read(master, 10_000).decode()
    os.close(master)
    assert "0 of 1 videos" in drawn
    assert finished.stdout == f"{desk.films}/film.mkv: 1 picture, made for plex\n"
    assert desk.run("--regenerate", "film.mkv").stderr == ""


def test_a_reader_that_leaves_early_does_not_stop_the_work(desk: Desk) -> None:
    for name in ("one", "two", "three"):
        film(desk.films / f"{name}.mkv", seconds=2)
    with desk.process("--workers", "1", "--json", desk.films) as process:
        assert process.stdout is not None
        json.loads(process.stdout.readline())
        process.stdout.close()
        process.stdout = None
        assert process.wait(timeout=60) == 0
    assert sum(name.endswith(".bif") for name in desk.results()) == 3


def test_the_ffmpeg_program_shows_the_same_pictures(desk: Desk) -> None:
    film(desk.films / "film.mkv")
    (desk.folder / "bin").mkdir()
    (desk.folder / "bin" / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    desk.environment["PATH"] = str(desk.folder / "bin")
    words = ("--interval", "2", "--accuracy", "exact", "film.mkv")
    (built_in,) = desk.reports(*words)
    (program,) = desk.reports("--regenerate", "--decoder", "ffmpeg", "--output", str(desk.folder / "other"), *words)
    assert (built_in["slots"], program["slots"]) == (6, 6)
    shown = [
        [luma_shown(Image.open(io.BytesIO(picture))) for picture in bif(folder / "film" / "index-sd.bif")[1]]
        for folder in (desk.output, desk.folder / "other")
    ]
    assert shown[0] == pytest.approx(shown[1], abs=2)


def test_a_decoder_that_is_not_there_is_a_reason(desk: Desk) -> None:
    film(desk.films / "film.mkv", seconds=1)
    desk.environment["PATH"] = str(desk.folder)
    finished = desk.run("--decoder", "ffmpeg", "film.mkv", code=1)
    assert len(finished.stderr.splitlines()) == 1
    assert "there is no ffmpeg on this machine" in finished.stderr


def test_the_program_itself_loads_no_decoder() -> None:
    code = "import sys, earshelf.entrypoints.cli; print(sorted({'av', 'numpy', 'PIL'} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"
