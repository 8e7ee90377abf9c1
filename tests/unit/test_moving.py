"""Servers that moved: followed by their machine, with all that is known of them, and never where a token is at risk."""

import pytest

from earshelf.domain.accounts import TokenState
from earshelf.domain.connections import Connection, Reach, without_risk
from earshelf.domain.errors import (
    AccountNotLinked,
    Conflict,
    CredentialsRejected,
    IntegrationKind,
    NotFound,
    TimedOut,
    UnexpectedPayload,
    Unreachable,
)
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import MediaServer
from tests.unit.companion import URL, Companion, draft, listed, way

KIND = IntegrationKind.SERVER
NEW = "http://192.168.10.77:32400"
SECURE = "https://lan.example:32400"
DIRECT, WAN, WAN_PLAIN, RELAY = (
    way(SECURE),
    way("https://wan.example:21900", Reach.REMOTE),
    way("http://203.0.113.9:21900", Reach.REMOTE),
    way("https://relay.example:8443", Reach.RELAY),
)


async def moved(companion: Companion, *ways: Connection, token: str = "tok-srv", **values: str) -> MediaServer:
    """Returns a stored server that is at none but these addresses any more, of which the account knows."""
    companion.clients.put(values.get("url", URL), "machine-1")
    server = (await companion.connecting.add(draft(**values))).server
    await companion.sign_in()
    companion.accounts.owned["tok-user"] = [listed(*ways, token=token)]
    del companion.clients.machines[server.url]
    for each in ways:
        companion.clients.put(each.url, "machine-1", tokens={token, "tok-srv"})
    return server


async def looked(companion: Companion, server: MediaServer, times: int = 2) -> MediaServer:
    for _ in range(times):
        await companion.moving.look()
    return await companion.connecting.get(server.id)


async def test_a_server_that_is_away_at_two_looks_is_followed_and_keeps_its_id() -> None:
    companion = Companion()
    server = await moved(companion, way(NEW))
    assert (await looked(companion, server, times=1)).url == URL
    found = await looked(companion, server, times=1)
    assert (found.id, found.url, found.token, found.machine_id) == (server.id, NEW, "tok-srv", "machine-1")
    assert f"did not answer at {URL} any more; it was found at {NEW}" in found.notice
    assert [one.id for one in await companion.connecting.all()] == [server.id]
    assert found.token_state is TokenState.VALID


async def test_the_notice_goes_when_its_owner_changes_the_server() -> None:
    companion = Companion()
    server = await looked(companion, await moved(companion, way(NEW)))
    assert server.notice
    renamed = await companion.connecting.change(server.id, lambda _: draft(name="Loft", url=NEW, token="********"))
    assert (renamed.server.notice, (await companion.connecting.get(server.id)).notice) == ("", "")


async def test_a_stranger_at_an_address_of_the_account_sees_no_token_and_nobody_goes_there() -> None:
    companion = Companion()
    server = await moved(companion, way(NEW))
    stranger = companion.clients.put(NEW, "machine-2")
    assert (await looked(companion, server)).url == URL
    assert stranger.shown == []


async def test_a_shared_server_that_goes_by_the_name_of_an_own_one_is_not_taken_for_it() -> None:
    companion = Companion()
    server = await moved(companion, way(NEW))
    shared = listed(way("http://stranger.example:1", Reach.REMOTE), is_owned=False, token="another")
    stranger = companion.clients.put("http://stranger.example:1", "machine-1")
    own = companion.accounts.owned["tok-user"]
    own[:] = [shared, *own, shared]
    assert [each.found.is_owned for each in await companion.connecting.discover()] == [True]
    assert (await looked(companion, server)).url == NEW
    assert stranger.shown == []


async def test_a_stranger_at_the_stored_address_is_as_good_as_nobody() -> None:
    companion = Companion()
    server = await moved(companion, way(NEW))
    stranger = companion.clients.put(URL, "machine-2")
    assert (await looked(companion, server)).url == NEW
    assert stranger.shown == []


@pytest.mark.parametrize(
    "trouble",
    [Unreachable(KIND, "Attic", "no connection"), TimedOut(KIND, "Attic", "silence"),
     UnexpectedPayload(KIND, "Attic", "a page")],
)  # fmt: skip
async def test_whatever_keeps_a_server_from_saying_who_it_is_makes_it_worth_looking_elsewhere(
    trouble: Unreachable,
) -> None:
    companion = Companion()
    server = await moved(companion, way(NEW))
    companion.clients.put(URL, "machine-1").trouble = trouble
    assert (await looked(companion, server)).url == NEW


async def test_a_server_that_answers_now_and_then_stays_where_it_is() -> None:
    companion = Companion()
    server = await moved(companion, way(NEW))
    await companion.moving.look()
    companion.clients.put(URL, "machine-1")
    await companion.moving.look()
    del companion.clients.machines[URL]
    assert (await looked(companion, server, times=1)).url == URL


async def test_without_an_account_or_with_one_that_is_out_of_reach_nobody_is_followed() -> None:
    companion = Companion()
    server = await moved(companion, way(NEW))
    companion.accounts.trouble = Unreachable(KIND, "plex.tv", "no connection")
    assert (await looked(companion, server)).url == URL
    companion.accounts.trouble = None
    await companion.linking.unlink()
    assert (await looked(companion, server)).url == URL
    with pytest.raises(AccountNotLinked):
        await companion.moving.reconnect(server.id)


async def test_a_server_that_is_nowhere_else_stays_and_so_does_one_that_the_account_does_not_know() -> None:
    companion = Companion()
    server = await moved(companion, way(NEW))
    del companion.clients.machines[NEW]
    assert (await looked(companion, server)).url == URL
    companion.accounts.owned["tok-user"] = []
    assert (await looked(companion, server)).url == URL
    with pytest.raises(Conflict, match="by hand"):
        await companion.moving.reconnect(server.id)


async def test_a_server_that_is_switched_off_is_asked_nothing() -> None:
    companion = Companion()
    server = await moved(companion, way(NEW))
    await companion.connecting.change(server.id, lambda _: draft(enabled=False, token="********"))
    before = len(companion.clients.accesses)
    assert (await looked(companion, server)).url == URL
    assert len(companion.clients.accesses) == before


async def test_a_server_of_the_account_takes_its_fresh_token_along() -> None:
    companion = Companion()
    await companion.sign_in()
    companion.accounts.owned["tok-user"] = [listed(way(URL))]
    companion.clients.put(URL, "machine-1")
    added = await companion.connecting.add(draft(url="", token=None, method="account", machine_id="machine-1"))
    del companion.clients.machines[URL]
    companion.accounts.owned["tok-user"] = [listed(way(NEW), token="tok-fresh")]
    companion.clients.put(NEW, "machine-1", tokens=["tok-fresh"])
    found = await looked(companion, added.server)
    assert (found.url, found.token) == (NEW, "tok-fresh")


async def test_a_server_that_does_not_take_its_token_there_is_not_followed() -> None:
    companion = Companion()
    server = await moved(companion, way(NEW))
    companion.clients.put(NEW, "machine-1", tokens=["another"])
    assert (await looked(companion, server)).url == URL
    with pytest.raises(CredentialsRejected):
        await companion.moving.reconnect(server.id)


async def test_one_server_that_cannot_be_followed_holds_up_no_other() -> None:
    companion = Companion()
    server = await moved(companion, way(NEW))
    companion.clients.put("http://barn:1", "machine-2")
    barn = (await companion.connecting.add(draft(name="Barn", url="http://barn:1"))).server
    del companion.clients.machines["http://barn:1"]
    companion.clients.put("http://barn:2", "machine-2", tokens=["another"])
    companion.accounts.owned["tok-user"].insert(0, listed(way("http://barn:2"), machine_id="machine-2"))
    assert (await looked(companion, server)).url == NEW
    assert (await companion.connecting.get(barn.id)).url == "http://barn:1"


class TestByHand:
    async def test_a_relay_is_taken_and_warned_of(self) -> None:
        companion = Companion()
        server = await moved(companion, RELAY)
        assert (await looked(companion, server)).url == URL
        move = await companion.moving.reconnect(server.id)
        assert move.server.url == RELAY.url
        assert "relay" in (move.notice or "")
        assert (await companion.connecting.get(server.id)).notice == move.notice

    async def test_a_server_that_is_where_it_was_is_not_changed(self) -> None:
        companion = Companion()
        server = await moved(companion, way(URL))
        before = await companion.connecting.get(server.id)
        move = await companion.moving.reconnect(server.id)
        assert (move.server, move.notice) == (before, None)
        assert await companion.connecting.get(server.id) == before

    async def test_the_best_address_that_answers_is_taken_at_once(self) -> None:
        companion = Companion()
        server = await moved(companion, WAN, DIRECT, RELAY)
        assert (await companion.moving.reconnect(server.id)).server.url == SECURE

    async def test_a_server_that_nobody_knows_is_not_found(self) -> None:
        with pytest.raises(NotFound):
            await Companion().moving.reconnect(ServerId("sv_none"))


@pytest.mark.parametrize(
    ("stored", "kept"),
    [
        (URL, [NEW, SECURE, WAN.url]),
        ("https://lan.example:1", [SECURE, WAN.url]),
    ],
)
def test_nobody_is_led_to_a_relay_out_of_the_house_in_plain_text_or_away_from_encryption(
    stored: str, kept: list[str]
) -> None:
    found = listed(way(NEW), DIRECT, WAN, WAN_PLAIN, RELAY)
    assert [each.url for each in without_risk(found, stored).connections] == kept
