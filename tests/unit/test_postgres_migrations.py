"""Bringing a PostgreSQL database to this version, and keeping its schema like SQLite's."""

import asyncio
import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.migrating import migrate, shipped
from earshelf.adapters.rows.migrations import Migration, shipped_with
from earshelf.adapters.sqlite import migrating as sqlite_migrating
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.domain.errors import ConfigurationError, StorageCorrupt
from tests.databases.holder import in_database, run
from tests.databases.postgres import PostgresServer
from tests.unit import shown_names

SECOND = Migration(9001, "9001_later", "CREATE TABLE later (x INTEGER);\nINSERT INTO later VALUES (1);\n")

_SCHEMA = """
SELECT 'column', table_name || '.' || column_name,
    concat_ws(' ', data_type, is_nullable, column_default, collation_name)
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
ORDER BY 1, 2
"""


async def asked(dsn: str, sql: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def test_a_database_that_grew_step_by_step_equals_a_fresh_one(postgres_server: PostgresServer) -> None:
    steps = [*shipped(), SECOND]
    async with postgres_server.fresh_database(empty=True) as grown, postgres_server.fresh_database(empty=True) as fresh:
        for count in range(1, len(steps) + 1):
            connection = await asyncpg.connect(grown)
            assert await migrate(connection, steps[:count]) == [steps[count - 1].name]
            await connection.close()
        connection = await asyncpg.connect(fresh)
        assert await migrate(connection, steps) == [step.name for step in steps]
        assert await migrate(connection, steps) == []
        await connection.close()
        assert await asked(grown, _SCHEMA) == await asked(fresh, _SCHEMA)


async def test_opening_again_changes_nothing(postgres_dsn: str) -> None:
    before = await asked(postgres_dsn, _SCHEMA)
    async with PostgresDatabase(postgres_dsn):
        pass
    assert await asked(postgres_dsn, _SCHEMA) == before
    assert len(before) > 100


async def test_processes_that_start_together_migrate_once(postgres_server: PostgresServer) -> None:
    async def open_once(dsn: str) -> None:
        async with PostgresDatabase(dsn):
            pass

    async with postgres_server.fresh_database(empty=True) as dsn:
        await asyncio.gather(*(open_once(dsn) for _ in range(4)))
        assert await asked(dsn, "SELECT number FROM migrations") == [(step.number,) for step in shipped()]


async def test_a_failing_step_leaves_nothing_of_itself(postgres_dsn: str) -> None:
    broken = replace(SECOND, sql=SECOND.sql + "INSERT INTO nowhere VALUES (1);")
    async with PostgresDatabase(postgres_dsn) as database:
        with pytest.raises(StorageCorrupt):
            await database.migrate([*shipped(), broken])
        assert await database.migrate([*shipped(), SECOND]) == ["9001_later"]


async def test_a_newer_schema_is_refused_with_the_remedy(postgres_dsn: str) -> None:
    async with PostgresDatabase(postgres_dsn) as database:
        await database.migrate([*shipped(), SECOND])
    with pytest.raises(StorageCorrupt, match=r"has schema 9001 and this version knows up to .*; update Earshelf"):
        await PostgresDatabase(postgres_dsn).__aenter__()


async def test_a_step_that_was_changed_after_it_was_applied_is_refused(postgres_dsn: str) -> None:
    first, *others = shipped()
    async with PostgresDatabase(postgres_dsn) as database:
        with pytest.raises(StorageCorrupt, match="step 1 is not the one"):
            await database.migrate([replace(first, sql=first.sql + "\n-- changed"), *others])


async def test_a_database_that_cannot_hold_every_script_is_refused(postgres_server: PostgresServer) -> None:
    name = f"{postgres_server.template}_latin"
    await run(postgres_server.dsn, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    try:
        with pytest.raises(ConfigurationError, match="encoded in LATIN1; create one with ENCODING 'UTF8'"):
            await PostgresDatabase(in_database(postgres_server.dsn, name)).__aenter__()
    finally:
        await run(postgres_server.dsn, f"DROP DATABASE {name} WITH (FORCE)")


def sqlite_schema(path: Path) -> tuple[set[str], set[str]]:
    """Returns ``table.column`` names and the names of indexes."""
    connection = sqlite3.connect(path)
    try:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        columns = {
            f"{table}.{column}"
            for (table,) in tables.fetchall()
            for _, column, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall()
        }
        indexes = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        return columns, {name for (name,) in indexes.fetchall()}
    finally:
        connection.close()


def test_both_databases_take_the_same_steps() -> None:
    assert [step.name for step in shipped()] == [step.name for step in sqlite_migrating.shipped()]


async def test_both_databases_have_the_same_tables_columns_and_indexes(tmp_path: Path, postgres_dsn: str) -> None:
    path = tmp_path / "library.db"
    async with SqliteDatabase(path):
        pass
    columns, indexes = sqlite_schema(path)
    named = {name for kind, name, _ in await asked(postgres_dsn, _SCHEMA) if kind == "column"}
    # the settings of a library in a file lie in a file
    assert named - {"settings.number", "settings.content"} == columns
    indexed = {
        name for (name,) in await asked(postgres_dsn, "SELECT indexname FROM pg_indexes WHERE schemaname='public'")
    }
    ours = {name for name in indexed if not name.endswith("_pkey")}
    keyed = ("author", "narrator", "quality", "size", "format")
    # missing values come last both ways, which one index serves in SQLite and two do here
    downward = {f"books_{where}by_{key}_down" for where in ("", "in_status_") for key in keyed}
    assert ours == indexes | downward


async def test_what_lists_show_is_respelt_name_by_name(postgres_server: PostgresServer) -> None:
    async with postgres_server.fresh_database(empty=True) as dsn:
        connection = await asyncpg.connect(dsn)
        try:
            await migrate(connection, shipped()[:1])
            for insert in shown_names.inserts():
                await connection.execute(insert)
            await migrate(connection, shipped())
            rows = await connection.fetch("SELECT id, shown FROM books")
        finally:
            await connection.close()
    assert {row["id"]: json.loads(row["shown"]) for row in rows} == shown_names.AFTER


def test_both_databases_go_through_steps_of_the_same_number_and_name() -> None:
    assert [(step.number, step.name) for step in shipped()] == [
        (step.number, step.name) for step in shipped_with("earshelf.adapters.sqlite")
    ]
    assert [step.number for step in shipped()] == list(range(1, len(shipped()) + 1))
