"""What the reading routes of ``/api/v1`` cost."""

import random
import socket
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.library import load_library
from benchmarks.processes import Cost, Server, running
from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings

_KEY = "benchmark-key"
LIST = "list, 100 books"
ONE = "one book"
BARE_CASES = (LIST, ONE)
_TURNS = 9


@dataclass(frozen=True, slots=True)
class Multiple:
    """How many times as much as the bare handler; ``bare`` is the handler's own cost, both medians of several turns."""

    times: float
    bare: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One database at one size; ``multiples`` are of a bare handler's cost, measured in turns with it."""

    database: str
    books: int
    seconds_to_load: float
    seconds_to_ready: float
    resident_mb: float
    costs: Mapping[str, Cost]
    multiples: Mapping[str, Multiple]


def cases(books: int) -> dict[str, str]:
    """The measured requests by name."""
    middle = f"bk_{books // 2:022d}"
    deep = max(0, books - 200)
    return {
        LIST: "/api/v1/books?limit=100",
        "by title": "/api/v1/books?limit=100&sortField=title&sortDirection=asc",
        "by author": "/api/v1/books?limit=100&sortField=author",
        "by series": "/api/v1/books?limit=100&sortField=series&sortDirection=asc",
        "by size": "/api/v1/books?limit=100&sortField=size",
        "status, by title": "/api/v1/books?limit=100&status=imported&sortField=title",
        "one author": "/api/v1/books?limit=100&author=author%20lantern%20lantern%200",
        "status and author": "/api/v1/books?limit=100&status=imported&author=author%20lantern%20lantern%200",
        "deepest offset": f"/api/v1/books?limit=100&offset={deep}",
        ONE: f"/api/v1/books/{middle}",
        "authors": "/api/v1/authors?limit=100",
    }


async def measure(settings: ProcessSettings, database: str, books: int, requests: int) -> Figures:
    """Loads a library, starts the real program over it, and asks."""
    started = time.perf_counter()
    await load_library(Container(settings=settings), books)
    loaded = time.perf_counter() - started
    port = free_port()
    environment = {
        "CONFIG_DIR": str(settings.config_dir),
        "EARSHELF_DATABASE_URL": settings.database,
        "EARSHELF_API_KEY": _KEY,
        "WEB_AUTH_TOKEN": _KEY[::-1],
        "WEB_PORT": str(port),
        "LOG_LEVEL": "WARNING",
    }
    url = f"http://127.0.0.1:{port}"
    async with running(
        "-m", "earshelf", "serve", url=url, ready="/api/health", environment=environment, headers={"X-Api-Key": _KEY}
    ) as server:
        wished = cases(books)
        costs = {name: await server.cost(path, requests) for name, path in wished.items()}
        resident = server.resident_mb
        multiples = await _beside_bare(server, {name: wished[name] for name in BARE_CASES}, requests)
        return Figures(database, books, loaded, server.seconds_to_ready, resident, costs, multiples)


async def _beside_bare(server: Server, wished: Mapping[str, str], requests: int) -> dict[str, Multiple]:
    """Measures in turns with a bare aiohttp handler that sends the same bytes, so that a busy moment meets both."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate(wished.values()):
            (Path(folder) / str(number)).write_bytes(await server.body(path))
        async with running(
            *("-m", "benchmarks.bare", folder, str(port)),
            url=f"http://127.0.0.1:{port}",
            ready="/0",
            environment={},
            headers={"X-Api-Key": _KEY},
        ) as bare:
            return {
                name: await _multiple(server, path, bare, f"/{number}", requests // _TURNS)
                for number, (name, path) in enumerate(wished.items())
            }


async def _multiple(server: Server, path: str, bare: Server, bare_path: str, requests: int) -> Multiple:
    turns = [
        ((await server.cost(path, requests)).cpu, (await bare.cost(bare_path, requests)).cpu) for _ in range(_TURNS)
    ]
    return Multiple(median(ours / theirs for ours, theirs in turns), median(theirs for _, theirs in turns))


def free_port() -> int:
    """Returns a port of loopback below the range from which the kernel hands out callers' ports."""
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise RuntimeError("no free port")
