"""Brings a database to this version: numbered SQL files, each in a transaction of its own, applied once."""

from collections.abc import Sequence
from typing import Any

from earshelf.adapters.postgres.locks import Lock
from earshelf.adapters.rows.migrations import Migration, refuse_strangers, shipped_with

_LEDGER = """
CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL
)
"""
# a step may rewrite a million rows
_STATEMENT_SECONDS = 3600.0
_ENTRY = "INSERT INTO migrations VALUES ($1, $2, $3, now())"


def shipped() -> list[Migration]:
    """Returns the steps that come with this version, in their order."""
    return shipped_with("earshelf.adapters.postgres")


async def migrate(connection: Any, migrations: Sequence[Migration]) -> list[str]:
    """Applies what is missing and returns its names.

    :raises StorageCorrupt: the database is newer than this version, or a step was changed after it was applied.
    """
    return [migration.name for migration in migrations if await _apply(connection, migration, migrations)]


async def _apply(connection: Any, migration: Migration, known: Sequence[Migration]) -> bool:
    async with connection.transaction():
        # another process may be migrating too: look and write under one lock
        await connection.execute("SELECT pg_advisory_xact_lock($1)", Lock.MIGRATION)
        await connection.execute("SET LOCAL client_min_messages = warning")
        await connection.execute(_LEDGER)
        done = dict(await connection.fetch("SELECT number, checksum FROM migrations"))
        refuse_strangers(done, known)
        if migration.number in done:
            return False
        await connection.execute(migration.sql, timeout=_STATEMENT_SECONDS)
        await connection.execute(_ENTRY, migration.number, migration.name, migration.checksum)
    return True
