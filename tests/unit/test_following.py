"""Changes that a scripted Plex server tells of are followed between two passes, in memory and in SQLite."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.plex import composed
from tests.plex.server import ScriptedPlex, ScriptedSection, serving
from tests.unit.plex_house import ATTIC, House, films, house_over, in_memory, in_sqlite


@pytest.fixture(params=[in_memory, in_sqlite], ids=["memory", "sqlite"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    async with (
        serving(ScriptedPlex()) as plex,
        request.param(tmp_path) as (store, lists),
        house_over(store, lists, plex) as opened,
    ):
        yield opened


async def test_a_single_change_is_followed_without_a_pass(house: House) -> None:
    house.plex.sections = [films(3)]
    await house.synced()
    house.plex.sections[0].rows = [composed.film(1, revision=1, plays=2), *house.plex.sections[0].rows[2:]]
    house.plex.requests.clear()
    await house.following.changed(ATTIC, ["1", "2"])
    assert [(row.key, row.play_count) for row in await house.rows()] == [("1", 2), ("3", 0)]
    assert house.plex.asked("/all") == 0


async def test_an_answer_that_proves_nothing_removes_nothing_and_asks_for_a_pass(house: House) -> None:
    house.plex.sections = [films(3)]
    await house.synced()
    house.plex.trouble = lambda path, _: web.Response(status=500) if "/metadata/" in path else None
    await house.following.changed(ATTIC, ["1"])
    assert len(await house.rows()) == 3
    (job,) = await house.store.jobs.open()
    await house.over(job.id)


async def test_too_many_changes_are_worth_a_pass(house: House) -> None:
    house.plex.sections = [films(150)]
    await house.syncing.libraries(ATTIC)
    await house.following.changed(ATTIC, [str(number) for number in range(1, 151)])
    (job,) = await house.store.jobs.open()
    assert (await house.over(job.id)).items_processed == 150


async def test_a_followed_episode_is_as_a_pass_would_have_read_it(house: House) -> None:
    rows, shows = [composed.episode(1, series=7000)], [composed.series(7000, 55)]
    house.plex.sections = [ScriptedSection("1", "show", "Serien", rows, shows)]
    await house.syncing.libraries(ATTIC)
    await house.following.changed(ATTIC, ["1", "7000"])
    house.plex.requests.clear()
    await house.synced()
    assert house.plex.asked("/library/metadata/") == 0
    assert (await house.item("1")).content.external_ids == {"TVDB": "55"}


async def test_a_series_that_changed_refreshes_its_episodes_and_nothing_else(house: House) -> None:
    rows = [composed.episode(number, series=7000) for number in range(1, 31)] + [composed.episode(40, series=8000)]
    section = ScriptedSection("2", "show", "Serien", rows, [composed.series(7000, 55), composed.series(8000, 9)])
    house.plex.sections = [section]
    await house.synced()
    house.plex.requests.clear()
    await house.following.changed(ATTIC, ["7000"])
    assert house.plex.asked("/library/metadata/") == 2
    changed = {**composed.series(7000, 56), "Genre": [{"tag": "Comedy"}]}
    section.series = [changed, section.series[1]]
    house.plex.requests.clear()
    await house.following.changed(ATTIC, ["7000"])
    assert house.plex.asked("/all?") == 0
    for number in (1, 17, 30):
        assert (await house.item(str(number))).content.external_ids == {"TVDB": "56"}
    assert (await house.item("40")).content.external_ids == {"TVDB": "9"}
    house.plex.requests.clear()
    await house.synced()
    assert house.plex.asked("/library/metadata/") == 0


async def test_a_server_that_shows_one_page_of_a_series_for_ever_holds_nobody_up(house: House) -> None:
    rows, shows = [composed.episode(1, series=7000)], [composed.series(7000, 55)]
    house.plex.sections = [ScriptedSection("2", "show", "Serien", rows, shows)]
    await house.synced()
    house.plex.sections[0].series = [composed.series(7000, 56)]
    page = {"MediaContainer": {"size": 1, "totalSize": 10**12, "Metadata": rows}}
    house.plex.trouble = lambda path, _: web.json_response(page) if path.endswith("/allLeaves") else None
    async with asyncio.timeout(25):
        await house.following.changed(ATTIC, ["7000"])
    assert (await house.item("1")).content.external_ids == {"TVDB": "56"}


async def test_plays_never_go_back_between_two_passes(house: House) -> None:
    house.plex.sections = [films(2)]
    house.plex.history = [{"ratingKey": "1", "viewedAt": composed.BEGAN + 9_000 + place} for place in range(4)]
    await house.synced()
    before = (await house.item("1")).plays
    house.plex.sections[0].rows = [composed.film(1, revision=1, plays=1), composed.film(2)]
    await house.following.changed(ATTIC, ["1"])
    after = (await house.item("1")).plays
    assert (after.count, after.last_played_at) == (4, before.last_played_at)
