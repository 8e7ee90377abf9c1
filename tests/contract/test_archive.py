"""The library as a whole, out of and into every database that this project ships."""

from collections.abc import AsyncIterator

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.ports.archive import StorageArchive
from earshelf.ports.queries import Queries
from earshelf.ports.secrets import Cipher
from earshelf.ports.storage import Storage
from tests.contract.conftest import Maker, Shelf, memory_shelf, postgres_shelf, sqlite_shelf
from tests.contract.suites.archive import (
    ArchiveContract,
    RecordsAloneContract,
    SecretsInArchiveContract,
    furnish,
    records_of,
    tallies_of,
)


@pytest.fixture
def cipher() -> Cipher:
    return AesGcmCipher(bytes(32))


@pytest.fixture
def stranger() -> Cipher:
    return AesGcmCipher(bytes(range(32)))


@pytest.fixture
def archive(shelf: Shelf) -> StorageArchive:
    return shelf.archive


@pytest.fixture
async def spare_shelf(maker: Maker, request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
    async with maker(request) as opened:
        yield opened


@pytest.fixture
def spare(spare_shelf: Shelf) -> StorageArchive:
    return spare_shelf.archive


@pytest.fixture
def spare_storage(spare_shelf: Shelf) -> Storage:
    return spare_shelf.storage


@pytest.fixture
def spare_queries(spare_shelf: Shelf) -> Queries:
    return spare_shelf.queries


class TestArchive(ArchiveContract):
    pass


class TestSecretsInArchive(SecretsInArchiveContract):
    @pytest.fixture(params=[sqlite_shelf, postgres_shelf], ids=["sqlite", "postgres"])
    def maker(self, request: pytest.FixtureRequest) -> Maker:
        made: Maker = request.param
        return made


class TestRecordsAlone(RecordsAloneContract):
    pass


async def test_what_went_through_every_database_is_what_it_was(request: pytest.FixtureRequest, cipher: Cipher) -> None:
    async with sqlite_shelf(request) as sqlite, postgres_shelf(request) as postgres, memory_shelf(request) as memory:
        await furnish(memory.storage)
        expected = await tallies_of(memory.archive, cipher)
        async with sqlite_shelf(request) as last:
            for source, target in ((memory, sqlite), (sqlite, postgres), (postgres, last)):
                await target.archive.load(source.archive.dump(cipher), cipher)
                assert await tallies_of(target.archive, cipher) == expected
            assert await records_of(last.archive, cipher) == await records_of(memory.archive, cipher)
