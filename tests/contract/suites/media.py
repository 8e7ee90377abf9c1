"""What every store of media servers' libraries promises of single items, of libraries and of sync jobs.

A subclass's fixtures ``store`` and ``lists`` are an empty ``MediaStore`` and the ``MediaQueries`` over the same rows.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from earshelf.domain.dynamic_ranges import DynamicRange
from earshelf.domain.errors import AlreadyExists, NotFound, StaleWrite
from earshelf.domain.ids import IdPrefix, MediaId, ServerId, SyncJobId
from earshelf.domain.media import LibraryType, MediaContent, MediaItem, MediaMark, Plays, Role, media_signature
from earshelf.domain.media_files import MediaFile, MediaStream, MediaVersion, StreamKind
from earshelf.domain.sound_profiles import AudioProfile
from earshelf.domain.sync_jobs import MediaLibrary, SyncJob, SyncPhase, SyncStatus
from earshelf.ports.media import MediaFilter, MediaQueries, MediaSort, MediaStore
from earshelf.ports.queries import Window

from .makers import NOON, at, new_id

ATTIC, BARN = ServerId("sv_attic"), ServerId("sv_barn")
ALL = Window(limit=10_000)

FILE = MediaFile(
    container="mkv",
    file_path="/data/films/Hafenlichter.mkv",
    file_size=2**40,
    total_size=2**40 + 1,
    resolution="4k",
    aspect_ratio="2.4",
    video_codec="hevc",
    frames_per_second=23.976,
    audio_codec="truehd",
    audio_channels=8,
    dynamic_range=DynamicRange.DOLBY_VISION,
    dynamic_ranges=(DynamicRange.DOLBY_VISION, DynamicRange.HDR10),
    dv_profile="8.1",
    audio_profile=AudioProfile.DOLBY_ATMOS,
    audio_profiles=(AudioProfile.DOLBY_ATMOS, AudioProfile.DTS_HD_MA),
)
FULL = MediaContent(
    title="Harbour Lights",
    title_sort="harbour lights",
    guid="plex://movie/1",
    original_title="Hafenlichter 灯台",
    summary="A lighthouse keeper waits.",
    year=2021,
    rating=7.4,
    originally_available_at="2021-09-30",
    added_at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
    duration=6_900_000,
    genres=("Drama",),
    roles=(Role("C. Muster", "Keeper", "/thumb"), Role("D. Muster")),
    file=FILE,
    streams=(
        MediaStream(StreamKind.VIDEO, 0, "91001", codec="hevc", is_default=True, dv_profile="8.1"),
        MediaStream(StreamKind.AUDIO, 1, "91001", codec="truehd", channels=8, language="English"),
        MediaStream(StreamKind.SUBTITLE, None, "91001", codec="srt", is_external=True, is_hearing_impaired=True),
    ),
    versions=(MediaVersion("91001", "4k", "hevc", "truehd", "mkv", 2**40, "/data/films/Hafenlichter.mkv"),),
    external_ids={"IMDB": "tt9900011", "TMDB": "880011"},
    own_ids={"TVDB": "1"},
)


def an_item(key: str, title: str = "Harbour Lights", **values: Any) -> MediaItem:
    """Returns an item of the attic's films; anything may be said differently, also of its content and its file."""
    file = MediaFile(**{name: values.pop(name) for name in MediaFile._fields if name in values})
    content = MediaContent(title, **{name: values.pop(name) for name in MediaContent._fields if name in values})
    values = {
        "id": MediaId(new_id(IdPrefix.MEDIA)),
        "server_id": ATTIC,
        "library_key": "1",
        "type": LibraryType.MOVIE,
        "mark": MediaMark(key, NOON, media_signature([])),
        "plays": Plays(),
        "content": content if content.file else content._replace(file=file),
        **values,
    }
    return MediaItem(**values)


def a_library(key: str = "1", title: str = "Films", **values: Any) -> MediaLibrary:
    """Returns a library of the attic."""
    return MediaLibrary(**{"server_id": ATTIC, "type": LibraryType.MOVIE, **values}, key=key, title=title)


def a_job(server: ServerId = ATTIC, **values: Any) -> SyncJob:
    """Returns a job that waits."""
    return SyncJob(**{"id": SyncJobId(new_id(IdPrefix.SYNC_JOB)), "created_at": NOON, **values}, server_id=server)


async def put(store: MediaStore, *items: MediaItem) -> None:
    """Writes items of any servers, one after the other."""
    for item in items:
        await store.items.put([item])


class MediaItemContract:
    """Single items."""

    async def test_an_item_comes_back_as_it_was_put(self, store: MediaStore, lists: MediaQueries) -> None:
        item = an_item("1", plays=Plays(3, at(5), 1210, 8.5), content=FULL)
        await store.items.put([item])
        assert await lists.item(item.id) == item

    async def test_an_item_without_anything_comes_back_too(self, store: MediaStore, lists: MediaQueries) -> None:
        item = an_item("1", content=MediaContent(""), mark=MediaMark("1", None, "", is_complete=False))
        await store.items.put([item])
        assert await lists.item(item.id) == item

    async def test_an_unknown_item_is_not_found(self, lists: MediaQueries) -> None:
        with pytest.raises(NotFound):
            await lists.item(MediaId("md_nobody"))

    async def test_writing_an_item_again_keeps_its_id(self, store: MediaStore, lists: MediaQueries) -> None:
        first, again = an_item("1"), an_item("1", "Harbour Lights, restored")
        await store.items.put([first])
        await store.items.put([again])
        assert (await lists.item(first.id)).content.title == "Harbour Lights, restored"
        with pytest.raises(NotFound):
            await lists.item(again.id)

    async def test_the_last_of_two_with_one_key_counts(self, store: MediaStore, lists: MediaQueries) -> None:
        await store.items.put([an_item("1", "before"), an_item("1", "after")])
        page = await lists.page(ALL, only=MediaFilter(), sort=MediaSort.TITLE, ascending=True)
        assert [row.title for row in page.rows] == ["after"]

    async def test_marks_tell_what_a_pass_needs(self, store: MediaStore) -> None:
        item = an_item("1", plays=Plays(2, at(1), 5, 1.0))
        await put(store, item, an_item("2", server_id=BARN))
        marks = await store.items.marks(ATTIC, ["1", "2", "none"])
        assert set(marks) == {"1"}
        assert (marks["1"].id, marks["1"].library_key) == (item.id, "1")
        assert (marks["1"].mark, marks["1"].plays) == (item.mark, item.plays)

    async def test_how_large_pictures_are_is_known_by_key(self, store: MediaStore) -> None:
        await put(store, an_item("1", resolution="4k"), an_item("2", server_id=BARN, resolution="sd"), an_item("3"))
        assert await store.items.resolutions(ATTIC, ["1", "2", "3", "none"]) == {"1": "4k"}
        assert await store.items.resolutions(ATTIC, []) == {}

    async def test_plays_change_alone(self, store: MediaStore, lists: MediaQueries) -> None:
        item = an_item("1")
        await store.items.put([item])
        await store.items.put_plays(ATTIC, {"1": Plays(9, at(9)), "unknown": Plays(1)})
        assert await lists.item(item.id) == replace(item, plays=Plays(9, at(9)))
        page = await lists.page(ALL, only=MediaFilter(), sort=MediaSort.TITLE, ascending=True)
        assert [(row.play_count, row.last_played_at) for row in page.rows] == [(9, at(9))]

    async def test_the_keys_of_a_library_are_its_own(self, store: MediaStore) -> None:
        await put(store, an_item("1"), an_item("2", library_key="2"), an_item("3", server_id=BARN))
        assert await store.items.keys(ATTIC, "1") == {"1"}

    async def test_an_item_that_moved_is_in_its_new_library_only(self, store: MediaStore) -> None:
        await store.items.put([an_item("1")])
        await store.items.put([an_item("1", library_key="2")])
        assert await store.items.keys(ATTIC, "1") == frozenset()
        assert await store.items.keys(ATTIC, "2") == {"1"}

    async def test_what_is_removed_is_gone(self, store: MediaStore, lists: MediaQueries) -> None:
        await put(store, an_item("1"), an_item("2"), an_item("2", server_id=BARN))
        await store.removed.put_away(ATTIC, ["2", "unknown"], NOON)
        page = await lists.page(ALL, only=MediaFilter(), sort=MediaSort.ADDED_AT, ascending=True)
        assert [(row.server_id, row.key) for row in page.rows] == [(ATTIC, "1"), (BARN, "2")]
        assert page.total == 2

    async def test_a_server_goes_with_everything_of_it(self, store: MediaStore, lists: MediaQueries) -> None:
        await put(store, an_item("1"), an_item("1", server_id=BARN))
        await store.libraries.put([a_library(), a_library(server_id=BARN)])
        await store.jobs.add(job := a_job())
        await store.items.remove_server(ATTIC)
        page = await lists.page(ALL, only=MediaFilter(), sort=MediaSort.TITLE, ascending=True)
        assert [row.server_id for row in page.rows] == [BARN]
        assert await store.libraries.of_server(ATTIC) == []
        assert len(await store.libraries.of_server(BARN)) == 1
        with pytest.raises(NotFound):
            await store.jobs.get(job.id)

    async def test_copies_on_all_servers_are_found_by_what_links_them(
        self, store: MediaStore, lists: MediaQueries
    ) -> None:
        ids: dict[str, Any] = {"external_ids": {"TMDB": "603"}}
        here, there = an_item("1", **ids), an_item("7", "The Matrix", server_id=BARN, resolution="4k", **ids)
        await put(store, here, an_item("2", external_ids={"TMDB": "604"}), there)
        found = await lists.copies(here.id)
        assert [copy.id for copy in found] == [here.id, there.id]
        assert found[1].resolution == "4k"
        assert found[0].place < found[1].place

    async def test_an_item_that_nothing_links_is_its_own_only_copy(
        self, store: MediaStore, lists: MediaQueries
    ) -> None:
        lone = an_item("1", "")
        await store.items.put([lone, an_item("2", "")])
        assert [copy.id for copy in await lists.copies(lone.id)] == [lone.id]


class LibraryRowsContract:
    """Libraries."""

    async def test_libraries_come_by_title(self, store: MediaStore) -> None:
        films, series = a_library("2", "Films"), a_library("1", "Serien", type=LibraryType.SERIES, identity="u-1")
        await store.libraries.put([series, films, a_library(server_id=BARN)])
        assert await store.libraries.of_server(ATTIC) == [films, series]

    async def test_what_was_found_is_replaced_and_what_is_wanted_stays(self, store: MediaStore) -> None:
        await store.libraries.put([a_library()])
        assert not (await store.libraries.enable(ATTIC, "1", enabled=False)).enabled
        found = a_library(title="Movies", is_missing=True, synced_at=at(1), held_back=60)
        await store.libraries.put([found])
        assert await store.libraries.of_server(ATTIC) == [replace(found, enabled=False)]

    async def test_an_unknown_library_cannot_be_wanted(self, store: MediaStore) -> None:
        with pytest.raises(NotFound):
            await store.libraries.enable(ATTIC, "1", enabled=True)

    async def test_a_library_keeps_its_items_under_another_key(self, store: MediaStore) -> None:
        await store.libraries.put([a_library()])
        await store.items.put([an_item("1")])
        await store.libraries.rekey(ATTIC, before="1", after="9")
        assert [library.key for library in await store.libraries.of_server(ATTIC)] == ["9"]
        assert await store.items.keys(ATTIC, "9") == {"1"}


class SyncJobContract:
    """Jobs."""

    async def test_a_job_comes_back_as_it_was_written(self, store: MediaStore) -> None:
        job = a_job(library_key="1", resumes=True)
        await store.jobs.add(job)
        job.begin(at(1))
        job.enter("Films", total=10)
        job.advance(3)
        job.proceed(SyncPhase.CLEANUP, libraries=4)
        await store.jobs.save(job)
        assert await store.jobs.get(job.id) == job
        job.fail("Attic: gone", at(2))
        await store.jobs.save(job)
        assert await store.jobs.get(job.id) == job
        assert job.version == 3

    async def test_a_server_has_one_open_job(self, store: MediaStore) -> None:
        await store.jobs.add(job := a_job())
        with pytest.raises(AlreadyExists):
            await store.jobs.add(a_job())
        await store.jobs.add(a_job(BARN))
        job.cancel(at(1))
        await store.jobs.save(job)
        await store.jobs.add(a_job())

    async def test_open_jobs_come_oldest_first(self, store: MediaStore) -> None:
        late, early, over = a_job(created_at=at(2)), a_job(BARN, created_at=at(1)), a_job(ServerId("sv_c"))
        for job in (late, early, over):
            await store.jobs.add(job)
        over.cancel(at(3))
        await store.jobs.save(over)
        assert [job.id for job in await store.jobs.open()] == [early.id, late.id]

    async def test_jobs_are_listed_newest_first_and_by_server(self, store: MediaStore) -> None:
        jobs = [a_job(created_at=at(1)), a_job(BARN, created_at=at(3)), a_job(ServerId("sv_c"), created_at=at(2))]
        for job in jobs:
            await store.jobs.add(job)
        page = await store.jobs.page(Window(limit=2))
        assert ([job.id for job in page.rows], page.total) == ([jobs[1].id, jobs[2].id], 3)
        assert (await store.jobs.page(Window(offset=2))).rows == [jobs[0]]
        page = await store.jobs.page(Window(), server_id=ATTIC)
        assert (page.rows, page.total) == ([jobs[0]], 1)
        assert (await store.jobs.page(Window(), server_id=ServerId("sv_nobody"))).total == 0

    async def test_a_wish_to_stop_disturbs_nobody_and_stays(self, store: MediaStore) -> None:
        await store.jobs.add(job := a_job())
        await store.jobs.wish_stop(job.id)
        job.begin(at(1))
        await store.jobs.save(job)
        stored = await store.jobs.get(job.id)
        assert (stored.stop_wished, stored.status) == (True, SyncStatus.RUNNING)

    async def test_a_job_that_is_over_cannot_be_stopped(self, store: MediaStore) -> None:
        await store.jobs.add(job := a_job())
        job.cancel(at(1))
        await store.jobs.save(job)
        await store.jobs.wish_stop(job.id)
        assert not (await store.jobs.get(job.id)).stop_wished

    async def test_a_job_that_somebody_changed_is_not_overwritten(self, store: MediaStore) -> None:
        await store.jobs.add(job := a_job())
        mine, theirs = await store.jobs.get(job.id), await store.jobs.get(job.id)
        theirs.begin(at(1))
        await store.jobs.save(theirs)
        mine.cancel(at(1))
        with pytest.raises(StaleWrite):
            await store.jobs.save(mine)

    async def test_an_unknown_job_is_not_found(self, store: MediaStore) -> None:
        with pytest.raises(NotFound):
            await store.jobs.get(SyncJobId("sj_nobody"))
