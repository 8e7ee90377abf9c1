"""What is particular to PostgreSQL: connections that break, many processes, durability, and how lists are read."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.queries import PostgresQueries, counting, numbered
from earshelf.adapters.postgres.settings import PostgresSettings
from earshelf.adapters.postgres.storage import PostgresStorage
from earshelf.adapters.rows.lists import Selection
from earshelf.domain.access import Credential
from earshelf.domain.books import BookStatus
from earshelf.domain.errors import ConfigurationError, Invalid, NotFound, StorageUnavailable
from earshelf.domain.ids import BookId
from earshelf.domain.settings import LibrarySettings, Settings
from earshelf.ports.queries import BookFilter, BookSort, Window
from earshelf.ports.storage import Storage
from tests.contract.suites.makers import NOON, a_book, a_download, a_release, an_indexer, credit, shelve
from tests.contract.suites.storage_books import stored_titles
from tests.databases.holder import in_database, run
from tests.databases.postgres import PostgresServer

SECRETS = ("sesame-of-the-indexer", "the-api-key", "passkey=of-the-tracker", "guid-with-a-key")
CIPHER = AesGcmCipher(bytes(32))
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@pytest.fixture
async def database(postgres_dsn: str) -> AsyncIterator[PostgresDatabase]:
    async with PostgresDatabase(postgres_dsn) as database:
        yield database
        assert database.in_use == 0


@pytest.fixture
def storage(database: PostgresDatabase) -> Storage:
    return PostgresStorage(database, CIPHER)


@pytest.fixture
def queries(database: PostgresDatabase) -> PostgresQueries:
    return PostgresQueries(database, CIPHER)


async def end_connections(dsn: str) -> None:
    await run(dsn, _END_OTHERS)


async def total_of(queries: PostgresQueries) -> int:
    page = await queries.books(Window(), only=BookFilter(), sort=BookSort.TITLE, ascending=True)
    return page.total


def test_building_a_database_contacts_nobody() -> None:
    assert PostgresDatabase("postgresql://127.0.0.1:1/library").in_use == 0


@pytest.mark.parametrize("wrong", ["user", "database"])
async def test_a_wrong_user_or_database_is_told_with_the_remedy(postgres_server: PostgresServer, wrong: str) -> None:
    dsn = in_database(postgres_server.dsn, "earshelf_nowhere")
    options = {"user": "&user=nobody_at_all", "database": ""}[wrong]
    with pytest.raises(ConfigurationError, match="EARSHELF_DATABASE_URL"):
        await PostgresDatabase(dsn + options).__aenter__()


async def test_a_closed_database_does_not_answer_and_may_be_opened_again(postgres_dsn: str) -> None:
    database = PostgresDatabase(postgres_dsn)
    storage, queries = PostgresStorage(database, CIPHER), PostgresQueries(database, CIPHER)
    for _ in range(2):
        async with database:
            await shelve(storage, a_book())
        with pytest.raises(StorageUnavailable, match="not open"):
            await storage.unit().__aenter__()
        with pytest.raises(StorageUnavailable, match="not open"):
            await queries.history(Window())
    async with database:
        assert await total_of(queries) == 2


async def test_a_connection_that_is_lost_in_a_unit_writes_nothing_and_the_next_unit_works(
    storage: Storage, postgres_dsn: str
) -> None:
    async with storage.unit() as unit:
        await unit.books.add(a_book("Lost"))
        await end_connections(postgres_dsn)
        with pytest.raises(StorageUnavailable):
            await unit.books.add(a_book("Lost too"))
        with pytest.raises(StorageUnavailable):
            await unit.commit(NOON)
    await shelve(storage, a_book("Kept"))
    assert await stored_titles(storage) == ["Kept"]


async def test_a_connection_that_is_lost_before_the_commit_tells_so(storage: Storage, postgres_dsn: str) -> None:
    async with storage.unit() as unit:
        await unit.books.add(a_book("Lost"))
        await end_connections(postgres_dsn)
        with pytest.raises(StorageUnavailable):
            await unit.commit(NOON)
    assert await stored_titles(storage) == []


async def test_queries_recover_from_lost_connections_without_a_restart(
    queries: PostgresQueries, postgres_dsn: str
) -> None:
    await asyncio.gather(*(total_of(queries) for _ in range(8)))
    await end_connections(postgres_dsn)
    answers = await asyncio.gather(*(total_of(queries) for _ in range(8)), return_exceptions=True)
    assert all(answer == 0 or isinstance(answer, StorageUnavailable) for answer in answers)
    assert await total_of(queries) == 0


async def test_a_server_that_refuses_connections_for_a_while_is_found_again(
    storage: Storage, queries: PostgresQueries, postgres_server: PostgresServer, postgres_dsn: str
) -> None:
    await shelve(storage, a_book())
    name = await database_name(postgres_dsn)
    await run(postgres_server.dsn, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await run(postgres_server.dsn, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    for attempt in (total_of(queries), shelve(storage, a_book())):
        with pytest.raises(StorageUnavailable):
            await attempt
    await run(postgres_server.dsn, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await shelve(storage, a_book())
    assert await total_of(queries) == 2


async def database_name(dsn: str) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        return str(await connection.fetchval("SELECT current_database()"))
    finally:
        await connection.close()


async def test_a_transaction_that_failed_cannot_be_committed_by_mistake(database: PostgresDatabase) -> None:
    storage = PostgresStorage(database, CIPHER)
    async with storage.unit() as unit:
        await unit.books.add(a_book())
        with pytest.raises(Invalid):
            await unit.books.with_status(BookStatus.WANTED, -1)
        with pytest.raises(StorageUnavailable, match="nothing was written"):
            await unit.commit(NOON)
    assert await total_of(PostgresQueries(database, CIPHER)) == 0


async def test_a_unit_that_was_not_entered_refuses_work_and_holds_no_connection(
    database: PostgresDatabase, storage: Storage
) -> None:
    unit = storage.unit()
    with pytest.raises(StorageUnavailable, match="async with"):
        await unit.books.add(a_book())
    assert database.in_use == 0
    async with unit:
        assert database.in_use == 1
        await unit.commit(NOON)
        assert database.in_use == 0


async def test_a_unit_cancelled_while_it_begins_leaves_no_transaction(
    database: PostgresDatabase, storage: Storage
) -> None:
    async with storage.unit():
        for turns in range(12):
            task = asyncio.create_task(storage.unit().__aenter__())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    async with asyncio.timeout(5), storage.unit() as unit:
        assert await unit.books.with_status(BookStatus.WANTED, 1) == []


async def test_a_unit_that_waits_too_long_for_another_process_says_so(postgres_dsn: str) -> None:
    async with PostgresDatabase(postgres_dsn) as one, PostgresDatabase(postgres_dsn, seconds_to_wait=0.1) as two:
        async with PostgresStorage(one, CIPHER).unit():
            with pytest.raises(StorageUnavailable, match="another process holds a lock"):
                await PostgresStorage(two, CIPHER).unit().__aenter__()
        await shelve(PostgresStorage(two, CIPHER), a_book())


async def test_a_text_that_no_database_can_hold_is_invalid_and_leaves_the_unit_usable(storage: Storage) -> None:
    async with storage.unit() as unit:
        for book in (a_book("\ud800"), a_book("\0"), a_book(runtime_minutes=2**63)):
            with pytest.raises(Invalid):
                await unit.books.add(book)
        with pytest.raises(NotFound):
            await unit.books.get(BookId("bk_\0"))
        await unit.books.add(a_book("Sound"))
        await unit.commit(NOON)


async def test_no_secret_can_be_read_in_the_database(storage: Storage, database: PostgresDatabase) -> None:
    async with storage.unit() as unit:
        await unit.integrations.add(an_indexer(secrets={"api_key": SECRETS[0]}))
        await unit.credentials.put(Credential.API_KEY, SECRETS[1])
        release = a_release(download_url=f"https://t.example/dl?{SECRETS[2]}", guid=SECRETS[3])
        await unit.downloads.add(a_download(release=release))
        await unit.commit(NOON)
    held = ""
    for table in ("integrations", "credentials", "downloads", "event_log"):
        held += str([tuple(row.values()) for row in await database.read(f"SELECT * FROM {table}")])
    assert "torznab" in held
    for secret in SECRETS:
        assert secret not in held


async def test_settings_are_shared_by_all_processes(database: PostgresDatabase, postgres_dsn: str) -> None:
    initial = Settings(library=LibrarySettings(path="/first"))
    async with PostgresDatabase(postgres_dsn) as other:
        here, there = PostgresSettings(database, initial), PostgresSettings(other, initial)
        assert await there.load() == initial
        changed = Settings(library=LibrarySettings(path="/second"))
        await here.save(changed)
        assert await there.load() == changed


@pytest.mark.parametrize("content", ["not json", "[]", '{"library": {"colour": 1}}'])
async def test_settings_that_were_spoiled_by_hand_are_told_and_left_alone(
    database: PostgresDatabase, postgres_dsn: str, content: str
) -> None:
    settings = PostgresSettings(database)
    await run(postgres_dsn, f"INSERT INTO settings VALUES (1, '{content}')")
    for attempt in (settings.load(), settings.save(Settings())):
        with pytest.raises(ConfigurationError, match="table settings"):
            await attempt
    assert [row["content"] for row in await database.read("SELECT content FROM settings")] == [content]


def write_until_killed(dsn: str) -> list[str]:
    """Lets another process write, kills it in the middle, and returns what it had acknowledged."""
    command = [sys.executable, str(Path(__file__).with_name("writing_to_postgres.py")), dsn]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        acknowledged = [child.stdout.readline().strip() for _ in range(40)]
        os.kill(child.pid, signal.SIGKILL)
        return acknowledged + child.stdout.read().split("\n")[:-1]


async def test_a_killed_writer_loses_nothing_that_was_acknowledged(
    storage: Storage, queries: PostgresQueries, postgres_dsn: str
) -> None:
    acknowledged = await asyncio.to_thread(write_until_killed, postgres_dsn)
    async with storage.unit() as unit:
        titles = [book.title for book in await unit.books.with_status(BookStatus.WANTED, 100_000)]
        events = await unit.events.undispatched(100_000)
    assert len(acknowledged) >= 40
    assert set(acknowledged) <= set(titles)
    pairs = {title.removesuffix(", again") for title in titles}
    assert len(titles) == 2 * len(pairs) == len(events) == await total_of(queries)


@pytest.mark.parametrize("selection", [Selection(), Selection(BookStatus.WANTED)], ids=["all", "status"])
@pytest.mark.parametrize("sort", list(BookSort))
@pytest.mark.parametrize("ascending", [True, False])
async def test_every_order_can_be_read_from_an_index(
    postgres_dsn: str, selection: Selection, sort: BookSort, ascending: bool
) -> None:
    sql, values = counting(selection.page(Window(), sort, ascending=ascending), selection.total())
    plan = await explained(postgres_dsn, sql, *values)
    assert " using books_" in plan
    assert "Sort" not in plan
    assert "Index Scan using counts_pkey" in plan


@pytest.mark.parametrize("ascending", [True, False])
async def test_the_books_of_one_name_are_read_by_age_from_an_index(postgres_dsn: str, ascending: bool) -> None:
    statement = Selection(name_ids=("au_one",)).page(Window(), BookSort.CREATED_AT, ascending=ascending)
    plan = await explained(postgres_dsn, numbered(statement.sql), *statement.values)
    assert "using credits_of_name on credits" in plan
    assert "Sort" not in plan


async def explained(dsn: str, sql: str, *values: object) -> str:
    """Returns the plan for an empty table, which is read whole unless that is made dear."""
    connection = await asyncpg.connect(dsn, server_settings={"enable_seqscan": "off", "enable_bitmapscan": "off"})
    try:
        return "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {sql}", *values))
    finally:
        await connection.close()


async def test_every_maintained_count_is_what_a_count_would_find(database: PostgresDatabase, storage: Storage) -> None:
    books = [a_book(status=status) for status in BookStatus for _ in range(3)]
    await shelve(storage, *books, authors="A, B", narrators="N", series="S")
    async with storage.unit() as unit:
        for book in books[::4]:
            await unit.books.remove(book.id)
        for book in books[1::4]:
            book.status = BookStatus.FAILED
            await unit.books.save(await credit(unit, book, authors="B, C", series="T"))
        await unit.commit(NOON)
    counted = {
        "book": "SELECT '', count(*) FROM books",
        "status": "SELECT status, count(*) FROM books GROUP BY status",
        "credit": "SELECT name_id, count(*) FROM credits GROUP BY name_id",
        "name": "SELECT kind, count(*) FROM names GROUP BY kind",
    }
    for scope, sql in counted.items():
        kept = await database.read("SELECT key, number FROM counts WHERE scope = $1 AND number > 0", scope)
        assert {tuple(row.values()) for row in kept} == {tuple(row.values()) for row in await database.read(sql)}
