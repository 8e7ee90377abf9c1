"""What the errors of SQLite become, from a table and from real misfortunes."""

import sqlite3
from pathlib import Path

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.failures import meaning, translated
from earshelf.adapters.sqlite.storage import SqliteStorage
from earshelf.domain.errors import Conflict, EarshelfError, Invalid, StorageCorrupt, StorageUnavailable
from tests.contract.suites.makers import NOON, a_book

PATH = Path("/config/earshelf.db")


def failed(kind: type[sqlite3.Error], code: int | None) -> sqlite3.Error:
    error = kind("token=hush")
    if code is not None:
        error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        (sqlite3.OperationalError, sqlite3.SQLITE_BUSY, StorageUnavailable),
        (sqlite3.OperationalError, sqlite3.SQLITE_BUSY_SNAPSHOT, StorageUnavailable),
        (sqlite3.OperationalError, sqlite3.SQLITE_LOCKED, StorageUnavailable),
        (sqlite3.OperationalError, sqlite3.SQLITE_FULL, StorageUnavailable),
        (sqlite3.OperationalError, sqlite3.SQLITE_IOERR, StorageUnavailable),
        (sqlite3.OperationalError, sqlite3.SQLITE_IOERR_FSYNC, StorageUnavailable),
        (sqlite3.OperationalError, sqlite3.SQLITE_CANTOPEN, StorageUnavailable),
        (sqlite3.OperationalError, sqlite3.SQLITE_READONLY, StorageUnavailable),
        (sqlite3.OperationalError, sqlite3.SQLITE_READONLY_DBMOVED, StorageUnavailable),
        (sqlite3.OperationalError, sqlite3.SQLITE_INTERRUPT, StorageUnavailable),
        (sqlite3.OperationalError, sqlite3.SQLITE_PROTOCOL, StorageUnavailable),
        (sqlite3.DatabaseError, sqlite3.SQLITE_CORRUPT, StorageCorrupt),
        (sqlite3.DatabaseError, sqlite3.SQLITE_CORRUPT_INDEX, StorageCorrupt),
        (sqlite3.DatabaseError, sqlite3.SQLITE_NOTADB, StorageCorrupt),
        (sqlite3.OperationalError, sqlite3.SQLITE_ERROR, StorageCorrupt),
        (sqlite3.ProgrammingError, None, StorageUnavailable),
        (sqlite3.IntegrityError, sqlite3.SQLITE_CONSTRAINT_UNIQUE, Conflict),
    ],
)
def test_each_error_of_the_driver_has_one_meaning(
    kind: type[sqlite3.Error], code: int | None, expected: type[EarshelfError]
) -> None:
    ours = meaning(failed(kind, code), PATH)
    assert type(ours) is expected
    assert str(PATH) in ours.message
    assert "hush" not in ours.message


def test_errors_that_are_not_the_drivers_stay_what_they_are() -> None:
    assert meaning(KeyError("x"), PATH) is None
    with pytest.raises(KeyError), translated(PATH):
        raise KeyError("x")


async def test_a_text_that_no_file_can_hold_is_invalid_and_leaves_the_unit_usable(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "library.db") as database:
        storage = SqliteStorage(database, AesGcmCipher(bytes(32)))
        async with storage.unit() as unit:
            for book in (a_book("\ud800"), a_book(runtime_minutes=2**63)):
                with pytest.raises(Invalid):
                    await unit.books.add(book)
            await unit.books.add(a_book("Sound"))
            await unit.commit(NOON)


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageUnavailable, match=r"file/library\.db"):
        await SqliteDatabase(tmp_path / "file" / "library.db").__aenter__()


async def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "new" / "config" / "library.db") as database:
        assert database.path.exists()


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(b"certainly no database " * 100)
    with pytest.raises(StorageCorrupt, match="restore a backup"):
        await SqliteDatabase(path).__aenter__()
    assert path.read_bytes() == b"certainly no database " * 100


async def test_a_table_that_was_dropped_by_hand_is_corruption(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    async with SqliteDatabase(path) as database:
        await database.write(lambda inner: inner.execute("DROP TABLE credentials"))
        with pytest.raises(StorageCorrupt, match="changed by hand"):
            await database.read(lambda inner: inner.execute("SELECT * FROM credentials").fetchall())


async def test_a_lock_that_another_program_holds_is_waited_for_and_then_named(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    async with SqliteDatabase(path, seconds_to_wait=0.05) as database:
        storage = SqliteStorage(database, AesGcmCipher(bytes(32)))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable, match="another program holds it"):
            await storage.unit().__aenter__()
        other.close()
        async with storage.unit() as unit:
            await unit.books.add(a_book())
            await unit.commit(NOON)


async def test_a_transaction_that_sqlite_gave_up_writes_nothing_more(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "library.db") as database:
        storage = SqliteStorage(database, AesGcmCipher(bytes(32)))
        async with storage.unit() as unit:
            await unit.books.add(a_book("First"))
            await database.write(lambda inner: inner.rollback())
            with pytest.raises(StorageUnavailable, match="nothing was written"):
                await unit.books.add(a_book("Second"))
            with pytest.raises(StorageUnavailable, match="nothing was written"):
                await unit.commit(NOON)
        rows = await database.read(lambda inner: inner.execute("SELECT * FROM books").fetchall())
        assert rows == []
