"""Thumbnails through the ffmpeg program; the processor takes over where a GPU can not go on."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from earshelf.adapters.ffmpeg.devices import CPU, Device
from earshelf.adapters.ffmpeg.filming import Filming, Task
from earshelf.adapters.ffmpeg.inspecting import inspect
from earshelf.adapters.ffmpeg.program import Abilities, ask
from earshelf.domain.previews import Fit, PreviewSettings
from earshelf.ports.previews import Sampling

STALL_SECONDS = 300.0


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
        film = await inspect(video, settings, fits)
        abilities = self._abilities = self._abilities or await ask(self._program)
        task = Task(self._program, abilities, self._device, video, film, settings, self._threads, self._stall_seconds)
        async with Filming(task) as filming:
            yield filming
