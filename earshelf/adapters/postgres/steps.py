"""Single steps that happen whole or not at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.failures import translated
from earshelf.adapters.postgres.locks import Lock
from earshelf.adapters.postgres.session import Step

_BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({Lock.PEN:d})"


@asynccontextmanager
async def stepping(database: PostgresDatabase) -> AsyncIterator[Step]:
    """Holds the pen for statements that are durable afterwards."""
    connection = await database.take()
    try:
        with translated(database.place):
            await connection.execute(_BEGIN)
            yield Step(connection)
            await connection.execute("COMMIT")
    finally:
        await database.give_back(connection)
