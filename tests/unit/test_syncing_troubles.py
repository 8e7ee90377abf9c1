"""Passes over a scripted Plex server that fails, stumbles, hangs or goes, and passes that are stopped."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from aiohttp import web

from earshelf.adapters.memory.media import MemoryMediaQueries, MemoryMediaStore
from earshelf.adapters.system import SystemClock
from earshelf.domain.accounts import TokenState
from earshelf.domain.errors import Conflict, NotFound, Unreachable
from earshelf.domain.ids import ServerId, SyncJobId
from earshelf.domain.sync_jobs import RESTARTED, SyncJob, SyncStatus
from earshelf.ports.queries import Window
from tests.plex import composed
from tests.plex.server import PAGE, ScriptedPlex, ScriptedSection, serving
from tests.unit.plex_house import ATTIC, BARN, House, films, house_over, in_memory, in_sqlite

Row: TypeAlias = dict[str, str | int]


@pytest.fixture
async def plex() -> AsyncIterator[ScriptedPlex]:
    async with serving(ScriptedPlex()) as scripted:
        yield scripted


@pytest.fixture(params=[in_memory, in_sqlite], ids=["memory", "sqlite"])
async def house(request: pytest.FixtureRequest, plex: ScriptedPlex, tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        store, lists = await stack.enter_async_context(request.param(tmp_path))
        yield await stack.enter_async_context(house_over(store, lists, plex))


async def test_an_outage_in_the_middle_fails_the_job_and_removes_nothing(house: House) -> None:
    house.plex.sections = [films(1200)]
    await house.synced()
    house.plex.trouble = lambda path, _: web.Response(status=503) if "Start=500" in path or "/all" in path else None
    job = await house.synced()
    assert job.status is SyncStatus.FAILED
    assert "server error (HTTP 503)" in (job.error or "")
    assert len(await house.rows()) == 1200


async def test_a_server_that_shows_one_page_of_series_for_ever_holds_nobody_up(house: House) -> None:
    rows, show = [composed.episode(1, series=7000)], composed.series(7000, 55)
    house.plex.sections = [ScriptedSection("2", "show", "Serien", rows, [show])]
    page = {"MediaContainer": {"size": 2, "totalSize": 10**12, "Metadata": [show, {"title": "No key"}]}}
    asked = house.plex.requests
    house.plex.trouble = lambda _, number: web.json_response(page) if "type=2" in asked[number - 1] else None
    async with asyncio.timeout(25):
        job = await house.synced()
    assert (job.status, (await house.item("1")).content.external_ids) == (SyncStatus.COMPLETED, {"TVDB": "55"})


async def test_a_library_that_shows_one_page_without_items_for_ever_is_left_out(house: House) -> None:
    house.plex.sections = [films(2)]
    await house.synced()
    page = {"MediaContainer": {"size": 1, "totalSize": 10**12, "Metadata": [composed.series(7000, 55)]}}
    house.plex.trouble = lambda path, _: web.json_response(page) if path.endswith("/all") else None
    async with asyncio.timeout(25):
        job = await house.synced()
    assert job.error == "Attic: 'Films': shows one page of a library for ever, and no item on it"
    assert len(await house.rows()) == 2


@pytest.mark.parametrize("odd", [{}, {"title": "No key"}], ids=["plays", "what is no play"])
async def test_a_server_that_shows_one_page_of_plays_for_ever_holds_nobody_up(house: House, odd: Row) -> None:
    house.plex.sections = [films(2)]
    watched = odd or {"ratingKey": "1", "viewedAt": composed.BEGAN + 9_000, "accountID": 7}
    page = {"MediaContainer": {"size": 1, "totalSize": 10**12, "Metadata": [watched]}}
    house.plex.trouble = lambda path, _: web.json_response(page) if path.endswith("/history/all") else None
    async with asyncio.timeout(25):
        job = await house.synced()
    assert job.status is SyncStatus.COMPLETED
    plays = 0 if odd else 1
    assert {row.key: row.play_count for row in await house.rows()} == {"1": plays, "2": 0}
    assert (await house.lists.watches((await house.item("1")).id, Window())).total == plays


async def test_a_token_that_dies_in_the_middle_is_told_as_such(house: House) -> None:
    house.plex.sections = [films(1200)]

    def die(path: str, number: int) -> web.Response | None:
        return web.Response(status=401, body=PAGE) if number > 12 else None

    house.plex.trouble = die
    job = await house.synced()
    assert job.status is SyncStatus.FAILED
    assert job.error == "Attic: the access token was refused; sign in again or type in another one"
    assert house.plex.token not in (job.error or "")


async def test_a_token_that_was_refused_is_in_the_next_look_at_tokens(house: House) -> None:
    house.plex.sections = [films(1)]
    storage, now = house.database.storage, SystemClock().now()
    async with storage.unit() as unit:
        server = await unit.servers.get(ATTIC)
        server.see(TokenState.VALID, now)
        await unit.servers.save(server)
        await unit.commit(now)
    await house.synced()
    async with storage.unit() as unit:
        assert (await unit.servers.get(ATTIC)).checked_at == now
    house.plex.trouble = lambda path, _: web.Response(status=401, body=PAGE) if "/all" in path else None
    await house.synced()
    async with storage.unit() as unit:
        assert (await unit.servers.get(ATTIC)).checked_at is None


async def test_a_page_instead_of_an_answer_fails_the_job(house: House) -> None:
    house.plex.sections = [films(5)]
    house.plex.trouble = lambda path, _: web.Response(body=PAGE, content_type="text/html") if "/all" in path else None
    job = await house.synced()
    assert (job.status, await house.rows()) == (SyncStatus.FAILED, [])


@pytest.mark.parametrize("status", [404, 500, 200])
async def test_a_library_that_cannot_be_read_keeps_no_other_from_it(house: House, status: int) -> None:
    house.plex.sections = [films(5), ScriptedSection("2", title="More", rows=[composed.film(7)])]
    house.plex.trouble = lambda path, _: web.Response(status=status, body=PAGE) if "/1/all" in path else None
    job = await house.synced()
    assert (job.status, [row.key for row in await house.rows()]) == (SyncStatus.FAILED, ["7"])
    assert "'Films'" in (job.error or "")


async def test_a_server_that_has_no_time_is_not_asked_for_its_other_libraries(house: House) -> None:
    house.plex.sections = [films(5), ScriptedSection("2", title="More", rows=[composed.film(7)])]
    house.plex.trouble = lambda path, _: web.Response(status=503) if "/1/all" in path else None
    assert (await house.synced()).status is SyncStatus.FAILED
    assert house.plex.asked("/2/all") == 0


async def test_a_server_that_stumbles_is_asked_for_less_and_gives_everything(house: House) -> None:
    house.plex.sections = [films(700)]
    stumbles = iter([True, True])

    def stumble(path: str, _: int) -> web.Response | None:
        return web.Response(status=504) if "/1/all" in path and next(stumbles, False) else None

    house.plex.trouble = stumble
    job = await house.synced()
    assert (job.status, len(await house.rows())) == (SyncStatus.COMPLETED, 700)
    assert any("Container-Size=125" in path for path in house.plex.requests)


async def test_a_server_that_caps_its_pages_gives_everything(house: House) -> None:
    house.plex.sections = [films(700)]
    house.plex.most_rows = 90
    await house.synced()
    assert len(await house.rows()) == 700


async def test_an_item_that_the_server_trips_over_hides_no_other(house: House) -> None:
    house.plex.sections = [films(3)]

    def trip(path: str, _: int) -> web.Response | None:
        return web.Response(status=500) if "/metadata/" in path and "2" in path.rpartition("/")[2] else None

    house.plex.trouble = trip
    assert (await house.synced()).status is SyncStatus.COMPLETED
    assert not (await house.item("2")).mark.is_complete
    house.plex.trouble = lambda _path, _number: None
    house.plex.requests.clear()
    await house.synced()
    assert (await house.item("2")).mark.is_complete
    assert house.plex.asked("/metadata/") == 1


async def test_plays_of_an_item_that_the_server_trips_over_are_seen(house: House) -> None:
    house.plex.sections = [films(2)]
    await house.synced()
    house.plex.sections[0].rows = [{**composed.film(1, revision=1, plays=3), "title": "Recut"}, composed.film(2)]
    house.plex.trouble = lambda path, _: web.Response(status=500) if "/library/metadata/" in path else None
    await house.synced()
    assert [(row.key, row.title, row.play_count) for row in await house.rows()] == [
        ("1", "Lights Harbour 1", 3),
        ("2", "Winter Harbour 2", 0),
    ]


async def test_a_server_that_knows_no_details_of_what_it_lists_loses_nothing(house: House) -> None:
    house.plex.sections = [films(3)]
    await house.synced()
    house.plex.sections[0].rows = [composed.film(number, revision=1) for number in range(1, 5)]
    house.plex.trouble = lambda path, _: web.Response(status=404) if "/metadata/" in path else None
    assert (await house.synced()).status is SyncStatus.COMPLETED
    assert [row.key for row in await house.rows()] == ["1", "2", "3", "4"]
    assert ((await house.item("1")).content.streams != (), (await house.item("4")).mark.is_complete) == (True, False)
    house.plex.trouble = lambda _path, _number: None
    await house.synced()
    assert (await house.item("4")).mark.is_complete


async def test_a_pass_that_hangs_ends_soon_when_it_is_cancelled(house: House) -> None:
    house.plex.sections = [films(2)]
    house.plex.gate = asyncio.Event()
    job_id = await house.syncing.start(ATTIC)
    await house.until_asked(1)
    began = SystemClock().now()
    await house.syncing.cancel(job_id)
    job = await house.over(job_id)
    assert job.status is SyncStatus.CANCELLED
    assert SystemClock().now() - began < timedelta(seconds=5)
    with pytest.raises(Conflict):
        await house.syncing.cancel(job_id)


async def test_what_a_stop_cut_short_is_told_and_begun_once_more(house: House) -> None:
    house.plex.sections = [films(2)]
    job = SyncJob(SyncJobId("sj_old"), BARN, SystemClock().now())
    await house.add_server(BARN, house.plex.url)
    job.begin(SystemClock().now())
    await house.store.jobs.add(job)
    await house.syncing.recover()
    old = await house.store.jobs.get(job.id)
    assert (old.status, old.error) == (SyncStatus.FAILED, RESTARTED)
    (again,) = await house.store.jobs.open()
    assert again.resumes
    assert (await house.over(again.id)).status is SyncStatus.COMPLETED


async def test_what_was_cut_short_twice_is_not_begun_again(house: House) -> None:
    job = replace(SyncJob(SyncJobId("sj_old"), BARN, SystemClock().now()), resumes=True)
    job.begin(SystemClock().now())
    await house.store.jobs.add(job)
    await house.syncing.recover()
    assert await house.store.jobs.open() == []


async def test_a_server_that_is_disabled_or_unknown_is_not_synced(house: House) -> None:
    await house.add_server(BARN, house.plex.url, enabled=False)
    with pytest.raises(Conflict, match="disabled"):
        await house.syncing.start(BARN)
    with pytest.raises(NotFound):
        await house.syncing.start(ServerId("sv_nobody"))


async def test_the_libraries_of_a_server_that_is_away_are_those_of_last_time(house: House) -> None:
    house.plex.sections = [films(1)]
    assert [library.title for library in await house.syncing.libraries(ATTIC)] == ["Films"]
    house.plex.trouble = lambda _path, _number: web.Response(status=503)
    assert [library.title for library in await house.syncing.libraries(ATTIC)] == ["Films"]
    await house.add_server(BARN, "http://127.0.0.1:1")
    with pytest.raises(Unreachable):
        await house.syncing.libraries(BARN)


async def test_a_server_that_hangs_fails_the_job_within_twenty_seconds(plex: ScriptedPlex) -> None:
    plex.gate = asyncio.Event()
    store = MemoryMediaStore()
    async with house_over(store, MemoryMediaQueries(store), plex, timeout=0.05) as house:
        job = await house.synced()
    assert job.status is SyncStatus.FAILED
    assert "did not answer" in (job.error or "")


async def test_a_server_that_is_removed_during_a_pass_leaves_nothing(house: House) -> None:
    house.plex.sections = [films(2)]
    house.plex.gate = asyncio.Event()
    await house.syncing.start(ATTIC)
    await house.until_asked(1)
    await house.store.items.remove_server(ATTIC)
    house.plex.gate.set()
    async with asyncio.timeout(5):
        while house.plex.asked("/library/sections") == 0 or await house.rows():  # noqa: ASYNC110 - rows tell nobody
            await asyncio.sleep(0.01)
    assert await house.store.jobs.open() == []
