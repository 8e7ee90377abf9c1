"""Bringing a database to this version."""

import asyncio
import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from earshelf.adapters.rows.migrations import Migration
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.migrating import migrate, shipped, statements
from earshelf.domain.errors import StorageCorrupt
from tests.unit import shown_names

SECOND = Migration(9001, "9001_later", "CREATE TABLE later (x);\nINSERT INTO later VALUES (1);\n")


def schema(path: Path) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").fetchall()
    finally:
        connection.close()


async def opened_once(path: Path) -> None:
    async with SqliteDatabase(path):
        pass


def test_the_steps_are_numbered_without_a_gap() -> None:
    assert [migration.number for migration in shipped()] == list(range(1, len(shipped()) + 1))


async def test_a_database_that_grew_step_by_step_equals_a_fresh_one(tmp_path: Path) -> None:
    grown, fresh = tmp_path / "grown.db", tmp_path / "fresh.db"
    steps = [*shipped(), SECOND]
    for count in range(1, len(steps) + 1):
        with Database(sqlite3.connect(grown, isolation_level=None)) as database:
            assert migrate(database, steps[:count]) == [steps[count - 1].name]
    with Database(sqlite3.connect(fresh, isolation_level=None)) as database:
        assert migrate(database, steps) == [step.name for step in steps]
        assert migrate(database, steps) == []
    assert schema(grown) == schema(fresh)


async def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    await opened_once(path)
    before = schema(path)
    await opened_once(path)
    assert schema(path) == before


async def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    await asyncio.gather(*(opened_once(path) for _ in range(4)))
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM migrations").fetchone() == (len(shipped()),)
    connection.close()


async def test_a_failing_step_leaves_nothing_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    broken = replace(SECOND, sql=SECOND.sql + "INSERT INTO nowhere VALUES (1);")
    async with SqliteDatabase(path) as database:
        with pytest.raises(StorageCorrupt):
            await database.migrate([*shipped(), broken])
        assert await database.migrate([*shipped(), SECOND]) == ["9001_later"]


async def test_a_newer_schema_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    async with SqliteDatabase(path) as database:
        await database.migrate([*shipped(), SECOND])
    known = len(shipped())
    with pytest.raises(StorageCorrupt, match=f"has schema 9001 and this version knows up to {known}; update Earshelf"):
        await opened_once(path)


async def test_a_step_that_was_changed_after_it_was_applied_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    async with SqliteDatabase(path) as database:
        first = shipped()[0]
        with pytest.raises(StorageCorrupt, match="step 1 is not the one"):
            await database.migrate([replace(first, sql=first.sql + "\n-- changed")])


def test_a_script_is_cut_into_statements_and_triggers_stay_whole() -> None:
    script = (
        "-- why; because\nCREATE TABLE a (x TEXT DEFAULT ';');\n\n"
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  DELETE FROM a;\n  DELETE FROM a;\nEND;\n-- the end\n"
    )
    table, trigger = statements(script)
    assert table.endswith("DEFAULT ';');")
    assert trigger.startswith("CREATE TRIGGER")
    assert trigger.endswith("END;")


def test_what_lists_show_is_respelt_name_by_name() -> None:
    with Database(sqlite3.connect(":memory:", isolation_level=None)) as database:
        migrate(database, shipped()[:1])
        for insert in shown_names.inserts():
            database.execute(insert)
        migrate(database, shipped())
        shown = dict(database.execute("SELECT id, shown FROM books").fetchall())
    assert {book: json.loads(text) for book, text in shown.items()} == shown_names.AFTER
