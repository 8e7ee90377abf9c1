"""What every store of previews must do.

Fixtures: ``store`` is a :class:`~earshelf.ports.previews.PreviewStore`; ``folder`` is where results may lie; ``jpeg``
makes a JPEG of a size in pixels, and two of different shades differ; ``video`` is the path of a video that the store
knows, ``empty_video`` of an empty one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from earshelf.domain.errors import FilesUnavailable, VideoUnusable
from earshelf.domain.previews import (
    FIT_OF,
    Accuracy,
    Fit,
    Journal,
    PreviewFormat,
    PreviewSettings,
    Target,
    ToneCurve,
    VideoIdentity,
)
from earshelf.ports.previews import Outline, PreviewStore, Thumbnail

Jpegs = Callable[[tuple[int, int], int], bytes]

WIDE = {Fit.BOX: (16, 10), Fit.WIDTH: (16, 10)}
TALL = {Fit.BOX: (6, 12), Fit.WIDTH: (16, 28)}
SETTINGS = PreviewSettings(interval=7, width=16, quality=2, accuracy=Accuracy.EXACT, tonemap=ToneCurve.CLIP)
VIDEO = VideoIdentity("/films/Caf\udce9 \u7b2c.mkv", 5_000_000_000, 1_700_000_000_123_456_789, 64769, 2**63)
FORMATS = tuple(PreviewFormat)
BIFS = (PreviewFormat.PLEX, PreviewFormat.EMBY)


def target_in(folder: str, one: PreviewFormat, name: str = "film") -> Target:
    """A place for a result."""
    ends = {PreviewFormat.PLEX: "/index-sd.bif", PreviewFormat.EMBY: "-16-7.bif"}
    return Target(one, f"{folder}/{name}{ends.get(one, '.trickplay/16 - 10x10')}")


def journal_of(target: Target, pictures: int, settings: PreviewSettings = SETTINGS) -> Journal:
    """What such a result was made from."""
    return Journal(VIDEO, target.format, settings, pictures, "test 1")


def shades(count: int) -> list[int]:
    """One shade per slot."""
    return [slot * 7 % 200 for slot in range(count)]


async def put(
    store: PreviewStore,
    target: Target,
    jpeg: Jpegs,
    tones: Sequence[int],
    sizes: Mapping[Fit, tuple[int, int]] = WIDE,
    settings: PreviewSettings = SETTINGS,
) -> Journal:
    """Makes and publishes a result."""
    journal = journal_of(target, len(tones), settings)
    async with store.writing(target, Outline(len(tones), sizes), settings) as writer:
        for slot, tone in enumerate(tones):
            await writer.add(Thumbnail(slot, {fit: jpeg(size, tone) for fit, size in sizes.items()}))
        await writer.publish(journal)
    return journal


async def got(store: PreviewStore, target: Target, *fits: Fit) -> tuple[Outline, list[Thumbnail]]:
    """Reads a result back."""
    async with store.reading(target, frozenset(fits or {FIT_OF[target.format]})) as sampling:
        return sampling.outline, [thumbnail async for thumbnail in sampling]


class PreviewStoreContract:
    """Results are there whole or not at all, and say what they were made from."""

    @pytest.mark.parametrize("one", FORMATS)
    @pytest.mark.parametrize("count", [1, 33, 100, 101])
    async def test_every_slot_comes_back_in_its_order(
        self, store: PreviewStore, folder: str, jpeg: Jpegs, one: PreviewFormat, count: int
    ) -> None:
        target = target_in(folder, one)
        await put(store, target, jpeg, shades(count))
        outline, thumbnails = await got(store, target)
        assert outline == Outline(count, {FIT_OF[one]: (16, 10)})
        assert [thumbnail.slot for thumbnail in thumbnails] == list(range(count))

    @pytest.mark.parametrize("one", BIFS)
    async def test_pictures_come_back_byte_by_byte(
        self, store: PreviewStore, folder: str, jpeg: Jpegs, one: PreviewFormat
    ) -> None:
        target = target_in(folder, one)
        await put(store, target, jpeg, [10, 20, 30])
        _, thumbnails = await got(store, target)
        assert [thumbnail.jpegs[Fit.BOX] for thumbnail in thumbnails] == [jpeg((16, 10), tone) for tone in (10, 20, 30)]

    @pytest.mark.parametrize("one", FORMATS)
    async def test_a_journal_comes_back_with_all_its_fields(
        self, store: PreviewStore, folder: str, jpeg: Jpegs, one: PreviewFormat
    ) -> None:
        target = target_in(folder, one)
        assert await store.journal(target) is None
        assert await put(store, target, jpeg, [1, 2]) == await store.journal(target)

    @pytest.mark.parametrize("one", FORMATS)
    async def test_nothing_is_seen_before_it_is_published(
        self, store: PreviewStore, folder: str, jpeg: Jpegs, one: PreviewFormat
    ) -> None:
        target = target_in(folder, one)
        async with store.writing(target, Outline(1, WIDE), SETTINGS) as writer:
            await writer.add(Thumbnail(0, dict.fromkeys(Fit, jpeg((16, 10), 1))))
            assert await store.journal(target) is None
            with pytest.raises(FilesUnavailable):
                await got(store, target)
        assert await store.journal(target) is None

    @pytest.mark.parametrize("one", FORMATS)
    async def test_a_result_stays_until_the_next_is_published(
        self, store: PreviewStore, folder: str, jpeg: Jpegs, one: PreviewFormat
    ) -> None:
        target = target_in(folder, one)
        old = await put(store, target, jpeg, [1, 2, 3])
        async with store.writing(target, Outline(2, WIDE), SETTINGS) as writer:
            await writer.add(Thumbnail(0, dict.fromkeys(Fit, jpeg((16, 10), 100))))
        assert await store.journal(target) == old
        new = await put(store, target, jpeg, [4, 5])
        assert (await store.journal(target), len((await got(store, target))[1])) == (new, 2)

    @pytest.mark.parametrize("one", FORMATS)
    async def test_a_result_that_lacks_pictures_is_not_published(
        self, store: PreviewStore, folder: str, jpeg: Jpegs, one: PreviewFormat
    ) -> None:
        target = target_in(folder, one)
        old = await put(store, target, jpeg, [1])
        async with store.writing(target, Outline(3, WIDE), SETTINGS) as writer:
            await writer.add(Thumbnail(0, dict.fromkeys(Fit, jpeg((16, 10), 100))))
            with pytest.raises(FilesUnavailable):
                await writer.publish(journal_of(target, 3))
        assert await store.journal(target) == old

    @pytest.mark.parametrize("one", FORMATS)
    async def test_a_result_that_is_not_what_its_journal_says_is_not_published(
        self, store: PreviewStore, folder: str, jpeg: Jpegs, one: PreviewFormat
    ) -> None:
        target = target_in(folder, one)
        async with store.writing(target, Outline(1, WIDE), SETTINGS) as writer:
            await writer.add(Thumbnail(0, dict.fromkeys(Fit, jpeg((16, 10), 100))))
            with pytest.raises(FilesUnavailable):
                await writer.publish(journal_of(target, 1000))
        assert await store.journal(target) is None

    @pytest.mark.parametrize("one", FORMATS)
    @pytest.mark.parametrize("other", FORMATS)
    async def test_every_format_becomes_every_other_without_a_video(
        self, store: PreviewStore, folder: str, jpeg: Jpegs, one: PreviewFormat, other: PreviewFormat
    ) -> None:
        source, target = target_in(folder, one, "source"), target_in(folder, other, "copy")
        await put(store, source, jpeg, shades(12))
        async with (
            store.reading(source, frozenset({FIT_OF[other]})) as sampling,
            store.writing(target, sampling.outline, SETTINGS) as writer,
        ):
            async for thumbnail in sampling:
                await writer.add(thumbnail)
            await writer.publish(journal_of(target, 12))
        outline, thumbnails = await got(store, target)
        assert (outline, len(thumbnails)) == (Outline(12, {FIT_OF[other]: (16, 10)}), 12)

    @pytest.mark.parametrize("one", FORMATS)
    async def test_pictures_of_one_shape_never_stand_for_another(
        self, store: PreviewStore, folder: str, jpeg: Jpegs, one: PreviewFormat
    ) -> None:
        target = target_in(folder, one)
        await put(store, target, jpeg, [1, 2], TALL)
        own = FIT_OF[one]
        assert (await got(store, target, own))[0].sizes == {own: TALL[own]}
        for fits in (set(Fit) - {own}, set(Fit)):
            with pytest.raises(FilesUnavailable):
                await got(store, target, *fits)

    async def test_results_of_other_formats_are_left_alone(self, store: PreviewStore, folder: str, jpeg: Jpegs) -> None:
        journals = {one: await put(store, target_in(folder, one), jpeg, [1]) for one in FORMATS}
        await put(store, target_in(folder, PreviewFormat.PLEX), jpeg, [1, 2])
        for one in (PreviewFormat.EMBY, PreviewFormat.JELLYFIN):
            assert await store.journal(target_in(folder, one)) == journals[one]

    @pytest.mark.parametrize("one", FORMATS)
    async def test_two_writers_of_one_result_leave_one_of_theirs(
        self, store: PreviewStore, folder: str, jpeg: Jpegs, one: PreviewFormat
    ) -> None:
        target = target_in(folder, one)
        later = replace(SETTINGS, quality=9)
        async with store.writing(target, Outline(1, WIDE), SETTINGS) as first:
            await first.add(Thumbnail(0, dict.fromkeys(Fit, jpeg((16, 10), 1))))
            second = await put(store, target, jpeg, [5, 6, 7], settings=later)
            assert await store.journal(target) == second
            await first.publish(journal_of(target, 1))
        assert await store.journal(target) == journal_of(target, 1)
        assert len((await got(store, target))[1]) == 1

    @pytest.mark.parametrize("one", FORMATS)
    async def test_one_writer_leaving_takes_nothing_from_another(
        self, store: PreviewStore, folder: str, jpeg: Jpegs, one: PreviewFormat
    ) -> None:
        target = target_in(folder, one)
        leaving = store.writing(target, Outline(1, WIDE), SETTINGS)
        await leaving.__aenter__()
        async with store.writing(target, Outline(1, WIDE), SETTINGS) as staying:
            await leaving.__aexit__(None, None, None)
            await staying.add(Thumbnail(0, dict.fromkeys(Fit, jpeg((16, 10), 1))))
            await staying.publish(journal_of(target, 1))
        assert await store.journal(target) == journal_of(target, 1)

    @pytest.mark.parametrize("one", FORMATS)
    async def test_a_sweep_leaves_results_and_what_is_being_made(
        self, store: PreviewStore, folder: str, jpeg: Jpegs, one: PreviewFormat
    ) -> None:
        done, making = target_in(folder, one, "done"), target_in(folder, one, "making")
        journal = await put(store, done, jpeg, [1])
        async with store.writing(making, Outline(1, WIDE), SETTINGS) as writer:
            assert await store.sweep(folder) == []
            await writer.add(Thumbnail(0, dict.fromkeys(Fit, jpeg((16, 10), 1))))
            await writer.publish(journal_of(making, 1))
        assert await store.sweep(folder) == []
        assert (await store.journal(done), await store.journal(making)) == (journal, journal_of(making, 1))

    async def test_a_folder_that_is_not_there_has_nothing_to_sweep(self, store: PreviewStore, folder: str) -> None:
        assert await store.sweep(f"{folder}/nowhere") == []

    @pytest.mark.parametrize("one", FORMATS)
    async def test_reading_what_is_not_there_is_refused_with_its_name(
        self, store: PreviewStore, folder: str, one: PreviewFormat
    ) -> None:
        target = target_in(folder, one)
        with pytest.raises(FilesUnavailable, match="film"):
            await got(store, target)

    async def test_a_video_has_one_identity_until_it_changes(self, store: PreviewStore, video: str) -> None:
        identity = await store.identity(video)
        assert (identity.path, identity.size > 0) == (video, True)
        assert await store.identity(video) == identity

    async def test_what_is_no_video_is_refused_by_name(self, store: PreviewStore, video: str, empty_video: str) -> None:
        for path in (f"{video}.gone", empty_video):
            with pytest.raises(VideoUnusable) as refusal:
                await store.identity(path)
            assert path in refusal.value.message
