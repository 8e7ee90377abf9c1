"""Statements about many rows at once."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from earshelf.adapters.sqlite.driver import Database

_ROWS_AT_ONCE = 500


def execute_rows(database: Database, sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Runs a statement with rows of values in place of its ``%s``.

    Every statement lets go of the interpreter and has to get it back, for which it waits where another thread is busy:
    with one for each row the writer would mostly wait.
    """
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[start : start + _ROWS_AT_ONCE]
        row = f"({', '.join('?' * len(some[0]))})"
        database.conn.execute(sql % ", ".join([row] * len(some)), list(chain.from_iterable(some)))
