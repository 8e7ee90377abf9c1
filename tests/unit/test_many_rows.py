"""Many rows at once in SQLite, also where it was built to take few values in a statement."""

import sqlite3
from pathlib import Path

import pytest

from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.media import SqliteMediaStore
from tests.contract.suites.media import ATTIC, an_item


@pytest.mark.parametrize("most_values", [501, 999, 32_766])
async def test_items_are_written_however_few_values_a_statement_may_hold(tmp_path: Path, most_values: int) -> None:
    keys = [str(number) for number in range(1100)]
    async with SqliteDatabase(tmp_path / "library.db") as database:
        store = SqliteMediaStore(database)
        await database.write(lambda inner: inner.conn.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, most_values))
        for title in ("Harbour", "Harbour Lights"):
            await store.items.put([an_item(key, f"{title} {key}") for key in keys])
        assert await store.items.keys(ATTIC, "1") == frozenset(keys)
