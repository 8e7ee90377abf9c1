"""Session cookies: where browsers send them, which ones count, and what pages of other sites do with them."""

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from earshelf.entrypoints.callers import SESSION_COOKIE, Caller
from earshelf.entrypoints.cookies import Cookies
from earshelf.entrypoints.demo.plex_tv import PlexTvSimulator
from earshelf.entrypoints.operator.plex import COOKIE
from tests.api.browsers import OUT, ask, cookie, login
from tests.api.house import OPERATOR_TOKEN, House, open_house


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


@pytest.mark.parametrize("value", ["", "x", "x" * 43, "%00", "\u00fc" * 43, "a" * 5000, '"quoted"'])
async def test_a_cookie_that_is_no_session_is_none(one: House, value: str) -> None:
    await login(one)
    shown = {"Cookie": f"{SESSION_COOKIE}={value}"}
    assert (await ask(one, "GET", "/settings", shown)).code == "UNAUTHORIZED"
    assert (await ask(one, "GET", "/auth/status", shown)).body == OUT
    assert (await ask(one, "POST", "/auth/logout", shown)).status == 200


async def test_of_two_cookies_of_one_name_the_first_counts(one: House) -> None:
    # browsers send the one of the longest path first; the other is left of another URL_BASE, or a neighbour's
    ours = cookie(await login(one))["Cookie"]
    for other in ("x" * 43, "", '"', "of=another"):
        both = {"Cookie": f"theme=dark; {ours}; {SESSION_COOKIE}={other}"}
        assert (await ask(one, "GET", "/settings", both)).status == 200
        assert (await ask(one, "GET", "/settings", {"Cookie": f"{SESSION_COOKIE}={other}; {ours}"})).status == 401
