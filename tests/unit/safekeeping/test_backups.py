"""Backups and restores."""

import os
import shutil
import sqlite3
import stat
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.errors import (
    ConfigurationError,
    EarshelfError,
    FilesUnavailable,
)
from earshelf.entrypoints.safekeeping import back_up, restore, rotate_key
from tests.unit.safekeeping.installations import OTHER_KEY, add_a_book, held, interval


async def test_a_backup_puts_back_library_settings_and_key(home: ProcessSettings, backup: str) -> None:
    before = await held(home)
    key = (home.config_dir / "secret.key").read_text()
    await back_up(Container(settings=home), backup)
    await add_a_book(home)
    await rotate_key(Container(settings=home))
    container = Container(settings=home)
    async with container.opened():
        settings = await container.settings_store().load()
        await container.settings_store().save(settings.changed({"search": {"interval_minutes": 5}}))
    assert await held(home) != before
    await restore(Container(settings=home), backup, dry_run=False)
    assert await held(home) == before
    assert (home.config_dir / "secret.key").read_text() == key
    assert await interval(home) == 77
    await add_a_book(home)


async def test_a_restore_may_be_repeated(home: ProcessSettings, backup: str) -> None:
    before = await held(home)
    await back_up(Container(settings=home), backup)
    for _ in range(2):
        await add_a_book(home)
        await restore(Container(settings=home), backup, dry_run=False)
        assert await held(home) == before


async def test_a_dry_run_tells_and_changes_nothing(
    home: ProcessSettings, backup: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await back_up(Container(settings=home), backup)
    await add_a_book(home)
    before = await held(home)
    await restore(Container(settings=home), backup, dry_run=True)
    assert "1 book" in capsys.readouterr().out.splitlines()[-1]
    assert await held(home) == before


async def test_a_backup_of_one_database_restores_into_another_kind(
    home: ProcessSettings, backup: str, tmp_path: Path
) -> None:
    await back_up(Container(settings=home), backup)
    elsewhere = ProcessSettings(config_dir=tmp_path / "elsewhere")
    await restore(Container(settings=elsewhere), backup, dry_run=False)
    assert await held(elsewhere) == await held(home)
    assert await interval(elsewhere) == 77


async def test_the_replaced_library_is_kept_and_opens_with_the_replaced_key(
    sqlite: ProcessSettings, backup: str, tmp_path: Path
) -> None:
    await back_up(Container(settings=sqlite), backup)
    await rotate_key(Container(settings=sqlite))
    await add_a_book(sqlite)
    before = await held(sqlite)
    await restore(Container(settings=sqlite), backup, dry_run=False)
    old = tmp_path / "old"
    old.mkdir()
    shutil.copy(sqlite.config_dir / "earshelf.db.before-restore", old / "earshelf.db")
    shutil.copy(sqlite.config_dir / "secret.key.before-restore", old / "secret.key")
    assert await held(ProcessSettings(config_dir=old)) == before


async def test_a_damaged_library_can_be_replaced(sqlite: ProcessSettings, backup: str) -> None:
    before = await held(sqlite)
    await back_up(Container(settings=sqlite), backup)
    path = sqlite.config_dir / "earshelf.db"
    path.write_bytes(b"SQLite format 3\0" + os.urandom(5000))
    await restore(Container(settings=sqlite), backup, dry_run=False)
    assert await held(sqlite) == before


async def test_a_key_that_the_environment_fixes_stays_the_key(sqlite: ProcessSettings, backup: str) -> None:
    before = await held(sqlite)
    await back_up(Container(settings=sqlite), backup)
    fixed = replace(sqlite, config_dir=sqlite.config_dir.parent / "fixed", secret_key=OTHER_KEY)
    await restore(Container(settings=fixed), backup, dry_run=False)
    assert await held(fixed) == before
    assert not (fixed.config_dir / "secret.key").exists()


async def test_a_backup_is_private_and_shows_no_secret(sqlite: ProcessSettings, backup: str) -> None:
    await back_up(Container(settings=sqlite), backup)
    assert stat.S_IMODE(Path(backup).stat().st_mode) == 0o600
    assert sorted(each.name for each in Path(backup).parent.iterdir()) == ["backup.zip", "config"]
    with zipfile.ZipFile(backup) as file:
        records = file.read("records.jsonl").decode()
    assert "The Whole" in records
    for secret in ("the-api-key", "sesame", "passkey", "g-1"):
        assert secret not in records


async def test_a_backup_that_fails_leaves_the_one_before(sqlite: ProcessSettings, backup: str) -> None:
    await back_up(Container(settings=sqlite), backup)
    before = Path(backup).read_bytes()
    with closing(sqlite3.connect(sqlite.config_dir / "earshelf.db")) as connection:
        connection.execute("UPDATE downloads SET origin = 'spoiled'")
        connection.commit()
    with pytest.raises(EarshelfError):
        await back_up(Container(settings=sqlite), backup)
    assert Path(backup).read_bytes() == before
    assert sorted(each.name for each in Path(backup).parent.iterdir()) == ["backup.zip", "config"]


@pytest.mark.parametrize("place", ["", ".", "/", "{folder}", "{folder}/pipe"])
async def test_a_backup_takes_the_place_of_files_only(sqlite: ProcessSettings, tmp_path: Path, place: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FilesUnavailable, match="is no file"):
        await back_up(Container(settings=sqlite), place.format(folder=tmp_path))
    assert {each.name for each in tmp_path.iterdir()} == {"config", "pipe"}


async def test_a_summary_counts_in_words(
    sqlite: ProcessSettings, backup: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await add_a_book(sqlite)
    await back_up(Container(settings=sqlite), backup)
    printed = capsys.readouterr().out
    assert "1 series, 2 books" in printed
    assert "the settings and the key" in printed


async def test_a_backup_into_a_folder_that_is_not_there_is_named(sqlite: ProcessSettings, tmp_path: Path) -> None:
    with pytest.raises(FilesUnavailable, match="nowhere"):
        await back_up(Container(settings=sqlite), str(tmp_path / "nowhere" / "b.zip"))
    with pytest.raises(FilesUnavailable, match=r"missing\.zip"):
        await restore(Container(settings=sqlite), str(tmp_path / "missing.zip"), dry_run=True)


async def test_a_library_in_memory_cannot_be_kept_safe(tmp_path: Path, backup: str) -> None:
    settings = ProcessSettings(config_dir=tmp_path, database_url="memory://")
    for command in (
        back_up(Container(settings=settings), backup),
        restore(Container(settings=settings), backup, dry_run=False),
        rotate_key(Container(settings=settings)),
    ):
        with pytest.raises(ConfigurationError, match="memory"):
            await command
