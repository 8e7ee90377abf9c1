"""Results of previews and kept pictures in this process."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from earshelf.domain.errors import FilesUnavailable, VideoUnusable
from earshelf.domain.preview_settings import FrameReuseSettings
from earshelf.domain.previews import FIT_OF, Fit, Journal, PreviewFormat, PreviewSettings, Target, VideoIdentity
from earshelf.ports.previews import Outline, PreviewWriter, Sampling, Thumbnail

_SECONDS_WHEN_OFF = 600.0
_MEBIBYTE = 2**20
_Sizes = Mapping[Fit, tuple[int, int]]


@dataclass(slots=True)
class Result:
    """A published result; without ``sizes`` its pictures serve every fit."""

    pictures: list[bytes]
    journal: Journal | None
    sizes: _Sizes = field(default_factory=dict)


class MemoryPreviewStore:
    """Keeps results in a dictionary; the only videos are those that it is told of."""

    def __init__(self, videos: Mapping[str, VideoIdentity] | None = None) -> None:
        self.videos = dict(videos or {})
        self.results: dict[Target, Result] = {}
        self.drafts: list[str] = []

    async def identity(self, video: str) -> VideoIdentity:
        if video not in self.videos:
            raise VideoUnusable(f"'{video}' is not there")
        if self.videos[video].size == 0:
            raise VideoUnusable(f"'{video}' is empty; copy it again")
        return self.videos[video]

    def replace_video(self, video: str) -> None:
        """Lets another content lie at a path from now on."""
        self.videos[video] = replace(self.videos[video], modified_ns=self.videos[video].modified_ns + 1)

    async def journal(self, target: Target) -> Journal | None:
        result = self.results.get(target)
        return result.journal if result else None

    @asynccontextmanager
    async def writing(
        self, target: Target, outline: Outline, settings: PreviewSettings
    ) -> AsyncIterator[PreviewWriter]:
        self.drafts.append(target.path)
        try:
            yield MemoryWriter(self, target, outline, settings)
        finally:
            self.drafts.remove(target.path)

    @asynccontextmanager
    async def reading(self, target: Target, fits: frozenset[Fit]) -> AsyncIterator[Sampling]:
        result = self.results.get(target)
        if result is None:
            raise FilesUnavailable(f"'{target.path}' is not there; make it anew")
        size = result.sizes.get(FIT_OF[target.format], (320, 180))
        if any(result.sizes.get(fit, size) != size for fit in fits):
            raise FilesUnavailable(f"The pictures of '{target.path}' have another shape than is wanted")
        yield _Stored(Outline(len(result.pictures), dict.fromkeys(fits, size)), tuple(result.pictures))

    async def sweep(self, folder: str) -> list[str]:  # noqa: ARG002 - what is kept in memory goes with its process
        return []


class _Stored:
    def __init__(self, outline: Outline, pictures: Iterable[bytes]) -> None:
        self.outline = outline
        self._pictures = enumerate(pictures)

    async def __aiter__(self) -> AsyncIterator[Thumbnail]:
        for slot, picture in self._pictures:
            yield Thumbnail(slot, dict.fromkeys(self.outline.sizes, picture))


class MemoryWriter:
    """One result in the making."""

    def __init__(self, store: MemoryPreviewStore, target: Target, outline: Outline, settings: PreviewSettings) -> None:
        self._store = store
        self._outline = outline
        self._settings = settings
        self.target = target
        self.pictures: list[bytes] = []

    async def add(self, thumbnail: Thumbnail) -> None:
        self.pictures.append(thumbnail.jpegs[FIT_OF[self.target.format]])

    async def publish(self, journal: Journal) -> None:
        counts = {len(self.pictures), self._outline.slots, journal.pictures}
        if len(counts) != 1 or journal.settings.interval != self._settings.interval:
            raise FilesUnavailable(f"'{self.target.path}' is not what its journal says; make it anew")
        self._store.results[self.target] = Result(self.pictures, journal, self._outline.sizes)


class MemoryFrameCache:
    """Keeps pictures in a store for the time, and within the space, that the settings give it."""

    def __init__(
        self,
        store: MemoryPreviewStore,
        reuse: FrameReuseSettings = FrameReuseSettings(),  # noqa: B008 - frozen
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._seconds = reuse.ttl_minutes * 60.0 if reuse.enabled else _SECONDS_WHEN_OFF
        self._most_bytes = reuse.max_cache_disk_mb * _MEBIBYTE
        self._clock = clock
        self._kept: dict[str, float] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def claimed(self, key: str) -> AsyncIterator[None]:
        async with self._locks.setdefault(key, asyncio.Lock()):
            yield

    async def find(self, key: str) -> Target | None:
        if key in self._kept and self._is_too_old(key):
            self._forget(key)
        return _place(key) if key in self._kept else None

    async def place(self, key: str) -> Target:
        return _place(key)

    async def keep(self, key: str) -> None:
        self._kept.pop(key, None)
        self._kept[key] = self._clock()
        for one in [other for other in self._kept if other != key]:
            if self._is_too_old(one) or self._total() > self._most_bytes:
                self._forget(one)

    def _is_too_old(self, key: str) -> bool:
        return self._clock() - self._kept[key] >= self._seconds

    def _total(self) -> int:
        results = [self._store.results.get(_place(key)) for key in self._kept]
        return sum(len(picture) for result in results if result for picture in result.pictures)

    def _forget(self, key: str) -> None:
        del self._kept[key]
        self._store.results.pop(_place(key), None)


def _place(key: str) -> Target:
    return Target(PreviewFormat.PLEX, f"cache/frames/{key}.bif")
