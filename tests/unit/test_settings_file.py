"""The settings file: replaced in one step, watched, never thrown away."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from earshelf.adapters.settings_file import SettingsFile
from earshelf.domain.errors import ConfigurationError, FilesUnavailable
from earshelf.domain.settings import LibrarySettings, Settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


def of_seeders(number: int) -> Settings:
    return Settings().changed({"quality": {"min_seeders": number}})


async def test_the_file_is_json_that_a_person_can_edit(path: Path) -> None:
    await SettingsFile(path.parent).save(Settings(library=LibrarySettings(path="/półka")))
    text = path.read_text(encoding="utf-8")
    assert '"path": "/półka"' in text
    assert json.loads(text) == Settings(library=LibrarySettings(path="/półka")).as_mapping()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_the_copy_before_is_kept_and_no_draft_is_left(path: Path) -> None:
    store = SettingsFile(path.parent)
    for number in (1, 2, 3):
        await store.save(of_seeders(number))
    assert sorted(each.name for each in path.parent.iterdir()) == ["settings.json", "settings.json.bak"]
    backup = json.loads((path.parent / "settings.json.bak").read_text())
    assert backup["quality"]["min_seeders"] == 2


async def test_a_change_by_hand_shows_at_the_next_reading(path: Path) -> None:
    store = SettingsFile(path.parent)
    await store.save(of_seeders(1))
    write(path, {"quality": {"min_seeders": 25}})
    assert await store.load() == of_seeders(25)
    path.unlink()
    assert await store.load() == Settings()


async def test_a_change_by_another_process_shows_at_the_next_reading(path: Path) -> None:
    one, other = SettingsFile(path.parent), SettingsFile(path.parent)
    await one.save(of_seeders(1))
    await other.save(of_seeders(2))
    assert await one.load() == of_seeders(2)


async def test_the_same_file_is_read_once(path: Path) -> None:
    store = SettingsFile(path.parent)
    await store.save(of_seeders(1))
    assert await store.load() is await store.load()


async def test_what_the_file_does_not_name_has_its_initial_value(path: Path) -> None:
    initial = Settings(library=LibrarySettings(path="/library"))
    store = SettingsFile(path.parent, initial)
    assert await store.load() == initial
    write(path, {"quality": {"min_seeders": 3}})
    assert (await store.load()).library.path == "/library"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "not JSON"),
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "one JSON object"),
        ('{"shelves": {}}', "shelves is not a setting"),
        ('{"quality": {"seeders": 1}}', "quality.seeders is not a setting"),
        ('{"quality": {"min_seeders": -1}, "rss": 5}', "quality.min_seeders must be between"),
    ],
)
async def test_a_file_that_cannot_be_used_is_named_with_the_remedy_and_left_alone(
    path: Path, content: str, why: str
) -> None:
    path.write_text(content)
    store = SettingsFile(path.parent)
    with pytest.raises(ConfigurationError) as refusal:
        await store.load()
    assert str(path) in refusal.value.message
    assert why in refusal.value.message
    assert "settings.json.bak" not in refusal.value.message
    path.with_name("settings.json.bak").write_text("{}")
    with pytest.raises(ConfigurationError, match=r"put back 'settings\.json\.bak'"):
        await store.load()
    with pytest.raises(ConfigurationError):
        await store.save(Settings())
    assert path.read_text() == content


async def test_a_corrected_file_works_without_a_restart(path: Path) -> None:
    store = SettingsFile(path.parent)
    path.write_text("{")
    with pytest.raises(ConfigurationError):
        await store.load()
    write(path, {"quality": {"min_seeders": 4}})
    assert await store.load() == of_seeders(4)


async def test_bytes_that_are_no_text_are_a_file_that_cannot_be_used(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError):
        await SettingsFile(path.parent).load()


async def test_a_folder_in_place_of_the_file_is_a_file_that_cannot_be_used(path: Path) -> None:
    path.mkdir()
    with pytest.raises(ConfigurationError, match=r"settings\.json"):
        await SettingsFile(path.parent).load()


async def test_a_pipe_in_place_of_the_file_is_not_waited_for(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    with pytest.raises(ConfigurationError, match="it is no file"):
        await SettingsFile(path.parent).load()


async def test_a_disk_that_refuses_leaves_the_old_settings_standing(path: Path) -> None:
    store = SettingsFile(path.parent)
    await store.save(of_seeders(1))
    os.mkdir(path.parent / ".settings.json.draft")  # noqa: PTH102 - a path that cannot be written, also for root
    with pytest.raises(FilesUnavailable, match=r"settings\.json"):
        await store.save(of_seeders(2))
    assert await store.load() == of_seeders(1)
