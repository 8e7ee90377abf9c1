"""Backups, restores, copies and new keys, on real databases, through the container that the commands use."""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.access import Credential
from earshelf.domain.errors import (
    ConfigurationError,
    Conflict,
    EarshelfError,
    FilesUnavailable,
    Invalid,
    SecretUnreadable,
)
from earshelf.domain.records import Tally
from earshelf.entrypoints.safekeeping import back_up, copy_database, restore, rotate_key
from earshelf.entrypoints.server import running
from tests.contract.suites.archive import furnish, tallies_of
from tests.contract.suites.makers import a_book, shelve
from tests.databases.postgres import PostgresServer

ROOT = Path(__file__).parents[2]
OTHER_KEY = "ab" * 32
THIRD_KEY = "cd" * 32


@asynccontextmanager
async def sqlite_home(request: pytest.FixtureRequest) -> AsyncIterator[ProcessSettings]:
    yield ProcessSettings(config_dir=request.getfixturevalue("tmp_path") / "config")


@asynccontextmanager
async def postgres_home(request: pytest.FixtureRequest) -> AsyncIterator[ProcessSettings]:
    server: PostgresServer = request.getfixturevalue("postgres_server")
    async with server.fresh_database(empty=True) as dsn:
        yield ProcessSettings(config_dir=request.getfixturevalue("tmp_path") / "config", database_url=dsn)


@pytest.fixture(params=[sqlite_home, postgres_home], ids=["sqlite", "postgres"])
async def home(request: pytest.FixtureRequest) -> AsyncIterator[ProcessSettings]:
    """An installation with something of everything in it."""
    async with request.param(request) as settings:
        container = Container(settings=settings)
        async with container.opened():
            await furnish(container.storage())
            stored = await container.settings_store().load()
            await container.settings_store().save(stored.changed({"search": {"interval_minutes": 77}}))
        yield settings


@pytest.fixture
async def sqlite(request: pytest.FixtureRequest) -> AsyncIterator[ProcessSettings]:
    async with sqlite_home(request) as settings:
        container = Container(settings=settings)
        async with container.opened():
            await furnish(container.storage())
        yield settings


@pytest.fixture
def backup(tmp_path: Path) -> str:
    return str(tmp_path / "backup.zip")


async def held(settings: ProcessSettings) -> dict[str, Tally]:
    """What an installation holds, opened as the server opens it."""
    container = Container(settings=settings)
    async with container.opened():
        return await tallies_of(container.archive(), AesGcmCipher(container.key()))


async def add_a_book(settings: ProcessSettings) -> None:
    container = Container(settings=settings)
    async with container.opened():
        await shelve(container.storage(), a_book("After the backup"))


async def interval(settings: ProcessSettings) -> int:
    container = Container(settings=settings)
    async with container.opened():
        stored = await container.settings_store().load()
    return int(stored.search.interval_minutes)


async def serve_once(settings: ProcessSettings) -> None:
    """Starts the server and stops it."""
    async with running(Container(settings=settings.at(port=0))):
        pass


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


async def test_a_backup_into_a_folder_that_is_not_there_is_named(sqlite: ProcessSettings, tmp_path: Path) -> None:
    with pytest.raises(FilesUnavailable, match="nowhere"):
        await back_up(Container(settings=sqlite), str(tmp_path / "nowhere" / "b.zip"))
    with pytest.raises(FilesUnavailable, match=r"missing\.zip"):
        await restore(Container(settings=sqlite), str(tmp_path / "missing.zip"), dry_run=True)


def rewritten(path: str, **parts: bytes | None) -> None:
    """Writes the zip anew with other parts; None leaves one out."""
    with zipfile.ZipFile(path) as file:
        content = {name: file.read(name) for name in file.namelist()}
    content |= {name.replace("__", "/").replace("_", "."): part for name, part in parts.items() if part is not None}
    left_out = {name.replace("_", ".") for name, part in parts.items() if part is None}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in content.items():
            if name not in left_out:
                file.writestr(name, part)


def overwrite(path: str, content: bytes) -> None:
    Path(path).write_bytes(content)


def cut(path: str) -> None:
    Path(path).write_bytes(Path(path).read_bytes()[:-300])


def flip(path: str) -> None:
    content = bytearray(Path(path).read_bytes())
    content[120] ^= 0xFF
    Path(path).write_bytes(content)


def records_with(path: str, change: Callable[[str], str]) -> None:
    with zipfile.ZipFile(path) as file:
        text = file.read("records.jsonl").decode()
    rewritten(path, records_jsonl=change(text).encode())


def manifest_with(path: str, **changes: object) -> None:
    with zipfile.ZipFile(path) as file:
        manifest = json.loads(file.read("manifest.json"))
    rewritten(path, manifest_json=json.dumps(manifest | changes).encode())


def climb(path: str) -> None:
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("../../escaped", "gotcha")


def twice(path: str) -> None:
    with zipfile.ZipFile(path, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("secret.key", OTHER_KEY)


HOSTILE: dict[str, Callable[[str], None]] = {
    "no zip": lambda path: overwrite(path, b"nothing of the sort"),
    "empty": lambda path: overwrite(path, b""),
    "cut short": cut,
    "a bit flipped": flip,
    "a path that climbs": climb,
    "a part twice": twice,
    "a bomb": lambda path: rewritten(path, settings_json=b" " * (64 << 20)),
    "a bomb of records": lambda path: rewritten(path, records_jsonl=b"\n" * (64 << 20)),
    "a line without end": lambda path: rewritten(path, records_jsonl=os.urandom(17 << 20).hex().encode()),
    "no key": lambda path: rewritten(path, secret_key=None),
    "another key": lambda path: rewritten(path, secret_key=OTHER_KEY.encode()),
    "a key that is none": lambda path: rewritten(path, secret_key=b"hush"),
    "no manifest": lambda path: rewritten(path, manifest_json=b"[]"),
    "a manifest of wrong types": lambda path: manifest_with(path, tallies={"book": 1}),
    "a later format": lambda path: manifest_with(path, format=2),
    "deep JSON": lambda path: rewritten(path, manifest_json=b"[" * 100_000),
    "settings of wrong types": lambda path: rewritten(path, settings_json=b'{"search": {"interval_minutes": "x"}}'),
    "a record left out": lambda path: records_with(path, lambda text: text.split("\n", 1)[1]),
    "a record twice": lambda path: records_with(path, lambda text: text.split("\n", 1)[0] + "\n" + text),
    "a changed record": lambda path: records_with(path, lambda text: text.replace("The Whole", "The Hole")),
    "a record of wrong types": lambda path: records_with(path, lambda text: text.replace('"The Whole"', "17")),
    "a record of no kind": lambda path: records_with(path, lambda text: "spell {}\n" + text),
    "a line that is no record": lambda path: records_with(path, lambda text: "book\n" + text),
    "broken characters": lambda path: records_with(path, lambda text: text.replace("The Whole", "\\ud800")),
    "a secret moved": lambda path: records_with(path, lambda text: text.replace("credential!", "integration!")),
}


@pytest.mark.parametrize("spoil", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("dry_run", [True, False], ids=["dry run", "restore"])
async def test_a_backup_that_is_not_sound_is_refused_and_nothing_changes(
    sqlite: ProcessSettings, backup: str, spoil: Callable[[str], None], dry_run: bool
) -> None:
    await back_up(Container(settings=sqlite), backup)
    before = {each.name: each.read_bytes() for each in sqlite.config_dir.iterdir()}
    spoil(backup)
    with pytest.raises(Invalid) as refusal:
        await restore(Container(settings=sqlite), backup, dry_run=dry_run)
    assert "backup.zip" in refusal.value.message
    assert "\n" not in refusal.value.message
    after = {each.name: each.read_bytes() for each in sqlite.config_dir.iterdir() if each.suffix != ".lock"}
    assert after == before
    assert not list(sqlite.config_dir.parent.parent.glob("escaped"))


async def test_a_new_key_opens_everything_and_the_old_one_nothing(home: ProcessSettings) -> None:
    before, key = await held(home), (home.config_dir / "secret.key").read_text()
    await rotate_key(Container(settings=home))
    assert (home.config_dir / "secret.key").read_text() != key
    assert await held(home) == before
    (home.config_dir / "secret.key").write_text(key)
    for command in (
        rotate_key(Container(settings=home)),
        back_up(Container(settings=home), str(home.config_dir / "backup.zip")),
        serve_once(home),
    ):
        with pytest.raises(SecretUnreadable, match="need the key with id"):
            await command


async def test_a_library_whose_secrets_were_given_up_is_served_and_backed_up_without_them(
    home: ProcessSettings, backup: str
) -> None:
    (home.config_dir / "secret.key").unlink()
    with pytest.raises(SecretUnreadable, match="--regenerate"):
        await serve_once(home)
    for credential in Credential:
        container = Container(settings=home)
        async with container.opened():
            await container.authenticating().regenerate(credential)
    await serve_once(home)
    await rotate_key(Container(settings=home))
    await back_up(Container(settings=home), backup)
    before = await held(home)
    await restore(Container(settings=home), backup, dry_run=False)
    assert await held(home) == before
    assert before["book"].count == 1


async def test_a_server_keeps_restores_and_new_keys_away(home: ProcessSettings, backup: str) -> None:
    await back_up(Container(settings=home), backup)
    before = await held(home)
    server = Container(settings=home)
    leading = asyncio.Event()

    async def term() -> None:
        leading.set()
        await asyncio.Event().wait()

    async with server.leadership().presence(), server.opened():
        serving = asyncio.create_task(server.leadership().lead(term))
        await leading.wait()
        for command in (rotate_key(Container(settings=home)), restore(Container(settings=home), backup, dry_run=False)):
            with pytest.raises(ConfigurationError, match="stop"):
                await command
        await back_up(Container(settings=home), backup)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    assert await held(home) == before


async def test_a_fixed_key_is_changed_by_naming_the_next_one(tmp_path: Path) -> None:
    fixed = ProcessSettings(config_dir=tmp_path, secret_key=OTHER_KEY)
    container = Container(settings=fixed)
    async with container.opened():
        await furnish(container.storage())
    before = await held(fixed)
    with pytest.raises(ConfigurationError, match="EARSHELF_SECRET_KEY_NEXT"):
        await rotate_key(Container(settings=fixed))
    assert await held(fixed) == before
    await rotate_key(Container(settings=replace(fixed, secret_key_next=THIRD_KEY)))
    assert await held(replace(fixed, secret_key_next=THIRD_KEY)) == before
    assert await held(replace(fixed, secret_key=THIRD_KEY)) == before
    with pytest.raises(SecretUnreadable, match="EARSHELF_SECRET_KEY"):
        await serve_once(fixed)


async def test_the_key_in_use_is_no_new_key(tmp_path: Path) -> None:
    fixed = ProcessSettings(config_dir=tmp_path, secret_key=OTHER_KEY, secret_key_next=OTHER_KEY)
    with pytest.raises(ConfigurationError, match="choose another"):
        await rotate_key(Container(settings=fixed))


async def test_a_copy_is_equal_and_takes_the_settings_along(
    home: ProcessSettings, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    before = await held(home)
    async with postgres_server.fresh_database(empty=True) as dsn:
        await copy_database(home, home.database, dsn)
        there = replace(home, database_url=dsn)
        assert await held(there) == before
        assert await interval(there) == 77
        file = f"sqlite:///{tmp_path / 'back.db'}"
        await copy_database(home, dsn, file)
        assert await held(replace(home, database_url=file)) == before
        with pytest.raises(Conflict, match="not empty"):
            await copy_database(home, home.database, dsn)
    assert await held(home) == before


@pytest.mark.parametrize(
    ("origin", "target", "named"),
    [
        ("memory://", "sqlite:////tmp/x.db", "FROM_URL"),
        ("sqlite:////nowhere/at/all.db", "sqlite:////tmp/x.db", "nowhere"),
        ("sqlite:///here.db", "mysql://me:hush@db/x", "TO_URL"),
        ("postgresql://me:hush@127.0.0.1:1/x", "sqlite:///{folder}/x.db", "127.0.0.1:1/x"),
    ],
)
async def test_a_copy_that_cannot_begin_says_so_without_the_password(
    tmp_path: Path, origin: str, target: str, named: str
) -> None:
    settings = ProcessSettings(config_dir=tmp_path)
    with pytest.raises(EarshelfError) as refusal:
        await copy_database(settings, origin, target.format(folder=tmp_path))
    assert named in refusal.value.message
    assert "hush" not in refusal.value.message


async def test_a_library_in_memory_cannot_be_kept_safe(tmp_path: Path, backup: str) -> None:
    settings = ProcessSettings(config_dir=tmp_path, database_url="memory://")
    for command in (
        back_up(Container(settings=settings), backup),
        restore(Container(settings=settings), backup, dry_run=False),
        rotate_key(Container(settings=settings)),
    ):
        with pytest.raises(ConfigurationError, match="memory"):
            await command


def dying_at_every_step(folder: Path, work: str) -> list[Path]:
    """Every state of the disk that a killed command left behind, and the last one, which went through."""
    command = [sys.executable, "-m", "tests.unit.dying_safekeeper", str(folder), work]
    worlds = []
    for step in range(1, 200):
        world = folder / f"{work}-{step}"
        shutil.copytree(folder / "origin", world)
        code = subprocess.run([*command, str(world), str(step)], cwd=ROOT, check=False, timeout=60).returncode
        worlds.append(world)
        if code != -signal.SIGKILL:
            assert code == 0
            return worlds
    pytest.fail("it never comes to an end")


async def test_a_new_key_that_is_cut_short_at_any_step_leaves_everything_readable(tmp_path: Path) -> None:
    origin = ProcessSettings(config_dir=tmp_path / "origin")
    container = Container(settings=origin)
    async with container.opened():
        await furnish(container.storage())
    before = await held(origin)
    worlds = await asyncio.to_thread(dying_at_every_step, tmp_path, "rotate")
    assert len(worlds) > 5
    for world in worlds:
        settings = ProcessSettings(config_dir=world)
        assert await held(settings) == before, world.name
        await rotate_key(Container(settings=settings))
        assert await held(settings) == before, world.name


async def test_a_restore_that_is_cut_short_at_any_step_leaves_one_library_or_the_other(tmp_path: Path) -> None:
    origin = ProcessSettings(config_dir=tmp_path / "origin")
    container = Container(settings=origin)
    async with container.opened():
        await furnish(container.storage())
    backed_up = await held(origin)
    await back_up(Container(settings=origin), str(tmp_path / "origin" / "backup.zip"))
    await rotate_key(Container(settings=origin))
    await add_a_book(origin)
    later = await held(origin)
    worlds = await asyncio.to_thread(dying_at_every_step, tmp_path, "restore")
    assert len(worlds) > 10
    seen = set()
    for world in worlds:
        settings = ProcessSettings(config_dir=world)
        found = await held(settings)
        assert found in (later, backed_up), world.name
        seen.add(found == later)
        await restore(Container(settings=settings), str(world / "backup.zip"), dry_run=False)
        assert await held(settings) == backed_up, world.name
    assert seen == {True, False}
