"""Every stop that Earshelf causes stands in the history: who watched what, by which rule, and what came of it."""

from dataclasses import replace

import pytest

from earshelf.adapters.memory.queries import MemoryQueries
from earshelf.adapters.memory.storage import MemoryDatabase
from earshelf.domain.errors import IntegrationKind, Refused, TimedOut, Unreachable
from earshelf.domain.events import StopResult, StreamStopOrdered
from earshelf.ports.queries import Queries, Window
from tests.unit.auditorium import Auditorium
from tests.unit.viewing import CABIN, HOME, stream


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


@pytest.fixture
def queries(database: MemoryDatabase) -> MemoryQueries:
    return database.queries


@pytest.fixture
async def house(database: MemoryDatabase) -> Auditorium:
    return await Auditorium(database.storage).furnished()


async def facts(queries: Queries) -> list[StreamStopOrdered]:
    """What the history holds, oldest first."""
    page = await queries.history(Window())
    return [row.event for row in reversed(page.rows) if isinstance(row.event, StreamStopOrdered)]


async def results(queries: Queries) -> list[StopResult]:
    return [fact.result for fact in await facts(queries)]


async def maintain(house: Auditorium, grace: int = 0) -> None:
    await house.curbing.change_maintenance({"enabled": True, "grace_seconds": grace, "message": "not for the log"})
    await house.watching.enforce()


async def test_a_rule_that_ends_a_stream_is_named_with_viewer_and_title(house: Auditorium, queries: Queries) -> None:
    house.play(stream("a"))
    await maintain(house)
    assert await facts(queries) == [
        StreamStopOrdered(None, HOME, "a", "31337", "tom", "Harbour Lights", "maintenance", StopResult.ENDED)
    ]


async def test_what_nobody_ends_leaves_no_trace(house: Auditorium, queries: Queries) -> None:
    house.play(stream("a"), replace(stream("b"), session_id=None))
    await maintain(house, grace=600)
    await house.after(30)
    assert await facts(queries) == []


async def test_a_player_that_goes_on_is_told_as_asked_again_through_restarts(
    house: Auditorium, queries: Queries
) -> None:
    house.at(HOME).obeys = False
    house.play(stream("a"))
    await maintain(house)
    for _ in range(20):
        await house.restarted().after(30)
    assert await results(queries) == [StopResult.ENDED, *[StopResult.ASKED_AGAIN] * 4]


async def test_a_refusal_is_told_and_shows_nothing_of_the_message(house: Auditorium, queries: Queries) -> None:
    house.at(HOME).refusal = Refused(IntegrationKind.SERVER, "Attic", "no pass", status=401)
    house.play(stream("a"))
    await maintain(house)
    (fact,) = await facts(queries)
    assert (fact.result, fact.rule) == (StopResult.REFUSED, "maintenance")


async def test_that_a_server_does_not_answer_is_told_once(house: Auditorium, queries: Queries) -> None:
    house.play(stream("a"))
    house.at(HOME).stop_trouble = TimedOut(IntegrationKind.SERVER, "Attic", "did not answer")
    await maintain(house)
    for _ in range(5):
        await house.after(30)
    house.at(HOME).stop_trouble = None
    await house.after(30)
    assert await results(queries) == [StopResult.UNANSWERED, StopResult.ENDED]


async def test_the_owners_own_stops_are_told_too(house: Auditorium, queries: Queries) -> None:
    house.play(stream("a", CABIN))
    assert await house.watching.terminate("a", CABIN, "Sorry")
    assert not await house.watching.terminate("a", CABIN)
    house.at(CABIN).stop_trouble = Unreachable(IntegrationKind.SERVER, "Cabin", "away")
    with pytest.raises(Unreachable):
        await house.watching.terminate("b", CABIN)
    told = [(fact.rule, fact.server_id, fact.session_id, fact.viewer, fact.result) for fact in await facts(queries)]
    assert told == [
        ("owner", CABIN, "a", "tom", StopResult.ENDED),
        ("owner", CABIN, "a", "", StopResult.OVER_ALREADY),
        ("owner", CABIN, "b", "", StopResult.UNANSWERED),
    ]
