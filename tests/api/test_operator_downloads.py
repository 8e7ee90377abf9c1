"""Downloads over the operator's API."""

from pathlib import Path

import pytest

from earshelf.domain.books import BookStatus
from earshelf.domain.downloads import ClientStatus, Download, PipelineStage
from earshelf.domain.errors import IntegrationKind, TimedOut, Unreachable
from earshelf.domain.ids import BookId
from earshelf.domain.integrations import Integration, IntegrationDraft, IntegrationRole
from tests.api.house import House
from tests.contract.suites.makers import NOON, a_release

HELD = {"client_status": ClientStatus.COMPLETED, "stage": PipelineStage.PENDING_REVIEW, "reference": "ref"}


async def add_client(house: House) -> Integration:
    draft = IntegrationDraft("transmission", "Seedbox", {"url": "http://seedbox.example:9091"})
    return await house.container.configuring().add(draft, role=IntegrationRole.DOWNLOAD_CLIENT)


async def held(house: House) -> Download:
    book = await house.shelve(status=BookStatus.DOWNLOADING)
    return await house.put(book, **HELD, output_path="/downloads/x", error_message="Wrong book?")


async def test_a_download_shows_every_field_but_its_link(house: House) -> None:
    release = a_release(
        "Swordheart", size=5, seeders=2, info_hash="ab" * 20, guid="https://indexer.example/?passkey=hush"
    )
    download = await house.put(await house.shelve(), release=release, progress=0.5, progressed_at=NOON)
    body = (await house.op("GET", f"/downloads/{download.id}")).body
    assert (body["status"], body["progress"], body["size"], body["seeders"]) == ("queued", 50, 5, 2)
    assert (body["info_hash"], body["progressed_at"]) == ("ab" * 20, "2026-03-01T12:00:00.000Z")
    assert "hush" not in str(body)
    assert (await house.op("GET", "/downloads")).body == {"data": [body], "total": 1}


async def test_a_held_download_can_be_approved(house: House) -> None:
    download = await held(house)
    reply = await house.op("POST", f"/downloads/{download.id}/approve")
    assert (reply.status, reply.body["status"]) == (200, "importing")
    assert download.book_id is not None
    assert (await house.book(download.book_id)).status is BookStatus.IMPORTING


async def test_a_held_download_can_be_rejected(house: House) -> None:
    download = await held(house)
    reply = await house.op("POST", f"/downloads/{download.id}/reject")
    assert (reply.status, reply.body["status"]) == (200, "failed")
    assert (await house.book(BookId(str(download.book_id)))).status is BookStatus.WANTED


async def test_a_running_download_can_be_cancelled_and_its_data_goes(house: House) -> None:
    row = await add_client(house)
    book = await house.shelve(status=BookStatus.DOWNLOADING)
    download = await house.put(book, client_id=row.id, reference="ref", client_status=ClientStatus.DOWNLOADING)
    reply = await house.op("POST", f"/downloads/{download.id}/cancel")
    assert (reply.status, reply.body["status"], reply.body["error_message"]) == (200, "failed", "Cancelled by user")
    assert house.neighbours.clients[row.id].removed == [("ref", True)]


async def test_a_client_that_does_not_answer_leaves_a_download_as_it_is(house: House) -> None:
    row = await add_client(house)
    download = await house.put(client_id=row.id, reference="ref", client_status=ClientStatus.DOWNLOADING)
    path = f"/downloads/{download.id}/cancel"
    client = house.neighbours.clients[row.id]
    client.trouble = Unreachable(IntegrationKind.DOWNLOAD_CLIENT, "Seedbox", "no connection")
    reply = await house.op("POST", path)
    assert (reply.status, reply.code, reply.message) == (502, "UPSTREAM_ERROR", "Seedbox: no connection")
    client.trouble = TimedOut(IntegrationKind.DOWNLOAD_CLIENT, "Seedbox", "slow")
    assert (await house.op("POST", path)).code == "UPSTREAM_TIMEOUT"
    assert (await house.op("GET", f"/downloads/{download.id}")).body["status"] == "downloading"


async def test_a_failed_download_can_be_tried_again(house: House) -> None:
    await add_client(house)
    failed = await house.put(await house.shelve(), client_status=ClientStatus.FAILED)
    reply = await house.op("POST", f"/downloads/{failed.id}/retry")
    assert (reply.status, reply.body["status"]) == (200, "downloading")
    assert reply.body["id"] != failed.id
    assert (await house.op("GET", f"/downloads/{failed.id}")).code == "NOT_FOUND"


async def test_a_download_that_is_over_can_be_forgotten(house: House) -> None:
    failed = await house.put(await house.shelve(), client_status=ClientStatus.FAILED)
    assert (await house.op("DELETE", f"/downloads/{failed.id}")).status == 204
    assert (await house.op("DELETE", f"/downloads/{failed.id}")).code == "NOT_FOUND"


@pytest.mark.parametrize("action", ["approve", "reject", "retry"])
async def test_what_the_state_does_not_allow_is_a_conflict(house: House, action: str) -> None:
    running = await house.put(reference="ref", client_status=ClientStatus.DOWNLOADING)
    assert (await house.op("POST", f"/downloads/{running.id}/{action}")).code == "CONFLICT"
    assert (await house.op("DELETE", f"/downloads/{running.id}")).code == "CONFLICT"
    assert (await house.op("POST", f"/downloads/dl_none/{action}")).code == "NOT_FOUND"
    assert (await house.op("POST", f"/downloads/{running.id}/{action}", {"x": 1})).code == "VALIDATION_ERROR"


async def test_a_finished_download_cannot_be_cancelled(house: House) -> None:
    done = await house.put(client_status=ClientStatus.COMPLETED, stage=PipelineStage.IMPORTED)
    assert (await house.op("POST", f"/downloads/{done.id}/cancel")).code == "CONFLICT"


async def test_a_failed_download_whose_book_was_grabbed_anew_meets_the_new_one(house: House, tmp_path: Path) -> None:
    await add_client(house)
    book = await house.shelve()
    failed = await house.put(book, client_status=ClientStatus.FAILED)
    await house.put(book, client_status=ClientStatus.DOWNLOADING, reference="ref")
    assert (await house.op("POST", f"/downloads/{failed.id}/retry")).code == "CONFLICT"
