"""What is particular to Transmission; every payload here is composed."""

import json
import logging
import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from earshelf.adapters.http import HttpClient
from earshelf.adapters.transmission import Transmission, rpc_url
from earshelf.domain.downloads import ClientStatus
from earshelf.domain.errors import CredentialsRejected, IntegrationError, Refused, UnexpectedPayload
from earshelf.ports.downloads import DownloadItem
from earshelf.ports.indexers import UsenetLink
from tests.contract.scripted import Reply, Request, ScriptedServer
from tests.contract.suites.download_clients import LONELY, as_magnet
from tests.contract.test_download_clients import configured

HASH = LONELY.info_hash
WHOLE: Mapping[str, Any] = {
    "hashString": HASH,
    "name": "A Book",
    "status": 6,
    "percentDone": 1,
    "leftUntilDone": 0,
    "totalSize": 900,
    "metadataPercentComplete": 1,
    "error": 0,
    "errorString": "",
    "downloadDir": "/downloads",
    "secondsSeeding": 61,
    "uploadRatio": 0.25,
}


class Daemon:
    """Answers by method; its session changes as often as ``sessions`` has another."""

    def __init__(self, answers: Mapping[str, Any], *, sessions: int = 1) -> None:
        self.answers = answers
        self.sessions = sessions
        self.asked: list[dict[str, Any]] = []

    def __call__(self, request: Request) -> Reply:
        if request.headers.get("x-transmission-session-id") != f"session-{self.sessions}":
            return Reply(409, headers={"X-Transmission-Session-Id": f"session-{self.sessions}"})
        message = json.loads(request.body)
        self.asked.append(message)
        answer = self.answers.get(message["method"], {})
        result = answer if isinstance(answer, str) else "success"
        arguments = answer if isinstance(answer, Mapping) else {}
        return Reply(body=json.dumps({"result": result, "arguments": arguments}).encode())

    def methods(self) -> list[str]:
        return [message["method"] for message in self.asked]


async def told(http: HttpClient, **fields: Any) -> DownloadItem:
    """What the client makes of a torrent with these fields."""
    async with ScriptedServer(Daemon({"torrent-get": {"torrents": [{**WHOLE, **fields}]}})) as server:
        return (await Transmission(configured("transmission", server.url), http).items([HASH]))[HASH]


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("http://box:9091", "http://box:9091/transmission/rpc"),
        ("http://box:9091/", "http://box:9091/transmission/rpc"),
        ("http://box:9091/transmission", "http://box:9091/transmission/rpc"),
        ("http://box:9091/transmission/web/", "http://box:9091/transmission/rpc"),
        ("http://box:9091/transmission/rpc", "http://box:9091/transmission/rpc"),
        ("https://box/seed/rpc", "https://box/seed/rpc"),
        ("https://box/seed", "https://box/seed/transmission/rpc"),
        ("http://transmission:9091", "http://transmission:9091/transmission/rpc"),
    ],
)
def test_an_address_is_completed_to_that_of_the_rpc(typed: str, url: str) -> None:
    assert rpc_url(typed) == url


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"status": 6}, ClientStatus.COMPLETED),
        ({"status": 5}, ClientStatus.COMPLETED),
        ({"status": 0}, ClientStatus.COMPLETED),
        ({"status": 4}, ClientStatus.DOWNLOADING),
        ({"status": 2}, ClientStatus.DOWNLOADING),
        ({"status": 1}, ClientStatus.QUEUED),
        ({"status": 0, "leftUntilDone": 1}, ClientStatus.PAUSED),
        ({"status": 3, "leftUntilDone": 900}, ClientStatus.QUEUED),
        ({"status": 4, "leftUntilDone": 900}, ClientStatus.DOWNLOADING),
        ({"status": 6, "leftUntilDone": 900}, ClientStatus.DOWNLOADING),
        ({"status": 6, "totalSize": 0, "metadataPercentComplete": 0}, ClientStatus.DOWNLOADING),
        ({"status": 0, "totalSize": 0, "metadataPercentComplete": 0}, ClientStatus.PAUSED),
        ({"status": 6, "metadataPercentComplete": 0.5}, ClientStatus.DOWNLOADING),
        ({"status": 0, "error": 3, "errorString": "No data found!"}, ClientStatus.FAILED),
        ({"status": 4, "error": 2, "errorString": "Tracker is down", "leftUntilDone": 9}, ClientStatus.DOWNLOADING),
        ({"status": 6, "error": 1, "errorString": "Tracker grumbles"}, ClientStatus.COMPLETED),
        ({"status": 77}, ClientStatus.DOWNLOADING),
    ],
)
async def test_the_status_follows_from_the_bytes_that_are_left(
    http: HttpClient, fields: Mapping[str, Any], status: ClientStatus
) -> None:
    assert (await told(http, **fields)).status is status


async def test_a_seeding_torrent_is_told_in_our_units(http: HttpClient) -> None:
    item = await told(http, downloadDir="/downloads/")
    assert item == DownloadItem(HASH, "A Book", ClientStatus.COMPLETED, 1.0, "/downloads/A Book", None, 61, 0.25)


@pytest.mark.parametrize(("ratio", "expected"), [(-1, 0.0), (-2, math.inf), (1.5, 1.5)])
async def test_a_ratio_that_cannot_be_computed_is_told_soundly(http: HttpClient, ratio: float, expected: float) -> None:
    assert (await told(http, uploadRatio=ratio)).ratio == expected


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "../../etc"])
async def test_a_hostile_name_leads_nowhere(http: HttpClient, name: str) -> None:
    assert (await told(http, name=name)).output_path is None


async def test_a_trackers_address_stays_out_of_the_error(http: HttpClient) -> None:
    item = await told(http, error=2, errorString="HTTP 404 from https://tracker.example/passkey123/announce today")
    assert item.error == "HTTP 404 from … today"


async def test_a_lost_session_is_replaced_once(http: HttpClient) -> None:
    daemon = Daemon({"session-get": {"version": "4.0.6 (38c164933e)"}})
    async with ScriptedServer(daemon) as server:
        client = Transmission(configured("transmission", server.url), http)
        assert await client.check() == "4.0.6"
        daemon.sessions = 2
        assert await client.check() == "4.0.6"
        assert len(server.requests) == 4


async def test_a_storm_of_conflicts_ends_after_the_second(http: HttpClient) -> None:
    reply = Reply(409, headers={"X-Transmission-Session-Id": "never-right"})
    async with ScriptedServer(lambda _: reply) as server:
        with pytest.raises(Refused) as caught:
            await Transmission(configured("transmission", server.url), http).check()
        assert len(server.requests) == 2
        assert "never-right" not in str(caught.value)


async def test_a_whitelist_is_named_when_it_may_be_the_reason(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(403)) as server:
        with pytest.raises(CredentialsRejected, match="whitelist"):
            await Transmission(configured("transmission", server.url), http).check()


@pytest.mark.parametrize(("version", "is_labelled"), [(15, False), (16, True), (17, True), (None, False)])
async def test_labels_are_set_where_the_daemon_has_them(
    http: HttpClient, version: int | None, is_labelled: bool
) -> None:
    daemon = Daemon({"torrent-add": {"torrent-added": {"hashString": HASH}}, "session-get": {"rpc-version": version}})
    async with ScriptedServer(daemon) as server:
        await Transmission(configured("transmission", server.url, category="books"), http).add(LONELY)
    assert ("torrent-set" in daemon.methods()) is is_labelled
    assert "download-dir" not in daemon.asked[0]["arguments"]


async def test_without_a_category_nothing_is_labelled(http: HttpClient) -> None:
    daemon = Daemon({"torrent-add": {"torrent-added": {"hashString": HASH}}})
    async with ScriptedServer(daemon) as server:
        await Transmission(configured("transmission", server.url, category=""), http).add(LONELY)
    assert daemon.methods() == ["torrent-add"]


async def test_somebody_elses_torrent_keeps_its_labels(http: HttpClient) -> None:
    daemon = Daemon({"torrent-add": {"torrent-duplicate": {"hashString": HASH.upper()}}})
    async with ScriptedServer(daemon) as server:
        assert await Transmission(configured("transmission", server.url), http).add(as_magnet(LONELY)) == HASH
    assert daemon.methods() == ["torrent-add"]


@pytest.mark.parametrize("trouble", [{"session-get": "no"}, {"session-get": {"rpc-version": 16}, "torrent-set": "no"}])
async def test_a_label_that_fails_never_fails_the_grab(
    http: HttpClient, trouble: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    daemon = Daemon({"torrent-add": {"torrent-added": {"hashString": HASH}}, **trouble})
    async with ScriptedServer(daemon) as server:
        assert await Transmission(configured("transmission", server.url), http).add(LONELY) == HASH
    assert "label" in caplog.text


async def test_what_the_daemon_says_against_it_is_passed_on(http: HttpClient) -> None:
    async with ScriptedServer(Daemon({"torrent-add": "invalid or corrupt torrent file"})) as server:
        with pytest.raises(Refused, match="invalid or corrupt torrent file"):
            await Transmission(configured("transmission", server.url), http).add(LONELY)


async def test_its_own_session_is_not_passed_on(http: HttpClient) -> None:
    async with ScriptedServer(Daemon({"session-get": "session-1 is tired"})) as server:
        with pytest.raises(Refused) as caught:
            await Transmission(configured("transmission", server.url), http).check()
    assert "session-1" not in str(caught.value)


@pytest.mark.parametrize(
    "answers",
    [
        {"torrent-get": {"torrents": None}},
        {"torrent-get": {}},
        {"torrent-get": {"torrents": [7]}},
        {"torrent-get": {"torrents": [{}]}},
        {"torrent-get": {"torrents": [{**WHOLE, "status": "6"}]}},
        {"torrent-get": {"torrents": [{**WHOLE, "leftUntilDone": None}]}},
        {"torrent-get": {"torrents": [{**WHOLE, "secondsSeeding": math.nan}]}},
    ],
)
async def test_a_torrent_that_cannot_be_read_is_an_unexpected_payload(
    http: HttpClient, answers: Mapping[str, Any]
) -> None:
    async with ScriptedServer(Daemon(answers)) as server:
        with pytest.raises(UnexpectedPayload):
            await Transmission(configured("transmission", server.url), http).items([HASH])


@pytest.mark.parametrize("added", [{}, {"torrent-added": {}}, {"torrent-added": {"hashString": " "}}])
async def test_an_answer_without_a_hash_is_an_unexpected_payload(http: HttpClient, added: Mapping[str, Any]) -> None:
    async with ScriptedServer(Daemon({"torrent-add": added})) as server:
        with pytest.raises(UnexpectedPayload):
            await Transmission(configured("transmission", server.url), http).add(LONELY)


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.items([]),
        lambda client: client.items(["", "\t"]),
        lambda client: client.remove(" ", delete_data=True),
    ],
)
async def test_nothing_is_sent_for_nothing(http: HttpClient, ask: Callable[[Transmission], Any]) -> None:
    async with ScriptedServer(Daemon({})) as server:
        assert not await ask(Transmission(configured("transmission", server.url), http))
        assert server.requests == []


async def test_a_usenet_link_is_refused_unsent(http: HttpClient) -> None:
    async with ScriptedServer(Daemon({})) as server:
        with pytest.raises(Refused, match="usenet"):
            await Transmission(configured("transmission", server.url), http).add(UsenetLink("https://n.example/?k=1"))
        assert server.requests == []


async def test_the_password_in_its_basic_spelling_stays_out_of_errors(http: HttpClient) -> None:
    def echo(request: Request) -> Reply:
        text = request.headers.get("authorization", "")
        return Reply(body=json.dumps({"result": text, "arguments": {}}).encode())

    async with ScriptedServer(echo) as server:
        client = Transmission(configured("transmission", server.url), http)
        with pytest.raises(IntegrationError) as caught:
            await client.check()
        sent = server.requests[0].headers["authorization"].removeprefix("Basic ")
    assert sent not in str(caught.value)
