"""A whole house behind HTTP, with neighbours that live in this process."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from dependency_injector.providers import Provider
from yarl import URL

from earshelf.adapters.memory.services import MemoryAudio, MemoryCatalogue, MemoryEnrichment, MemoryFetcher
from earshelf.adapters.memory.services import MemoryNeighbours as Neighbours
from earshelf.adapters.memory.system import SequentialEntropy, SettableClock
from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.books import Book
from earshelf.domain.downloads import Download
from earshelf.domain.ids import BookId, DownloadId
from earshelf.entrypoints.app import create_app
from earshelf.ports.storage import Storage
from tests.api.contract import check_answer
from tests.contract.suites.makers import NOON, a_book, a_download, credit

API_KEY = "the-api-key"
OPERATOR_TOKEN = "the-operator-token"
_DEFAULT: Any = object()


@dataclass(frozen=True)
class Reply:
    """What came back; the body is decoded JSON, None where there was none."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """The error code, in the spelling of either surface."""
        error = self.body["error"]
        return str(error["code"] if isinstance(error, dict) else self.body["code"])

    @property
    def message(self) -> str:
        """The error message, in the spelling of either surface."""
        error = self.body["error"]
        return str(error["message"] if isinstance(error, dict) else error)


class House:
    """Speaks HTTP with the application and holds every answer against the documents."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.catalogue, self.enrichment, self.fetcher = MemoryCatalogue(), MemoryEnrichment(), MemoryFetcher()
        self.neighbours = Neighbours()
        replacements: dict[Provider[Any], Any] = {
            container.catalogue: self.catalogue,
            container.enrichment: self.enrichment,
            container.fetcher: self.fetcher,
            container.neighbours: self.neighbours,
            container.entropy: SequentialEntropy(),
            container.audio: MemoryAudio(),
        }
        for provider, replacement in replacements.items():
            provider.override(replacement)
        self.client: TestClient[Any, Any]

    @property
    def storage(self) -> Storage:
        """The house's storage."""
        return self.container.storage()

    async def send(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, data: bytes | None = None
    ) -> Reply:
        """Sends a request as it is, without a credential, and checks what comes back."""
        url = URL(str(self.client.make_url("/")).rstrip("/") + path, encoded=True)
        skip = ["Content-Type"]
        async with self.client.session.request(
            method, url, headers=headers, data=None if data is None else BytesIO(data), skip_auto_headers=skip
        ) as answer:
            raw = await answer.read()
            assert not raw or answer.content_type == "application/json"
            body = json.loads(raw) if raw else None
            check_answer(method, path.partition("?")[0], answer.status, body)
            return Reply(answer.status, body, answer.headers)

    async def v1(self, method: str, path: str, json_body: Any = _DEFAULT, **headers: str) -> Reply:
        """Asks the public API, with the key."""
        return await self._ask(method, f"/api/v1{path}", json_body, {"X-Api-Key": API_KEY, **headers})

    async def op(self, method: str, path: str, json_body: Any = _DEFAULT, **headers: str) -> Reply:
        """Asks the operator's API, with the token."""
        return await self._ask(method, f"/api{path}", json_body, {"X-Auth-Token": OPERATOR_TOKEN, **headers})

    async def _ask(self, method: str, path: str, json_body: Any, headers: Mapping[str, str]) -> Reply:
        if json_body is _DEFAULT:
            return await self.send(method, path, headers=headers)
        headers = {"Content-Type": "application/json", **headers}
        return await self.send(method, path, headers=headers, data=json.dumps(json_body).encode())

    async def shelve(
        self, title: str = "Swordheart", *, authors: str = "T. Kingfisher", series: str = "", **values: Any
    ) -> Book:
        """Puts a book into the library."""
        narrators = values.pop("narrators", "")
        book = a_book(title, **values)
        async with self.storage.unit() as unit:
            await unit.books.add(await credit(unit, book, authors=authors, narrators=narrators, series=series))
            await unit.commit(NOON)
        return book

    async def put(self, book: Book | None = None, **values: Any) -> Download:
        """Puts a download into the library."""
        download = a_download(book, **values)
        async with self.storage.unit() as unit:
            await unit.downloads.add(download)
            await unit.commit(NOON)
        return download

    async def book(self, book_id: str) -> Book:
        """Reads a book back."""
        async with self.storage.unit() as unit:
            return await unit.books.get(BookId(book_id))

    async def download(self, download_id: str) -> Download:
        """Reads a download back."""
        async with self.storage.unit() as unit:
            return await unit.downloads.get(DownloadId(download_id))


# a port of loopback at which nobody listens: tests ask no host of the world
NOBODY = "http://127.0.0.1:9"


@asynccontextmanager
async def open_house(
    database_url: str,
    folder: Path,
    *,
    url_base: str = "",
    plex_tv_url: str = NOBODY,
    clock: SettableClock | None = None,
    **changes: Any,
) -> AsyncIterator[House]:
    """Runs the application over a database; ``changes`` are process settings."""
    settings = ProcessSettings(
        config_dir=folder,
        database_url=database_url,
        api_key=API_KEY,
        operator_token=OPERATOR_TOKEN,
        url_base=url_base,
        plex_tv_url=plex_tv_url,
        commit="1a2b3c4",
        build_time="2026-06-30T12:00:00.000Z",
    )
    container = Container(settings=replace(settings, **changes))
    if clock is not None:
        container.clock.override(clock)
    house = House(container)
    async with container.opened(), TestClient(TestServer(create_app(container))) as client:
        house.client = client
        yield house
