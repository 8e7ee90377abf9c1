"""New keys, fixed keys, lost keys."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.access import Credential
from earshelf.domain.errors import (
    ConfigurationError,
    SecretUnreadable,
)
from earshelf.entrypoints.safekeeping import back_up, restore, rotate_key
from tests.contract.suites.archive import furnish
from tests.unit.safekeeping.installations import OTHER_KEY, THIRD_KEY, held, serve_once


async def test_a_new_key_opens_everything_and_the_old_one_nothing(home: ProcessSettings) -> None:
    before, key = await held(home), (home.config_dir / "secret.key").read_text()
    await rotate_key(Container(settings=home))
    assert (home.config_dir / "secret.key").read_text() != key
    assert await held(home) == before
    (home.config_dir / "secret.key").write_text(key)
    for command in (
        rotate_key(Container(settings=home)),
        back_up(Container(settings=home), str(home.config_dir / "backup.zip")),
        serve_once(home),
    ):
        with pytest.raises(SecretUnreadable, match="need the key with id"):
            await command


async def test_a_library_whose_secrets_were_given_up_is_served_and_backed_up_without_them(
    home: ProcessSettings, backup: str
) -> None:
    (home.config_dir / "secret.key").unlink()
    with pytest.raises(SecretUnreadable, match="--regenerate"):
        await serve_once(home)
    for credential in Credential:
        container = Container(settings=home)
        async with container.opened():
            await container.authenticating().regenerate(credential)
    await serve_once(home)
    await rotate_key(Container(settings=home))
    await back_up(Container(settings=home), backup)
    before = await held(home)
    await restore(Container(settings=home), backup, dry_run=False)
    assert await held(home) == before
    assert before["book"].count == 1


async def test_a_server_keeps_restores_and_new_keys_away(home: ProcessSettings, backup: str) -> None:
    await back_up(Container(settings=home), backup)
    before = await held(home)
    server = Container(settings=home)
    leading = asyncio.Event()

    async def term() -> None:
        leading.set()
        await asyncio.Event().wait()

    async with server.leadership().presence(), server.opened():
        serving = asyncio.create_task(server.leadership().lead(term))
        await leading.wait()
        for command in (rotate_key(Container(settings=home)), restore(Container(settings=home), backup, dry_run=False)):
            with pytest.raises(ConfigurationError, match="stop"):
                await command
        await back_up(Container(settings=home), backup)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    assert await held(home) == before


async def test_a_fixed_key_is_changed_by_naming_the_next_one(tmp_path: Path) -> None:
    fixed = ProcessSettings(config_dir=tmp_path, secret_key=OTHER_KEY)
    container = Container(settings=fixed)
    async with container.opened():
        await furnish(container.storage())
    before = await held(fixed)
    with pytest.raises(ConfigurationError, match="EARSHELF_SECRET_KEY_NEXT"):
        await rotate_key(Container(settings=fixed))
    assert await held(fixed) == before
    await rotate_key(Container(settings=replace(fixed, secret_key_next=THIRD_KEY)))
    assert await held(replace(fixed, secret_key_next=THIRD_KEY)) == before
    assert await held(replace(fixed, secret_key=THIRD_KEY)) == before
    with pytest.raises(SecretUnreadable, match="EARSHELF_SECRET_KEY"):
        await serve_once(fixed)


async def test_the_key_in_use_is_no_new_key(tmp_path: Path) -> None:
    fixed = ProcessSettings(config_dir=tmp_path, secret_key=OTHER_KEY, secret_key_next=OTHER_KEY)
    with pytest.raises(ConfigurationError, match="choose another"):
        await rotate_key(Container(settings=fixed))
