"""What every store promises of the marks that say when syncs were asked for last.

A subclass's fixtures are those of the suite of media servers' libraries.
"""

from earshelf.domain.ids import SyncJobId
from earshelf.domain.sync_schedules import SyncMark
from earshelf.ports.media import MediaStore

from .makers import at
from .media import ATTIC, BARN


class SyncMarkContract:
    """Marks."""

    async def test_marks_come_back_as_they_were_put(self, store: MediaStore) -> None:
        assert await store.marks.all() == {}
        bare, full = SyncMark(ATTIC, at(1)), SyncMark(BARN, at(2), SyncJobId("sj_1"), at(900), is_retried=True)
        await store.marks.put(bare)
        await store.marks.put(full)
        assert await store.marks.all() == {ATTIC: bare, BARN: full}

    async def test_the_last_mark_of_a_server_counts_and_goes_with_it(self, store: MediaStore) -> None:
        await store.marks.put(SyncMark(ATTIC, at(1), SyncJobId("sj_1"), at(5)))
        await store.marks.put(again := SyncMark(ATTIC, at(9)))
        assert await store.marks.all() == {ATTIC: again}
        await store.items.remove_server(ATTIC)
        assert await store.marks.all() == {}
