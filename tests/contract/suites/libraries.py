"""What everything that reads a media server's libraries must do.

Fixtures: ``reader`` reads a server that is well and holds, in this order,

- library ``1`` of films: ``1`` to ``60``, whose titles are :data:`FILMS`; ``2`` was played three times: last by
  ``marta_k`` on the device ``Living room`` of the platform ``Android``, before that by ``tom``, first by nobody known;
- library ``2`` of series: series ``7000`` with the ids ``TVDB 55`` and the episodes ``71`` and ``72`` of its season 1;
- library ``3`` of music: the track ``81`` of an artist's album;

``stranger`` reads the same server with a wrong token. Files of films have streams of every kind.
"""

import pytest

from earshelf.domain.errors import CredentialsRejected
from earshelf.domain.media import LibraryType
from earshelf.domain.media_files import StreamKind
from earshelf.ports.libraries import LibraryAbility, LibraryReader, ListedItem, Section

FILMS = tuple(f"Film {number}" for number in range(1, 61))


async def section_of(reader: LibraryReader, kind: LibraryType) -> Section:
    """Returns the library of a type."""
    return next(section for section in await reader.sections() if section.type is kind)


async def everything(reader: LibraryReader, section: Section, *, size: int) -> list[ListedItem]:
    """Walks through a library, page by page."""
    items: list[ListedItem] = []
    offset, rows = 0, 1
    while rows:
        page = await reader.listing(section, offset=offset, size=size)
        items += page.items
        rows = page.rows
        offset += rows
    return items


class LibraryReaderSuite:
    """Listings and details tell the same, whatever the size of a page."""

    async def test_libraries_come_in_the_servers_order(self, reader: LibraryReader) -> None:
        found = [(section.key, section.type) for section in await reader.sections()]
        assert found == [("1", LibraryType.MOVIE), ("2", LibraryType.SERIES), ("3", LibraryType.MUSIC)]

    @pytest.mark.parametrize("size", [1, 7, 60, 500])
    async def test_pages_of_any_size_show_every_item_once_oldest_first(self, reader: LibraryReader, size: int) -> None:
        items = await everything(reader, await section_of(reader, LibraryType.MOVIE), size=size)
        assert [item.outline().title for item in items] == list(FILMS)
        assert [item.mark.key for item in items] == [str(number) for number in range(1, 61)]

    async def test_a_page_says_how_much_there_is_in_all(self, reader: LibraryReader) -> None:
        page = await reader.listing(await section_of(reader, LibraryType.MOVIE), offset=50, size=20)
        assert (len(page.items), page.rows) == (10, 10)
        assert page.total in (60, None)

    async def test_there_is_nothing_behind_the_end(self, reader: LibraryReader) -> None:
        page = await reader.listing(await section_of(reader, LibraryType.MOVIE), offset=60, size=20)
        assert (list(page.items), page.rows) == ([], 0)

    async def test_a_listing_and_the_details_agree(self, reader: LibraryReader) -> None:
        for kind in LibraryType:
            section = await section_of(reader, kind)
            page = await reader.listing(section, offset=0, size=10)
            found = await reader.details([item.mark.key for item in page.items])
            for item in page.items:
                one, outline = found[item.mark.key], item.outline()
                assert one is not None
                assert one.level is kind
                assert one.content is not None
                assert one.listed is not None
                assert one.listed().mark == item.mark
                assert one.listed().series_key == item.series_key
                assert (one.content.title, one.content.year, one.content.duration) == (
                    outline.title, outline.year, outline.duration,
                )  # fmt: skip
                assert one.library_key in (section.key, None)

    async def test_details_have_the_streams_that_a_listing_lacks(self, reader: LibraryReader) -> None:
        (found,) = (await reader.details(["5"])).values()
        assert found is not None
        assert found.content is not None
        assert {stream.kind for stream in found.content.streams} == set(StreamKind)

    async def test_more_keys_than_fit_into_one_request_are_all_answered(self, reader: LibraryReader) -> None:
        keys = [str(number) for number in range(1, 61)]
        assert len(keys) > reader.details_at_once
        found = await reader.details(keys)
        assert list(found) == keys

    async def test_a_key_that_the_server_does_not_know_is_absent_and_hides_no_other(
        self, reader: LibraryReader
    ) -> None:
        assert await reader.details([]) == {}
        assert await reader.details(["404"]) == {}
        assert list(await reader.details(["1", "404", "2"])) == ["1", "2"]

    async def test_episodes_name_their_series_and_the_series_its_ids(self, reader: LibraryReader) -> None:
        assert LibraryAbility.SERIES in reader.abilities
        section = await section_of(reader, LibraryType.SERIES)
        page = await reader.listing(section, offset=0, size=10)
        assert [(item.mark.key, item.series_key) for item in page.items] == [("71", "7000"), ("72", "7000")]
        outlines = [item.outline() for item in page.items]
        assert [(one.season_number, one.episode_number) for one in outlines] == [(1, 71), (1, 72)]
        shows = await reader.series(section, offset=0, size=10)
        assert list(shows.series) == ["7000"]
        assert shows.series["7000"].external_ids == {"TVDB": "55"}
        assert (await reader.series(section, offset=1, size=10)).rows == 0

    async def test_the_episodes_of_a_series_are_those_that_its_library_lists(self, reader: LibraryReader) -> None:
        listed = (await reader.listing(await section_of(reader, LibraryType.SERIES), offset=0, size=10)).items
        page = await reader.episodes("7000", offset=0, size=10)
        assert [(one.mark, one.series_key) for one in page.items] == [(one.mark, one.series_key) for one in listed]
        assert [one.mark.key for one in (await reader.episodes("7000", offset=1, size=10)).items] == ["72"]
        assert (await reader.episodes("404", offset=0, size=10)).rows == 0

    async def test_a_series_asked_for_by_its_key_is_no_item_and_tells_of_itself(self, reader: LibraryReader) -> None:
        (found,) = (await reader.details(["7000"])).values()
        assert found is not None
        assert (found.level, found.content, found.listed) == (None, None, None)
        assert found.series is not None
        assert found.series.external_ids == {"TVDB": "55"}

    async def test_a_track_names_its_artist_and_its_album(self, reader: LibraryReader) -> None:
        (item,) = (await reader.listing(await section_of(reader, LibraryType.MUSIC), offset=0, size=10)).items
        outline = item.outline()
        assert (item.mark.key, item.series_key) == ("81", None)
        assert outline.parent_title
        assert outline.album_title
        assert outline.file is not None
        assert outline.file.dynamic_range is None

    async def test_what_was_played_is_counted_and_nothing_else(self, reader: LibraryReader) -> None:
        assert LibraryAbility.PLAY_HISTORY in reader.abilities
        counted = await reader.plays()
        assert {key: plays.count for key, plays in counted.items()} == {"2": 3}
        assert counted["2"].last_played_at is not None

    async def test_the_history_tells_who_watched_what_newest_first(self, reader: LibraryReader) -> None:
        page = await reader.watches(since=None, offset=0, size=10)
        assert {watch.key for watch in page.watches} == {"2"}
        moments = [watch.watched_at for watch in page.watches]
        assert (len(moments), moments) == (3, sorted(moments, reverse=True))
        assert [watch.viewer for watch in page.watches] == ["marta_k", "tom", "Unknown"]
        assert [(watch.device, watch.platform) for watch in page.watches] == [
            ("Living room", "Android"),
            (None, None),
            (None, None),
        ]
        assert list((await reader.watches(since=None, offset=1, size=1)).watches) == [page.watches[1]]
        late = await reader.watches(since=moments[0], offset=0, size=10)
        assert page.watches[0] in late.watches

    async def test_a_wrong_token_is_rejected_by_every_question(self, stranger: LibraryReader) -> None:
        films = Section("1", "Films", LibraryType.MOVIE)
        for ask in (
            stranger.sections,
            lambda: stranger.listing(films, offset=0, size=10),
            lambda: stranger.series(films, offset=0, size=10),
            lambda: stranger.details(["1"]),
            stranger.plays,
            lambda: stranger.watches(since=None, offset=0, size=10),
        ):
            with pytest.raises(CredentialsRejected):
                await ask()
