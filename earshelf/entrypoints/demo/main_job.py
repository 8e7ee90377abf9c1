"""``earshelf demo``: one book's whole way, over HTTP, against simulators on loopback.

Nothing is left behind: settings, database and library lie in a temporary folder.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp

from earshelf.domain.errors import EarshelfError
from earshelf.entrypoints.demo.stage import Stage, StepFailed, configure, set_up
from earshelf.entrypoints.output import is_terminal, require_output, say
from earshelf.entrypoints.server import stop_signal

_PATIENCE_SECONDS = 45.0
_POLL_SECONDS = 0.1

Step = tuple[str, Callable[[Stage], Awaitable[str]]]


async def play(*, port: int, once: bool) -> int:
    """Plays every step, printing what happened; returns the exit code. Without ``once`` it serves the result."""
    require_output()
    stop = stop_signal()
    async with AsyncExitStack() as stack:
        stage = await set_up(stack, port)
        playing = asyncio.create_task(_play_steps(stage))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([playing, stopping], return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            stopping.cancel()
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
            return 1
        succeeded = playing.result()
        if succeeded and not once:
            _tell_where(stage)
            await stopping
        stopping.cancel()
    return 0 if succeeded else 1


async def _play_steps(stage: Stage) -> bool:
    started = time.monotonic()
    for number, (title, step) in enumerate(STEPS, 1):
        heading = f"[{number}/{len(STEPS)}] {title}"
        _progress(f"{heading} …")
        try:
            outcome = await step(stage)
        except (StepFailed, EarshelfError, aiohttp.ClientError, TimeoutError) as problem:
            _tell(f"{heading}: FAILED: {problem}")
            return False
        _tell(f"{heading}: {outcome}")
    _tell(f"The whole job took {time.monotonic() - started:.1f} s.")
    return True


def _tell_where(stage: Stage) -> None:
    _tell(f"Still serving at {stage.url}, documented at {stage.url}/api/v1/docs; stop with Ctrl+C.")
    _tell(f"API key: {stage.api_key}")
    _tell(f"Operator token: {stage.token}")


async def _search_metadata(stage: Stage) -> str:
    hits = await stage.v1("GET", "/metadata/search", params={"q": "lantern keeper"})
    if not hits["data"]:
        raise StepFailed("the catalogue found nothing")
    stage.found["hit"] = hits["data"][0]
    return f"'{hits['data'][0]['title']}' by {hits['data'][0]['authors'][0]['name']}, {hits['data'][0]['asin']}"


async def _add(stage: Stage) -> str:
    book = await stage.v1("POST", "/books", status=201, json={"asin": stage.found["hit"]["asin"]})
    stage.found["book"] = book["id"]
    return f"{book['id']} is {book['status']}"


async def _search_releases(stage: Stage) -> str:
    releases = await stage.v1("POST", f"/books/{stage.found['book']}/search")
    if not releases["data"]:
        raise StepFailed("the indexer offers nothing")
    stage.found["release"] = releases["data"][0]["releaseId"]
    best = releases["data"][0]
    return f"'{best['title']}' on {best['indexer']}, {best['seeders']} seeders, score {best['matchScore']:.2f}"


async def _grab(stage: Stage) -> str:
    path = f"/books/{stage.found['book']}/grab"
    download = await stage.v1("POST", path, status=201, json={"releaseId": stage.found["release"]})
    stage.found["download"] = download["id"]
    return f"{download['id']} is {download['status']}"


async def _follow_download(stage: Stage) -> str:
    seen: list[str] = []

    async def is_over() -> bool:
        download = await stage.v1("GET", f"/downloads/{stage.found['download']}")
        if not seen or seen[-1] != download["status"]:
            seen.append(download["status"])
        _progress(f"      {download['status']} {download['progress']:.0f} %")
        if download["status"] in {"failed", "pending_review"}:
            raise StepFailed(f"{download['status']}: {download['errorMessage']}")
        return bool(download["status"] == "imported")

    await _until(is_over, "the download was not imported")
    return " → ".join(seen)


async def _look_into_library(stage: Stage) -> str:
    book = await stage.operator("GET", f"/books/{stage.found['book']}")
    folder = Path(book["folder"])
    names = await asyncio.to_thread(_names_in, folder)
    if book["status"] != "imported" or len(names) != len(stage.audio.files):
        raise StepFailed(f"the book is {book['status']} with the files {names}")
    return f"{folder.relative_to(stage.library)} holds {', '.join(names)}"


def _names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def _see_scan(stage: Stage) -> str:
    async def was_scanned() -> bool:
        return bool(stage.audiobookshelf.scans)

    await _until(was_scanned, "Audiobookshelf was not told")
    return f"{len(stage.audiobookshelf.scans)} scan of library {stage.audiobookshelf.scans[0]}"


async def _see_refresh(stage: Stage) -> str:
    async def was_refreshed() -> bool:
        return bool(stage.plex.refreshes)

    await _until(was_refreshed, "Plex was not told")
    refresh = stage.plex.refreshes[0]
    return f"{len(stage.plex.refreshes)} refresh of section {refresh.section} at {refresh.path}"


STEPS: tuple[Step, ...] = (
    ("Configure", configure),
    ("Search metadata", _search_metadata),
    ("Add by ASIN", _add),
    ("Search releases", _search_releases),
    ("Grab", _grab),
    ("Download and import", _follow_download),
    ("Look into the library", _look_into_library),
    ("Tell Audiobookshelf", _see_scan),
    ("Tell Plex", _see_refresh),
)


async def _until(happened: Callable[[], Awaitable[bool]], otherwise: str) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not await happened():  # noqa: ASYNC110 - what is waited for happens behind HTTP
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        raise StepFailed(f"{otherwise} within {_PATIENCE_SECONDS:.0f} s") from None


def _tell(line: str) -> None:
    say(f"\r\033[K{line}" if is_terminal() else line)


def _progress(line: str) -> None:
    if is_terminal():
        say(f"\r\033[K{line}", end="")
