"""Libraries, syncs and items over the operator's API, against a scripted Plex server whose libraries are composed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import database_url
from tests.api.house import House, open_house
from tests.plex import composed
from tests.plex.server import ScriptedPlex, ScriptedSection, serving


@dataclass
class Attic:
    """A house with one configured server."""

    house: House
    plex: ScriptedPlex
    server_id: str

    async def sync(self) -> dict[str, Any]:
        """Syncs and returns the job at its end."""
        reply = await self.house.op("POST", f"/servers/{self.server_id}/sync")
        assert reply.status == 202
        async with asyncio.timeout(25):
            return await self.over(reply.body["job_id"])

    async def over(self, job_id: str) -> dict[str, Any]:
        """Returns a job once it is over."""
        while True:
            job = (await self.house.op("GET", f"/sync-jobs/{job_id}")).body
            if job["status"] not in {"PENDING", "RUNNING"}:
                return dict(job)
            await asyncio.sleep(0.02)

    async def media(self, query: str = "") -> dict[str, Any]:
        """Lists items."""
        reply = await self.house.op("GET", f"/media{query}")
        assert reply.status == 200
        return dict(reply.body)


@asynccontextmanager
async def attic_over(url: str, folder: Path) -> AsyncIterator[Attic]:
    rows = [composed.film(number) for number in range(1, 31)]
    plex = ScriptedPlex([ScriptedSection("1", rows=rows), ScriptedSection("8", "photo", "Pictures")])
    async with serving(plex), open_house(url, folder) as house:
        auth = {"method": "token", "token": plex.token}
        body = {"type": "plex", "name": "Attic", "url": plex.url, "auth": auth}
        made = await house.op("POST", "/servers", body)
        assert made.status == 201
        running = asyncio.create_task(house.container.syncing().run())
        yield Attic(house, plex, made.body["id"])
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def attic(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Attic]:
    async with database_url(request.param, request) as url, attic_over(url, tmp_path) as made:
        yield made


async def test_a_sync_is_asked_for_watched_and_shown(attic: Attic) -> None:
    job = await attic.sync()
    assert (job["status"], job["items_processed"], job["total_items"]) == ("COMPLETED", 30, 30)
    assert (job["error"], job["eta_seconds"]) == (None, 0)
    assert (job["phase"], job["library_index"], job["library_count"]) == (None, 1, 1)
    assert (job["library_processed"], job["library_total"]) == (30, 30)
    page = await attic.media("?limit=10&sort=-year")
    assert (len(page["data"]), page["total"]) == (10, 30)
    years = [row["year"] for row in page["data"]]
    assert years == sorted(years, reverse=True)
    item = (await attic.house.op("GET", f"/media/{page['data'][0]['id']}")).body
    assert item["external_ids"]["TMDB"] == item["rating_key"]
    assert [stream["kind"] for stream in item["streams"]] == ["video", "audio", "subtitle", "subtitle"]
    assert [copy["is_canonical"] for copy in item["copies"]] == [True]


async def test_an_episode_names_its_season_and_series_by_their_keys(attic: Attic) -> None:
    rows, shows = [composed.episode(41, series=900)], [composed.series(900, 4242)]
    attic.plex.sections = [ScriptedSection("2", "show", "Serien", rows, shows)]
    await attic.sync()
    (row,) = (await attic.media("?type=SERIES"))["data"]
    item = (await attic.house.op("GET", f"/media/{row['id']}")).body
    assert (item["rating_key"], item["parent_rating_key"], item["grandparent_rating_key"]) == ("41", "9001", "900")
    assert item["external_ids"] == {"TVDB": "4242"}


async def test_an_item_without_a_title_to_sort_by_sorts_by_its_title(attic: Attic) -> None:
    row = composed.film(41)
    del row["titleSort"]
    attic.plex.sections[0].rows = [row]
    await attic.sync()
    (row,) = (await attic.media())["data"]
    item = (await attic.house.op("GET", f"/media/{row['id']}")).body
    assert item["title_sort"] == item["title"]


async def test_lists_are_filtered_by_what_items_carry(attic: Attic) -> None:
    await attic.sync()
    every = (await attic.media())["data"]
    for name in ("server_id", "library_key", "type", "dynamic_range", "audio_profile", "resolution"):
        for value in {row[name] for row in every if row[name] is not None}:
            query = "?" + name + "=" + str(value).replace("+", "%2B").replace(" ", "%20")
            page = await attic.media(query)
            assert page["data"] == [row for row in every if row[name] == value]
            assert page["total"] == len(page["data"])
    assert [row["rating_key"] for row in (await attic.media("?q=17"))["data"]] == ["17"]


@pytest.mark.parametrize(
    "query", ["?sort=size", "?type=PHOTO", "?dynamic_range=bright", "?q=a&q=b", "?title=x", "?limit=0"]
)
async def test_what_cannot_be_filtered_by_is_refused(attic: Attic, query: str) -> None:
    reply = await attic.house.op("GET", f"/media{query}")
    assert (reply.status, reply.code) == (400, "VALIDATION_ERROR")


async def test_libraries_are_shown_and_switched_off(attic: Attic) -> None:
    path = f"/servers/{attic.server_id}/libraries"
    shown = (await attic.house.op("GET", path)).body
    assert [(row["key"], row["title"], row["type"], row["enabled"]) for row in shown["data"]] == [
        ("1", "Films", "MOVIE", True)
    ]
    changed = await attic.house.op("PATCH", f"{path}/1", {"enabled": False})
    assert (changed.status, changed.body["enabled"]) == (200, False)
    assert (await attic.sync())["items_processed"] == 0
    assert (await attic.house.op("PATCH", f"{path}/9", {"enabled": False})).status == 404
    for wrong in ({}, {"enabled": "no"}, {"enabled": True, "title": "Mine"}):
        assert (await attic.house.op("PATCH", f"{path}/1", wrong)).status == 400


async def test_a_second_sync_waits_and_the_first_can_be_cancelled(attic: Attic) -> None:
    attic.plex.gate = asyncio.Event()
    job_id = (await attic.house.op("POST", f"/servers/{attic.server_id}/sync")).body["job_id"]
    again = await attic.house.op("POST", f"/servers/{attic.server_id}/sync")
    assert (again.status, again.code) == (409, "CONFLICT")
    assert (await attic.house.op("POST", f"/sync-jobs/{job_id}/cancel")).status == 202
    async with asyncio.timeout(5):
        assert (await attic.over(job_id))["status"] == "CANCELLED"
    assert (await attic.house.op("POST", f"/sync-jobs/{job_id}/cancel")).code == "CONFLICT"


async def test_syncs_are_listed_newest_first(attic: Attic) -> None:
    first, second = (await attic.sync())["id"], (await attic.sync())["id"]
    page = (await attic.house.op("GET", f"/sync-jobs?limit=1&server_id={attic.server_id}")).body
    assert ([job["id"] for job in page["data"]], page["total"]) == ([second], 2)
    page = (await attic.house.op("GET", "/sync-jobs?offset=1")).body
    assert [(job["id"], job["status"]) for job in page["data"]] == [(first, "COMPLETED")]
    assert (await attic.house.op("GET", "/sync-jobs?server_id=sv_x")).body == {"data": [], "total": 0}


async def test_one_library_is_synced_alone(attic: Attic) -> None:
    attic.plex.sections.append(ScriptedSection("2", rows=[composed.film(40)]))
    await attic.house.op("GET", f"/servers/{attic.server_id}/libraries")
    path = f"/servers/{attic.server_id}/sync?library_key"
    job = await attic.over((await attic.house.op("POST", f"{path}=2")).body["job_id"])
    assert (job["library_key"], job["items_processed"]) == ("2", 1)
    assert (await attic.house.op("POST", f"{path}=9")).code == "VALIDATION_ERROR"
    await attic.house.op("PATCH", f"/servers/{attic.server_id}/libraries/2", {"enabled": False})
    assert (await attic.house.op("POST", f"{path}=2")).code == "CONFLICT"


async def test_what_nobody_knows_is_not_found(attic: Attic) -> None:
    for method, path in (
        ("GET", "/media/md_x"),
        ("GET", "/sync-jobs/sj_x"),
        ("POST", "/sync-jobs/sj_x/cancel"),
        ("POST", "/servers/sv_x/sync"),
        ("GET", "/servers/sv_x/libraries"),
    ):
        assert (await attic.house.op(method, path)).code == "NOT_FOUND"


async def test_a_removed_server_takes_its_items_along(attic: Attic) -> None:
    await attic.sync()
    assert (await attic.house.op("DELETE", f"/servers/{attic.server_id}")).status == 204
    assert (await attic.media())["total"] == 0


async def test_removed_items_have_a_list_of_their_own(attic: Attic) -> None:
    await attic.sync()
    attic.plex.sections[0].rows = attic.plex.sections[0].rows[:-2]
    await attic.sync()
    gone = (await attic.house.op("GET", "/media/removed?limit=1&library_key=1")).body
    assert (gone["total"], [row["rating_key"] for row in gone["data"]]) == (2, ["30"])
    assert gone["data"][0]["removed_at"] < gone["data"][0]["forgotten_at"]
    assert (await attic.house.op("GET", "/media/removed?type=MUSIC")).body == {"data": [], "total": 0}
    assert (await attic.media())["total"] == 28


async def test_a_library_is_purged_once_it_takes_no_part(attic: Attic) -> None:
    await attic.sync()
    place = f"/media/purge?server_id={attic.server_id}&library_key="
    assert (await attic.house.op("DELETE", place + "1")).code == "CONFLICT"
    assert (await attic.house.op("DELETE", place + "9")).code == "NOT_FOUND"
    assert (await attic.house.op("DELETE", "/media/purge")).code == "VALIDATION_ERROR"
    await attic.house.op("PATCH", f"/servers/{attic.server_id}/libraries/1", {"enabled": False})
    reply = await attic.house.op("DELETE", place + "1")
    assert (reply.status, reply.body) == (200, {"deleted": 30})
    assert (await attic.media())["total"] == 0


async def test_a_schedule_belongs_to_its_server(attic: Attic) -> None:
    path = f"/servers/{attic.server_id}"
    assert (await attic.house.op("GET", path)).body["sync"] == {"every": "manual", "at": "03:00"}
    changed = await attic.house.op("PATCH", path, {"sync": {"every": "weekly", "at": "23:45"}})
    assert (changed.status, changed.body["sync"]) == (200, {"every": "weekly", "at": "23:45"})
    await attic.house.op("PATCH", path, {"name": "Loft"})
    assert (await attic.house.op("GET", path)).body["sync"] == {"every": "weekly", "at": "23:45"}
    for wrong in ({}, {"every": "hourly"}, {"every": "daily", "at": "3:00"}, {"every": "daily", "day": 1}):
        assert (await attic.house.op("PATCH", path, {"sync": wrong})).code == "VALIDATION_ERROR"
    await attic.house.container.scheduling().look()
    assert len(await attic.house.container.media_store().jobs.open()) == 1


async def test_the_copy_of_a_preferred_server_stands_for_all(attic: Attic) -> None:
    await attic.sync()
    barn = ScriptedPlex([ScriptedSection("4", rows=[composed.film(7)])], machine_id="m-2")
    async with serving(barn):
        auth = {"method": "token", "token": barn.token}
        body = {"type": "plex", "name": "Barn", "url": barn.url, "auth": auth, "preferred": True}
        made = (await attic.house.op("POST", "/servers", body)).body
        assert made["preferred"] is True
        job = await attic.house.op("POST", f"/servers/{made['id']}/sync")
        await attic.over(job.body["job_id"])
    row = next(row for row in (await attic.media("?limit=50"))["data"] if row["rating_key"] == "7")

    async def standing_for_all() -> list[str]:
        copies = (await attic.house.op("GET", f"/media/{row['id']}")).body["copies"]
        assert len(copies) == 2
        return [copy["server_id"] for copy in copies if copy["is_canonical"]]

    assert await standing_for_all() == [made["id"]]
    await attic.house.op("PATCH", f"/servers/{made['id']}", {"preferred": False, "enabled": False})
    assert await standing_for_all() == [attic.server_id]
    await attic.house.op("PATCH", f"/servers/{attic.server_id}", {"enabled": False})
    assert await standing_for_all() == [attic.server_id]


async def test_who_watched_an_item_is_listed(attic: Attic) -> None:
    attic.plex.history = [
        {"ratingKey": "7", "viewedAt": composed.BEGAN + place, "accountID": 1, "deviceID": 12} for place in (9, 5)
    ]
    await attic.sync()
    item = next(row for row in (await attic.media("?limit=50"))["data"] if row["rating_key"] == "7")
    shown = (await attic.house.op("GET", f"/media/{item['id']}/history?limit=1")).body
    assert shown["total"] == 2
    assert shown["data"] == [
        {
            "viewer": "marta_k",
            "watched_at": "2020-09-13T12:26:49.000Z",
            "device": "Living room",
            "platform": "Android",
        }
    ]
    assert (await attic.house.op("GET", "/media/md_x/history")).code == "NOT_FOUND"
