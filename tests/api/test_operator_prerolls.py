"""Prerolls over the operator's API, against a simulated Plex server. What it answers is composed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from earshelf.entrypoints.demo.plex import PlexSimulator
from tests.api.conftest import database_url
from tests.api.house import House, Reply, open_house
from tests.contract.scripted import unused_port
from tests.contract.suites.makers import NOON, a_server

OWN, TOKEN = "/own/trailer.mp4", "tok-srv-BBBB2222"
ENTRIES = [{"name": "Snow", "path": "/снег.mp4"}, {"name": "Ice", "path": r"D:\ice.mp4"}]
PRESET = {"name": "Winter", "entries": ENTRIES, "mode": "random"}
ALWAYS = {
    "schedule_type": "recurring",
    "days_of_week": [0, 1, 2, 3, 4, 5, 6],
    "start_time": "00:00",
    "end_time": "00:00",
}
SCHEDULE = {"name": "Always", "paths": ["/a.mp4"], **ALWAYS}


@dataclass
class World:
    """A house and a server in the attic, which is configured."""

    house: House
    attic: PlexSimulator
    server_id: str

    async def apply(self, *paths: str, **values: Any) -> Reply:
        """Plays something in the attic now."""
        body = {"server_id": self.server_id, "paths": list(paths), **values}
        return await self.house.op("POST", "/prerolls/apply", body)

    async def current(self) -> Any:
        """What the attic plays."""
        return (await self.house.op("GET", f"/prerolls/current?server_id={self.server_id}")).body

    async def clear(self) -> Reply:
        """Takes back what was applied in the attic."""
        return await self.house.op("DELETE", f"/prerolls/apply?server_id={self.server_id}")

    async def keep(self) -> None:
        """Turns the loop once."""
        await self.house.container.airing().keep()


@asynccontextmanager
async def world_over(url: str, folder: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        attic = await stack.enter_async_context(PlexSimulator(credential=TOKEN, machine_id="machine-1"))
        attic.preferences.preroll = OWN
        house = await stack.enter_async_context(open_house(url, folder))
        server = a_server("Attic", url=attic.url, token=TOKEN, machine_id="machine-1")
        async with house.storage.unit() as unit:
            await unit.servers.add(server)
            await unit.commit(NOON)
        yield World(house, attic, server.id)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with database_url(request.param, request) as url, world_over(url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """A world in memory, for what no database changes."""
    async with world_over("memory://", tmp_path) as opened:
        yield opened


async def test_presets_are_made_shown_changed_and_removed(world: World) -> None:
    house = world.house
    made = await house.op("POST", "/prerolls/presets", PRESET)
    assert made.status == 201
    assert {name: made.body[name] for name in PRESET} == PRESET
    assert made.body["path"] == r"/снег.mp4;D:\ice.mp4"
    where = f"/prerolls/presets/{made.body['id']}"
    assert (await house.op("GET", where)).body == made.body
    assert (await house.op("GET", "/prerolls/presets")).body == {"data": [made.body], "total": 1}
    changed = await house.op("PUT", where, {"name": "Cold", "mode": "sequential"})
    assert changed.body == made.body | {
        "name": "Cold", "mode": "sequential", "path": r"/снег.mp4,D:\ice.mp4", "updated_at": changed.body["updated_at"]
    }  # fmt: skip
    assert (await house.op("DELETE", where)).status == 204
    assert (await house.op("DELETE", where)).status == 404
    assert (await house.op("GET", "/prerolls/presets?limit=1")).body == {"data": [], "total": 0}


async def test_a_preset_may_be_spelled_as_a_server_keeps_it(here: World) -> None:
    body = (await here.house.op("POST", "/prerolls/presets", {"name": "W", "path": "/p/a.mp4;/p/b.mp4"})).body
    assert body["mode"] == "random"
    assert body["entries"] == [{"name": "a.mp4", "path": "/p/a.mp4"}, {"name": "b.mp4", "path": "/p/b.mp4"}]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "W"}, "entries"),
        ({"name": " ", "entries": ENTRIES}, "name"),
        ({"name": "W", "entries": [{"name": "a", "path": "/a;b"}]}, "entries.0.path"),
        ({"name": "W", "path": "/a;/b,/c"}, "path"),
        ({"name": "W", "entries": ENTRIES, "path": "/a"}, "path"),
        ({"name": "W", "entries": ENTRIES, "mode": "shuffle"}, "mode"),
        ({"name": "W", "entries": ENTRIES, "colour": "white"}, "colour"),
    ],
)
async def test_an_unusable_preset_says_what_is_wrong(here: World, body: dict[str, Any], field: str) -> None:
    reply = await here.house.op("POST", "/prerolls/presets", body)
    assert (reply.status, reply.code) == (400, "VALIDATION_ERROR")
    assert field in reply.body["fields"]


KINDS: list[dict[str, Any]] = [
    {"schedule_type": "one_time", "start_date": "2026-12-01", "end_date": "2026-12-24T20:00:00+01:00"},
    {"schedule_type": "recurring", "days_of_week": [5, 6], "start_time": "22:00", "end_time": "02:00"},
    {"schedule_type": "seasonal", "start_date": "12-01", "end_date": "02-28"},
    {"schedule_type": "holiday", "holiday": "easter", "days_before": 7, "days_after": 1},
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind["schedule_type"]))
async def test_schedules_of_every_kind_are_made_shown_changed_and_removed(world: World, kind: dict[str, Any]) -> None:
    house = world.house
    made = await house.op("POST", "/prerolls/schedules", {"name": "One", "paths": ["/a.mp4"], "priority": 3, **kind})
    assert made.status == 201
    dates = {"start_date", "end_date"} if kind["schedule_type"] == "one_time" else set()
    assert {name: made.body[name] for name in kind if name not in dates} == {
        name: value for name, value in kind.items() if name not in dates
    }
    assert (made.body["preroll_path"], made.body["priority"], made.body["enabled"]) == ("/a.mp4", 3, True)
    where = f"/prerolls/schedules/{made.body['id']}"
    assert (await house.op("GET", where)).body == made.body
    assert (await house.op("GET", "/prerolls/schedules")).body == {"data": [made.body], "total": 1}
    written_back = await house.op("PUT", where, {"enabled": False, "preroll_path": "/b.mp4;/c.mp4"})
    assert written_back.status == 200
    assert (written_back.body["paths"], written_back.body["mode"]) == (["/b.mp4", "/c.mp4"], "random")
    for name in kind:
        assert written_back.body[name] == made.body[name]
    assert (await house.op("DELETE", where)).status == 204
    assert (await house.op("GET", where)).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "A", "paths": ["/a"]}, "schedule_type"),
        ({**SCHEDULE, "paths": []}, "paths"),
        ({**SCHEDULE, "paths": ["/a,b"]}, "paths.0"),
        ({"name": "A", **ALWAYS}, "paths"),
        ({"name": "A", "preset_id": "pp_none", **ALWAYS}, "preset_id"),
        ({**SCHEDULE, "preroll_path": "/a"}, "preroll_path"),
        ({"name": "A", "preroll_path": "/a,/b;/c", **ALWAYS}, "preroll_path"),
        ({**SCHEDULE, "end_time": "24:00"}, "end_time"),
        ({**SCHEDULE, "days_of_week": [7]}, "days_of_week"),
        ({**SCHEDULE, "priority": "high"}, "priority"),
        ({**SCHEDULE, "schedule_type": "monthly"}, "schedule_type"),
        ({**SCHEDULE, **KINDS[0], "end_date": "2026-11-01"}, "end_date"),
    ],
)
async def test_an_unusable_schedule_says_what_is_wrong(here: World, body: dict[str, Any], field: str) -> None:
    reply = await here.house.op("POST", "/prerolls/schedules", body)
    assert (reply.status, reply.code) == (400, "VALIDATION_ERROR")
    assert field in reply.body["fields"]


async def test_a_text_that_may_be_too_long_for_a_server_is_taken_with_a_warning(here: World) -> None:
    long = {"path": ",".join(f"/{number:0100}.mp4" for number in range(60))}
    made = (await here.house.op("POST", "/prerolls/presets", {"name": "Long", **long})).body
    assert made["warning"].startswith(f"{len(long['path'])} characters")
    body = {"name": "Long", "preset_id": made["id"], **ALWAYS}
    assert (await here.house.op("POST", "/prerolls/schedules", body)).body["warning"] == made["warning"]


async def test_a_schedule_takes_a_copy_of_its_preset_which_then_is_in_use(world: World) -> None:
    house = world.house
    preset = (await house.op("POST", "/prerolls/presets", PRESET)).body["id"]
    schedule = (await house.op("POST", "/prerolls/schedules", {"name": "A", "preset_id": preset, **ALWAYS})).body
    assert (schedule["paths"], schedule["mode"]) == (["/снег.mp4", r"D:\ice.mp4"], "random")
    refused = await house.op("DELETE", f"/prerolls/presets/{preset}")
    assert (refused.status, refused.code) == (409, "CONFLICT")
    assert "'A'" in refused.message
    assert (await house.op("DELETE", f"/prerolls/presets/{preset}?force=true")).status == 204
    assert (await house.op("GET", f"/prerolls/schedules/{schedule['id']}")).body == schedule


async def test_overlapping_schedules_of_one_priority_conflict(here: World) -> None:
    assert (await here.house.op("POST", "/prerolls/schedules", SCHEDULE)).status == 201
    refused = await here.house.op("POST", "/prerolls/schedules", {**SCHEDULE, "name": "Twin"})
    assert (refused.status, refused.code) == (409, "CONFLICT")
    assert "'Always'" in refused.message
    for harmless in ({"priority": 1}, {"enabled": False}, {"allow_overlap": True}):
        assert (await here.house.op("POST", "/prerolls/schedules", {**SCHEDULE, **harmless})).status == 201


async def test_a_schedule_comes_onto_the_server_and_goes_with_its_deletion(world: World) -> None:
    made = await world.house.op("POST", "/prerolls/schedules", SCHEDULE)
    await world.keep()
    assert world.attic.preferences.preroll == "/a.mp4"
    told = await world.current()
    assert (told["paths"], told["managed"], told["state"], told["schedule"]) == (["/a.mp4"], True, "in_sync", "Always")
    assert told["own_value"] == OWN
    await world.house.op("DELETE", f"/prerolls/schedules/{made.body['id']}")
    await world.keep()
    assert world.attic.preferences.preroll == OWN


@pytest.mark.parametrize(("method", "body", "status"), [("DELETE", (), 204), ("PATCH", ({"enabled": False},), 200)])
async def test_a_server_that_is_removed_or_switched_off_gets_its_own_preroll_back(
    here: World, method: str, body: tuple[Any, ...], status: int
) -> None:
    await here.house.op("POST", "/prerolls/schedules", SCHEDULE)
    await here.keep()
    assert here.attic.preferences.preroll == "/a.mp4"
    assert (await here.house.op(method, f"/servers/{here.server_id}", *body)).status == status
    assert here.attic.preferences.preroll == OWN
    await here.keep()
    assert here.attic.preferences.preroll == OWN


async def test_a_server_that_is_switched_on_is_given_what_is_on_without_waiting_for_the_next_round(here: World) -> None:
    airing = here.house.container.airing()
    assert (await here.house.op("PATCH", f"/servers/{here.server_id}", {"enabled": False})).status == 200
    await here.house.op("POST", "/prerolls/schedules", SCHEDULE)
    await asyncio.wait_for(airing.wait_for_news(60), 5)
    assert (await here.house.op("PATCH", f"/servers/{here.server_id}", {"enabled": True})).status == 200
    await asyncio.wait_for(airing.wait_for_news(60), 5)
    await here.keep()
    assert here.attic.preferences.preroll == "/a.mp4"


async def test_another_machine_under_a_servers_name_has_a_preroll_of_its_owners_of_its_own(here: World) -> None:
    schedule = (await here.house.op("POST", "/prerolls/schedules", SCHEDULE)).body["id"]
    await here.keep()
    async with PlexSimulator(credential="tok-new-1", machine_id="machine-2") as barn:
        barn.preferences.preroll = "/barn.mp4"
        change = {"url": barn.url, "auth": {"method": "token", "token": "tok-new-1"}}
        assert (await here.house.op("PATCH", f"/servers/{here.server_id}", change)).status == 200
        await here.keep()
        assert barn.preferences.preroll == "/a.mp4"
        assert (await here.house.op("DELETE", f"/prerolls/schedules/{schedule}")).status == 204
        await here.keep()
        assert barn.preferences.preroll == "/barn.mp4"


async def test_what_is_applied_plays_at_once_and_is_taken_back(world: World) -> None:
    assert (await world.current())["value"] == OWN
    applied = await world.apply("/x.mp4", "/y z.mp4", mode="random")
    assert applied.status == 200
    assert world.attic.preferences.preroll == "/x.mp4;/y z.mp4"
    assert world.attic.preferences.written == ["CinemaTrailersPrerollID=%2Fx.mp4%3B%2Fy%20z.mp4"]
    told = await world.current()
    assert told == applied.body
    assert (told["paths"], told["mode"], told["source"]) == (["/x.mp4", "/y z.mp4"], "random", "override")
    cleared = await world.clear()
    assert (cleared.status, cleared.body["value"], cleared.body["managed"]) == (200, OWN, False)
    assert world.attic.preferences.preroll == OWN


async def test_a_server_that_is_away_is_told_as_such_and_gets_it_later(world: World) -> None:
    async with world.house.storage.unit() as unit:
        server = (await unit.servers.all())[0]
        server.url = f"http://127.0.0.1:{unused_port()}"
        await unit.servers.save(server)
        await unit.commit(NOON)
    waiting = await world.apply("/x.mp4")
    assert (waiting.status, waiting.body["state"], waiting.body["error"]) == (202, "error", "unreachable")
    assert "could not connect" in waiting.body["message"]
    told = await world.current()
    assert (told["available"], told["value"], told["wanted"]) == (False, None, "/x.mp4")
    async with world.house.storage.unit() as unit:
        server.url = world.attic.url
        await unit.servers.save(server)
        await unit.commit(NOON)
    assert (await world.apply("/x.mp4")).status == 200
    assert world.attic.preferences.preroll == "/x.mp4"


async def test_a_server_that_is_starting_or_refuses_its_guest_is_no_fault_of_ours(here: World) -> None:
    here.attic.is_starting = True
    told = await here.apply("/x.mp4")
    assert (told.status, told.body["error"]) == (202, "unexpected_payload")
    here.attic.is_starting = False
    here.attic.guests.add(TOKEN)
    told = await here.apply("/x.mp4")
    assert (told.status, told.body["error"]) == (202, "refused")
    assert "owner" in told.body["message"]
    assert TOKEN not in str(told.body)


async def test_the_owners_mixed_value_is_shown_as_it_is_and_comes_back(here: World) -> None:
    here.attic.preferences.preroll = "/a;/b,/c"
    told = await here.current()
    assert (told["value"], told["paths"], told["mode"]) == ("/a;/b,/c", None, None)
    await here.apply()
    assert here.attic.preferences.preroll == ""
    await here.clear()
    assert here.attic.preferences.preroll == "/a;/b,/c"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"paths": ["/a;/b"]}, "paths.0"),
        ({"until": "time"}, "expires_at"),
        ({"until": "time", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"until": "time", "expires_at": "2099-01-01T00:00:00"}, "expires_at"),
        ({"mode": "both"}, "mode"),
    ],
)
async def test_what_cannot_be_applied_says_why(here: World, values: dict[str, Any], field: str) -> None:
    body = {"server_id": here.server_id, "paths": ["/a.mp4"], **values}
    reply = await here.house.op("POST", "/prerolls/apply", body)
    assert (reply.status, reply.code) == (400, "VALIDATION_ERROR")
    assert field in reply.body["fields"]


async def test_nobody_plays_nothing(here: World) -> None:
    for method, path in (("GET", "current"), ("DELETE", "apply"), ("GET", "path-mappings")):
        assert (await here.house.op(method, f"/prerolls/{path}?server_id=sv_none")).status == 404
        assert (await here.house.op(method, f"/prerolls/{path}")).status == 400
    assert (await here.house.op("POST", "/prerolls/apply", {"server_id": "sv_none", "paths": []})).status == 404


async def test_paths_reach_a_server_as_it_spells_them(world: World) -> None:
    mappings = {"server_id": world.server_id, "path_mappings": [{"source": "/srv", "target": "D:\\Films"}]}
    reply = await world.house.op("PUT", "/prerolls/path-mappings", mappings)
    assert (reply.status, reply.body) == (200, mappings)
    where = f"/prerolls/path-mappings?server_id={world.server_id}"
    assert (await world.house.op("GET", where)).body == mappings
    await world.apply("/srv/a.mp4")
    assert world.attic.preferences.preroll == r"D:\Films\a.mp4"
    mappings["path_mappings"] = [{"source": "/srv", "target": "D:\\Films;x"}]
    assert (await world.house.op("PUT", "/prerolls/path-mappings", mappings)).status == 400


async def test_what_is_coming_is_told(here: World) -> None:
    assert (await here.house.op("GET", "/prerolls/timeline")).body == {"data": [], "total": 0}
    holiday = {"name": "Feast", "paths": ["/a"], "schedule_type": "holiday", "holiday": "christmas"}
    made = (await here.house.op("POST", "/prerolls/schedules", holiday)).body
    told = (await here.house.op("GET", "/prerolls/timeline")).body["data"]
    assert {"id": made["id"], "name": "Feast"} in [change["schedule"] for change in told]
