"""Where the owner's settings may be kept."""

from pathlib import Path

import pytest

from earshelf.adapters.memory.settings import MemorySettings
from earshelf.adapters.settings_file import SettingsFile
from earshelf.ports.settings import SettingsStore
from tests.contract.suites.settings import SettingsContract


class TestMemorySettings(SettingsContract):
    @pytest.fixture
    def settings_store(self) -> SettingsStore:
        return MemorySettings()


class TestSettingsFile(SettingsContract):
    @pytest.fixture
    def settings_store(self, tmp_path: Path) -> SettingsStore:
        return SettingsFile(tmp_path / "config")
