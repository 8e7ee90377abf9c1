"""Statements about many rows at once."""

import sqlite3
from collections.abc import Sequence
from itertools import chain
from typing import Any

from earshelf.adapters.sqlite.driver import Database

_MOST_ROWS = 500


def execute_rows(database: Database, sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Runs a statement with rows of values in place of its ``%s``.

    Every statement lets go of the interpreter and has to get it back, for which it waits where another thread is busy:
    with one for each row the writer would mostly wait.
    """
    if not rows:
        return
    # 32,766 values usually, but some builds admit 999
    most_values = database.conn.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    at_once = max(1, min(_MOST_ROWS, most_values // len(rows[0])))
    for start in range(0, len(rows), at_once):
        some = rows[start : start + at_once]
        row = f"({', '.join('?' * len(some[0]))})"
        database.conn.execute(sql % ", ".join([row] * len(some)), list(chain.from_iterable(some)))
