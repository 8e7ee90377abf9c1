"""What contract tests share: the storages that this project ships, and a client that must end clean."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.http import HttpClient
from earshelf.adapters.memory.storage import MemoryDatabase
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.queries import SqliteQueries
from earshelf.adapters.sqlite.storage import SqliteStorage
from earshelf.ports.queries import Queries
from earshelf.ports.storage import Storage

pytest.register_assert_rewrite("tests.contract.suites")


@dataclass(frozen=True)
class Shelf:
    """A storage and the queries over the same rows."""

    storage: Storage
    queries: Queries


@asynccontextmanager
async def memory_shelf(folder: Path) -> AsyncIterator[Shelf]:
    async with MemoryDatabase() as database:
        yield Shelf(database.storage, database.queries)


@asynccontextmanager
async def sqlite_shelf(folder: Path) -> AsyncIterator[Shelf]:
    cipher = AesGcmCipher(bytes(32))
    async with SqliteDatabase(folder / "library.db") as database:
        yield Shelf(SqliteStorage(database, cipher), SqliteQueries(database, cipher))


@pytest.fixture(params=[memory_shelf, sqlite_shelf], ids=["memory", "sqlite"])
async def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shelf]:
    async with request.param(tmp_path) as opened:
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
