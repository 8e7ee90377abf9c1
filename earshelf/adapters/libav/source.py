"""Frames from libav, decoded in processes of their own that are kept for the next video."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from earshelf.adapters.libav.messages import Kind, Request, read_outline, read_thumbnail, request_message
from earshelf.adapters.libav.processes import WorkerProcess
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Fit, PreviewSettings
from earshelf.ports.previews import Outline, Sampling, Thumbnail

STALL_SECONDS = 300.0
MOST_THREADS = 4


class LibavFrameSource:
    """Samples as many videos at a time as it has workers; others wait.

    Workers are started when they are needed. One that is silent for ``stall`` seconds is killed.
    """

    def __init__(self, workers: int, *, stall: float = STALL_SECONDS, threads: int | None = None) -> None:
        self._free = asyncio.Semaphore(workers)
        self._stall = stall
        self._threads = threads or min(MOST_THREADS, max(1, (os.cpu_count() or 1) // workers))
        self._idle: list[WorkerProcess] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        while self._idle:
            await self._idle.pop().end()

    @asynccontextmanager
    async def sample(self, video: str, settings: PreviewSettings, fits: frozenset[Fit]) -> AsyncIterator[Sampling]:
        """Begins to sample a video in a worker of its own."""
        async with self._free:
            worker = self._idle.pop() if self._idle else await _started(video)
            sampling = LibavSampling(worker, video, self._stall)
            try:
                await sampling.begin(Request(video, settings, fits, self._threads))
                yield sampling
            finally:
                await self._put_back(worker, sampling)

    async def _put_back(self, worker: WorkerProcess, sampling: "LibavSampling") -> None:
        if sampling.is_over and worker.is_alive:
            self._idle.append(worker)
        else:
            await worker.kill()


async def _started(video: str) -> WorkerProcess:
    try:
        return await WorkerProcess.started()
    except OSError as problem:
        why = f"'{video}' is not decoded: no process can be started for it: {problem.strerror}"
        raise VideoUnusable(why) from problem


class LibavSampling:
    """What a worker tells of one video."""

    def __init__(self, worker: WorkerProcess, video: str, stall: float) -> None:
        self._worker = worker
        self._video = video
        self._stall = stall
        self._outline = Outline(0, {})
        self.is_over = False

    @property
    def outline(self) -> Outline:
        """What is known of the video."""
        return self._outline

    async def begin(self, request: Request) -> None:
        """Sends the request and waits for the outline.

        :raises VideoUnusable: the worker says so, or ends, or says nothing.
        """
        await self._worker.send(request_message(request))
        _, head, _ = await self._next()
        self._outline = read_outline(head)

    async def __aiter__(self) -> AsyncIterator[Thumbnail]:
        while not self.is_over:
            kind, head, body = await self._next()
            if kind is Kind.THUMBNAIL:
                yield read_thumbnail(head, body)

    async def _next(self) -> tuple[Kind, object, bytes]:
        """Reads up to the next message that says something."""
        while True:
            kind, head, body = await self._read()
            if kind is not Kind.ALIVE:
                break
        self.is_over = kind in (Kind.END, Kind.UNUSABLE)
        if kind is Kind.UNUSABLE:
            raise VideoUnusable(str(head))
        return kind, head, body

    async def _read(self) -> tuple[Kind, object, bytes]:
        try:
            async with asyncio.timeout(self._stall):
                return await self._worker.receive()
        except TimeoutError as problem:
            await self._worker.kill()
            why = f"'{self._video}' was given up: its decoder gave nothing for {self._stall:g} seconds"
            raise VideoUnusable(why) from problem
        except EOFError as problem:
            raise VideoUnusable(f"'{self._video}' cannot be decoded: {await self._worker.obituary()}") from problem
