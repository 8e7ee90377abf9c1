"""What every archive of a storage must do: everything out, everything in, nothing in between.

Fixtures: ``storage`` and ``archive`` stand on one empty database, ``spare_storage``, ``spare_queries`` and ``spare`` on
another one of the same make; both encrypt with ``cipher``; ``stranger`` is a cipher with another key.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import time

import pytest

from earshelf.domain.access import Credential
from earshelf.domain.accounts import Account
from earshelf.domain.books import Author, Book, BookStatus
from earshelf.domain.downloads import ClientStatus, Download
from earshelf.domain.errors import Conflict
from earshelf.domain.events import BookAdded
from earshelf.domain.ids import AuthorId, PrerollPresetId
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.domain.paths import PathMapping
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.preroll_upkeep import ServerPreroll
from earshelf.domain.records import Ledger, Record, RecordKind, StoredCredential, StoredEvent, Tally, kind_of, spelled
from earshelf.domain.schedules import Recurring
from earshelf.domain.servers import MediaServer
from earshelf.domain.sync_schedules import SyncEvery, SyncSchedule
from earshelf.ports.archive import StorageArchive
from earshelf.ports.queries import BookFilter, BookSort, PersonKind, Queries, Window
from earshelf.ports.secrets import Cipher
from earshelf.ports.storage import Storage

from .makers import (
    NOON,
    a_blackout,
    a_book,
    a_download,
    a_file,
    a_job,
    a_preset,
    a_release,
    a_schedule,
    a_server,
    an_account,
    an_author,
    an_indexer,
    at,
    credit,
    shelve,
)
from .storage_prerolls import FULL, HOME, SPANS
from .storage_watching import WHOLE_MAINTENANCE, WHOLE_TRANSCODE_RULE

WEEKLY = SyncSchedule(SyncEvery.WEEKLY, time(23, 45))


async def furnish(storage: Storage) -> None:
    """Puts something of every kind into a library, and takes something away again."""
    async with storage.unit() as unit:
        whole = a_book("The Whole", asin="b0whole", runtime_minutes=90, genres=("Żuk", "b"), description="long " * 500)
        await credit(unit, whole, authors="Zed, Ann", narrators="Ann, Piers", series="Saga #2.5")
        whole.announce_added()
        await unit.books.add(whole)
        gone = await credit(unit, a_book("Gone"), authors="Lonely")
        gone.announce_added()
        await unit.books.add(gone)
        download = a_download(whole, release=a_release(guid="g-1", size=7, is_freeleech=True), client_id="dc_1")
        download.record_reference("job")
        await unit.downloads.add(download)
        orphan = a_download(gone, release=a_release(download_url="https://t.example/2"))
        await unit.downloads.add(orphan)
        logged = await unit.commit(at(1))
        await unit.events.mark_dispatched([logged[0].number])
        await unit.commit(at(2))
        whole.mark_imported("/library/Whole", [a_file()], import_id=a_job(whole).id, now=at(3))
        await unit.books.save(whole)
        download.report(ClientStatus.COMPLETED, 1.0, "/downloads/whole", at(3))
        await unit.downloads.save(download)
        job = a_job(whole)
        await unit.imports.add(job)
        job.fail("no audio", at(4))
        await unit.imports.save(job)
        for row in (an_indexer("b", priority=1), an_indexer("a", path_mappings=(PathMapping("/a", "/b"),))):
            await unit.integrations.add(row)
        await unit.credentials.put(Credential.API_KEY, "the-api-key")
        await unit.servers.add(a_server("Attic", machine_id="machine-1", checked_at=at(4), schedule=WEEKLY))
        await unit.servers.add(a_server("Barn"))
        await unit.accounts.add(an_account())
        for schedule in (a_schedule(preset_id=PrerollPresetId("pp_gone")), a_schedule(span=SPANS[1], priority=-3)):
            await unit.preroll_schedules.add(schedule)
        await unit.preroll_presets.add(a_preset(updated_at=at(9)))
        await unit.server_prerolls.save(FULL, before=ServerPreroll(HOME))
        await unit.server_prerolls.put_mappings(PrerollMappings(HOME, (PathMapping("/a", ""),)))
        await unit.watch.put_maintenance(WHOLE_MAINTENANCE)
        await unit.watch.put_transcode_rule(WHOLE_TRANSCODE_RULE)
        for blackout in (a_blackout("B"), a_blackout("A", span=Recurring((0, 6), time(22), time(6)))):
            await unit.blackouts.add(blackout)
        await unit.books.remove(gone.id)
        await unit.commit(at(5))


async def records_of(archive: StorageArchive, cipher: Cipher) -> list[Record]:
    """Everything that it holds."""
    return [record async for record in archive.dump(cipher)]


async def tallies_of(archive: StorageArchive, cipher: Cipher) -> dict[str, Tally]:
    """Counts and digests of everything that it holds."""
    ledger = Ledger()
    async for record in archive.dump(cipher):
        ledger.enter(kind_of(record), spelled(record))
    return ledger.tallies


async def streamed(records: Sequence[Record]) -> AsyncIterator[Record]:
    """Hands records over one by one."""
    for record in records:
        yield record


async def titles(queries: Queries, sort: BookSort, **only: str) -> list[str]:
    """What a list of books shows, ascending."""
    page = await queries.books(Window(), only=BookFilter(**only), sort=sort, ascending=True)  # type: ignore[arg-type]  # names only
    assert page.total == len(page.rows)
    return [row.title for row in page.rows]


class ArchiveContract:
    """A library leaves one database and arrives in another as it was."""

    async def test_a_new_database_is_empty_and_needs_no_key(self, archive: StorageArchive, cipher: Cipher) -> None:
        assert await archive.is_empty()
        assert await archive.key_ids() == frozenset()
        assert await records_of(archive, cipher) == []

    async def test_everything_arrives_and_is_equal_record_for_record(
        self, storage: Storage, archive: StorageArchive, spare: StorageArchive, cipher: Cipher
    ) -> None:
        await furnish(storage)
        before = await records_of(archive, cipher)
        assert {kind_of(record) for record in before} == set(RecordKind)
        await spare.load(streamed(before), cipher)
        assert await records_of(spare, cipher) == before
        assert await tallies_of(spare, cipher) == await tallies_of(archive, cipher)
        assert not await spare.is_empty()

    async def test_what_was_loaded_is_read_and_written_like_anything_else(
        self, storage: Storage, archive: StorageArchive, spare: StorageArchive, spare_storage: Storage, cipher: Cipher
    ) -> None:
        await furnish(storage)
        await spare.load(archive.dump(cipher), cipher)
        async with storage.unit() as one, spare_storage.unit() as other:
            book, same = [await unit.books.with_asin("B0WHOLE") for unit in (one, other)]
            assert book is not None
            assert same == book
            assert await other.downloads.of_book(book.id) == await one.downloads.of_book(book.id)
            rows = await one.integrations.of_role(IntegrationRole.INDEXER)
            assert await other.integrations.of_role(IntegrationRole.INDEXER) == rows
            assert await other.credentials.get(Credential.API_KEY) == "the-api-key"
            assert await other.events.undispatched(50) == await one.events.undispatched(50)
            same.title = "Changed"
            await other.books.save(same)
            await other.commit(at(9))

    async def test_numbers_of_events_go_on_where_they_were(
        self, storage: Storage, archive: StorageArchive, spare: StorageArchive, spare_storage: Storage, cipher: Cipher
    ) -> None:
        await furnish(storage)
        await spare.load(archive.dump(cipher), cipher)
        async with storage.unit() as unit:
            last = (await unit.events.undispatched(50))[-1].number
        book = a_book("Later")
        book.announce_added()
        async with spare_storage.unit() as unit:
            await unit.books.add(book)
            (logged,) = await unit.commit(at(9))
        assert logged.number > last

    async def test_lists_of_what_was_loaded_have_their_order_and_their_totals(
        self, archive: StorageArchive, storage: Storage, spare: StorageArchive, spare_queries: Queries, cipher: Cipher
    ) -> None:
        for number, author in enumerate(("zoe", "Adam", "Mia")):
            await shelve(storage, a_book(f"The {9 - number}", created_at=at(number)), authors=author, series="One #2")
        await shelve(storage, a_book("A 1", status=BookStatus.IMPORTED, created_at=at(8)))
        await spare.load(archive.dump(cipher), cipher)
        assert await titles(spare_queries, BookSort.TITLE) == ["A 1", "The 7", "The 8", "The 9"]
        assert await titles(spare_queries, BookSort.AUTHOR) == ["The 8", "The 7", "The 9", "A 1"]
        assert await titles(spare_queries, BookSort.CREATED_AT, author="ADAM") == ["The 8"]
        assert await titles(spare_queries, BookSort.CREATED_AT, status=BookStatus.IMPORTED) == ["A 1"]
        assert (await spare_queries.names(PersonKind.AUTHOR, Window())).total == 3
        await shelve(storage, a_book("Counted"))
        assert len(await titles(spare_queries, BookSort.TITLE)) == 4

    async def test_totals_stay_right_when_the_loaded_changes(
        self, archive: StorageArchive, storage: Storage, spare: StorageArchive, spare_storage: Storage,
        spare_queries: Queries, cipher: Cipher,
    ) -> None:  # fmt: skip
        first, second = a_book("First"), a_book("Second", created_at=at(1))
        await shelve(storage, first, second, authors="Ann")
        await spare.load(archive.dump(cipher), cipher)
        await shelve(spare_storage, a_book("Third", created_at=at(2)), authors="Ann")
        async with spare_storage.unit() as unit:
            await unit.books.remove(first.id)
            await unit.commit(at(3))
        assert await titles(spare_queries, BookSort.CREATED_AT, author="ann") == ["Second", "Third"]
        assert await titles(spare_queries, BookSort.CREATED_AT) == ["Second", "Third"]

    async def test_more_than_one_portion_arrives_whole(self, archive: StorageArchive, cipher: Cipher) -> None:
        author = an_author("Ann")
        books = [a_book(f"Book {number}", authors=(author,)) for number in range(2101)]
        await archive.load(streamed([author, *books]), cipher)
        stored = await records_of(archive, cipher)
        assert stored[0] == author
        assert stored[1:] == sorted(books, key=lambda book: book.id)

    async def test_a_database_that_holds_something_is_left_as_it_is(
        self, archive: StorageArchive, storage: Storage, cipher: Cipher
    ) -> None:
        await shelve(storage, a_book("Mine"))
        with pytest.raises(Conflict):
            await archive.load(streamed([a_book("Yours")]), cipher)
        assert [record.title for record in await records_of(archive, cipher) if isinstance(record, Book)] == ["Mine"]

    @pytest.mark.parametrize("wrong", ["stranger", "twice", "asin", "person", "grab", "nobody"])
    async def test_records_that_contradict_each_other_leave_nothing(
        self, archive: StorageArchive, storage: Storage, cipher: Cipher, wrong: str
    ) -> None:
        ann, book, release = an_author("Ann"), a_book("One", asin="B01", version=1), a_release()
        records: dict[str, list[Record]] = {
            "stranger": [a_book("Two", authors=(an_author("Nobody stored"),))],
            "twice": [book],
            "asin": [a_book("Two", asin="b01 ")],
            "person": [Author(AuthorId("au_other"), "ANN")],
            "grab": [a_download(book, release=release), a_download(book, release=release)],
            "nobody": [a_download(a_book("Not there"))],
        }
        with pytest.raises(Conflict):
            await archive.load(streamed([ann, book, *records[wrong]]), cipher)
        assert await archive.is_empty()
        await shelve(storage, a_book("Still usable", asin="B01"), authors="Ann")

    async def test_a_stream_that_breaks_leaves_nothing_and_travels_on(
        self, archive: StorageArchive, cipher: Cipher, storage: Storage
    ) -> None:
        async def broken() -> AsyncIterator[Record]:
            for number in range(1500):
                yield a_book(f"Book {number}")
            raise RuntimeError("on the way")

        with pytest.raises(RuntimeError, match="on the way"):
            await archive.load(broken(), cipher)
        assert await archive.is_empty()
        await shelve(storage, a_book("Still usable"))

    async def test_a_dump_is_of_one_moment_while_others_write(
        self, archive: StorageArchive, storage: Storage, cipher: Cipher
    ) -> None:
        await furnish(storage)
        before = await tallies_of(archive, cipher)
        ledger = Ledger()
        async with aclosing(archive.dump(cipher)) as records:
            async for record in records:
                if not any(tally.count for tally in ledger.tallies.values()):
                    await shelve(storage, a_book("Meanwhile"), authors="Meanwhile")
                ledger.enter(kind_of(record), spelled(record))
        assert ledger.tallies == before
        assert await tallies_of(archive, cipher) != before

    async def test_a_dump_that_is_left_early_holds_up_nobody(
        self, archive: StorageArchive, storage: Storage, cipher: Cipher
    ) -> None:
        await furnish(storage)
        async with aclosing(archive.dump(cipher)) as records:
            assert isinstance(await anext(records), Author)
        await shelve(storage, a_book("Afterwards"))


class SecretsInArchiveContract:
    """Secrets change their key without changing themselves; for storages that encrypt."""

    async def test_the_secrets_say_which_key_they_need(
        self, archive: StorageArchive, storage: Storage, cipher: Cipher
    ) -> None:
        await furnish(storage)
        assert await archive.key_ids() == {cipher.key_id}

    async def test_a_download_alone_says_which_key_it_needs(
        self, archive: StorageArchive, storage: Storage, cipher: Cipher
    ) -> None:
        async with storage.unit() as unit:
            await unit.downloads.add(a_download())
            await unit.commit(NOON)
        assert await archive.key_ids() == {cipher.key_id}

    async def test_resealed_secrets_open_with_the_new_key_only(
        self, archive: StorageArchive, storage: Storage, cipher: Cipher, stranger: Cipher
    ) -> None:
        await furnish(storage)
        before = await tallies_of(archive, cipher)
        assert await archive.reseal(old=cipher, new=stranger) == 8
        assert await archive.key_ids() == {stranger.key_id}
        assert await tallies_of(archive, stranger) == before
        assert await tallies_of(archive, cipher) != before

    async def test_a_reseal_with_the_wrong_key_changes_nothing(
        self, archive: StorageArchive, storage: Storage, cipher: Cipher, stranger: Cipher
    ) -> None:
        await furnish(storage)
        before = await tallies_of(archive, cipher)
        assert await archive.reseal(old=stranger, new=cipher) == 0
        assert await tallies_of(archive, cipher) == before
        await shelve(storage, a_book("Still usable"))

    async def test_secrets_of_a_lost_key_are_left_out_and_all_else_is_kept(
        self, archive: StorageArchive, storage: Storage, spare: StorageArchive, cipher: Cipher, stranger: Cipher
    ) -> None:
        await furnish(storage)
        whole = await records_of(archive, cipher)
        rest = await records_of(archive, stranger)
        assert [kind_of(one) for one in rest] == [kind for one in whole if (kind := kind_of(one)) != "credential"]
        for record in rest:
            if isinstance(record, Integration):
                assert (record.secrets, record.secrets_lost) == ({}, False)
            if isinstance(record, MediaServer | Account):
                assert (record.token, record.secrets_lost) == ("", False)
            if isinstance(record, Download):
                assert (record.release.download_url, record.release.guid) == ("", None)
        await spare.load(streamed(rest), stranger)
        assert await records_of(spare, stranger) == rest

    async def test_a_library_is_loaded_under_another_key(
        self, archive: StorageArchive, storage: Storage, spare: StorageArchive, cipher: Cipher, stranger: Cipher
    ) -> None:
        await furnish(storage)
        await spare.load(archive.dump(cipher), stranger)
        assert await spare.key_ids() == {stranger.key_id}
        assert await tallies_of(spare, stranger) == await tallies_of(archive, cipher)


class RecordsAloneContract:
    """Single records keep what is special about them."""

    @pytest.mark.parametrize(
        "record",
        [
            StoredCredential(Credential.OPERATOR_TOKEN, "hasło"),
            StoredEvent(41, at(1), BookAdded(None), dispatched=False),
            an_author("Ann", asin="B0ANN"),
            a_book("Zero", runtime_minutes=0, files=(a_file(seconds=None),), genres=(), version=17),
        ],
        ids=lambda record: kind_of(record).value,
    )
    async def test_one_record_comes_back_equal(self, archive: StorageArchive, cipher: Cipher, record: Record) -> None:
        await archive.load(streamed([record]), cipher)
        assert await records_of(archive, cipher) == [record]
