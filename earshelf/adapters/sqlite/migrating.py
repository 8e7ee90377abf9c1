"""Brings a database to this version: numbered SQL files, each in a transaction of its own, applied once."""

import sqlite3
from collections.abc import Iterator, Sequence

from earshelf.adapters.rows.migrations import Migration, refuse_strangers, shipped_with
from earshelf.adapters.sqlite.driver import Database

_LEDGER = """
CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at TEXT NOT NULL
)
"""
_ENTRY = "INSERT INTO migrations VALUES (?, ?, ?, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))"


def shipped() -> list[Migration]:
    """Returns the steps that come with this version, in their order."""
    return shipped_with("earshelf.adapters.sqlite")


def migrate(database: Database, migrations: Sequence[Migration]) -> list[str]:
    """Applies what is missing and returns its names.

    :raises StorageCorrupt: the database is newer than this version, or a step was changed after it was applied.
    """
    return [migration.name for migration in migrations if _apply(database, migration, migrations)]


def _apply(database: Database, migration: Migration, known: Sequence[Migration]) -> bool:
    # another process may be migrating too: look and write under one lock
    database.execute("BEGIN IMMEDIATE")
    try:
        database.execute(_LEDGER)
        missing = migration.number not in _checked_ledger(database, known)
        if missing:
            for statement in statements(migration.sql):
                database.execute(statement)
            database.execute(_ENTRY, (migration.number, migration.name, migration.checksum))
        database.commit()
    except BaseException:
        database.rollback()
        raise
    return missing


def _checked_ledger(database: Database, known: Sequence[Migration]) -> set[int]:
    done: dict[int, str] = dict(database.execute("SELECT number, checksum FROM migrations").fetchall())
    refuse_strangers(done, known)
    return set(done)


def statements(sql: str) -> Iterator[str]:
    """Cuts a script into statements; the bodies of triggers stay whole."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
