"""What the reading routes of ``/api/v1`` cost."""

import random
import socket
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.library import load_library
from benchmarks.processes import Cost, running
from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings

_KEY = "benchmark-key"
LIST = "list, 100 books"
ONE = "one book"
BARE_CASES = (LIST, ONE)


@dataclass(frozen=True, slots=True)
class Figures:
    """One database at one size; ``bodies`` are answers for the bare handler to repeat."""

    database: str
    books: int
    seconds_to_load: float
    seconds_to_ready: float
    resident_mb: float
    costs: Mapping[str, Cost]
    bodies: Mapping[str, bytes]


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
        bodies = {name: await server.body(path) for name, path in wished.items()}
        costs = {name: await server.cost(path, requests) for name, path in wished.items()}
        return Figures(database, books, loaded, server.seconds_to_ready, server.resident_mb, costs, bodies)


async def measure_bare(bodies: Mapping[str, bytes], requests: int) -> dict[str, Cost]:
    """Measures a bare aiohttp handler that sends the same bytes."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(BARE_CASES):
            (Path(folder) / str(number)).write_bytes(bodies[name])
        async with running(
            *("-m", "benchmarks.bare", folder, str(port)),
            url=f"http://127.0.0.1:{port}",
            ready="/0",
            environment={},
            headers={},
        ) as server:
            return {name: await server.cost(f"/{number}", requests) for number, name in enumerate(BARE_CASES)}


def free_port() -> int:
    """Returns a port of loopback below the range from which the kernel hands out callers' ports."""
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise RuntimeError("no free port")
