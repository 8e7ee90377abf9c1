"""Browsers log in with the operator token, are recognised, and log out; other credentials get nowhere."""

import json
import logging
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from earshelf.adapters.memory.system import SettableClock
from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.access import Credential
from earshelf.entrypoints.safekeeping import back_up, restore
from tests.api.browsers import OUT, ask, cookie, login, morsel
from tests.api.conftest import database_url
from tests.api.house import API_KEY, OPERATOR_TOKEN, House, open_house


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
