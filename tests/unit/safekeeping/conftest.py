"""Installations with something of everything in them, and a place for a backup."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from earshelf.config.process import ProcessSettings
from tests.unit.safekeeping.installations import furnished, postgres_home, sqlite_home


@pytest.fixture(params=[sqlite_home, postgres_home], ids=["sqlite", "postgres"])
async def home(request: pytest.FixtureRequest) -> AsyncIterator[ProcessSettings]:
    """An installation on either database."""
    async with request.param(request) as settings:
        await furnished(settings)
        yield settings


@pytest.fixture
async def sqlite(request: pytest.FixtureRequest) -> AsyncIterator[ProcessSettings]:
    async with sqlite_home(request) as settings:
        await furnished(settings)
        yield settings


@pytest.fixture
def backup(tmp_path: Path) -> str:
    return str(tmp_path / "backup.zip")
