"""What every storage must do: media servers, the accounts behind them, PINs under way.

Fixtures: ``storage`` is an empty :class:`~earshelf.ports.storage.Storage`.
"""

from datetime import time

import pytest

from earshelf.domain.accounts import AccountProvider, Holder, SignInState, TokenState
from earshelf.domain.errors import AlreadyExists, NotFound, StaleWrite
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import AuthMethod, MediaServer, ServerKind
from earshelf.domain.sync_schedules import SyncEvery, SyncSchedule
from earshelf.ports.storage import Storage

from .makers import NOON, a_server, a_sign_in, an_account, at

PLEX = AccountProvider.PLEX


async def put(storage: Storage, *servers: MediaServer) -> None:
    """Stores media servers."""
    async with storage.unit() as unit:
        for server in servers:
            await unit.servers.add(server)
        await unit.commit(NOON)


class ServersContract:
    """Media servers come back as they went in, tokens and all, and no machine is there twice."""

    async def test_a_whole_server_comes_back_equal(self, storage: Storage) -> None:
        whole = a_server(
            "Dachboden жук",
            url="https://home.example/plex",
            method=AuthMethod.ACCOUNT,
            token="tok-жук",
            enabled=False,
            verify_ssl=False,
            machine_id="machine-1",
            software="1.43.4",
            platform="Linux",
            token_state=TokenState.UNREACHABLE,
            checked_at=at(5),
            notice="found at https://home.example/plex",
            schedule=SyncSchedule(SyncEvery.WEEKLY, time(23, 45)),
            preferred=True,
        )
        bare = a_server("Bare")
        await put(storage, whole, bare)
        assert (whole.version, bare.version) == (1, 1)
        async with storage.unit() as unit:
            assert await unit.servers.get(whole.id) == whole
            assert await unit.servers.get(bare.id) == bare
            assert await unit.servers.all() == [whole, bare]

    async def test_a_server_that_is_not_there_is_not_found(self, storage: Storage) -> None:
        nobody = a_server()
        async with storage.unit() as unit:
            for ask in (unit.servers.get, unit.servers.remove):
                with pytest.raises(NotFound):
                    await ask(ServerId("sv_none"))
            with pytest.raises(NotFound):
                await unit.servers.save(nobody)
            assert await unit.servers.all() == []

    async def test_a_machine_is_there_once_and_the_unit_stays_usable(self, storage: Storage) -> None:
        first, second = a_server("One", machine_id="machine-1"), a_server("Two", machine_id="machine-2")
        await put(storage, first, second)
        async with storage.unit() as unit:
            with pytest.raises(AlreadyExists):
                await unit.servers.add(a_server("Twin", machine_id="machine-1"))
            second.machine_id = "machine-1"
            with pytest.raises(AlreadyExists):
                await unit.servers.save(second)
            assert await unit.servers.with_machine(ServerKind.PLEX, "machine-1") == first
            assert await unit.servers.with_machine(ServerKind.PLEX, "machine-3") is None
            second.machine_id = "machine-3"
            await unit.servers.save(second)
            await unit.commit(NOON)
        async with storage.unit() as unit:
            assert await unit.servers.with_machine(ServerKind.PLEX, "machine-3") == second

    async def test_servers_that_were_never_met_may_be_many(self, storage: Storage) -> None:
        await put(storage, a_server("One"), a_server("Two"))
        async with storage.unit() as unit:
            assert [server.name for server in await unit.servers.all()] == ["One", "Two"]

    async def test_changed_servers_keep_their_place(self, storage: Storage) -> None:
        first, second = a_server("One"), a_server("Two")
        await put(storage, first, second)
        async with storage.unit() as unit:
            first.name, first.token = "One, renamed", "tok-new"
            await unit.servers.save(first)
            assert first.version == 2
            assert await unit.servers.all() == [first, second]

    async def test_a_stale_server_is_refused(self, storage: Storage) -> None:
        server = a_server()
        await put(storage, server)
        async with storage.unit() as unit:
            mine, yours = await unit.servers.get(server.id), await unit.servers.get(server.id)
            await unit.servers.save(mine)
            with pytest.raises(StaleWrite):
                await unit.servers.save(yours)

    async def test_a_removed_server_makes_room_for_its_machine(self, storage: Storage) -> None:
        server = a_server(machine_id="machine-1")
        await put(storage, server)
        async with storage.unit() as unit:
            await unit.servers.remove(server.id)
            await unit.servers.add(a_server(machine_id="machine-1"))
            await unit.commit(NOON)
        async with storage.unit() as unit:
            assert [one.machine_id for one in await unit.servers.all()] == ["machine-1"]

    async def test_what_is_not_committed_is_undone(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await unit.servers.add(a_server())
            await unit.accounts.add(an_account())
            await unit.sign_ins.add(a_sign_in())
        async with storage.unit() as unit:
            assert await unit.servers.all() == []
            assert await unit.accounts.of(PLEX) is None
            assert await unit.sign_ins.pending() == []


class AccountsContract:
    """One account for each provider, linked or not."""

    async def test_an_account_comes_back_equal_linked_and_unlinked(self, storage: Storage) -> None:
        account = an_account()
        account.see(TokenState.REVOKED, at(3))
        async with storage.unit() as unit:
            assert await unit.accounts.of(PLEX) is None
            await unit.accounts.add(account)
            await unit.commit(NOON)
        async with storage.unit() as unit:
            assert await unit.accounts.of(PLEX) == account
            account.unlink()
            await unit.accounts.save(account)
            assert account.version == 2
            assert await unit.accounts.of(PLEX) == account

    async def test_a_provider_has_one_account(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await unit.accounts.add(an_account())
            with pytest.raises(AlreadyExists):
                await unit.accounts.add(an_account())
            assert await unit.accounts.of(PLEX) == an_account(version=1)

    async def test_a_stale_account_is_refused_and_an_absent_one_not_found(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            with pytest.raises(NotFound):
                await unit.accounts.save(an_account())
            await unit.accounts.add(an_account())
            mine, yours = await unit.accounts.of(PLEX), await unit.accounts.of(PLEX)
            assert mine is not None
            assert yours is not None
            await unit.accounts.save(mine)
            with pytest.raises(StaleWrite):
                await unit.accounts.save(yours)


class SignInsContract:
    """PINs wait until they are approved, refused, expired and at last forgotten."""

    async def test_a_sign_in_comes_back_equal(self, storage: Storage) -> None:
        sign_in = a_sign_in()
        sign_in.ask(at(1))
        async with storage.unit() as unit:
            await unit.sign_ins.add(sign_in)
            with pytest.raises(AlreadyExists):
                await unit.sign_ins.add(a_sign_in())
            await unit.commit(NOON)
        async with storage.unit() as unit:
            assert await unit.sign_ins.get(sign_in.id) == sign_in
            with pytest.raises(NotFound):
                await unit.sign_ins.get("7")
            sign_in.approve(Holder("40217731", "marta_k"))
            await unit.sign_ins.save(sign_in)
            assert await unit.sign_ins.get(sign_in.id) == sign_in

    async def test_only_those_that_wait_are_pending_soonest_to_expire_first(self, storage: Storage) -> None:
        late, soon, tied, done = a_sign_in("1", 9), a_sign_in("2", 1), a_sign_in("3", 9), a_sign_in("4", 0)
        done.settle(SignInState.APPROVED)
        async with storage.unit() as unit:
            for sign_in in (tied, late, soon, done):
                await unit.sign_ins.add(sign_in)
            assert [sign_in.id for sign_in in await unit.sign_ins.pending()] == ["2", "1", "3"]
            soon.settle(SignInState.REFUSED)
            await unit.sign_ins.save(soon)
            assert [sign_in.id for sign_in in await unit.sign_ins.pending()] == ["1", "3"]

    async def test_a_stale_sign_in_is_refused(self, storage: Storage) -> None:
        sign_in = a_sign_in()
        async with storage.unit() as unit:
            with pytest.raises(NotFound):
                await unit.sign_ins.save(sign_in)
            await unit.sign_ins.add(sign_in)
            mine, yours = [await unit.sign_ins.get(sign_in.id) for _ in range(2)]
            await unit.sign_ins.save(mine)
            with pytest.raises(StaleWrite):
                await unit.sign_ins.save(yours)

    async def test_old_sign_ins_are_forgotten_and_young_ones_are_not(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await unit.sign_ins.add(a_sign_in("1", 1))
            await unit.sign_ins.add(a_sign_in("2", 2))
            await unit.sign_ins.forget(at(2))
            assert [sign_in.id for sign_in in await unit.sign_ins.pending()] == ["2"]
            with pytest.raises(NotFound):
                await unit.sign_ins.get("1")
