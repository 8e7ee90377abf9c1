"""Servers in processes of their own, and what they cost the machine; reads ``/proc``, so Linux only."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds per request: of the server's processor time, and of the caller's waiting."""

    cpu: float
    wall: float


@dataclass(slots=True)
class Server:
    """A running server; ``seconds_to_ready`` is the time from its start to its first answer."""

    url: str
    pid: int
    session: aiohttp.ClientSession
    seconds_to_ready: float = 0.0

    @property
    def resident_mb(self) -> float:
        """Memory that is in use now."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE / 2**20

    async def body(self, path: str) -> bytes:
        """Returns one answer."""
        async with self.session.get(self.url + path) as answer:
            answer.raise_for_status()
            return await answer.read()

    async def cost(self, path: str, requests: int) -> Cost:
        """Asks one after the other, after some requests that are not counted."""
        for _ in range(requests // 3):
            await self.body(path)
        cpu, wall = self._cpu_seconds(), time.perf_counter()
        for _ in range(requests):
            await self.body(path)
        spent = self._cpu_seconds() - cpu
        return Cost(spent / requests * 1000, (time.perf_counter() - wall) / requests * 1000)

    def _cpu_seconds(self) -> float:
        """The scheduler's nanoseconds where the kernel tells them, else its ticks."""
        total = 0
        with suppress(OSError):
            for task in Path(f"/proc/{self.pid}/task").iterdir():
                total += int((task / "schedstat").read_text().split()[0])
        if total:
            return total / 1e9
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


@asynccontextmanager
async def running(
    *arguments: str, url: str, ready: str, environment: Mapping[str, str], headers: Mapping[str, str]
) -> AsyncIterator[Server]:
    """Starts a Python program, waits until ``ready`` answers, and stops it at the end."""
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env={**os.environ, **environment}, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with aiohttp.ClientSession(headers=headers) as session:
            server = Server(url, process.pid, session)
            async with asyncio.timeout(_START_SECONDS):
                while not await _answers(session, url + ready):
                    if process.returncode is not None:
                        raise RuntimeError(f"the server ended with exit code {process.returncode}; see what it printed")
                    await asyncio.sleep(0.01)
            server.seconds_to_ready = time.perf_counter() - started
            yield server
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
