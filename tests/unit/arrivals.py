"""A book whose download has just finished, on a real disk."""

from pathlib import Path
from typing import Any

from earshelf.adapters.memory.services import MemoryDownloadClient
from earshelf.domain.books import Book
from earshelf.domain.downloads import Download
from earshelf.domain.ids import DownloadId
from earshelf.domain.releases import Release
from tests.contract.suites.makers import a_release
from tests.unit.house import House, finish, write

TRACKS = ("01.mp3", "02.mp3", "10.mp3")


class Arrival:
    """A house with a library, a client, and a finished download of one book."""

    def __init__(self, disk: Path) -> None:
        self.house = House()
        self.library = disk / "library"
        self.downloads = disk / "downloads"
        self.client: MemoryDownloadClient
        self.book: Book
        self.download_id: DownloadId

    async def arrive(self, *, tracks: tuple[str, ...] = TRACKS, mode: str = "copy", **book: Any) -> "Arrival":
        """Grabs a release and lets the client finish it, files included."""
        self.library.mkdir()
        self.downloads.mkdir()
        self.client = await self.house.client()
        await self.house.change(library={"path": str(self.library)}, imports={"mode": mode, "min_free_space_gb": 0})
        self.book = await self.house.shelve(**book)
        self.download_id = await self.finish_another(self.book, self.downloads / "release", tracks)
        return self

    async def finish_another(self, book: Book, folder: Path, tracks: tuple[str, ...]) -> DownloadId:
        """Grabs a release for a book and lets the client finish it in a folder."""
        return await self.finish(a_release(), book, write(folder, *tracks))

    async def finish(self, release: Release, book: Book, path: str | Path) -> DownloadId:
        """Grabs this release and lets the client finish it, whatever lies at the path."""
        download = (await self.house.grabbing.grab_release(release, book_id=book.id)).download
        finish(self.client, download.reference, path)
        await self.house.monitoring.look()
        return download.id

    async def work(self) -> None:
        """One round of the import loop."""
        await self.house.reviewing.review()
        await self.house.importing.work()

    async def download(self) -> Download:
        """Reads the download back."""
        return await self.house.download(self.download_id)

    async def stored_book(self) -> Book:
        """Reads the book back."""
        return await self.house.book(self.book.id)

    @property
    def source(self) -> Path:
        """Where the client put the files."""
        return self.downloads / "release"

    @property
    def shelf(self) -> Path:
        """Where the book belongs."""
        return self.library / "An Author" / "A Book"
