"""Passes over a scripted Plex server's libraries, through the real adapter, into memory and into SQLite."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from earshelf.domain.errors import Conflict, Invalid
from earshelf.domain.ids import ServerId
from earshelf.domain.media import LibraryType
from earshelf.domain.sync_jobs import SyncStatus
from tests.plex import composed
from tests.plex.server import ScriptedPlex, ScriptedSection, serving
from tests.unit.plex_house import ATTIC, BARN, House, films, house_over, in_memory, in_sqlite


@pytest.fixture(params=[in_memory, in_sqlite], ids=["memory", "sqlite"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    async with (
        serving(ScriptedPlex()) as plex,
        request.param(tmp_path) as (store, lists),
        house_over(store, lists, plex) as opened,
    ):
        yield opened


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
