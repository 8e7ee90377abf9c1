"""Making previews over ports in memory: what is made, from what, and what becomes of trouble."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace

import pytest

from earshelf.adapters.memory.previews import Result
from earshelf.domain.previews import (
    Accuracy,
    Fit,
    Journal,
    PreviewFormat,
    PreviewReport,
    PreviewSettings,
    Provenance,
    Target,
    TargetOutcome,
    VideoIdentity,
    cache_key,
)
from earshelf.domain.usecases.previewing import Previewing, PreviewWish
from tests.unit.preview_ports import KnownDisks, MemoryFrameCache, MemoryPreviews, ScriptedVideos, Video

FILM = "film.mkv"
SETTINGS = PreviewSettings()
PLEX = Target(PreviewFormat.PLEX, "out/film/index-sd.bif")
EMBY = Target(PreviewFormat.EMBY, "out/film-320-5.bif")
JELLYFIN = Target(PreviewFormat.JELLYFIN, "out/film.trickplay/320 - 10x10")
ALL = (PLEX, EMBY, JELLYFIN)
PUBLISHED, SKIPPED, FAILED = TargetOutcome.PUBLISHED, TargetOutcome.SKIPPED_OUTPUT_EXISTS, TargetOutcome.FAILED


class Room:
    """Previewing over memory, with some videos."""

    def __init__(self, videos: Mapping[str, Video] | None = None, *, workers: int = 2, caching: bool = False) -> None:
        scripts = {f"{name}.mkv": video for name, video in (videos or {"film": Video()}).items()}
        self.source = ScriptedVideos(scripts)
        self.store = MemoryPreviews({path: VideoIdentity(path, 1000, 1) for path in scripts})
        self.cache = MemoryFrameCache() if caching else None
        self.previewing = Previewing(
            source=self.source,
            store=self.store,
            disks=KnownDisks(),
            cache=self.cache,
            workers=workers,
            engine="test 1",
        )

    async def make(
        self,
        *targets: Target,
        settings: PreviewSettings = SETTINGS,
        siblings: Sequence[Target] = (),
        regenerate: bool = False,
    ) -> PreviewReport:
        return await self.previewing.make(FILM, targets, settings, siblings=siblings, regenerate=regenerate)

    def pictures(self, target: Target) -> list[bytes]:
        return self.store.results[target].pictures


def outcomes(report: PreviewReport) -> list[TargetOutcome]:
    return [row.outcome for row in report.targets]


def wishes(*names: str) -> list[PreviewWish]:
    return [PreviewWish(f"{name}.mkv", [Target(PreviewFormat.PLEX, f"out/{name}")]) for name in names]


async def test_every_format_comes_from_one_decoding() -> None:
    room = Room()
    report = await room.make(*ALL)
    assert outcomes(report) == [PUBLISHED] * 3
    assert (report.slots, report.provenance, report.has_failed) == (3, Provenance.EXTRACTED, False)
    assert room.source.samplings == [(FILM, frozenset(Fit))]
    assert all(room.pictures(target) == [b"film.mkv 0", b"film.mkv 1", b"film.mkv 2"] for target in ALL)


async def test_the_journal_names_video_settings_count_and_engine() -> None:
    room = Room()
    await room.make(PLEX)
    expected = Journal(VideoIdentity(FILM, 1000, 1), PreviewFormat.PLEX, SETTINGS, 3, "test 1")
    assert room.store.results[PLEX].journal == expected


async def test_only_the_fits_that_are_needed_are_asked_for() -> None:
    room = Room()
    await room.make(JELLYFIN)
    assert room.source.samplings == [(FILM, frozenset({Fit.WIDTH}))]


async def test_what_is_fresh_is_left_alone() -> None:
    room = Room()
    await room.make(*ALL)
    report = await room.make(*ALL)
    assert outcomes(report) == [SKIPPED] * 3
    assert (report.slots, report.provenance) == (3, None)
    assert len(room.source.samplings) == 1


@pytest.mark.parametrize(
    "settings",
    [PreviewSettings(interval=6), PreviewSettings(quality=5), PreviewSettings(accuracy=Accuracy.EXACT)],
)
async def test_other_settings_make_a_result_anew(settings: PreviewSettings) -> None:
    room = Room()
    await room.make(PLEX)
    report = await room.make(PLEX, settings=settings)
    assert (outcomes(report), report.provenance) == ([PUBLISHED], Provenance.EXTRACTED)


async def test_a_replaced_video_makes_a_result_anew() -> None:
    room = Room()
    await room.make(PLEX)
    room.store.replace_video(FILM)
    assert outcomes(await room.make(PLEX)) == [PUBLISHED]


async def test_a_result_that_nothing_is_known_about_is_made_anew() -> None:
    room = Room()
    room.store.results[PLEX] = Result([b"somebody's"], None)
    assert outcomes(await room.make(PLEX)) == [PUBLISHED]
    assert room.pictures(PLEX)[0] == b"film.mkv 0"


async def test_a_missing_format_is_converted_from_a_fresh_one() -> None:
    room = Room()
    await room.make(PLEX)
    report = await room.make(PLEX, JELLYFIN)
    assert outcomes(report) == [SKIPPED, PUBLISHED]
    assert report.provenance is Provenance.CONVERTED
    assert len(room.source.samplings) == 1
    assert room.pictures(JELLYFIN) == room.pictures(PLEX)


async def test_a_format_that_is_not_wished_now_can_be_converted() -> None:
    room = Room()
    await room.make(PLEX)
    report = await room.make(EMBY, siblings=(PLEX, JELLYFIN))
    assert report.provenance is Provenance.CONVERTED
    assert JELLYFIN not in room.store.results


async def test_bif_is_converted_rather_than_sheets() -> None:
    room = Room()
    await room.make(JELLYFIN, EMBY)
    room.store.results[EMBY].pictures[0] = b"from the bif"
    await room.make(PLEX, siblings=(JELLYFIN, EMBY))
    assert room.pictures(PLEX)[0] == b"from the bif"


async def test_a_result_of_other_settings_is_not_converted() -> None:
    room = Room()
    await room.make(PLEX, settings=PreviewSettings(interval=9))
    report = await room.make(EMBY, siblings=(PLEX,))
    assert report.provenance is Provenance.EXTRACTED


async def test_a_result_that_cannot_be_read_any_more_is_decoded_instead() -> None:
    room = Room()
    await room.make(PLEX)
    room.store.unsound.add(PLEX.path)
    report = await room.make(EMBY, siblings=(PLEX,))
    assert (outcomes(report), report.provenance) == ([PUBLISHED], Provenance.EXTRACTED)


async def test_pictures_are_taken_from_the_cache_the_second_time() -> None:
    room = Room(caching=True)
    await room.make(PLEX)
    room.store.results.pop(PLEX)
    report = await room.make(PLEX)
    assert (outcomes(report), report.provenance) == ([PUBLISHED], Provenance.CACHE_HIT)
    assert len(room.source.samplings) == 1


async def test_the_cache_gets_its_pictures_from_the_same_decoding() -> None:
    room = Room(caching=True)
    await room.make(JELLYFIN)
    key = cache_key(VideoIdentity(FILM, 1000, 1), SETTINGS)
    assert room.pictures(Target(PreviewFormat.PLEX, f"cache/{key}")) == room.pictures(JELLYFIN)
    assert len(room.source.samplings) == 1


async def test_many_who_want_the_same_at_once_cause_one_decoding() -> None:
    room = Room(caching=True)
    reports = await asyncio.gather(*(room.make(target) for target in ALL))
    assert len(room.source.samplings) == 1
    assert sorted(str(report.provenance) for report in reports) == ["cache_hit", "cache_hit", "extracted"]


async def test_regenerating_uses_nothing_that_is_there() -> None:
    room = Room(caching=True)
    await room.make(*ALL)
    report = await room.make(*ALL, regenerate=True)
    assert (outcomes(report), report.provenance) == ([PUBLISHED] * 3, Provenance.EXTRACTED)
    assert len(room.source.samplings) == 2


@pytest.mark.parametrize("method", ["claimed", "find", "place", "keep"])
async def test_a_cache_in_trouble_is_a_note_and_no_failure(method: str) -> None:
    room = Room(caching=True)
    assert room.cache is not None
    room.cache.trouble[method] = "'cache': Read-only file system"
    report = await room.make(PLEX)
    assert outcomes(report) == [PUBLISHED]
    assert report.notes == ("The pictures are not kept for another time: 'cache': Read-only file system",)


async def test_a_full_cache_is_a_note_and_no_failure() -> None:
    room = Room(caching=True)
    room.store.full[f"cache/{cache_key(VideoIdentity(FILM, 1000, 1), SETTINGS)}"] = 1
    report = await room.make(PLEX)
    assert outcomes(report) == [PUBLISHED]
    assert len(report.notes) == 1
    assert room.cache is not None
    assert room.cache.kept == set()


async def test_a_refused_target_does_not_stop_the_others() -> None:
    room = Room()
    room.store.refused.add(PLEX.path)
    report = await room.make(*ALL)
    assert outcomes(report) == [FAILED, PUBLISHED, PUBLISHED]
    assert report.targets[0].reason == "'out/film/index-sd.bif': Permission denied"
    assert report.has_failed


async def test_a_target_whose_disk_fills_up_does_not_stop_the_others() -> None:
    room = Room()
    room.store.full[EMBY.path] = 1
    report = await room.make(*ALL)
    assert outcomes(report) == [PUBLISHED, FAILED, PUBLISHED]
    assert EMBY not in room.store.results
    assert room.store.drafts == []


async def test_nothing_is_decoded_for_targets_that_all_failed() -> None:
    room = Room({"film": Video(slots=1000, pace=asyncio.Event())})
    room.store.refused = {target.path for target in ALL}
    report = await room.make(*ALL)
    assert outcomes(report) == [FAILED] * 3
    assert report.provenance is None


async def test_decoding_ends_when_the_last_target_failed() -> None:
    room = Room({"film": Video(slots=10, breaks_after=5)})
    room.store.full = {PLEX.path: 2}
    report = await room.make(PLEX)
    assert report.targets[0].reason == "'out/film/index-sd.bif': No space left on device"


async def test_a_video_that_breaks_off_leaves_what_was_there() -> None:
    room = Room({"film": Video(slots=3, breaks_after=2)})
    room.store.results[PLEX] = Result([b"old"], None)
    report = await room.make(PLEX, EMBY)
    assert outcomes(report) == [FAILED, FAILED]
    assert report.reason == "'film.mkv' breaks off"
    assert (room.pictures(PLEX), EMBY in room.store.results, room.store.drafts) == ([b"old"], False, [])


async def test_too_few_pictures_are_never_published() -> None:
    room = Room({"film": Video(slots=3, short_by=1)})
    report = await room.make(PLEX)
    assert report.reason == "'film.mkv' gave 2 of 3 pictures"
    assert room.store.results == {}


async def test_a_video_that_is_replaced_while_it_is_read_publishes_nothing() -> None:
    pace = asyncio.Event()
    room = Room({"film": Video(pace=pace)})
    making = asyncio.create_task(room.make(*ALL))
    await room.source.begun.wait()
    room.store.replace_video(FILM)
    pace.set()
    report = await making
    assert outcomes(report) == [FAILED] * 3
    assert report.reason == "'film.mkv' was replaced while it was read; try again once it is complete"
    assert (room.store.results, room.store.drafts) == ({}, [])


async def test_a_missing_video_fails_with_its_reason() -> None:
    report = await Room({"other": Video()}).make(PLEX)
    assert (report.reason, outcomes(report)) == ("'film.mkv' is not there", [FAILED])


async def test_a_broken_video_does_not_take_fresh_results_away() -> None:
    room = Room()
    await room.make(PLEX)
    room.store.unsound.add(PLEX.path)
    room.source.videos.clear()
    report = await room.make(PLEX, EMBY)
    assert outcomes(report) == [SKIPPED, FAILED]
    assert report.reason == "'film.mkv' is no video"


async def test_notes_of_the_decoder_are_told() -> None:
    room = Room({"film": Video(notes=("No GPU was found",))})
    assert (await room.make(PLEX)).notes == ("No GPU was found",)


async def test_progress_is_told_picture_by_picture() -> None:
    heard: list[tuple[str, int, int]] = []
    await Room().previewing.make(FILM, [PLEX], SETTINGS, progress=lambda *step: heard.append(step))
    assert heard == [(FILM, 1, 3), (FILM, 2, 3), (FILM, 3, 3)]


async def test_a_cancelled_video_leaves_nothing() -> None:
    room = Room({"film": Video(pace=asyncio.Event())}, caching=True)
    making = asyncio.create_task(room.make(*ALL))
    await room.source.begun.wait()
    making.cancel()
    with suppress(asyncio.CancelledError):
        await making
    assert (room.source.open, room.store.drafts, room.store.results) == ([], [], {})


async def everything(room: Room, wanted: Sequence[PreviewWish]) -> dict[str, PreviewReport]:
    return {report.video: report async for report in room.previewing.make_all(wanted, SETTINGS)}


async def test_many_videos_are_all_reported() -> None:
    names = [f"v{number}" for number in range(7)]
    room = Room({name: Video(breaks_after=1 if name == "v3" else None) for name in names})
    reports = await everything(room, wishes(*names))
    assert {video for video, report in reports.items() if report.has_failed} == {"v3.mkv"}
    assert len(reports) == 7


async def test_no_more_videos_are_worked_on_than_there_are_workers() -> None:
    names = [f"v{number}" for number in range(9)]
    room = Room({name: Video() for name in names}, workers=3)
    await everything(room, wishes(*names))
    assert max(map(len, room.source.seen_open)) == 3


async def test_a_rotating_disk_is_read_for_one_video_at_a_time() -> None:
    names = ["D1", "D2", "D3", "E1", "E2", "s1", "s2"]
    room = Room({name: Video() for name in names}, workers=4)
    await everything(room, wishes(*names))
    assert all(sum(video.startswith(disk) for video in seen) <= 1 for seen in room.source.seen_open for disk in "DE")
    assert max(map(len, room.source.seen_open)) > 2


async def test_videos_on_a_busy_disk_do_not_keep_a_worker_from_the_others() -> None:
    stuck = asyncio.Event()
    room = Room({"D1": Video(pace=stuck)} | {name: Video() for name in ("D2", "D3", "s1", "s2")})
    async with aclosing(room.previewing.make_all(wishes("D1", "D2", "D3", "s1", "s2"), SETTINGS)) as reports:
        assert {(await anext(reports)).video, (await anext(reports)).video} == {"s1.mkv", "s2.mkv"}
        stuck.set()
        assert {report.video async for report in reports} == {"D1.mkv", "D2.mkv", "D3.mkv"}


async def test_callers_who_do_not_know_of_each_other_share_the_disk() -> None:
    room = Room({"D1": Video(), "D2": Video()}, workers=4)
    await asyncio.gather(*(everything(room, wishes(name)) for name in ("D1", "D2")))
    assert max(map(len, room.source.seen_open)) == 1


async def test_leaving_early_ends_what_goes_on() -> None:
    room = Room({"quick": Video(), "slow": Video(pace=asyncio.Event()), "later": Video(pace=asyncio.Event())})
    async with aclosing(room.previewing.make_all(wishes("quick", "slow", "later"), SETTINGS)) as reports:
        assert (await anext(reports)).video == "quick.mkv"
    assert (room.source.open, room.store.drafts, len(room.store.results)) == ([], [], 1)


def test_the_cache_key_tells_contents_and_settings_apart() -> None:
    video = VideoIdentity("a", 1, 2, 3, 4)
    others = [replace(video, path="b"), replace(video, size=9), replace(video, modified_ns=9)]
    others += [replace(video, device=9), replace(video, inode=9)]
    keys = {cache_key(one, SETTINGS) for one in (video, *others)}
    keys |= {cache_key(video, one) for one in (PreviewSettings(width=160), PreviewSettings(accuracy=Accuracy.EXACT))}
    assert len(keys) == 8
    assert cache_key(video, SETTINGS) == cache_key(replace(video), PreviewSettings())


def test_the_cache_key_takes_names_that_are_not_utf_8() -> None:
    assert len(cache_key(VideoIdentity("\udcff.mkv", 1, 1), SETTINGS)) == 64
