"""Torznab and Newznab against a simulator and scripted servers. Every feed here is composed."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.adapters.feeds import FeedError, FeedSource, NoFeed, parse_name, parse_offers
from earshelf.adapters.http import HttpClient
from earshelf.adapters.torznab import Newznab, Torznab
from earshelf.domain.errors import CredentialsRejected, IntegrationKind, Refused
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.domain.releases import Protocol, Release
from earshelf.entrypoints.demo.indexer import DemoRelease, IndexerSimulator
from earshelf.ports.indexers import Offer
from tests.contract.scripted import Reply, ScriptedServer, neighbour_in
from tests.contract.suites.indexers import IndexerSuite
from tests.contract.suites.troubles import Ask, Trouble, TroublesSuite

HASH = "aaaabbbbccccddddeeeeffff0000111122223333"
OTHER_HASH = "0000111122223333444455556666777788889999"
KEY = "k3y/with+odd&signs"
SOURCE = FeedSource("https://indexer.example/prowlarr/1/api", Protocol.TORRENT, IntegrationId("ix_one"))
USENET = FeedSource("https://indexer.example/api", Protocol.USENET, IntegrationId("ix_one"))
EMPTY_FEED = b"<rss><channel/></rss>"


def row(url: str, *, key: str = KEY, kind: str = "torznab", categories: tuple[int, ...] = (3030,)) -> Integration:
    return Integration(
        id=IntegrationId("ix_one"),
        role=IntegrationRole.INDEXER,
        kind=kind,
        name="Shelf tracker",
        settings={"url": f"{url}/api", "categories": categories},
        secrets={"api_key": key},
    )


def feed(*items: str) -> bytes:
    body = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss xmlns:torznab="http://torznab.com/schemas/2015/feed"><channel>{body}</channel></rss>'.encode()


def attribute(name: str, value: object) -> str:
    return f'<torznab:attr name="{name}" value="{value}"/>'


def offers(*items: str, source: FeedSource = SOURCE) -> list[Offer]:
    return parse_offers(feed(*items), source)


def only(*parts: str, source: FeedSource = SOURCE) -> Release:
    link = "<title>One</title><link>https://indexer.example/one</link>"
    (offer,) = offers("".join((link, *parts)), source=source)
    return offer.release


class TestTorznab(IndexerSuite):
    @pytest.fixture
    async def simulator(self) -> AsyncIterator[IndexerSimulator]:
        releases = [
            DemoRelease("Lantern Keeper [German]", b"d4:infod0:0:ee", 1000, HASH, language="de", is_freeleech=True),
            DemoRelease("Lantern Keeper MP3", b"d4:infod0:0:ee", 2000, OTHER_HASH, seeders=0, grabs=0),
        ]
        async with IndexerSimulator(releases, credential=KEY) as simulator:
            yield simulator

    @pytest.fixture
    def indexer(self, simulator: IndexerSimulator, http: HttpClient) -> Torznab:
        return Torznab(row(simulator.url), http)

    @pytest.fixture
    def wrongly_keyed(self, simulator: IndexerSimulator, http: HttpClient) -> Torznab:
        return Torznab(row(simulator.url, key="wrong"), http)

    @pytest.fixture
    def query(self) -> str:
        return "lantern keeper"

    @pytest.fixture
    def offered(self, simulator: IndexerSimulator) -> Sequence[Offer]:
        link = f"{simulator.url}/download/%d.torrent?apikey={KEY}"
        common: dict[str, Any] = {"protocol": Protocol.TORRENT, "indexer_id": IntegrationId("ix_one")}
        moment = datetime(2021, 3, 9, 8, tzinfo=UTC)
        german = Release(
            download_url=link % 0,
            title="Lantern Keeper [German]",
            guid="saltmarsh-0",
            info_hash=HASH,
            size=1000,
            seeders=4,
            is_freeleech=True,
            **common,
        )
        plain = Release(
            download_url=link % 1,
            title="Lantern Keeper MP3",
            guid="saltmarsh-1",
            info_hash=OTHER_HASH,
            size=2000,
            seeders=0,
            **common,
        )
        return [
            Offer(german, grabs=12, language="german", published_at=moment),
            Offer(plain, grabs=0, language="english", published_at=moment),
        ]

    async def test_a_check_gives_the_name_for_itself(self, indexer: Torznab) -> None:
        assert await indexer.check() == "Saltmarsh Tracker"


class TestSearchTroubles(TroublesSuite):
    kind = IntegrationKind.INDEXER

    @pytest.fixture
    def secret(self) -> str:
        return KEY

    @pytest.fixture
    def ask(self, http: HttpClient) -> Ask:
        async def ask(trouble: Trouble) -> object:
            async with neighbour_in(trouble, wrong_shape=b"<opml/>", half=b"<rss><channel><item>") as url:
                timeout = 0.2 if trouble is Trouble.SILENCE else 15.0
                return await Torznab(row(url), http, timeout=timeout).search("lantern")

        return ask


class TestCheckTroubles(TestSearchTroubles):
    @pytest.fixture
    def ask(self, http: HttpClient) -> Ask:
        async def ask(trouble: Trouble) -> object:
            async with neighbour_in(trouble, wrong_shape=b"<rss><channel/></rss>", half=b"<caps><server") as url:
                timeout = 0.2 if trouble is Trouble.SILENCE else 15.0
                return await Newznab(row(url, kind="newznab"), http, timeout=timeout).check()

        return ask


async def test_a_search_asks_in_the_configured_categories(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(body=EMPTY_FEED)) as server:
        await Torznab(row(server.url, categories=(3030, 7000)), http).search("50% & more")
        (request,) = server.requests
    assert request.path == "/api"
    assert request.query["t"] == "search"
    assert request.query["q"] == "50% & more"
    assert request.query["cat"] == "3030,7000"
    assert request.query["apikey"] == KEY
    assert request.query["limit"] == "100"


async def test_an_indexer_without_key_and_categories_is_asked_without_them(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(body=EMPTY_FEED)) as server:
        await Torznab(row(server.url, key="", categories=()), http).search("x")
        (request,) = server.requests
    assert "apikey" not in request.query
    assert "cat" not in request.query


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
@pytest.mark.parametrize("code", [100, 101, 102])
async def test_codes_about_the_account_are_about_the_credential_whatever_the_status(
    http: HttpClient, status: int, code: int
) -> None:
    body = f'<error code="{code}" description="Bad key {KEY.replace("&", "&amp;")}"/>'.encode()
    async with ScriptedServer(lambda _: Reply(status, body)) as server:
        with pytest.raises(CredentialsRejected, match="Shelf tracker: Bad key") as caught:
            await Torznab(row(server.url), http).search("x")
    assert KEY not in caught.value.message


async def test_other_codes_are_refusals_with_the_reason(http: HttpClient) -> None:
    body = b'\xef\xbb\xbf<?xml version="1.0"?>\n<error code="500" description="Request limit reached"/>'
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        with pytest.raises(Refused, match="Request limit reached"):
            await Torznab(row(server.url), http).search("x")


async def test_a_key_that_only_searches_need_is_checked_too(http: HttpClient) -> None:
    def script(request: Any) -> Reply:
        if request.query["t"] == "caps":
            return Reply(body=b'<caps><server title="Open caps"/></caps>')
        return Reply(body=b'<error code="100" description="Incorrect user credentials"/>')

    async with ScriptedServer(script) as server:
        with pytest.raises(CredentialsRejected):
            await Torznab(row(server.url), http).check()


async def test_an_indexer_that_wants_words_to_search_for_passes_the_check(http: HttpClient) -> None:
    def script(request: Any) -> Reply:
        if request.query["t"] == "caps":
            return Reply(body=b"<caps/>")
        return Reply(body=b'<error code="200" description="Missing parameter"/>')

    async with ScriptedServer(script) as server:
        assert await Torznab(row(server.url), http).check() == "Shelf tracker"


@pytest.mark.parametrize("value", ["", " ", "-5", "many", "1e3", "1,000", "²", "9" * 30, "12.5"])
def test_numbers_that_are_none_are_absent_and_never_zero(value: str) -> None:
    parts = [attribute(name, value) for name in ("size", "seeders", "grabs")]
    (offer,) = offers(f"<title>One</title><link>https://a.example/1</link>{''.join(parts)}")
    assert (offer.release.size, offer.release.seeders, offer.grabs) == (None, None, None)


def test_a_size_comes_from_the_attribute_the_element_or_the_enclosure() -> None:
    enclosure = '<enclosure url="https://a.example/1" length="300"/>'
    assert only(attribute("size", 100), "<size>200</size>", enclosure).size == 100
    assert only(attribute("size", 0), "<size>200</size>", enclosure).size == 200
    assert only(attribute("size", ""), "<size></size>", enclosure).size == 300
    assert only('<enclosure url="https://a.example/1" length="0"/>').size is None


@pytest.mark.parametrize(("factor", "free"), [("0", True), ("0.0", True), ("0.5", False), ("1", False), ("x", False)])
def test_a_release_that_counts_for_nothing_is_freeleech(factor: str, free: bool) -> None:
    assert only(attribute("downloadvolumefactor", factor)).is_freeleech is free


def test_a_release_without_factor_is_not_freeleech() -> None:
    assert only().is_freeleech is False


@pytest.mark.parametrize(
    ("parts", "url"),
    [
        ('<enclosure url="https://a.example/e"/><link>https://a.example/l</link>', "https://a.example/e"),
        ('<enclosure url=""/><link><![CDATA[https://a.example/l?a=1&b=2]]></link>', "https://a.example/l?a=1&b=2"),
        ("<link>/dl/7?k=1&amp;x=2</link>", "https://indexer.example/dl/7?k=1&x=2"),
        ("<link>dl/7</link>", "https://indexer.example/prowlarr/1/dl/7"),
        (attribute("infohash", HASH.upper()), f"magnet:?xt=urn:btih:{HASH}"),
        (attribute("magneturl", f"magnet:?xt=urn:btih:{HASH}&amp;dn=x"), f"magnet:?xt=urn:btih:{HASH}&dn=x"),
        (f"<link>javascript:alert(1)</link>{attribute('infohash', HASH)}", f"magnet:?xt=urn:btih:{HASH}"),
        (f'<enclosure url="magnet:?dn=x"/>{attribute("infohash", HASH)}', f"magnet:?xt=urn:btih:{HASH}"),
    ],
)
def test_the_link_is_found_wherever_it_stands(parts: str, url: str) -> None:
    (offer,) = offers(f"<title>One</title>{parts}")
    assert offer.release.download_url == url


@pytest.mark.parametrize(
    "item",
    [
        "<title>One</title>",
        "<title> </title><link>https://a.example/1</link>",
        "<link>https://a.example/1</link>",
        "<title>One</title><link>ftp://a.example/1</link>",
        "<title>One</title><link>http://[::1/x</link>",
        f"<title>One</title>{attribute('infohash', 'nonsense')}",
    ],
)
def test_an_item_without_title_or_usable_link_is_left_out(item: str) -> None:
    assert offers(item, "<title>Two</title><link>https://a.example/2</link>")[0].release.title == "Two"


def test_a_magnet_link_gives_the_info_hash() -> None:
    (offer,) = offers(f"<title>One</title><link>magnet:?xt=urn:btih:{HASH.upper()}</link>")
    assert offer.release.info_hash == HASH


def test_usenet_has_neither_seeders_nor_hashes() -> None:
    parts = [attribute("seeders", 5), attribute("infohash", HASH), attribute("downloadvolumefactor", 0)]
    release = only(*parts, source=USENET)
    assert (release.seeders, release.info_hash, release.is_freeleech) == (None, None, False)
    assert offers(f"<title>One</title>{attribute('infohash', HASH)}", source=USENET) == []


def test_author_narrator_and_language_are_told_in_plain_words() -> None:
    parts = attribute("author", " Imogen  Ashdown "), attribute("narrator", "P. H."), attribute("language", "DE, EN")
    (offer,) = offers(f"<title>One</title><link>https://a.example/1</link>{''.join(parts)}")
    assert (offer.author, offer.narrator, offer.language) == ("Imogen Ashdown", "P. H.", "german")


@pytest.mark.parametrize("date", ["", "yesterday", "Sat, 99 Jan 2024 99:00:00 +0000", "0000"])
def test_a_garbled_date_is_absent(date: str) -> None:
    (offer,) = offers(f"<title>One</title><link>https://a.example/1</link><pubDate>{date}</pubDate>")
    assert offer.published_at is None


def test_a_date_is_told_in_utc() -> None:
    item = "<title>One</title><link>https://a.example/1</link><pubDate>Sat, 06 Jan 2024 14:00:00 +0200</pubDate>"
    assert offers(item)[0].published_at == datetime(2024, 1, 6, 12, tzinfo=UTC)


def test_the_guid_is_text_or_attribute_or_absent() -> None:
    assert only("<guid> g-1 </guid>").guid == "g-1"
    assert only("<guid/>", attribute("guid", "g-2")).guid == "g-2"
    assert only("<guid> </guid>").guid is None


def test_marks_blank_lines_and_control_characters_do_not_spoil_a_feed() -> None:
    body = b"\xef\xbb\xbf\n " + feed("<title>One\x0b\x00</title><link>https://a.example/1</link>")
    assert parse_offers(body, SOURCE)[0].release.title == "One"


def test_a_channel_without_rss_around_it_is_a_feed() -> None:
    body = b"<channel><item><title>One</title><link>https://a.example/1</link></item></channel>"
    assert len(parse_offers(body, SOURCE)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"<html><body>Sign in</body></html>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><channel>&b;</channel></rss>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><channel>&a;</channel></rss>',
        b'<?xml version="1.0" encoding="nonsense"?><rss/>',
        b"<rss><torznab:attr/></rss>",
    ],
)
def test_what_is_no_feed_is_told_so(body: bytes) -> None:
    with pytest.raises(NoFeed):
        parse_offers(body, SOURCE)
    with pytest.raises(NoFeed):
        parse_name(body)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(body: bytes) -> None:
    with pytest.raises((NoFeed, FeedError)):
        parse_offers(body, SOURCE)


PLAIN = st.characters(codec="utf-8", exclude_characters="<>&\"'", exclude_categories=["Cc", "Cs", "Cn"])
ODD = st.text(PLAIN, max_size=12)
ODD_VALUE = ODD | st.sampled_from(["magnet:?xt=urn:btih:" + HASH, "http://[", "//x", "-1", "nan", "inf", "1e999", "0"])
ELEMENT = st.builds(
    lambda name, value: f"<{name}>{value}</{name}>",
    st.sampled_from(["title", "link", "guid", "pubDate", "size", "category"]),
    ODD_VALUE,
)
ATTRIBUTE = st.builds(
    attribute,
    st.sampled_from(["size", "seeders", "grabs", "language", "infohash", "magneturl", "downloadvolumefactor", "guid"]),
    ODD_VALUE,
)
ENCLOSURE = st.builds(lambda url, length: f'<enclosure url="{url}" length="{length}"/>', ODD_VALUE, ODD_VALUE)


@given(st.lists(ELEMENT | ATTRIBUTE | ENCLOSURE, max_size=8), st.sampled_from([SOURCE, USENET]))
def test_no_item_breaks_the_parser(parts: list[str], source: FeedSource) -> None:
    for offer in offers("".join(parts), source=source):
        assert offer.release.title
        assert offer.release.download_url
        assert offer.release.size is None or offer.release.size > 0
