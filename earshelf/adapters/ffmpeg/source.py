"""Thumbnails through the ffmpeg program; the processor takes over where a GPU can not go on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from earshelf.adapters.ffmpeg.devices import CPU, Device
from earshelf.adapters.ffmpeg.filming import Filming, Task
from earshelf.adapters.ffmpeg.inspecting import inspect
from earshelf.adapters.ffmpeg.program import Abilities, ask
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Fit, PreviewSettings
from earshelf.ports.previews import Outline, Sampling, Thumbnail

STALL_SECONDS = 300.0
_Identity = tuple[int, int, int, int] | None


class FfmpegFrames:
    """Runs one program per video; what the program can do is asked once.

    ``threads`` bounds the processor's threads of one run, 0 leaves them to the program. ``stall_seconds`` is how
    long it may give nothing.
    """

    def __init__(
        self, program: Path, *, device: Device = CPU, threads: int = 0, stall_seconds: float = STALL_SECONDS
    ) -> None:
        self._program = program
        self._device = device
        self._threads = threads
        self._stall_seconds = stall_seconds
        self._abilities: Abilities | None = None

    def sample(
        self, video: str, settings: PreviewSettings, fits: frozenset[Fit]
    ) -> AbstractAsyncContextManager[Sampling]:
        """Begins to sample a video."""
        return self._sampling(video, settings, fits)

    @asynccontextmanager
    async def _sampling(self, video: str, settings: PreviewSettings, fits: frozenset[Fit]) -> AsyncIterator[Sampling]:
        before = await asyncio.to_thread(_identity, video)
        film = await inspect(video, settings, fits)
        abilities = self._abilities = self._abilities or await ask(self._program)
        task = Task(self._program, abilities, self._device, video, film, settings, self._threads, self._stall_seconds)
        async with Filming(task) as filming:
            yield _Watched(filming, video, before)


class _Watched:
    """A sampling that looks in the end whether the file is still the one that it began with."""

    def __init__(self, filming: Filming, video: str, before: _Identity) -> None:
        self._filming = filming
        self._video = video
        self._before = before

    @property
    def outline(self) -> Outline:
        return self._filming.outline

    async def __aiter__(self) -> AsyncIterator[Thumbnail]:
        async for thumbnail in self._filming:
            yield thumbnail
        if await asyncio.to_thread(_identity, self._video) != self._before:
            raise VideoUnusable(
                f"'{self._video}' was replaced or changed while it was read; try again when it is finished"
            )


def _identity(video: str) -> _Identity:
    try:
        found = Path(video).stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
