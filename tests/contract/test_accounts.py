"""plex.tv against a simulated one. Every payload here is composed from what is documented; none was recorded."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.adapters.http import HttpClient
from earshelf.adapters.memory.media_servers import MemoryAccountService
from earshelf.adapters.memory.system import MORNING, SettableClock
from earshelf.adapters.plex.account import PlexAccounts
from earshelf.adapters.plex.parsing import parse_holder, parse_pin, parse_pin_life, parse_servers, parse_token
from earshelf.adapters.plex.viewer_parsing import parse_friends, parse_home, safe_picture
from earshelf.domain.accounts import Holder
from earshelf.domain.connections import Connection, DiscoveredServer, Reach
from earshelf.domain.errors import CredentialsRejected, IntegrationError, IntegrationKind, Refused, UnexpectedPayload
from earshelf.domain.viewers import Acquaintance, KnownViewer
from earshelf.entrypoints.demo.plex_tv import PlexTvSimulator
from tests.contract.scripted import Reply, ScriptedServer, neighbour_in
from tests.contract.suites.accounts import CLIENT, MARTA, AccountServiceSuite, Desk
from tests.contract.suites.troubles import Ask, Trouble, TroublesSuite
from tests.plex.lines import hasty

SECRET = "s3cret-of-marta"
DIRECT = "0f1e2d3c4b5a69788796a5b4c3d2e1f0.plex.direct"


def a_resource(machine_id: str = "machine-1", **values: Any) -> dict[str, Any]:
    connection = {
        "protocol": "https", "address": "192.168.10.4", "port": 32400, "local": True, "relay": False, "IPv6": False,
        "uri": f"https://192-168-10-4.{DIRECT}:32400",
    }  # fmt: skip
    return {
        "name": "Attic", "product": "Plex Media Server", "productVersion": "1.43.4", "platform": "Linux",
        "platformVersion": "6.8.0", "clientIdentifier": machine_id, "provides": "server", "sourceTitle": None,
        "accessToken": "tok-srv-BBBB2222", "owned": True, "presence": True, "httpsRequired": False,
        "publicAddressMatches": True, "connections": [connection], **values,
    }  # fmt: skip


class MemoryDesk:
    def __init__(self, service: MemoryAccountService) -> None:
        self._service = service

    def approve(self, pin_id: str, token: str, holder: Holder) -> None:
        self._service.approve(pin_id, token, holder)

    def expire(self, pin_id: str) -> None:
        self._service.expire(pin_id)

    def revoke(self, token: str) -> None:
        del self._service.holders[token]

    def own(self, token: str, machine_id: str) -> None:
        ways = (Connection("http://box:32400", "box", 32400, Reach.LOCAL, is_secure=False),)
        self._service.owned[token] = [DiscoveredServer(machine_id, "Attic", "tok-srv", connections=ways)]

    def befriend(self, token: str, number: str, name: str) -> None:
        self._service.friends.setdefault(token, []).append(KnownViewer(name, number))


class PlexDesk:
    def __init__(self, simulator: PlexTvSimulator) -> None:
        self._simulator = simulator

    def approve(self, pin_id: str, token: str, holder: Holder) -> None:
        self._simulator.approve(pin_id, token, username=holder.username, user_id=int(holder.account_id))

    def expire(self, pin_id: str) -> None:
        self._simulator.expire(pin_id)

    def revoke(self, token: str) -> None:
        self._simulator.revoke(token)

    def own(self, token: str, machine_id: str) -> None:
        self._simulator.resources[token] = [a_resource(machine_id)]

    def befriend(self, token: str, number: str, name: str) -> None:
        self._simulator.friends.setdefault(token, []).append({"id": int(number), "title": name})


class TestMemory(AccountServiceSuite):
    @pytest.fixture
    def service(self) -> MemoryAccountService:
        return MemoryAccountService(SettableClock())

    @pytest.fixture
    def desk(self, service: MemoryAccountService) -> Desk:
        return MemoryDesk(service)


@pytest.fixture
async def plex_tv() -> AsyncIterator[PlexTvSimulator]:
    async with PlexTvSimulator() as simulator:
        yield simulator


def accounts(url: str, http: HttpClient, *, timeout: float = 15.0) -> PlexAccounts:
    return PlexAccounts(hasty(http), SettableClock(), version="1.2.3", base_url=url, timeout=timeout)


class TestPlex(AccountServiceSuite):
    @pytest.fixture
    def service(self, plex_tv: PlexTvSimulator, http: HttpClient) -> PlexAccounts:
        return accounts(plex_tv.url, http)

    @pytest.fixture
    def desk(self, plex_tv: PlexTvSimulator) -> Desk:
        return PlexDesk(plex_tv)


class TestPlexTroubles(TroublesSuite):
    kind = IntegrationKind.SERVER
    refusal = (CredentialsRejected, Refused)

    @pytest.fixture
    def secret(self) -> str:
        return SECRET

    @pytest.fixture
    def ask(self, http: HttpClient) -> Ask:
        async def ask(trouble: Trouble) -> None:
            async with neighbour_in(trouble, wrong_shape=b'{"username": null}') as url:
                timeout = 0.2 if trouble is Trouble.SILENCE else 15.0
                await accounts(url, http, timeout=timeout).holder(SECRET, CLIENT)

        return ask


async def test_a_pin_is_strong_shows_who_asks_and_no_token(http: HttpClient) -> None:
    body = json.dumps({"id": 7, "code": "c0de", "expiresIn": 900, "authToken": None}).encode()
    async with ScriptedServer(lambda _: Reply(201, body)) as server:
        pin = await accounts(server.url, http).begin(CLIENT)
        (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/api/v2/pins?strong=true")
    assert request.headers["x-plex-client-identifier"] == CLIENT
    assert request.headers["x-plex-product"] == "Earshelf"
    assert request.headers["x-plex-version"] == "1.2.3"
    assert "x-plex-token" not in request.headers
    assert pin.expires_at == MORNING + timedelta(seconds=900)
    assert pin.page.startswith(f"https://app.plex.tv/auth#?clientID={CLIENT}&code=c0de&context%5Bdevice%5D")


@pytest.mark.parametrize("status", [401, 403])
async def test_a_pin_shows_no_token_so_that_none_is_said_to_be_wrong(http: HttpClient, status: int) -> None:
    async with ScriptedServer(lambda _: Reply(status, b"<html>no</html>")) as server:
        for ask in (accounts(server.url, http).begin(CLIENT), accounts(server.url, http).token_for("7", CLIENT)):
            with pytest.raises(Refused, match=rf"takes no sign-in from here \(HTTP {status}\)"):
                await ask


@pytest.mark.parametrize(
    ("status", "error"), [(401, CredentialsRejected), (403, Refused), (404, Refused), (500, Refused)]
)
async def test_only_401_says_anything_against_a_token(
    http: HttpClient, status: int, error: type[IntegrationError]
) -> None:
    async with ScriptedServer(lambda _: Reply(status, b"<html>no</html>")) as server:
        with pytest.raises(IntegrationError) as caught:
            await accounts(server.url, http).holder(SECRET, CLIENT)
    assert type(caught.value) is error


async def test_the_home_and_its_head_are_among_those_who_could_watch(
    plex_tv: PlexTvSimulator, http: HttpClient
) -> None:
    service = accounts(plex_tv.url, http)
    plex_tv.approve((await service.begin(CLIENT)).id, "tok-user")
    plex_tv.friends["tok-user"] = [{"id": 31337, "title": "tom", "thumb": "https://plex.tv/users/ab12/avatar"}, {}]
    plex_tv.homes["tok-user"] = {
        "id": 5,
        "name": "House",
        "users": [
            {"id": 40217731, "title": "marta_k", "admin": True, "thumb": "https://plex.tv/a?X-Plex-Token=s3cret"},
            {"id": 77, "title": "kid", "username": None, "restricted": True},
        ],
    }
    source = (Acquaintance.ACCOUNT,)
    assert await service.viewers("tok-user", CLIENT) == [
        KnownViewer("tom", "31337", False, "https://plex.tv/users/ab12/avatar", source),
        KnownViewer("marta_k", "1", True, "", source),
        KnownViewer("kid", "77", False, "", source),
    ]


@pytest.mark.parametrize("body", [b'{"error": 5}', b'"x"', b"<html>", b"5"])
async def test_a_list_of_friends_that_is_none_is_no_empty_list(http: HttpClient, body: bytes) -> None:
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        with pytest.raises(UnexpectedPayload):
            await accounts(server.url, http).viewers(SECRET, CLIENT)


@pytest.mark.parametrize(
    "address",
    [
        "http://plex.tv/users/ab12/avatar",
        "https://marta:s3cret@plex.tv/avatar",
        "https://plex.tv/avatar?X-Plex-Token=s3cret",
        "https://plex.tv/avatar#s3cret",
        "javascript:alert(1)",
        "//plex.tv/avatar",
        "https://[plex",
        "https://plex.tv/a\nb",
        None,
        5,
    ],
)
def test_a_picture_that_could_hold_a_secret_or_do_harm_is_none(address: Any) -> None:
    assert safe_picture(address) == ""


@pytest.mark.parametrize("body", [b"", b"  ", b"<html>", b"[]", b'{"servers": 5}', b'"x"', b"<resources", b"<a/>"])
async def test_a_list_of_servers_that_is_none_is_no_empty_list(http: HttpClient, body: bytes) -> None:
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        service = accounts(server.url, http)
        if body == b"[]":
            assert await service.servers(SECRET, CLIENT) == []
        else:
            with pytest.raises(UnexpectedPayload):
                await service.servers(SECRET, CLIENT)


def test_every_connection_is_read_and_a_direct_name_also_by_its_number() -> None:
    (server,) = parse_servers([a_resource(), a_resource("player", provides="player,controller")]) or []
    assert (server.name, server.version, server.platform) == ("Attic", "1.43.4", "Linux 6.8.0")
    assert [each.url for each in server.connections] == [
        f"https://192-168-10-4.{DIRECT}:32400",
        "http://192.168.10.4:32400",
    ]
    (strict,) = parse_servers([a_resource(httpsRequired="1")]) or []
    assert [each.is_secure for each in strict.connections] == [True]


def test_a_server_that_seems_absent_is_listed_and_a_strangers_says_whose_it_is() -> None:
    (server,) = parse_servers([a_resource(presence=False, owned="0", sourceTitle="tom")]) or []
    assert (server.is_present, server.is_owned, server.owner_name) == (False, False, "tom")


async def test_xml_is_read_like_json(plex_tv: PlexTvSimulator, http: HttpClient) -> None:
    spelled = f"""<resources><resource name="Attic" clientIdentifier="machine-1" provides="server" owned="1"
        accessToken="tok-srv" publicAddressMatches="1" httpsRequired="1" platform="Linux"><connections>
        <connection protocol="https" address="192.168.10.4" port="32400" uri="https://a.{DIRECT}:32400" local="1"
            relay="0"/><connection address="203.0.113.20" port="21900" uri="https://b.{DIRECT}:21900" local="0"
            relay="0"/></connections></resource></resources>"""
    async with ScriptedServer(lambda _: Reply(body=spelled.encode())) as server:
        (found,) = await accounts(server.url, http).servers(SECRET, CLIENT)
    assert found.machine_id == "machine-1"
    assert [each.reach for each in found.connections] == [Reach.LOCAL, Reach.REMOTE]
    async with ScriptedServer(lambda _: Reply(body=b'<user id="40217731" username="marta_k"/>')) as server:
        assert await accounts(server.url, http).holder(SECRET, CLIENT) == Holder("40217731", "marta_k")


async def test_an_xml_bomb_is_no_answer(http: HttpClient) -> None:
    bomb = b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><user id="&b;"/>'
    async with ScriptedServer(lambda _: Reply(body=bomb)) as server:
        with pytest.raises(UnexpectedPayload):
            await accounts(server.url, http).holder(SECRET, CLIENT)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"expiresIn": 1800}, 1800),
        ({"expiresIn": "600"}, 600),
        ({"createdAt": "2026-11-20T10:00:00Z", "expiresAt": "2026-11-20T10:30:00Z"}, 1800),
        ({"expiresIn": 0}, 900),
        ({"expiresIn": 10**12}, 900),
        ({"createdAt": "soon", "expiresAt": None}, 900),
        ([], 900),
    ],
)
def test_the_makers_clock_need_not_agree_with_ours(body: Any, seconds: int) -> None:
    assert parse_pin_life(body) == timedelta(seconds=seconds)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["id", "code", "authToken", "expiresIn", "provides", "clientIdentifier", "connections", "uri",
                         "address", "port", "owned", "MediaContainer", "Device", "local"]) | st.text(), inner),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
def test_no_body_whatever_breaks_the_readers(body: Any) -> None:
    for read in (parse_pin, parse_pin_life, parse_token, parse_holder, parse_servers, parse_friends, parse_home):
        read(body)


@given(st.lists(st.dictionaries(st.sampled_from(["uri", "address", "port", "local", "relay", "IPv6"]), JSON)))
def test_whatever_a_connection_looks_like_only_addresses_that_can_be_asked_come_of_it(raw: list[Any]) -> None:
    (server,) = parse_servers([a_resource(connections=raw)]) or []
    assert all(each.url.startswith(("http://", "https://")) for each in server.candidates)


async def test_marta_is_told_apart_by_her_number_not_her_name(plex_tv: PlexTvSimulator, http: HttpClient) -> None:
    service = accounts(plex_tv.url, http)
    pin = await service.begin(CLIENT)
    plex_tv.approve(pin.id, "tok-user")
    assert (await service.holder("tok-user", CLIENT)).account_id == MARTA.account_id
    assert plex_tv.clients == {CLIENT}
