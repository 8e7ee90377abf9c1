"""What every storage must do: downloads and imports.

Fixtures: ``storage`` is an empty :class:`~earshelf.ports.storage.Storage`.
"""

import asyncio

import pytest

from earshelf.domain.books import Book, BookStatus
from earshelf.domain.downloads import ClientStatus, Download, PipelineStage
from earshelf.domain.errors import AlreadyExists, NotFound, StaleWrite
from earshelf.domain.ids import DownloadId, ImportId, IntegrationId
from earshelf.ports.storage import Storage

from .makers import (
    NOON,
    a_book,
    a_download,
    a_job,
    a_release,
    at,
    shelve,
)


async def put(storage: Storage, *downloads: Download) -> None:
    """Adds downloads and commits."""
    async with storage.unit() as unit:
        for download in downloads:
            await unit.downloads.add(download)
        await unit.commit(NOON)


def in_state(book: Book | None, client: ClientStatus, stage: PipelineStage, **values: object) -> Download:
    """Returns a download that its client took, in a given state."""
    return a_download(book, **{"reference": "job", "client_status": client, "stage": stage, **values})


class DownloadsContract:
    """Downloads come back as they went in, by the question."""

    async def test_a_whole_download_comes_back_equal(self, storage: Storage) -> None:
        book = a_book()
        await shelve(storage, book)
        release = a_release("Grace ☽", info_hash="ABCDEF", size=2**40, seeders=0, is_freeleech=True)
        download = a_download(
            book,
            release=release,
            added_at=at(1.5),
            book_status_at_grab=BookStatus.MISSING,
            client_id=IntegrationId("dc_one"),
            info_hash="abcdef",
            reference="ref",
            client_status=ClientStatus.COMPLETED,
            stage=PipelineStage.PENDING_REVIEW,
            progress=0.25,
            output_path="/downloads/grace",
            error_message="looks odd",
            completed_at=at(2),
            progressed_at=at(3),
        )
        await put(storage, download)
        async with storage.unit() as unit:
            assert await unit.downloads.get(download.id) == download

    async def test_a_bare_download_comes_back_equal(self, storage: Storage) -> None:
        download = a_download(release=a_release(guid=None, indexer_id=None))
        await put(storage, download)
        async with storage.unit() as unit:
            assert await unit.downloads.get(download.id) == download

    async def test_an_unknown_download_is_not_found_and_may_be_removed(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            with pytest.raises(NotFound):
                await unit.downloads.get(DownloadId("dl_nobody"))
            await unit.downloads.remove(DownloadId("dl_nobody"))

    async def test_a_removed_download_is_gone(self, storage: Storage) -> None:
        download = a_download()
        await put(storage, download)
        async with storage.unit() as unit:
            await unit.downloads.remove(download.id)
            with pytest.raises(NotFound):
                await unit.downloads.save(download)

    async def test_a_download_needs_its_book(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            with pytest.raises(NotFound):
                await unit.downloads.add(a_download(a_book()))

    async def test_a_stale_download_is_refused(self, storage: Storage) -> None:
        download = a_download()
        await put(storage, download)
        async with storage.unit() as unit:
            mine, yours = await unit.downloads.get(download.id), await unit.downloads.get(download.id)
            mine.record_reference("ref")
            await unit.downloads.save(mine)
            assert mine.version == 2
            with pytest.raises(StaleWrite):
                await unit.downloads.save(yours)
            assert (await unit.downloads.get(download.id)).reference == "ref"

    async def test_a_release_is_grabbed_once_for_a_book(self, storage: Storage) -> None:
        book, other = a_book(), a_book("Other")
        await shelve(storage, book, other)
        release = a_release()
        await put(storage, a_download(book, release=release), a_download(other, release=release))
        async with storage.unit() as unit:
            with pytest.raises(AlreadyExists) as refusal:
                await unit.downloads.add(a_download(book, release=release))
            assert "passkey" not in str(refusal.value)
            await unit.downloads.add(a_download(book))
            assert len(await unit.downloads.of_book(book.id)) == 2

    async def test_a_failed_release_may_be_grabbed_again(self, storage: Storage) -> None:
        book = a_book()
        await shelve(storage, book)
        failed = a_download(book)
        await put(storage, failed)
        failed.fail("no peers")
        async with storage.unit() as unit:
            await unit.downloads.save(failed)
            await unit.downloads.add(a_download(book, release=failed.release))
            with pytest.raises(AlreadyExists):
                await unit.downloads.add(a_download(book, release=failed.release))

    async def test_of_twenty_simultaneous_grabs_of_one_release_one_wins(self, storage: Storage) -> None:
        book, release = a_book(), a_release()
        await shelve(storage, book)
        grabs = [put(storage, a_download(book, release=release)) for _ in range(20)]
        results = await asyncio.gather(*grabs, return_exceptions=True)
        assert sum(isinstance(result, AlreadyExists) for result in results) == 19
        async with storage.unit() as unit:
            assert len(await unit.downloads.of_book(book.id)) == 1

    async def test_downloads_of_a_book_come_newest_first_with_ties_by_id_descending(self, storage: Storage) -> None:
        book = a_book()
        await shelve(storage, book)
        twins = sorted([a_download(book, added_at=at(5)) for _ in range(4)], key=lambda one: one.id, reverse=True)
        old, new = a_download(book, added_at=at(1)), a_download(book, added_at=at(9))
        await put(storage, old, *twins, new, a_download())
        async with storage.unit() as unit:
            found = await unit.downloads.of_book(book.id)
        assert [one.id for one in found] == [new.id, *(twin.id for twin in twins), old.id]

    async def test_each_question_finds_the_downloads_it_asks_for_oldest_first(self, storage: Storage) -> None:
        idle = PipelineStage.IDLE
        rows = {
            "queued": in_state(None, ClientStatus.QUEUED, idle, added_at=at(3)),
            "loading": in_state(None, ClientStatus.DOWNLOADING, idle, added_at=at(1)),
            "paused": in_state(None, ClientStatus.PAUSED, idle, added_at=at(2)),
            "ready late": in_state(None, ClientStatus.COMPLETED, idle, added_at=at(8)),
            "ready": in_state(None, ClientStatus.COMPLETED, idle, added_at=at(7)),
            "checking": in_state(None, ClientStatus.COMPLETED, PipelineStage.CHECKING),
            "review": in_state(None, ClientStatus.COMPLETED, PipelineStage.PENDING_REVIEW),
            "done": in_state(None, ClientStatus.COMPLETED, PipelineStage.IMPORTED),
            "failed": in_state(None, ClientStatus.FAILED, idle),
            "reserved late": a_download(added_at=at(2)),
            "reserved": a_download(added_at=at(1)),
            "failed reservation": a_download(client_status=ClientStatus.FAILED),
            "unconfirmed completion": a_download(client_status=ClientStatus.COMPLETED, added_at=at(4)),
        }
        await put(storage, *rows.values())
        names = {row.id: name for name, row in rows.items()}
        async with storage.unit() as unit:
            downloads = unit.downloads
            found = [
                await downloads.polled(),
                await downloads.ready_for_check(),
                await downloads.being_checked(),
                await downloads.reserved(),
            ]
        assert [[names[one.id] for one in group] for group in found] == [
            ["loading", "paused", "queued"],
            ["ready", "ready late"],
            ["checking"],
            ["reserved", "reserved late", "unconfirmed completion"],
        ]

    async def test_a_transfer_is_shared_by_the_downloads_of_its_client_that_are_not_over(
        self, storage: Storage
    ) -> None:
        idle, done, box = PipelineStage.IDLE, ClientStatus.COMPLETED, IntegrationId("dc_one")
        book = a_book()
        await shelve(storage, book)
        rows = {
            "asking": in_state(book, ClientStatus.DOWNLOADING, idle, reference="AbC", client_id=box),
            "loading": in_state(book, ClientStatus.DOWNLOADING, idle, reference="aBc", client_id=box, added_at=at(3)),
            "complete": in_state(None, done, idle, reference="abc", client_id=box, added_at=at(2)),
            "checking": in_state(None, done, PipelineStage.CHECKING, reference="abc", client_id=box, added_at=at(4)),
            "held": in_state(None, done, PipelineStage.PENDING_REVIEW, reference="abc", client_id=box, added_at=at(5)),
            "importing": in_state(None, done, PipelineStage.IMPORTING, reference="ABC", client_id=box, added_at=at(1)),
            "unconfirmed": a_download(info_hash="ABC", client_id=box, added_at=at(6)),
            "imported": in_state(None, done, PipelineStage.IMPORTED, reference="abc", client_id=box),
            "failed": in_state(None, ClientStatus.FAILED, idle, reference="abc", client_id=box),
            "confirmed otherwise": in_state(None, done, idle, reference="abd", info_hash="abc", client_id=box),
            "of another client": in_state(None, done, idle, reference="abc", client_id=IntegrationId("dc_two")),
            "of no client": in_state(None, done, idle, reference="abc"),
            "unknown": a_download(client_id=box),
        }
        await put(storage, *rows.values())
        names = {row.id: name for name, row in rows.items()}
        async with storage.unit() as unit:
            found = await unit.downloads.sharing("ABC", client_id=box, besides=rows["asking"].id)
            nobody = await unit.downloads.sharing("abcd", client_id=box, besides=rows["asking"].id)
        assert [names[one.id] for one in found] == [
            "importing",
            "complete",
            "loading",
            "checking",
            "held",
            "unconfirmed",
        ]
        assert nobody == []


class ImportsContract:
    """Imports come back as they went in; a book has one at a time."""

    async def test_a_whole_job_comes_back_equal(self, storage: Storage) -> None:
        job = a_job(a_book(), download_id=DownloadId("dl_one"), replaced=("a.mp3", "ß/b.mp3"))
        job.begin_staging("/library/A/T")
        async with storage.unit() as unit:
            await unit.imports.add(job)
            job.fail("disk full", at(3))
            await unit.imports.save(job)
            await unit.commit(NOON)
        async with storage.unit() as unit:
            assert await unit.imports.get(job.id) == job

    async def test_an_unknown_job_is_not_found(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            with pytest.raises(NotFound):
                await unit.imports.get(ImportId("im_nobody"))
            with pytest.raises(NotFound):
                await unit.imports.save(a_job(a_book()))

    async def test_a_book_has_one_open_job(self, storage: Storage) -> None:
        book = a_book()
        first = a_job(book)
        async with storage.unit() as unit:
            await unit.imports.add(first)
            with pytest.raises(AlreadyExists):
                await unit.imports.add(a_job(book))
            await unit.imports.add(a_job(a_book()))
            first.fail("no audio", NOON)
            await unit.imports.save(first)
            await unit.imports.add(a_job(book))
            assert len(await unit.imports.open()) == 2

    async def test_a_recorded_job_still_has_work_left(self, storage: Storage) -> None:
        book = a_book()
        job = a_job(book)
        async with storage.unit() as unit:
            await unit.imports.add(job)
            job.record("/library/A/T", NOON)
            await unit.imports.save(job)
            assert [one.id for one in await unit.imports.open()] == [job.id]
            job.close()
            await unit.imports.save(job)
            assert await unit.imports.open() == []

    async def test_open_jobs_come_oldest_first_with_ties_by_id(self, storage: Storage) -> None:
        twins = sorted([a_job(a_book()) for _ in range(4)], key=lambda job: job.id)
        late = a_job(a_book(), created_at=at(1))
        async with storage.unit() as unit:
            for job in [late, *reversed(twins)]:
                await unit.imports.add(job)
            assert [job.id for job in await unit.imports.open()] == [*(twin.id for twin in twins), late.id]

    async def test_a_stale_job_is_refused(self, storage: Storage) -> None:
        job = a_job(a_book())
        async with storage.unit() as unit:
            await unit.imports.add(job)
            mine, yours = await unit.imports.get(job.id), await unit.imports.get(job.id)
            await unit.imports.save(mine)
            with pytest.raises(StaleWrite):
                await unit.imports.save(yours)
