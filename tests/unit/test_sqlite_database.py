"""What is particular to the SQLite file: threads, secrecy, durability, and how lists are read."""

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.rows.lists import Selection
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.queries import SqliteQueries
from earshelf.adapters.sqlite.storage import SqliteStorage
from earshelf.domain.access import Credential
from earshelf.domain.books import BookStatus
from earshelf.domain.errors import SecretUnreadable, StorageUnavailable
from earshelf.ports.queries import BookFilter, BookSort, Window
from earshelf.ports.storage import Storage
from tests.contract.suites.makers import NOON, a_book, a_download, a_release, an_indexer, credit, shelve

SECRETS = ("sesame-of-the-indexer", "the-api-key", "passkey=of-the-tracker", "guid-with-a-key")


def library_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("library-")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqliteDatabase]:
    async with SqliteDatabase(path) as database:
        yield database
        assert not database.pen.locked()
        assert not await database.write(lambda inner: inner.conn.in_transaction)
    assert library_threads() == []


@pytest.fixture
def storage(database: SqliteDatabase) -> Storage:
    return SqliteStorage(database, AesGcmCipher(bytes(32)))


async def keep_secrets(storage: Storage) -> None:
    async with storage.unit() as unit:
        await unit.integrations.add(an_indexer(secrets={"api_key": SECRETS[0]}))
        await unit.credentials.put(Credential.API_KEY, SECRETS[1])
        release = a_release(download_url=f"https://t.example/dl?{SECRETS[2]}", guid=SECRETS[3])
        await unit.downloads.add(a_download(release=release))
        await unit.commit(NOON)


def test_building_a_database_touches_nothing(path: Path) -> None:
    SqliteDatabase(path)
    assert not path.exists()
    assert library_threads() == []


async def test_the_file_is_private_and_closing_leaves_only_the_file(path: Path) -> None:
    async with SqliteDatabase(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]


async def test_a_database_that_could_not_be_opened_leaves_no_thread(path: Path) -> None:
    path.write_bytes(b"no database at all, but long enough to be read as one")
    with pytest.raises(Exception, match="no SQLite database"):
        await SqliteDatabase(path).__aenter__()
    assert library_threads() == []


async def test_a_closed_database_does_not_answer_and_may_be_opened_again(path: Path) -> None:
    database = SqliteDatabase(path)
    cipher = AesGcmCipher(bytes(32))
    storage, queries = SqliteStorage(database, cipher), SqliteQueries(database, cipher)
    for _ in range(2):
        async with database:
            await shelve(storage, a_book())
        with pytest.raises(StorageUnavailable):
            await storage.unit().__aenter__()
        with pytest.raises(StorageUnavailable):
            await queries.history(Window())
    async with database:
        page = await queries.books(Window(), only=BookFilter(), sort=BookSort.TITLE, ascending=True)
        assert page.total == 2


async def test_closing_waits_for_queries_under_way(path: Path) -> None:
    async with SqliteDatabase(path) as database:
        asking = [asyncio.create_task(database.read(lambda inner: inner.execute("SELECT 1").fetchall())) for _ in "abc"]
        await asyncio.sleep(0)
    assert len(await asyncio.gather(*asking)) == 3


async def test_a_unit_that_was_not_entered_refuses_work(storage: Storage) -> None:
    unit = storage.unit()
    with pytest.raises(StorageUnavailable, match="async with"):
        await unit.books.add(a_book())
    async with unit:
        await unit.books.add(a_book())
    with pytest.raises(StorageUnavailable, match="async with"):
        await unit.commit(NOON)


async def test_a_unit_cancelled_while_it_begins_leaves_no_transaction(storage: Storage) -> None:
    for turns in range(6):
        task = asyncio.create_task(storage.unit().__aenter__())
        for _ in range(turns):
            await asyncio.sleep(0)
        if task.done():
            await (await task).__aexit__(None, None, None)
            continue
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(5), storage.unit() as unit:
            assert await unit.books.with_status(BookStatus.WANTED, 1) == []


async def test_no_secret_can_be_read_in_the_files(path: Path, storage: Storage) -> None:
    await keep_secrets(storage)
    held = b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert b"torznab" in held
    for secret in SECRETS:
        assert secret.encode() not in held


async def test_secrets_need_the_key_they_were_written_with(database: SqliteDatabase, storage: Storage) -> None:
    await keep_secrets(storage)
    stranger = SqliteStorage(database, AesGcmCipher(bytes(range(32))))
    async with stranger.unit() as unit:
        with pytest.raises(SecretUnreadable, match="need the key with id"):
            await unit.credentials.get(Credential.API_KEY)


async def test_a_secret_copied_to_another_row_does_not_open(database: SqliteDatabase, storage: Storage) -> None:
    await keep_secrets(storage)
    async with storage.unit() as unit:
        await unit.credentials.put(Credential.OPERATOR_TOKEN, "other")
        await unit.commit(NOON)
    copy = "UPDATE credentials SET value = (SELECT value FROM credentials WHERE name = 'api_key')"
    await database.write(lambda inner: inner.execute(copy))
    async with storage.unit() as unit:
        assert await unit.credentials.get(Credential.API_KEY) == SECRETS[1]
        with pytest.raises(SecretUnreadable):
            await unit.credentials.get(Credential.OPERATOR_TOKEN)


async def test_a_second_process_sees_what_was_committed_and_may_write(path: Path, storage: Storage) -> None:
    await shelve(storage, a_book("Here"))
    async with SqliteDatabase(path) as other:
        there = SqliteStorage(other, AesGcmCipher(bytes(32)))
        await shelve(there, a_book("There"))
    async with storage.unit() as unit:
        books = await unit.books.with_status(BookStatus.WANTED, 10)
    assert sorted(book.title for book in books) == ["Here", "There"]


def write_until_killed(path: Path) -> list[str]:
    """Lets another process write, kills it in the middle, and returns what it had acknowledged."""
    command = [sys.executable, str(Path(__file__).with_name("writing_until_killed.py")), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        acknowledged = [child.stdout.readline().strip() for _ in range(40)]
        os.kill(child.pid, signal.SIGKILL)
        return acknowledged + child.stdout.read().split("\n")[:-1]


async def test_a_killed_writer_loses_nothing_that_was_acknowledged(path: Path) -> None:
    acknowledged = await asyncio.to_thread(write_until_killed, path)
    async with SqliteDatabase(path) as database:
        cipher = AesGcmCipher(bytes(32))
        async with SqliteStorage(database, cipher).unit() as unit:
            titles = [book.title for book in await unit.books.with_status(BookStatus.WANTED, 100_000)]
            events = await unit.events.undispatched(100_000)
        page = await SqliteQueries(database, cipher).books(
            Window(), only=BookFilter(), sort=BookSort.CREATED_AT, ascending=True
        )
    assert len(acknowledged) >= 40
    assert set(acknowledged) <= set(titles)
    pairs = {title.removesuffix(", again") for title in titles}
    assert len(titles) == 2 * len(pairs) == len(events) == page.total


def flat_selections() -> list[Selection]:
    return [Selection(), Selection(BookStatus.WANTED)]


@pytest.mark.parametrize("selection", flat_selections(), ids=["all", "status"])
@pytest.mark.parametrize("sort", list(BookSort))
@pytest.mark.parametrize("ascending", [True, False])
async def test_every_order_is_read_from_an_index(
    database: SqliteDatabase, selection: Selection, sort: BookSort, ascending: bool
) -> None:
    statement = selection.page(Window(), sort, ascending=ascending)
    plan = await explained(database, statement.sql, statement.values)
    assert "USING INDEX books_" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("ascending", [True, False])
async def test_the_books_of_one_name_are_read_by_age_from_an_index(database: SqliteDatabase, ascending: bool) -> None:
    statement = Selection(name_ids=("au_one",)).page(Window(), BookSort.CREATED_AT, ascending=ascending)
    plan = await explained(database, statement.sql, statement.values)
    assert "SEARCH credits USING COVERING INDEX credits_of_name" in plan
    assert "SCAN" not in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("selection", [*flat_selections(), Selection(name_ids=("au_one",))], ids=str)
async def test_the_total_of_one_filter_is_looked_up_and_not_counted(
    database: SqliteDatabase, selection: Selection
) -> None:
    total = selection.total()
    assert await explained(database, total.sql, total.values) == "SEARCH counts USING PRIMARY KEY (scope=? AND key=?)"


async def test_every_maintained_count_is_what_a_count_would_find(database: SqliteDatabase, storage: Storage) -> None:
    books = [a_book(status=status) for status in BookStatus for _ in range(3)]
    await shelve(storage, *books, authors="A, B", narrators="N", series="S")
    async with storage.unit() as unit:
        for book in books[::4]:
            await unit.books.remove(book.id)
        for book in books[1::4]:
            await unit.books.save(await credit(unit, book, authors="B, C", series="T"))
        await unit.commit(NOON)
    counted = {
        "book": "SELECT '', count(*) FROM books",
        "status": "SELECT status, count(*) FROM books GROUP BY status",
        "credit": "SELECT name_id, count(*) FROM credits GROUP BY name_id",
        "name": "SELECT kind, count(*) FROM names GROUP BY kind",
    }
    for scope, sql in counted.items():
        kept = "SELECT key, number FROM counts WHERE scope = ? AND number > 0"
        assert await pairs_of(database, kept, scope) == await pairs_of(database, sql)


async def explained(database: SqliteDatabase, sql: str, values: tuple[object, ...]) -> str:
    rows = await database.read(lambda inner: inner.conn.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall())
    return "; ".join(row["detail"] for row in rows)


async def pairs_of(database: SqliteDatabase, sql: str, *values: object) -> set[tuple[object, ...]]:
    rows: list[sqlite3.Row] = await database.read(lambda inner: inner.conn.execute(sql, values).fetchall())
    return {tuple(row) for row in rows}
