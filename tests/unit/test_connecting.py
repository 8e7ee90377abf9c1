"""Media servers: tried before they are trusted, never doubled, and no token for whoever answers as somebody else."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from earshelf.adapters.memory.media_servers import MemoryMediaServer, MemoryServerClients
from earshelf.domain.accounts import TokenState
from earshelf.domain.companion_errors import OtherMachine
from earshelf.domain.connections import Reach
from earshelf.domain.errors import (
    AccountNotLinked,
    Conflict,
    CredentialsRejected,
    IntegrationKind,
    Invalid,
    NotFound,
    Obstacle,
    Refused,
    Unreachable,
)
from earshelf.domain.ids import ServerId
from earshelf.domain.server_drafts import ServerDraft
from earshelf.domain.servers import MediaServer, ServerDescription
from earshelf.domain.usecases.connecting import Settled
from earshelf.ports.servers import ServerAccess
from tests.unit.companion import URL, Companion, draft, listed, way

KIND = IntegrationKind.SERVER
ELSEWHERE = "http://10.0.0.1:32400"
DIRECT, BRIDGE, WAN, RELAY = (
    way("https://lan.example:32400"),
    way("https://172.18.0.5:32400"),
    way("https://wan.example:21900", Reach.REMOTE),
    way("https://relay.example:8443", Reach.RELAY),
)


class Interrupted(MemoryServerClients):
    """Something happens after a server said who it is, and before it is asked about itself."""

    def __init__(self) -> None:
        super().__init__()
        self.happens: Callable[[], Awaitable[object]] | None = None

    def at(self, access: ServerAccess) -> MemoryMediaServer:
        return InterruptedServer(self, access)


class InterruptedServer(MemoryMediaServer):
    def __init__(self, clients: Interrupted, access: ServerAccess) -> None:
        super().__init__(access, clients.machines.get(access.url))
        self._clients = clients

    async def describe(self) -> ServerDescription:
        if self._clients.happens is not None:
            await self._clients.happens()
        return await super().describe()


async def stored(companion: Companion, **values: Any) -> MediaServer:
    companion.clients.put(URL, "machine-1")
    return (await companion.connecting.add(draft(**values))).server


async def changed(companion: Companion, server: MediaServer, **values: Any) -> Settled:
    def merge(before: MediaServer) -> ServerDraft:
        return ServerDraft(
            **{"kind": "plex", "name": before.name, "url": before.url, "token": "********", "method": "token", **values}
        )

    return await companion.connecting.change(server.id, merge)


async def test_a_server_is_met_before_it_is_stored() -> None:
    companion = Companion()
    server = await stored(companion)
    assert (server.machine_id, server.software, server.platform) == ("machine-1", "1.43.4", "Linux")
    assert await companion.connecting.all() == [server]
    assert await companion.connecting.get(server.id) == server


@pytest.mark.parametrize(
    ("trouble", "field"),
    [
        (Unreachable(KIND, "Attic", "could not connect", Obstacle.NOBODY_LISTENS), "url"),
        (Unreachable(KIND, "Attic", "untrusted", Obstacle.CERTIFICATE_CHAIN), "verify_ssl"),
        (Refused(KIND, "Attic", "wants its owner's", 403), "auth.token"),
    ],
)
async def test_a_server_that_cannot_be_used_is_not_stored_and_its_field_says_why(
    trouble: Unreachable, field: str
) -> None:
    companion = Companion()
    companion.clients.put(URL, "machine-1").trouble = trouble
    with pytest.raises(Invalid, match="Failed to connect to server") as caught:
        await companion.connecting.add(draft())
    assert caught.value.fields == {field: trouble.reason}
    assert await companion.connecting.all() == []


async def test_a_wrong_token_is_the_tokens_fault() -> None:
    companion = Companion()
    companion.clients.put(URL, "machine-1")
    with pytest.raises(Invalid) as caught:
        await companion.connecting.add(draft(token="wrong"))
    assert caught.value.fields.keys() == {"auth.token"}


async def test_a_disabled_server_is_stored_untried_and_tried_when_it_is_switched_on() -> None:
    companion = Companion()
    server = (await companion.connecting.add(draft(enabled=False))).server
    assert (server.machine_id, companion.clients.accesses) == (None, [])
    with pytest.raises(Invalid):
        await changed(companion, server, enabled=True)
    companion.clients.put(URL, "machine-1")
    assert (await changed(companion, server, enabled=True)).server.machine_id == "machine-1"


async def test_a_known_machine_at_a_new_address_is_explained_and_not_doubled() -> None:
    companion = Companion()
    server = await stored(companion)
    companion.clients.put(ELSEWHERE, "machine-1", tokens=["tok-2"])
    again = await companion.connecting.add(draft(name="Renamed", url=ELSEWHERE, token="tok-2"))
    assert not again.is_new
    assert again.server.id == server.id
    assert again.notice is not None
    assert f"from {URL} to {ELSEWHERE}" in again.notice
    (only,) = await companion.connecting.all()
    assert (only.name, only.url, only.token) == ("Renamed", ELSEWHERE, "tok-2")


async def test_another_machine_at_the_old_address_is_explained_and_not_shown_the_token() -> None:
    companion = Companion()
    server = await stored(companion)
    stranger = companion.clients.put(URL, "machine-2")
    trial = await companion.connecting.test_stored(server.id)
    assert (trial.ok, trial.code) == (False, "OTHER_MACHINE")
    assert "another server answers at this address" in trial.message
    with pytest.raises(Invalid, match="type the token in again"):
        await changed(companion, server, verify_ssl=False)
    assert stranger.shown == []
    assert (await companion.connecting.get(server.id)).machine_id == "machine-1"


@pytest.mark.parametrize("known", [True, False])
async def test_an_address_that_changes_hands_between_two_questions_is_no_servers(known: bool) -> None:
    clients = Interrupted()
    companion = Companion(clients=clients)
    server = await stored(companion) if known else None
    machine = clients.put(URL, "machine-1")

    async def change_hands() -> None:
        machine.description = replace(machine.description, machine_id="machine-2")

    clients.happens = change_hands
    if server:
        trial = await companion.connecting.test_stored(server.id)
        assert (trial.ok, trial.code) == (False, "OTHER_MACHINE")
    else:
        with pytest.raises(OtherMachine, match="'machine-2', and this one was 'machine-1'"):
            await companion.connecting.add(draft())
    assert [one.machine_id for one in await companion.connecting.all()] == (["machine-1"] if known else [])


async def test_tokens_of_all_servers_are_looked_at_together() -> None:
    clients = Interrupted()
    companion = Companion(clients=clients)
    await stored(companion)
    clients.put(ELSEWHERE, "machine-2", tokens=["tok-2"])
    await companion.connecting.add(draft(name="Barn", url=ELSEWHERE, token="tok-2"))
    clients.happens = asyncio.Barrier(2).wait
    async with asyncio.timeout(5):
        await companion.connecting.renew_tokens()
    assert {server.token_state for server in await companion.connecting.all()} == {TokenState.VALID}


async def test_a_server_that_is_removed_while_its_token_is_looked_at_stays_removed() -> None:
    clients = Interrupted()
    companion = Companion(clients=clients)
    server = await stored(companion)
    clients.put(URL, "machine-1", tokens=["another"])
    clients.happens = partial(companion.connecting.remove, server.id)
    await companion.connecting.renew_tokens()
    assert await companion.connecting.all() == []


async def test_a_server_that_was_set_up_anew_goes_on_under_its_id_once_its_token_is_typed_in() -> None:
    companion = Companion()
    server = await stored(companion)
    companion.clients.put(URL, "machine-2", tokens=["tok-new"])
    outcome = await changed(companion, server, token="tok-new")
    assert (outcome.server.id, outcome.server.machine_id) == (server.id, "machine-2")
    assert "set up anew" in (outcome.notice or "")


async def test_a_server_that_was_set_up_anew_is_explained_and_not_doubled_when_it_is_added_again() -> None:
    companion = Companion()
    server = await stored(companion)
    companion.clients.put(URL, "machine-2", tokens=["tok-new"])
    with pytest.raises(Conflict, match=r"'Attic' is configured at this address, and .* type the token in again"):
        await companion.connecting.add(draft(name="Attic anew", token="tok-new"))
    assert [one.id for one in await companion.connecting.all()] == [server.id]


async def test_a_server_that_is_added_untried_at_a_stored_address_is_not_doubled() -> None:
    companion = Companion()
    server = await stored(companion)
    with pytest.raises(Conflict, match="'Attic' is configured at this address already"):
        await companion.connecting.add(draft(name="Spare", enabled=False))
    assert [one.id for one in await companion.connecting.all()] == [server.id]


async def test_an_address_of_another_configured_server_is_refused_by_its_name() -> None:
    companion = Companion()
    server = await stored(companion)
    companion.clients.put(ELSEWHERE, "machine-2", tokens=["tok-2"])
    await companion.connecting.add(draft(name="Barn", url=ELSEWHERE, token="tok-2"))
    with pytest.raises(Conflict, match="'Barn'"):
        await changed(companion, server, url=ELSEWHERE, token="tok-2")


async def test_a_new_name_contacts_nobody() -> None:
    companion = Companion()
    server = await stored(companion)
    before = len(companion.clients.accesses)
    assert (await changed(companion, server, name="Loft")).server.name == "Loft"
    assert len(companion.clients.accesses) == before


async def test_skipping_verification_holds_for_one_server_alone() -> None:
    companion = Companion()
    await stored(companion, verify_ssl=False)
    companion.clients.put(ELSEWHERE, "machine-2")
    await companion.connecting.add(draft(url=ELSEWHERE))
    assert {(access.url, access.verify_ssl) for access in companion.clients.accesses} == {
        (URL, False),
        (ELSEWHERE, True),
    }


async def test_a_removed_server_is_gone() -> None:
    companion = Companion()
    server = await stored(companion)
    await companion.connecting.remove(server.id)
    for ask in (companion.connecting.get, companion.connecting.remove, companion.connecting.test_stored):
        with pytest.raises(NotFound):
            await ask(server.id)


async def test_a_draft_is_tried_without_being_stored_and_a_mask_stands_for_the_stored_token() -> None:
    companion = Companion()
    server = await stored(companion)
    assert (await companion.connecting.test(draft(token="********"), stored_id=server.id)).ok
    unstored = await companion.connecting.test(draft(token="********"), stored_id=ServerId("sv_none"))
    assert (unstored.ok, set(unstored.fields)) == (False, {"auth.token"})
    trial = await companion.connecting.test(draft(token="wrong"))
    assert (trial.ok, trial.code, set(trial.fields)) == (False, "AUTH", {"auth.token"})
    away = await companion.connecting.test(draft(url=ELSEWHERE))
    assert (away.ok, away.code) == (False, "REFUSED")
    assert [one.id for one in await companion.connecting.all()] == [server.id]


async def test_a_test_takes_down_what_it_showed_of_the_token() -> None:
    companion = Companion()
    server = await stored(companion)
    machine = companion.clients.machines[URL]
    for tokens, state in (({"other"}, TokenState.REVOKED), ({"tok-srv"}, TokenState.VALID)):
        machine.tokens = tokens
        await companion.connecting.test_stored(server.id)
        assert (await companion.connecting.get(server.id)).token_state is state


async def test_discovery_needs_an_account_and_lists_own_servers_first() -> None:
    companion = Companion()
    with pytest.raises(AccountNotLinked, match="sign in with Plex first"):
        await companion.connecting.discover()
    await companion.sign_in()
    server = await stored(companion)
    shared = listed(WAN, machine_id="shared", is_owned=False, owner_name="tom")
    companion.accounts.owned["tok-user"] = [shared, listed(DIRECT)]
    found = await companion.connecting.discover()
    assert [(each.found.machine_id, each.configured) for each in found] == [("machine-1", server.id), ("shared", None)]


async def test_a_server_of_the_account_gets_its_best_address_and_its_own_token() -> None:
    companion = Companion()
    await companion.sign_in()
    companion.accounts.owned["tok-user"] = [listed(BRIDGE, RELAY, WAN, DIRECT)]
    stranger = companion.clients.put(BRIDGE.url, "machine-9")
    for each in (RELAY, WAN, DIRECT):
        companion.clients.put(each.url, "machine-1")
    added = await companion.connecting.add(draft(url="", token=None, method="account", machine_id="machine-1"))
    assert (added.server.url, added.server.token, added.notice) == (DIRECT.url, "tok-srv", None)
    assert stranger.shown == []
    assert companion.clients.machines[WAN.url].shown == []


async def test_a_copy_that_does_not_take_the_token_hides_no_server_of_its_name() -> None:
    companion = Companion()
    await companion.sign_in()
    companion.accounts.owned["tok-user"] = [listed(DIRECT, WAN)]
    companion.clients.put(DIRECT.url, "machine-1", tokens=["another"])
    wanted = draft(url="", token=None, method="account", machine_id="machine-1")
    with pytest.raises(CredentialsRejected):
        await companion.connecting.add(wanted)
    companion.clients.put(WAN.url, "machine-1")
    assert (await companion.connecting.add(wanted)).server.url == WAN.url


async def test_a_relay_is_the_last_resort_and_never_silent() -> None:
    companion = Companion()
    await companion.sign_in()
    companion.accounts.owned["tok-user"] = [listed(DIRECT, WAN, RELAY)]
    companion.clients.put(RELAY.url, "machine-1")
    added = await companion.connecting.add(draft(url="", token=None, method="account", machine_id="machine-1"))
    assert added.server.url == RELAY.url
    assert "relay" in (added.notice or "")
    assert "relay" in (await companion.connecting.get(added.server.id)).notice


async def test_a_server_of_the_account_that_nobody_reaches_or_knows_is_not_stored() -> None:
    companion = Companion()
    wanted = draft(url="", token=None, method="account", machine_id="machine-1")
    with pytest.raises(AccountNotLinked):
        await companion.connecting.add(wanted)
    await companion.sign_in()
    with pytest.raises(Invalid, match="no server of the linked account"):
        await companion.connecting.add(wanted)
    companion.accounts.owned["tok-user"] = [listed(DIRECT, WAN)]
    with pytest.raises(Unreachable, match="none of its 2 addresses"):
        await companion.connecting.add(wanted)
    assert await companion.connecting.all() == []


async def test_a_refused_token_is_looked_at_twice_and_then_renewed_from_the_account() -> None:
    companion = Companion()
    await companion.sign_in()
    server = await stored(companion)
    machine = companion.clients.machines[URL]
    machine.tokens = {"tok-fresh"}
    companion.accounts.owned["tok-user"] = [listed(token="tok-fresh")]
    looking = asyncio.create_task(companion.connecting.look_after(server.id))
    await companion.clock.until_sleeping()
    companion.clock.advance(5)
    assert await looking is TokenState.VALID
    assert (await companion.connecting.get(server.id)).token == "tok-fresh"


async def test_a_server_that_refuses_everybody_while_it_starts_keeps_its_token() -> None:
    companion = Companion()
    server = await stored(companion)
    machine = companion.clients.machines[URL]
    machine.tokens = set()
    looking = asyncio.create_task(companion.connecting.look_after(server.id))
    await companion.clock.until_sleeping()
    machine.tokens = {"tok-srv"}
    companion.clock.advance(5)
    assert await looking is TokenState.VALID


async def test_a_token_that_nobody_can_renew_is_revoked_and_a_silent_server_is_not() -> None:
    companion = Companion()
    server = await stored(companion)
    machine = companion.clients.machines[URL]
    machine.trouble = Unreachable(KIND, "Attic", "no connection")
    assert await companion.connecting.look_after(server.id) is TokenState.UNREACHABLE
    machine.trouble, machine.tokens = None, set()
    looking = asyncio.create_task(companion.connecting.look_after(server.id))
    await companion.clock.until_sleeping()
    companion.clock.advance(5)
    assert await looking is TokenState.REVOKED
    assert (await companion.connecting.get(server.id)).token == "tok-srv"
