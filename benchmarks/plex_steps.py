"""What is measured in processes of their own: the bare loop, and a sync. Each prints its figures as JSON.

python -m benchmarks.plex_steps bare PLEX_URL
python -m benchmarks.plex_steps sync PLEX_URL CONFIG_DIR DATABASE_URL
"""

import asyncio
import gc
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import AuthMethod, MediaServer, ServerKind

_SERVER = ServerId("sv_benchmark0000000000000")
_PAGE, _BATCH, _AT_ONCE = 500, 25, 6


async def bare(url: str) -> int:
    """Fetches and decodes the same listing and detail bodies, as many at once, and keeps nothing."""
    items, start, total = 0, 0, 1
    async with aiohttp.ClientSession(headers={"Accept": "application/json"}) as session:
        while start < total:
            query = f"?type=1&X-Plex-Container-Start={start}&X-Plex-Container-Size={_PAGE}"
            page = await _decoded(session, f"{url}/library/sections/1/all{query}")
            keys = [row["ratingKey"] for row in page["Metadata"]]
            start, total = start + len(keys), page["totalSize"]
            batches = [keys[place : place + _BATCH] for place in range(0, len(keys), _BATCH)]
            for place in range(0, len(batches), _AT_ONCE):
                some = batches[place : place + _AT_ONCE]
                found = await asyncio.gather(
                    *(_decoded(session, f"{url}/library/metadata/{','.join(batch)}") for batch in some)
                )
                items += sum(len(container["Metadata"]) for container in found)
    return items


async def _decoded(session: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    async with session.get(url) as answer:
        container: dict[str, Any] = orjson.loads(await answer.read())["MediaContainer"]
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
    gc.set_threshold(10_000, 10, 10)
    began = time.perf_counter()
    items = asyncio.run(bare(*arguments) if kind == "bare" else sync(*arguments))
    used = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "items": items,
        "wall": time.perf_counter() - began,
        "cpu": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
