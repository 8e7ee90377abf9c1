"""Signing in with Plex and media servers over the operator's API, against a simulated plex.tv and simulated servers.

What the simulators answer is composed from what is documented.
"""

import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from earshelf.entrypoints.demo.plex import PlexSimulator
from earshelf.entrypoints.demo.plex_tv import PlexTvSimulator
from earshelf.entrypoints.operator.plex import COOKIE
from tests.api.conftest import database_url
from tests.api.house import OPERATOR_TOKEN, House, Reply, open_house

TOKEN, SERVER_TOKEN, FRESH = "tok-user-AAAA1111", "tok-srv-BBBB2222", "tok-srv-CCCC3333"
SECRETS = (TOKEN, SERVER_TOKEN, FRESH)


@dataclass
class World:
    """A house, plex.tv, and a server in the attic."""

    house: House
    plex_tv: PlexTvSimulator
    attic: PlexSimulator

    async def link(self, token: str = TOKEN, **user: Any) -> None:
        """Signs in as the operator does."""
        pin = (await self.house.op("POST", "/plex/auth/pin")).body["id"]
        self.plex_tv.approve(pin, token, **user)
        reply = await self.house.op("GET", f"/plex/auth/pin/{pin}")
        assert reply.body["authenticated"] is True

    def list_attic(self, *, token: str = SERVER_TOKEN, account: str = TOKEN) -> None:
        """Lets the account list the server in the attic, at an address that nobody answers, and at its own."""
        own = {"address": "127.0.0.1", "port": int(self.attic.url.rpartition(":")[2]), "uri": self.attic.url}
        away = {"address": "192.0.2.1", "port": 1, "uri": "http://127.0.0.1:1"}
        ways = [{"protocol": "http", "local": True, "relay": False, "IPv6": False, **each} for each in (away, own)]
        self.plex_tv.resources[account] = [
            {
                "name": "Attic", "productVersion": "1.43.4", "platform": "Linux", "provides": "server",
                "clientIdentifier": "machine-1", "accessToken": token, "owned": True, "presence": False,
                "connections": ways,
            }
        ]  # fmt: skip


@asynccontextmanager
async def world_over(url: str, folder: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        plex_tv = await stack.enter_async_context(PlexTvSimulator())
        attic = await stack.enter_async_context(PlexSimulator(credential=SERVER_TOKEN, machine_id="machine-1"))
        house = await stack.enter_async_context(open_house(url, folder, plex_tv_url=plex_tv.url))
        yield World(house, plex_tv, attic)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with world_over("memory://", tmp_path) as made:
        yield made


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def stored_world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with database_url(request.param, request) as url, world_over(url, tmp_path) as made:
        yield made


def body(attic: PlexSimulator, **changes: Any) -> dict[str, Any]:
    auth = {"method": "token", "token": SERVER_TOKEN}
    return {"type": "plex", "name": "Attic", "url": attic.url, "auth": auth, **changes}


def outcome(reply: Reply) -> tuple[int, str | None]:
    return reply.status, reply.code if reply.status >= 400 else None


async def test_the_operator_links_an_account_and_sees_no_token(stored_world: World) -> None:
    house, plex_tv = stored_world.house, stored_world.plex_tv
    assert outcome(await house.op("GET", "/plex/account")) == (404, "NOT_FOUND")
    pin = (await house.op("POST", "/plex/auth/pin")).body
    assert pin["auth_url"].startswith("https://app.plex.tv/auth#?clientID=")
    assert f"code={pin['code']}" in pin["auth_url"]
    waiting = await house.op("GET", f"/plex/auth/pin/{pin['id']}")
    assert waiting.body == {"authenticated": False, "auth_token": None, "status": "pending"}
    second = (await house.op("POST", "/plex/auth/pin")).body["id"]
    plex_tv.approve(second, TOKEN)
    approved = await house.op("GET", f"/plex/auth/pin/{second}")
    assert approved.body == {"authenticated": True, "auth_token": "****", "status": "authorized"}
    account = await house.op("GET", "/plex/account")
    assert account.body == {"username": "marta_k", "email": "marta_k@example.net", "token_state": "valid"}
    plex_tv.status = 503
    assert (await house.op("GET", "/plex/account")).body["token_state"] == "unreachable"
    plex_tv.status = None
    plex_tv.revoke(TOKEN)
    assert (await house.op("GET", "/plex/account")).body["token_state"] == "revoked"
    assert (await house.op("DELETE", "/plex/account")).status == 204
    assert outcome(await house.op("DELETE", "/plex/account")) == (404, "NOT_FOUND")
    assert len(plex_tv.clients) == 1


async def test_a_pin_is_there_for_its_maker_only(world: World) -> None:
    house = world.house
    operators = (await house.op("POST", "/plex/auth/pin")).body["id"]
    made = await house.send("POST", "/api/plex/auth/pin")
    browsers = made.body["id"]
    cookie = {"Cookie": f"{COOKIE}={made.headers['Set-Cookie'].split('=')[1].split(';')[0]}"}
    assert "HttpOnly" in made.headers["Set-Cookie"]
    house.client.session.cookie_jar.clear()
    assert outcome(await house.send("GET", f"/api/plex/auth/pin/{operators}")) == (404, "NOT_FOUND")
    assert outcome(await house.send("GET", f"/api/plex/auth/pin/{operators}", headers=cookie)) == (404, "NOT_FOUND")
    assert outcome(await house.op("GET", f"/plex/auth/pin/{browsers}")) == (404, "NOT_FOUND")
    assert outcome(await house.send("GET", f"/api/plex/auth/pin/{browsers}")) == (404, "NOT_FOUND")
    assert (await house.send("GET", f"/api/plex/auth/pin/{browsers}", headers=cookie)).status == 200


async def test_a_browser_gets_in_with_the_linked_account_only(world: World) -> None:
    await world.link()
    for token, user, status in ((TOKEN, {}, 200), ("tok-tom", {"username": "tom", "user_id": 998877}, 403)):
        world.house.client.session.cookie_jar.clear()
        made = await world.house.send("POST", "/api/plex/auth/pin")
        world.plex_tv.approve(made.body["id"], token, **user)
        cookie = {"Cookie": made.headers["Set-Cookie"].partition(";")[0]}
        reply = await world.house.send("GET", f"/api/plex/auth/pin/{made.body['id']}", headers=cookie)
        assert reply.status == status
    assert (await world.house.op("GET", "/plex/account")).body["username"] == "marta_k"
    assert "tok-tom" not in world.plex_tv.users


async def test_somebody_without_a_credential_makes_ten_pins_in_a_quarter_of_an_hour(world: World) -> None:
    for _ in range(10):
        assert (await world.house.send("POST", "/api/plex/auth/pin")).status == 200
    limited = await world.house.send("POST", "/api/plex/auth/pin")
    assert outcome(limited) == (429, "RATE_LIMITED")
    assert 800 < int(limited.headers["Retry-After"]) <= 900
    assert (await world.house.op("POST", "/plex/auth/pin")).status == 200


async def test_pins_cannot_be_guessed_and_tokens_neither(world: World) -> None:
    for number in range(10):
        reply = await world.house.send("GET", f"/api/plex/auth/pin/{number}")
        assert outcome(reply) == (404, "NOT_FOUND")
    assert outcome(await world.house.send("GET", "/api/plex/auth/pin/7")) == (429, "RATE_LIMITED")
    wrong = {"X-Auth-Token": "wrong"}
    for _ in range(10):
        assert outcome(await world.house.send("POST", "/api/plex/auth/pin", headers=wrong)) == (401, "UNAUTHORIZED")
    assert outcome(await world.house.send("POST", "/api/plex/auth/pin", headers=wrong)) == (429, "RATE_LIMITED")


async def test_misses_of_others_at_an_address_keep_nobody_from_a_pin_of_his_own(world: World) -> None:
    made = await world.house.send("POST", "/api/plex/auth/pin")
    own = f"/api/plex/auth/pin/{made.body['id']}"
    maker = {"Cookie": made.headers["Set-Cookie"].partition(";")[0]}
    world.house.client.session.cookie_jar.clear()
    for _ in range(11):
        missed = await world.house.send("GET", own)
    assert outcome(missed) == (429, "RATE_LIMITED")
    assert (await world.house.send("GET", own, headers=maker)).body["status"] == "pending"


async def test_who_waits_for_an_approval_is_not_limited(world: World) -> None:
    made = await world.house.send("POST", "/api/plex/auth/pin")
    for _ in range(25):
        reply = await world.house.send("GET", f"/api/plex/auth/pin/{made.body['id']}")
        assert reply.body["status"] == "pending"
    assert world.plex_tv.polls[str(made.body["id"])] == 1


@pytest.mark.parametrize(("status", "raw"), [(500, None), (200, b""), (200, b"<html>"), (200, b"[]"), (401, None)])
async def test_a_plex_tv_in_trouble_is_told_as_such(world: World, status: int, raw: bytes | None) -> None:
    await world.link()
    world.plex_tv.status, world.plex_tv.body = status, raw
    assert outcome(await world.house.op("POST", "/plex/auth/pin")) == (502, "UPSTREAM_ERROR")
    if raw != b"[]":
        assert outcome(await world.house.op("GET", "/plex/servers")) == (502, "UPSTREAM_ERROR")


async def test_discovery_shows_servers_with_all_their_addresses(world: World) -> None:
    assert outcome(await world.house.op("GET", "/plex/servers")) == (409, "CONFLICT")
    await world.link()
    world.list_attic()
    (server,) = (await world.house.op("GET", "/plex/servers")).body["servers"]
    assert (server["name"], server["machine_id"], server["owned"], server["local"]) == (
        "Attic",
        "machine-1",
        True,
        True,
    )
    assert (server["version"], server["platform"], server["server_id"]) == ("1.43.4", "Linux", None)
    assert [way["uri"] for way in server["connections"]] == ["http://127.0.0.1:1", world.attic.url]


async def test_a_discovered_server_is_added_without_its_token_leaving_the_house(stored_world: World) -> None:
    await stored_world.link()
    stored_world.list_attic()
    wish = {"type": "plex", "name": "Attic", "auth": {"method": "account"}, "machine_id": "machine-1"}
    added = await stored_world.house.op("POST", "/servers", wish)
    assert added.status == 201
    assert (added.body["url"], added.body["auth"]) == (stored_world.attic.url, {"method": "account"})
    assert stored_world.attic.shown[0] == ""
    (server,) = (await stored_world.house.op("GET", "/plex/servers")).body["servers"]
    assert server["server_id"] == added.body["id"]


async def test_servers_are_added_read_changed_and_removed(stored_world: World) -> None:
    house, attic = stored_world.house, stored_world.attic
    added = await house.op("POST", "/servers", body(attic, url=f" {attic.url}/ "))
    assert added.status == 201
    assert added.body["auth"] == {"method": "token", "token": "********"}
    assert (added.body["token_state"], added.body["machine_id"]) == ("valid", "machine-1")
    path = f"/servers/{added.body['id']}"
    assert (await house.op("GET", path)).body == added.body
    assert (await house.op("GET", "/servers")).body == {"data": [added.body], "total": 1}
    for mask in ("********", "****"):
        replaced = await house.op("PUT", path, {**body(attic), "name": "Loft", "auth": {"token": mask}})
        assert replaced.body == {**added.body, "name": "Loft"}
    assert (await house.op("PATCH", path, {"enabled": False})).body["enabled"] is False
    assert (await house.op("POST", f"{path}/test-connection")).body["ok"] is True
    assert (await house.op("DELETE", path)).status == 204
    for method in ("GET", "DELETE"):
        assert outcome(await house.op(method, path)) == (404, "NOT_FOUND")


async def test_a_server_that_is_known_is_changed_and_not_doubled(world: World) -> None:
    first = (await world.house.op("POST", "/servers", body(world.attic))).body
    again = await world.house.op("POST", "/servers", body(world.attic, name="Loft"))
    assert again.status == 200
    assert (again.body["id"], again.body["name"]) == (first["id"], "Loft")
    assert "configured already" in again.body["notice"]
    assert (await world.house.op("GET", "/servers")).body["total"] == 1


async def test_a_pasted_address_brings_its_token(world: World) -> None:
    pasted = f"{world.attic.url}/library/metadata/7?checkFiles=1&X-Plex-Token={SERVER_TOKEN}"
    added = await world.house.op("POST", "/servers", body(world.attic, url=pasted, auth={}))
    assert (added.status, added.body["url"]) == (201, world.attic.url)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "kodi"}, "type"),
        ({"name": " "}, "name"),
        ({"url": "attic"}, "url"),
        ({"url": ""}, "url"),
        ({"url": "http://127.0.0.1:1"}, "url"),
        ({"auth": {"token": "wrong"}}, "auth.token"),
        ({"auth": {"token": "********"}}, "auth.token"),
        ({"auth": {"method": "password"}}, "auth.method"),
        ({"verify_ssl": "no"}, "verify_ssl"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_what_is_wrong_with_a_server_is_told_by_its_field(
    world: World, changes: dict[str, Any], field: str
) -> None:
    reply = await world.house.op("POST", "/servers", body(world.attic, **changes))
    assert outcome(reply) == (400, "VALIDATION_ERROR")
    assert reply.body["fields"].keys() == {field}
    trial = (await world.house.op("POST", "/servers/test-connection", body(world.attic, **changes))).body
    assert (trial["ok"], trial["fields"].keys()) == (False, {field})
    assert (await world.house.op("GET", "/servers")).body["total"] == 0


async def test_a_trial_says_what_was_met_or_why_not(world: World) -> None:
    met = (await world.house.op("POST", "/servers/test-connection", body(world.attic))).body
    assert (met["ok"], met["server_name"], met["plex_pass"], met["code"]) == (True, "Attic", True, None)
    assert met["version"].startswith("1.43.4")
    for changes, code in (
        ({"auth": {"token": "wrong"}}, "AUTH"),
        ({"url": "http://127.0.0.1:1"}, "REFUSED"),
        ({"url": world.plex_tv.url}, "NOT_PLEX"),
    ):
        trial = (await world.house.op("POST", "/servers/test-connection", body(world.attic, **changes))).body
        assert (trial["ok"], trial["code"], trial["server_name"]) == (False, code, None)
    world.attic.guests.add("guest")
    guest = body(world.attic, auth={"token": "guest"})
    assert (await world.house.op("POST", "/servers/test-connection", guest)).body["code"] == "FORBIDDEN"
    world.attic.is_starting = True
    assert (await world.house.op("POST", "/servers/test-connection", body(world.attic))).body["code"] == "NOT_PLEX"


async def test_signing_in_again_heals_a_server_and_keeps_it(stored_world: World) -> None:
    house, attic = stored_world.house, stored_world.attic
    await stored_world.link()
    server = (await house.op("POST", "/servers", body(attic))).body
    attic.credential = FRESH
    trial = (await house.op("POST", f"/servers/{server['id']}/test-connection")).body
    assert (trial["ok"], trial["code"]) == (False, "AUTH")
    assert (await house.op("GET", f"/servers/{server['id']}")).body["token_state"] == "revoked"
    stored_world.list_attic(token=FRESH)
    await stored_world.link()
    assert (await house.op("GET", f"/servers/{server['id']}")).body == server


async def test_no_token_gets_into_an_answer_or_a_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    house, told = world.house, []
    await world.link()
    world.list_attic()
    server = await house.op("POST", "/servers", body(world.attic))
    path = f"/servers/{server.body['id']}"
    pasted = f"{world.attic.url}?X-Plex-Token={SERVER_TOKEN}"
    troubles: list[Callable[[], None]] = [
        lambda: None,
        lambda: setattr(world.attic, "is_starting", True),
        world.plex_tv.users.clear,
    ]
    for trouble in troubles:
        trouble()
        for method, where in (
            ("GET", path), ("GET", "/servers"), ("POST", f"{path}/test-connection"), ("GET", "/plex/servers"),
            ("GET", "/plex/account"), ("POST", "/plex/auth/pin"),
        ):  # fmt: skip
            told.append((await house.op(method, where)).body)
        told.append((await house.op("PUT", path, body(world.attic, url=pasted))).body)
        told.append((await house.op("POST", "/servers", body(world.attic, url=f"{pasted}#x"))).body)
        told.append((await house.op("POST", "/servers/test-connection", body(world.attic, url=pasted))).body)
    spelled = json.dumps(told) + caplog.text
    for secret in (*SECRETS, OPERATOR_TOKEN):
        assert secret not in spelled
