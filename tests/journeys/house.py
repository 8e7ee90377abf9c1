"""The real program in a process of its own, with simulated neighbours around it, driven over HTTP alone."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from earshelf.entrypoints.demo.audiobookshelf import AudiobookshelfSimulator
from earshelf.entrypoints.demo.indexer import DemoRelease, IndexerSimulator
from earshelf.entrypoints.demo.plex import PlexSimulator
from earshelf.entrypoints.demo.providers import AudibleSimulator, AudnexusSimulator, DemoBook
from tests.journeys.clients import Payload
from tests.journeys.daemons import Daemon, claimed_port

API_KEY = "journey-api-key"
TOKEN = "journey-operator-token"
_START_LIMIT = 20.0
_LIMIT = 60.0


@dataclass(slots=True)
class House:
    """The program and everybody it talks to. ``log`` is all that it printed so far; ``module`` is what is started."""

    folder: Path
    url: str
    indexer: IndexerSimulator
    audiobookshelf: AudiobookshelfSimulator
    plex: PlexSimulator
    book: DemoBook
    environment: Mapping[str, str]
    session: aiohttp.ClientSession
    module: str = "earshelf"
    process: asyncio.subprocess.Process | None = field(default=None)

    @property
    def library(self) -> Path:
        """Where books are imported to."""
        return self.folder / "library"

    @property
    def log(self) -> str:
        """Everything that the program wrote to its output and error streams."""
        return (self.folder / "earshelf.log").read_text(encoding="utf-8")

    async def v1(self, method: str, path: str, *, status: int = 200, **options: Any) -> Any:
        """Asks the public API and expects a status."""
        return await self._call(method, f"/api/v1{path}", {"X-Api-Key": API_KEY}, status, options)

    async def operator(self, method: str, path: str, *, status: int = 200, **options: Any) -> Any:
        """Asks as the operator and expects a status."""
        return await self._call(method, f"/api{path}", {"X-Auth-Token": TOKEN}, status, options)

    async def _call(self, method: str, path: str, headers: dict[str, str], status: int, options: dict[str, Any]) -> Any:
        async with self.session.request(method, self.url + path, headers=headers, **options) as answer:
            text = await answer.text()
            assert answer.status == status, f"{method} {path}: {answer.status} {text}\n{self.log[-3000:]}"
            return await answer.json() if text else None

    async def start(self) -> None:
        """Starts the program and waits until it answers."""
        with (self.folder / "earshelf.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", self.module, "serve"),
                cwd=self.folder,
                env=dict(self.environment),
                stdout=log,
                stderr=log,
            )
        await self.until(self._answers, "the program answers", limit=_START_LIMIT)

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """Sends a signal, waits for the end, and returns the exit code; a program that has ended is no error."""
        process, self.process = self.process, None
        if process is None:
            return 0
        if process.returncode is None:
            process.send_signal(number)
        return await process.wait()

    async def until(self, holds: Callable[[], Awaitable[Any]], what: str, *, limit: float = _LIMIT) -> Any:
        """Asks until the answer is true, and returns it."""
        try:
            async with asyncio.timeout(limit):
                while not (answer := await holds()):  # noqa: ASYNC110 - it happens in another process
                    await asyncio.sleep(0.1)
                return answer
        except TimeoutError:
            raise AssertionError(f"not within {limit:.0f} s: {what}\n{self.log[-3000:]}") from None

    async def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.returncode is None, self.log
        try:
            async with self.session.get(f"{self.url}/api/health") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def configure(self, daemon: Daemon, kind: str, *, mode: str = "hardlink") -> None:
        """Does what an operator does first."""
        settings = {
            "library": {"path": str(self.library)},
            "quality": {"min_size_mb": 0},
            "imports": {"min_free_space_gb": 0, "mode": mode},
        }
        await self.operator("POST", "/settings", json=settings)
        for resource, draft in (
            ("indexers", self._indexer()),
            ("download-clients", _client(daemon, kind)),
            ("connectors", self._shelf()),
            ("connectors", self._plex()),
        ):
            trial = await self.operator("POST", f"/{resource}/test", json=draft)
            assert trial["success"], trial
            await self.operator("POST", f"/{resource}", status=201, json=draft)

    async def grabbed(self) -> tuple[str, str]:
        """Searches, adds and grabs the one book there is; returns the ids of book and download."""
        hits = await self.v1("GET", "/metadata/search", params={"q": self.book.title})
        book = await self.v1("POST", "/books", status=201, json={"asin": hits["data"][0]["asin"]})
        releases = await self.v1("POST", f"/books/{book['id']}/search")
        token = releases["data"][0]["releaseId"]
        download = await self.v1("POST", f"/books/{book['id']}/grab", status=201, json={"releaseId": token})
        again = await self.v1("POST", f"/books/{book['id']}/grab", status=200, json={"releaseId": token})
        assert again["id"] == download["id"]
        return book["id"], download["id"]

    async def status_of(self, book_id: str) -> str:
        """Returns the book's status."""
        return str((await self.v1("GET", f"/books/{book_id}"))["status"])

    def shelved(self) -> dict[str, bytes]:
        """Reads every file of the library, hidden ones included, by its path below it."""
        files = (file for file in self.library.rglob("*") if file.is_file())
        return {str(file.relative_to(self.library)): file.read_bytes() for file in files}

    def _indexer(self) -> dict[str, Any]:
        settings = {"url": self.indexer.url, "api_key": self.indexer.credential}
        return {"name": "Feed", "type": "torznab", "settings": settings}

    def _shelf(self) -> dict[str, Any]:
        settings = {
            "server_url": self.audiobookshelf.url,
            "api_key": self.audiobookshelf.credential,
            "library_id": "lib-audio",
        }
        return {"name": "Shelf", "type": "audiobookshelf", "settings": settings}

    def _plex(self) -> dict[str, Any]:
        settings = {
            "server_url": self.plex.url,
            "token": self.plex.credential,
            "section_id": "7",
            "path_mappings": [{"local_path": str(self.library), "server_path": "/data/audiobooks"}],
        }
        return {"name": "Plex", "type": "plex", "settings": settings}


def _client(daemon: Daemon, kind: str) -> dict[str, Any]:
    settings = {
        "url": daemon.url,
        "username": daemon.username,
        "password": daemon.password,
        "category": "audiobooks",
    }
    return {"name": "Client", "type": kind, "settings": settings}


@asynccontextmanager
async def house(
    folder: Path, releases: Mapping[str, Payload], *, module: str = "earshelf", **environment: str
) -> AsyncIterator[House]:
    """Opens the simulators and starts the program; everything is stopped again at the end."""
    async with AsyncExitStack() as stack:
        book = DemoBook()
        audible = await stack.enter_async_context(AudibleSimulator([book]))
        audnexus = await stack.enter_async_context(AudnexusSimulator([book]))
        offers = [
            DemoRelease(title, one.torrent.data, one.torrent.size, one.torrent.info_hash)
            for title, one in releases.items()
        ]
        port = stack.enter_context(claimed_port())
        (folder / "library").mkdir()
        built = House(
            folder=folder,
            url=f"http://127.0.0.1:{port}{environment.get('URL_BASE', '')}",
            indexer=await stack.enter_async_context(IndexerSimulator(offers)),
            audiobookshelf=await stack.enter_async_context(AudiobookshelfSimulator()),
            plex=await stack.enter_async_context(PlexSimulator()),
            book=book,
            environment={
                **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "TMPDIR"}},
                "CONFIG_DIR": str(folder / "config"),
                "WEB_PORT": str(port),
                "EARSHELF_API_KEY": API_KEY,
                "WEB_AUTH_TOKEN": TOKEN,
                "EARSHELF_AUDIBLE_URL": audible.url,
                "EARSHELF_AUDNEXUS_URL": audnexus.url,
                "EARSHELF_MONITOR_SECONDS": "0.5",
                "LOG_LEVEL": "DEBUG",
                **environment,
            },
            session=await stack.enter_async_context(aiohttp.ClientSession()),
            module=module,
        )
        try:
            await built.start()
            yield built
        finally:
            await built.stop()
