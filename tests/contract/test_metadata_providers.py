"""Audible and Audnexus against simulators and scripted servers. Every payload here is composed."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.adapters import provider_fields
from earshelf.adapters.audible import Audible, parse_product
from earshelf.adapters.audnexus import Audnexus, parse_book
from earshelf.adapters.http import HttpClient
from earshelf.adapters.memory.system import SettableClock
from earshelf.adapters.throttle import ProviderGate
from earshelf.domain.errors import AsinNotResolved, IntegrationKind, RateLimited, Refused
from earshelf.domain.metadata import MetadataRecord, PersonName, Region, SeriesMention
from earshelf.entrypoints.demo.providers import AudibleSimulator, AudnexusSimulator
from tests.contract.scripted import Reply, ScriptedServer, neighbour_in
from tests.contract.suites.catalogue import CatalogueSuite
from tests.contract.suites.enrichment import EnrichmentSuite
from tests.contract.suites.troubles import Ask, Trouble, TroublesSuite

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=6),
    max_leaves=25,
)
NAMED = st.just("words") | st.just({"name": "Tales", "title": "Tales", "sequence": "1-2", "position": "2"})
PRODUCT = st.dictionaries(
    st.sampled_from(["asin", "title", "authors", "narrators", "series", "product_images", "language", "issue_date"])
    | st.sampled_from(["publisher_summary", "merchandising_summary", "runtime_length_min", "isbn", "subtitle"]),
    ANYTHING | NAMED | st.lists(NAMED, max_size=2),
)
BOOK = st.dictionaries(
    st.sampled_from(["asin", "title", "authors", "narrators", "seriesPrimary", "seriesSecondary", "genres", "image"])
    | st.sampled_from(["summary", "description", "runtimeLengthMin", "isbn", "language", "releaseDate"]),
    ANYTHING | NAMED | st.lists(NAMED, max_size=2),
)
TAGS = ("p", "br", "b", "i", "ul", "li", "ol", "em", "strong")
ALLOWED_TAGS = [f"<{slash}{tag}>" for tag in TAGS for slash in ("", "/")]


@pytest.fixture
def gate() -> ProviderGate:
    return ProviderGate("Audible", clock=SettableClock(), gap=timedelta())


class TestAudible(CatalogueSuite):
    @pytest.fixture
    async def catalogue(self, http: HttpClient, gate: ProviderGate) -> AsyncIterator[Audible]:
        async with AudibleSimulator(stubs=["B0STUBSTUB"]) as simulator:
            yield Audible(http, gate, base_url=simulator.url)

    @pytest.fixture
    def known(self) -> MetadataRecord:
        return MetadataRecord(
            title="The Lantern Keeper",
            asin="B0LANTERN7",
            authors=(PersonName("Imogen Ashdown", "A0LANTERN7"),),
            narrators=(PersonName("Piers Holloway"),),
            series=(SeriesMention("Saltmarsh Stories", 2.0),),
            description="<p><b>Imogen Ashdown</b> returns to the coast.</p>",
            publisher="Saltmarsh Audio",
            published_date="2021-03-09",
            language="english",
            runtime_minutes=431,
            format_type="unabridged",
            delivery_type="SinglePartBook",
        )

    @pytest.fixture
    def stub_asin(self) -> str:
        return "B0STUBSTUB"


class TestAudnexus(EnrichmentSuite):
    @pytest.fixture
    async def enrichment(self, http: HttpClient, gate: ProviderGate) -> AsyncIterator[Audnexus]:
        async with AudnexusSimulator() as simulator:
            yield Audnexus(http, gate, base_url=simulator.url)

    @pytest.fixture
    def known(self) -> MetadataRecord:
        return MetadataRecord(
            title="The Lantern Keeper",
            asin="B0LANTERN7",
            authors=(PersonName("Imogen Ashdown"),),
            narrators=(PersonName("Piers Holloway"),),
            series=(SeriesMention("Saltmarsh Stories", 2.0),),
            description="<p>Imogen Ashdown returns to the coast.</p>",
            published_date="2021-03-09",
            language="english",
            runtime_minutes=431,
            isbn="9790000000021",
            genres=("Maritime Fiction",),
        )


class ProviderTroubles(TroublesSuite):
    kind = IntegrationKind.PROVIDER
    # nothing is signed in: a 401 or 403 is a block
    refusal = Refused

    @pytest.fixture
    def secret(self) -> str:
        return "occurs-nowhere"


class TestAudibleSearchTroubles(ProviderTroubles):
    @pytest.fixture
    def ask(self, http: HttpClient, gate: ProviderGate) -> Ask:
        async def ask(trouble: Trouble) -> object:
            async with neighbour_in(trouble) as url:
                audible = Audible(http, gate, base_url=url, timeout=patience(trouble))
                return await audible.search("lantern", region=Region.US)

        return ask


class TestAudibleProductTroubles(ProviderTroubles):
    @pytest.fixture
    def ask(self, http: HttpClient, gate: ProviderGate) -> Ask:
        async def ask(trouble: Trouble) -> object:
            async with neighbour_in(trouble) as url:
                audible = Audible(http, gate, base_url=url, timeout=patience(trouble))
                return await audible.product("B0LANTERN7", region=Region.US)

        return ask


class TestAudnexusTroubles(ProviderTroubles):
    @pytest.fixture
    def ask(self, http: HttpClient, gate: ProviderGate) -> Ask:
        async def ask(trouble: Trouble) -> object:
            async with neighbour_in(trouble) as url:
                audnexus = Audnexus(http, gate, base_url=url, timeout=patience(trouble))
                return await audnexus.record("B0LANTERN7", region=Region.US)

        return ask


def patience(trouble: Trouble) -> float:
    return 0.2 if trouble is Trouble.SILENCE else 15.0


async def test_a_rate_limit_is_remembered_without_another_request(http: HttpClient) -> None:
    clock = SettableClock()
    gate = ProviderGate("Audible", clock=clock, gap=timedelta())
    async with ScriptedServer(lambda _: Reply(429, headers={"Retry-After": "30"})) as server:
        audible = Audible(http, gate, base_url=server.url)
        with pytest.raises(RateLimited):
            await audible.product("B0LANTERN7", region=Region.US)
        clock.advance(12)
        with pytest.raises(RateLimited) as caught:
            await audible.search("lantern", region=Region.US)
        assert caught.value.retry_after == 18
        assert len(server.requests) == 1
        clock.advance(19)
        with pytest.raises(RateLimited) as caught:
            await audible.search("lantern", region=Region.US)
        assert caught.value.retry_after == 30
        assert len(server.requests) == 2


async def test_a_search_asks_for_ten_hits_by_relevance_in_keywords(http: HttpClient, gate: ProviderGate) -> None:
    async with ScriptedServer(lambda _: Reply(body=b'{"products": []}')) as server:
        assert await Audible(http, gate, base_url=server.url).search("50% & more", region=Region.US) == []
        (request,) = server.requests
        assert request.path == "/1.0/catalog/products"
        assert request.query["keywords"] == "50% & more"
        assert request.query["num_results"] == "10"
        assert request.query["products_sort_by"] == "Relevance"


async def test_hits_in_the_language_of_the_region_come_first(http: HttpClient, gate: ProviderGate) -> None:
    body = b"""{"products": [
        {"title": "One", "authors": [{"name": "A"}], "language": "english"},
        {"title": "Zwei", "authors": [{"name": "A"}], "language": "german"},
        {"title": "", "authors": [{"name": "A"}], "language": "german"},
        {"title": "Nobody's", "authors": [{"name": "  "}], "language": "german"},
        {"title": "Drei", "authors": [{"name": "A"}], "language": "German"}
    ]}"""
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        hits = await Audible(http, gate, base_url=server.url).search("x", region=Region.DE)
    assert [hit.title for hit in hits] == ["Zwei", "Drei", "One"]


@pytest.mark.parametrize("status", [400, 404, 410])
async def test_other_refusals_of_a_product_mean_that_there_is_none(
    http: HttpClient, gate: ProviderGate, status: int
) -> None:
    async with ScriptedServer(lambda _: Reply(status)) as server:
        with pytest.raises(AsinNotResolved):
            await Audible(http, gate, base_url=server.url).product("B0LANTERN7", region=Region.US)


async def test_an_impossible_asin_costs_no_request(http: HttpClient, gate: ProviderGate) -> None:
    async with AudibleSimulator() as audible, AudnexusSimulator() as audnexus:
        with pytest.raises(AsinNotResolved):
            await Audible(http, gate, base_url=audible.url).product("../../x", region=Region.US)
        assert await Audnexus(http, gate, base_url=audnexus.url).record("../../x", region=Region.US) is None
        assert audible.lookups == audnexus.lookups == []


async def test_a_product_may_come_under_another_asin(http: HttpClient, gate: ProviderGate) -> None:
    body = b'{"product": {"asin": "b0other", "title": "One", "authors": [{"name": "A"}]}}'
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        record = await Audible(http, gate, base_url=server.url).product("B0LANTERN7", region=Region.US)
    assert record.asin == "B0OTHER"


@pytest.mark.parametrize("impossible", ["", "  ", "B0 OTHER", "B" * 5000, "../x", 5, None])
async def test_what_can_be_no_asin_does_not_replace_the_one_asked_for(
    http: HttpClient, gate: ProviderGate, impossible: object
) -> None:
    product = {"asin": impossible, "title": "One", "authors": [{"name": "A"}]}
    async with ScriptedServer(lambda _: Reply(body=json.dumps({"product": product}).encode())) as server:
        record = await Audible(http, gate, base_url=server.url).product("B0LANTERN7", region=Region.US)
    assert record.asin == "B0LANTERN7"
    hit = parse_product(product)
    assert hit is not None
    assert hit.asin is None


@pytest.mark.parametrize(
    ("title", "tidy"),
    [
        ("The Lantern Keeper, Book 2", "The Lantern Keeper"),
        ("The Lantern Keeper (Narrated by Piers Holloway)", "The Lantern Keeper"),
        ("  The Lantern Keeper, book 1.5 ", "The Lantern Keeper"),
        ("Book 2", "Book 2"),
        ("The Book, Booked", "The Book, Booked"),
    ],
)
def test_titles_lose_what_belongs_elsewhere(title: str, tidy: str) -> None:
    record = parse_product({"title": title, "authors": [{"name": "A"}]})
    assert record is not None
    assert record.title == tidy


def test_the_largest_cover_is_taken_and_only_from_the_web() -> None:
    images = {"500": "https://img.example/5.jpg", "1024": "https://img.example/10.jpg", "x": "https://img.example/x"}
    assert _product(product_images=images).cover_url == "https://img.example/10.jpg"
    assert _product(product_images={"500": "javascript:alert(1)"}).cover_url is None


def test_series_without_a_name_are_none_and_positions_are_the_first_number() -> None:
    series = [
        {"title": "  ", "sequence": "1"},
        {"title": "Tales", "sequence": "Book 1.5-2"},
        {"title": "More, Book 3", "sequence": ""},
        {"title": "Zero", "sequence": "0"},
    ]
    assert _product(series=series).series == (
        SeriesMention("Tales", 1.5),
        SeriesMention("More", None),
        SeriesMention("Zero", 0.0),
    )


@pytest.mark.parametrize(
    ("markup", "reduced"),
    [
        ("<p onclick=x()>One <b>two</b></p>", "<p>One <b>two</b></p>"),
        ("one<script>alert(1)</script><style>p{}</style> two", "one two"),
        ("<a href='javascript:x'>link</a><img src=x onerror=y>", "link"),
        ("&lt;script&gt;x&lt;/script&gt;", "&lt;script&gt;x&lt;/script&gt;"),
        ("<p>open <i>end", "<p>open <i>end</i></p>"),
        ("</p>a<br/>b<br>c</ul>", "a<br>b<br>c"),
        ("fish & chips", "fish &amp; chips"),
        ("<b><i>x</b>y</i>", "<b><i>x</i></b>y"),
        ("<script>never closed <p>x", None),
        ("<!-- note --><?php x ?><p></p>", "<p></p>"),
    ],
)
def test_descriptions_keep_harmless_tags_only(markup: str, reduced: str | None) -> None:
    assert provider_fields.reduced(markup) == reduced


@given(st.text(alphabet="<>/&;!-=\"' abpscriptul\n", max_size=80))
def test_no_description_smuggles_a_tag_in(markup: str) -> None:
    rest = provider_fields.reduced(markup) or ""
    for tag in ALLOWED_TAGS:
        rest = rest.replace(tag, "")
    assert "<" not in rest


@given(ANYTHING | PRODUCT)
def test_no_product_breaks_the_parser(product: Any) -> None:
    record = parse_product(product)
    assert record is None or (record.title and record.authors)


@given(st.dictionaries(st.text(), ANYTHING) | BOOK)
def test_no_book_breaks_the_parser(book: dict[str, Any]) -> None:
    record = parse_book(book)
    assert record is None or record.title


def test_genres_are_no_tags_and_come_once() -> None:
    genres = [
        {"name": "Maritime", "type": "genre"},
        {"name": "Lamps", "type": "tag"},
        {"name": "Maritime"},
        {"name": 5},
        "Loose",
    ]
    record = parse_book({"title": "One", "genres": genres, "seriesPrimary": {"name": "Tales", "position": "1-2"}})
    assert record is not None
    assert record.genres == ("Maritime",)
    assert record.series == (SeriesMention("Tales", 1.0),)


def _product(**extra: Any) -> MetadataRecord:
    record = parse_product({"title": "One", "authors": [{"name": "A"}], **extra})
    assert record is not None
    return record
