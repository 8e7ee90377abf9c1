"""Wants to lead, tells on stdout when it does, and goes on until somebody kills it."""

import asyncio
import sys

from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.leadership import PostgresLeadership


async def term() -> None:
    sys.stdout.write("leads\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def main(dsn: str) -> None:
    async with PostgresDatabase(dsn) as database:
        await PostgresLeadership(database).lead(term)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
