"""A PostgreSQL that keeps its connections and says nothing any more."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.storage import PostgresStorage
from earshelf.domain.errors import StorageUnavailable
from tests.contract.suites.makers import a_book, shelve
from tests.databases.relay import Relay, relayed

CIPHER = AesGcmCipher(bytes(32))
PATIENCE = 1.0


@pytest.fixture
async def relay(postgres_dsn: str) -> AsyncIterator[Relay]:
    async with relayed(postgres_dsn) as relay:
        yield relay


async def test_whoever_asks_a_server_that_stands_still_is_answered_before_patience_runs_out_twice(
    relay: Relay,
) -> None:
    async with PostgresDatabase(relay.dsn, seconds_to_wait=PATIENCE) as database:
        storage = PostgresStorage(database, CIPHER)
        await shelve(storage, a_book())
        relay.open.clear()
        began = monotonic()
        for attempt in (database.read("SELECT 1"), shelve(storage, a_book())):
            with pytest.raises(StorageUnavailable, match="no answer in time"):
                async with asyncio.timeout(2 * PATIENCE):
                    await attempt
        assert monotonic() - began > PATIENCE
        relay.open.set()
        await shelve(storage, a_book())
        assert await database.read("SELECT 1")


async def test_a_server_that_stands_still_does_not_hold_up_the_end(relay: Relay) -> None:
    async with asyncio.timeout(5 * PATIENCE), PostgresDatabase(relay.dsn, seconds_to_wait=PATIENCE) as database:
        await shelve(PostgresStorage(database, CIPHER), a_book())
        relay.open.clear()
        began = monotonic()
    assert monotonic() - began < PATIENCE
