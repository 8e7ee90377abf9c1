"""The wiring: every use case builds, nothing opens before it is told to, and single parts can be replaced."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from earshelf.adapters.memory.system import SettableClock
from earshelf.config.container import Container
from earshelf.config.integrations import ADAPTERS
from earshelf.config.process import ProcessSettings
from earshelf.domain.access import Credential
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import KINDS, IntegrationRole, configure
from earshelf.domain.integrations import IntegrationDraft as Draft

ACTIVITIES = (
    "admitting",
    "authenticating",
    "cataloguing",
    "configuring",
    "connecting",
    "diagnosing",
    "grabbing",
    "importing",
    "linking",
    "monitoring",
    "refreshing",
    "reviewing",
    "searching",
)


def in_memory(**changes: str) -> Container:
    return Container(settings=ProcessSettings(database_url="memory://", **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ACTIVITIES)
def test_every_use_case_builds_without_anything_being_opened(name: str, tmp_path: Path) -> None:
    container = Container(settings=ProcessSettings(config_dir=tmp_path))
    assert getattr(container, name)() is getattr(container, name)()
    assert not (tmp_path / "earshelf.db").exists()


async def test_a_library_in_memory_leaves_no_file(tmp_path: Path) -> None:
    container = Container(settings=ProcessSettings(config_dir=tmp_path, database_url="memory://"))
    async with container.opened():
        assert await container.authenticating().current(Credential.API_KEY)
    assert list(tmp_path.iterdir()) == []


async def test_two_containers_share_nothing() -> None:
    one, other = in_memory(), in_memory()
    async with one.opened(), other.opened():
        first = await one.authenticating().current(Credential.API_KEY)
        assert first != await other.authenticating().current(Credential.API_KEY)


async def test_credentials_survive_a_restart_and_only_the_owner_reads_the_key(tmp_path: Path) -> None:
    settings = ProcessSettings(config_dir=tmp_path)
    seen = []
    for _ in range(2):
        container = Container(settings=settings)
        async with container.opened():
            seen.append(await container.authenticating().current(Credential.OPERATOR_TOKEN))
    assert seen[0] == seen[1]
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_a_single_part_can_be_replaced() -> None:
    container = in_memory()
    clock = SettableClock()
    container.clock.override(clock)
    assert container.monitoring() is not None
    assert id(container.clock()) == id(clock)


async def test_the_library_folder_of_the_environment_is_the_first_setting() -> None:
    container = in_memory(library_dir="/srv/audiobooks")
    assert (await container.settings_store().load()).library.path == "/srv/audiobooks"


def test_every_kind_of_neighbour_has_an_adapter_and_no_adapter_is_left_over() -> None:
    assert set(ADAPTERS) == {(role, kind) for role, kinds in KINDS.items() for kind in kinds}


@pytest.mark.parametrize(("role", "kind"), sorted(ADAPTERS))
async def test_a_row_becomes_its_adapter_and_keeps_it_while_it_stays_the_same(role: IntegrationRole, kind: str) -> None:
    container = in_memory()
    filled = {rule.name: "http://127.0.0.1:1" for rule in KINDS[role][kind].settings if rule.required}
    row = configure(Draft(kind, "A name", filled), identifier=IntegrationId("x"), role=role)
    row.version = 1
    build = getattr(
        container.neighbours(), {"indexer": "indexer", "connector": "connector"}.get(role, "download_client")
    )
    async with container.opened():
        first = build(row)
        assert type(first).__module__ == ADAPTERS[role, kind].partition(":")[0]
        assert build(row) is first
        row.name = "Another name"
        changed = configure(Draft(kind, "Other", filled), identifier=IntegrationId("x"), role=role)
        changed.version = 2
        assert build(changed) is not first


def test_a_database_whose_driver_is_missing_is_told_with_the_command_that_installs_it(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['asyncpg'] = None\n"
        "from earshelf.entrypoints.cli import main\n"
        "raise SystemExit(main(['check']))\n"
    )
    environment = {**os.environ, "CONFIG_DIR": str(tmp_path), "EARSHELF_DATABASE_URL": "postgresql://me:hush@host/db"}
    outcome = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert outcome.returncode == 1
    assert outcome.stderr == "earshelf: A PostgreSQL database needs an extra: pip install 'earshelf[postgres]'\n"


@pytest.mark.parametrize("name", ACTIVITIES)
def test_every_use_case_builds_over_postgresql_without_anybody_being_asked(name: str, tmp_path: Path) -> None:
    settings = ProcessSettings(config_dir=tmp_path, database_url="postgresql://127.0.0.1:1/library")
    container = Container(settings=settings)
    assert getattr(container, name)() is getattr(container, name)()
    assert container.leadership().is_shared
