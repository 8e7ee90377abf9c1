"""Installations to keep safe: what they hold, and what happens to them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.records import Tally
from earshelf.entrypoints.server import running
from tests.contract.suites.archive import furnish, tallies_of
from tests.contract.suites.makers import a_book, shelve
from tests.databases.postgres import PostgresServer

OTHER_KEY = "ab" * 32
THIRD_KEY = "cd" * 32


@asynccontextmanager
async def sqlite_home(request: pytest.FixtureRequest) -> AsyncIterator[ProcessSettings]:
    yield ProcessSettings(config_dir=request.getfixturevalue("tmp_path") / "config")


@asynccontextmanager
async def postgres_home(request: pytest.FixtureRequest) -> AsyncIterator[ProcessSettings]:
    server: PostgresServer = request.getfixturevalue("postgres_server")
    async with server.fresh_database(empty=True) as dsn:
        yield ProcessSettings(config_dir=request.getfixturevalue("tmp_path") / "config", database_url=dsn)


async def furnished(settings: ProcessSettings) -> None:
    """Puts something of everything into an installation."""
    container = Container(settings=settings)
    async with container.opened():
        await furnish(container.storage())
        stored = await container.settings_store().load()
        await container.settings_store().save(stored.changed({"search": {"interval_minutes": 77}}))


async def held(settings: ProcessSettings) -> dict[str, Tally]:
    """What an installation holds, opened as the server opens it."""
    container = Container(settings=settings)
    async with container.opened():
        return await tallies_of(container.archive(), AesGcmCipher(container.key()))


async def add_a_book(settings: ProcessSettings) -> None:
    container = Container(settings=settings)
    async with container.opened():
        await shelve(container.storage(), a_book("After the backup"))


async def interval(settings: ProcessSettings) -> int:
    container = Container(settings=settings)
    async with container.opened():
        stored = await container.settings_store().load()
    return int(stored.search.interval_minutes)


async def serve_once(settings: ProcessSettings) -> None:
    """Starts the server and stops it."""
    async with running(Container(settings=settings.at(port=0))):
        pass
