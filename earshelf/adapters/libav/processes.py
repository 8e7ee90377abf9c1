"""Worker processes as the server sees them."""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from earshelf.adapters.libav.messages import PREFIX, Kind, prefix

PIPE_BYTES = 1 << 18
LAST_WORDS_BYTES = 2000
FAREWELL_SECONDS = 5.0
PACKAGE_FOLDER = str(Path(__file__).parents[3])
# for glibc. Every thread with a heap of its own would cost some megabytes and gain nothing. What small pictures are
# made of is kept and used again: given back and asked for anew, it costs as much as the making. Frames are given back
MEMORY = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(2 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}


class WorkerProcess:
    """One worker; what it prints besides its messages is kept for the case that it dies."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._last_words = b""
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def started(cls) -> Self:
        """Starts a worker.

        :raises OSError: the system gives no process, or not what one needs.
        """
        # -P keeps modules of the current folder from being taken for those of the program
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "earshelf.adapters.libav.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=PIPE_BYTES,
            env=os.environ | {"PYTHONPATH": PACKAGE_FOLDER} | MEMORY,
        )
        return cls(process)

    @property
    def is_alive(self) -> bool:
        """Whether it still runs, as far as is known."""
        return self._process.returncode is None

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    async def send(self, message: bytes) -> None:
        """Hands a message over; a worker that died meanwhile is noticed when its answer is read."""
        assert self._process.stdin
        self._process.stdin.write(message)
        with suppress(ConnectionError):
            await self._process.stdin.drain()

    async def receive(self) -> tuple[Kind, Any, bytes]:
        """Reads a message.

        :raises EOFError: the worker ended.
        """
        assert self._process.stdout
        kind, head, body = prefix(await self._process.stdout.readexactly(PREFIX.size))
        spelled = await self._process.stdout.readexactly(head)
        return kind, json.loads(spelled), await self._process.stdout.readexactly(body)

    async def kill(self) -> None:
        """Ends it at once."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._gone()

    async def end(self) -> None:
        """Lets it end, and kills it if it does not."""
        assert self._process.stdin
        self._process.stdin.close()
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self._ended()
        except TimeoutError:
            await self.kill()
        await self._gone()

    async def obituary(self) -> str:
        """Says what a worker died of."""
        # killing asks how it ended, and whoever waits for it would then not be told
        await self.end()
        status = self._process.returncode or 0
        if status < 0:
            return f"the decoder crashed ({signal.Signals(-status).name})"
        words = self._last_words.decode(errors="replace").strip().splitlines()
        return f"the decoder ended ({words[-1] if words else f'status {status}'})"

    async def _gone(self) -> None:
        await self._ended()
        await self._listening

    async def _ended(self) -> None:
        assert self._process.stdout
        # a process counts as ended when its pipes were read to their ends, and asyncio stops reading when it is behind
        while await self._process.stdout.read(PIPE_BYTES):
            pass
        await self._process.wait()

    async def _listen(self) -> None:
        assert self._process.stderr
        while said := await self._process.stderr.read(LAST_WORDS_BYTES):
            self._last_words = (self._last_words + said)[-LAST_WORDS_BYTES:]
