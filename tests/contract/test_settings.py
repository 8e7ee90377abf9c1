"""Where the owner's settings may be kept."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from earshelf.adapters.memory.settings import MemorySettings
from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.settings import PostgresSettings
from earshelf.adapters.settings_file import SettingsFile
from earshelf.ports.settings import SettingsStore
from tests.contract.suites.settings import SettingsContract


class TestMemorySettings(SettingsContract):
    @pytest.fixture
    def settings_store(self) -> SettingsStore:
        return MemorySettings()


class TestPostgresSettings(SettingsContract):
    @pytest.fixture
    async def settings_store(self, postgres_dsn: str) -> AsyncIterator[SettingsStore]:
        async with PostgresDatabase(postgres_dsn) as database:
            yield PostgresSettings(database)
            assert database.in_use == 0


class TestSettingsFile(SettingsContract):
    @pytest.fixture
    def settings_store(self, tmp_path: Path) -> SettingsStore:
        return SettingsFile(tmp_path / "config")
