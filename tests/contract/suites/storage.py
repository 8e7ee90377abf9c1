"""What every storage must do: units of work and the event log.

Fixtures: ``storage`` is an empty :class:`~earshelf.ports.storage.Storage`.
"""

import asyncio

import pytest

from earshelf.domain.access import Credential
from earshelf.domain.books import BookStatus
from earshelf.domain.downloads import ClientStatus
from earshelf.domain.errors import BookExists
from earshelf.domain.events import (
    BookAdded,
    BookStatusChanged,
    DownloadFailed,
    ReleaseGrabbed,
    StopResult,
    StreamStopOrdered,
)
from earshelf.domain.ids import ServerId
from earshelf.ports.storage import Storage, UnitOfWork

from .makers import (
    NOON,
    a_book,
    a_download,
    a_file,
    a_job,
    at,
    shelve,
)
from .storage_books import stored_book, stored_titles


class TransactionContract:
    """Units of work begin, end and keep apart."""

    async def test_what_was_committed_is_there_in_the_next_unit(self, storage: Storage) -> None:
        book = a_book()
        await shelve(storage, book)
        assert (await stored_book(storage, book)).title == book.title

    async def test_leaving_without_commit_undoes_everything(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await unit.books.add(a_book())
            await unit.credentials.put(Credential.API_KEY, "key")
        async with storage.unit() as unit:
            assert await unit.books.with_status(BookStatus.WANTED, 10) == []
            assert await unit.credentials.get(Credential.API_KEY) is None

    async def test_an_error_undoes_everything_and_travels_on(self, storage: Storage) -> None:
        async def add_and_stumble() -> None:
            async with storage.unit() as unit:
                await unit.books.add(a_book())
                raise RuntimeError("on the way")

        with pytest.raises(RuntimeError, match="on the way"):
            await add_and_stumble()
        assert await stored_titles(storage) == []

    async def test_an_undone_change_leaves_the_row_as_it_was(self, storage: Storage) -> None:
        book = a_book("Before")
        await shelve(storage, book)
        async with storage.unit() as unit:
            changed = await unit.books.get(book.id)
            changed.title = "After"
            await unit.books.save(changed)
        stored = await stored_book(storage, book)
        assert (stored.title, stored.version) == ("Before", 1)

    async def test_a_unit_sees_its_own_changes_before_the_commit(self, storage: Storage) -> None:
        book = a_book()
        async with storage.unit() as unit:
            await unit.books.add(book)
            assert (await unit.books.get(book.id)).title == book.title

    async def test_a_unit_goes_on_after_a_commit(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await unit.books.add(a_book("One"))
            await unit.commit(NOON)
            await unit.books.add(a_book("Two", created_at=at(1)))
            await unit.commit(at(1))
            await unit.books.add(a_book("Three", created_at=at(2)))
        assert await stored_titles(storage) == ["One", "Two"]

    async def test_a_unit_that_was_committed_leaves_room_for_others(self, storage: Storage) -> None:
        async with storage.unit() as first:
            await first.books.add(a_book("One"))
            await first.commit(NOON)
            await shelve(storage, a_book("Two", created_at=at(1)))
            assert len(await first.books.with_status(BookStatus.WANTED, 10)) == 2

    async def test_units_one_after_the_other_lose_no_update(self, storage: Storage) -> None:
        book = a_book(runtime_minutes=0)
        await shelve(storage, book)

        async def count_up() -> None:
            async with storage.unit() as unit:
                read = await unit.books.get(book.id)
                await asyncio.sleep(0)
                read.runtime_minutes = (read.runtime_minutes or 0) + 1
                await unit.books.save(read)
                await unit.commit(NOON)

        await asyncio.gather(*(count_up() for _ in range(10)))
        assert (await stored_book(storage, book)).runtime_minutes == 10

    async def test_a_cancelled_unit_leaves_nothing_and_blocks_nobody(self, storage: Storage) -> None:
        begun = asyncio.Event()

        async def add_and_linger() -> None:
            async with storage.unit() as unit:
                await unit.books.add(a_book("Lingering"))
                begun.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(add_and_linger())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await stored_titles(storage) == []

    async def test_waiting_units_that_are_cancelled_do_not_hold_up_the_rest(self, storage: Storage) -> None:
        async with storage.unit():
            waiting = [asyncio.create_task(shelve(storage, a_book(f"Book {number}"))) for number in range(4)]
            await asyncio.sleep(0)
            for task in waiting[:3]:
                task.cancel()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert [isinstance(result, asyncio.CancelledError) for result in results] == [True, True, True, False]
        assert await stored_titles(storage) == ["Book 3"]


class EventsContract:
    """The log says what the aggregates said, in their order."""

    async def test_a_commit_logs_and_returns_what_happened_in_order(self, storage: Storage) -> None:
        book, download = a_book(), a_download()
        async with storage.unit() as unit:
            book.announce_added()
            await unit.books.add(book)
            download.record_reference("ref")
            await unit.downloads.add(download)
            book.begin_search(NOON)
            book.end_search(NOON)
            await unit.books.save(book)
            logged = await unit.commit(at(7))
        assert [one.event for one in logged] == [
            BookAdded(book.id),
            ReleaseGrabbed(None, download.id),
            BookStatusChanged(book.id, "wanted", "searching"),
            BookStatusChanged(book.id, "searching", "wanted"),
        ]
        assert {one.at for one in logged} == {at(7)}
        async with storage.unit() as unit:
            assert await unit.events.undispatched(10) == list(logged)

    async def test_numbers_grow_over_units(self, storage: Storage) -> None:
        numbers = []
        for _ in range(3):
            async with storage.unit() as unit:
                book = a_book()
                book.announce_added()
                await unit.books.add(book)
                numbers += [one.number for one in await unit.commit(NOON)]
        assert numbers == sorted(set(numbers))
        assert len(numbers) == 3

    async def test_what_was_undone_is_not_logged(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            book = a_book()
            book.announce_added()
            await unit.books.add(book)
        async with storage.unit() as unit:
            assert await unit.events.undispatched(10) == []
            assert list(await unit.commit(NOON)) == []

    async def test_a_refused_write_logs_nothing_and_keeps_the_events(self, storage: Storage) -> None:
        await shelve(storage, a_book(asin="B01"))
        second = a_book("Second", asin="B01")
        second.announce_added()
        async with storage.unit() as unit:
            with pytest.raises(BookExists):
                await unit.books.add(second)
            assert list(await unit.commit(NOON)) == []
            second.asin = "B02"
            await unit.books.add(second)
            assert [one.event for one in await unit.commit(NOON)] == [BookAdded(second.id)]

    async def test_every_kind_of_event_survives_the_log(self, storage: Storage) -> None:
        book = a_book()
        download, job = a_download(reference="job"), a_job(book)
        async with storage.unit() as unit:
            await unit.books.add(book)
            book.mark_imported("/library/A", [a_file()], import_id=job.id, now=NOON)
            await unit.books.save(book)
            download.report(ClientStatus.COMPLETED, 1.0, None, NOON)
            download.begin_check()
            download.hold("“odd” size")
            download.fail("given up")
            await unit.downloads.add(download)
            job.fail("no audio", NOON)
            await unit.imports.add(job)
            logged = await unit.commit(NOON)
        assert len(logged) == 7
        assert logged[-2].event == DownloadFailed(None, download.id, "given up")
        async with storage.unit() as unit:
            assert await unit.events.undispatched(10) == list(logged)

    async def test_a_fact_that_no_aggregate_tells_is_logged_with_the_commit(self, storage: Storage) -> None:
        fact = StreamStopOrdered(
            None, ServerId("sv_1"), "k3j9", "31337", "жук", "Harbour “Lights”", "maintenance", StopResult.ENDED
        )
        async with storage.unit() as unit:
            await unit.events.append(fact)
        async with storage.unit() as unit:
            assert await unit.events.undispatched(10) == []
            await unit.events.append(fact)
            (logged,) = await unit.commit(at(3))
        assert (logged.event, logged.at) == (fact, at(3))
        async with storage.unit() as unit:
            assert await unit.events.undispatched(10) == [logged]

    async def test_an_event_about_a_book_that_is_gone_has_no_book(self, storage: Storage) -> None:
        book = a_book()
        job = a_job(book)
        await shelve(storage, book)
        async with storage.unit() as unit:
            await unit.imports.add(job)
            await unit.books.remove(book.id)
            job.fail("the book is gone", NOON)
            await unit.imports.save(job)
            (logged,) = await unit.commit(NOON)
        assert logged.event.book_id is None

    async def test_dispatched_events_are_not_handed_out_again(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            for _ in range(4):
                await add_announced(unit)
            logged = await unit.commit(NOON)
        numbers = [one.number for one in logged]
        async with storage.unit() as unit:
            assert [one.number for one in await unit.events.undispatched(2)] == numbers[:2]
            await unit.events.mark_dispatched([numbers[0], numbers[2], 999_999])
            await unit.events.mark_dispatched([])
            await unit.commit(NOON)
        async with storage.unit() as unit:
            assert [one.number for one in await unit.events.undispatched(10)] == [numbers[1], numbers[3]]

    async def test_a_mark_that_was_undone_does_not_count(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await add_announced(unit)
            (logged,) = await unit.commit(NOON)
        async with storage.unit() as unit:
            await unit.events.mark_dispatched([logged.number])
        async with storage.unit() as unit:
            assert await unit.events.undispatched(10) == [logged]


async def add_announced(unit: UnitOfWork) -> None:
    """Adds a book that says so."""
    book = a_book()
    book.announce_added()
    await unit.books.add(book)
