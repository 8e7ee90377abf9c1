"""The main job over HTTP alone: the real program, a real download client, and bytes that really travel."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from tests.journeys.clients import Payload, contents, payload
from tests.journeys.daemons import Daemon, qbittorrent, transmission
from tests.journeys.house import API_KEY, TOKEN, House, house
from tests.journeys.seeding import seeding

pytestmark = pytest.mark.journey

RELEASE = "Imogen Ashdown - The Lantern Keeper (Unabridged)"
SHELF = "Imogen Ashdown/The Lantern Keeper"
DAEMONS = {"transmission": transmission, "qbittorrent": qbittorrent}
Runner = Callable[[Path], AbstractAsyncContextManager[Daemon]]


@asynccontextmanager
async def a_house_with(
    folder: Path, kind: str, *, mode: str = "hardlink"
) -> AsyncIterator[tuple[House, Daemon, Payload]]:
    """The program beside a real client, configured over HTTP; a seeder dials the client."""
    book = payload(RELEASE)
    book.write_to(folder / "seed")
    runner: Runner = DAEMONS[kind]
    async with (
        runner(folder) as daemon,
        seeding(book.torrent.data, folder / "seed", peer_port=daemon.peer_port),
        house(folder, {RELEASE: book}) as built,
    ):
        await built.configure(daemon, kind, mode=mode)
        yield built, daemon, book


async def imported(built: House, book_id: str) -> None:
    async def is_imported() -> bool:
        return await built.status_of(book_id) == "imported"

    await built.until(is_imported, "the book is imported")


async def told(built: House) -> None:
    async def both_know() -> bool:
        return bool(built.audiobookshelf.scans and built.plex.refreshes)

    await built.until(both_know, "both media servers are told")


@pytest.mark.parametrize("kind", sorted(DAEMONS))
async def test_a_book_goes_from_search_to_shelf_and_the_media_servers_hear_of_it_once(
    tmp_path: Path, kind: str
) -> None:
    async with a_house_with(tmp_path, kind) as (built, daemon, book):
        book_id, download_id = await built.grabbed()
        await imported(built, book_id)
        download = await built.v1("GET", f"/downloads/{download_id}")
        assert (download["status"], download["progress"], download["errorMessage"]) == ("imported", 100, None)
        assert sorted(built.shelved().values()) == sorted(book.files.values())
        assert {str(Path(path).parent) for path in built.shelved()} == {SHELF}
        assert contents(str(daemon.download_dir / RELEASE)) == book.files
        await told(built)
        await asyncio.sleep(3)  # longer than the quiet window: a second nudge would have come by now
        assert built.audiobookshelf.scans == ["lib-audio"]
        assert [(one.section, one.path) for one in built.plex.refreshes] == [("7", f"/data/audiobooks/{SHELF}")]
        for secret in (API_KEY, TOKEN, daemon.password, built.plex.credential, built.indexer.credential):
            assert secret not in built.log


async def test_hard_links_share_the_bytes_with_the_client(tmp_path: Path) -> None:
    async with a_house_with(tmp_path, "transmission") as (built, daemon, _):
        book_id, _ = await built.grabbed()
        await imported(built, book_id)
        shelved = {file.stat().st_ino for file in built.library.rglob("*.mp3")}
        downloaded = {file.stat().st_ino for file in daemon.download_dir.rglob("*.mp3")}
        assert shelved == downloaded


async def test_a_kill_in_the_middle_leaves_nothing_half(tmp_path: Path) -> None:
    async with a_house_with(tmp_path, "transmission", mode="copy") as (built, daemon, book):
        book_id, _ = await built.grabbed()
        for pause in (0.2, 0.6, 1.1, 0.4):
            await asyncio.sleep(pause)
            await built.stop(signal.SIGKILL)
            whole = [path for path in built.shelved() if not any(part.startswith(".") for part in Path(path).parts)]
            assert len(whole) in {0, len(book.files)}
            await built.start()
        await imported(built, book_id)
        assert sorted(built.shelved().values()) == sorted(book.files.values())
        assert contents(str(daemon.download_dir / RELEASE)) == book.files


async def test_sigterm_ends_the_program_in_good_order(tmp_path: Path) -> None:
    async with house(tmp_path, {}) as built:
        async with asyncio.timeout(10):
            assert await built.stop() == 0
        await built.start()
        assert (await built.v1("GET", "/books"))["total"] == 0


async def test_a_second_server_on_the_same_folder_is_refused_before_it_touches_anything(tmp_path: Path) -> None:
    async with house(tmp_path, {}) as built:
        second = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "earshelf", "serve", "--port", "0"),
            env={**built.environment, "LOG_LEVEL": "INFO"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        _, told = await second.communicate()
        assert second.returncode == 1
        assert told.decode().count("\n") == 1
        assert "Another Earshelf serves" in told.decode()
        assert (await built.v1("GET", "/books"))["total"] == 0


async def test_a_killed_server_leaves_no_lock_behind(tmp_path: Path) -> None:
    async with house(tmp_path, {}) as built:
        await built.stop(signal.SIGKILL)
        await built.start()
        assert (await built.v1("GET", "/books"))["total"] == 0
