"""A foreign client of Plex reads the same libraries, so that two independent readings of the protocol agree.

The foreign client asks for XML where ours asks for JSON, and pages by headers where ours pages by the query. What the
server answers is composed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import pytest
import requests
from plexapi.server import PlexServer as ForeignServer

from earshelf.adapters.http import HttpClient
from earshelf.adapters.plex.library import PlexLibrary
from earshelf.domain.media import LibraryType, MediaContent
from earshelf.domain.media_files import MediaStream
from earshelf.ports.libraries import ListedItem, Section
from tests.contract.suites.libraries import everything
from tests.contract.test_libraries import SECRET, library
from tests.plex import composed
from tests.plex.server import ScriptedPlex, ScriptedSection, serving

ResultT = TypeVar("ResultT")
LEVELS = {LibraryType.MOVIE: "movie", LibraryType.SERIES: "episode", LibraryType.MUSIC: "track"}
KINDS = {1: "video", 2: "audio", 3: "subtitle"}
FILMS = 230


@pytest.fixture
async def attic() -> AsyncIterator[ScriptedPlex]:
    films = [composed.film(number, plays=number % 4) for number in range(1, FILMS + 1)]
    # a film without a file, one in two versions, and what is absent of it
    bare: dict[str, Any] = {"ratingKey": "900", "type": "movie", "title": "Nothing yet", "addedAt": composed.BEGAN}
    twice = {**composed.film(901), "editionTitle": "Director's Cut", "Media": [*composed.film(901)["Media"],
             *composed.film(902)["Media"]]}  # fmt: skip
    episodes = [composed.episode(number, series=7000, season=number % 3) for number in range(300, 330)]
    played = [
        {"ratingKey": str(number), "type": "movie", "title": f"Film {number}", "viewedAt": composed.BEGAN + number}
        for number in (1, 2, 2, 3, 3, 3)
    ]
    scripted = ScriptedPlex(
        sections=[
            ScriptedSection("1", rows=[*films, bare, twice]),
            ScriptedSection("9", "photo", "Holidays"),
            ScriptedSection("2", "show", "Serien & mehr", episodes, [composed.series(7000, 55)]),
            ScriptedSection("3", "artist", "Musik", [composed.track(number) for number in range(400, 405)]),
        ],
        history=played,
        token=SECRET,
    )
    async with serving(scripted) as server:
        yield server


@pytest.fixture
def ours(attic: ScriptedPlex, http: HttpClient) -> PlexLibrary:
    return library(attic.url, http)


async def theirs(attic: ScriptedPlex, read: Callable[[Any], ResultT]) -> ResultT:
    """Lets the foreign client read, on a thread of its own."""

    def work() -> ResultT:
        with requests.Session() as session:
            return read(ForeignServer(attic.url, SECRET, session=session))

    return await asyncio.to_thread(work)


async def listed(ours: PlexLibrary, section: Section) -> list[ListedItem]:
    return await everything(ours, section, size=90)


async def test_both_see_the_same_libraries(attic: ScriptedPlex, ours: PlexLibrary) -> None:
    def sections(server: Any) -> list[tuple[str, str, str]]:
        known = {"movie": LibraryType.MOVIE, "show": LibraryType.SERIES, "artist": LibraryType.MUSIC}
        return [
            (str(one.key), one.title, known[one.type].value) for one in server.library.sections() if one.type in known
        ]

    assert await theirs(attic, sections) == [(one.key, one.title, one.type.value) for one in await ours.sections()]


@pytest.mark.parametrize("kind", list(LibraryType))
async def test_both_list_the_same_items_over_many_pages(
    attic: ScriptedPlex, ours: PlexLibrary, kind: LibraryType
) -> None:
    section = next(one for one in await ours.sections() if one.type is kind)

    def items(server: Any) -> list[tuple[Any, ...]]:
        found = server.library.sectionByID(int(section.key)).all(libtype=LEVELS[kind])
        return [
            (str(one.ratingKey), one.title, one.addedAt.timestamp(), one.viewCount or 0,
             one.lastViewedAt.timestamp() if one.lastViewedAt else None)
            for one in found
        ]  # fmt: skip

    mine = [
        (item.mark.key, content.title, content.added_at and content.added_at.timestamp(), item.plays.count,
         item.plays.last_played_at and item.plays.last_played_at.timestamp())
        for item in await listed(ours, section)
        for content in (item.outline(),)
    ]  # fmt: skip
    assert await theirs(attic, items) == mine
    assert len(mine) == {LibraryType.MOVIE: FILMS + 2, LibraryType.SERIES: 30, LibraryType.MUSIC: 5}[kind]


def of_streams(streams: Any) -> list[tuple[Any, ...]]:
    """Spells streams as the foreign client reads them; an index that is absent is -1 there."""
    return [
        (KINDS[one.streamType], one.codec, None if one.index == -1 else one.index, one.language, one.languageCode,
         one.displayTitle, one.bitrate, bool(one.default), bool(one.selected), bool(getattr(one, "forced", False)),
         bool(getattr(one, "hearingImpaired", False)), one.key is not None)
        for one in streams
    ]  # fmt: skip


def of_ours(streams: tuple[MediaStream, ...]) -> list[tuple[Any, ...]]:
    return [
        (one.kind.value, one.codec, one.index, one.language, one.language_code, one.display_title, one.bitrate,
         one.is_default, one.is_selected, one.is_forced, one.is_hearing_impaired, one.is_external)
        for one in streams
    ]  # fmt: skip


def told(one: Any) -> tuple[Any, ...]:
    """Spells an item as the foreign client reads it, with its first version."""
    media = one.media[0] if one.media else None
    part = media.parts[0] if media else None
    return (
        one.title,
        (one.summary or "").strip() or None,
        getattr(one, "year", None),
        (media.duration if media else None) or one.duration,
        sorted(guid.id for guid in one.guids),
        [genre.tag for genre in one.genres],
        [(media.videoCodec, media.audioCodec, media.container, media.bitrate) for media in one.media],
        (part.file, part.size) if part else None,
        [row for media in one.media for part in media.parts for row in of_streams(part.streams)],
    )


def of_our(content: MediaContent) -> tuple[Any, ...]:
    file = content.file
    return (
        content.title,
        content.summary,
        content.year,
        content.duration,
        sorted(f"{source.lower()}://{value}" for source, value in content.external_ids.items()),
        list(content.genres),
        [
            (one.video_codec, one.audio_codec, one.container, file.overall_bitrate if file else None)
            for one in content.versions
        ],
        (file.file_path, file.file_size) if file else None,
        of_ours(content.streams),
    )


@pytest.mark.parametrize("key", ["1", "2", "3", "17", "900"])
async def test_both_read_the_same_film(attic: ScriptedPlex, ours: PlexLibrary, key: str) -> None:
    found = (await ours.details([key]))[key]
    assert found is not None
    assert found.content is not None
    assert await theirs(attic, lambda server: told(server.fetchItem(int(key)))) == of_our(found.content)


async def test_both_see_all_versions_of_a_film(attic: ScriptedPlex, ours: PlexLibrary) -> None:
    found = (await ours.details(["901"]))["901"]
    assert found is not None
    assert found.content is not None

    def versions(server: Any) -> tuple[str, list[tuple[Any, ...]]]:
        one = server.fetchItem(901)
        return one.editionTitle, [(str(each.id), each.videoCodec, each.parts[0].size) for each in one.media]

    mine = [(one.id, one.video_codec, one.size) for one in found.content.versions]
    assert await theirs(attic, versions) == (found.content.edition_title, mine)


async def test_both_number_the_same_episodes_of_the_same_series(attic: ScriptedPlex, ours: PlexLibrary) -> None:
    section = next(one for one in await ours.sections() if one.type is LibraryType.SERIES)

    def episodes(server: Any) -> list[tuple[Any, ...]]:
        found = server.library.sectionByID(2).all(libtype="episode")
        return [(str(one.grandparentRatingKey), one.grandparentTitle, one.parentIndex, one.index) for one in found]

    mine = [
        (item.series_key, content.parent_title, content.season_number, content.episode_number)
        for item in await listed(ours, section)
        for content in (item.outline(),)
    ]
    assert await theirs(attic, episodes) == mine

    def shows(server: Any) -> list[tuple[Any, ...]]:
        found = server.library.sectionByID(2).all(libtype="show")
        return [(str(one.ratingKey), [guid.id for guid in one.guids], [genre.tag for genre in one.genres])
                for one in found]  # fmt: skip

    series = (await ours.series(section, offset=0, size=100)).series
    assert await theirs(attic, shows) == [
        (key, [f"{source.lower()}://{value}" for source, value in facts.external_ids.items()], list(facts.genres))
        for key, facts in series.items()
    ]


async def test_both_read_the_same_music(attic: ScriptedPlex, ours: PlexLibrary) -> None:
    section = next(one for one in await ours.sections() if one.type is LibraryType.MUSIC)

    def tracks(server: Any) -> list[tuple[Any, ...]]:
        return [
            (one.title, one.grandparentTitle, one.parentTitle, one.parentIndex, one.index, one.media[0].audioCodec,
             one.media[0].audioChannels, one.media[0].duration)
            for one in server.library.sectionByID(3).all(libtype="track")
        ]  # fmt: skip

    outlines = [item.outline() for item in await listed(ours, section)]
    assert await theirs(attic, tracks) == [
        (one.title, one.parent_title, one.album_title, one.season_number, one.episode_number,
         one.file and one.file.audio_codec, one.file and one.file.audio_channels, one.duration)
        for one in outlines
    ]  # fmt: skip


async def test_both_count_the_same_plays_of_everybody(attic: ScriptedPlex, ours: PlexLibrary) -> None:
    def counted(server: Any) -> dict[str, int]:
        keys = [str(one.ratingKey) for one in server.history()]
        return {key: keys.count(key) for key in keys}

    assert await theirs(attic, counted) == {key: plays.count for key, plays in (await ours.plays()).items()}
