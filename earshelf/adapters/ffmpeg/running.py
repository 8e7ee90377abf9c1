"""One run of the program: a process group of its own, pictures through pipes, an end that can not be refused."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

from earshelf.adapters.ffmpeg.jpegs import JpegStream
from earshelf.domain.errors import VideoUnusable

_CHUNK = 64 * 1024
_AHEAD = 512 * 1024
_GRACE = 5.0
_REMEMBERED = 32 * 1024


class _Words(asyncio.Protocol):
    """Keeps the last of what the program says, however much that is."""

    def __init__(self) -> None:
        self.said = b""

    def data_received(self, data: bytes) -> None:
        self.said = (self.said + data)[-_REMEMBERED:]


class _Pictures:
    """One pipe of JPEGs."""

    def __init__(self, stall_seconds: float) -> None:
        self.reader = asyncio.StreamReader(limit=_AHEAD)
        self._jpegs = JpegStream()
        self._stall_seconds = stall_seconds

    def protocol(self) -> asyncio.Protocol:
        """Returns what the pipe is connected with."""
        return asyncio.StreamReaderProtocol(self.reader)

    async def take(self) -> bytes | None:
        """Returns the next picture; None at the end.

        :raises TimeoutError: nothing came for too long.
        """
        while (picture := self._jpegs.take()) is None:
            async with asyncio.timeout(self._stall_seconds):
                data = await self.reader.read(_CHUNK)
            if not data:
                return None
            self._jpegs.feed(data)
        return picture


class Run:
    """A running program and what it gives."""

    def __init__(self, process: Process, pictures: Sequence[_Pictures], words: _Words, stall_seconds: float) -> None:
        self._process = process
        self._pictures = pictures
        self._words = words
        self._stall_seconds = stall_seconds

    async def take(self) -> list[bytes] | None:
        """Returns the pictures of the next slot, one for every output; None where the program gave its last.

        :raises VideoUnusable: nothing came for too long.
        """
        try:
            taken = [await each.take() for each in self._pictures]
        except TimeoutError:
            raise VideoUnusable(f"ffmpeg gave no picture for {self._stall_seconds:g} seconds") from None
        return None if None in taken else [picture for picture in taken if picture is not None]

    async def ended(self) -> int:
        """Waits for the end that closed pipes announce, and returns the exit code, negative for a signal."""
        try:
            async with asyncio.timeout(_GRACE):
                return await self._process.wait()
        except TimeoutError:
            raise VideoUnusable("ffmpeg closed its output and did not end") from None

    @property
    def lines(self) -> list[str]:
        """The last lines that it said."""
        return self._words.said.decode(errors="replace").splitlines()


@asynccontextmanager
async def running(
    program: Path, build: Callable[[Sequence[str]], Sequence[str]], outputs: int, stall_seconds: float
) -> AsyncIterator[Run]:
    """Starts the program with as many pipes as outputs; leaving ends it, with force where it does not listen.

    :raises VideoUnusable: it can not be started.
    """
    with ExitStack() as stack:
        words = _Words()
        pictures = [_Pictures(stall_seconds) for _ in range(outputs)]
        errors = await _pipe(stack, lambda: words)
        pipes = [await _pipe(stack, each.protocol) for each in pictures]
        arguments = build([f"pipe:{pipe}" for pipe in pipes])
        process = await _start(program, arguments, errors, pipes)
        for pipe in (errors, *pipes):
            os.close(pipe)
        try:
            yield Run(process, pictures, words, stall_seconds)
        finally:
            stack.close()
            await _end(process)


async def _pipe(stack: ExitStack, protocol: Callable[[], asyncio.Protocol]) -> int:
    """Opens a pipe that is read here, and returns its other end."""
    reading, writing = os.pipe()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(protocol, os.fdopen(reading, "rb", buffering=0))
    stack.callback(transport.close)
    return writing


async def _start(program: Path, arguments: Sequence[str], errors: int, pipes: Sequence[int]) -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            program,
            *arguments,
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=errors,
            pass_fds=pipes,
            start_new_session=True,
        )
    except (OSError, ValueError) as refusal:
        for pipe in (errors, *pipes):
            os.close(pipe)
        raise VideoUnusable(f"'{program}' can not be started: {refusal}") from refusal


async def _end(process: Process) -> None:
    """Asks the whole group to end, and after a while does not ask any more."""
    for means in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, means)
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await process.wait()
