"""What every storage must do: browsers that were let in.

Fixtures: ``storage`` is an empty :class:`~earshelf.ports.storage.Storage`.
"""

from dataclasses import replace

import pytest

from earshelf.domain.errors import AlreadyExists
from earshelf.ports.storage import Storage

from .makers import NOON, a_session, at


async def there(storage: Storage, *ids: str) -> list[str]:
    """Returns which of the sessions are there."""
    async with storage.unit() as unit:
        return [one for one in ids if await unit.browser_sessions.get(one) is not None]


class BrowserSessionsContract:
    """Sessions come back as they went in, and end one by one, by account, by age, or all at once."""

    async def test_a_session_comes_back_equal_with_an_account_and_without(self, storage: Storage) -> None:
        ours, martas = a_session("1"), a_session("2", account_id="40217731")
        async with storage.unit() as unit:
            for session in (ours, martas):
                await unit.browser_sessions.add(session)
            await unit.commit(NOON)
        async with storage.unit() as unit:
            assert await unit.browser_sessions.get("1") == ours
            assert await unit.browser_sessions.get("2") == martas
            assert await unit.browser_sessions.get("3") is None

    async def test_an_id_is_given_once_and_the_unit_stays_usable(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await unit.browser_sessions.add(a_session("1"))
            with pytest.raises(AlreadyExists):
                await unit.browser_sessions.add(a_session("1", account_id="7"))
            await unit.browser_sessions.add(a_session("2"))
            assert await unit.browser_sessions.get("1") == a_session("1")
            await unit.commit(NOON)
        assert await there(storage, "1", "2") == ["1", "2"]

    async def test_what_is_not_committed_is_undone(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await unit.browser_sessions.add(a_session("1"))
        assert await there(storage, "1") == []

    async def test_a_browser_that_comes_back_is_noted_and_one_that_is_gone_stays_gone(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await unit.browser_sessions.add(a_session("1"))
            await unit.browser_sessions.add(a_session("2"))
            await unit.browser_sessions.touch("1", at(90))
            await unit.browser_sessions.touch("3", at(90))
            assert await unit.browser_sessions.get("1") == replace(a_session("1"), seen_at=at(90))
            assert await unit.browser_sessions.get("2") == a_session("2")
            assert await unit.browser_sessions.get("3") is None

    async def test_a_removed_session_is_gone_and_may_be_removed_again(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await unit.browser_sessions.add(a_session("1"))
            await unit.browser_sessions.add(a_session("2"))
            for _ in range(2):
                await unit.browser_sessions.remove("1")
            await unit.commit(NOON)
        assert await there(storage, "1", "2") == ["2"]

    async def test_an_accounts_sessions_end_together_and_no_others(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            for number, account in (("1", "7"), ("2", None), ("3", "7"), ("4", "77")):
                await unit.browser_sessions.add(a_session(number, account_id=account))
            await unit.browser_sessions.remove_of("7")
            await unit.commit(NOON)
        assert await there(storage, "1", "2", "3", "4") == ["2", "4"]

    async def test_all_of_them_end_at_once(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await unit.browser_sessions.clear()
            await unit.browser_sessions.add(a_session("1"))
            await unit.browser_sessions.add(a_session("2", account_id="7"))
            await unit.commit(NOON)
        async with storage.unit() as unit:
            await unit.browser_sessions.clear()
            await unit.commit(NOON)
        assert await there(storage, "1", "2") == []

    async def test_old_ones_and_those_not_seen_for_long_are_forgotten(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            for number, begun, seen in (("old", 9, 50), ("idle", 20, 39), ("begun", 10, 50), ("seen", 20, 40)):
                await unit.browser_sessions.add(a_session(number, begun_at=at(begun), seen_at=at(seen)))
            await unit.browser_sessions.forget(begun_before=at(10), seen_before=at(40))
            await unit.commit(NOON)
        assert await there(storage, "old", "idle", "begun", "seen") == ["begun", "seen"]
