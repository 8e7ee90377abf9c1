"""A key that is not the one which the database was encrypted with: what still works, and what says the remedy."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.queries import PostgresQueries
from earshelf.adapters.postgres.storage import PostgresStorage
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.queries import SqliteQueries
from earshelf.adapters.sqlite.storage import SqliteStorage
from earshelf.domain.access import Credential
from earshelf.domain.errors import CredentialsRejected, Invalid, ReleaseUnavailable, SecretUnreadable
from earshelf.domain.integrations import Integration, IntegrationDraft, IntegrationRole
from earshelf.domain.setting_forms import MASK
from earshelf.domain.usecases.diagnosing import Severity
from earshelf.ports.queries import Queries, Window
from earshelf.ports.storage import Storage
from tests.contract.suites.makers import NOON, a_download, a_release
from tests.databases.postgres import PostgresServer
from tests.unit.house import House

OLD, NEW = AesGcmCipher(bytes(32)), AesGcmCipher(bytes([7]) * 32)
INDEXER, CLIENT = IntegrationRole.INDEXER, IntegrationRole.DOWNLOAD_CLIENT
Opened: TypeAlias = Callable[[AesGcmCipher], tuple[Storage, Queries]]


@pytest.fixture(params=["sqlite", "postgres"])
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opened]:
    """The same database under any key."""
    if request.param == "sqlite":
        async with SqliteDatabase(tmp_path / "library.db") as database:
            yield lambda cipher: (SqliteStorage(database, cipher), SqliteQueries(database, cipher))
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    async with server.fresh_database() as dsn, PostgresDatabase(dsn) as postgres:
        yield lambda cipher: (PostgresStorage(postgres, cipher), PostgresQueries(postgres, cipher))


def house(opened: Opened, cipher: AesGcmCipher) -> House:
    return House(storage=opened(cipher)[0])


async def furnish(opened: Opened) -> tuple[Integration, Integration]:
    """Configures neighbours and credentials under the old key."""
    before = house(opened, OLD)
    for credential in Credential:
        await before.authenticating.current(credential)
    indexer = IntegrationDraft("torznab", "Shelf", {"url": "http://indexer.example", "api_key": "hush-hush"})
    client = IntegrationDraft("transmission", "seedbox", {"url": "http://box.example", "password": "hush-hush"})
    return (
        await before.configuring.add(indexer, role=INDEXER),
        await before.configuring.add(client, role=CLIENT),
    )


async def test_a_credential_that_does_not_open_is_told_with_the_needed_key_and_the_remedy(opened: Opened) -> None:
    await furnish(opened)
    after = house(opened, NEW)
    with pytest.raises(SecretUnreadable) as refusal:
        await after.authenticating.current(Credential.API_KEY)
    for told in (OLD.key_id, NEW.key_id, "put the old", "api-key --regenerate", "token --regenerate"):
        assert told in refusal.value.message
    assert "\n" not in refusal.value.message


async def test_a_credential_that_does_not_open_can_be_replaced(opened: Opened) -> None:
    await furnish(opened)
    after = house(opened, NEW)
    for credential in Credential:
        made = await after.authenticating.regenerate(credential)
        assert await after.authenticating.current(credential) == made
    assert await after.authenticating.unreadable() == {}


async def test_everything_that_does_not_open_is_a_finding_and_an_error(opened: Opened) -> None:
    await furnish(opened)
    found = {one.subject: one for one in await house(opened, NEW).diagnosing.findings()}
    subjects = ["API key", "operator token", "indexer 'Shelf'", "download client 'seedbox'"]
    assert [found[subject].severity for subject in subjects] == [Severity.ERROR] * 4
    assert "type its secret in again" in found["indexer 'Shelf'"].message
    assert "regenerate" in found["API key"].message
    healthy = await house(opened, OLD).diagnosing.findings()
    assert [one.subject for one in healthy if one.severity is Severity.ERROR] == []


async def test_a_neighbour_without_its_secret_is_listed_and_not_asked(opened: Opened) -> None:
    indexer, client = await furnish(opened)
    after = house(opened, NEW)
    (listed,) = await after.configuring.all(INDEXER)
    assert (listed.name, listed.secrets, listed.secrets_lost) == ("Shelf", {}, True)
    assert listed.masked_settings()["api_key"] == MASK
    book = await after.shelve()
    assert await after.searching.candidates(book.id) == []
    assert "type its secret in again" in after.searching.troubles[indexer.id]
    trial = await after.configuring.test_stored(client.id, role=CLIENT)
    assert (trial.success, "type its secret in again" in trial.message) == (False, True)
    with pytest.raises(CredentialsRejected, match="seedbox"):
        await after.grabbing.grab(after.signer.sign(a_release()), book_id=book.id)
    async with after.storage.unit() as unit:
        assert await unit.downloads.of_book(book.id) == []


async def test_a_typed_secret_ends_the_loss(opened: Opened) -> None:
    indexer, _ = await furnish(opened)
    after = house(opened, NEW)
    draft = IntegrationDraft("torznab", "Shelf", {"url": "http://indexer.example", "api_key": "another"})
    await after.configuring.replace(indexer.id, draft, role=INDEXER)
    stored = await after.configuring.get(indexer.id, INDEXER)
    assert (stored.secrets, stored.secrets_lost) == ({"api_key": "another"}, False)


async def test_other_changes_keep_the_lost_secret_for_the_day_its_key_comes_back(opened: Opened) -> None:
    indexer, _ = await furnish(opened)
    after = house(opened, NEW)
    draft = IntegrationDraft("torznab", "Renamed", {"url": "http://indexer.example", "api_key": MASK}, enabled=False)
    changed = await after.configuring.replace(indexer.id, draft, role=INDEXER)
    assert (changed.name, changed.secrets_lost) == ("Renamed", True)
    before = await house(opened, OLD).configuring.get(indexer.id, INDEXER)
    assert (before.name, before.secrets, before.secrets_lost) == ("Renamed", {"api_key": "hush-hush"}, False)


async def test_a_lost_secret_does_not_stand_for_another_types(opened: Opened) -> None:
    _, client = await furnish(opened)
    draft = IntegrationDraft("qbittorrent", "seedbox", {"url": "http://box.example", "password": MASK})
    with pytest.raises(Invalid, match=r"settings\.password"):
        await house(opened, NEW).configuring.replace(client.id, draft, role=CLIENT)


async def test_a_download_whose_origin_does_not_open_is_read_and_saved_without_losing_it(opened: Opened) -> None:
    before, _ = opened(OLD)
    release = a_release(info_hash="a" * 40)
    download = a_download(release=release, reference="a" * 40)
    async with before.unit() as unit:
        await unit.downloads.add(download)
        await unit.commit(NOON)
    after, queries = opened(NEW)
    async with after.unit() as unit:
        (held,) = await unit.downloads.polled()
        assert (held.title, held.release.download_url, held.release.guid) == (release.title, "", None)
        held.progress = 0.5
        await unit.downloads.save(held)
        await unit.commit(NOON)
    assert [one.progress for one in (await queries.downloads(Window())).rows] == [0.5]
    async with before.unit() as unit:
        (again,) = await unit.downloads.polled()
    assert (again.release, again.progress) == (release, 0.5)


async def test_a_release_whose_address_does_not_open_cannot_be_fetched_again(opened: Opened) -> None:
    from_before, after = house(opened, OLD), house(opened, NEW)
    book = await from_before.shelve()
    failed: Any = a_download(book)
    failed.fail("out of seeds")
    await from_before.put(failed)
    await after.client()
    with pytest.raises(ReleaseUnavailable, match="address"):
        await after.grabbing.retry(failed.id)
