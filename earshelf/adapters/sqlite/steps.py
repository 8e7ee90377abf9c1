"""Single steps that happen whole or not at all."""

from collections.abc import Callable
from typing import TypeVar

from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.driver import Database

ResultT = TypeVar("ResultT")

LARGE_CACHE = "PRAGMA cache_size = -32000"
"""Room for what the indexes of many items touch, whose keys come in no order: it spares half of the reading."""


async def step(database: SqliteDatabase, work: Callable[[Database], ResultT]) -> ResultT:
    """Does work on the writing connection, and makes it durable."""
    async with database.pen:
        return await database.write(lambda opened: whole(opened, work))


def whole(database: Database, work: Callable[[Database], ResultT]) -> ResultT:
    """Does work that counts whole or not at all."""
    database.conn.execute("BEGIN IMMEDIATE")
    try:
        result = work(database)
        database.conn.execute("COMMIT")
    except BaseException:
        database.rollback()
        raise
    return result
