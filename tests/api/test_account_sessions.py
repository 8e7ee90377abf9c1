"""Browsers sign in with the linked account at plex.tv, and other accounts get nowhere."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from earshelf.adapters.memory.system import SettableClock
from earshelf.domain.access import Credential
from earshelf.domain.usecases.authenticating import Authenticating
from earshelf.entrypoints.callers import SESSION_COOKIE
from earshelf.entrypoints.demo.plex_tv import PlexTvSimulator
from earshelf.entrypoints.operator.plex import COOKIE
from tests.api.browsers import ask, cookie, login, morsel
from tests.api.conftest import database_url
from tests.api.house import OPERATOR_TOKEN, House, Reply, open_house

TOKEN = "tok-user-AAAA1111"


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


async def test_a_stale_cookie_keeps_nobody_from_signing_in(world: World) -> None:
    await world.link({"X-Auth-Token": OPERATOR_TOKEN})
    made = await ask(world.house, "POST", "/plex/auth/pin", {"Cookie": f"{SESSION_COOKIE}={'x' * 43}"})
    assert (made.status, morsel(made, COOKIE)["path"]) == (200, "/")
