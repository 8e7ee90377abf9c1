"""One of several processes that do the same thing at the same moment.

``racing.py DSN add ASIN`` or ``racing.py DSN grab BOOK``: opens the database, waits for a line on stdin, does it
five times at once, and prints as JSON what became of each, and how many reached the download client.
"""

import asyncio
import json
import sys

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.memory.services import MemoryFetcher, MemoryNeighbours
from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.storage import PostgresStorage
from earshelf.adapters.system import SystemClock, SystemEntropy
from earshelf.domain.books import Author, Book
from earshelf.domain.errors import BookExists
from earshelf.domain.ids import AuthorId, BookId, IdPrefix
from earshelf.domain.releases import Protocol, Release, ReleaseSigner
from earshelf.domain.usecases.grabbing import Grabbing
from earshelf.ports.storage import Storage

AT_ONCE = 5
RELEASE = Release("https://tracker.example/1.torrent", "A book [m4b]", Protocol.TORRENT, guid="one")


async def add(storage: Storage, asin: str) -> str:
    entropy, now = SystemEntropy(), SystemClock().now()
    book = Book(BookId(entropy.new_id(IdPrefix.BOOK)), "A book", now, now, asin=asin)
    try:
        async with storage.unit() as unit:
            author = Author(AuthorId(entropy.new_id(IdPrefix.AUTHOR)), "Ann Leckie")
            book.authors = (await unit.people.ensure_author(author),)
            await unit.books.add(book)
            await unit.commit(now)
    except BookExists as refusal:
        return refusal.existing_id
    return book.id


async def grab(storage: Storage, book_id: str) -> tuple[list[str], int]:
    neighbours = MemoryNeighbours()
    grabbing = Grabbing(
        storage=storage,
        neighbours=neighbours,
        fetcher=MemoryFetcher(),
        signer=ReleaseSigner(bytes(32)),
        clock=SystemClock(),
        entropy=SystemEntropy(),
    )
    grabs = await asyncio.gather(*(grabbing.grab_release(RELEASE, book_id=BookId(book_id)) for _ in range(AT_ONCE)))
    return [grab.download.id for grab in grabs], sum(len(client.added) for client in neighbours.clients.values())


async def race(dsn: str, what: str, wish: str) -> None:
    async with PostgresDatabase(dsn) as database:
        storage = PostgresStorage(database, AesGcmCipher(bytes(32)))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        if what == "add":
            outcomes, jobs = list(await asyncio.gather(*(add(storage, wish) for _ in range(AT_ONCE)))), 0
        else:
            outcomes, jobs = await grab(storage, wish)
        sys.stdout.write(json.dumps([outcomes, jobs]) + "\n")


if __name__ == "__main__":
    asyncio.run(race(*sys.argv[1:]))
