"""Memory, SQLite and PostgreSQL keep media servers' libraries alike."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from earshelf.adapters.memory.media import MemoryMediaQueries, MemoryMediaStore
from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.media import PostgresMediaStore
from earshelf.adapters.postgres.media_queries import PostgresMediaQueries
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.media import SqliteMediaStore
from earshelf.adapters.sqlite.media_queries import SqliteMediaQueries
from earshelf.ports.media import MediaQueries, MediaStore
from tests.contract.suites.media import LibraryRowsContract, MediaItemContract, SyncJobContract
from tests.contract.suites.media_lists import MediaListContract
from tests.contract.suites.removed_media import RemovedItemContract
from tests.contract.suites.sync_marks import SyncMarkContract
from tests.contract.suites.watch_log import WatchLogContract
from tests.databases.postgres import PostgresServer


class MediaRoom(NamedTuple):
    """A store, and the lists over the same rows."""

    store: MediaStore
    lists: MediaQueries


@asynccontextmanager
async def in_memory(_: pytest.FixtureRequest) -> AsyncIterator[MediaRoom]:
    store = MemoryMediaStore()
    yield MediaRoom(store, MemoryMediaQueries(store))


@asynccontextmanager
async def in_sqlite(request: pytest.FixtureRequest) -> AsyncIterator[MediaRoom]:
    folder: Path = request.getfixturevalue("tmp_path")
    async with SqliteDatabase(folder / "library.db") as database:
        yield MediaRoom(SqliteMediaStore(database), SqliteMediaQueries(database))


@asynccontextmanager
async def in_postgres(request: pytest.FixtureRequest) -> AsyncIterator[MediaRoom]:
    server: PostgresServer = request.getfixturevalue("postgres_server")
    async with server.fresh_database() as dsn, PostgresDatabase(dsn) as database:
        yield MediaRoom(PostgresMediaStore(database), PostgresMediaQueries(database))
        assert database.in_use == 0


RoomMaker = Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[MediaRoom]]


@pytest.fixture(params=[in_memory, in_sqlite, in_postgres], ids=["memory", "sqlite", "postgres"])
async def room(request: pytest.FixtureRequest) -> AsyncIterator[MediaRoom]:
    maker: RoomMaker = request.param
    async with maker(request) as opened:
        yield opened


@pytest.fixture
def store(room: MediaRoom) -> MediaStore:
    return room.store


@pytest.fixture
def lists(room: MediaRoom) -> MediaQueries:
    return room.lists


class TestItems(MediaItemContract):
    pass


class TestLists(MediaListContract):
    pass


class TestRemovedItems(RemovedItemContract):
    pass


class TestLibraries(LibraryRowsContract):
    pass


class TestJobs(SyncJobContract):
    pass


class TestWatches(WatchLogContract):
    pass


class TestMarks(SyncMarkContract):
    pass
