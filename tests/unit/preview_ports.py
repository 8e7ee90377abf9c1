"""The ports of previewing in memory: videos that are scripts, and a disk that is a dictionary."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from earshelf.adapters.memory.previews import MemoryPreviewStore
from earshelf.domain.errors import FilesUnavailable, VideoUnusable
from earshelf.domain.previews import (
    Fit,
    Journal,
    PreviewFormat,
    PreviewSettings,
    Target,
    VideoIdentity,
)
from earshelf.ports.previews import Disk, Outline, PreviewWriter, Sampling, Thumbnail

SIZES = {Fit.BOX: (320, 180), Fit.WIDTH: (320, 180)}


@dataclass(slots=True)
class Video:
    """What a video gives; it breaks off after ``breaks_after`` pictures, and each waits for ``pace`` where given."""

    slots: int = 3
    breaks_after: int | None = None
    short_by: int = 0
    pace: asyncio.Event | None = None
    notes: tuple[str, ...] = ()


class _Pictures:
    def __init__(self, outline: Outline, thumbnails: AsyncIterator[Thumbnail]) -> None:
        self.outline = outline
        self._thumbnails = thumbnails

    def __aiter__(self) -> AsyncIterator[Thumbnail]:
        return self._thumbnails


class ScriptedVideos:
    """A source of frames; ``samplings`` lists every decoding that began, ``seen_open`` what went on at each time."""

    def __init__(self, videos: Mapping[str, Video]) -> None:
        self.videos = dict(videos)
        self.samplings: list[tuple[str, frozenset[Fit]]] = []
        self.open: list[str] = []
        self.seen_open: list[frozenset[str]] = []
        self.begun = asyncio.Event()

    @asynccontextmanager
    async def sample(self, video: str, settings: PreviewSettings, fits: frozenset[Fit]) -> AsyncIterator[Sampling]:
        if video not in self.videos:
            raise VideoUnusable(f"'{video}' is no video")
        script = self.videos[video]
        self.samplings.append((video, fits))
        self.open.append(video)
        self.seen_open.append(frozenset(self.open))
        self.begun.set()
        try:
            yield _Pictures(Outline(script.slots, SIZES, script.notes), self._thumbnails(video, script, fits))
        finally:
            self.open.remove(video)

    async def _thumbnails(self, video: str, script: Video, fits: frozenset[Fit]) -> AsyncIterator[Thumbnail]:
        for slot in range(script.slots - script.short_by):
            if script.pace is not None:
                await script.pace.wait()
            await asyncio.sleep(0)
            if slot == script.breaks_after:
                raise VideoUnusable(f"'{video}' breaks off")
            yield Thumbnail(slot, {fit: f"{video} {slot}".encode() for fit in fits})


class MemoryPreviews(MemoryPreviewStore):
    """A store; ``refused`` paths cannot be written, and ``full`` ones take that many pictures only.

    ``unsound`` paths have a journal but cannot be read.
    """

    def __init__(self, videos: Mapping[str, VideoIdentity]) -> None:
        super().__init__(videos)
        self.refused: set[str] = set()
        self.full: dict[str, int] = {}
        self.unsound: set[str] = set()

    @asynccontextmanager
    async def writing(
        self, target: Target, outline: Outline, settings: PreviewSettings
    ) -> AsyncIterator[PreviewWriter]:
        if target.path in self.refused:
            raise FilesUnavailable(f"'{target.path}': Permission denied")
        async with super().writing(target, outline, settings) as writer:
            yield _NarrowWriter(writer, target.path, self.full.get(target.path))

    @asynccontextmanager
    async def reading(self, target: Target, fits: frozenset[Fit]) -> AsyncIterator[Sampling]:
        if target.path in self.unsound:
            raise FilesUnavailable(f"'{target.path}' is not sound")
        async with super().reading(target, fits) as sampling:
            yield sampling


class _NarrowWriter:
    def __init__(self, writer: PreviewWriter, path: str, room: int | None) -> None:
        self._writer = writer
        self._path = path
        self._room = room

    async def add(self, thumbnail: Thumbnail) -> None:
        if thumbnail.slot == self._room:
            raise FilesUnavailable(f"'{self._path}': No space left on device")
        await self._writer.add(thumbnail)

    async def publish(self, journal: Journal) -> None:
        await self._writer.publish(journal)


class MemoryFrameCache:
    """A cache over the store; ``trouble`` is what every method of it meets from then on."""

    def __init__(self) -> None:
        self.kept: set[str] = set()
        self.trouble: dict[str, str] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def claimed(self, key: str) -> AsyncIterator[None]:
        self._meet("claimed")
        async with self._locks.setdefault(key, asyncio.Lock()):
            yield

    async def find(self, key: str) -> Target | None:
        self._meet("find")
        return Target(PreviewFormat.PLEX, f"cache/{key}") if key in self.kept else None

    async def place(self, key: str) -> Target:
        self._meet("place")
        return Target(PreviewFormat.PLEX, f"cache/{key}")

    async def keep(self, key: str) -> None:
        self._meet("keep")
        self.kept.add(key)

    def _meet(self, method: str) -> None:
        if method in self.trouble:
            raise FilesUnavailable(self.trouble[method])


class KnownDisks:
    """Disks by the first letter of a path: capitals rotate."""

    async def holding(self, path: str) -> Disk:
        return Disk(path[0], is_rotational=path[0].isupper())
