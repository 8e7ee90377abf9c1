"""Copies of one database in another."""

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.errors import Conflict, EarshelfError
from earshelf.domain.records import Record
from earshelf.entrypoints.safekeeping import copy_database
from earshelf.ports.archive import StorageArchive
from earshelf.ports.secrets import Cipher
from tests.databases.postgres import PostgresServer
from tests.unit.safekeeping.installations import held, interval


async def test_a_copy_is_equal_and_takes_the_settings_along(
    home: ProcessSettings, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    before = await held(home)
    async with postgres_server.fresh_database(empty=True) as dsn:
        await copy_database(home, home.database, dsn)
        there = replace(home, database_url=dsn)
        assert await held(there) == before
        assert await interval(there) == 77
        file = f"sqlite:///{tmp_path / 'back.db'}"
        await copy_database(home, dsn, file)
        assert await held(replace(home, database_url=file)) == before
        with pytest.raises(Conflict, match="not empty"):
            await copy_database(home, home.database, dsn)
    assert await held(home) == before


@pytest.mark.parametrize(
    ("origin", "target", "named"),
    [
        ("memory://", "sqlite:////tmp/x.db", "FROM_URL"),
        ("sqlite:////nowhere/at/all.db", "sqlite:////tmp/x.db", "nowhere"),
        ("sqlite:///here.db", "mysql://me:hush@db/x", "TO_URL"),
        ("sqlite:///here.db", "sqlite://x", "TO_URL"),
        ("postgresql://me:hush@127.0.0.1:1/x", "sqlite:///{folder}/x.db", "127.0.0.1:1/x"),
    ],
)
async def test_a_copy_that_cannot_begin_says_so_without_the_password(
    tmp_path: Path, origin: str, target: str, named: str
) -> None:
    settings = ProcessSettings(config_dir=tmp_path)
    with pytest.raises(EarshelfError) as refusal:
        await copy_database(settings, origin, target.format(folder=tmp_path))
    assert named in refusal.value.message
    assert "hush" not in refusal.value.message


class ForgetfulArchive:
    """Loses the last record that it is given, and says nothing."""

    def __init__(self, archive: StorageArchive) -> None:
        self._archive = archive
        self.dump = archive.dump
        self.is_empty = archive.is_empty
        self.key_ids = archive.key_ids
        self.reseal = archive.reseal

    async def load(self, records: AsyncIterable[Record], cipher: Cipher) -> None:
        """Loads all records but one."""
        given = [record async for record in records]

        async def kept() -> AsyncIterator[Record]:
            for record in given[:-1]:
                yield record

        await self._archive.load(kept(), cipher)


async def test_a_copy_that_is_not_equal_is_told(sqlite: ProcessSettings, tmp_path: Path) -> None:
    one, other = Container(settings=sqlite), Container(settings=ProcessSettings(config_dir=tmp_path / "other"))
    async with one.opened(), other.opened():
        with pytest.raises(Conflict, match=r"not equal to its original: event: \d+ here, \d+ there"):
            await one.safekeeping().copy_to(ForgetfulArchive(other.archive()))
