"""What is measured in processes of their own: bare loops, and a sync. Each prints its figures as JSON.

python -m benchmarks.plex_steps bare PLEX_URL
python -m benchmarks.plex_steps tuned PLEX_URL
python -m benchmarks.plex_steps written PLEX_URL CONFIG_DIR
python -m benchmarks.plex_steps sync PLEX_URL CONFIG_DIR DATABASE_URL
"""

import asyncio
import gc
import json
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import AuthMethod, MediaServer, ServerKind

_SERVER = ServerId("sv_benchmark0000000000000")
_PAGE, _BATCH, _AT_ONCE = 500, 25, 6


# columns of the index that stand in a body as they are, and those that a loop cannot do without
_TOLD = {
    "item_key": "ratingKey",
    "title": "title",
    "title_key": "titleSort",
    "words": "title",
    "year": "year",
    "added_at": "addedAt",
    "updated_at": "updatedAt",
    "duration": "duration",
    "content_rating": "contentRating",
    "rating": "rating",
}
_MADE = ("number", "id", "dedupe_key", "body", "server_id", "facet", "play_count", "last_played_at", "signature")
_COLUMNS = (*_TOLD, *_MADE, "parser", "is_complete")
_INSERT = f"INSERT INTO media ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"


async def bare(url: str) -> int:
    """Fetches and decodes the same listing and detail bodies, as many at once, and keeps nothing."""
    return await _looped(url, json.loads)


async def tuned(url: str) -> int:
    """The same with the quickest decoder of dictionaries that there is."""
    return await _looped(url, msgspec.json.decode)


async def _looped(
    url: str, decode: Callable[[bytes], Any], keep: Callable[[Sequence[dict[str, Any]]], None] | None = None
) -> int:
    items, start, total = 0, 0, 1
    async with aiohttp.ClientSession(headers={"Accept": "application/json"}) as session:
        while start < total:
            query = f"?type=1&X-Plex-Container-Start={start}&X-Plex-Container-Size={_PAGE}"
            page = await _decoded(session, f"{url}/library/sections/1/all{query}", decode)
            keys = [row["ratingKey"] for row in page["Metadata"]]
            start, total = start + len(keys), page["totalSize"]
            batches = [keys[place : place + _BATCH] for place in range(0, len(keys), _BATCH)]
            for place in range(0, len(batches), _AT_ONCE):
                some = batches[place : place + _AT_ONCE]
                found = await asyncio.gather(
                    *(_decoded(session, f"{url}/library/metadata/{','.join(batch)}", decode) for batch in some)
                )
                items += sum(len(container["Metadata"]) for container in found)
                if keep:
                    for container in found:
                        keep(container["Metadata"])
    return items


async def written(url: str, folder: str) -> int:
    """The tuned loop, and writes a row for each item to the table that the sync writes, with its indexes."""
    path = Path(folder) / "bare.db"
    async with SqliteDatabase(path):
        pass
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA synchronous = FULL")
        shelf = _Shelf(database)
        items = await _looped(url, msgspec.json.decode, shelf.keep)
        shelf.write()
    return items


class _Shelf:
    """Writes rows a thousand at a time, as the sync does."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._rows: list[tuple[Any, ...]] = []
        self._last = 0

    def keep(self, found: Sequence[dict[str, Any]]) -> None:
        for row in found:
            self._last += 1
            number, key = self._last, row["ratingKey"]
            made = (
                number,
                f"md_{number * 7919:022x}",
                f"movie:{key}",
                msgspec.json.encode(row).decode(),
                _SERVER,
                number % 12,
            )
            self._rows.append((*map(row.get, _TOLD.values()), *made, 0, 0, key, 1, 1))
        if len(self._rows) >= 1000:
            self.write()

    def write(self) -> None:
        with self._database:
            self._database.executemany(_INSERT, self._rows)
        self._rows.clear()


async def _decoded(session: aiohttp.ClientSession, url: str, decode: Callable[[bytes], Any]) -> dict[str, Any]:
    async with session.get(url) as answer:
        container: dict[str, Any] = decode(await answer.read())["MediaContainer"]
        return container


async def sync(url: str, folder: str, database_url: str) -> int:
    """Runs one job to its end."""
    container = Container(settings=ProcessSettings(config_dir=Path(folder), database_url=database_url))
    async with container.opened():
        await _configure(container, url)
        syncing = container.syncing()
        running = asyncio.create_task(syncing.run())
        job_id = await syncing.start(_SERVER)
        while not (job := await syncing.job(job_id)).is_over:  # noqa: ASYNC110 - a row tells nobody
            await asyncio.sleep(0.1)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        if job.error:
            raise RuntimeError(job.error)
        processed: int = job.items_processed
        return processed


async def _configure(container: Container, url: str) -> None:
    server = MediaServer(_SERVER, ServerKind.PLEX, "Bench", url, AuthMethod.TOKEN, token="benchmark")
    async with container.storage().unit() as unit:
        if not await unit.servers.all():
            await unit.servers.add(server)
            await unit.commit(container.clock().now())


def main(kind: str, *arguments: str) -> None:
    """Runs one step and prints what it took."""
    # as `earshelf serve` does
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
    steps: dict[str, Callable[..., Coroutine[Any, Any, int]]] = {
        "bare": bare,
        "tuned": tuned,
        "written": written,
        "sync": sync,
    }
    began, worked = time.perf_counter(), time.process_time()
    items = asyncio.run(steps[kind](*arguments))
    figures = {
        "items": items,
        "wall": time.perf_counter() - began,
        "cpu": time.process_time() - worked,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
