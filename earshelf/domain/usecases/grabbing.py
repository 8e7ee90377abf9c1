"""Handing a chosen release to a download client, once.

A grab is reserved in the database before any client is called: of many that ask at once, in one process or several, one
wins and the others wait for it. No network call happens inside a unit of work.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from earshelf.domain.books import Book
from earshelf.domain.downloads import (
    TERMINAL,
    ClientStatus,
    Download,
    DownloadStatus,
    refuse_second_grab,
    same_release,
)
from earshelf.domain.errors import (
    AlreadyExists,
    IntegrationError,
    IntegrationKind,
    InvalidTransition,
    MissingExtra,
    NoDownloadClient,
    NotFound,
    ReleaseUnavailable,
    StaleWrite,
)
from earshelf.domain.ids import BookId, DownloadId, IdPrefix
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.domain.releases import Protocol, Release, ReleaseSigner
from earshelf.domain.usecases.deciding import unless_stale
from earshelf.domain.veiling import VeilTorn, unveiled
from earshelf.ports.downloads import DownloadClient
from earshelf.ports.indexers import Artifact, ReleaseFetcher, UsenetLink
from earshelf.ports.integrations import Neighbours
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock, Entropy

_log = logging.getLogger(__name__)
# every grab that fails in front of a waiting one costs that one up to two turns
_TURNS = 200
_WAIT_STEPS = 50
_WAIT_SECONDS = 0.1
_DEFAULT_PORTS = {"http": 80, "https": 443}
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Grab:
    """The download that a grab led to; ``created`` is False where it was there before."""

    download: Download
    created: bool


class Grabbing:
    """Starts, cancels, repeats and forgets downloads."""

    def __init__(
        self,
        *,
        storage: Storage,
        neighbours: Neighbours,
        fetcher: ReleaseFetcher,
        signer: ReleaseSigner,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._storage = storage
        self._neighbours = neighbours
        self._fetcher = fetcher
        self._signer = signer
        self._clock = clock
        self._entropy = entropy

    async def grab(self, token: str, *, book_id: BookId) -> Grab:
        """Grabs the release that a token stands for; the same release of the same book is grabbed once.

        :raises NotFound: no book has this id.
        :raises TokenInvalid: the token was not signed here.
        :raises ActiveDownloadExists: another release of the book is being downloaded.
        :raises PipelineActive: another release of the book is being imported.
        :raises IntegrationError: client or tracker did not do their part; nothing is left behind.
        """
        async with self._storage.unit() as unit:
            await unit.books.get(book_id)
        return await self.grab_release(self._signer.verify(token), book_id=book_id)

    async def grab_release(self, release: Release, *, book_id: BookId) -> Grab:
        """Grabs a release; raises like :meth:`grab`."""
        for _ in range(_TURNS):
            try:
                reserved = await self._reserve(release, book_id)
            except (AlreadyExists, StaleWrite):
                continue
            if reserved.created:
                return Grab(await self._fulfil(reserved.download), created=True)
            if winner := await self._await_winner(reserved.download.id):
                return Grab(winner, created=False)
        raise StaleWrite("book", book_id)

    async def retry(self, download_id: DownloadId) -> Download:
        """Grabs a failed download's release again and forgets the failed row.

        :raises InvalidTransition: the download has not failed, or its book is gone.
        """
        async with self._storage.unit() as unit:
            failed = await unit.downloads.get(download_id)
        if failed.status is not DownloadStatus.FAILED or failed.book_id is None:
            raise InvalidTransition(download_id, failed.status, ClientStatus.QUEUED)
        again = await self.grab_release(failed.release, book_id=failed.book_id)
        await self.forget(download_id)
        return again.download

    async def cancel(self, download_id: DownloadId) -> Download:
        """Takes a download out of its client, data included, and puts the book back to what it was.

        What other downloads still need stays at the client for them.

        :raises InvalidTransition: it is over already, or being imported.
        :raises IntegrationError: the client did not answer; nothing was changed.
        """
        async with self._storage.unit() as unit:
            download = await unit.downloads.get(download_id)
        if download.status in TERMINAL or download.status is DownloadStatus.IMPORTING:
            raise InvalidTransition(download_id, download.status, "cancelled")
        if download.reference and (client := await self._client_of(download)):
            await self._take_out(download, client, download.reference)
        return await self._unless_stale(lambda unit: self._abandon(unit, download_id, "Cancelled by user"))

    async def forget(self, download_id: DownloadId) -> None:
        """Deletes the row of a download that is over.

        :raises InvalidTransition: it is not over.
        """
        async with self._storage.unit() as unit:
            download = await unit.downloads.get(download_id)
            if download.status not in TERMINAL:
                raise InvalidTransition(download_id, download.status, "forgotten")
            await unit.downloads.remove(download_id)
            await unit.commit(self._clock.now())

    async def recover(self, grace: timedelta = timedelta()) -> None:
        """Settles the reservations that a stop of the program left open.

        A client that has the release keeps it; where none has, the reservation is dropped; a client that does not
        answer is asked again next time. Reservations younger than ``grace`` are left alone: somebody may be at work on
        them.
        """
        async with self._storage.unit() as unit:
            reserved = await unit.downloads.reserved()
        now = self._clock.now()
        for download in reserved:
            if grace and now - download.added_at < grace:
                continue
            try:
                await self._settle_reservation(download)
            except (IntegrationError, MissingExtra) as problem:
                _log.warning("A grab of '%s' stays open: %s", download.title, problem)

    async def _reserve(self, release: Release, book_id: BookId) -> Grab:
        async with self._storage.unit() as unit:
            book = await unit.books.get(book_id)
            downloads = await unit.downloads.of_book(book_id)
            indexers = await unit.integrations.of_role(IntegrationRole.INDEXER)
            if existing := same_release(downloads, release, {row.id: row.secrets for row in indexers}):
                return Grab(existing, created=False)
            refuse_second_grab(downloads)
            download = Download(
                id=DownloadId(self._entropy.new_id(IdPrefix.DOWNLOAD)),
                book_id=book_id,
                release=release,
                added_at=self._clock.now(),
                book_status_at_grab=book.status_before_grab,
            )
            await unit.downloads.add(download)
            # raises the book's version, so that of two different releases one loses too
            await unit.books.save(book)
            await unit.commit(download.added_at)
        return Grab(download, created=True)

    async def _fulfil(self, download: Download) -> Download:
        try:
            row = await self._choose_client(download.protocol)
            artifact = await self._fetch(download.release)
            await self._expect(download, row, artifact)
            client = self._neighbours.download_client(row)
            reference = await client.add(artifact)
        except Exception:
            await self._withdraw(download.id)
            raise
        try:
            return await self._unless_stale(lambda unit: self._accept(unit, download.id, reference))
        except (InvalidTransition, NotFound):
            # cancelled while the client was being asked, and nobody else knows the reference
            await self._take_out(download, client, reference)
            raise

    async def _choose_client(self, protocol: Protocol) -> Integration:
        async with self._storage.unit() as unit:
            rows = await unit.integrations.of_role(IntegrationRole.DOWNLOAD_CLIENT, enabled_only=True)
        for row in rows:
            if protocol in row.rules.protocols:
                return row
        raise NoDownloadClient(protocol)

    async def _fetch(self, release: Release) -> Artifact:
        """Fetches what the release stands for, with its indexer's own secrets back in their places."""
        async with self._storage.unit() as unit:
            indexers = await unit.integrations.of_role(IntegrationRole.INDEXER)
        secrets = next((row.secrets for row in indexers if row.id == release.indexer_id), {})
        if not release.download_url:
            raise _unfetchable(release, "its address was stored under a key that is gone; search again")
        try:
            legible = unveiled(release, secrets)
        except VeilTorn as missing:
            reason = f"its indexer is gone, or has no {missing} stored any more; add it again and search again"
            raise _unfetchable(release, reason) from None
        trusted = frozenset(_host_and_port(indexer.settings["url"]) for indexer in indexers)
        return await self._fetcher.fetch(legible, trusted_hosts=trusted)

    async def _expect(self, download: Download, row: Integration, artifact: Artifact) -> None:
        info_hash = None if isinstance(artifact, UsenetLink) else artifact.info_hash
        download.expect_at(row.id, info_hash)
        async with self._storage.unit() as unit:
            await unit.downloads.save(download)
            await unit.commit(self._clock.now())

    async def _accept(self, unit: UnitOfWork, download_id: DownloadId, reference: str) -> Download:
        download = await unit.downloads.get(download_id)
        download.record_reference(reference)
        await unit.downloads.save(download)
        if book := await _book_of(unit, download):
            book.begin_download(self._clock.now())
            await unit.books.save(book)
        return download

    async def _withdraw(self, download_id: DownloadId) -> None:
        async with self._storage.unit() as unit:
            await unit.downloads.remove(download_id)
            await unit.commit(self._clock.now())

    async def _abandon(self, unit: UnitOfWork, download_id: DownloadId, reason: str) -> Download:
        download = await unit.downloads.get(download_id)
        await abandon(unit, download, reason, self._clock)
        return download

    async def _await_winner(self, download_id: DownloadId) -> Download | None:
        for _ in range(_WAIT_STEPS):
            async with self._storage.unit() as unit:
                try:
                    winner = await unit.downloads.get(download_id)
                except NotFound:
                    return None
            if winner.reference is not None:
                break
            await self._clock.sleep(_WAIT_SECONDS)
        return winner

    async def _settle_reservation(self, download: Download) -> None:
        client = await self._client_of(download)
        wished = [download.info_hash] if download.info_hash else []
        found = list((await client.items(wished)).values()) if client else []
        if found:
            await self._unless_stale(lambda unit: self._accept(unit, download.id, found[0].reference))
        else:
            await self._withdraw(download.id)

    async def _take_out(self, download: Download, client: DownloadClient, reference: str) -> None:
        """Removes a transfer and its data, unless another download needs them: books may share one release."""
        if download.client_id is None:
            return
        async with self._storage.unit() as unit:
            others = await unit.downloads.sharing(reference, client_id=download.client_id, besides=download.id)
        if not others:
            await client.remove(reference, delete_data=True)

    async def _client_of(self, download: Download) -> DownloadClient | None:
        if download.client_id is None:
            return None
        async with self._storage.unit() as unit:
            try:
                row = await unit.integrations.get(download.client_id, IntegrationRole.DOWNLOAD_CLIENT)
            except NotFound:
                return None
        return self._neighbours.download_client(row)

    async def _unless_stale(self, decide: Callable[[UnitOfWork], Awaitable[ResultT]]) -> ResultT:
        return await unless_stale(self._storage, self._clock, decide)


async def abandon(unit: UnitOfWork, download: Download, reason: str, clock: Clock) -> None:
    """Ends a download without a book: the row says why, and the book is again what it was before the grab."""
    download.fail(reason)
    await unit.downloads.save(download)
    book = await _book_of(unit, download)
    if book is None:
        return
    others = [other for other in await unit.downloads.of_book(book.id) if other.id != download.id]
    if all(other.status in TERMINAL for other in others):
        book.revert(download.book_status_at_grab, clock.now())
        await unit.books.save(book)


async def _book_of(unit: UnitOfWork, download: Download) -> Book | None:
    if download.book_id is None:
        return None
    try:
        return await unit.books.get(download.book_id)
    except NotFound:
        return None


def _unfetchable(release: Release, reason: str) -> ReleaseUnavailable:
    return ReleaseUnavailable(IntegrationKind.INDEXER, f"Release '{release.title}'", reason)


def _host_and_port(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or _DEFAULT_PORTS[parts.scheme]}"
