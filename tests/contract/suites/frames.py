"""What sources of frames do, whatever decodes.

A subclass gives two fixtures: ``source``, the adapter, open; and ``clocks``, which makes videos whose pictures are
numbered, and reads the numbers back.
"""

from itertools import pairwise
from math import ceil
from typing import Protocol

import pytest

from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Accuracy, Fit, PreviewSettings
from earshelf.ports.previews import FrameSource, Thumbnail

RATE = 24
BOTH = frozenset(Fit)


class Clocks(Protocol):
    """Makes videos of ``RATE`` pictures a second that are numbered from zero."""

    def clock(self, seconds: float, *, gop: int, start: float = 0.0) -> str:
        """Makes a video with a keyframe every ``gop`` pictures whose time begins at ``start``; returns its path."""
        ...

    def broken(self, how: str) -> str:
        """Makes something that is no video: ``missing``, ``empty``, ``text`` or ``sound``; returns its path."""
        ...

    def number_in(self, jpeg: bytes) -> int:
        """Reads which picture a thumbnail shows."""
        ...


async def taken(source: FrameSource, video: str, settings: PreviewSettings) -> list[Thumbnail]:
    """Takes all thumbnails of a video."""
    async with source.sample(video, settings, BOTH) as sampling:
        found = [thumbnail async for thumbnail in sampling]
        assert len(found) == sampling.outline.slots
        return found


class FrameSourceContract:
    """Slots, their pictures, and what cannot be shown."""

    @pytest.mark.parametrize(("seconds", "interval"), [(12, 5), (12, 4), (12.5, 4), (3, 5)])
    async def test_every_begun_interval_has_a_slot(
        self, source: FrameSource, clocks: Clocks, seconds: float, interval: int
    ) -> None:
        found = await taken(source, clocks.clock(seconds, gop=48), PreviewSettings(interval=interval))
        assert [thumbnail.slot for thumbnail in found] == list(range(ceil(seconds / interval)))

    @pytest.mark.parametrize("start", [0.0, 5.5])
    @pytest.mark.parametrize("gop", [24, 60, 1000])
    async def test_an_exact_slot_shows_the_picture_of_its_time(
        self, source: FrameSource, clocks: Clocks, gop: int, start: float
    ) -> None:
        video = clocks.clock(12, gop=gop, start=start)
        found = await taken(source, video, PreviewSettings(interval=3, accuracy=Accuracy.EXACT))
        shown = [clocks.number_in(thumbnail.jpegs[Fit.BOX]) for thumbnail in found]
        assert shown == pytest.approx([0, 72, 144, 216], abs=1)

    @pytest.mark.parametrize("gop", [24, 96, 1000])
    @pytest.mark.parametrize("interval", [1, 5])
    async def test_a_fast_slot_is_at_most_half_an_interval_early_and_less_than_that_late(
        self, source: FrameSource, clocks: Clocks, gop: int, interval: int
    ) -> None:
        video = clocks.clock(12, gop=gop, start=5.5)
        found = await taken(source, video, PreviewSettings(interval=interval))
        early = [t.slot * interval * RATE - clocks.number_in(t.jpegs[Fit.BOX]) for t in found]
        assert all(-interval * RATE / 2 <= one <= interval * RATE / 2 + 1 for one in early)

    @pytest.mark.parametrize("gop", [24, 84, 1000])
    @pytest.mark.parametrize("accuracy", list(Accuracy))
    async def test_no_picture_is_shown_twice(
        self, source: FrameSource, clocks: Clocks, accuracy: Accuracy, gop: int
    ) -> None:
        found = await taken(source, clocks.clock(12, gop=gop), PreviewSettings(interval=1, accuracy=accuracy))
        shown = [clocks.number_in(thumbnail.jpegs[Fit.BOX]) for thumbnail in found]
        assert all(before < after for before, after in pairwise(shown))

    async def test_the_first_slot_shows_the_first_picture(self, source: FrameSource, clocks: Clocks) -> None:
        first, *_ = await taken(source, clocks.clock(6, gop=48, start=5.5), PreviewSettings(interval=5))
        assert clocks.number_in(first.jpegs[Fit.BOX]) == 0

    async def test_every_wished_fit_is_there_and_no_other(self, source: FrameSource, clocks: Clocks) -> None:
        video = clocks.clock(6, gop=48)
        for fits in (BOTH, frozenset({Fit.BOX}), frozenset({Fit.WIDTH})):
            async with source.sample(video, PreviewSettings(), fits) as sampling:
                assert set(sampling.outline.sizes) == fits
                assert [set(thumbnail.jpegs) async for thumbnail in sampling] == [fits, fits]

    async def test_fits_of_one_size_share_their_bytes(self, source: FrameSource, clocks: Clocks) -> None:
        found = await taken(source, clocks.clock(6, gop=48), PreviewSettings())
        assert all(thumbnail.jpegs[Fit.BOX] == thumbnail.jpegs[Fit.WIDTH] for thumbnail in found)

    @pytest.mark.parametrize("how", ["missing", "empty", "text", "sound"])
    async def test_what_is_no_video_is_refused_by_name(self, source: FrameSource, clocks: Clocks, how: str) -> None:
        path = clocks.broken(how)
        with pytest.raises(VideoUnusable) as refused:
            await taken(source, path, PreviewSettings())
        assert path in str(refused.value)

    async def test_after_a_refusal_the_next_video_is_served(self, source: FrameSource, clocks: Clocks) -> None:
        with pytest.raises(VideoUnusable):
            await taken(source, clocks.broken("text"), PreviewSettings())
        assert len(await taken(source, clocks.clock(6, gop=48), PreviewSettings())) == 2

    async def test_leaving_early_does_not_keep_the_next_video_waiting(
        self, source: FrameSource, clocks: Clocks
    ) -> None:
        video = clocks.clock(12, gop=48)
        async with source.sample(video, PreviewSettings(interval=1), BOTH) as sampling:
            async for thumbnail in sampling:
                assert thumbnail.slot == 0
                break
        assert len(await taken(source, video, PreviewSettings(interval=1))) == 12
