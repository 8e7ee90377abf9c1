"""Where documents and handlers once disagreed, as generated requests found out."""

from typing import Any

import pytest

from tests.api.house import House
from tests.api.test_operator_integrations import INDEXER, PLEX

CLIENT: dict[str, Any] = {
    "name": "Box",
    "type": "transmission",
    "settings": {"url": "http://box.example:9091"},
    "path_mappings": [{"remote_path": "/downloads", "local_path": "/mnt"}],
}


async def test_a_change_refuses_half_a_path_mapping(house: House) -> None:
    stored = (await house.op("POST", "/download-clients", CLIENT)).body
    change = {"path_mappings": [{"remote_path": "/data"}]}
    reply = await house.op("PATCH", f"/download-clients/{stored['id']}", change)
    assert (reply.status, list(reply.body["fields"])) == (400, ["path_mappings.0.local_path"])
    assert (await house.op("GET", f"/download-clients/{stored['id']}")).body == stored


async def test_whole_numbers_may_be_spelled_with_a_point(house: House) -> None:
    settings = {**INDEXER["settings"], "categories": [3030.0]}
    reply = await house.op("POST", "/indexers", {**INDEXER, "priority": 7.0, "settings": settings})
    assert reply.status == 201
    assert (repr(reply.body["priority"]), repr(reply.body["settings"]["categories"])) == ("7", "[3030]")


async def test_a_fraction_is_no_priority(house: House) -> None:
    assert (await house.op("POST", "/indexers", {**INDEXER, "priority": 7.5})).status == 400


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/connectors/test", {"POST"}),
        ("/connectors/targets", {"POST"}),
        ("/connectors/testing", {"GET", "HEAD", "PUT", "PATCH", "DELETE"}),
        ("/indexers/test", {"POST"}),
        ("/download-clients/test", {"POST"}),
    ],
)
async def test_an_action_is_no_identifier(house: House, path: str, methods: set[str]) -> None:
    reply = await house.op("OPTIONS", path)
    assert (reply.status, set(reply.headers["Allow"].split(","))) == (405, methods)


async def test_the_query_key_is_not_looked_at_beside_the_header(house: House) -> None:
    assert (await house.v1("GET", "/system?apikey=%00")).status == 200


async def test_a_target_to_be_found_out_may_be_blank(house: House) -> None:
    settings = {**PLEX["settings"], "section_id": ""}
    assert (await house.op("POST", "/connectors/targets", {**PLEX, "settings": settings})).status == 200
