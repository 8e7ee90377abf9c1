"""``earshelf previews`` when something is wrong: a reason on one line, an exit code, and nothing half made."""

import os
import re
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.journeys.previews import LIMIT, Desk, bif, film

pytestmark = pytest.mark.journey


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def sound_only(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())


def cut_short(path: Path) -> None:
    film(path, seconds=40)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def text(path: Path) -> None:
    path.write_text("This is no film.\n" * 1000)


def empty(path: Path) -> None:
    path.touch()


def missing(path: Path) -> None:
    assert not path.exists()


def long_film(path: Path) -> None:
    """Makes twenty hours quickly: a picture every minute."""
    film(path, seconds=20 * 3600, rate=Fraction(1, 60), every=1)


def small_files_only() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


BAD: dict[str, Callable[[Path], None]] = {
    "cut short": cut_short,
    "empty": empty,
    "text": text,
    "sound only": sound_only,
    "missing": missing,
    "endless": endless,
    "folder": Path.mkdir,
}


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_every_bad_file_is_one_line_with_its_reason_and_leaves_nothing(desk: Desk, suffix: str) -> None:
    paths = {name: desk.films / f"{name}{suffix}" for name in BAD}
    for name, make in BAD.items():
        make(paths[name])
    finished = desk.run("--format", "plex,emby,jellyfin", *paths.values(), code=1)
    lines = finished.stderr.splitlines()
    assert [sum(str(path) in line for line in lines) for path in paths.values()] == [1] * len(BAD)
    assert len(lines) == len(BAD)
    assert all(line.startswith("earshelf: ") for line in lines)
    assert (finished.stdout, desk.results()) == ("", [])


def test_one_bad_file_does_not_stop_the_others(desk: Desk) -> None:
    film(desk.films / "good.mkv", seconds=2)
    empty(desk.films / "bad.mkv")
    reports = {Path(report["video"]).stem: report for report in desk.reports(desk.films, code=1)}
    assert (reports["good"]["failed"], reports["bad"]["failed"]) == (False, True)
    assert reports["bad"]["reason"]


def test_a_folder_without_films_is_a_failure(desk: Desk) -> None:
    assert f"'{desk.films}' holds no video" in desk.run(".", code=1).stderr


def test_films_whose_results_would_have_one_name_are_wrong_usage(desk: Desk) -> None:
    (desk.films / "other").mkdir()
    for name in ("film.mkv", "other/film.mp4"):
        film(desk.films / name, seconds=1)
    finished = desk.run(".", code=2)
    assert len(finished.stderr.splitlines()) == 1
    assert "would all have results called 'film'" in finished.stderr
    assert not desk.output.exists()


def test_twenty_hours_are_counted(desk: Desk) -> None:
    long_film(desk.films / "film.mkv")
    (report,) = desk.reports("--interval", "60", "film.mkv")
    assert report["slots"] == 1200
    assert len(bif(desk.output / "film" / "index-sd.bif")[1]) == 1200


def test_an_output_that_is_a_file_is_a_reason(desk: Desk) -> None:
    film(desk.films / "film.mkv", seconds=1)
    desk.output.write_text("kept")
    finished = desk.run("film.mkv", code=1)
    assert str(desk.output) in finished.stderr
    assert len(finished.stderr.splitlines()) == 1
    assert desk.output.read_text() == "kept"


def test_a_format_whose_place_is_taken_does_not_stop_the_others(desk: Desk) -> None:
    film(desk.films / "film.mkv", seconds=1)
    desk.output.mkdir()
    (desk.output / "film").write_text("kept")
    (report,) = desk.reports("--format", "plex,emby,jellyfin", "film.mkv", code=1)
    assert [row["outcome"] for row in report["targets"]] == ["failed", "published", "published"]
    assert (desk.output / "film").read_text() == "kept"


def test_a_full_disk_leaves_nothing(desk: Desk) -> None:
    film(desk.films / "film.mkv", seconds=12)
    words = ("--format", "plex,emby,jellyfin", "--interval", "1", "film.mkv")
    finished = desk.run(*words, code=1, preexec_fn=small_files_only)
    assert "File too large" in finished.stderr
    assert (finished.stdout, desk.results()) == ("", [])


def until(happened: Callable[[], object], process: "subprocess.Popen[str]") -> None:
    """Waits until something is so while a command runs."""
    end = time.monotonic() + LIMIT
    while not happened():
        assert process.poll() is None, "it ended before that"
        assert time.monotonic() < end
        time.sleep(0.002)


def begun(desk: Desk) -> bool:
    return desk.output.exists() and any(path.is_file() for path in desk.output.rglob("*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_that_are_repeated_end_it_at_once(desk: Desk, number: signal.Signals) -> None:
    long_film(desk.films / "film.mkv")
    with desk.process("--interval", "1", "film.mkv") as process:
        until(lambda: begun(desk), process)
        while process.poll() is None:
            os.killpg(process.pid, number)
            # quicker than any hand, and not so quick that the system has no room for them
            time.sleep(0.005)
        _, err = process.communicate(timeout=LIMIT)
    assert process.returncode in (-number, 128 + number)
    assert "Traceback" not in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_nothing(desk: Desk, number: signal.Signals) -> None:
    long_film(desk.films / "film.mkv")
    with desk.process("--format", "plex,emby,jellyfin", "--interval", "1", "film.mkv") as process:
        until(lambda: begun(desk), process)
        # as a terminal does: to everybody in the group
        os.killpg(process.pid, number)
        _, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, err) == (128 + number, "earshelf: Stopped; what was complete by then is in place\n")
    assert desk.results() == []
    assert list(desk.temporary.iterdir()) == []


def test_what_a_killed_run_left_is_gone_after_the_next_start(desk: Desk) -> None:
    long_film(desk.films / "film.mkv")
    film(desk.films / "short.mkv", seconds=2)
    with desk.process("--format", "plex,emby,jellyfin", "--interval", "1", "film.mkv") as process:
        until(lambda: begun(desk), process)
        process.kill()
    assert desk.results() != []
    desk.run("short.mkv")
    assert desk.results() == ["short/index-sd.bif", "short/index-sd.bif.meta"]


def test_a_killed_run_leaves_no_process_behind(desk: Desk) -> None:
    long_film(desk.films / "film.mkv")
    with desk.process("--interval", "1", "film.mkv") as process:
        until(lambda: begun(desk), process)
        process.kill()
    end = time.monotonic() + LIMIT
    while group_lives(process.pid):
        assert time.monotonic() < end, "a worker went on"
        time.sleep(0.01)


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_film_that_is_replaced_while_it_is_read_publishes_nothing(desk: Desk) -> None:
    long_film(desk.films / "film.mkv")
    film(desk.folder / "new.mkv", seconds=2)
    with desk.process("--interval", "20", "film.mkv") as process:
        until(lambda: begun(desk), process)
        (desk.folder / "new.mkv").replace(desk.films / "film.mkv")
        _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 1
    assert re.search("was replaced .*while it was read", err)
    assert desk.results() == []


def test_a_link_does_not_lead_out_of_the_folder_that_media_may_lie_in(desk: Desk) -> None:
    outside = desk.folder / "private.mkv"
    film(outside, seconds=2)
    (desk.films / "linked.mkv").symlink_to(outside)
    film(desk.films / "good.mkv", seconds=2)
    desk.environment["MEDIA_ROOT"] = str(desk.films)
    finished = desk.run(desk.films, code=1)
    [line] = finished.stderr.splitlines()
    assert "linked.mkv' leads out of" in line
    assert "MEDIA_ROOT" in line
    assert desk.results() == ["good/index-sd.bif", "good/index-sd.bif.meta"]
