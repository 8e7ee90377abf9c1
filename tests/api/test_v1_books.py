"""Books over the public API."""

import asyncio
from datetime import timedelta

import pytest

from earshelf.domain.books import BookStatus
from earshelf.domain.errors import (
    CredentialsRejected,
    EarshelfError,
    IntegrationKind,
    InvalidRecord,
    RateLimited,
    Refused,
    TimedOut,
    UnexpectedPayload,
    Unreachable,
)
from earshelf.domain.metadata import MetadataRecord, PersonName, SeriesMention
from tests.api.house import House
from tests.contract.suites.makers import NOON, a_file

PROVIDER = IntegrationKind.PROVIDER


def record(asin: str = "B08G9PRS1K", **values: object) -> MetadataRecord:
    given = {"title": "Project Hail Mary", "authors": (PersonName("Andy Weir"),), "asin": asin, **values}
    return MetadataRecord(**given)  # type: ignore[arg-type]  # any field may be said differently


async def test_a_book_reads_as_the_contract_has_it(house: House) -> None:
    book = await house.shelve(
        "Swordheart", authors="T. Kingfisher, A Second", narrators="Jesse Vilinsky", series="Rat #1"
    )
    reply = await house.v1("GET", f"/books/{book.id}")
    assert reply.status == 200
    assert reply.body == {
        "id": book.id,
        "title": "Swordheart",
        "authors": [{"id": author.id, "name": author.name} for author in book.authors],
        "narrators": [{"id": book.narrators[0].id, "name": "Jesse Vilinsky"}],
        "series": {"name": "Rat", "position": 1},
        "status": "wanted",
    }


async def test_a_book_without_a_series_says_null_and_one_without_a_place_too(house: House) -> None:
    alone, somewhere = await house.shelve("Alone"), await house.shelve("Somewhere", series="Rat")
    assert (await house.v1("GET", f"/books/{alone.id}")).body["series"] is None
    assert (await house.v1("GET", f"/books/{somewhere.id}")).body["series"] == {"name": "Rat", "position": None}


@pytest.mark.parametrize("identifier", ["bk_nothing", "1", "__healthcheck__", "%00", "%F0%9F%93%9A", "a%2Fb", "%FF"])
async def test_whatever_is_no_books_id_is_not_found(house: House, identifier: str) -> None:
    await house.shelve()
    reply = await house.v1("GET", f"/books/{identifier}")
    assert (reply.status, reply.body["error"]) == (404, {"code": "NOT_FOUND", "message": "Resource not found"})


async def test_an_authors_id_is_no_books_id(house: House) -> None:
    book = await house.shelve()
    assert (await house.v1("GET", f"/books/{book.authors[0].id}")).status == 404


@pytest.mark.parametrize("blank", ["%20", "%09", "%20%20"])
async def test_a_blank_id_is_invalid(house: House, blank: str) -> None:
    assert (await house.v1("GET", f"/books/{blank}")).code == "BAD_REQUEST"


async def test_blanks_around_an_id_do_not_count(house: House) -> None:
    book = await house.shelve()
    assert (await house.v1("GET", f"/books/%20{book.id}%20")).status == 200


async def test_a_list_counts_everything_and_shows_one_page(house: House) -> None:
    books = [await house.shelve(f"Book {number}", created_at=NOON + timedelta(hours=number)) for number in range(5)]
    reply = await house.v1("GET", "/books?limit=2&offset=1")
    assert reply.body["total"] == 5
    assert [row["id"] for row in reply.body["data"]] == [books[3].id, books[2].id]


async def test_an_offset_beyond_the_end_is_an_empty_page(house: House) -> None:
    await house.shelve()
    assert (await house.v1("GET", f"/books?offset={2**63 - 1}")).body == {"data": [], "total": 1}


async def test_a_hundred_books_are_shown_where_no_limit_is_named(house: House) -> None:
    for number in range(101):
        await house.shelve(f"Book {number}")
    reply = await house.v1("GET", "/books")
    assert (len(reply.body["data"]), reply.body["total"]) == (100, 101)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("author=t.%20KINGFISHER", ["Swordheart"]),
        ("author=Kingfisher", []),
        ("narrator=khaya%20eisenberg", ["Other"]),
        ("series=rat", ["Swordheart"]),
        ("status=imported", ["Other"]),
        ("status=wanted&author=T.+Kingfisher", ["Swordheart"]),
        ("status=imported&author=T.+Kingfisher", []),
        ("author=&sortField=title&sortDirection=asc", ["Other", "Swordheart"]),
    ],
)
async def test_filters_match_whole_names_in_any_case_and_combine(house: House, query: str, titles: list[str]) -> None:
    await house.shelve("Swordheart", series="Rat")
    await house.shelve("Other", authors="Somebody", narrators="Khaya Eisenberg", status=BookStatus.IMPORTED)
    assert [row["title"] for row in (await house.v1("GET", f"/books?{query}")).body["data"]] == titles


async def test_the_order_is_descending_unless_it_is_said(house: House) -> None:
    for title in ("The Banana", "apple", "Cherry"):
        await house.shelve(title)
    down = await house.v1("GET", "/books?sortField=title")
    up = await house.v1("GET", "/books?sortField=title&sortDirection=asc")
    assert [row["title"] for row in down.body["data"]] == ["Cherry", "The Banana", "apple"]
    assert up.body["data"] == down.body["data"][::-1]


@pytest.mark.parametrize("field", ["createdAt", "title", "author", "narrator", "series", "quality", "size", "format"])
async def test_every_documented_order_is_taken(house: House, field: str) -> None:
    await house.shelve("Plain", authors="")
    await house.shelve("Full", narrators="N", series="S #2", files=(a_file(),))
    for direction in ("asc", "desc"):
        reply = await house.v1("GET", f"/books?sortField={field}&sortDirection={direction}")
        assert reply.body["total"] == 2
        if field not in {"createdAt", "title"}:
            assert reply.body["data"][-1]["title"] == "Plain"


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=501", "limit=-1", "limit=10.5", "limit=abc", "limit=", "limit", "limit=1&limit=2",
        "limit=1e2", "limit=0x10", "limit=%2B5", "limit=%D9%A5", "limit=%20", "limit=true", f"limit={10**20}",
        "offset=-1", "offset=1.5", "offset=abc", "offset=", f"offset={2**63}", "offset=0&offset=0",
        "status=all", "status=", "status=WANTED", "status=wanted&status=wanted", "sortField=id", "sortField=",
        "sortDirection=up", "sortDirection=", "author=a&author=b", "limt=1", "Limit=1", "q=x", "author=%00",
        "author=a&apikey=1&apikey=2",
    ],
)  # fmt: skip
async def test_a_query_that_is_not_understood_is_refused(house: House, query: str) -> None:
    reply = await house.v1("GET", f"/books?{query}")
    assert (reply.status, reply.code) == (400, "BAD_REQUEST")
    assert query.partition("=")[0] in reply.message or "apikey" in reply.message


async def test_a_book_is_added_by_asin(house: House) -> None:
    series = (SeriesMention("Hail", 1.5),)
    house.catalogue.products["B08G9PRS1K"] = record(narrators=(PersonName("Ray Porter"),), series=series)
    reply = await house.v1("POST", "/books", {"asin": "  b08g9prs1k "})
    assert (reply.status, reply.body["status"]) == (201, "wanted")
    assert reply.body["series"] == {"name": "Hail", "position": 1.5}
    assert (await house.v1("GET", f"/books/{reply.body['id']}")).body == reply.body
    assert (await house.book(reply.body["id"])).asin == "B08G9PRS1K"


@pytest.mark.parametrize("again", ["B08G9PRS1K", "b08g9prs1k", " B08G9PRS1K\t"])
async def test_a_second_add_names_the_book_that_is_there_even_while_the_provider_is_away(
    house: House, again: str
) -> None:
    book = await house.shelve(asin="B08G9PRS1K")
    house.catalogue.trouble = Unreachable(PROVIDER, "Audible", "no connection")
    reply = await house.v1("POST", "/books", {"asin": again})
    assert reply.status == 409
    assert reply.body == {
        "error": {"code": "book_exists", "message": "A book with this ASIN already exists"},
        "existingId": book.id,
    }


async def test_an_asin_that_the_provider_redirects_meets_the_book_that_is_there(house: House) -> None:
    book = await house.shelve(asin="B0NEW")
    house.catalogue.products["B0OLD"] = record("B0NEW")
    reply = await house.v1("POST", "/books", {"asin": "B0OLD"})
    assert (reply.code, reply.body["existingId"]) == ("book_exists", book.id)


async def test_twenty_adds_at_once_make_one_book(house: House) -> None:
    house.catalogue.products["B08G9PRS1K"] = record()
    replies = await asyncio.gather(*(house.v1("POST", "/books", {"asin": "B08G9PRS1K"}) for _ in range(20)))
    assert sorted(reply.status for reply in replies) == [201] + [409] * 19
    identifiers = {reply.body.get("id") or reply.body["existingId"] for reply in replies}
    assert len(identifiers) == 1
    assert (await house.v1("GET", "/books")).body["total"] == 1


@pytest.mark.parametrize(
    ("trouble", "status", "code"),
    [
        (RateLimited(PROVIDER, "Audible", 30), 429, "rate_limited"),
        (TimedOut(PROVIDER, "Audible", "slow"), 504, "provider_timeout"),
        (Unreachable(PROVIDER, "Audible", "away"), 502, "provider_unavailable"),
        (Refused(PROVIDER, "Audible", "HTTP 500", 500), 502, "provider_unavailable"),
        (UnexpectedPayload(PROVIDER, "Audible", "HTML"), 502, "provider_unavailable"),
        (CredentialsRejected(PROVIDER, "Audible", "HTTP 401"), 502, "provider_unavailable"),
        (InvalidRecord("B08G9PRS1K"), 422, "invalid_record"),
    ],
)
async def test_trouble_with_the_provider_is_told_apart(
    house: House, trouble: EarshelfError, status: int, code: str
) -> None:
    house.catalogue.trouble = trouble
    reply = await house.v1("POST", "/books", {"asin": "B08G9PRS1K"})
    assert (reply.status, reply.code) == (status, code)
    assert reply.headers.get("Retry-After") == ("30" if status == 429 else None)


async def test_an_unknown_asin_and_an_unwanted_edition_cannot_be_added(house: House) -> None:
    house.catalogue.products["B0BAD"] = record("B0BAD", title="Project Hail Mary (Abridged)")
    assert (await house.v1("POST", "/books", {"asin": "B0NONE"})).code == "asin_not_resolved"
    assert (await house.v1("POST", "/books", {"asin": "B0BAD"})).code == "edition_rejected"
    assert (await house.v1("GET", "/books")).body["total"] == 0


@pytest.mark.parametrize(
    "body",
    [{}, {"asin": ""}, {"asin": "   "}, {"asin": None}, {"asin": 1}, {"asin": ["B"]}, {"asin": "B" * 65},
     {"asin": "B", "title": "T"}, {"asin": "B", "__proto__": {}}, [], None, "B08G9PRS1K", 5, {"asin": "B\0"},
     {"asin": "\ud800"}],
)  # fmt: skip
async def test_a_body_that_is_not_just_an_asin_is_refused_before_anybody_is_asked(house: House, body: object) -> None:
    assert (await house.v1("POST", "/books", body)).code == "BAD_REQUEST"
    assert house.catalogue.asked == []


async def test_the_longest_asin_is_taken_with_blanks_around_it(house: House) -> None:
    assert (await house.v1("POST", "/books", {"asin": f" {'B' * 64} "})).code == "asin_not_resolved"
