"""Fetching releases: a simulated indexer, scripted trackers, and addresses that must not be dialled."""

import base64
import socket
from collections.abc import AsyncIterator, Callable
from urllib.parse import quote, urlsplit

import pytest

from earshelf.adapters.addresses import PrivateAddress, is_public, public_socket
from earshelf.adapters.http import HttpClient
from earshelf.adapters.trackers import Trackers
from earshelf.domain.errors import IntegrationError, ReleaseUnavailable, TimedOut
from earshelf.domain.releases import Protocol
from earshelf.domain.torrents import Magnet, TorrentFile, make_torrent, read_torrent
from earshelf.entrypoints.demo.indexer import DemoRelease, IndexerSimulator
from earshelf.ports.indexers import UsenetLink
from tests.contract.scripted import Reply, Request, ScriptedServer, neighbour_in
from tests.contract.suites.trackers import INFO_HASH, ReleaseFetcherSuite, release
from tests.contract.suites.troubles import Trouble

TORRENT = make_torrent("Lantern", [("Lantern.m4b", b"sound" * 100)], "http://tracker.example/announce")
PASSKEY = "pa55key0f1me"


class TestTrackers(ReleaseFetcherSuite):
    @pytest.fixture
    async def simulator(self) -> AsyncIterator[IndexerSimulator]:
        offer = DemoRelease("Lantern", TORRENT, 500, read_torrent(TORRENT).info_hash)
        page = DemoRelease("Page", b"<!DOCTYPE html><html>Sign in</html>", 500, INFO_HASH)
        async with IndexerSimulator([offer, page]) as simulator:
            yield simulator

    @pytest.fixture
    def fetcher(self, http: HttpClient) -> Trackers:
        return Trackers(http)

    @pytest.fixture
    def torrent(self) -> TorrentFile:
        return read_torrent(TORRENT)

    @pytest.fixture
    def torrent_url(self, simulator: IndexerSimulator) -> str:
        return f"{simulator.url}/download/0.torrent?apikey={simulator.credential}"

    @pytest.fixture
    def page_url(self, simulator: IndexerSimulator) -> str:
        return f"{simulator.url}/download/1.torrent?apikey={simulator.credential}"

    @pytest.fixture
    def trusted(self, simulator: IndexerSimulator) -> str:
        return host_of(simulator.url)

    async def test_a_wrong_key_makes_the_release_unavailable(
        self, fetcher: Trackers, simulator: IndexerSimulator, trusted: str
    ) -> None:
        with pytest.raises(ReleaseUnavailable, match="The Lantern Keeper"):
            await fetcher.fetch(release(f"{simulator.url}/download/0.torrent?apikey=x"), trusted_hosts={trusted})


def host_of(url: str) -> str:
    return urlsplit(url).netloc


def redirecting(places: dict[str, str]) -> Callable[[Request], Reply]:
    return lambda request: Reply(302, headers={"Location": places[request.path]})


@pytest.mark.parametrize("trouble", [trouble for trouble in Trouble if trouble is not Trouble.SILENCE])
async def test_every_trouble_of_a_tracker_makes_the_release_unavailable(
    http: HttpClient, trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with neighbour_in(trouble, half=TORRENT[:50]) as url:
        wanted = release(f"{url}/get/{PASSKEY}?key={PASSKEY}")
        with pytest.raises(ReleaseUnavailable) as caught:
            await Trackers(http).fetch(wanted, trusted_hosts={host_of(url)})
    assert "The Lantern Keeper" in caught.value.message
    assert "127.0.0.1" not in caught.value.message
    assert PASSKEY not in caught.value.message + caplog.text


async def test_a_silent_tracker_is_told_as_such(http: HttpClient) -> None:
    async with neighbour_in(Trouble.SILENCE) as url:
        with pytest.raises(TimedOut) as caught:
            await Trackers(http, timeout=0.2).fetch(release(f"{url}/{PASSKEY}"), trusted_hosts={host_of(url)})
    assert PASSKEY not in caught.value.message


async def test_redirects_are_followed_to_the_torrent_without_taking_credentials_along(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(body=TORRENT, headers={"Content-Type": "text/html"})) as store:
        script = redirecting({"/start": "/middle?x=%2F", "/middle": f"{store.url}/end"})
        async with ScriptedServer(script) as tracker:
            url = tracker.url.replace("//", "//user:secret@") + "/start"
            hosts = {host_of(tracker.url), host_of(store.url)}
            assert await Trackers(http).fetch(release(url), trusted_hosts=hosts) == read_torrent(TORRENT)
        first, second = tracker.requests
        assert first.headers["authorization"] == second.headers["authorization"]
        assert second.target == "/middle?x=%2F"
        (last,) = store.requests
        assert {"authorization", "cookie", "referer"}.isdisjoint(last.headers)


async def test_a_redirect_to_a_magnet_link_is_followed(http: HttpClient) -> None:
    magnet = f"magnet:?xt=urn:btih:{INFO_HASH}&dn=Lantern"
    async with ScriptedServer(redirecting({"/start": magnet})) as tracker:
        artifact = await Trackers(http).fetch(release(tracker.url + "/start"), trusted_hosts={host_of(tracker.url)})
    assert artifact == Magnet(magnet, INFO_HASH, "Lantern")


async def test_a_redirect_to_a_private_address_is_not_followed(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(body=TORRENT)) as inside:
        async with ScriptedServer(redirecting({"/start": inside.url})) as tracker:
            with pytest.raises(ReleaseUnavailable, match="private"):
                await Trackers(http).fetch(release(tracker.url + "/start"), trusted_hosts={host_of(tracker.url)})
        assert inside.requests == []


async def test_five_redirects_are_followed_and_no_more(http: HttpClient) -> None:
    def script(request: Request) -> Reply:
        left = int(request.path[1:])
        return Reply(302, headers={"Location": f"/{left - 1}"}) if left else Reply(body=TORRENT)

    async with ScriptedServer(script) as tracker:
        hosts = {host_of(tracker.url)}
        assert await Trackers(http).fetch(release(f"{tracker.url}/5"), trusted_hosts=hosts) == read_torrent(TORRENT)
        with pytest.raises(ReleaseUnavailable, match="more than 5 times"):
            await Trackers(http).fetch(release(f"{tracker.url}/6"), trusted_hosts=hosts)


@pytest.mark.parametrize("location", ["", "http://[", "gopher://x/"])
async def test_a_redirect_to_nowhere_is_refused(http: HttpClient, location: str) -> None:
    async with ScriptedServer(lambda _: Reply(302, headers={"Location": location})) as tracker:
        with pytest.raises(ReleaseUnavailable):
            await Trackers(http).fetch(release(tracker.url), trusted_hosts={host_of(tracker.url)})


async def test_odd_characters_in_a_link_are_sent_encoded_and_what_is_encoded_stays(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(body=TORRENT)) as tracker:
        wanted = release(f"{tracker.url}/dl?file=Ä b+c%20d%2B&x=[1]#fragment")
        await Trackers(http).fetch(wanted, trusted_hosts={host_of(tracker.url)})
        assert tracker.requests[0].target == "/dl?file=%C3%84%20b+c%20d%2B&x=[1]"


async def test_a_torrent_over_the_cap_is_refused(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(body=TORRENT)) as tracker:
        hosts = {host_of(tracker.url)}
        exact = Trackers(http, max_bytes=len(TORRENT))
        assert await exact.fetch(release(tracker.url), trusted_hosts=hosts) == read_torrent(TORRENT)
        with pytest.raises(ReleaseUnavailable, match="more than"):
            await Trackers(http, max_bytes=len(TORRENT) - 1).fetch(release(tracker.url), trusted_hosts=hosts)


async def test_an_embedded_torrent_is_read(http: HttpClient) -> None:
    encoded = quote(base64.b64encode(TORRENT), safe="")
    uri = f"data:application/x-bittorrent;base64,{encoded}"
    assert await Trackers(http).fetch(release(uri), trusted_hosts=()) == read_torrent(TORRENT)


@pytest.mark.parametrize("uri", ["data:", "data:;base64,***", "data:application/x-bittorrent;base64,AAAA", "data:,d"])
async def test_a_damaged_embedded_torrent_is_unavailable(http: HttpClient, uri: str) -> None:
    with pytest.raises(ReleaseUnavailable):
        await Trackers(http).fetch(release(uri), trusted_hosts=())


async def test_an_embedded_nzb_is_left_to_the_client(http: HttpClient) -> None:
    uri = "data:application/x-nzb;base64,PG56Yi8+"
    assert await Trackers(http).fetch(release(uri, Protocol.USENET), trusted_hosts=()) == UsenetLink(uri)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433"])
async def test_no_spelling_of_this_machine_is_dialled(http: HttpClient, host: str) -> None:
    async with ScriptedServer(lambda _: Reply(body=TORRENT)) as inside:
        with pytest.raises(IntegrationError):
            await Trackers(http).fetch(release(f"http://{host}:{inside.port}/"), trusted_hosts=())
        assert inside.requests == []


async def test_trust_is_for_a_host_and_a_port_together(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(body=TORRENT)) as tracker:
        for hosts in ({"127.0.0.1"}, {"127.0.0.1:80"}, {f"localhost:{tracker.port}"}):
            with pytest.raises(ReleaseUnavailable):
                await Trackers(http).fetch(release(tracker.url), trusted_hosts=hosts)
        named = release(f"http://LOCALHOST:{tracker.port}/")
        fetched = await Trackers(http).fetch(named, trusted_hosts={f"localhost:{tracker.port}"})
        assert fetched == read_torrent(TORRENT)


PRIVATE = [
    "10.1.2.3", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1%eth0", "fc00::1", "ff02::1",
    "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_refused_when_it_is_dialled(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(PrivateAddress):
        public_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 80)))


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_a_public_address_is_dialled(address: str) -> None:
    assert is_public(address)
    public_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 80))).close()
