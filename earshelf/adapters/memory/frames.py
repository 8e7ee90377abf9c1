"""A source of frames that decodes nothing: its videos are descriptions, its pictures the numbers of frames."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Accuracy, Fit, PreviewSettings, slot_count
from earshelf.domain.sampling import plan
from earshelf.ports.previews import Outline, Sampling, Thumbnail

WIDE = 16 / 9


@dataclass(frozen=True, slots=True)
class DescribedVideo:
    """A video of so many seconds with a keyframe every ``gop`` pictures; times count from its first picture."""

    seconds: float
    rate: float = 24.0
    gop: int = 24


class MemoryFrameSource:
    """Samples described videos; a thumbnail is the number of the picture that it shows, in digits."""

    def __init__(self, videos: Mapping[str, DescribedVideo]) -> None:
        self._videos = videos

    @asynccontextmanager
    async def sample(self, video: str, settings: PreviewSettings, fits: frozenset[Fit]) -> AsyncIterator[Sampling]:
        """Begins to sample a video."""
        described = self._videos.get(video)
        if described is None:
            raise VideoUnusable(f"'{video}' holds no video")
        yield MemorySampling(described, settings, fits)


class MemorySampling:
    """A described video being sampled."""

    def __init__(self, video: DescribedVideo, settings: PreviewSettings, fits: frozenset[Fit]) -> None:
        self._video = video
        self._settings = settings
        slots = slot_count(video.seconds, 1 / video.rate, settings.interval)
        size = (settings.width, round(settings.width / WIDE / 2) * 2)
        self._outline = Outline(slots, dict.fromkeys(fits, size))

    @property
    def outline(self) -> Outline:
        """What is known of the video."""
        return self._outline

    async def __aiter__(self) -> AsyncIterator[Thumbnail]:
        for slot, number in self._numbers():
            yield Thumbnail(slot, dict.fromkeys(self._outline.sizes, str(number).encode()))

    def _numbers(self) -> Iterator[tuple[int, int]]:
        """Walks through the passes as a decoder would."""
        video, settings = self._video, self._settings
        keyframes = [number / video.rate for number in range(0, round(video.seconds * video.rate), video.gop)]
        half = 0.5 / video.rate
        for work in plan(keyframes, self._outline.slots, settings.interval, settings.accuracy, half):
            for aim in work.aims:
                time = keyframes[work.keyframe] if aim.at_keyframe else self._reached(aim.earliest, aim.latest)
                yield aim.slot, round(time * video.rate)

    def _reached(self, earliest: float, latest: float) -> float:
        wished = latest if self._settings.accuracy is Accuracy.EXACT else earliest + 1 / self._video.rate
        return int(wished * self._video.rate) / self._video.rate
