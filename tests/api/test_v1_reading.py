"""Metadata, names, downloads and the system over the public API."""

import platform
import re
from datetime import timedelta

import pytest

from earshelf.domain.downloads import ClientStatus, PipelineStage
from earshelf.domain.errors import EarshelfError, IntegrationKind, RateLimited, TimedOut, Unreachable
from earshelf.domain.metadata import MetadataRecord, PersonName, SeriesMention
from earshelf.domain.releases import Protocol
from tests.api.house import House
from tests.contract.suites.makers import NOON, a_release

PROVIDER = IntegrationKind.PROVIDER


async def test_a_hit_shows_what_the_provider_says_and_leaves_out_the_rest(house: House) -> None:
    author = PersonName("Andy Weir", "B00G0WYW92")
    full = MetadataRecord(
        "Project Hail Mary",
        "B08G9PRS1K",
        authors=(author,),
        narrators=(PersonName("Ray Porter"),),
        series=(SeriesMention("Hail", 2.0),),
        cover_url="https://covers.example/1.jpg",
        published_date="2021-05-04",
    )
    bare = MetadataRecord("Artemis", authors=(PersonName("Andy Weir"),), series=(SeriesMention("Moon"),))
    house.catalogue.hits = [full, bare]
    reply = await house.v1("GET", "/metadata/search?q=weir")
    assert reply.body["data"] == [
        {
            "title": "Project Hail Mary",
            "authors": [{"name": "Andy Weir", "asin": "B00G0WYW92"}],
            "narrators": [{"name": "Ray Porter"}],
            "asin": "B08G9PRS1K",
            "series": {"name": "Hail", "position": 2},
            "cover": "https://covers.example/1.jpg",
            "publishedDate": "2021-05-04",
        },
        {"title": "Artemis", "authors": [{"name": "Andy Weir"}], "narrators": [], "series": {"name": "Moon"}},
    ]
    assert reply.body["total"] == 2


async def test_a_hit_that_the_library_has_says_so(house: House) -> None:
    book = await house.shelve(asin="B08G9PRS1K")
    house.catalogue.hits = [MetadataRecord("Project Hail Mary", "b08g9prs1k", authors=(PersonName("Andy Weir"),))]
    hit = (await house.v1("GET", "/metadata/search?q=hail")).body["data"][0]
    assert hit["library"] == {"bookId": book.id, "status": "wanted"}


async def test_no_hit_is_an_empty_list(house: House) -> None:
    assert (await house.v1("GET", "/metadata/search?q=nothing")).body == {"data": [], "total": 0}


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20%20", f"?q={'x' * 501}", "?q=a&q=b", "?q=a&limit=1", "?query=a"])
async def test_a_search_needs_one_query_of_up_to_500_characters(house: House, query: str) -> None:
    assert (await house.v1("GET", f"/metadata/search{query}")).code == "BAD_REQUEST"
    assert house.catalogue.asked == []


async def test_blanks_around_a_query_do_not_count(house: House) -> None:
    await house.v1("GET", f"/metadata/search?q=%20{'x' * 500}%20")
    assert house.catalogue.asked[0][0] == "x" * 500


@pytest.mark.parametrize(
    ("trouble", "status", "code"),
    [
        (RateLimited(PROVIDER, "Audible", 7), 429, "rate_limited"),
        (TimedOut(PROVIDER, "Audible", "slow"), 504, "provider_timeout"),
        (Unreachable(PROVIDER, "Audible", "away"), 502, "provider_unavailable"),
    ],
)
async def test_trouble_with_the_provider_is_not_told_as_no_match(
    house: House, trouble: EarshelfError, status: int, code: str
) -> None:
    house.catalogue.trouble = trouble
    reply = await house.v1("GET", "/metadata/search?q=x")
    assert (reply.status, reply.code, reply.headers.get("Retry-After")) == (
        status,
        code,
        "7" if status == 429 else None,
    )


@pytest.mark.parametrize("kind", ["authors", "narrators", "series"])
async def test_names_are_listed_as_spelled_whether_or_not_a_book_has_them(house: House, kind: str) -> None:
    people = {"authors": "beta, Alpha, Gamma", "narrators": "beta, Alpha, Gamma"}
    book = await house.shelve("One", **people, series="beta")
    for number, name in enumerate(("Alpha", "Gamma")):
        await house.shelve(f"Book {number}", series=name)
    reply = await house.v1("GET", f"/{kind}?limit=500")
    names = [row["name"] for row in reply.body["data"] if row["name"] != "T. Kingfisher"]
    assert names == ["Alpha", "Gamma", "beta"]
    shown = reply.body["data"][0]
    assert (await house.v1("GET", f"/{kind}/{shown['id']}")).body == shown
    assert (await house.v1("GET", f"/{kind}/{book.id}")).code == "NOT_FOUND"
    assert (await house.v1("GET", f"/{kind}?sortField=name")).code == "BAD_REQUEST"
    assert (await house.v1("GET", f"/{kind}/{shown['id']}?limit=1")).code == "BAD_REQUEST"
    page = await house.v1("GET", f"/{kind}?limit=1&offset=1")
    assert (len(page.body["data"]), page.body["total"]) == (1, reply.body["total"])


async def test_a_download_reads_as_the_contract_has_it(house: House) -> None:
    book = await house.shelve()
    download = await house.put(
        book,
        release=a_release("Swordheart [m4b]", protocol=Protocol.USENET),
        client_status=ClientStatus.COMPLETED,
        stage=PipelineStage.IMPORTING,
        progress=1.0,
        completed_at=NOON + timedelta(minutes=5, microseconds=1999),
    )
    reply = await house.v1("GET", f"/downloads/{download.id}")
    assert reply.body == {
        "id": download.id,
        "title": "Swordheart [m4b]",
        "status": "importing",
        "clientStatus": "completed",
        "pipelineStage": "importing",
        "book": {"id": book.id},
        "protocol": "usenet",
        "progress": 100,
        "addedAt": "2026-03-01T12:00:00.000Z",
        "completedAt": "2026-03-01T12:05:00.001Z",
        "errorMessage": None,
    }


async def test_progress_runs_to_a_hundred(house: House) -> None:
    download = await house.put(progress=0.4217)
    assert (await house.v1("GET", f"/downloads/{download.id}")).body["progress"] == 42.2


async def test_downloads_are_listed_newest_first_and_outlive_their_book(house: House) -> None:
    book = await house.shelve()
    old = await house.put(book, added_at=NOON, error_message="Cancelled by user", client_status=ClientStatus.FAILED)
    new = await house.put(None, added_at=NOON + timedelta(seconds=1))
    async with house.storage.unit() as unit:
        await unit.books.remove(book.id)
        await unit.commit(NOON)
    rows = (await house.v1("GET", "/downloads")).body["data"]
    assert [row["id"] for row in rows] == [new.id, old.id]
    assert [row["book"] for row in rows] == [None, None]
    assert (rows[1]["status"], rows[1]["errorMessage"]) == ("failed", "Cancelled by user")


@pytest.mark.parametrize("query", ["status=failed", "sortField=title", "limit=501", "offset=x"])
async def test_downloads_know_no_filter(house: House, query: str) -> None:
    assert (await house.v1("GET", f"/downloads?{query}")).code == "BAD_REQUEST"


async def test_an_unknown_download_is_not_found(house: House) -> None:
    assert (await house.v1("GET", "/downloads/dl_none")).code == "NOT_FOUND"


async def test_the_system_tells_version_and_build_and_nothing_more(house: House) -> None:
    body = (await house.v1("GET", "/system")).body
    assert list(body) == ["version", "commit", "buildTime", "nodeVersion", "os"]
    assert re.match(r"\d+\.\d+\.\d+|dev", body["version"])
    assert (body["commit"], body["buildTime"]) == ("1a2b3c4", "2026-06-30T12:00:00.000Z")
    assert body["nodeVersion"] == f"python {platform.python_version()}"
    assert (await house.v1("GET", "/system?verbose=1")).code == "BAD_REQUEST"
