"""One leader among many processes."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from select import select

import asyncpg
import pytest

from earshelf.adapters.leadership import SoleLeadership
from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.leadership import PostgresLeadership
from earshelf.adapters.postgres.locks import Lock
from earshelf.domain.errors import ConfigurationError

_HELD = """
FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objid = ($1::bigint & x'FFFFFFFF'::bigint)::oid
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_PATIENCE = 10.0


class Terms:
    """Remembers who began a term and whose was cancelled."""

    def __init__(self) -> None:
        self.history: list[str] = []
        self._news = asyncio.Condition()

    async def hold(self, name: str) -> None:
        """Leads until cancelled."""
        await self._tell(f"{name} begins")
        try:
            await asyncio.Event().wait()
        finally:
            self.history.append(f"{name} ends")

    async def until(self, count: int) -> None:
        """Waits until so many terms have begun."""
        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(lambda: sum(line.endswith("begins") for line in self.history) >= count)

    async def _tell(self, line: str) -> None:
        async with self._news:
            self.history.append(line)
            self._news.notify_all()


@pytest.fixture
async def database(postgres_dsn: str) -> AsyncIterator[PostgresDatabase]:
    async with PostgresDatabase(postgres_dsn, seconds_to_wait=5.0) as database:
        yield database


@asynccontextmanager
async def candidate(database: PostgresDatabase, name: str, terms: Terms) -> AsyncIterator[asyncio.Task[None]]:
    """Somebody who leads as soon as nobody else does."""
    task = asyncio.create_task(PostgresLeadership(database, pause=0.02).lead(lambda: terms.hold(name)))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def end_holders(dsn: str, lock: Lock) -> None:
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval(f"SELECT bool_and(pg_terminate_backend(pid)) {_HELD}", lock)
    await connection.close()


async def held(dsn: str, lock: Lock) -> bool:
    connection = await asyncpg.connect(dsn)
    try:
        return bool(await connection.fetchval(f"SELECT count(*) {_HELD}", lock))
    finally:
        await connection.close()


async def test_where_nobody_else_can_lead_a_term_begins_at_once_and_its_end_is_the_end() -> None:
    done = []

    async def term() -> None:
        done.append("led")

    leadership = SoleLeadership()
    await leadership.lead(term)
    assert (done, leadership.is_shared) == (["led"], False)


async def test_one_leads_and_the_next_takes_over_when_the_first_stops(database: PostgresDatabase) -> None:
    terms = Terms()
    async with candidate(database, "one", terms) as first:
        await terms.until(1)
        async with candidate(database, "two", terms):
            await asyncio.sleep(0.1)
            assert terms.history == ["one begins"]
            first.cancel()
            await terms.until(2)
            assert terms.history == ["one begins", "one ends", "two begins"]


async def test_a_leader_whose_connection_is_lost_stops_and_leads_again(
    database: PostgresDatabase, postgres_dsn: str
) -> None:
    terms = Terms()
    async with candidate(database, "one", terms):
        await terms.until(1)
        await end_holders(postgres_dsn, Lock.LEADERSHIP)
        await terms.until(2)
        assert terms.history == ["one begins", "one ends", "one begins"]


async def test_a_term_that_fails_tells_so_and_gives_the_leadership_up(database: PostgresDatabase) -> None:
    async def stumble() -> None:
        raise RuntimeError("a broken loop")

    with pytest.raises(RuntimeError, match="a broken loop"):
        await PostgresLeadership(database).lead(stumble)
    terms = Terms()
    async with candidate(database, "next", terms):
        await terms.until(1)


async def test_nobody_is_alone_beside_a_follower_even_while_nobody_leads(database: PostgresDatabase) -> None:
    async with PostgresLeadership(database).presence(), PostgresLeadership(database).presence():
        with pytest.raises(ConfigurationError, match="stop all of its servers first"):
            await PostgresLeadership(database).alone().__aenter__()
    async with PostgresLeadership(database).alone():
        with pytest.raises(ConfigurationError, match="start again"):
            await PostgresLeadership(database).presence().__aenter__()


async def test_a_server_whose_connection_is_lost_is_soon_seen_again(
    database: PostgresDatabase, postgres_dsn: str
) -> None:
    async with PostgresLeadership(database, pause=0.02).presence():
        assert await held(postgres_dsn, Lock.PRESENCE)
        await end_holders(postgres_dsn, Lock.PRESENCE)
        async with asyncio.timeout(_PATIENCE):
            while not await held(postgres_dsn, Lock.PRESENCE):  # noqa: ASYNC110 - it happens in the database
                await asyncio.sleep(0.02)


def lead_and_be_killed(dsn: str) -> list[str]:
    """Lets two processes want to lead, kills the one that does, and returns what they told."""
    command = [sys.executable, str(Path(__file__).with_name("leading.py")), dsn]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as one,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as two,
    ):
        assert one.stdout is not None
        assert two.stdout is not None
        leader, *_ = select([one.stdout, two.stdout], [], [], _PATIENCE)[0]
        first, second = (one, two) if leader is one.stdout else (two, one)
        first.send_signal(signal.SIGKILL)
        assert second.stdout is not None
        is_led_again = bool(select([second.stdout], [], [], _PATIENCE)[0])
        second.send_signal(signal.SIGKILL)
        return [leader.readline(), second.stdout.readline() if is_led_again else "nobody leads"]


async def test_a_leader_that_is_killed_is_followed_by_another_process(postgres_dsn: str) -> None:
    assert await asyncio.to_thread(lead_and_be_killed, postgres_dsn) == ["leads\n", "leads\n"]
