"""Searching and grabbing over the public API."""

import asyncio

import pytest

from earshelf.domain.downloads import ClientStatus, PipelineStage
from earshelf.domain.errors import (
    CredentialsRejected,
    EarshelfError,
    IntegrationKind,
    Refused,
    ReleaseUnavailable,
    TimedOut,
    Unreachable,
)
from earshelf.domain.integrations import IntegrationDraft, IntegrationRole
from earshelf.domain.releases import Protocol, Release
from earshelf.ports.indexers import Offer
from tests.api.house import House
from tests.contract.suites.makers import a_release

CLIENT, INDEXER = IntegrationKind.DOWNLOAD_CLIENT, IntegrationKind.INDEXER
NAME = "T. Kingfisher - Swordheart"
KEYS = {
    "releaseId",
    "title",
    "author",
    "narrator",
    "protocol",
    "size",
    "seeders",
    "indexer",
    "isFreeleech",
    "matchScore",
}


async def add_indexer(house: House, *offers: Offer, name: str = "Shelf") -> None:
    draft = IntegrationDraft("torznab", name, {"url": "http://indexer.example/api", "api_key": "sesame"})
    row = await house.container.configuring().add(draft, role=IntegrationRole.INDEXER)
    house.neighbours.indexers[row.id].always = list(offers)


async def add_client(house: House, trouble: EarshelfError | None = None) -> None:
    draft = IntegrationDraft("transmission", "Seedbox", {"url": "http://seedbox.example:9091"})
    row = await house.container.configuring().add(draft, role=IntegrationRole.DOWNLOAD_CLIENT)
    house.neighbours.clients[row.id].trouble = trouble


def token(house: House, release: Release) -> str:
    return str(house.container.signer().sign(release))


async def test_a_search_shows_candidates_without_their_links(house: House) -> None:
    book = await house.shelve()
    torrent = a_release(NAME, size=400 * 2**20, seeders=3, is_freeleech=True)
    usenet = a_release(NAME, protocol=Protocol.USENET, size=300 * 2**20, seeders=9)
    await add_indexer(house, Offer(torrent), Offer(usenet))
    reply = await house.v1("POST", f"/books/{book.id}/search")
    assert (reply.status, reply.body["total"]) == (200, 2)
    by_protocol = {row["protocol"]: row for row in reply.body["data"]}
    assert set(by_protocol["torrent"]) == KEYS
    assert "passkey" not in str(reply.body)
    assert by_protocol["torrent"]["seeders"] == 3
    assert by_protocol["torrent"]["isFreeleech"] is True
    assert by_protocol["usenet"]["seeders"] is None
    assert (by_protocol["torrent"]["author"], by_protocol["torrent"]["title"]) == ("T. Kingfisher", "Swordheart")
    assert (by_protocol["torrent"]["indexer"], by_protocol["torrent"]["matchScore"]) == ("Shelf", 1)


async def test_a_search_without_indexers_finds_nothing(house: House) -> None:
    book = await house.shelve()
    assert (await house.v1("POST", f"/books/{book.id}/search")).body == {"data": [], "total": 0}


async def test_a_failing_indexer_fails_no_search(house: House) -> None:
    book = await house.shelve()
    await add_indexer(house)
    for indexer in house.neighbours.indexers.values():
        indexer.trouble = CredentialsRejected(INDEXER, "Shelf", "wrong key")
    assert (await house.v1("POST", f"/books/{book.id}/search")).body == {"data": [], "total": 0}
    findings = (await house.op("GET", "/health/details")).body["data"]
    assert any(finding["subject"] == "indexer 'Shelf'" and finding["severity"] == "warning" for finding in findings)


async def test_an_empty_object_is_as_good_as_no_body_for_a_search(house: House) -> None:
    book = await house.shelve()
    assert (await house.v1("POST", f"/books/{book.id}/search", {})).status == 200
    as_json = await house.v1("POST", f"/books/{book.id}/search", **{"Content-Type": "application/json"})
    assert as_json.status == 200


@pytest.mark.parametrize("body", [{"query": "x"}, [], None, "x"])
async def test_a_search_takes_nothing(house: House, body: object) -> None:
    book = await house.shelve()
    assert (await house.v1("POST", f"/books/{book.id}/search", body)).code == "BAD_REQUEST"


async def test_a_search_takes_no_query_parameter_but_the_key(house: House) -> None:
    book = await house.shelve()
    path = f"/books/{book.id}/search"
    assert (await house.v1("POST", f"{path}?limit=5")).code == "BAD_REQUEST"
    assert (await house.v1("POST", f"{path}?apikey=whatever")).status == 200


async def test_a_book_with_nothing_to_search_for_is_told(house: House) -> None:
    book = await house.shelve("!!!", authors="")
    reply = await house.v1("POST", f"/books/{book.id}/search")
    assert (reply.status, reply.code) == (400, "BAD_REQUEST")
    assert reply.message == "Search query is empty after normalization"


async def test_a_search_for_an_unknown_book_is_not_found(house: House) -> None:
    assert (await house.v1("POST", "/books/bk_none/search")).code == "NOT_FOUND"


async def test_a_second_search_for_a_book_does_not_start(house: House) -> None:
    book = await house.shelve()
    await add_indexer(house)
    (indexer,) = house.neighbours.indexers.values()
    indexer.gate.clear()
    first = asyncio.create_task(house.v1("POST", f"/books/{book.id}/search"))
    async with asyncio.timeout(10):
        while not indexer.callers:  # noqa: ASYNC110 - the fake has no event to wait for
            await asyncio.sleep(0.001)
    assert (await house.v1("POST", f"/books/{book.id}/search")).code == "SEARCH_IN_PROGRESS"
    indexer.gate.set()
    assert (await first).status == 200


async def test_what_was_found_can_be_grabbed_once(house: House) -> None:
    book = await house.shelve()
    await add_client(house)
    await add_indexer(house, Offer(a_release(NAME, size=400 * 2**20, seeders=3)))
    found = (await house.v1("POST", f"/books/{book.id}/search")).body["data"][0]
    first = await house.v1("POST", f"/books/{book.id}/grab", {"releaseId": found["releaseId"]})
    again = await house.v1("POST", f"/books/{book.id}/grab", {"releaseId": found["releaseId"]})
    assert (first.status, again.status) == (201, 200)
    assert first.body == again.body
    assert (first.body["status"], first.body["progress"], first.body["book"]) == ("downloading", 0, {"id": book.id})
    assert (await house.v1("GET", f"/books/{book.id}")).body["status"] == "downloading"


async def test_twenty_grabs_at_once_start_one_download(house: House) -> None:
    book = await house.shelve()
    await add_client(house)
    order = {"releaseId": token(house, a_release())}
    replies = await asyncio.gather(*(house.v1("POST", f"/books/{book.id}/grab", order) for _ in range(20)))
    assert sorted(reply.status for reply in replies) == [200] * 19 + [201]
    assert len({reply.body["id"] for reply in replies}) == 1
    (client,) = house.neighbours.clients.values()
    assert len(client.added) == 1


async def test_a_failed_download_does_not_block_a_new_grab_of_the_same_release(house: House) -> None:
    book, release = await house.shelve(), a_release()
    await add_client(house)
    failed = await house.put(book, release=release, client_status=ClientStatus.FAILED)
    reply = await house.v1("POST", f"/books/{book.id}/grab", {"releaseId": token(house, release)})
    assert reply.status == 201
    assert reply.body["id"] != failed.id


@pytest.mark.parametrize(
    ("client_status", "stage", "code"),
    [
        (ClientStatus.DOWNLOADING, PipelineStage.IDLE, "ACTIVE_DOWNLOAD_EXISTS"),
        (ClientStatus.COMPLETED, PipelineStage.IDLE, "PIPELINE_ACTIVE"),
        (ClientStatus.COMPLETED, PipelineStage.PENDING_REVIEW, "PIPELINE_ACTIVE"),
    ],
)
async def test_a_second_release_of_a_book_has_to_wait(
    house: House, client_status: ClientStatus, stage: PipelineStage, code: str
) -> None:
    book = await house.shelve()
    await add_client(house)
    await house.put(book, client_status=client_status, stage=stage, reference="ref")
    reply = await house.v1("POST", f"/books/{book.id}/grab", {"releaseId": token(house, a_release())})
    assert (reply.status, reply.code) == (409, code)


@pytest.mark.parametrize("wrong", ["", "aGVsbG8", "a.b.c", ".sig", "body.", "ü.ü", "e30.e30", " "])
async def test_a_token_that_was_not_signed_here_is_refused(house: House, wrong: str) -> None:
    book = await house.shelve()
    assert (await house.v1("POST", f"/books/{book.id}/grab", {"releaseId": wrong})).code == "BAD_REQUEST"


@pytest.mark.parametrize("body", [{}, {"releaseId": None}, {"releaseId": 5}, {"releaseId": "a.b", "bookId": "x"}, []])
async def test_a_grab_takes_a_release_id_and_nothing_else(house: House, body: object) -> None:
    book = await house.shelve()
    assert (await house.v1("POST", f"/books/{book.id}/grab", body)).code == "BAD_REQUEST"


async def test_an_unknown_book_outranks_a_wrong_token(house: House) -> None:
    assert (await house.v1("POST", "/books/bk_none/grab", {"releaseId": "a.b"})).code == "NOT_FOUND"


async def test_without_a_client_for_the_protocol_the_message_says_so(house: House) -> None:
    book = await house.shelve()
    await add_client(house)
    order = {"releaseId": token(house, a_release(protocol=Protocol.USENET))}
    reply = await house.v1("POST", f"/books/{book.id}/grab", order)
    assert (reply.status, reply.code) == (502, "DOWNLOAD_CLIENT_ERROR")
    assert "no enabled client takes usenet releases" in reply.message


@pytest.mark.parametrize(
    ("trouble", "status", "code", "message"),
    [
        (CredentialsRejected(CLIENT, "Seedbox", "x"), 401, "DOWNLOAD_CLIENT_AUTH_FAILED", "authentication failed"),
        (TimedOut(CLIENT, "Seedbox", "x"), 504, "DOWNLOAD_CLIENT_TIMEOUT", "timed out"),
        (Unreachable(CLIENT, "Seedbox", "no connection"), 502, "DOWNLOAD_CLIENT_ERROR", "Seedbox: no connection"),
        (Refused(CLIENT, "Seedbox", "HTTP 500", 500), 502, "DOWNLOAD_CLIENT_ERROR", "Seedbox: HTTP 500"),
    ],
)
async def test_trouble_with_the_client_is_told_apart_and_leaves_nothing(
    house: House, trouble: EarshelfError, status: int, code: str, message: str
) -> None:
    book = await house.shelve()
    await add_client(house, trouble)
    reply = await house.v1("POST", f"/books/{book.id}/grab", {"releaseId": token(house, a_release())})
    assert (reply.status, reply.code) == (status, code)
    assert message in reply.message
    assert (await house.v1("GET", "/downloads")).body["total"] == 0


@pytest.mark.parametrize(
    "trouble",
    [
        ReleaseUnavailable(INDEXER, "Shelf", "answered with a page"),
        TimedOut(INDEXER, "Shelf", "did not answer within 30 s"),
        CredentialsRejected(INDEXER, "Shelf", "refused the key"),
        Unreachable(INDEXER, "Shelf", "no connection"),
    ],
)
async def test_a_tracker_that_does_not_give_the_file_is_named(house: House, trouble: EarshelfError) -> None:
    book = await house.shelve()
    await add_client(house)
    house.fetcher.trouble = trouble
    reply = await house.v1("POST", f"/books/{book.id}/grab", {"releaseId": token(house, a_release())})
    assert (reply.status, reply.code, reply.message) == (502, "DOWNLOAD_CLIENT_ERROR", trouble.message)
