"""What every store of media servers' libraries promises of its lists: filters, orders, pages and totals.

A subclass's fixtures are those of the suite of media servers' libraries.
"""

from collections.abc import Callable
from itertools import groupby, product
from typing import Any

from earshelf.domain.dynamic_ranges import DynamicRange
from earshelf.domain.ids import ServerId
from earshelf.domain.media import LibraryType, MediaItem, Plays, search_words
from earshelf.domain.media_files import MediaFile
from earshelf.domain.sound_profiles import AudioProfile
from earshelf.ports.media import MediaFilter, MediaQueries, MediaSort, MediaStore
from earshelf.ports.queries import Window

from .makers import NOON, at
from .media import ALL, ATTIC, BARN, FILE, FULL, an_item

WORDS = ("Lantern", "Ärger", "salt", "Winter", "灯台", "O'Brien")
RANGES = (None, DynamicRange.SDR, DynamicRange.HDR10)
SOUNDS = (None, AudioProfile.DOLBY_ATMOS)
MANY = 4200


def composed(number: int) -> MediaItem:
    """Returns one of many items that differ in everything that lists look at."""
    return an_item(
        str(number),
        f"{WORDS[number * 7 % 6]} {WORDS[number % 6]} Common {number * 37 % 101}",
        year=None if number % 11 == 0 else 1950 + number * 13 % 70,
        added_at=None if number % 17 == 0 else at(number * 31 % 997),
        server_id=ATTIC if number % 3 else BARN,
        library_key=str(number % 5 // 2),
        type=LibraryType.SERIES if number % 5 // 2 == 2 else LibraryType.MOVIE,
        dynamic_range=RANGES[number % 3],
        audio_profile=SOUNDS[number % 2],
        resolution=("4k", "1080", "720", None)[number % 4] if number % 1000 else "odd",
    )


FILTERS = (
    MediaFilter(),
    MediaFilter(server_id=ATTIC),
    MediaFilter(server_id=ServerId("sv_nobody")),
    MediaFilter(library_key="2"),
    MediaFilter(type=LibraryType.SERIES),
    MediaFilter(type=LibraryType.MOVIE),
    MediaFilter(dynamic_range=DynamicRange.HDR10),
    MediaFilter(audio_profile=AudioProfile.DOLBY_ATMOS),
    MediaFilter(resolution="4k"),
    MediaFilter(resolution="odd"),
    MediaFilter(ATTIC, "1", LibraryType.MOVIE, DynamicRange.SDR, AudioProfile.DOLBY_ATMOS, "1080"),
    MediaFilter(words=("lan", "wint")),
    MediaFilter(words=("ärg",), resolution="720"),
    MediaFilter(words=("灯",)),
    MediaFilter(words=("nothing",)),
    MediaFilter(words=("comm",)),
    MediaFilter(words=("common", "c"), type=LibraryType.MOVIE),
)
_SORT_KEYS: dict[MediaSort, Callable[[MediaItem], Any]] = {
    MediaSort.TITLE: lambda item: item.sort_title,
    MediaSort.YEAR: lambda item: item.content.year or 0,
    MediaSort.ADDED_AT: lambda item: item.content.added_at.timestamp() if item.content.added_at else 0,
}


def expected(items: list[MediaItem], only: MediaFilter, sort: MediaSort, *, ascending: bool) -> list[str]:
    """Filters and sorts the slow and plain way."""
    matching = [(place, item) for place, item in enumerate(items) if _matches(only, item)]
    matching.sort(key=lambda pair: (_SORT_KEYS[sort](pair[1]), pair[0]), reverse=not ascending)
    return [item.mark.key for _, item in matching]


def _matches(only: MediaFilter, item: MediaItem) -> bool:
    file = item.content.file or MediaFile()
    same = (
        only.server_id in (None, item.server_id),
        only.library_key in (None, item.library_key),
        only.type in (None, item.type),
        only.dynamic_range in (None, file.dynamic_range),
        only.audio_profile in (None, file.audio_profile),
        only.resolution in (None, file.resolution),
        all(any(word.startswith(begun) for word in search_words(item.content.title)) for begun in only.words),
    )
    return all(same)


class MediaListContract:
    """Lists of items."""

    async def test_every_filter_in_every_order_gives_what_a_plain_search_gives(
        self, store: MediaStore, lists: MediaQueries
    ) -> None:
        items = sorted((composed(number) for number in range(1, MANY + 1)), key=lambda item: item.server_id)
        for _, batch in groupby(items, key=lambda item: (item.server_id, int(item.mark.key) // 400)):
            await store.items.put(list(batch))
        for only, sort, ascending in product(FILTERS, MediaSort, (True, False)):
            wished = expected(items, only, sort, ascending=ascending)
            middle, end = len(wished) // 2, max(0, len(wished) - 20)
            windows = (Window(20), Window(7, 33), Window(9, middle), Window(9, middle + 3), Window(50, end))
            for window in (*windows, Window(5, 10**6)):
                page = await lists.page(window, only=only, sort=sort, ascending=ascending)
                there = (only, sort, ascending, window)
                assert page.total == len(wished), there
                assert [row.key for row in page.rows] == wished[window.offset : window.offset + window.limit], there

    async def test_totals_follow_changes_and_removals(self, store: MediaStore, lists: MediaQueries) -> None:
        await store.items.put([an_item("1", resolution="720"), an_item("2", resolution="720")])
        await store.items.put([an_item("1", resolution="4k")])
        await store.removed.put_away(ATTIC, ["2"], NOON)
        for resolution, count in (("720", 0), ("4k", 1)):
            only = MediaFilter(resolution=resolution)
            page = await lists.page(ALL, only=only, sort=MediaSort.TITLE, ascending=True)
            assert (len(page.rows), page.total) == (count, count)

    async def test_words_follow_a_changed_title(self, store: MediaStore, lists: MediaQueries) -> None:
        await store.items.put([an_item("1", "Before Dawn")])
        await store.items.put([an_item("1", "After Dawn")])
        for word, count in (("before", 0), ("after", 1), ("dawn", 1)):
            only = MediaFilter(words=(word,))
            page = await lists.page(ALL, only=only, sort=MediaSort.TITLE, ascending=True)
            assert (len(page.rows), page.total) == (count, count)

    async def test_a_row_tells_what_the_item_does(self, store: MediaStore, lists: MediaQueries) -> None:
        item = an_item("70021", content=FULL, plays=Plays(2, at(3)))
        await store.items.put([item])
        (row,) = (await lists.page(ALL, only=MediaFilter(), sort=MediaSort.TITLE, ascending=True)).rows
        assert (row.id, row.server_id, row.library_key, row.key) == (item.id, ATTIC, "1", "70021")
        assert (row.title, row.year, row.added_at, row.duration) == (FULL.title, 2021, FULL.added_at, 6_900_000)
        assert (row.type, row.resolution, row.dynamic_range) == (LibraryType.MOVIE, "4k", "Dolby Vision")
        assert (row.audio_profile, row.video_codec, row.audio_codec) == ("Dolby Atmos", "hevc", "truehd")
        assert (row.file_size, row.file_path) == (2**40, FILE.file_path)
        assert (row.play_count, row.last_played_at, row.rating) == (2, at(3), 7.4)
