"""Tokens of servers and accounts: unreadable in the database's files, and lost without anything else being lost."""

import asyncio
from pathlib import Path

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.plex.account import PlexAccounts
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.storage import SqliteStorage
from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.accounts import AccountProvider
from earshelf.domain.errors import CredentialsRejected
from earshelf.entrypoints.demo.plex_tv import PlexTvSimulator
from earshelf.entrypoints.server import running
from tests.contract.suites.makers import NOON, a_server, an_account
from tests.unit.companion import LINK, who

OLD, NEW = AesGcmCipher(bytes(32)), AesGcmCipher(bytes([7]) * 32)


async def furnish(database: SqliteDatabase) -> None:
    async with SqliteStorage(database, OLD).unit() as unit:
        await unit.servers.add(a_server())
        await unit.accounts.add(an_account())
        await unit.commit(NOON)


async def test_nothing_of_a_token_is_in_the_databases_files(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "library.db") as database:
        await furnish(database)
        stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"192.168.10.4" in stored
    assert b"tok-" not in stored


async def test_under_another_key_everything_but_the_tokens_is_there_and_saving_keeps_what_is_stored(
    tmp_path: Path,
) -> None:
    async with SqliteDatabase(tmp_path / "library.db") as database:
        await furnish(database)
        async with SqliteStorage(database, NEW).unit() as unit:
            (server,), account = await unit.servers.all(), await unit.accounts.of(AccountProvider.PLEX)
            assert account is not None
            assert (server.name, server.token, server.secrets_lost) == ("Attic", "", True)
            assert (account.is_linked, account.token, account.secrets_lost) == (True, "", True)
            for lost in (server, account):
                with pytest.raises(CredentialsRejected, match="sign in again"):
                    lost.usable_token()
            server.name = "Loft"
            await unit.servers.save(server)
            await unit.accounts.save(account)
            await unit.commit(NOON)
        async with SqliteStorage(database, OLD).unit() as unit:
            (server,), account = await unit.servers.all(), await unit.accounts.of(AccountProvider.PLEX)
            assert account is not None
            assert (server.name, server.token, account.token) == ("Loft", "tok-srv", "tok-user")


async def test_the_running_program_asks_after_a_pin_by_itself(tmp_path: Path) -> None:
    async with PlexTvSimulator() as plex_tv:
        settings = ProcessSettings(config_dir=tmp_path, database_url="memory://", port=0, plex_tv_url=plex_tv.url)
        container = Container(settings=settings)
        assert isinstance(container.accounts(), PlexAccounts)
        async with running(container):
            pin = await container.linking().begin(LINK, who("the operator")[LINK])
            plex_tv.approve(pin.id, "tok-user")
            async with asyncio.timeout(10):
                while await container.linking().account() is None:  # noqa: ASYNC110 - nobody tells when it is done
                    await asyncio.sleep(0.05)
            assert plex_tv.polls[pin.id] == 1
