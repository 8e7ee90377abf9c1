"""What contract tests share: the storages that this project ships, and a client that must end clean."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.http import HttpClient
from earshelf.adapters.memory.storage import MemoryDatabase
from earshelf.adapters.postgres.archive import PostgresArchive
from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.queries import PostgresQueries
from earshelf.adapters.postgres.storage import PostgresStorage
from earshelf.adapters.sqlite.archive import SqliteArchive
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.queries import SqliteQueries
from earshelf.adapters.sqlite.storage import SqliteStorage
from earshelf.ports.archive import StorageArchive
from earshelf.ports.queries import Queries
from earshelf.ports.storage import Storage
from tests.databases.postgres import PostgresServer


@dataclass(frozen=True)
class Shelf:
    """A storage, and the queries and the archive over the same rows."""

    storage: Storage
    queries: Queries
    archive: StorageArchive


@asynccontextmanager
async def memory_shelf(request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
    async with MemoryDatabase() as database:
        yield Shelf(database.storage, database.queries, database.archive)


@asynccontextmanager
async def sqlite_shelf(request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
    cipher = AesGcmCipher(bytes(32))
    folder: Path = request.getfixturevalue("tmp_path")
    async with SqliteDatabase(folder / f"library-{len(list(folder.iterdir()))}.db") as database:
        yield Shelf(SqliteStorage(database, cipher), SqliteQueries(database, cipher), SqliteArchive(database))


@asynccontextmanager
async def postgres_shelf(request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
    cipher = AesGcmCipher(bytes(32))
    server: PostgresServer = request.getfixturevalue("postgres_server")
    async with server.fresh_database() as dsn, PostgresDatabase(dsn) as database:
        yield Shelf(PostgresStorage(database, cipher), PostgresQueries(database, cipher), PostgresArchive(database))
        assert database.in_use == 0


Maker = Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[Shelf]]


@pytest.fixture(params=[memory_shelf, sqlite_shelf, postgres_shelf], ids=["memory", "sqlite", "postgres"])
def maker(request: pytest.FixtureRequest) -> Maker:
    made: Maker = request.param
    return made


@pytest.fixture
async def shelf(maker: Maker, request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
    async with maker(request) as opened:
        yield opened


@pytest.fixture
def storage(shelf: Shelf) -> Storage:
    return shelf.storage


@pytest.fixture
def queries(shelf: Shelf) -> Queries:
    return shelf.queries


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    """An open client; a test that leaves a connection in use fails when it ends."""
    async with HttpClient() as client:
        yield client
        for public_only in (False, True):
            connector = client.session(public_only=public_only).connector
            assert connector is not None
            assert not connector._acquired
