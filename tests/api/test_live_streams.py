"""Live streams as server-sent events, over HTTP, with a simulated Plex server behind the house."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from earshelf.adapters.memory.system import SettableClock
from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.access import Credential
from earshelf.entrypoints.callers import SESSION_COOKIE
from earshelf.entrypoints.live import LiveAnswer, Pace
from earshelf.entrypoints.openapi import document
from earshelf.entrypoints.operator.streams import Streams
from earshelf.entrypoints.routing import Call
from earshelf.entrypoints.server import running
from tests.api.house import OPERATOR_TOKEN, House, open_house
from tests.contract.plex_theatre import PlexTheatre
from tests.contract.suites.makers import NOON, a_server

SECRET = "s3cret-of-the-attic"
PATH = "/api/streams/events"
TOKEN = {"X-Auth-Token": OPERATOR_TOKEN}


@pytest.fixture
async def attic() -> AsyncIterator[PlexTheatre]:
    async with PlexTheatre(credential=SECRET, machine_id="machine-1") as theatre:
        yield theatre


@pytest.fixture
async def house(attic: PlexTheatre, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house("memory://", tmp_path) as opened:
        await furnish(opened.container, attic)
        yield opened


async def furnish(container: Container, attic: PlexTheatre) -> None:
    async with container.storage().unit() as unit:
        await unit.servers.add(a_server("Attic", url=attic.url, token=SECRET, machine_id="machine-1"))
        await unit.commit(NOON)


@asynccontextmanager
async def listening(house: House, **headers: str) -> AsyncIterator[ClientResponse]:
    async with house.client.get(PATH, headers=TOKEN | headers) as answer:
        assert answer.status == 200
        yield answer


async def next_event(answer: ClientResponse) -> tuple[int, dict[str, Any]]:
    """Reads the next event; comments are left out."""
    told: dict[str, str] = {}
    async with asyncio.timeout(10):
        while line := (await answer.content.readline()).decode():
            name, _, value = line.rstrip("\n").partition(": ")
            if not line.strip() and "data" in told:
                assert told["event"] == "sessions"
                return int(told["id"]), json.loads(told["data"])
            told[name] = value
    raise AssertionError("it ended")


async def until_seats(house: House, count: int) -> None:
    async with asyncio.timeout(10):
        while house.container.telling().seats != count:  # noqa: ASYNC110 - nobody tells of seats
            await asyncio.sleep(0.01)


async def test_the_first_event_shows_all_and_each_change_follows(house: House, attic: PlexTheatre) -> None:
    attic.play("48", viewer="tom")
    async with listening(house) as answer:
        headers = {name: answer.headers[name] for name in ("Content-Type", "Cache-Control", "X-Accel-Buffering")}
        assert headers == {
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-cache",
            "X-Accel-Buffering": "no",
        }
        number, first = await next_event(answer)
        listed = (await house.op("GET", "/streams")).body
        told = {name: value for name, value in first.items() if name not in {"type", "read_at"}}
        assert (first["type"], told) == ("sessions", listed)
        attic.play("49", viewer="ada")
        house.container.telling().note_change()
        later, second = await next_event(answer)
        assert later > number
        assert [one["user"] for one in second["data"]] == ["tom", "ada"]
        assert SECRET not in str(first) + str(second)


async def test_last_event_id_changes_nothing(house: House, attic: PlexTheatre) -> None:
    attic.play("48", viewer="tom")
    for last in ("1", "-5", "9" * 40, "zwölf", ""):
        async with listening(house, **{"Last-Event-ID": last}) as answer:
            _, first = await next_event(answer)
            assert first["total"] == 1


async def test_many_listeners_cost_the_server_no_more_requests(house: House, attic: PlexTheatre) -> None:
    async with listening(house) as one, listening(house) as two, listening(house) as three:
        for answer in (one, two, three):
            await next_event(answer)
        assert attic.polls == 1
        attic.play("48", viewer="tom")
        house.container.telling().note_change()
        for answer in (one, two, three):
            await next_event(answer)
        assert attic.polls == 2


async def test_listeners_that_vanish_leave_nothing_behind(house: House) -> None:
    # connections that are kept open have tasks of their own
    await house.op("GET", "/streams")
    before = len(asyncio.all_tasks())
    async with aiohttp.ClientSession() as session:
        answers = [await session.get(house.client.make_url(PATH), headers=TOKEN) for _ in range(5)]
        await until_seats(house, 5)
        for answer in answers:
            assert answer.connection
            assert answer.connection.transport
            answer.connection.transport.abort()
            answer.close()
        await until_seats(house, 0)
    async with asyncio.timeout(10):
        while len(asyncio.all_tasks()) > before:  # noqa: ASYNC110 - tasks end when they end
            await asyncio.sleep(0.01)


async def test_a_head_is_only_a_head(house: House) -> None:
    async with house.client.head(PATH, headers=TOKEN) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
    await until_seats(house, 0)


async def test_who_shows_no_token_hears_nothing(house: House, attic: PlexTheatre) -> None:
    async with house.client.get(PATH) as answer:
        assert answer.status == 401
    assert attic.polls == 0


async def logged_in(house: House) -> dict[str, str]:
    body = {"token": OPERATOR_TOKEN}
    async with house.client.post("/api/auth/login", json=body) as answer:
        secret = answer.cookies[SESSION_COOKIE].value
    house.client.session.cookie_jar.clear()
    return {"Cookie": f"{SESSION_COOKIE}={secret}"}


async def test_who_logs_out_is_told_nothing_more(house: House, attic: PlexTheatre) -> None:
    leaving, staying = await logged_in(house), await logged_in(house)
    async with (
        house.client.get(PATH, headers=leaving) as ended,
        house.client.get(PATH, headers=staying) as goes_on,
    ):
        await next_event(ended)
        await next_event(goes_on)
        async with house.client.post("/api/auth/logout", headers=leaving) as answer:
            assert answer.status == 200
        attic.play("48", viewer="tom")
        house.container.telling().note_change()
        async with asyncio.timeout(10):
            assert await ended.content.read() == b""
        _, told = await next_event(goes_on)
        assert [one["user"] for one in told["data"]] == ["tom"]
    await until_seats(house, 0)


async def test_another_operator_token_ends_what_the_former_one_listens_to(attic: PlexTheatre, tmp_path: Path) -> None:
    clock = SettableClock()
    async with open_house("memory://", tmp_path, clock=clock, operator_token=None) as house:
        authenticating = house.container.authenticating()
        former = await authenticating.current(Credential.OPERATOR_TOKEN)
        async with house.client.get(PATH, headers={"X-Auth-Token": former}) as answer:
            await next_event(answer)
            await authenticating.regenerate(Credential.OPERATOR_TOKEN)
            async with asyncio.timeout(10):
                assert await answer.content.read() == b""


async def test_an_unreachable_server_is_told_as_such(house: House, attic: PlexTheatre) -> None:
    attic.is_away = True
    async with listening(house) as answer:
        _, first = await next_event(answer)
    assert [one["name"] for one in first["unreachable_servers"]] == ["Attic"]


async def test_the_end_of_the_program_ends_it_at_once(attic: PlexTheatre, tmp_path: Path) -> None:
    settings = ProcessSettings(config_dir=tmp_path, database_url="memory://", operator_token=OPERATOR_TOKEN, port=0)
    container = Container(settings=settings)
    async with aiohttp.ClientSession() as session:
        async with running(container) as url:
            await furnish(container, attic)
            answer = await session.get(url + PATH, headers=TOKEN)
            await next_event(answer)
            began = time.monotonic()
        assert time.monotonic() - began < 1.5
        assert not [line async for line in answer.content if line.startswith(b"event")]


@asynccontextmanager
async def hurried(house: House, pace: Pace) -> AsyncIterator[TestClient[Any, Any]]:
    """Serves the events at another pace."""
    streams = Streams(watching=house.container.watching(), telling=house.container.telling(), pace=pace)
    app = web.Application()

    async def live(_: web.Request) -> web.StreamResponse:
        return await streams.live(Call({}, {}, {}))

    app.router.add_get("/", live)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_a_comment_comes_while_nothing_happens_and_the_end_in_time(house: House) -> None:
    async with hurried(house, Pace(beat=0.05, look=0.01, longest=0.3)) as client, client.get("/") as answer:
        lines = [line async for line in answer.content]
    assert lines[0] == b"event: sessions\n"
    assert lines.count(b": still here\n") >= 2
    assert house.container.telling().seats == 0


class Flood:
    """More than anybody takes."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def events(self) -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b"x" * 1_000_000
        finally:
            self.closed.set()


async def test_who_takes_nothing_is_dropped() -> None:
    endless = Flood()
    app = web.Application()

    async def serve(_: web.Request) -> web.StreamResponse:
        return LiveAnswer(b": first\n\n", endless.events(), Pace(stuck=0.2))

    app.router.add_get("/", serve)
    async with TestServer(app) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.wait_for(endless.closed.wait(), 10)
        writer.close()
        assert reader.at_eof() is False


def test_the_document_says_what_comes() -> None:
    answers = document("operator")["paths"]["/api/streams/events"]["get"]["responses"]
    assert [*answers["200"]["content"]] == ["text/event-stream"]
    assert answers["200"]["content"]["text/event-stream"]["example"].startswith("event: sessions\nid: 7\ndata: {")
