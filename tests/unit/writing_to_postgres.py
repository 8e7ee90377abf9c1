"""Adds books two at a time and tells each commit on stdout, until somebody kills it."""

import asyncio
import itertools
import sys

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.storage import PostgresStorage
from earshelf.adapters.system import SystemClock, SystemEntropy
from earshelf.domain.books import Book
from earshelf.domain.ids import BookId, IdPrefix
from earshelf.ports.system import Clock


async def write_forever(dsn: str, clock: Clock) -> None:
    entropy = SystemEntropy()
    async with PostgresDatabase(dsn) as database:
        storage = PostgresStorage(database, AesGcmCipher(bytes(32)))
        for number in itertools.count():
            async with storage.unit() as unit:
                for title in (f"Book {number}", f"Book {number}, again"):
                    book = Book(BookId(entropy.new_id(IdPrefix.BOOK)), title, clock.now(), clock.now())
                    book.announce_added()
                    await unit.books.add(book)
                await unit.commit(clock.now())
            sys.stdout.write(f"Book {number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(write_forever(sys.argv[1], SystemClock()))
