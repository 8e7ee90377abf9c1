"""Passes over a scripted Plex server's libraries, through the real adapter, into memory and into SQLite."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from earshelf.adapters.memory.media import MemoryMediaQueries, MemoryMediaStore
from earshelf.adapters.system import SystemClock
from earshelf.domain.accounts import TokenState
from earshelf.domain.errors import Conflict, Invalid, NotFound, Unreachable
from earshelf.domain.ids import ServerId, SyncJobId
from earshelf.domain.media import LibraryType
from earshelf.domain.sync_jobs import RESTARTED, SyncJob, SyncStatus
from tests.plex import composed
from tests.plex.server import PAGE, ScriptedPlex, ScriptedSection, serving
from tests.unit.plex_house import ATTIC, BARN, House, films, house_over, in_memory, in_sqlite


@pytest.fixture
async def plex() -> AsyncIterator[ScriptedPlex]:
    async with serving(ScriptedPlex()) as scripted:
        yield scripted


@pytest.fixture(params=[in_memory, in_sqlite], ids=["memory", "sqlite"])
async def house(request: pytest.FixtureRequest, plex: ScriptedPlex, tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        store, lists = await stack.enter_async_context(request.param(tmp_path))
        yield await stack.enter_async_context(house_over(store, lists, plex))


async def test_everything_that_the_server_tells_of_a_film_is_kept(house: House) -> None:
    house.plex.sections = [films(3)]
    job = await house.synced()
    assert (job.status, job.error) == (SyncStatus.COMPLETED, None)
    assert (job.items_processed, job.total_items) == (3, 3)
    item = await house.item("1")
    content = item.content
    assert (content.title, content.year, content.studio) == ("Lights Harbour 1", 1951, "Nordlicht")
    assert content.external_ids == {"IMDB": "tt0000001", "TMDB": "1"}
    assert content.genres == ("Drama", "Mystery")
    assert [stream.kind.value for stream in content.streams] == ["video", "audio", "subtitle", "subtitle"]
    assert content.file is not None
    assert (content.file.resolution, content.file.dynamic_range) == ("1080", "HDR10")
    assert content.file.audio_profile == "DTS-HD MA"
    assert content.roles[0].role == "Keeper"


async def test_unchanged_items_cost_no_detail_request(house: House) -> None:
    house.plex.sections = [films(60)]
    await house.synced()
    house.plex.requests.clear()
    job = await house.synced()
    assert job.items_processed == 60
    assert house.plex.asked("/library/metadata/") == 0


async def test_plays_of_unchanged_items_are_seen(house: House) -> None:
    house.plex.sections = [films(3)]
    await house.synced()
    house.plex.sections[0].rows = [composed.film(number, plays=number) for number in (1, 2, 3)]
    house.plex.requests.clear()
    await house.synced()
    assert house.plex.asked("/library/metadata/") == 0
    assert [row.play_count for row in await house.rows()] == [1, 2, 3]


async def test_plays_of_everybody_count_where_the_history_tells_of_them(house: House) -> None:
    house.plex.sections = [films(2)]
    house.plex.history = [{"ratingKey": "1", "viewedAt": composed.BEGAN + place} for place in range(4)]
    house.plex.history.append({"ratingKey": "1", "viewedAt": composed.BEGAN, "viewOffset": 10, "duration": 100})
    await house.synced()
    assert [row.play_count for row in await house.rows()] == [4, 0]


async def test_only_what_changed_is_read_again(house: House) -> None:
    house.plex.sections = [films(200)]
    await house.synced()
    rows = list(house.plex.sections[0].rows)
    rows[41] = {**composed.film(42, revision=1), "title": "Recut"}
    house.plex.sections[0].rows = rows
    house.plex.requests.clear()
    await house.synced()
    assert [path for path in house.plex.requests if "/library/metadata/" in path] == [
        "/library/metadata/42?includeGuids=1&skipRefresh=1"
    ]
    assert (await house.item("42")).content.title == "Recut"


async def test_a_file_that_was_replaced_is_noticed_without_a_new_time(house: House) -> None:
    house.plex.sections = [films(1)]
    await house.synced()
    row = composed.film(1)
    row["Media"][0]["Part"][0]["file"] = "/data/films/1/better.mkv"
    house.plex.sections[0].rows = [row]
    await house.synced()
    assert [row.file_path for row in await house.rows()] == ["/data/films/1/better.mkv"]


async def test_what_left_the_library_is_removed(house: House) -> None:
    house.plex.sections = [films(10)]
    await house.synced()
    house.plex.sections[0].rows = house.plex.sections[0].rows[:7]
    await house.synced()
    assert [row.key for row in await house.rows()] == [str(number) for number in range(1, 8)]


async def test_a_mass_removal_waits_for_a_second_pass(house: House) -> None:
    house.plex.sections = [films(200)]
    await house.synced()
    house.plex.sections[0].rows = house.plex.sections[0].rows[:60]
    await house.synced()
    (library,) = await house.store.libraries.of_server(ATTIC)
    assert (len(await house.rows()), library.held_back) == (200, 140)
    await house.synced()
    assert len(await house.rows()) == 60


async def test_a_library_that_looks_empty_loses_nothing_however_often(house: House) -> None:
    house.plex.sections = [films(5)]
    await house.synced()
    house.plex.sections[0].rows = []
    for _ in range(3):
        assert (await house.synced()).status is SyncStatus.COMPLETED
    assert len(await house.rows()) == 5


async def test_a_library_that_the_server_does_not_list_keeps_its_items(house: House) -> None:
    house.plex.sections = [films(2)]
    await house.synced()
    house.plex.sections = []
    await house.synced()
    (library,) = await house.store.libraries.of_server(ATTIC)
    assert (library.is_missing, len(await house.rows())) == (True, 2)


async def test_an_outage_in_the_middle_fails_the_job_and_removes_nothing(house: House) -> None:
    house.plex.sections = [films(1200)]
    await house.synced()
    house.plex.trouble = lambda path, _: web.Response(status=503) if "Start=500" in path or "/all" in path else None
    job = await house.synced()
    assert job.status is SyncStatus.FAILED
    assert "server error (HTTP 503)" in (job.error or "")
    assert len(await house.rows()) == 1200


async def test_a_token_that_dies_in_the_middle_is_told_as_such(house: House) -> None:
    house.plex.sections = [films(1200)]

    def die(path: str, number: int) -> web.Response | None:
        return web.Response(status=401, body=PAGE) if number > 12 else None

    house.plex.trouble = die
    job = await house.synced()
    assert job.status is SyncStatus.FAILED
    assert "credentials were refused" in (job.error or "")
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


async def test_episodes_have_their_series_ids_and_never_their_own_for_them(house: House) -> None:
    rows = [composed.episode(1, series=7000), composed.episode(2, series=8000)]
    house.plex.sections = [
        ScriptedSection("2", "show", "Serien", rows, [composed.series(7000, 55), {"ratingKey": "8000", "type": "show"}])
    ]
    await house.synced()
    first, second = await house.item("1"), await house.item("2")
    assert (first.type, first.content.external_ids) == (LibraryType.SERIES, {"TVDB": "55"})
    assert (first.content.own_ids, first.content.genres) == ({"TVDB": "1999"}, ("Drama", "Mystery"))
    assert second.content.external_ids == {}


async def test_episodes_are_read_again_when_their_series_gets_other_ids(house: House) -> None:
    section = ScriptedSection("2", "show", "Serien", [composed.episode(1, series=7000)], [composed.series(7000, 55)])
    house.plex.sections = [section]
    await house.synced()
    section.series = [composed.series(7000, 56)]
    await house.synced()
    assert (await house.item("1")).content.external_ids == {"TVDB": "56"}


async def test_music_is_kept_without_a_picture(house: House) -> None:
    house.plex.sections = [ScriptedSection("5", "artist", "Musik", [composed.track(9)])]
    await house.synced()
    item = await house.item("9")
    assert (item.type, item.content.album_title, item.content.parent_title) == (
        LibraryType.MUSIC,
        "Tides",
        "The Keepers",
    )
    assert item.content.file is not None
    assert (item.content.file.dynamic_range, item.content.file.audio_codec) == (None, "flac")


async def test_photos_collections_and_items_without_media_do_no_harm(house: House) -> None:
    bare = {name: value for name, value in composed.film(2).items() if name != "Media"}
    collection = {"ratingKey": "900", "type": "collection", "title": "All of them"}
    house.plex.sections = [
        ScriptedSection("1", rows=[composed.film(1), collection, bare]),
        ScriptedSection("8", "photo", "Pictures", [composed.film(50)]),
    ]
    job = await house.synced()
    assert (job.status, [row.key for row in await house.rows()]) == (SyncStatus.COMPLETED, ["1", "2"])
    assert (await house.item("2")).content.file is None


async def test_a_library_that_is_not_wanted_is_not_asked_for(house: House) -> None:
    house.plex.sections = [films(2), ScriptedSection("3", title="More", rows=[composed.film(77)])]
    await house.syncing.libraries(ATTIC)
    await house.syncing.enable(ATTIC, "3", enabled=False)
    await house.synced()
    assert (house.plex.asked("/sections/3/all"), len(await house.rows())) == (0, 2)


async def test_one_library_can_be_synced_alone(house: House) -> None:
    house.plex.sections = [films(2), ScriptedSection("3", title="More", rows=[composed.film(77)])]
    await house.syncing.libraries(ATTIC)
    await house.synced(library_key="3")
    assert [row.key for row in await house.rows()] == ["77"]
    with pytest.raises(Invalid):
        await house.syncing.start(ATTIC, library_key="4")


async def test_a_library_that_got_another_key_is_the_same_library(house: House) -> None:
    house.plex.sections = [films(2, uuid="u-1")]
    await house.synced()
    ids = {row.key: row.id for row in await house.rows()}
    house.plex.sections[0].key = "9"
    await house.synced()
    (library,) = await house.store.libraries.of_server(ATTIC)
    assert (library.key, {row.key: row.id for row in await house.rows(library_key="9")}) == ("9", ids)


async def test_copies_on_two_servers_are_linked(house: House) -> None:
    house.plex.sections = [films(2)]
    await house.add_server(BARN, house.plex.url)
    await house.synced()
    await house.synced(BARN)
    (row,) = [row for row in await house.rows(server_id=ATTIC) if row.key == "1"]
    assert [copy.server_id for copy in await house.lists.copies(row.id)] == [ATTIC, BARN]


async def test_a_server_takes_one_pass_at_a_time_and_the_house_two(house: House) -> None:
    house.plex.sections = [films(2)]
    house.plex.gate = asyncio.Event()
    third = ServerId("sv_third")
    for server_id in (BARN, third):
        await house.add_server(server_id, house.plex.url)
    jobs = [await house.syncing.start(server_id) for server_id in (ATTIC, BARN, third)]
    with pytest.raises(Conflict, match="is under way"):
        await house.syncing.start(ATTIC)
    await house.until_asked(2)
    statuses = [(await house.store.jobs.get(job)).status for job in jobs]
    assert statuses == [SyncStatus.RUNNING, SyncStatus.RUNNING, SyncStatus.PENDING]
    house.plex.gate.set()
    assert [(await house.over(job)).status for job in jobs] == [SyncStatus.COMPLETED] * 3


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


async def test_plays_never_go_back_between_two_passes(house: House) -> None:
    house.plex.sections = [films(2)]
    house.plex.history = [{"ratingKey": "1", "viewedAt": composed.BEGAN + 9_000 + place} for place in range(4)]
    await house.synced()
    before = (await house.item("1")).plays
    house.plex.sections[0].rows = [composed.film(1, revision=1, plays=1), composed.film(2)]
    await house.following.changed(ATTIC, ["1"])
    after = (await house.item("1")).plays
    assert (after.count, after.last_played_at) == (4, before.last_played_at)
