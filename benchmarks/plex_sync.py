"""What keeping a large Plex library in step costs, and the lists of it.

python -m benchmarks.plex_sync [--items 100000] [--databases sqlite,postgres] [--requests 40]

The first sync is held to three times a bare loop that fetches the same bodies over the same HTTP library and decodes
them with the standard library. "Index writes included" says that the sync's own writing counts, so the bare loop writes
nothing. Two more loops are measured: one with the quickest decoder of dictionaries there is, and one that also puts a
row for every item, without parsing it, into the same table with the same indexes of a SQLite database. All ratios are
printed, of the time that passes and of processor time: the sync writes beside its reading, and where others use the
processors too it waits for two of them. Pages are told with the server's own processor time; what a PostgreSQL spends
besides is in the time that passes.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Server, running
from benchmarks.reading import free_port

_TOKEN = "benchmark-token"
PAGES: Mapping[str, str] = {
    "by title": "/api/media?limit=100",
    "by year, down": "/api/media?limit=100&sort=-year",
    "newest first": "/api/media?limit=100&sort=-added_at",
    "middle": "/api/media?limit=100&offset=50000",
    "deepest offset": "/api/media?limit=100&offset=99800",
    "one server": "/api/media?limit=100&server_id=sv_benchmark0000000000000",
    "one library": "/api/media?limit=100&library_key=1&sort=-added_at",
    "films": "/api/media?limit=100&type=MOVIE",
    "Dolby Vision": "/api/media?limit=100&dynamic_range=Dolby%20Vision",
    "Dolby Atmos": "/api/media?limit=100&audio_profile=Dolby%20Atmos&sort=-year",
    "4k": "/api/media?limit=100&resolution=4k",
    "4k and HDR10": "/api/media?limit=100&resolution=4k&dynamic_range=HDR10&sort=-added_at",
    "a rare word": "/api/media?limit=100&q=77777",
    "a common word": "/api/media?limit=100&q=harbour",
}


@dataclass(frozen=True, slots=True)
class Step:
    """What one process took: seconds, and megabytes at its peak; ``requests`` is what the server counted."""

    wall: float
    cpu: float
    peak_mb: float
    requests: int


async def _step(plex: Server, *arguments: str) -> Step:
    await plex.body("/told")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.plex_steps", *arguments, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{arguments[0]} ended with exit code {process.returncode}; see what it printed")
    figures = json.loads(told)
    return Step(figures["wall"], figures["cpu"], figures["peak_mb"], json.loads(await plex.body("/told")))


async def _database(kind: str, plex: Server, place: Path, loops: Mapping[str, Step], requests: int) -> None:
    async with _url(kind, place) as url:
        first = await _step(plex, "sync", plex.url, str(place), url)
        again = await _step(plex, "sync", plex.url, str(place), url)
        await plex.body("/revise")
        some = await _step(plex, "sync", plex.url, str(place), url)
        print(f"\n{kind}")
        _line("first sync", first, "")
        for name, loop in loops.items():
            print(f"    {first.wall / loop.wall:.2f} × {name}, {first.cpu / loop.cpu:.2f} × its processor time")
        _line("nothing changed", again, f"{again.requests / first.requests:.1%} of the requests")
        _line("1 % changed", some, f"{some.requests / first.requests:.1%} of the requests (≤ 10 %)")
        if kind == "postgres":
            await _vacuumed(url)
        await _pages(place, url, requests)


async def _vacuumed(url: str) -> None:
    """Does what a PostgreSQL does by itself within minutes: until then it looks at rows to tell whether they live."""
    import asyncpg  # noqa: PLC0415

    connection = await asyncpg.connect(url)
    for table in ("media", "media_words"):
        await connection.execute(f"VACUUM ANALYZE {table}")
    await connection.close()


async def _pages(place: Path, url: str, requests: int) -> None:
    port = free_port()
    environment = {
        "CONFIG_DIR": str(place),
        "EARSHELF_DATABASE_URL": url,
        "WEB_AUTH_TOKEN": _TOKEN,
        "WEB_PORT": str(port),
        "LOG_LEVEL": "WARNING",
    }
    async with running(
        *("-m", "earshelf", "serve"),
        url=f"http://127.0.0.1:{port}",
        ready="/api/health",
        environment=environment,
        headers={"X-Auth-Token": _TOKEN},
    ) as server:
        for name, path in PAGES.items():
            cost = await server.cost(path, requests)
            print(f"  page {name:<22}{cost.cpu:>8.2f} ms CPU{cost.wall:>8.2f} ms wall   (≤ 5 ms CPU)")
        print(f"  resident while serving    {server.resident_mb:>5.0f} MB")


def _line(name: str, step: Step, told: str) -> None:
    print(
        f"  {name:<18}{step.wall:>7.1f} s{step.cpu:>7.1f} s CPU{step.peak_mb:>6.0f} MB at its peak (≤ 250)"
        f"{step.requests:>7} requests   {told}"
    )


@asynccontextmanager
async def _url(kind: str, place: Path) -> AsyncIterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{place / 'library.db'}"
        return
    # only this one needs the server that the test extra brings
    from benchmarks.postgres import a_database  # noqa: PLC0415

    async with a_database() as url:
        yield url


async def measure(items: int, databases: list[str], requests: int) -> None:
    """Prints everything."""
    port = free_port()
    async with running(
        *("-m", "benchmarks.plex_server", str(port), str(items)),
        url=f"http://127.0.0.1:{port}",
        ready="/identity",
        environment={},
        headers={},
    ) as plex:
        print(f"{items:,} films\n")
        with tempfile.TemporaryDirectory(prefix="earshelf-bench-") as folder:
            bare = await _step(plex, "bare", plex.url)
            _line("bare loop", bare, "fetches and decodes the same bodies")
            tuned = await _step(plex, "tuned", plex.url)
            _line("tuned loop", tuned, "decodes with msgspec")
            written = await _step(plex, "written", plex.url, folder)
            _line("loop that writes", written, "and writes rows to the same table")
            loops = {"the bare loop (≤ 3)": bare, "the tuned loop": tuned, "the loop that writes": written}
            for kind in databases:
                place = Path(folder) / kind
                place.mkdir()
                await _database(kind, plex, place, loops, requests)


def main() -> None:
    """Reads the command line and measures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plex_sync", description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--requests", type=int, default=40)
    wished = parser.parse_args()
    asyncio.run(measure(wished.items, wished.databases.split(","), wished.requests))


if __name__ == "__main__":
    main()
