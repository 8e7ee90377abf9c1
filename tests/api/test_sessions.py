"""Browsers log in, are recognised, and log out; other sites, other credentials and other accounts get nowhere."""

import json
import logging
import sqlite3
import zipfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from earshelf.adapters.memory.system import SettableClock
from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.access import Credential
from earshelf.domain.usecases.authenticating import Authenticating
from earshelf.entrypoints.callers import SESSION_COOKIE, Caller
from earshelf.entrypoints.cookies import Cookies
from earshelf.entrypoints.demo.plex_tv import PlexTvSimulator
from earshelf.entrypoints.operator.plex import COOKIE
from earshelf.entrypoints.safekeeping import back_up, restore
from tests.api.conftest import database_url
from tests.api.house import API_KEY, OPERATOR_TOKEN, House, Reply, open_house

TOKEN = "tok-user-AAAA1111"
OUT = {"authenticated": False, "method": None, "expires_at": None}


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[House]:
    """A house in memory that keeps no cookies for its callers."""
    async with open_house("memory://", tmp_path) as opened:
        yield opened


async def login(house: House, token: str = OPERATOR_TOKEN, **headers: str) -> Reply:
    body = json.dumps({"token": token}).encode()
    reply = await house.send(
        "POST", "/api/auth/login", headers={"Content-Type": "application/json", **headers}, data=body
    )
    house.client.session.cookie_jar.clear()
    return reply


def morsel(reply: Reply, name: str = SESSION_COOKIE) -> "Morsel[str]":
    """The cookie that an answer sets."""
    jar: SimpleCookie = SimpleCookie()
    for text in reply.headers.getall("Set-Cookie", []):  # type: ignore[attr-defined]
        jar.load(text)
    return jar[name]


def cookie(reply: Reply, name: str = SESSION_COOKIE) -> dict[str, str]:
    """What a browser sends back."""
    return {"Cookie": f"{name}={morsel(reply, name).value}"}


async def ask(house: House, method: str, path: str, headers: dict[str, str], body: Any = None) -> Reply:
    data = None if body is None else json.dumps(body).encode()
    headers = headers if body is None else {**headers, "Content-Type": "application/json"}
    reply = await house.send(method, f"/api{path}", headers=headers, data=data)
    house.client.session.cookie_jar.clear()
    return reply


async def test_a_browser_logs_in_is_recognised_and_logs_out(house: House) -> None:
    assert (await ask(house, "GET", "/auth/status", {})).body == OUT
    session = await login(house)
    assert (session.status, session.body["success"]) == (200, True)
    browser = cookie(session)
    assert (await ask(house, "GET", "/auth/status", browser)).body == {
        "authenticated": True, "method": "token", "expires_at": session.body["expires_at"]
    }  # fmt: skip
    assert (await ask(house, "GET", "/settings", browser)).status == 200
    assert (await ask(house, "POST", "/settings", browser, {"search": {"interval_minutes": 99}})).status == 200
    async with house.client.get("/api/docs/json", headers=browser) as document:
        assert document.status == 200
    out = await ask(house, "POST", "/auth/logout", browser)
    assert (out.body, morsel(out).value, morsel(out)["max-age"]) == ({"success": True}, "", "0")
    assert (await ask(house, "GET", "/settings", browser)).status == 401
    assert (await ask(house, "GET", "/auth/status", browser)).body == OUT
    assert (await ask(house, "POST", "/auth/logout", browser)).body == {"success": True}


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_session_outlives_a_restart_unless_the_token_or_the_key_is_another(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    another_token, another_key = {"operator_token": "another-token"}, {"session_key": "a key"}
    starts: list[tuple[dict[str, Any], int]] = [({}, 200), (another_token, 401), (another_key, 401), ({}, 200)]
    async with database_url(kind, request) as url:
        async with open_house(url, tmp_path) as before:
            browser = cookie(await login(before))
        for changes, status in starts:
            async with open_house(url, tmp_path, **changes) as after:
                assert (await ask(after, "GET", "/settings", browser)).status == status


async def test_a_new_operator_token_ends_every_session(tmp_path: Path) -> None:
    clock = SettableClock()
    async with open_house("memory://", tmp_path, clock=clock, operator_token=None) as house:
        authenticating = house.container.authenticating()
        browser = cookie(await login(house, await authenticating.current(Credential.OPERATOR_TOKEN)))
        assert (await ask(house, "GET", "/settings", browser)).status == 200
        await authenticating.regenerate(Credential.OPERATOR_TOKEN)
        clock.advance(6)
        assert (await ask(house, "GET", "/settings", browser)).status == 401


async def test_a_session_that_is_used_is_prolonged_and_one_that_is_not_ends(tmp_path: Path) -> None:
    clock = SettableClock()
    async with open_house("memory://", tmp_path, clock=clock) as house:
        session = await login(house)
        assert session.body["expires_at"] == "2026-01-08T08:00:00.000Z"
        clock.advance(3 * 86_400)
        status = await ask(house, "GET", "/auth/status", cookie(session))
        assert status.body["expires_at"] == "2026-01-11T08:00:00.000Z"
        clock.advance(7 * 86_400)
        assert (await ask(house, "GET", "/auth/status", cookie(session))).body == OUT
        assert (await ask(house, "GET", "/settings", cookie(session))).status == 401


@pytest.mark.parametrize(
    ("changes", "path", "is_secure"),
    [({}, "/", False), ({"https": True}, "/", True), ({"url_base": "/shelf"}, "/shelf", False)],
)
async def test_cookies_are_for_our_paths_and_out_of_reach_of_scripts(
    tmp_path: Path, changes: dict[str, Any], path: str, is_secure: bool
) -> None:
    body = json.dumps({"token": OPERATOR_TOKEN}).encode()
    async with (
        PlexTvSimulator() as plex_tv,
        open_house("memory://", tmp_path, plex_tv_url=plex_tv.url, **changes) as house,
    ):
        base = changes.get("url_base", "")
        async with house.client.post(f"{base}/api/plex/auth/pin") as made:
            cookies = [made.cookies[COOKIE]]
        for name, data in (("login", body), ("logout", None)):
            headers = {"Content-Type": "application/json"} if data else {}
            async with house.client.post(f"{base}/api/auth/{name}", data=data, headers=headers) as answer:
                assert answer.status == 200
                cookies.append(answer.cookies[SESSION_COOKIE])
    for each in cookies:
        assert (each["path"], bool(each["secure"]), bool(each["httponly"]), each["samesite"]) == (
            path, is_secure, True, "Lax"
        )  # fmt: skip
    assert cookies[1]["max-age"] == str(30 * 86_400)
    assert len(cookies[1].value) == 43


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_cookies_of_an_encrypted_connection_stay_on_encrypted_connections(scheme: str) -> None:
    caller, reply = Caller(make_mocked_request("POST", "/").clone(scheme=scheme)), web.Response()
    Cookies(url_base="", https=False).set(reply, caller, "name", "value", seconds=60)
    assert bool(reply.cookies["name"]["secure"]) is (scheme == "https")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://elsewhere.example"}, 201),
        ({"Sec-Fetch-Site": "none"}, 201),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "shelf.example", "Origin": "https://shelf.example"}, 201),
        ({"Host": "Shelf.example:8080", "Origin": "http://shelf.example:8080"}, 201),
        ({"Host": "shelf.example:443", "Origin": "https://shelf.example"}, 201),
        ({"Host": "shelf.example:443", "Origin": "http://shelf.example"}, 403),
        ({"Host": "shelf.example", "Origin": "https://evil.example"}, 403),
        ({"Host": "shelf.example", "Origin": "https://shelf.example.evil.example"}, 403),
        ({"Host": "shelf.example:8080", "Origin": "http://shelf.example:9090"}, 403),
        ({"Host": "shelf.example", "Origin": "null"}, 403),
    ],
)
async def test_pages_of_other_sites_change_nothing_with_a_session(
    one: House, headers: dict[str, str], status: int
) -> None:
    browser = cookie(await login(one))
    wish = {"name": "Christmas", "entries": [{"name": "Snow", "path": "/snow.mp4"}], "mode": "sequential"}
    reply = await ask(one, "POST", "/prerolls/presets", {**browser, **headers}, wish)
    assert reply.status == status, reply.body
    if status == 403:
        assert reply.code == "FORBIDDEN"
        assert "X-Auth-Token" in reply.message
        assert (await ask(one, "GET", "/prerolls/presets", {**browser, **headers})).body["total"] == 0
        token = {"X-Auth-Token": OPERATOR_TOKEN, **headers}
        assert (await ask(one, "POST", "/prerolls/presets", {**browser, **token}, wish)).status == 201


async def test_other_sites_end_no_session_and_begin_no_link(one: House) -> None:
    browser = cookie(await login(one))
    foreign = {**browser, "Sec-Fetch-Site": "cross-site"}
    for path in ("/auth/logout", "/plex/auth/pin"):
        assert (await ask(one, "POST", path, foreign)).status == 403
    assert (await ask(one, "GET", "/settings", browser)).status == 200


async def test_a_session_never_opens_the_public_api_and_the_key_begins_none(house: House) -> None:
    browser = cookie(await login(house))
    assert (await house.send("GET", "/api/v1/system", headers=browser)).code == "INVALID_API_KEY"
    assert (await login(house, API_KEY)).status == 401
    assert (await ask(house, "GET", "/auth/status", {"X-Api-Key": API_KEY})).body == OUT


async def test_a_token_that_is_shown_wins_over_the_cookie(one: House) -> None:
    browser = cookie(await login(one))
    right, wrong = {**browser, "X-Auth-Token": OPERATOR_TOKEN}, {**browser, "X-Auth-Token": "wrong"}
    assert (await ask(one, "GET", "/auth/status", right)).body["method"] == "header"
    assert (await ask(one, "GET", "/settings", wrong)).status == 401
    assert (await ask(one, "GET", "/auth/status", wrong)).status == 401


@pytest.mark.parametrize("value", ["", "x", "x" * 43, "%00", "\u00fc" * 43, "a" * 5000, '"quoted"'])
async def test_a_cookie_that_is_no_session_is_none(one: House, value: str) -> None:
    await login(one)
    shown = {"Cookie": f"{SESSION_COOKIE}={value}"}
    assert (await ask(one, "GET", "/settings", shown)).code == "UNAUTHORIZED"
    assert (await ask(one, "GET", "/auth/status", shown)).body == OUT
    assert (await ask(one, "POST", "/auth/logout", shown)).status == 200


@pytest.mark.parametrize(
    ("body", "field"), [({}, "token"), ({"token": ""}, "token"), ({"token": 5}, "token"), ({"tokn": "x"}, "tokn")]
)
async def test_a_login_without_a_token_is_told_so(one: House, body: dict[str, Any], field: str) -> None:
    reply = await ask(one, "POST", "/auth/login", {}, body)
    assert (reply.status, reply.code) == (400, "VALIDATION_ERROR")
    assert field in reply.body["fields"]


@pytest.mark.parametrize("token", ["wrong", OPERATOR_TOKEN[:-1], OPERATOR_TOKEN + "x", API_KEY, "k\u00fc"])
async def test_a_wrong_token_begins_nothing_and_tells_nothing(one: House, token: str) -> None:
    reply = await login(one, token)
    assert (reply.status, reply.code) == (401, "UNAUTHORIZED")
    assert reply.message == "This is not the operator token; `earshelf token` prints it"
    assert "Set-Cookie" not in reply.headers


async def test_a_token_pasted_with_its_line_break_is_the_token(one: House) -> None:
    assert (await login(one, f" {OPERATOR_TOKEN}\n")).status == 200


async def test_ten_logins_a_minute_are_let_through_and_the_eleventh_is_not_even_looked_at(tmp_path: Path) -> None:
    clock = SettableClock()
    async with open_house("memory://", tmp_path, clock=clock) as house:
        for left in range(9, -1, -1):
            reply = await login(house, "wrong")
            assert (reply.status, reply.headers["X-RateLimit-Limit"]) == (401, "10")
            assert reply.headers["X-RateLimit-Remaining"] == str(left)
            clock.advance(2)
        limited = await login(house)
        assert (limited.status, limited.code, limited.headers["Retry-After"]) == (429, "RATE_LIMITED", "40")
        assert limited.headers["X-RateLimit-Remaining"] == "0"
        assert int(limited.headers["X-RateLimit-Reset"]) - int(clock.now().timestamp()) in (40, 41)
        assert (await ask(house, "GET", "/auth/status", {"X-Auth-Token": "wrong"})).status == 429
        assert (await ask(house, "GET", "/settings", {"X-Auth-Token": OPERATOR_TOKEN})).status == 200
        clock.advance(40)
        assert (await login(house)).status == 200


async def test_logging_in_again_ends_the_browsers_former_session(one: House) -> None:
    former = cookie(await login(one))
    present = cookie(await login(one, **former))
    assert former != present
    assert (await ask(one, "GET", "/settings", former)).status == 401
    assert (await ask(one, "GET", "/settings", present)).status == 200


class World:
    """A house and plex.tv, and browsers that sign in there."""

    def __init__(self, house: House, plex_tv: PlexTvSimulator) -> None:
        self.house, self.plex_tv = house, plex_tv

    async def link(self, headers: dict[str, str], token: str = TOKEN, **user: Any) -> Reply:
        pin = (await ask(self.house, "POST", "/plex/auth/pin", headers)).body["id"]
        self.plex_tv.approve(pin, token, **user)
        return await ask(self.house, "GET", f"/plex/auth/pin/{pin}", headers)

    async def sign_in(self, token: str = "tok-browser", **user: Any) -> tuple[str, dict[str, str], Reply]:
        """Returns path and cookie of a browser's PIN, and what its approval is answered with."""
        made = await ask(self.house, "POST", "/plex/auth/pin", {})
        path, maker = f"/plex/auth/pin/{made.body['id']}", cookie(made, COOKIE)
        self.plex_tv.approve(made.body["id"], token, **user)
        return path, maker, await ask(self.house, "GET", path, maker)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        plex_tv = await stack.enter_async_context(PlexTvSimulator())
        url = await stack.enter_async_context(database_url(request.param, request))
        house = await stack.enter_async_context(open_house(url, tmp_path, plex_tv_url=plex_tv.url))
        yield World(house, plex_tv)


async def test_the_linked_account_gets_its_browser_a_session_once(world: World) -> None:
    await world.link({"X-Auth-Token": OPERATOR_TOKEN})
    path, maker, approved = await world.sign_in()
    browser = cookie(approved)
    assert approved.body == {"authenticated": True, "auth_token": "****", "status": "authorized"}
    assert (await ask(world.house, "GET", "/auth/status", browser)).body["method"] == "account"
    assert (await ask(world.house, "GET", "/plex/account", browser)).body["username"] == "marta_k"
    again = await ask(world.house, "GET", path, maker)
    assert (again.body, "Set-Cookie" in again.headers) == (approved.body, False)
    assert (await ask(world.house, "GET", path, browser)).status == 404


async def test_another_account_gets_no_session_and_nobody_does_before_one_is_linked(world: World) -> None:
    for _ in range(2):
        _, _, refused = await world.sign_in("tok-tom", username="tom", user_id=998877)
        assert (refused.status, "Set-Cookie" in refused.headers) == (403, False)
        await world.link({"X-Auth-Token": OPERATOR_TOKEN})


async def test_an_approved_pin_gives_nobody_a_session_but_its_browser(world: World) -> None:
    await world.link({"X-Auth-Token": OPERATOR_TOKEN})
    made = await ask(world.house, "POST", "/plex/auth/pin", {})
    world.plex_tv.approve(made.body["id"], "tok-browser")
    path = f"/plex/auth/pin/{made.body['id']}"
    for shown in ({}, {"Cookie": f"{COOKIE}=guess"}, {"X-Auth-Token": OPERATOR_TOKEN}):
        reply = await ask(world.house, "GET", path, shown)
        assert (reply.status, "Set-Cookie" in reply.headers) == (404, False)
    assert SESSION_COOKIE in (await ask(world.house, "GET", path, cookie(made, COOKIE))).headers["Set-Cookie"]


async def test_in_a_session_another_account_is_linked_and_the_former_ones_sessions_end(tmp_path: Path) -> None:
    clock = SettableClock()
    async with (
        PlexTvSimulator() as plex_tv,
        open_house("memory://", tmp_path, plex_tv_url=plex_tv.url, clock=clock) as house,
    ):
        world = World(house, plex_tv)
        ours = cookie(await login(house))
        assert (await world.link(ours)).body["authenticated"] is True
        martas = cookie((await world.sign_in())[2])
        linked = await world.link(ours, "tok-tom", username="tom", user_id=998877)
        assert (linked.body["authenticated"], "Set-Cookie" in linked.headers) == (True, False)
        clock.advance(6)
        assert (await ask(house, "GET", "/settings", martas)).status == 401
        assert (await ask(house, "GET", "/plex/account", ours)).body["username"] == "tom"
        toms = cookie((await world.sign_in("tok-toms", username="tom", user_id=998877))[2])
        assert (await ask(house, "DELETE", "/plex/account", toms)).status == 204
        clock.advance(6)
        assert (await ask(house, "GET", "/settings", toms)).status == 401


@pytest.mark.parametrize("end", ["logout", "login", "token"])
async def test_a_link_ends_with_the_session_that_began_it(end: str, world: World) -> None:
    house, token = world.house, {"X-Auth-Token": OPERATOR_TOKEN}
    leaving, staying = cookie(await login(house)), cookie(await login(house))
    began = {
        name: str((await ask(house, "POST", "/plex/auth/pin", headers)).body["id"])
        for name, headers in (("leaving", leaving), ("staying", staying), ("operator", token))
    }
    match end:
        case "logout":
            await ask(house, "POST", "/auth/logout", leaving)
        case "login":
            await login(house, **leaving)
        case _:
            await Authenticating(
                storage=house.storage, clock=house.container.clock(), entropy=house.container.entropy(), fixed={}
            ).regenerate(Credential.OPERATOR_TOKEN)
    async with house.storage.unit() as unit:
        pending = {sign_in.id for sign_in in await unit.sign_ins.pending()}
    assert pending == (set() if end == "token" else {began["staying"], began["operator"]})
    world.plex_tv.approve(began["leaving"], "tok-eve", username="eve", user_id=666)
    await house.container.linking().poll()
    assert (await ask(house, "GET", "/plex/account", token)).status == 404


async def test_of_two_cookies_of_one_name_the_first_counts(one: House) -> None:
    # browsers send the one of the longest path first; the other is left of another URL_BASE, or a neighbour's
    ours = cookie(await login(one))["Cookie"]
    for other in ("x" * 43, "", '"', "of=another"):
        both = {"Cookie": f"theme=dark; {ours}; {SESSION_COOKIE}={other}"}
        assert (await ask(one, "GET", "/settings", both)).status == 200
        assert (await ask(one, "GET", "/settings", {"Cookie": f"{SESSION_COOKIE}={other}; {ours}"})).status == 401


async def test_a_stale_cookie_keeps_nobody_from_signing_in(world: World) -> None:
    await world.link({"X-Auth-Token": OPERATOR_TOKEN})
    made = await ask(world.house, "POST", "/plex/auth/pin", {"Cookie": f"{SESSION_COOKIE}={'x' * 43}"})
    assert (made.status, morsel(made, COOKIE)["path"]) == (200, "/")


async def test_neither_session_nor_token_gets_into_logs_answers_or_the_database(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with open_house(f"sqlite:///{tmp_path / 'library.db'}", tmp_path) as house:
        session = await login(house)
        secret, browser = morsel(session).value, cookie(session)
        told = [session.body, (await login(house, "wrong-token-WWWW")).body]
        told += [(await ask(house, "GET", path, browser)).body for path in ("/auth/status", "/settings", "/nothing")]
    held = b"".join(path.read_bytes() for path in tmp_path.glob("library.db*"))
    for hidden in (secret, OPERATOR_TOKEN):
        assert hidden not in json.dumps(told) + caplog.text
        assert hidden.encode() not in held
    assert "wrong-token-WWWW" not in json.dumps(told) + caplog.text
    assert "tried to log in with a wrong token" in caplog.text


async def test_a_backup_holds_no_session_and_a_restore_ends_them_all(tmp_path: Path) -> None:
    settings = ProcessSettings(config_dir=tmp_path / "config", operator_token=OPERATOR_TOKEN)
    url, file = settings.database, tmp_path / "backup.zip"
    async with open_house(url, settings.config_dir) as house:
        browser = cookie(await login(house))
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        ((name, bond),) = database.execute("SELECT id, bond FROM browser_sessions").fetchall()
    await back_up(Container(settings=settings), str(file))
    with zipfile.ZipFile(file) as archive:
        held = b"".join(archive.read(member) for member in archive.namelist())
    assert name.encode() not in held
    assert bond.encode() not in held
    await restore(Container(settings=settings), str(file), dry_run=False)
    async with open_house(url, settings.config_dir) as house:
        assert (await ask(house, "GET", "/settings", browser)).status == 401
