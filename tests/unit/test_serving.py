"""The program with a key that is not the database's: refused with the remedy, and running again after it."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from earshelf.config.container import Container
from earshelf.config.logging import configure_logging
from earshelf.config.process import ProcessSettings
from earshelf.domain.access import Credential
from earshelf.domain.errors import SecretUnreadable
from earshelf.domain.integrations import IntegrationDraft, IntegrationRole
from earshelf.entrypoints.server import running

OTHER_KEY = "ab" * 32


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Everything that is logged, as the program would write it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = StringIO()
    configure_logging("INFO", "pretty", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def earshelf(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "CONFIG_DIR": str(folder), "EARSHELF_LIBRARY_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "earshelf", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def furnish(folder: Path) -> None:
    """Makes a library with credentials and a neighbour, and then takes its key away."""
    container = Container(settings=ProcessSettings(config_dir=folder))
    async with container.opened():
        for credential in Credential:
            await container.authenticating().current(credential)
        draft = IntegrationDraft("torznab", "Shelf", {"url": "http://indexer.example", "api_key": "hush-hush"})
        await container.configuring().add(draft, role=IntegrationRole.INDEXER)
    (folder / "secret.key").write_text(OTHER_KEY)


@pytest.mark.parametrize("command", ["api-key", "token", "serve"])
async def test_a_key_that_does_not_fit_is_one_line_with_the_remedy(command: str, tmp_path: Path) -> None:
    await furnish(tmp_path)
    refused = earshelf(tmp_path, command)
    (line,) = refused.stderr.splitlines()
    assert (refused.returncode, refused.stdout) == (1, "")
    for told in ("need the key with id", "secret.key", "api-key --regenerate", "token --regenerate"):
        assert told in line


async def test_the_doctor_lists_what_does_not_open(tmp_path: Path) -> None:
    await furnish(tmp_path)
    checked = earshelf(tmp_path, "check")
    errors = [line for line in checked.stdout.splitlines() if line.startswith("error")]
    assert checked.returncode == 1
    assert [line.partition(":")[0].split(maxsplit=1)[1] for line in errors] == [
        "API key",
        "operator token",
        "indexer 'Shelf'",
    ]


async def test_new_credentials_are_all_that_it_takes_to_serve_again(tmp_path: Path) -> None:
    await furnish(tmp_path)
    settings = ProcessSettings(config_dir=tmp_path, port=0)
    with pytest.raises(SecretUnreadable, match="regenerate"):
        async with running(Container(settings=settings)):
            pytest.fail("it must not start")
    for command in ("api-key", "token"):
        made = earshelf(tmp_path, command, "--regenerate")
        assert (made.returncode, made.stderr) == (0, "")
        assert earshelf(tmp_path, command).stdout == made.stdout
    container = Container(settings=settings)
    async with running(container) as url:
        assert url.startswith("http://127.0.0.1:")
        (row,) = await container.configuring().all(IntegrationRole.INDEXER)
        assert row.secrets_lost
    assert earshelf(tmp_path, "check").returncode == 1


async def test_generated_credentials_are_never_logged(tmp_path: Path, log: StringIO) -> None:
    container = Container(settings=ProcessSettings(config_dir=tmp_path, port=0))
    async with running(container):
        for credential in Credential:
            logging.getLogger("anybody").info("it is %s", await container.authenticating().current(credential))
    assert log.getvalue().count("anybody: it is ********\n") == 2
