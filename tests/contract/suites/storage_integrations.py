"""What every storage must do: neighbours and keys.

Fixtures: ``storage`` is an empty :class:`~earshelf.ports.storage.Storage`.
"""

import pytest

from earshelf.domain.access import Credential
from earshelf.domain.errors import NotFound, StaleWrite
from earshelf.domain.integrations import IntegrationRole
from earshelf.domain.paths import PathMapping
from earshelf.ports.storage import Storage

from .makers import (
    NOON,
    a_download,
    a_release,
    an_indexer,
)
from .storage_downloads import put


class IntegrationsContract:
    """Neighbours come back as they went in, secrets and all."""

    async def test_a_whole_neighbour_comes_back_equal(self, storage: Storage) -> None:
        row = an_indexer(
            "Regał",
            enabled=False,
            priority=7,
            settings={"url": "http://x", "categories": (3030,), "fallback_to_full_refresh": True, "target": ""},
            secrets={"api_key": "sesame", "token": "жук"},
            path_mappings=(PathMapping("/downloads", "/mnt/d"), PathMapping("", "/x")),
        )
        async with storage.unit() as unit:
            await unit.integrations.add(row)
            await unit.commit(NOON)
        async with storage.unit() as unit:
            assert await unit.integrations.get(row.id, row.role) == row

    async def test_a_neighbour_is_found_in_its_role_only(self, storage: Storage) -> None:
        row = an_indexer()
        async with storage.unit() as unit:
            await unit.integrations.add(row)
            with pytest.raises(NotFound):
                await unit.integrations.get(row.id, IntegrationRole.CONNECTOR)
            with pytest.raises(NotFound):
                await unit.integrations.remove(row.id, IntegrationRole.CONNECTOR)
            assert await unit.integrations.of_role(IntegrationRole.CONNECTOR) == []
            assert await unit.integrations.get(row.id, IntegrationRole.INDEXER) == row

    async def test_neighbours_come_by_priority_and_then_by_age(self, storage: Storage) -> None:
        rows = [
            an_indexer("late", priority=60),
            an_indexer("first"),
            an_indexer("second"),
            an_indexer("off", enabled=False),
            an_indexer("early", priority=1),
        ]
        async with storage.unit() as unit:
            for row in rows:
                await unit.integrations.add(row)
            rows[1].name = "first, renamed"
            await unit.integrations.save(rows[1])
            everybody = await unit.integrations.of_role(IntegrationRole.INDEXER)
            enabled = await unit.integrations.of_role(IntegrationRole.INDEXER, enabled_only=True)
        assert [row.name for row in everybody] == ["early", "first, renamed", "second", "off", "late"]
        assert [row.name for row in enabled] == ["early", "first, renamed", "second", "late"]

    async def test_a_changed_secret_replaces_the_old_one(self, storage: Storage) -> None:
        row = an_indexer()
        async with storage.unit() as unit:
            await unit.integrations.add(row)
            row.secrets = {"api_key": "mellon"}
            await unit.integrations.save(row)
            assert row.version == 2
            assert (await unit.integrations.get(row.id, row.role)).secrets == {"api_key": "mellon"}

    async def test_a_stale_neighbour_is_refused(self, storage: Storage) -> None:
        row = an_indexer()
        async with storage.unit() as unit:
            await unit.integrations.add(row)
            mine = await unit.integrations.get(row.id, row.role)
            yours = await unit.integrations.get(row.id, row.role)
            await unit.integrations.save(mine)
            with pytest.raises(StaleWrite):
                await unit.integrations.save(yours)

    async def test_removing_a_neighbour_leaves_the_downloads_that_mention_it(self, storage: Storage) -> None:
        row = an_indexer()
        download = a_download(release=a_release(indexer_id=row.id), client_id=row.id)
        await put(storage, download)
        async with storage.unit() as unit:
            await unit.integrations.add(row)
            await unit.integrations.remove(row.id, row.role)
            assert await unit.downloads.get(download.id) == download
            with pytest.raises(NotFound):
                await unit.integrations.remove(row.id, row.role)
            with pytest.raises(NotFound):
                await unit.integrations.save(row)

    async def test_keys_are_absent_then_stored_then_replaced(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            assert await unit.credentials.get(Credential.API_KEY) is None
            await unit.credentials.put(Credential.API_KEY, "one")
            await unit.credentials.put(Credential.OPERATOR_TOKEN, "other")
            await unit.credentials.put(Credential.API_KEY, "two")
            await unit.commit(NOON)
        async with storage.unit() as unit:
            assert await unit.credentials.get(Credential.API_KEY) == "two"
            assert await unit.credentials.get(Credential.OPERATOR_TOKEN) == "other"
