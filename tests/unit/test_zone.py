"""In which time zone schedules are meant."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import TZPATH

import pytest

from earshelf.config.zone import local_zone


def offsets(name: str | None, system: Path = Path("/nowhere")) -> list[timedelta | None]:
    zone = local_zone(name, system)
    return [datetime(2026, month, 1, tzinfo=UTC).astimezone(zone).utcoffset() for month in (1, 7)]


def test_the_variable_names_a_zone_with_its_summer_time() -> None:
    assert offsets("Europe/Berlin") == offsets(":Europe/Berlin") == [timedelta(hours=1), timedelta(hours=2)]


def test_without_a_name_the_system_decides(tmp_path: Path) -> None:
    berlin = next(path for path in (Path(folder) / "Europe" / "Berlin" for folder in TZPATH) if path.exists())
    assert offsets("", berlin) == [timedelta(hours=1), timedelta(hours=2)]
    (tmp_path / "localtime").write_bytes(b"no zone")
    assert offsets("", tmp_path / "localtime") == offsets("") == [timedelta(), timedelta()]


@pytest.mark.parametrize("name", ["Europe/Atlantis", "../../etc/passwd", "a\0b", "x" * 5000])
def test_a_zone_that_nobody_knows_is_utc(name: str, caplog: pytest.LogCaptureFixture) -> None:
    assert offsets(name) == [timedelta(), timedelta()]
    assert "TZ names no time zone" in caplog.text
