"""What every download client goes through in these journeys, and what there is to download."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import ClassVar

import pytest

from earshelf.adapters.http import HttpClient
from earshelf.adapters.qbittorrent import QBittorrent
from earshelf.adapters.transmission import Transmission
from earshelf.domain.downloads import ClientStatus
from earshelf.domain.errors import CredentialsRejected
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.domain.torrents import Magnet, TorrentFile, make_torrent, read_magnet, read_torrent
from earshelf.ports.downloads import DownloadClient, DownloadItem
from tests.journeys.daemons import Daemon
from tests.journeys.seeding import seeding

DOWNLOAD_LIMIT = 60.0
# nobody listens there, and nobody needs to: the seeder dials
_ANNOUNCE = "http://127.0.0.1:1/announce"


@dataclass(frozen=True, slots=True)
class Payload:
    """A torrent together with the bytes of its files, by their path below the download folder."""

    torrent: TorrentFile
    files: Mapping[str, bytes]

    @property
    def magnet(self) -> Magnet:
        """The same release as a magnet link."""
        return read_magnet(f"magnet:?xt=urn:btih:{self.torrent.info_hash}&dn=some+other+name")

    def write_to(self, folder: Path) -> None:
        """Puts the files where a seeder finds them."""
        for path, content in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)


def payload(name: str) -> Payload:
    """Makes a small book of two parts with a name that needs every kind of care."""
    random = Random(name)
    files = [("Part 01.mp3", random.randbytes(300_000)), ("Čast/Part 02 – end.mp3", random.randbytes(200_001))]
    data = make_torrent(name, files, _ANNOUNCE, piece_length=32 * 1024)
    return Payload(read_torrent(data), {f"{name}/{path}": content for path, content in files})


def configured(daemon: Daemon, kind: str, *, password: str | None = None, category: str = "") -> Integration:
    """Returns the row that an owner would have filled in for the daemon."""
    return Integration(
        id=IntegrationId("dc_00000000000000000000000000"),
        role=IntegrationRole.DOWNLOAD_CLIENT,
        kind=kind,
        name="Living room",
        settings={"url": daemon.url, "username": daemon.username, "category": category},
        secrets={"password": daemon.password if password is None else password},
    )


async def completed(client: DownloadClient, reference: str) -> DownloadItem:
    """Looks at the job until it is complete; a minute is a slow start's due and no more."""
    async with asyncio.timeout(DOWNLOAD_LIMIT):
        while True:
            item = (await client.items([reference])).get(reference)
            if item is not None and item.status is ClientStatus.COMPLETED:
                return item
            await asyncio.sleep(0.1)


async def vanished(path: str | None) -> None:
    """Waits until no file is left at the output path: clients delete behind the answer's back."""
    async with asyncio.timeout(10):
        while True:
            if not contents(path):
                return
            await asyncio.sleep(0.05)


def contents(path: str | None) -> dict[str, bytes]:
    """Reads everything below the output path, by the path from its parent."""
    assert path is not None
    root = Path(path)
    return {str(file.relative_to(root.parent)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


@pytest.mark.journey
class TorrentClientJourney:
    """A real client downloads from a real peer; a subclass says which."""

    kind: ClassVar[str]
    daemon: ClassVar[Callable[[Path], AbstractAsyncContextManager[Daemon]]]
    adapter: ClassVar[type[Transmission | QBittorrent]]

    @asynccontextmanager
    async def seeded(self, folder: Path, book: Payload, *, category: str = "") -> AsyncIterator[DownloadClient]:
        """Runs the client, and a peer that has the book."""
        book.write_to(folder / "seed")
        async with (
            type(self).daemon(folder) as daemon,
            seeding(book.torrent.data, folder / "seed", peer_port=daemon.peer_port),
            HttpClient() as http,
        ):
            yield self.adapter(configured(daemon, self.kind, category=category), http)

    @pytest.mark.parametrize("form", [TorrentFile, Magnet])
    async def test_a_release_arrives_byte_for_byte(self, tmp_path: Path, form: type) -> None:
        book = payload("Čapek & Söhne - The War [Unabridged]")
        async with self.seeded(tmp_path, book, category="audio books") as client:
            reference = await client.add(book.torrent if form is TorrentFile else book.magnet)
            item = await completed(client, reference)
            assert reference == book.torrent.info_hash
            assert contents(item.output_path) == book.files

    async def test_a_release_that_is_there_already_is_adopted(self, tmp_path: Path) -> None:
        book = payload("Twice")
        async with self.seeded(tmp_path, book) as client:
            first = await client.add(book.torrent)
            assert await client.add(book.torrent) == first
            assert await client.add(book.magnet) == first

    async def test_a_removal_with_data_leaves_neither_job_nor_files(self, tmp_path: Path) -> None:
        book = payload("Unwanted")
        async with self.seeded(tmp_path, book) as client:
            reference = await client.add(book.torrent)
            item = await completed(client, reference)
            await client.remove(reference, delete_data=True)
            assert await client.items([reference]) == {}
            await vanished(item.output_path)

    async def test_a_wrong_password_is_told_from_everything_else(self, tmp_path: Path) -> None:
        async with type(self).daemon(tmp_path) as daemon, HttpClient() as http:
            client = self.adapter(configured(daemon, self.kind, password="guessed"), http)
            with pytest.raises(CredentialsRejected, match="password"):
                await client.check()

    async def test_the_version_is_the_daemons(self, tmp_path: Path) -> None:
        async with type(self).daemon(tmp_path) as daemon, HttpClient() as http:
            assert await self.adapter(configured(daemon, self.kind), http).check() == daemon.version
