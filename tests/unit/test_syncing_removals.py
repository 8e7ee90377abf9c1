"""What becomes of items that a server lists no more, and of those that come back, on every storage."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from earshelf.adapters.memory.system import SettableClock
from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.media import PostgresMediaStore
from earshelf.adapters.postgres.media_queries import PostgresMediaQueries
from earshelf.adapters.system import SystemClock
from earshelf.domain.errors import Conflict, NotFound
from earshelf.domain.ids import MediaId
from earshelf.domain.sync_jobs import SyncStatus
from earshelf.domain.usecases.weeding import KEPT, Weeding
from earshelf.ports.media import MediaFilter, MediaQueries, MediaStore
from earshelf.ports.queries import Window
from tests.databases.postgres import PostgresServer
from tests.plex import composed
from tests.plex.server import ScriptedPlex, ScriptedSection, serving
from tests.unit.plex_house import ATTIC, House, films, house_over, in_memory, in_sqlite

AGAIN = 10_000


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        plex = await stack.enter_async_context(serving(ScriptedPlex()))
        if request.param == "postgres":
            server: PostgresServer = request.getfixturevalue("postgres_server")
            dsn = await stack.enter_async_context(server.fresh_database())
            database = await stack.enter_async_context(PostgresDatabase(dsn))
            stores: tuple[MediaStore, MediaQueries] = (PostgresMediaStore(database), PostgresMediaQueries(database))
        else:
            maker = in_memory if request.param == "memory" else in_sqlite
            stores = await stack.enter_async_context(maker(tmp_path))
        yield await stack.enter_async_context(house_over(stores[0], stores[1], plex))


def anew(number: int, **values: Any) -> dict[str, Any]:
    """Returns a film as its server spells it after it gave it another key."""
    key = str(number + AGAIN)
    return {**composed.film(number), "ratingKey": key, "addedAt": composed.BEGAN + AGAIN + number, **values}


async def ids(house: House) -> dict[str, MediaId]:
    return {row.key: row.id for row in await house.rows()}


async def removed(house: House) -> list[str]:
    page = await house.lists.removed(Window(1000), only=MediaFilter(server_id=ATTIC))
    assert page.total == len(page.rows)
    return sorted(row.item.key for row in page.rows)


async def test_what_left_is_kept_for_a_while_and_comes_back_as_it_was(house: House) -> None:
    house.plex.sections = [films(5)]
    await house.synced()
    before = await ids(house)
    rows = house.plex.sections[0].rows
    house.plex.sections[0].rows = rows[:4]
    await house.synced()
    assert (sorted(await ids(house)), await removed(house)) == (["1", "2", "3", "4"], ["5"])
    house.plex.sections[0].rows = rows
    await house.synced()
    assert (await ids(house), await removed(house)) == (before, [])


async def test_an_item_that_got_another_key_keeps_its_id_its_time_and_its_plays(house: House) -> None:
    section = ScriptedSection("1", rows=[composed.film(1, plays=3), composed.film(2)])
    house.plex.sections = [section]
    await house.synced()
    before = await house.item("1")
    section.rows = [composed.film(2), anew(1)]
    for _ in range(2):
        await house.synced()
        after = await house.item(str(1 + AGAIN))
        assert (after.id, after.content.added_at) == (before.id, before.content.added_at)
        assert (after.plays.count, after.plays.last_played_at) == (3, before.plays.last_played_at)
    assert (len(await house.rows()), await removed(house)) == (2, [])


async def test_a_library_that_was_built_anew_is_the_same_in_one_pass(house: House) -> None:
    house.plex.sections = [films(150)]
    await house.synced()
    before = await ids(house)
    house.plex.sections[0].rows = [anew(number) for number in range(150, 0, -1)]
    await house.synced()
    after = await ids(house)
    assert {key: after[str(int(key) + AGAIN)] for key in before} == before
    (library,) = await house.store.libraries.of_server(ATTIC)
    assert (len(after), library.held_back, await removed(house)) == (150, None, [])


async def test_a_library_that_was_deleted_and_made_anew_keeps_its_items(house: House) -> None:
    house.plex.sections = [films(3), ScriptedSection("2", rows=[composed.film(8)])]
    await house.synced()
    before = await ids(house)
    made = ScriptedSection("5", title="Films", rows=[anew(number) for number in (1, 2, 4)])
    house.plex.sections = [made, house.plex.sections[1]]
    await house.synced()
    after = await ids(house)
    assert [after[key] for key in ("10001", "10002", "8")] == [before[key] for key in ("1", "2", "8")]
    # what nothing took the place of stays with the library that is listed no more
    assert (len(after), after["3"], {row.key for row in await house.rows(library_key="1")}) == (5, before["3"], {"3"})


@pytest.mark.parametrize("left", [0, 1])
async def test_most_of_a_library_that_moved_to_another_one_is_the_same(house: House, left: int) -> None:
    here, there = ScriptedSection("1", rows=films(100).rows), ScriptedSection("2", title="More")
    house.plex.sections = [here, there]
    await house.synced()
    before = await ids(house)
    here.rows, there.rows = here.rows[:left], [anew(number) for number in range(left + 1, 101)]
    await house.synced()
    after = await ids(house)
    assert (len(after), {after[str(number + AGAIN)] for number in range(left + 1, 101)}) == (
        100,
        {before[str(number)] for number in range(left + 1, 101)},
    )


async def test_what_slips_by_while_a_listing_gets_shorter_is_not_gone(house: House) -> None:
    house.plex.sections = [films(540)]
    await house.synced()
    rows = list(house.plex.sections[0].rows)

    def shorter(path: str, _: int) -> None:
        if house.plex.requests[-1].endswith("Start=500&X-Plex-Container-Size=500"):
            house.plex.sections[0].rows = rows[10:]

    house.plex.trouble = shorter
    await house.synced()
    assert (len(await house.rows()), await removed(house)) == (540, [])
    house.plex.trouble = lambda *_: None
    await house.synced()
    assert (len(await house.rows()), len(await removed(house))) == (530, 10)


async def test_a_server_that_shows_the_same_page_for_ever_loses_nothing(house: House) -> None:
    house.plex.sections = [films(540)]
    await house.synced()
    first = {"totalSize": 540, "Metadata": list(house.plex.sections[0].rows)[:500]}
    page = web.json_response({"MediaContainer": first}).body
    house.plex.trouble = lambda path, _: (
        web.Response(body=page, content_type="application/json") if path.endswith("/all") else None
    )
    assert (await house.synced()).status is SyncStatus.COMPLETED
    assert (len(await house.rows()), await removed(house)) == (540, [])


async def test_another_file_and_another_match_is_another_item(house: House) -> None:
    house.plex.sections = [films(2)]
    await house.synced()
    house.plex.sections[0].rows = [composed.film(2), composed.film(3)]
    before = await ids(house)
    await house.synced()
    assert before["1"] not in (await ids(house)).values()
    assert await removed(house) == ["1"]


async def test_a_copy_that_was_always_there_takes_no_place(house: House) -> None:
    guid = {"guid": "plex://movie/one"}
    cuts = [{**composed.film(number), **guid} for number in (1, 2)]
    house.plex.sections = [ScriptedSection("1", rows=[*cuts, composed.film(3)])]
    await house.synced()
    before = await ids(house)
    house.plex.sections[0].rows = [cuts[1], composed.film(3)]
    await house.synced()
    assert await ids(house) == {key: before[key] for key in ("2", "3")}


@pytest.mark.parametrize("order", [("1", "2"), ("2", "1")])
async def test_an_item_that_moved_to_another_library_is_the_same(house: House, order: tuple[str, str]) -> None:
    sections = {
        "1": ScriptedSection("1", rows=[composed.film(1), composed.film(2)]),
        "2": ScriptedSection("2", title="More", rows=[composed.film(7)]),
    }
    house.plex.sections = [sections[key] for key in order]
    await house.synced()
    before = await ids(house)
    sections["1"].rows, sections["2"].rows = [composed.film(1)], [composed.film(7), anew(2)]
    await house.synced()
    item = await house.item(str(2 + AGAIN))
    assert (item.id, item.library_key, await removed(house)) == (before["2"], "2", [])


async def test_a_pass_that_failed_loses_no_reunion(house: House) -> None:
    house.plex.sections = [films(2), ScriptedSection("2", title="More", rows=[composed.film(7)])]
    await house.synced()
    before = await ids(house)
    house.plex.sections[0].rows = [composed.film(1), anew(2), composed.film(2)]
    house.plex.trouble = lambda path, _: web.Response(status=503) if "/2/all" in path else None
    assert (await house.synced()).status is SyncStatus.FAILED
    house.plex.trouble = lambda _path, _number: None
    house.plex.sections[0].rows = [composed.film(1), anew(2)]
    await house.synced()
    assert (await house.item(str(2 + AGAIN))).id == before["2"]


async def test_a_change_that_is_told_of_moves_the_item_too(house: House) -> None:
    house.plex.sections = [films(3)]
    await house.synced()
    before = await ids(house)
    house.plex.sections[0].rows = [composed.film(1), composed.film(3), anew(2)]
    await house.following.changed(ATTIC, ["2", str(2 + AGAIN)])
    assert (await ids(house))[str(2 + AGAIN)] == before["2"]
    house.plex.sections[0].rows = [composed.film(1), anew(2)]
    await house.following.changed(ATTIC, ["3"])
    assert await removed(house) == ["3"]
    house.plex.sections[0].rows = [composed.film(1), anew(2), anew(3)]
    await house.following.changed(ATTIC, [str(3 + AGAIN)])
    assert (await ids(house))[str(3 + AGAIN)] == before["3"]


async def test_what_was_removed_is_forgotten_after_a_week(house: House) -> None:
    house.plex.sections = [films(5)]
    await house.synced()
    house.plex.sections[0].rows = house.plex.sections[0].rows[:4]
    await house.synced()
    clock = SettableClock(SystemClock().now())
    weeding = Weeding(storage=house.database.storage, store=house.store, clock=clock)
    clock.advance((KEPT - timedelta(minutes=1)).total_seconds())
    await weeding.weed()
    assert await removed(house) == ["5"]
    clock.advance(120)
    await weeding.weed()
    assert await removed(house) == []


async def test_a_library_is_purged_when_nothing_would_bring_it_back(house: House) -> None:
    house.plex.sections = [films(3), ScriptedSection("2", title="More", rows=[composed.film(7)])]
    await house.synced()
    weeding = Weeding(storage=house.database.storage, store=house.store, clock=SystemClock())
    with pytest.raises(Conflict, match="switch it off"):
        await weeding.purge(ATTIC, "1")
    with pytest.raises(NotFound):
        await weeding.purge(ATTIC, "9")
    house.plex.sections = house.plex.sections[1:]
    await house.synced()
    assert [library.is_missing for library in await house.store.libraries.of_server(ATTIC)] == [True, False]
    assert await weeding.purge(ATTIC, "1") == 3
    assert [library.key for library in await house.store.libraries.of_server(ATTIC)] == ["2"]
    await house.syncing.enable(ATTIC, "2", enabled=False)
    assert (await weeding.purge(ATTIC, "2"), await house.rows()) == (1, [])
    assert [library.key for library in await house.store.libraries.of_server(ATTIC)] == ["2"]


async def test_who_watched_an_item_is_known_and_stays_known_under_another_key(house: House) -> None:
    house.plex.sections = [films(2)]
    house.plex.history = [{"ratingKey": "1", "viewedAt": composed.BEGAN + 50, "accountID": 7}]
    await house.synced()
    item = await house.item("1")
    house.plex.history = [
        {"ratingKey": str(1 + AGAIN), "viewedAt": composed.BEGAN + 90, "accountID": 1, "deviceID": 12},
        {"viewedAt": composed.BEGAN + 50, "accountID": 7},
    ]
    house.plex.sections[0].rows = [composed.film(2), anew(1)]
    await house.synced()
    page = await house.lists.watches(item.id, Window(10))
    assert [(watch.viewer, watch.device) for watch in page.rows] == [("marta_k", "Living room"), ("tom", None)]


async def test_a_history_that_cannot_be_read_fails_no_sync_and_forgets_nothing(house: House) -> None:
    house.plex.sections = [films(2)]
    house.plex.history = [{"ratingKey": "1", "viewedAt": composed.BEGAN + 50, "accountID": 7}]
    await house.synced()
    house.plex.trouble = lambda path, _: web.Response(status=403) if path == "/accounts" else None
    assert (await house.synced()).status is SyncStatus.COMPLETED
    house.plex.trouble, house.plex.history = (lambda _path, _number: None), []
    await house.synced()
    assert (await house.lists.watches((await house.item("1")).id, Window(10))).total == 1


async def test_the_history_of_a_library_that_is_new_is_read_whole(house: House) -> None:
    more = ScriptedSection("2", title="More", rows=[composed.film(7)])
    house.plex.sections = [films(2)]
    house.plex.history = [
        {"ratingKey": "1", "viewedAt": composed.BEGAN + 50},
        {"ratingKey": "7", "viewedAt": composed.BEGAN + 10},
    ]
    await house.synced()
    house.plex.sections = [films(2), more]
    await house.synced()
    assert (await house.lists.watches((await house.item("7")).id, Window(10))).total == 1
