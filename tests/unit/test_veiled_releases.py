"""No release leaves the house, nor is written down, with its indexer's own key in it."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest

from earshelf.domain.errors import ReleaseUnavailable
from earshelf.domain.integrations import Integration, IntegrationDraft, IntegrationRole
from earshelf.domain.releases import Release
from earshelf.ports.indexers import Offer
from tests.contract.suites.makers import a_download, a_release
from tests.unit.house import House

KEY = "0123456789abcdef"
URL = f"http://indexer.example/download?apikey={KEY}&link=abc"
VEILED = "http://indexer.example/download?apikey={secret:api_key}&link=abc"
ROLE = IntegrationRole.INDEXER


def offered(**values: Any) -> Release:
    return a_release("A Book [m4b]", **{"download_url": URL, "guid": URL, "indexer_id": None, "seeders": 9, **values})


async def furnish(house: House, *releases: Release) -> Integration:
    """Configures an indexer with a key that offers these, and a client."""
    await house.client()
    await house.indexer(secrets={"api_key": KEY})
    (row,) = await house.configuring.all(ROLE)
    house.neighbours.indexers[row.id].always = [Offer(release) for release in releases or (offered(),)]
    return row


async def token(house: House, book_id: Any) -> str:
    (found,) = await house.searching.candidates(book_id)
    return found.token


async def test_a_token_holds_no_key_of_the_indexer() -> None:
    house = House()
    row, book = await furnish(house), await house.shelve()
    signed = await token(house, book.id)
    body = urlsafe_b64decode(signed.partition(".")[0] + "==").decode()
    assert KEY not in body
    assert (json.loads(body)["downloadUrl"], json.loads(body)["indexerId"]) == (VEILED, row.id)
    assert await token(house, book.id) == signed


async def test_the_fetcher_gets_the_address_with_the_key_and_the_row_keeps_it_without() -> None:
    house = House()
    await furnish(house)
    book = await house.shelve()
    grab = await house.grabbing.grab(await token(house, book.id), book_id=book.id)
    assert [release.download_url for release in house.fetcher.fetched] == [URL]
    stored = await house.download(grab.download.id)
    assert (stored.release.download_url, stored.release.guid) == (VEILED, VEILED)


async def test_what_the_house_grabs_by_itself_is_written_down_without_the_key_too() -> None:
    house = House()
    await furnish(house)
    book = await house.shelve()
    assert await house.searching.grab_best(book.id)
    (download,) = await house.downloads(book)
    assert download.release.download_url == VEILED
    assert house.fetcher.fetched[0].download_url == URL


async def test_a_changed_key_is_the_one_that_is_put_back() -> None:
    house = House()
    row = await furnish(house)
    book = await house.shelve()
    signed = await token(house, book.id)
    draft = IntegrationDraft("torznab", "Shelf", {"url": row.settings["url"], "api_key": "another-key"})
    await house.configuring.replace(row.id, draft, role=ROLE)
    await house.grabbing.grab(signed, book_id=book.id)
    assert house.fetcher.fetched[0].download_url == URL.replace(KEY, "another-key")


@pytest.mark.parametrize("loss", ["row", "key"])
async def test_a_release_whose_indexer_is_gone_cannot_be_fetched_and_leaves_nothing_behind(loss: str) -> None:
    house = House()
    row = await furnish(house)
    book = await house.shelve()
    signed = await token(house, book.id)
    if loss == "row":
        await house.configuring.remove(row.id, role=ROLE)
    else:
        await house.configuring.replace(
            row.id, IntegrationDraft("torznab", "Shelf", {"url": row.settings["url"]}), role=ROLE
        )
    with pytest.raises(ReleaseUnavailable, match=r"A Book.*indexer.*api_key") as refusal:
        await house.grabbing.grab(signed, book_id=book.id)
    assert KEY not in refusal.value.message
    assert house.fetcher.fetched == []
    assert await house.downloads(book) == []


@pytest.mark.parametrize("guid", [None, URL])
async def test_a_download_that_was_stored_with_the_key_is_the_same_release(guid: str | None) -> None:
    house = House()
    row = await furnish(house, offered(guid=guid))
    book = await house.shelve()
    old = a_download(book, release=offered(guid=guid, indexer_id=row.id), reference="a")
    await house.put(old)
    grab = await house.grabbing.grab(await token(house, book.id), book_id=book.id)
    assert (grab.created, grab.download.id) == (False, old.id)


async def test_a_token_that_was_signed_with_the_key_in_it_still_grabs_the_same_release() -> None:
    house = House()
    row = await furnish(house)
    book = await house.shelve()
    first = await house.grabbing.grab(await token(house, book.id), book_id=book.id)
    old = house.signer.sign(offered(indexer_id=row.id))
    assert (await house.grabbing.grab(old, book_id=book.id)).download.id == first.download.id
