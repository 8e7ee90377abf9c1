"""Several processes on one PostgreSQL, all wanting the same at the same moment: the database decides."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.storage import PostgresStorage
from earshelf.domain.books import BookStatus
from earshelf.domain.integrations import IntegrationRole
from earshelf.ports.storage import Storage
from tests.contract.suites.makers import NOON, a_book, an_indexer, shelve

PROCESSES = 4


@pytest.fixture
async def storage(postgres_dsn: str) -> AsyncIterator[Storage]:
    async with PostgresDatabase(postgres_dsn) as database:
        yield PostgresStorage(database, AesGcmCipher(bytes(32)))


def race(dsn: str, *wish: str) -> list[tuple[list[str], int]]:
    """Lets processes do something five times each, as simultaneously as can be, and returns what they report."""
    command = [sys.executable, str(Path(__file__).with_name("racing.py")), dsn, *wish]
    with ExitStack() as stack:
        racers = [stack.enter_context(_started(command)) for _ in range(PROCESSES)]
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        return [_report(racer) for racer in racers]


def _started(command: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _report(racer: "subprocess.Popen[str]") -> Any:
    assert racer.stdout is not None
    return json.loads(racer.stdout.readline())


async def test_twenty_adds_of_one_asin_from_four_processes_make_one_book(storage: Storage, postgres_dsn: str) -> None:
    reports = await asyncio.to_thread(race, postgres_dsn, "add", "B0RACE")
    answers = [answer for answers, _ in reports for answer in answers]
    async with storage.unit() as unit:
        (book,) = await unit.books.with_status(BookStatus.WANTED, 100)
    assert answers == [book.id] * 20
    assert [author.name for author in book.authors] == ["Ann Leckie"]


async def test_twenty_grabs_of_one_release_from_four_processes_start_one_download(
    storage: Storage, postgres_dsn: str
) -> None:
    book = a_book()
    await shelve(storage, book)
    client = an_indexer(
        "Client", role=IntegrationRole.DOWNLOAD_CLIENT, kind="transmission", settings={"url": "http://c"}, secrets={}
    )
    async with storage.unit() as unit:
        await unit.integrations.add(client)
        await unit.commit(NOON)
    reports = await asyncio.to_thread(race, postgres_dsn, "grab", book.id)
    async with storage.unit() as unit:
        (download,) = await unit.downloads.of_book(book.id)
    assert [answer for answers, _ in reports for answer in answers] == [download.id] * 20
    assert sum(started for _, started in reports) == 1
    assert download.reference is not None
