"""Plex servers against a simulated one, and a foreign client against the same simulators.

Every payload here is composed from what is documented; none was recorded.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from earshelf.adapters.http import HttpClient
from earshelf.adapters.memory.media_servers import MemoryServerClients
from earshelf.adapters.plex.parsing import parse_description, parse_identity
from earshelf.adapters.plex.server import PlexServer
from earshelf.domain.errors import (
    CredentialsRejected,
    IntegrationKind,
    Obstacle,
    Refused,
    UnexpectedPayload,
    Unreachable,
)
from earshelf.domain.servers import ServerKind
from earshelf.entrypoints.demo.plex import PlexSimulator
from earshelf.ports.servers import MediaServerClient, ServerAccess, ServerClients
from tests.contract.scripted import Reply, ScriptedServer, neighbour_in, unused_port
from tests.contract.suites.servers import ServerClientSuite
from tests.contract.suites.troubles import Ask, Trouble, TroublesSuite
from tests.plex.lines import hasty

SECRET = "s3cret-of-the-attic"


def access_to(url: str, **values: object) -> ServerAccess:
    return replace(ServerAccess(ServerKind.PLEX, "Attic", url, "client-1", SECRET), **values)  # type: ignore[arg-type]  # names only


@pytest.fixture
async def attic() -> AsyncIterator[PlexSimulator]:
    async with PlexSimulator(credential=SECRET, machine_id="machine-1") as simulator:
        yield simulator


class PlexClients:
    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def at(self, access: ServerAccess) -> MediaServerClient:
        return PlexServer(access, hasty(self._http), version="1.2.3")


class TestMemory(ServerClientSuite):
    @pytest.fixture
    def clients(self) -> ServerClients:
        clients = MemoryServerClients()
        clients.put("http://attic", "machine-1", tokens=[SECRET])
        return clients

    @pytest.fixture
    def access(self) -> ServerAccess:
        return access_to("http://attic")


class TestPlex(ServerClientSuite):
    @pytest.fixture
    def clients(self, http: HttpClient) -> ServerClients:
        return PlexClients(http)

    @pytest.fixture
    def access(self, attic: PlexSimulator) -> ServerAccess:
        return access_to(attic.url)


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
                await PlexServer(access_to(url), hasty(http), version="1", timeout=timeout).describe()

        return ask


async def test_whoever_is_asked_who_he_is_sees_no_token(attic: PlexSimulator, http: HttpClient) -> None:
    await PlexClients(http).at(access_to(attic.url)).identity()
    assert attic.shown == [""]


async def test_a_token_travels_in_a_header_never_in_the_address(http: HttpClient) -> None:
    body = b'{"MediaContainer": {"machineIdentifier": "m"}}'
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        await PlexClients(http).at(access_to(f"{server.url}/plex")).describe()
        (request,) = server.requests
    assert request.target == "/plex/"
    assert request.headers["x-plex-token"] == SECRET
    assert request.headers["x-plex-client-identifier"] == "client-1"
    assert "x-plex-pms-api-version" not in request.headers


async def test_a_guests_token_is_known_and_still_not_enough(attic: PlexSimulator, http: HttpClient) -> None:
    attic.guests.add("guest")
    with pytest.raises(Refused, match="owner") as caught:
        await PlexClients(http).at(access_to(attic.url, token="guest")).describe()
    assert caught.value.status == 403


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b'{"MediaContainer": {}}', b"<MediaContainer/>", b"<html>hi", b"<MediaContainer", b"\xff\xfe<", b"[]"],
)  # fmt: skip
async def test_an_answer_that_names_no_machine_is_no_plex_server(http: HttpClient, body: bytes) -> None:
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        client = PlexClients(http).at(access_to(server.url))
        with pytest.raises(UnexpectedPayload):
            await client.identity()
        with pytest.raises(UnexpectedPayload):
            await client.describe()


async def test_xml_is_read_like_json(http: HttpClient) -> None:
    body = b'<MediaContainer machineIdentifier="m" friendlyName="Attic" version="1" myPlexSubscription="1" size="0"/>'
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        client = PlexClients(http).at(access_to(server.url))
        assert (await client.identity()).machine_id == "m"
        assert (await client.describe()).is_premium


async def test_a_closed_port_and_an_unknown_name_are_told_apart(http: HttpClient) -> None:
    clients = PlexClients(http)
    with pytest.raises(Unreachable) as caught:
        await clients.at(access_to(f"http://127.0.0.1:{unused_port()}")).identity()
    assert caught.value.obstacle is Obstacle.NOBODY_LISTENS
    with pytest.raises(Unreachable, match=r"routers drop answers about plex\.direct") as caught:
        await clients.at(access_to("https://1-2-3-4.invalid.plex.direct:32400")).identity()
    assert caught.value.obstacle is Obstacle.NAME_UNKNOWN


@pytest.mark.parametrize("loose", [{"claimed": "0"}, {"claimed": 0}, {"claimed": False}])
def test_loose_truth_is_read(loose: dict[str, object]) -> None:
    identity = parse_identity({"machineIdentifier": 5, **loose})
    assert identity is not None
    assert (identity.machine_id, identity.is_claimed) == ("5", False)


def test_a_server_without_a_name_goes_by_its_machine() -> None:
    description = parse_description({"machineIdentifier": "m", "ownerFeatures": "pass,webhooks"})
    assert description is not None
    assert (description.name, description.is_premium, description.platform) == ("m", True, "")
