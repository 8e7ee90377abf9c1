"""Houses for the tests, one over each database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.api.house import House, open_house
from tests.databases.postgres import PostgresServer


@asynccontextmanager
async def database_url(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The address of an empty database of that kind."""
    match kind:
        case "memory":
            yield "memory://"
        case "sqlite":
            yield f"sqlite:///{request.getfixturevalue('tmp_path') / 'library.db'}"
        case _:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            async with server.fresh_database() as dsn:
                yield dsn


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """A house over a database of its own."""
    async with database_url(request.param, request) as url, open_house(url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[House]:
    """A house in memory."""
    async with open_house("memory://", tmp_path) as opened:
        yield opened
