"""Syncs that nobody asks for by hand: asked for when it is time, and once more after trouble."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from earshelf.adapters.memory.libraries import MemoryLibraries
from earshelf.adapters.memory.media import MemoryMediaStore
from earshelf.adapters.memory.media_servers import MemoryServerClients
from earshelf.adapters.memory.storage import MemoryDatabase
from earshelf.adapters.memory.system import SequentialEntropy, SettableClock
from earshelf.domain.accounts import TokenState
from earshelf.domain.ids import ServerId
from earshelf.domain.media import LibraryType
from earshelf.domain.servers import AuthMethod, MediaServer, ServerKind
from earshelf.domain.sync_jobs import MediaLibrary, SyncJob
from earshelf.domain.sync_schedules import RETRY_AFTER, SyncEvery, SyncMark, SyncSchedule
from earshelf.domain.usecases.installation import Installation
from earshelf.domain.usecases.probing import Probing
from earshelf.domain.usecases.scheduling import Scheduling
from earshelf.domain.usecases.syncing import Syncing

ATTIC = ServerId("sv_attic")
DAILY = SyncSchedule(SyncEvery.DAILY, time(3))
BEGAN = datetime(2026, 5, 6, 12, tzinfo=UTC)


@dataclass
class Timetable:
    """A house whose jobs are taken and carried out by nobody but the test."""

    clock: SettableClock
    store: MemoryMediaStore
    database: MemoryDatabase
    syncing: Syncing
    scheduling: Scheduling

    async def add_server(self, **values: Any) -> None:
        wished = {"schedule": DAILY, **values}
        server = MediaServer(ATTIC, ServerKind.PLEX, "Attic", "http://attic", AuthMethod.TOKEN, **wished)
        async with self.database.storage.unit() as unit:
            await unit.servers.add(server)
            await unit.commit(self.clock.now())

    async def pass_by(self, time_passed: timedelta) -> list[SyncJob]:
        """Lets time go by with a look each minute, and returns the jobs that were asked for and not yet carried out."""
        minutes, rest = divmod(int(time_passed.total_seconds()), 60)
        for seconds in [60] * minutes + [rest]:
            self.clock.advance(seconds)
            await self.scheduling.look()
        return await self.store.jobs.open()

    async def end(self, job: SyncJob, *, trouble: str | None = None) -> None:
        job.begin(self.clock.now())
        await self.store.jobs.save(job)
        if trouble:
            job.fail(trouble, self.clock.now())
        else:
            job.complete(self.clock.now())
        await self.store.jobs.save(job)


@pytest.fixture
async def timetable() -> AsyncIterator[Timetable]:
    clock, entropy, store = SettableClock(BEGAN), SequentialEntropy(), MemoryMediaStore()
    async with MemoryDatabase() as database:
        installation = Installation(storage=database.storage, clock=clock, entropy=entropy)
        syncing = Syncing(
            storage=database.storage,
            store=store,
            readers=MemoryLibraries(),
            installation=installation,
            probing=Probing(clients=MemoryServerClients(), installation=installation, clock=clock),
            clock=clock,
            entropy=entropy,
        )
        scheduling = Scheduling(storage=database.storage, store=store, syncing=syncing, clock=clock, zone=UTC)
        await store.marks.put(SyncMark(ATTIC, BEGAN))
        yield Timetable(clock, store, database, syncing, scheduling)


async def test_a_sync_is_asked_for_once_each_time(timetable: Timetable) -> None:
    await timetable.add_server()
    assert await timetable.pass_by(timedelta(hours=14, minutes=59)) == []
    (job,) = await timetable.pass_by(timedelta(minutes=1))
    await timetable.end(job)
    assert await timetable.pass_by(timedelta(hours=23, minutes=59)) == []
    assert len(await timetable.pass_by(timedelta(minutes=1))) == 1


async def test_times_that_went_by_unseen_count_as_one(timetable: Timetable) -> None:
    await timetable.add_server()
    timetable.clock.advance(timedelta(days=9).total_seconds())
    (job,) = await timetable.pass_by(timedelta(minutes=5))
    await timetable.end(job)
    assert await timetable.pass_by(timedelta(hours=10)) == []


async def test_a_server_that_was_never_read_is_read_at_once(timetable: Timetable) -> None:
    await timetable.add_server()
    timetable.store.tables.marks.clear()
    assert len(await timetable.pass_by(timedelta(minutes=1))) == 1


async def test_a_sync_by_hand_counts_and_one_of_a_single_library_does_not(timetable: Timetable) -> None:
    await timetable.add_server()
    timetable.clock.advance(timedelta(hours=15, minutes=10).total_seconds())
    await timetable.end(await timetable.syncing.job(await timetable.syncing.start(ATTIC)))
    assert await timetable.pass_by(timedelta(hours=1)) == []


async def test_a_sync_of_one_library_does_not_count(timetable: Timetable) -> None:
    await timetable.add_server()
    await timetable.store.libraries.put([MediaLibrary(ATTIC, "1", "Films", LibraryType.MOVIE)])
    timetable.clock.advance(timedelta(hours=15, minutes=10).total_seconds())
    await timetable.end(await timetable.syncing.job(await timetable.syncing.start(ATTIC, library_key="1")))
    assert len(await timetable.pass_by(timedelta(minutes=1))) == 1


async def test_while_a_sync_is_under_way_the_time_is_not_missed(timetable: Timetable) -> None:
    await timetable.add_server()
    by_hand = await timetable.syncing.job(await timetable.syncing.start(ATTIC))
    assert await timetable.pass_by(timedelta(hours=15, minutes=5)) == [by_hand]
    await timetable.end(by_hand)
    (job,) = await timetable.pass_by(timedelta(minutes=1))
    assert job.id != by_hand.id


async def test_what_failed_is_tried_once_more_and_then_waits_for_its_time(timetable: Timetable) -> None:
    await timetable.add_server()
    (job,) = await timetable.pass_by(timedelta(hours=15))
    await timetable.end(job, trouble="Attic: gone")
    assert await timetable.pass_by(RETRY_AFTER - timedelta(minutes=1)) == []
    (again,) = await timetable.pass_by(timedelta(minutes=2))
    await timetable.end(again, trouble="Attic: gone")
    assert await timetable.pass_by(timedelta(hours=23)) == []
    assert len(await timetable.pass_by(timedelta(hours=1))) == 1


async def test_a_sync_by_hand_takes_the_place_of_the_retry(timetable: Timetable) -> None:
    await timetable.add_server()
    (job,) = await timetable.pass_by(timedelta(hours=15))
    await timetable.end(job, trouble="Attic: gone")
    await timetable.pass_by(timedelta(minutes=2))
    await timetable.end(await timetable.syncing.job(await timetable.syncing.start(ATTIC)))
    assert await timetable.pass_by(timedelta(hours=5)) == []


@pytest.mark.parametrize(
    "values", [{"enabled": False}, {"schedule": SyncSchedule()}, {"token_state": TokenState.REVOKED}]
)
async def test_servers_that_take_no_part_are_left_alone(timetable: Timetable, values: dict[str, Any]) -> None:
    await timetable.add_server(**values)
    assert await timetable.pass_by(timedelta(hours=16)) == []


async def test_a_clock_that_was_put_back_does_not_silence_the_schedule(timetable: Timetable) -> None:
    await timetable.add_server()
    mark = (await timetable.store.marks.all())[ATTIC]
    await timetable.store.marks.put(replace(mark, asked_at=BEGAN + timedelta(days=3000)))
    assert await timetable.pass_by(timedelta(hours=14)) == []
    assert len(await timetable.pass_by(timedelta(hours=1))) == 1
