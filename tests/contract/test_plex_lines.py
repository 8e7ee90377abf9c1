"""How Plex is asked: again where that may help, at once refused where a server was away a moment ago.

The clock stands until it is told; what servers answer is scripted.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Self

import pytest

from earshelf.adapters.http import Answer, HttpClient
from earshelf.adapters.memory.system import MORNING, SettableClock
from earshelf.adapters.plex.absences import Absences
from earshelf.adapters.plex.library import PlexLibrary
from earshelf.adapters.plex.lines import Line, PlexLines
from earshelf.adapters.plex.prerolls import PlexPrerolls
from earshelf.adapters.plex.server import PlexServer
from earshelf.adapters.plex.streams import PlexStreams
from earshelf.domain.errors import (
    CredentialsRejected,
    IntegrationError,
    IntegrationKind,
    Obstacle,
    RateLimited,
    Refused,
    TimedOut,
    UnexpectedPayload,
    Unreachable,
)
from earshelf.domain.servers import ServerKind
from earshelf.ports.servers import ServerAccess
from tests.contract.plex_theatre import PlexTheatre
from tests.contract.scripted import Reply, Request, ScriptedServer, unused_port
from tests.contract.suites.makers import a_server

SECRET = "s3cret-of-the-attic"
WELL = Reply(body=b'{"MediaContainer": {"machineIdentifier": "m", "version": "1"}}')
BROKEN, CUT = Reply(raw=b""), Reply(body=b'{"Media', missing=1000)


def access_to(url: str, **values: object) -> ServerAccess:
    return replace(ServerAccess(ServerKind.PLEX, "Attic", url, "client-1", SECRET), **values)  # type: ignore[arg-type]  # names only


def scripted(replies: Sequence[Reply]) -> Callable[[Request], Reply]:
    """Answers with one reply after the other, the last of them for ever."""
    waiting: Iterator[Reply] = iter(replies)
    last = [replies[-1]]

    def answer(_: Request) -> Reply:
        return next(waiting, last[0])

    return answer


class Caller:
    """Asks over lines whose clock it moves on whenever somebody waits by it."""

    def __init__(self, http: HttpClient) -> None:
        self.clock = SettableClock()
        self.lines = PlexLines(http, self.clock)
        self.waited: list[float] = []

    def line(self, url: str, *, timeout: float = 5.0, **values: Any) -> Line:
        return self.lines.line(access_to(url, **values), version="1", timeout=timeout)

    async def asks(self, line: Line, method: str = "GET", path: str = "/") -> Answer:
        return await self.settled(asyncio.create_task(line.request(method, path)))

    async def settled(self, asking: asyncio.Task[Answer]) -> Answer:
        while not asking.done():
            sleeping = asyncio.create_task(self.clock.until_sleeping())
            await asyncio.wait({asking, sleeping}, return_when=asyncio.FIRST_COMPLETED)
            if not sleeping.cancel():
                before = self.clock.now()
                while self.clock.sleeping:
                    self.clock.advance(0.5)
                self.waited.append((self.clock.now() - before).total_seconds())
        return await asking


@pytest.fixture
def caller(http: HttpClient) -> Caller:
    return Caller(http)


class TestAskingAgain:
    @pytest.mark.parametrize("trouble", [CUT, Reply(502), Reply(503), Reply(504)], ids=["cut", "502", "503", "504"])
    async def test_a_question_is_asked_again_after_one_two_and_three_seconds(
        self, caller: Caller, trouble: Reply
    ) -> None:
        async with ScriptedServer(scripted([trouble, trouble, trouble, WELL])) as server:
            assert (await caller.asks(caller.line(server.url))).status == 200
        assert (caller.waited, len(server.requests)) == ([1.0, 2.0, 3.0], 4)

    async def test_a_connection_that_breaks_before_an_answer_is_worth_another_question(self, caller: Caller) -> None:
        async with ScriptedServer(scripted([BROKEN, BROKEN, WELL])) as server:
            assert (await caller.asks(caller.line(server.url))).status == 200

    async def test_the_last_trouble_is_told_when_patience_is_over(self, caller: Caller) -> None:
        async with ScriptedServer(scripted([Reply(503)])) as server:
            with pytest.raises(Refused) as caught:
                await caller.asks(caller.line(server.url))
        assert (caught.value.status, len(server.requests)) == (503, 4)

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 302])
    async def test_what_will_not_pass_is_asked_once(self, caller: Caller, status: int) -> None:
        async with ScriptedServer(scripted([Reply(status)])) as server:
            with pytest.raises(IntegrationError):
                await caller.asks(caller.line(server.url))
        assert (caller.waited, len(server.requests)) == ([], 1)

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    @pytest.mark.parametrize("trouble", [CUT, Reply(503), Reply(429)], ids=["cut", "503", "429"])
    async def test_what_changes_something_is_never_sent_again(
        self, caller: Caller, method: str, trouble: Reply
    ) -> None:
        async with ScriptedServer(scripted([trouble, WELL])) as server:
            with pytest.raises(IntegrationError):
                await caller.asks(caller.line(server.url), method)
        assert len(server.requests) == 1

    async def test_an_order_to_end_a_stream_is_given_once_though_nobody_knows_whether_it_arrived(
        self, http: HttpClient
    ) -> None:
        async with PlexTheatre(credential=SECRET) as theatre:
            theatre.play("48", viewer="tom")
            theatre.hangs_up_on_terminate = True
            source = PlexStreams(
                a_server(url=theatre.url, token=SECRET), "c", PlexLines(http, SettableClock()), version="1"
            )
            with pytest.raises(Unreachable):
                await source.terminate("id-of-48", "enough")
            assert len(theatre.endings) == 1

    async def test_silence_that_used_all_patience_up_is_told_at_once(self, caller: Caller) -> None:
        def jump(_: Request) -> Reply:
            caller.clock.advance(10)
            return Reply(503)

        async with ScriptedServer(jump) as server:
            with pytest.raises(Refused):
                await caller.asks(caller.line(server.url))
        assert len(server.requests) == 1

    async def test_whoever_insists_asks_once_because_he_asks_again_by_himself(self, caller: Caller) -> None:
        async with ScriptedServer(scripted([CUT, WELL])) as server:
            with pytest.raises(Unreachable):
                await caller.asks(caller.line(server.url, insists=True))
        assert (caller.waited, len(server.requests)) == ([], 1)


class TestLeavingAlone:
    async def test_a_short_silence_that_the_server_asks_for_is_kept(self, caller: Caller) -> None:
        async with ScriptedServer(scripted([Reply(429, headers={"Retry-After": "4"}), WELL])) as server:
            assert (await caller.asks(caller.line(server.url))).status == 200
        assert caller.waited == [4.0]

    async def test_a_long_one_is_told_and_nobody_asks_before_it_is_over(self, caller: Caller) -> None:
        async with ScriptedServer(scripted([Reply(429, headers={"Retry-After": "30"}), WELL])) as server:
            with pytest.raises(RateLimited) as caught:
                await caller.asks(caller.line(server.url))
            assert caught.value.retry_after == 30
            caller.clock.advance(10)
            for insists in (False, True):
                with pytest.raises(RateLimited) as caught:
                    await caller.asks(caller.line(server.url, insists=insists))
                assert caught.value.retry_after == 20
            assert len(server.requests) == 1
            caller.clock.advance(20)
            assert (await caller.asks(caller.line(server.url))).status == 200

    async def test_a_minute_is_enough_for_any_server(self, caller: Caller) -> None:
        async with ScriptedServer(scripted([Reply(429, headers={"Retry-After": "7200"}), WELL])) as server:
            with pytest.raises(RateLimited):
                await caller.asks(caller.line(server.url))
            caller.clock.advance(60)
            assert (await caller.asks(caller.line(server.url))).status == 200


class TestServersThatAreAway:
    async def test_one_attempt_finds_out_and_everybody_is_told_for_45_seconds(self, caller: Caller) -> None:
        url = f"http://127.0.0.1:{unused_port()}"
        with pytest.raises(Unreachable) as first:
            await caller.asks(caller.line(url))
        caller.clock.advance(44)
        async with ScriptedServerAt(url) as server:
            with pytest.raises(Unreachable) as second:
                await caller.asks(caller.line(url, name="Loft"))
        assert server.requests == []
        assert (caller.waited, second.value.obstacle) == ([], Obstacle.NOBODY_LISTENS)
        assert second.value.reason == first.value.reason
        assert second.value.name == "Loft"

    async def test_a_server_that_said_nothing_in_time_is_not_waited_for_again(self, caller: Caller) -> None:
        async with ScriptedServer(scripted([Reply(is_silent=True)])) as server:
            line = caller.lines.line(access_to(server.url), version="1", timeout=0.05, most_repeats=0)
            for _ in range(3):
                with pytest.raises(TimedOut):
                    await line.request("GET", "/")
            assert len(server.requests) == 1

    async def test_after_the_rest_one_caller_tries_and_the_others_are_told_meanwhile(self, caller: Caller) -> None:
        replies = iter([CUT, CUT, CUT, CUT])
        async with ScriptedServer(lambda _: next(replies, WELL)) as server:
            with pytest.raises(Unreachable):
                await caller.asks(caller.line(server.url))
            caller.clock.advance(45)
            trying = asyncio.create_task(caller.line(server.url).request("GET", "/"))
            await asyncio.sleep(0)
            with pytest.raises(Unreachable):
                await caller.line(server.url).request("GET", "/")
            assert (await trying).status == 200
            assert (await caller.line(server.url).request("GET", "/")).status == 200
            assert len(server.requests) == 6

    async def test_a_try_that_fails_is_one_attempt_and_begins_another_rest(self, caller: Caller) -> None:
        async with ScriptedServer(scripted([CUT])) as server:
            with pytest.raises(Unreachable):
                await caller.asks(caller.line(server.url))
            for _ in range(3):
                caller.clock.advance(45)
                for _ in range(2):
                    with pytest.raises(Unreachable):
                        await caller.asks(caller.line(server.url))
            assert len(server.requests) == 4 + 3

    async def test_a_try_that_is_given_up_leaves_the_turn_to_the_next(self, caller: Caller) -> None:
        async with ScriptedServer(scripted([CUT, CUT, CUT, CUT, Reply(is_silent=True), WELL])) as server:
            with pytest.raises(Unreachable):
                await caller.asks(caller.line(server.url))
            caller.clock.advance(45)
            trying = asyncio.create_task(caller.line(server.url).request("GET", "/"))
            async with asyncio.timeout(5):
                while len(server.requests) < 5:  # noqa: ASYNC110 - the server tells nobody
                    await asyncio.sleep(0.005)
            trying.cancel()
            await asyncio.gather(trying, return_exceptions=True)
            assert (await caller.line(server.url).request("GET", "/")).status == 200

    async def test_a_try_that_ends_in_a_defect_leaves_the_turn_to_the_next(self) -> None:
        http = HttpClient()
        caller = Caller(http)
        async with ScriptedServer(scripted([CUT, CUT, CUT, CUT, WELL])) as server:
            line = caller.line(server.url)
            async with http:
                with pytest.raises(Unreachable):
                    await caller.asks(line)
            caller.clock.advance(46)
            with pytest.raises(RuntimeError, match="not open"):
                await caller.asks(line)
            async with http:
                assert (await caller.asks(line)).status == 200

    async def test_whoever_insists_is_answered_and_then_everybody_is(self, caller: Caller) -> None:
        replies = iter([CUT, CUT, CUT, CUT])
        async with ScriptedServer(lambda _: next(replies, WELL)) as server:
            with pytest.raises(Unreachable):
                await caller.asks(caller.line(server.url))
            assert (await caller.asks(caller.line(server.url, insists=True))).status == 200
            assert (await caller.asks(caller.line(server.url))).status == 200

    async def test_an_answer_that_is_a_refusal_shows_that_the_server_is_there(self, caller: Caller) -> None:
        replies = iter([CUT, CUT, CUT, CUT, Reply(401)])
        async with ScriptedServer(lambda _: next(replies, WELL)) as server:
            with pytest.raises(Unreachable):
                await caller.asks(caller.line(server.url))
            with pytest.raises(CredentialsRejected):
                await caller.asks(caller.line(server.url, insists=True))
            assert (await caller.asks(caller.line(server.url))).status == 200

    async def test_an_open_notification_socket_shows_that_the_server_is_back(self, http: HttpClient) -> None:
        clock = SettableClock()
        lines = PlexLines(http, clock, pauses=())
        async with PlexTheatre(credential=SECRET) as theatre:
            line = lines.line(access_to(theatre.url), version="1", timeout=5)
            theatre.hangs_up_on_terminate = True
            with pytest.raises(Unreachable):
                await line.request("POST", "/status/sessions/terminate")
            with pytest.raises(Unreachable):
                await line.request("GET", "/")
            async with line.socket("/:/websockets/notifications"):
                assert (await line.request("GET", "/")).status == 200

    @pytest.mark.parametrize(
        "change", [{"token": "another"}, {"verify_ssl": False}, {"url": "/prefix"}], ids=["token", "tls", "address"]
    )
    async def test_what_was_found_out_ends_with_the_address_and_the_token(
        self, caller: Caller, change: dict[str, Any]
    ) -> None:
        replies = iter([CUT, CUT, CUT, CUT])
        async with ScriptedServer(lambda _: next(replies, WELL)) as server:
            with pytest.raises(Unreachable):
                await caller.asks(caller.line(server.url))
            url = server.url + str(change.get("url", ""))
            others = {name: value for name, value in change.items() if name != "url"}
            assert (await caller.asks(caller.line(url, **others))).status == 200
            with pytest.raises(Unreachable):
                await caller.asks(caller.line(server.url))

    async def test_one_server_that_is_away_says_nothing_of_another(self, caller: Caller) -> None:
        async with ScriptedServer(scripted([WELL])) as server:
            with pytest.raises(Unreachable):
                await caller.asks(caller.line(f"http://127.0.0.1:{unused_port()}"))
            assert (await caller.asks(caller.line(server.url))).status == 200

    async def test_an_answer_that_came_meanwhile_tells_more_than_a_question_that_hung(self, caller: Caller) -> None:
        async with ScriptedServer(lambda one: Reply(is_silent=True) if one.path == "/slow" else WELL) as server:
            line = caller.lines.line(access_to(server.url), version="1", timeout=0.2, most_repeats=0)
            hanging = asyncio.create_task(line.request("GET", "/slow"))
            await asyncio.sleep(0)
            caller.clock.advance(0.1)
            assert (await line.request("GET", "/")).status == 200
            with pytest.raises(TimedOut):
                await hanging
            assert (await line.request("GET", "/")).status == 200

    @pytest.mark.parametrize("jump", [-3600.0, 3600.0])
    async def test_a_clock_that_jumps_keeps_nobody_waiting(self, caller: Caller, jump: float) -> None:
        replies = iter([CUT, CUT, CUT, CUT])
        async with ScriptedServer(lambda _: next(replies, WELL)) as server:
            with pytest.raises(Unreachable):
                await caller.asks(caller.line(server.url))
            caller.clock.advance(jump)
            assert (await caller.asks(caller.line(server.url))).status == 200

    async def test_all_that_is_asked_of_a_server_shares_what_was_found_out(self, caller: Caller) -> None:
        url = f"http://127.0.0.1:{unused_port()}"
        with pytest.raises(Unreachable):
            await PlexServer(access_to(url), caller.lines, version="1").describe()
        async with ScriptedServerAt(url) as server:
            streams = PlexStreams(a_server(url=url, token=SECRET), "client-1", caller.lines, version="1")
            for ask in (streams.streams, PlexPrerolls(access_to(url), caller.lines, version="1").read):
                with pytest.raises(Unreachable):
                    await ask()
            assert server.requests == []
            await PlexLibrary(access_to(url), caller.lines, version="1").sections()
            await streams.streams()
            assert len(server.requests) == 2

    def test_a_line_shows_no_token(self, caller: Caller) -> None:
        assert SECRET not in repr(caller.line("http://127.0.0.1:1"))


class ScriptedServerAt(ScriptedServer):
    """Answers well at an address that was free."""

    def __init__(self, url: str) -> None:
        super().__init__(scripted([WELL]))
        self._port = int(url.rpartition(":")[2])

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        return self


async def test_a_server_that_never_ends_its_body_is_not_read_for_ever(caller: Caller) -> None:
    async with ScriptedServer(scripted([Reply(is_endless=True)])) as server:
        line = caller.lines.line(access_to(server.url), version="1", timeout=5, max_bytes=1024)
        with pytest.raises(UnexpectedPayload, match="more than 1024 bytes"):
            await line.request("GET", "/")
        assert len(server.requests) == 1


def test_what_is_known_of_the_oldest_of_many_addresses_is_forgotten() -> None:
    absences, now = Absences(), MORNING
    problem = Unreachable(IntegrationKind.SERVER, "Attic", "no connection")
    for way in range(257):
        absences.failed(way, problem, asked_at=now, now=now)
    assert not absences.enter(0, IntegrationKind.SERVER, "Attic", now)
    with pytest.raises(Unreachable):
        absences.enter(1, IntegrationKind.SERVER, "Attic", now)
