"""``earshelf previews`` where the owner's settings lie in the folder of the configuration."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.previews import Desk, film

pytestmark = pytest.mark.journey


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def settle(desk: Desk, settings: dict[str, Any]) -> None:
    desk.config.mkdir()
    (desk.config / "settings.json").write_text(json.dumps(settings))


def test_settings_decide_what_options_leave_open(desk: Desk) -> None:
    film(desk.films / "film.mkv", seconds=6)
    settle(desk, {"thumbnail_interval": 2, "thumbnail_accuracy": "exact"})
    (report,) = desk.reports("--format", "emby", "film.mkv")
    assert (report["slots"], report["targets"][0]["path"]) == (3, str(desk.output / "film-320-2.bif"))


def test_an_option_outweighs_its_setting(desk: Desk) -> None:
    film(desk.films / "film.mkv", seconds=6)
    settle(desk, {"thumbnail_interval": 2})
    (report,) = desk.reports("--interval", "3", "film.mkv")
    assert report["slots"] == 2


def test_quality_comes_from_the_settings(desk: Desk) -> None:
    film(desk.films / "film.mkv")
    settle(desk, {"thumbnail_quality": 10})
    desk.run("film.mkv")
    coarse = (desk.output / "film/index-sd.bif").stat().st_size
    desk.run("--quality", "1", "film.mkv")
    assert (desk.output / "film/index-sd.bif").stat().st_size > coarse


def test_excluded_videos_are_left_out_and_told(desk: Desk) -> None:
    for name in ("old/film.mkv", "new/movie.mkv", "new/movie-trailer.mkv"):
        (desk.films / name).parent.mkdir(exist_ok=True)
        film(desk.films / name)
    settle(desk, {"exclude_paths": [str(desk.films / "old"), {"type": "regex", "value": r"-trailer\.mkv$"}]})
    ended = desk.run("--json", str(desk.films))
    assert [json.loads(line)["video"] for line in ended.stdout.splitlines()] == [str(desk.films / "new/movie.mkv")]
    assert f"left out by the exclude rule '{desk.films}/old': 1 video" in ended.stderr
    assert r"left out by the exclude rule '-trailer\.mkv$': 1 video" in ended.stderr


@pytest.mark.parametrize(("minutes", "provenance"), [(60, "cache_hit"), (10, "extracted")])
def test_pictures_are_kept_for_as_long_as_the_settings_say(desk: Desk, minutes: int, provenance: str) -> None:
    film(desk.films / "film.mkv")
    settle(desk, {"frame_reuse": {"ttl_minutes": minutes}})
    desk.run("--format", "jellyfin", "film.mkv")
    for kept in desk.config.rglob("*.bif"):
        half_an_hour_ago = time.time() - 1800
        os.utime(kept, (half_an_hour_ago, half_an_hour_ago))
    (report,) = desk.reports("--output", str(desk.folder / "elsewhere"), "film.mkv")
    assert report["provenance"] == provenance


def test_settings_that_cannot_be_understood_end_the_command_with_the_reason(desk: Desk) -> None:
    film(desk.films / "film.mkv")
    settle(desk, {"thumbnail_interval": 0})
    ended = desk.run("film.mkv", code=1)
    assert "settings.json" in ended.stderr
    assert "thumbnail_interval" in ended.stderr
    assert not desk.output.exists()
