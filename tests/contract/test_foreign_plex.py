"""A foreign client of Plex against the same simulators, so that two independent readings of the protocol agree.

The foreign client asks for XML where ours asks for JSON. What the simulators answer is composed.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import requests
from plexapi.exceptions import Unauthorized
from plexapi.myplex import MyPlexAccount, MyPlexPinLogin
from plexapi.server import PlexServer as ForeignServer
from requests.adapters import HTTPAdapter

from earshelf.adapters.http import HttpClient
from earshelf.adapters.memory.system import SettableClock
from earshelf.adapters.plex.account import PlexAccounts
from earshelf.adapters.plex.server import PlexServer
from earshelf.adapters.plex.streams import PlexStreams
from earshelf.domain.connections import Reach
from earshelf.domain.servers import ServerKind
from earshelf.entrypoints.demo.plex import PlexSimulator
from earshelf.entrypoints.demo.plex_tv import PlexTvSimulator
from earshelf.ports.servers import ServerAccess
from tests.contract.plex_theatre import PlexTheatre
from tests.contract.suites.accounts import CLIENT
from tests.contract.suites.makers import a_server
from tests.contract.test_accounts import a_resource
from tests.plex.lines import hasty

TOKEN = "tok-user-AAAA1111"


class Detour(HTTPAdapter):  # type: ignore[misc]  # read without its types
    """Takes what is meant for plex.tv to the simulator."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: Any, *arguments: Any, **options: Any) -> Any:
        request.url = request.url.replace("https://plex.tv", self._url)
        return super().send(request, *arguments, **options)


@pytest.fixture
async def plex_tv() -> AsyncIterator[PlexTvSimulator]:
    async with PlexTvSimulator() as simulator:
        yield simulator


def detoured(simulator: PlexTvSimulator) -> requests.Session:
    session = requests.Session()
    session.mount("https://plex.tv", Detour(simulator.url))
    return session


async def test_both_sign_in_with_a_pin(plex_tv: PlexTvSimulator, http: HttpClient) -> None:
    ours = PlexAccounts(hasty(http), SettableClock(), version="1", base_url=plex_tv.url)
    pin = await ours.begin(CLIENT)

    def sign_in() -> tuple[bool, bool, str]:
        with detoured(plex_tv) as session:
            theirs = MyPlexPinLogin(session=session, oauth=True)
            assert theirs._getCode()
            before = theirs._checkLogin()
            plex_tv.approve(theirs._id, TOKEN)
            return before, theirs._checkLogin(), theirs.token

    assert await asyncio.to_thread(sign_in) == (False, True, TOKEN)
    assert await ours.token_for(pin.id, CLIENT) is None
    plex_tv.approve(pin.id, TOKEN)
    assert await ours.token_for(pin.id, CLIENT) == TOKEN


async def test_both_read_the_same_account_and_the_same_servers(plex_tv: PlexTvSimulator, http: HttpClient) -> None:
    ours = PlexAccounts(hasty(http), SettableClock(), version="1", base_url=plex_tv.url)
    plex_tv.approve((await ours.begin(CLIENT)).id, TOKEN)
    plex_tv.resources[TOKEN] = [
        a_resource(httpsRequired=True),
        a_resource("theirs", httpsRequired=1, owned=False, sourceTitle="tom"),
    ]

    def read() -> tuple[str, str, list[dict[str, Any]]]:
        with detoured(plex_tv) as session:
            account = MyPlexAccount(token=TOKEN, session=session)
            servers = [
                {
                    "machine_id": each.clientIdentifier,
                    "token": each.accessToken,
                    "owned": each.owned,
                    "owner": each.sourceTitle or "",
                    "ways": [(way.uri, way.port, way.local, way.relay) for way in each.connections],
                }
                for each in account.resources()
            ]
            return str(account.id), account.username, servers

    account_id, username, theirs = await asyncio.to_thread(read)
    holder = await ours.holder(TOKEN, CLIENT)
    assert (holder.account_id, holder.username) == (account_id, username)
    assert theirs == [
        {
            "machine_id": each.machine_id,
            "token": each.token,
            "owned": each.is_owned,
            "owner": each.owner_name,
            "ways": [
                (way.url, way.port, way.reach is Reach.LOCAL, way.reach is Reach.RELAY) for way in each.connections
            ],
        }
        for each in await ours.servers(TOKEN, CLIENT)
    ]


async def test_both_describe_the_same_server_and_are_refused_alike(http: HttpClient) -> None:
    async with PlexSimulator(credential="tok-srv", machine_id="machine-1") as simulator:

        def describe() -> tuple[str, str, str, bool]:
            with requests.Session() as session:
                theirs = ForeignServer(simulator.url, "tok-srv", session=session)
                return theirs.machineIdentifier, theirs.friendlyName, theirs.version, theirs.myPlexSubscription

        def refused() -> None:
            with requests.Session() as session, pytest.raises(Unauthorized):
                ForeignServer(simulator.url, "wrong", session=session)

        access = ServerAccess(ServerKind.PLEX, "Attic", simulator.url, CLIENT, "tok-srv")
        found = await PlexServer(access, hasty(http), version="1").describe()
        assert await asyncio.to_thread(describe) == (found.machine_id, found.name, found.version, found.is_premium)
        await asyncio.to_thread(refused)


async def test_both_see_who_watches_and_end_it(http: HttpClient) -> None:
    async with PlexTheatre(credential=TOKEN) as theatre:
        theatre.play("48", viewer="tom")
        theatre.play("49", viewer="ada", TranscodeSession={"key": "/transcode/x", "videoDecision": "transcode"})
        ours = PlexStreams(a_server(url=theatre.url, token=TOKEN), CLIENT, hasty(http), version="1")
        seen = [(one.session_id, one.viewer.name, one.conversion is not None) for one in await ours.streams()]

        def watch() -> list[tuple[str, str, bool]]:
            with requests.Session() as session:
                sessions = ForeignServer(theatre.url, TOKEN, session=session).sessions()
                told = [(one.session.id, one.usernames[0], bool(one.transcodeSessions)) for one in sessions]
                sessions[0].stop("Enough & more")
                return told

        assert await asyncio.to_thread(watch) == seen
        await ours.terminate("id-of-49", "Enough & more")
        assert theatre.endings == [("id-of-48", "Enough & more"), ("id-of-49", "Enough & more")]
