"""What is particular to qBittorrent; every payload here is composed."""

import asyncio
import json
import logging
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

import pytest

from earshelf.adapters.http import HttpClient
from earshelf.adapters.qbittorrent import QBittorrent, api_url
from earshelf.domain.downloads import ClientStatus
from earshelf.domain.errors import CredentialsRejected, Refused, TargetMissing, UnexpectedPayload
from earshelf.domain.torrents import Magnet
from earshelf.ports.downloads import DownloadItem
from earshelf.ports.indexers import UsenetLink
from tests.contract.recordings import PASSWORD, USERNAME
from tests.contract.scripted import Reply, Request, ScriptedServer
from tests.contract.suites.download_clients import LONELY, SEEDED, as_magnet
from tests.contract.test_download_clients import configured

HASH = LONELY.info_hash
WHOLE: Mapping[str, Any] = {
    "hash": HASH,
    "name": "A Book",
    "state": "stalledUP",
    "progress": 1,
    "content_path": "/downloads/A Book",
    "save_path": "/downloads",
    "total_size": 900,
    "seeding_time": 61,
    "ratio": 0.25,
}


class Daemon:
    """A qBittorrent with these torrents and these answers; ``session`` is the one that counts now."""

    def __init__(
        self,
        *torrents: Mapping[str, Any],
        answers: Mapping[str, Reply] | None = None,
        cookie: str = "SID",
        categories: Sequence[str] = ("audio books",),
    ) -> None:
        self.torrents = torrents
        self.answers = dict(answers or {})
        self.cookie = cookie
        self.categories: dict[str, object] = {name: {} for name in categories}
        self.session = 1
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Reply:
        path = request.path.removeprefix("/api/v2")
        if path == "/auth/login":
            return self._login(request)
        if request.headers.get("cookie") != f"{self.cookie}={self.session}":
            return Reply(403, b"Forbidden")
        self.asked.append(request)
        if path in self.answers:
            return self.answers[path]
        match path:
            case "/torrents/info":
                wished = request.query.get("hashes", "").split("|")
                found = [each for each in self.torrents if wished == [""] or each["hash"] in wished]
                return Reply(body=json.dumps(found).encode())
            case "/torrents/categories":
                return Reply(body=json.dumps(self.categories).encode())
            case "/app/version":
                return Reply(body=b"v5.0.1")
        return Reply(body=b"Ok." if path == "/torrents/add" else b"")

    def _login(self, request: Request) -> Reply:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if form != {"username": USERNAME, "password": PASSWORD}:
            return Reply(body=b"Fails.")
        cookie = f"{self.cookie}={self.session}; HttpOnly; path=/"
        return Reply(body=b"Ok.", headers={"Set-Cookie": cookie})

    def paths(self) -> list[str]:
        return [request.path.removeprefix("/api/v2") for request in self.asked]


async def told(http: HttpClient, **fields: Any) -> DownloadItem:
    """What the client makes of a torrent with these fields."""
    async with ScriptedServer(Daemon({**WHOLE, **fields})) as server:
        return (await QBittorrent(configured("qbittorrent", server.url), http).items([HASH]))[HASH]


@pytest.mark.parametrize("typed", ["http://box:8080", "http://box:8080/", "http://box:8080/api/v2"])
def test_an_address_is_completed_to_that_of_the_api(typed: str) -> None:
    assert api_url(typed) == "http://box:8080/api/v2"


@pytest.mark.parametrize("cookie", ["SID", "QBT_SID_8080", "something_else"])
async def test_the_session_is_kept_whatever_its_name(http: HttpClient, cookie: str) -> None:
    async with ScriptedServer(Daemon(cookie=cookie)) as server:
        assert await QBittorrent(configured("qbittorrent", server.url), http).check() == "5.0.1"


async def test_a_session_that_ended_is_renewed_once_for_everybody(http: HttpClient) -> None:
    daemon = Daemon(WHOLE)
    async with ScriptedServer(daemon) as server:
        client = QBittorrent(configured("qbittorrent", server.url), http)
        await client.items([HASH])
        daemon.session = 2
        found = await asyncio.gather(*(client.items([HASH]) for _ in range(5)))
        assert all(HASH in items for items in found)
        assert sum(request.path.endswith("/auth/login") for request in server.requests) == 2


async def test_a_session_that_never_counts_is_given_up(http: HttpClient) -> None:
    daemon = Daemon(answers={"/torrents/info": Reply(403)})
    async with ScriptedServer(daemon) as server:
        with pytest.raises(CredentialsRejected):
            await QBittorrent(configured("qbittorrent", server.url), http).items([HASH])
        assert sum(request.path.endswith("/auth/login") for request in server.requests) <= 2


@pytest.mark.parametrize(
    "reply", [Reply(body=b"Fails."), Reply(401), Reply(403, b"Your IP address has been banned"), Reply(body=b"Ok.")]
)
async def test_every_way_of_not_getting_in_is_about_credentials(http: HttpClient, reply: Reply) -> None:
    async with ScriptedServer(lambda _: reply) as server:
        with pytest.raises(CredentialsRejected) as caught:
            await QBittorrent(configured("qbittorrent", server.url), http).check()
    assert PASSWORD not in str(caught.value)


async def test_a_sign_in_that_says_nothing_but_a_cookie_counts(http: HttpClient) -> None:
    def script(request: Request) -> Reply:
        is_login = request.path.endswith("/auth/login")
        return Reply(204, headers={"Set-Cookie": "QBT_SID_1=x"}) if is_login else Reply(body=b"v5.2.0")

    async with ScriptedServer(script) as server:
        assert await QBittorrent(configured("qbittorrent", server.url), http).check() == "5.2.0"


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("uploading", ClientStatus.COMPLETED),
        ("stalledUP", ClientStatus.COMPLETED),
        ("forcedUP", ClientStatus.COMPLETED),
        ("queuedUP", ClientStatus.COMPLETED),
        ("pausedUP", ClientStatus.COMPLETED),
        ("stoppedUP", ClientStatus.COMPLETED),
        ("pausedDL", ClientStatus.PAUSED),
        ("stoppedDL", ClientStatus.PAUSED),
        ("queuedDL", ClientStatus.QUEUED),
        ("error", ClientStatus.FAILED),
        ("missingFiles", ClientStatus.FAILED),
        ("unknown", ClientStatus.FAILED),
        ("downloading", ClientStatus.DOWNLOADING),
        ("metaDL", ClientStatus.DOWNLOADING),
        ("moving", ClientStatus.DOWNLOADING),
        ("checkingUP", ClientStatus.DOWNLOADING),
        ("checkingResumeData", ClientStatus.DOWNLOADING),
        ("a state of tomorrow", ClientStatus.DOWNLOADING),
    ],
)
async def test_every_state_of_either_generation_is_understood(
    http: HttpClient, state: str, status: ClientStatus
) -> None:
    item = await told(http, state=state)
    assert item.status is status
    assert (item.error is not None) is (status is ClientStatus.FAILED)


async def test_a_seeding_torrent_is_told_in_our_units(http: HttpClient) -> None:
    item = await told(http)
    assert item == DownloadItem(HASH, "A Book", ClientStatus.COMPLETED, 1.0, "/downloads/A Book", None, 61, 0.25)


async def test_a_ratio_beyond_counting_is_infinite(http: HttpClient) -> None:
    assert (await told(http, ratio=-1)).ratio == math.inf


@pytest.mark.parametrize("elsewhere", ["/incomplete/A Book", "/downloads-incomplete/A Book", "A Book"])
async def test_files_on_their_way_to_the_save_folder_are_not_complete(http: HttpClient, elsewhere: str) -> None:
    item = await told(http, content_path=elsewhere)
    assert item.status is ClientStatus.DOWNLOADING
    assert item.output_path is None


@pytest.mark.parametrize(
    ("content", "folder", "output"),
    [
        ("/downloads/A Book/", "/downloads/", "/downloads/A Book"),
        ("C:\\downloads\\A Book", "C:\\downloads", "C:\\downloads\\A Book"),
        ("", "/downloads", "/downloads/A Book"),
        ("/downloads/a/deep/file.m4b", "/downloads", "/downloads/a/deep/file.m4b"),
        ("/downloads/../etc", "/downloads", None),
    ],
)
async def test_the_output_is_where_the_content_lies(
    http: HttpClient, content: str, folder: str, output: str | None
) -> None:
    assert (await told(http, content_path=content, save_path=folder)).output_path == output


async def test_files_among_those_of_others_are_never_taken_whole(http: HttpClient) -> None:
    item = await told(http, content_path="/downloads")
    assert item.output_path is None
    assert item.error is not None


@pytest.mark.parametrize(
    "aliases",
    [
        {"infohash_v1": HASH},
        {"infohash_v1": "", "infohash_v2": HASH + "0" * 24},
    ],
)
async def test_a_hybrid_torrent_is_found_and_removed_by_the_hash_it_was_added_with(
    http: HttpClient, aliases: Mapping[str, str]
) -> None:
    daemon = Daemon({**WHOLE, "hash": "a" * 40, **aliases})
    async with ScriptedServer(daemon) as server:
        client = QBittorrent(configured("qbittorrent", server.url), http)
        assert set(await client.items([HASH])) == {HASH}
        await client.remove(HASH, delete_data=True)
    assert parse_qs(daemon.asked[-1].body.decode()) == {"hashes": ["a" * 40], "deleteFiles": ["true"]}


@pytest.mark.parametrize("reference", ["", "  ", "all", "ALL", "a|b", f"{HASH}|all"])
async def test_a_reference_that_could_mean_others_is_never_sent(http: HttpClient, reference: str) -> None:
    async with ScriptedServer(Daemon(WHOLE)) as server:
        client = QBittorrent(configured("qbittorrent", server.url), http)
        assert await client.items([reference]) == {}
        await client.remove(reference, delete_data=True)
        assert server.requests == []


async def test_an_unknown_torrent_is_not_asked_to_go(http: HttpClient) -> None:
    daemon = Daemon(WHOLE)
    async with ScriptedServer(daemon) as server:
        await QBittorrent(configured("qbittorrent", server.url), http).remove("b" * 40, delete_data=True)
    assert "/torrents/delete" not in daemon.paths()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"Ok."),
        Reply(body=b'{"added_torrent_ids":[],"failure_count":0,"pending_count":0,"success_count":1}'),
        Reply(202, body=b'{"added_torrent_ids":[],"failure_count":0,"pending_count":1,"success_count":0}'),
    ],
)
async def test_every_yes_is_understood(http: HttpClient, reply: Reply) -> None:
    async with ScriptedServer(Daemon(answers={"/torrents/add": reply})) as server:
        assert await QBittorrent(configured("qbittorrent", server.url), http).add(LONELY) == HASH


_NOES = [
    Reply(body=b"Fails."),
    Reply(409),
    Reply(409, body=b'{"added_torrent_ids":[],"failure_count":1,"pending_count":0,"success_count":0}'),
    Reply(body=b'{"added_torrent_ids":[],"failure_count":1,"pending_count":0,"success_count":0}'),
]


@pytest.mark.parametrize("reply", _NOES)
async def test_a_no_about_what_is_there_already_is_a_yes(http: HttpClient, reply: Reply) -> None:
    async with ScriptedServer(Daemon(WHOLE, answers={"/torrents/add": reply})) as server:
        assert await QBittorrent(configured("qbittorrent", server.url), http).add(as_magnet(LONELY)) == HASH


@pytest.mark.parametrize("reply", [*_NOES, Reply(415, b"Error: it is not a valid torrent file.")])
async def test_a_no_about_anything_else_is_a_refusal(http: HttpClient, reply: Reply) -> None:
    async with ScriptedServer(Daemon(answers={"/torrents/add": reply})) as server:
        with pytest.raises(Refused):
            await QBittorrent(configured("qbittorrent", server.url), http).add(LONELY)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"success_count": "many"}', b"[]"])
async def test_an_answer_that_is_neither_is_an_unexpected_payload(http: HttpClient, body: bytes) -> None:
    async with ScriptedServer(Daemon(answers={"/torrents/add": Reply(body=body)})) as server:
        with pytest.raises(UnexpectedPayload):
            await QBittorrent(configured("qbittorrent", server.url), http).add(LONELY)


async def test_a_torrent_starts_at_once_in_either_generation(http: HttpClient) -> None:
    daemon = Daemon()
    async with ScriptedServer(daemon) as server:
        await QBittorrent(configured("qbittorrent", server.url), http).add(SEEDED)
    body = daemon.asked[-1].body
    for name, value in ({"paused": "false", "stopped": "false", "category": "audio books"}).items():
        assert f'name="{name}"\r\n\r\n{value}\r\n'.encode() in body
    assert SEEDED.data in body


async def test_a_magnet_link_brings_no_second_address_with_it(http: HttpClient) -> None:
    daemon = Daemon()
    magnet = Magnet(f"magnet:?xt=urn:btih:{HASH}&dn=x\nhttp://10.0.0.1/admin", HASH)
    async with ScriptedServer(daemon) as server:
        await QBittorrent(configured("qbittorrent", server.url), http).add(magnet)
    assert b"&dn=x http://10.0.0.1/admin\r\n" in daemon.asked[-1].body


async def test_a_category_is_made_where_it_is_missing(http: HttpClient) -> None:
    daemon = Daemon(categories=[])
    async with ScriptedServer(daemon) as server:
        await QBittorrent(configured("qbittorrent", server.url), http).add(LONELY)
    assert daemon.paths() == ["/torrents/categories", "/torrents/createCategory", "/torrents/add"]


async def test_without_a_category_none_is_asked_for(http: HttpClient) -> None:
    daemon = Daemon()
    async with ScriptedServer(daemon) as server:
        await QBittorrent(configured("qbittorrent", server.url, category=""), http).add(LONELY)
    assert daemon.paths() == ["/torrents/add"]
    assert b"category" not in daemon.asked[-1].body


async def test_a_category_that_cannot_be_made_is_named(http: HttpClient) -> None:
    daemon = Daemon(categories=[], answers={"/torrents/createCategory": Reply(409)})
    async with ScriptedServer(daemon) as server:
        with pytest.raises(TargetMissing, match="'audio books'"):
            await QBittorrent(configured("qbittorrent", server.url), http).add(LONELY)


async def test_a_usenet_link_is_refused_unsent(http: HttpClient) -> None:
    async with ScriptedServer(Daemon()) as server:
        with pytest.raises(Refused, match="usenet"):
            await QBittorrent(configured("qbittorrent", server.url), http).add(UsenetLink("https://n.example/?k=1"))
        assert server.requests == []


@pytest.mark.parametrize(
    ("path", "body", "ask"),
    [
        ("/torrents/info", b"{}", lambda client: client.items([HASH])),
        ("/torrents/info", b"[7]", lambda client: client.items([HASH])),
        ("/torrents/info", b'[{"hash": 7}]', lambda client: client.items([HASH])),
        ("/torrents/info", json.dumps([{"hash": HASH}]).encode(), lambda client: client.items([HASH])),
        ("/torrents/info", json.dumps([{**WHOLE, "ratio": None}]).encode(), lambda client: client.items([HASH])),
        ("/torrents/info", json.dumps([{**WHOLE, "state": ["x"]}]).encode(), lambda client: client.items([HASH])),
        ("/torrents/info", b"<html>", lambda client: client.remove(HASH, delete_data=True)),
        ("/torrents/categories", b"[]", lambda client: client.add(LONELY)),
        ("/app/version", b"<html>welcome</html>", lambda client: client.check()),
        ("/app/version", b"", lambda client: client.check()),
    ],
)
async def test_what_cannot_be_read_is_an_unexpected_payload(
    http: HttpClient, path: str, body: bytes, ask: Callable[[QBittorrent], Awaitable[object]]
) -> None:
    async with ScriptedServer(Daemon(answers={path: Reply(body=body)})) as server:
        with pytest.raises(UnexpectedPayload):
            await ask(QBittorrent(configured("qbittorrent", server.url), http))


async def test_the_session_stays_out_of_errors_and_logs(http: HttpClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def script(request: Request) -> Reply:
        if request.path.endswith("/auth/login"):
            return Reply(body=b"Ok.", headers={"Set-Cookie": "SID=s3cret-session; HttpOnly"})
        return Reply(body=f"<html>{request.headers['cookie']}</html>".encode())

    async with ScriptedServer(script) as server:
        client = QBittorrent(configured("qbittorrent", server.url), http)
        for ask in (client.check(), client.items([HASH]), client.add(LONELY)):
            with pytest.raises(UnexpectedPayload) as caught:
                await ask
            assert "s3cret-session" not in str(caught.value)
    assert "s3cret-session" not in caplog.text
