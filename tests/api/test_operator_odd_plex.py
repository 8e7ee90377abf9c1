"""Plex servers that answer oddly, die, move, or hold odd things, over the operator's API: told, and nothing is lost."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from earshelf.entrypoints.demo.plex import PlexSimulator
from tests.api.conftest import database_url
from tests.api.house import open_house
from tests.api.test_operator_media import Attic, attic_over
from tests.api.test_operator_plex import SERVER_TOKEN, World, body, world_over
from tests.contract.scripted import Reply, ScriptedServer
from tests.contract.test_libraries import HARD_NAMES
from tests.contract.test_plex_bad_bodies import BODIES
from tests.plex import composed
from tests.plex.server import ScriptedSection

HELD = 30


@pytest.fixture
async def attic(tmp_path: Path) -> AsyncIterator[Attic]:
    async with attic_over("memory://", tmp_path) as made:
        await made.sync()
        assert (await made.media())["total"] == HELD
        # everything has to be read again
        made.plex.sections[0].rows = [composed.film(number, revision=1) for number in range(1, HELD + 1)]
        yield made


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def stored_attic(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Attic]:
    async with database_url(request.param, request) as url, attic_over(url, tmp_path) as made:
        yield made


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def stored_world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with database_url(request.param, request) as url, world_over(url, tmp_path) as made:
        yield made


def answering(spoken: bytes, *places: str) -> Callable[[str, int], web.Response | None]:
    """Answers paths that hold one of some texts with a body."""

    def answer(path: str, _: int) -> web.Response | None:
        return web.Response(body=spoken) if any(place in path for place in places) else None

    return answer


@pytest.mark.parametrize("spoken", list(BODIES.values()), ids=list(BODIES))
async def test_a_sync_that_reads_nonsense_loses_nothing_and_the_next_one_heals_it(attic: Attic, spoken: bytes) -> None:
    for place in ("/library/sections", "/all", "/library/metadata/", "/history/"):
        attic.plex.trouble = answering(spoken, place)
        job = await attic.sync()
        assert job["status"] in {"COMPLETED", "FAILED"}
        assert "unexpected happened" not in (job["error"] or "")
        assert (await attic.media())["total"] == HELD
    attic.plex.trouble = lambda _path, _number: None
    assert (await attic.sync())["status"] == "COMPLETED"
    assert (await attic.media())["total"] == HELD


@pytest.mark.parametrize("spoken", list(BODIES.values()), ids=list(BODIES))
async def test_a_server_that_speaks_nonsense_fails_no_request_untold(attic: Attic, spoken: bytes) -> None:
    attic.plex.trouble = answering(spoken, "/")
    path = f"/servers/{attic.server_id}"
    for method, asked in (
        ("GET", "/streams"),
        ("GET", f"{path}/libraries"),
        ("POST", f"{path}/test-connection"),
        ("GET", f"/prerolls/current?server_id={attic.server_id}"),
        ("POST", f"{path}/reconnect"),
    ):
        reply = await attic.house.op(method, asked)
        assert reply.status in {200, 409, 502}, asked
        assert attic.plex.token not in json.dumps(reply.body)


@pytest.mark.parametrize("after", range(1, 9))
async def test_a_token_that_dies_in_the_middle_of_a_sync_fails_it_and_nothing_else(attic: Attic, after: int) -> None:
    began = len(attic.plex.requests)

    def die(path: str, number: int) -> web.Response | None:
        is_public = path == "/identity"
        return web.Response(status=401, body=b"<html>") if number > began + after and not is_public else None

    attic.plex.trouble = die
    job = await attic.sync()
    # who watched what is asked last, and nothing hangs on it
    asked_twice = sum("/history/all" in path for path in attic.plex.requests[began:]) == 2
    assert (job["status"] == "FAILED") is not asked_twice
    assert attic.plex.token not in (job["error"] or "")
    assert (await attic.media())["total"] == HELD
    attic.plex.trouble = lambda _path, _number: None
    assert (await attic.sync())["status"] == "COMPLETED"


async def test_odd_names_and_items_without_a_file_are_kept_and_shown(stored_attic: Attic) -> None:
    odd = [
        {**composed.film(number), "title": sent, "titleSort": None, "summary": sent, "Genre": [{"tag": sent}]}
        for number, (sent, _) in enumerate(HARD_NAMES, start=1)
    ]
    bare: list[dict[str, Any]] = [
        {"ratingKey": "900", "type": "movie", "title": "No media"},
        {"ratingKey": "901", "type": "movie", "title": "Empty media", "Media": []},
        {"ratingKey": "902", "type": "movie", "title": "No file", "Media": [{"id": 1}]},
        {"ratingKey": "903", "type": "movie", "title": "No parts", "Media": [{"id": 1, "Part": []}]},
        {"ratingKey": "904", "type": "movie", "title": None},
        {"ratingKey": 905, "title": "No type"},
    ]
    stored_attic.plex.sections = [
        ScriptedSection("1", rows=[*odd, *({**row, "ratingKey": str(row["ratingKey"])} for row in bare)]),
        ScriptedSection("8", "hologram", "Of the future", [composed.film(77)]),
        ScriptedSection("9", "", "Without a type"),
    ]
    assert (await stored_attic.sync())["status"] == "COMPLETED"
    page = await stored_attic.media("?limit=100")
    titles = {row["title"] for row in page["data"]}
    assert {kept for _, kept in HARD_NAMES} <= titles
    assert {"No media", "Empty media", "No file", "No parts", "No type"} <= titles
    assert page["total"] == len(odd) + len(bare)
    for row in page["data"]:
        assert (await stored_attic.house.op("GET", f"/media/{row['id']}")).status == 200


async def test_a_server_that_moved_is_found_by_its_machine_and_keeps_its_id(stored_world: World) -> None:
    house = stored_world.house
    async with PlexSimulator(credential=SERVER_TOKEN, machine_id="machine-1") as old:
        added = (await house.op("POST", "/servers", body(old))).body
    path = f"/servers/{added['id']}"
    assert (await house.op("POST", f"{path}/reconnect")).status == 409
    await stored_world.link()
    stored_world.list_attic()
    moved = await house.op("POST", f"{path}/reconnect")
    assert moved.status == 200
    assert (moved.body["id"], moved.body["url"]) == (added["id"], stored_world.attic.url)
    assert f"found at {stored_world.attic.url}" in moved.body["notice"]
    assert (await house.op("GET", path)).body == moved.body
    assert (await house.op("GET", "/servers")).body["total"] == 1
    renamed = (await house.op("PATCH", path, {"name": "Loft"})).body
    assert (renamed["url"], "notice" in renamed) == (stored_world.attic.url, False)


async def test_a_server_that_is_nowhere_is_told_as_such(stored_world: World) -> None:
    async with PlexSimulator(credential=SERVER_TOKEN, machine_id="machine-7") as other:
        added = (await stored_world.house.op("POST", "/servers", body(other))).body
    await stored_world.link()
    stored_world.list_attic()
    reply = await stored_world.house.op("POST", f"/servers/{added['id']}/reconnect")
    assert (reply.status, reply.code) == (409, "CONFLICT")
    assert (await stored_world.house.op("POST", "/servers/sv_none/reconnect")).status == 404


async def test_a_server_that_moved_is_followed_by_itself(stored_world: World) -> None:
    house = stored_world.house
    async with PlexSimulator(credential=SERVER_TOKEN, machine_id="machine-1") as old:
        added = (await house.op("POST", "/servers", body(old))).body
    await stored_world.link()
    stored_world.list_attic()
    for _ in range(2):
        await house.container.moving().look()
    assert (await house.op("GET", f"/servers/{added['id']}")).body["url"] == stored_world.attic.url


async def test_all_parts_of_the_program_know_of_a_server_that_is_away(tmp_path: Path) -> None:
    replies = [Reply(body=json.dumps({"MediaContainer": {"machineIdentifier": "m", "version": "1"}}).encode())]
    async with ScriptedServer(lambda _: replies[-1]) as server, open_house("memory://", tmp_path) as house:
        auth = {"method": "token", "token": SERVER_TOKEN}
        wish = {"type": "plex", "name": "Attic", "url": server.url, "auth": auth}
        server_id = (await house.op("POST", "/servers", wish)).body["id"]
        # from now on it hangs up on everybody
        replies.append(Reply(raw=b""))
        assert (await house.op("GET", "/streams")).body["unreachable_servers"]
        asked = len(server.requests)
        assert (await house.op("GET", "/streams")).body["unreachable_servers"]
        assert (await house.op("GET", f"/prerolls/current?server_id={server_id}")).status == 200
        assert len(server.requests) == asked
        # whoever tests wants to know just now
        assert (await house.op("POST", f"/servers/{server_id}/test-connection")).body["ok"] is False
        replies.pop()
        assert (await house.op("POST", f"/servers/{server_id}/test-connection")).body["ok"] is True
        assert (await house.op("GET", "/streams")).body["unreachable_servers"] == []
        assert len(server.requests) > asked
