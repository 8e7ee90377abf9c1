"""What every store promises of the history of who watched what.

A subclass's fixtures are those of the suite of media servers' libraries.
"""

import pytest

from earshelf.domain.errors import NotFound
from earshelf.domain.ids import MediaId
from earshelf.domain.watches import Watch
from earshelf.ports.media import MediaQueries, MediaStore
from earshelf.ports.queries import Window

from .makers import NOON, at
from .media import ALL, ATTIC, BARN, a_library, an_item, put


async def seen(lists: MediaQueries, media_id: MediaId) -> list[tuple[str, object]]:
    """Returns who watched an item, and when."""
    page = await lists.watches(media_id, ALL)
    assert page.total == len(page.rows)
    return [(watch.viewer, watch.watched_at) for watch in page.rows]


class WatchLogContract:
    """The history of an item."""

    async def test_who_watched_an_item_comes_back_newest_first(self, store: MediaStore, lists: MediaQueries) -> None:
        await put(store, item := an_item("1"), other := an_item("2"))
        full = Watch("1", at(5), "tom", "Living room", "Android")
        await store.watches.add(ATTIC, [Watch("1", at(1)), full, Watch("2", at(9)), Watch("404", at(20))])
        page = await lists.watches(item.id, ALL)
        assert (list(page.rows), page.total) == ([full, Watch("1", at(1))], 2)
        assert list((await lists.watches(item.id, Window(1, 1))).rows) == [Watch("1", at(1))]
        assert await seen(lists, other.id) == [("Unknown", at(9))]
        with pytest.raises(NotFound):
            await lists.watches(MediaId("md_nobody"), ALL)

    async def test_the_same_is_written_down_once(self, store: MediaStore, lists: MediaQueries) -> None:
        await put(store, item := an_item("1"))
        for _ in range(2):
            await store.watches.add(ATTIC, [Watch("1", at(1)), Watch("1", at(1), "tom"), Watch("1", at(1))])
        assert await seen(lists, item.id) == [("Unknown", at(1)), ("tom", at(1))]

    async def test_the_newest_of_a_server_is_told(self, store: MediaStore) -> None:
        await put(store, an_item("1"), an_item("1", server_id=BARN))
        assert await store.watches.newest(ATTIC) is None
        await store.watches.add(ATTIC, [Watch("1", at(7)), Watch("1", at(3))])
        await store.watches.add(BARN, [Watch("1", at(90))])
        assert await store.watches.newest(ATTIC) == at(7)

    async def test_the_history_moves_with_its_item(self, store: MediaStore, lists: MediaQueries) -> None:
        await put(store, old := an_item("1"), new := an_item("9"))
        await store.watches.add(ATTIC, [Watch("1", at(1)), Watch("9", at(1)), Watch("9", at(5))])
        await store.removed.reunite({old.id: new.id})
        assert await seen(lists, old.id) == [("Unknown", at(5)), ("Unknown", at(1))]
        assert {watch.key for watch in (await lists.watches(old.id, ALL)).rows} == {"9"}

    async def test_the_history_comes_back_with_a_removed_item_and_is_forgotten_with_it(
        self, store: MediaStore, lists: MediaQueries
    ) -> None:
        await put(store, back := an_item("1"), gone := an_item("2"))
        await store.watches.add(ATTIC, [Watch("1", at(1)), Watch("2", at(2))])
        await store.removed.put_away(ATTIC, ["1", "2"], NOON)
        assert await store.watches.newest(ATTIC) == at(2)
        await put(store, again := an_item("1"))
        await store.removed.reunite({back.id: again.id})
        assert await seen(lists, back.id) == [("Unknown", at(1))]
        await store.removed.forget(at(1))
        assert await store.watches.newest(ATTIC) == at(1)
        with pytest.raises(NotFound):
            await lists.watches(gone.id, ALL)

    async def test_the_history_goes_with_its_library_and_its_server(self, store: MediaStore) -> None:
        await store.libraries.put([a_library()])
        await put(store, an_item("1"), an_item("2"), an_item("3", library_key="2"))
        await store.watches.add(ATTIC, [Watch("1", at(8)), Watch("2", at(9)), Watch("3", at(3))])
        await store.removed.put_away(ATTIC, ["2"], NOON)
        await store.removed.purge(ATTIC, "1")
        assert await store.watches.newest(ATTIC) == at(3)
        await store.items.remove_server(ATTIC)
        assert await store.watches.newest(ATTIC) is None
