"""Prerolls of Plex servers against a simulated one, and a foreign client on the same preferences.

Every payload here is composed from what is documented; none was recorded.
"""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
import requests
from plexapi.server import PlexServer as ForeignServer

from earshelf.adapters.http import HttpClient
from earshelf.adapters.memory.prerolls import MemoryPrerollKeepers
from earshelf.adapters.plex.prerolls import PlexPrerolls
from earshelf.config.prerolls import ConfiguredKeepers
from earshelf.domain.errors import CredentialsRejected, IntegrationKind, Refused, UnexpectedPayload
from earshelf.entrypoints.demo.plex import PlexSimulator
from earshelf.ports.prerolls import PrerollKeepers
from earshelf.ports.servers import ServerAccess
from tests.contract.scripted import Reply, Request, ScriptedServer, neighbour_in
from tests.contract.suites.prerolls import HARD_NAMES, PrerollKeeperSuite
from tests.contract.suites.troubles import Ask, Trouble, TroublesSuite
from tests.contract.test_servers import SECRET, access_to
from tests.plex.lines import hasty

OWN = "/own/trailer.mp4"
SETTING = '{"id": "CinemaTrailersPrerollID", "type": "text", "value": %s}'


@pytest.fixture
async def attic() -> AsyncIterator[PlexSimulator]:
    async with PlexSimulator(credential=SECRET, machine_id="machine-1") as simulator:
        simulator.preferences.preroll = OWN
        yield simulator


class TestMemory(PrerollKeeperSuite):
    @pytest.fixture
    def keepers(self) -> PrerollKeepers:
        keepers = MemoryPrerollKeepers()
        keepers.put("http://attic", OWN, tokens=[SECRET])
        return keepers

    @pytest.fixture
    def access(self) -> ServerAccess:
        return access_to("http://attic")


class TestPlex(PrerollKeeperSuite):
    @pytest.fixture(params=[True, False], ids=["one by one", "all together"])
    def access(self, attic: PlexSimulator, request: pytest.FixtureRequest) -> ServerAccess:
        attic.preferences.gives_single_ones = request.param
        return access_to(attic.url)

    @pytest.fixture
    def keepers(self, http: HttpClient) -> PrerollKeepers:
        return ConfiguredKeepers(hasty(http), "1.2.3")


class TestPlexTroubles(TroublesSuite):
    kind = IntegrationKind.SERVER
    refusal = (CredentialsRejected, Refused)

    @pytest.fixture
    def secret(self) -> str:
        return SECRET

    @pytest.fixture
    def ask(self, http: HttpClient) -> Ask:
        async def ask(trouble: Trouble) -> None:
            timeout = 0.2 if trouble is Trouble.SILENCE else 15.0
            async with neighbour_in(trouble, wrong_shape=b'{"MediaContainer": []}') as url:
                await PlexPrerolls(access_to(url), hasty(http), version="1", timeout=timeout).read()

        return ask


def keeper_at(url: str, http: HttpClient) -> PlexPrerolls:
    return PlexPrerolls(access_to(url), hasty(http), version="1")


@pytest.mark.parametrize("value", [*HARD_NAMES, "/a.mp4;/b.mp4", "/a,b", ""])
async def test_every_character_is_escaped_and_the_token_stays_out_of_the_address(http: HttpClient, value: str) -> None:
    async with ScriptedServer(lambda _: Reply(headers={"Content-Type": "text/html"})) as server:
        await keeper_at(f"{server.url}/plex", http).write(value)
        (request,) = server.requests
    assert (request.method, request.body) == ("PUT", b"")
    assert request.target == f"/plex/:/prefs?CinemaTrailersPrerollID={quote(value, safe='')}"
    assert request.headers["x-plex-token"] == SECRET
    assert request.headers["x-plex-client-identifier"] == "client-1"


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (400, Refused, "does not take this preroll"),
        (401, CredentialsRejected, "token was refused"),
        (403, Refused, "owner"),
        (404, Refused, "knows no prerolls"),
        (500, Refused, "server error"),
        (302, Refused, "redirect"),
    ],
)
async def test_a_write_that_is_refused_says_why(
    http: HttpClient, status: int, error: type[Refused], words: str
) -> None:
    reply = Reply(status, b"<html><body>no</body></html>", {"Content-Type": "text/html"})
    async with ScriptedServer(lambda _: reply) as server:
        with pytest.raises(error, match=words) as caught:
            await keeper_at(server.url, http).write("/a.mp4")
    assert caught.value.kind is IntegrationKind.SERVER
    if status in (400, 403, 404):
        assert getattr(caught.value, "status", None) == status


async def test_a_page_says_that_the_server_is_still_starting_and_nothing_was_written(
    attic: PlexSimulator, http: HttpClient
) -> None:
    attic.is_starting = True
    for ask in (keeper_at(attic.url, http).read(), keeper_at(attic.url, http).write("/a.mp4")):
        with pytest.raises(UnexpectedPayload, match="starting"):
            await ask
    assert attic.preferences.preroll == OWN


async def test_a_guest_is_told_that_only_the_owner_may(attic: PlexSimulator, http: HttpClient) -> None:
    attic.guests.add(SECRET)
    with pytest.raises(Refused, match="owner"):
        await keeper_at(attic.url, http).read()


async def test_a_server_without_the_preference_knows_no_prerolls(attic: PlexSimulator, http: HttpClient) -> None:
    del attic.preferences.values["CinemaTrailersPrerollID"]
    keeper = keeper_at(attic.url, http)
    with pytest.raises(Refused, match="knows no prerolls"):
        await keeper.read()
    with pytest.raises(Refused, match="does not take"):
        await keeper.write("/a.mp4")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ('{"MediaContainer": {"size": "1", "Setting": [%s]}}' % (SETTING % '""'), ""),
        ('{"MediaContainer": {"Setting": {"id": "CinemaTrailersPrerollID"}}}', ""),
        ('{"MediaContainer": {"Setting": [7, {"id": 3}, %s]}}' % (SETTING % '"/a;/b"'), "/a;/b"),
        ('{"MediaContainer": {"Setting": [%s]}}' % (SETTING % r'"/\u0000\ud800a"'), "/�a"),
        ('<MediaContainer size="1"><Setting id="CinemaTrailersPrerollID" value="/ä&amp;b"/></MediaContainer>', "/ä&b"),
    ],
)
async def test_loose_answers_are_read(http: HttpClient, body: str, value: str) -> None:
    async with ScriptedServer(lambda _: Reply(body=body.encode())) as server:
        assert await keeper_at(server.url, http).read() == value


@pytest.mark.parametrize("value", ["7", "null", "true", '["/a"]'])
async def test_a_preroll_that_is_no_text_is_no_preroll(http: HttpClient, value: str) -> None:
    body = '{"MediaContainer": {"Setting": [%s]}}' % (SETTING % value)
    async with ScriptedServer(lambda _: Reply(body=body.encode())) as server:
        with pytest.raises(UnexpectedPayload, match="no text"):
            await keeper_at(server.url, http).read()


async def test_a_single_preference_is_asked_for_before_all_of_them(http: HttpClient) -> None:
    def script(request: Request) -> Reply:
        if request.path.endswith("/get"):
            return Reply(404, b"<html/>")
        return Reply(body=('{"MediaContainer": {"Setting": [%s]}}' % (SETTING % '"/a"')).encode())

    async with ScriptedServer(script) as server:
        assert await keeper_at(server.url, http).read() == "/a"
        assert [each.target for each in server.requests] == ["/:/prefs/get?id=CinemaTrailersPrerollID", "/:/prefs"]


@pytest.mark.parametrize("value", ["/a.mp4;/b.mp4", "/Ünïcode жук/100% & + =?#.mp4,/b c.mp4"])
async def test_a_foreign_client_and_ours_read_what_the_other_wrote(
    attic: PlexSimulator, http: HttpClient, value: str
) -> None:
    ours = keeper_at(attic.url, http)
    await ours.write(value)

    def read() -> str:
        with requests.Session() as session:
            found = ForeignServer(attic.url, SECRET, session=session).settings.get("cinemaTrailersPrerollID")
            return str(found.value)

    def write() -> None:
        with requests.Session() as session:
            settings = ForeignServer(attic.url, SECRET, session=session).settings
            settings.get("cinemaTrailersPrerollID").set(value + ".theirs")
            settings.save()

    assert await asyncio.to_thread(read) == value
    await asyncio.to_thread(write)
    assert await ours.read() == value + ".theirs"
    assert attic.preferences.preroll == value + ".theirs"
