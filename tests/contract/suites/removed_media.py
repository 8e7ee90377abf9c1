"""What every store promises of items that their servers list no more.

A subclass's fixtures are those of the suite of media servers' libraries.
"""

from datetime import timedelta

import pytest

from earshelf.domain.errors import NotFound
from earshelf.domain.media import LibraryType, Plays
from earshelf.domain.reunions import Trace
from earshelf.ports.media import MediaFilter, MediaQueries, MediaSort, MediaStore
from earshelf.ports.queries import Window

from .makers import NOON, at
from .media import ALL, ATTIC, BARN, FULL, a_library, an_item, put


async def listed(lists: MediaQueries) -> list[str]:
    """Returns the keys of listed items, oldest first."""
    page = await lists.page(ALL, only=MediaFilter(), sort=MediaSort.ADDED_AT, ascending=True)
    assert page.total == len(page.rows)
    return [row.key for row in page.rows]


async def put_away(lists: MediaQueries, window: Window = ALL, **only: object) -> tuple[list[str], int]:
    """Returns the keys of removed items, the last removed first, and how many there are."""
    page = await lists.removed(window, only=MediaFilter(**only))  # type: ignore[arg-type]
    return [row.item.key for row in page.rows], page.total


class RemovedItemContract:
    """Removal and return."""

    async def test_what_is_removed_is_in_its_own_list_only(self, store: MediaStore, lists: MediaQueries) -> None:
        item = an_item("1", content=FULL, plays=Plays(2, at(3)))
        await put(store, item, an_item("2"), an_item("3"), an_item("1", server_id=BARN))
        await store.removed.put_away(ATTIC, ["1", "unknown"], at(10))
        await store.removed.put_away(ATTIC, ["3"], at(20))
        assert await listed(lists) == ["2", "1"]
        assert await put_away(lists) == (["3", "1"], 2)
        assert await put_away(lists, Window(1, 1)) == (["1"], 2)
        assert await store.items.keys(ATTIC, "1") == {"2"}
        assert await store.items.marks(ATTIC, ["1"]) == {}
        (row,) = (await lists.removed(Window(1, 1), only=MediaFilter())).rows
        assert (row.removed_at, row.item.id, row.item.title) == (at(10), item.id, FULL.title)
        assert (row.item.play_count, row.item.last_played_at) == (2, at(3))
        with pytest.raises(NotFound):
            await lists.item(item.id)

    async def test_removed_items_are_found_by_no_word_and_link_to_no_copy(
        self, store: MediaStore, lists: MediaQueries
    ) -> None:
        here, there = (
            an_item("1", external_ids={"TMDB": "603"}),
            an_item("1", server_id=BARN, external_ids={"TMDB": "603"}),
        )
        await put(store, here, there)
        await store.removed.put_away(ATTIC, ["1"], NOON)
        page = await lists.page(ALL, only=MediaFilter(words=("harbour",)), sort=MediaSort.TITLE, ascending=True)
        assert ([row.id for row in page.rows], page.total) == ([there.id], 1)
        assert [copy.id for copy in await lists.copies(there.id)] == [there.id]

    async def test_removed_items_are_filtered(self, store: MediaStore, lists: MediaQueries) -> None:
        await put(
            store, an_item("1"), an_item("2", library_key="2", type=LibraryType.MUSIC), an_item("3", server_id=BARN)
        )
        await store.removed.put_away(ATTIC, ["1", "2"], NOON)
        await store.removed.put_away(BARN, ["3"], NOON)
        assert await put_away(lists, server_id=ATTIC) == (["2", "1"], 2)
        assert await put_away(lists, server_id=ATTIC, library_key="2") == (["2"], 1)
        assert await put_away(lists, type=LibraryType.MUSIC) == (["2"], 1)

    async def test_what_was_put_away_is_forgotten_in_time(self, store: MediaStore, lists: MediaQueries) -> None:
        await put(store, an_item("1"), an_item("2"))
        await store.removed.put_away(ATTIC, ["1"], at(0))
        await store.removed.put_away(ATTIC, ["2"], at(100))
        await store.removed.forget(at(100))
        assert await put_away(lists) == (["2"], 1)

    async def test_traces_tell_what_an_item_can_be_found_again_by(self, store: MediaStore) -> None:
        film = an_item("1", guid="plex://movie/1", file_path="/films/1.mkv")
        episode = an_item("2", season_number=1, episode_number=2, server_id=BARN)
        await put(store, film, episode, an_item("3"))
        assert await store.removed.lost(ATTIC, ["1", "unknown"]) == [
            Trace(film.id, "1", "plex://movie/1", "/films/1.mkv")
        ]
        await store.removed.put_away(BARN, ["2"], NOON)
        assert await store.removed.lost(BARN, []) == [Trace(episode.id, "2", None, None, 1, 2)]
        assert await store.removed.lost(ATTIC, []) == []

    async def test_newcomers_are_those_since_their_library_was_settled(self, store: MediaStore) -> None:
        await store.libraries.put([a_library(), a_library("2"), a_library(server_id=BARN)])
        await put(store, an_item("1"), an_item("2", library_key="2"), an_item("3", server_id=BARN))
        await store.removed.settle(ATTIC, ["1"])
        assert [trace.key for trace in await store.removed.newcomers(ATTIC)] == ["2"]
        await store.libraries.put([a_library(title="Movies")])
        await put(store, an_item("1", "changed"), an_item("4"))
        assert [trace.key for trace in await store.removed.newcomers(ATTIC)] == ["2", "4"]

    async def test_what_comes_after_many_went_is_a_newcomer_all_the_same(self, store: MediaStore) -> None:
        await store.libraries.put([a_library(), a_library(server_id=BARN)])
        await put(store, an_item("1"), an_item("2", server_id=BARN), an_item("3", server_id=BARN))
        await store.removed.settle(ATTIC, ["1"])
        await store.items.remove_server(BARN)
        await put(store, an_item("4"))
        assert [trace.key for trace in await store.removed.newcomers(ATTIC)] == ["4"]

    async def test_an_item_under_another_key_takes_the_place_of_the_missing_one(
        self, store: MediaStore, lists: MediaQueries
    ) -> None:
        ids = {"TMDB": "603"}
        old = an_item("1", added_at=at(5), plays=Plays(4, at(50)), external_ids=ids)
        between = an_item("5", server_id=BARN, external_ids=ids)
        new = an_item("9", "Harbor Lights", added_at=at(900), plays=Plays(1, at(20), 70, 8.0), external_ids=ids)
        await put(store, old, between, new, an_item("10"))
        await store.removed.reunite({old.id: new.id})
        found = await lists.item(old.id)
        assert (found.mark.key, found.content.title, found.content.added_at) == ("9", "Harbor Lights", at(5))
        assert found.plays == Plays(4, at(50), 70, 8.0)
        assert [copy.id for copy in await lists.copies(old.id)] == [old.id, between.id]
        assert await store.items.keys(ATTIC, "1") == {"9", "10"}
        with pytest.raises(NotFound):
            await lists.item(new.id)
        for word, total in (("harbor", 1), ("harbour", 2)):
            page = await lists.page(ALL, only=MediaFilter(words=(word,)), sort=MediaSort.TITLE, ascending=True)
            assert (page.total, len(page.rows)) == (total, total)

    async def test_a_removed_item_comes_back_to_its_place(self, store: MediaStore, lists: MediaQueries) -> None:
        old, later = an_item("1", "A", added_at=None, plays=Plays(4, at(50))), an_item("2", "A")
        await put(store, old, later)
        await store.removed.put_away(ATTIC, ["1"], NOON)
        await put(store, back := an_item("1", "A", added_at=at(7)))
        await store.removed.reunite({old.id: back.id})
        page = await lists.page(ALL, only=MediaFilter(), sort=MediaSort.TITLE, ascending=True)
        assert [(row.id, row.play_count) for row in page.rows] == [(old.id, 4), (later.id, 0)]
        assert (await lists.item(old.id)).content.added_at == at(7)
        assert (await lists.page(ALL, only=MediaFilter(words=("a",)), sort=MediaSort.TITLE, ascending=True)).total == 2
        assert await put_away(lists) == ([], 0)

    async def test_what_came_after_a_removal_does_not_take_its_place(
        self, store: MediaStore, lists: MediaQueries
    ) -> None:
        await put(store, an_item("1", "A"), last := an_item("2", "A"))
        await store.removed.put_away(ATTIC, ["2"], NOON)
        await put(store, other := an_item("3", "A"), back := an_item("2", "A"))
        await store.removed.reunite({last.id: back.id})
        page = await lists.page(ALL, only=MediaFilter(), sort=MediaSort.TITLE, ascending=True)
        assert [row.id for row in page.rows][1:] == [last.id, other.id]

    async def test_what_an_item_brought_along_holds_when_it_is_written_again(
        self, store: MediaStore, lists: MediaQueries
    ) -> None:
        old = an_item("1", added_at=at(5), plays=Plays(4, at(50)))
        await put(store, old, new := an_item("9", added_at=at(900)))
        await store.removed.reunite({old.id: new.id})
        await put(store, an_item("9", "Again", added_at=at(900), plays=Plays(2, at(60))))
        found = await lists.item(old.id)
        assert (found.content.added_at, found.plays) == (at(5), Plays(4, at(60)))
        await store.items.put_plays(ATTIC, {"9": Plays(1)})
        assert (await lists.item(old.id)).plays == Plays(4, at(50))
        await store.items.put_plays(ATTIC, {"9": Plays(7, at(90))})
        assert (await lists.item(old.id)).plays == Plays(7, at(90))

    async def test_unknown_ids_reunite_nobody(self, store: MediaStore, lists: MediaQueries) -> None:
        await put(store, here := an_item("1"), there := an_item("2"))
        gone = an_item("3")
        await store.removed.reunite({gone.id: here.id, there.id: gone.id})
        assert await listed(lists) == ["1", "2"]

    async def test_a_purged_library_leaves_nothing_and_others_everything(
        self, store: MediaStore, lists: MediaQueries
    ) -> None:
        await store.libraries.put([a_library(is_missing=True), a_library("2"), a_library(server_id=BARN)])
        others = [an_item("3", library_key="2"), an_item("1", server_id=BARN)]
        await put(store, an_item("1"), an_item("2"), *others)
        await store.removed.put_away(ATTIC, ["2"], NOON)
        assert await store.removed.purge(ATTIC, "1") == 2
        assert (await listed(lists), await put_away(lists)) == (["3", "1"], ([], 0))
        page = await lists.page(ALL, only=MediaFilter(words=("harbour",)), sort=MediaSort.TITLE, ascending=True)
        assert page.total == 2
        assert [library.key for library in await store.libraries.of_server(ATTIC)] == ["2"]
        assert await store.removed.purge(ATTIC, "2") == 1
        assert [library.key for library in await store.libraries.of_server(ATTIC)] == ["2"]

    async def test_removed_items_follow_their_library_and_go_with_their_server(
        self, store: MediaStore, lists: MediaQueries
    ) -> None:
        await store.libraries.put([a_library()])
        await put(store, an_item("1"))
        await store.removed.put_away(ATTIC, ["1"], NOON + timedelta(days=1))
        await store.libraries.rekey(ATTIC, before="1", after="9")
        assert await put_away(lists, library_key="9") == (["1"], 1)
        await store.items.remove_server(ATTIC)
        assert await put_away(lists) == ([], 0)
