"""Connectors, indexers and download clients over the operator's API."""

from typing import Any

import pytest

from earshelf.domain.errors import (
    CredentialsRejected,
    EarshelfError,
    IntegrationKind,
    RateLimited,
    TargetMissing,
    TimedOut,
    Unreachable,
)
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import IntegrationRole
from earshelf.ports.connectors import Target
from tests.api.house import House

CONNECTOR = IntegrationKind.CONNECTOR
PLEX: dict[str, Any] = {
    "name": "Plex",
    "type": "plex",
    "settings": {
        "server_url": "http://plex.example:32400/",
        "token": "hush",
        "section_id": "3",
        "path_mappings": [{"local_path": "/library", "server_path": "/data"}],
    },
}
SHELF: dict[str, Any] = {
    "name": "Shelf",
    "type": "audiobookshelf",
    "settings": {"server_url": "http://abs.example", "api_key": "hush", "library_id": "l1"},
}
INDEXER: dict[str, Any] = {
    "name": "Index",
    "type": "torznab",
    "settings": {"url": "http://index.example/1", "api_key": "hush"},
}
CLIENT: dict[str, Any] = {
    "name": "Seedbox",
    "type": "transmission",
    "priority": 7,
    "settings": {"url": "http://seedbox.example:9091", "username": "me", "password": "hush"},
    "path_mappings": [{"remote_path": "/downloads", "local_path": "/mnt"}],
}
EACH = [("/connectors", PLEX), ("/connectors", SHELF), ("/indexers", INDEXER), ("/download-clients", CLIENT)]
ROLES = {
    "/connectors": IntegrationRole.CONNECTOR,
    "/indexers": IntegrationRole.INDEXER,
    "/download-clients": IntegrationRole.DOWNLOAD_CLIENT,
}
each = pytest.mark.parametrize(("path", "body"), EACH, ids=lambda one: one if isinstance(one, str) else one["type"])


async def secrets_of(house: House, path: str, identifier: str) -> set[str]:
    row = await house.container.configuring().get(IntegrationId(identifier), ROLES[path])
    return set(row.secrets.values())


def fake(house: House, path: str, identifier: str) -> Any:
    """The neighbour behind a stored row."""
    fakes: dict[str, Any] = {
        "/connectors": house.neighbours.connectors,
        "/indexers": house.neighbours.indexers,
        "/download-clients": house.neighbours.clients,
    }
    return fakes[path][IntegrationId(identifier)]


@each
async def test_what_is_added_reads_back_with_its_secrets_masked(house: House, path: str, body: dict[str, Any]) -> None:
    added = await house.op("POST", path, body)
    assert added.status == 201
    assert "hush" not in str(added.body)
    assert "********" in added.body["settings"].values()
    assert (await house.op("GET", f"{path}/{added.body['id']}")).body == added.body
    assert (await house.op("GET", path)).body == {"data": [added.body], "total": 1}
    assert await secrets_of(house, path, added.body["id"]) == {"hush"}


async def test_a_connector_keeps_its_path_mappings_inside_its_settings(house: House) -> None:
    added = (await house.op("POST", "/connectors", PLEX)).body
    assert added["settings"] == {
        "server_url": "http://plex.example:32400",
        "token": "********",
        "section_id": "3",
        "fallback_to_full_refresh": False,
        "path_mappings": [{"local_path": "/library", "server_path": "/data"}],
    }
    assert "priority" not in added
    assert "path_mappings" not in added


async def test_a_download_client_keeps_its_path_mappings_on_top(house: House) -> None:
    added = (await house.op("POST", "/download-clients", CLIENT)).body
    assert added["path_mappings"] == [{"remote_path": "/downloads", "local_path": "/mnt"}]
    assert (added["priority"], added["enabled"], added["settings"]["category"]) == (7, True, "")


@each
async def test_writing_the_masks_back_keeps_the_secrets(house: House, path: str, body: dict[str, Any]) -> None:
    added = (await house.op("POST", path, body)).body
    replaced = await house.op("PUT", f"{path}/{added['id']}", added | {"name": "Renamed"})
    assert (replaced.status, replaced.body) == (200, added | {"name": "Renamed"})
    assert await secrets_of(house, path, added["id"]) == {"hush"}


@each
async def test_replacing_puts_defaults_where_nothing_is_said(house: House, path: str, body: dict[str, Any]) -> None:
    added = (await house.op("POST", path, body | {"enabled": False})).body
    replaced = (await house.op("PUT", f"{path}/{added['id']}", {**body, "name": "Other"})).body
    assert (replaced["enabled"], replaced["name"]) == (True, "Other")


@each
async def test_a_change_touches_only_what_it_names(house: House, path: str, body: dict[str, Any]) -> None:
    added = (await house.op("POST", path, body)).body
    changed = await house.op("PATCH", f"{path}/{added['id']}", {"enabled": False})
    assert (changed.status, changed.body) == (200, added | {"enabled": False})
    assert await secrets_of(house, path, added["id"]) == {"hush"}
    assert (await house.op("PATCH", f"{path}/{added['id']}", {})).body == changed.body


async def test_a_change_may_name_a_single_setting(house: House) -> None:
    added = (await house.op("POST", "/connectors", PLEX)).body
    changed = (await house.op("PATCH", f"/connectors/{added['id']}", {"settings": {"token": "new"}})).body
    assert changed == added
    assert await secrets_of(house, "/connectors", added["id"]) == {"new"}


async def test_a_change_of_type_takes_that_types_settings(house: House) -> None:
    added = (await house.op("POST", "/connectors", PLEX)).body
    path = f"/connectors/{added['id']}"
    refused = await house.op("PATCH", path, {"type": "audiobookshelf"})
    assert (refused.status, refused.body["fields"].keys() >= {"settings.api_key"}) == (400, True)
    changed = await house.op("PATCH", path, {"type": "audiobookshelf", "settings": SHELF["settings"]})
    assert (changed.status, changed.body["type"]) == (200, "audiobookshelf")


@each
async def test_what_is_removed_is_gone(house: House, path: str, body: dict[str, Any]) -> None:
    added = (await house.op("POST", path, body)).body
    where = f"{path}/{added['id']}"
    assert (await house.op("DELETE", where)).status == 204
    replies = [
        await house.op("GET", where),
        await house.op("DELETE", where),
        await house.op("PUT", where, body),
        await house.op("PATCH", where, {}),
        await house.op("POST", f"{where}/test"),
    ]
    assert {reply.code for reply in replies} == {"NOT_FOUND"}


@each
async def test_an_id_of_another_resource_is_not_found(house: House, path: str, body: dict[str, Any]) -> None:
    added = (await house.op("POST", path, body)).body
    for other in ROLES.keys() - {path}:
        assert (await house.op("GET", f"{other}/{added['id']}")).code == "NOT_FOUND"


async def test_a_list_is_paged(house: House) -> None:
    for name in ("A", "B", "C"):
        await house.op("POST", "/indexers", INDEXER | {"name": name})
    page = (await house.op("GET", "/indexers?limit=1&offset=1")).body
    assert ([row["name"] for row in page["data"]], page["total"]) == (["B"], 3)
    assert (await house.op("GET", "/indexers?limit=0")).code == "VALIDATION_ERROR"


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        ("/indexers", {"name": " "}, "name"),
        ("/indexers", {"name": 5}, "name"),
        ("/indexers", {"type": "rss"}, "type"),
        ("/indexers", {"enabled": 1}, "enabled"),
        ("/indexers", {"enabled": "true"}, "enabled"),
        ("/indexers", {"priority": 101}, "priority"),
        ("/indexers", {"priority": "5"}, "priority"),
        ("/indexers", {"priority": True}, "priority"),
        ("/indexers", {"settings": []}, "settings"),
        ("/indexers", {"settings": {}}, "settings.url"),
        ("/indexers", {"settings": {"url": "ftp://x"}}, "settings.url"),
        ("/indexers", {"settings": {"url": "http://x", "api_key": "********"}}, "settings.api_key"),
        ("/indexers", {"settings": {"url": "http://x", "key": ""}}, "settings.key"),
        ("/indexers", {"settings": {"url": "http://x", "categories": ["a"]}}, "settings.categories"),
        ("/indexers", {"colour": "red"}, "colour"),
        ("/indexers", {"id": "ix_1"}, "id"),
        ("/indexers", {"path_mappings": []}, "path_mappings"),
        ("/connectors", {"priority": 5}, "priority"),
        ("/connectors", {"path_mappings": []}, "path_mappings"),
        ("/download-clients", {"path_mappings": [{"remote_path": "/a"}]}, "path_mappings.0.local_path"),
        (
            "/download-clients",
            {"path_mappings": [{"remote_path": " ", "local_path": ""}]},
            "path_mappings.0.remote_path",
        ),
        (
            "/download-clients",
            {"path_mappings": [{"remote_path": "/a", "local_path": "downloads"}]},
            "path_mappings.0.local_path",
        ),
        ("/download-clients", {"path_mappings": {}}, "path_mappings"),
    ],
)
async def test_what_is_wrong_is_said_by_field(house: House, path: str, change: dict[str, Any], field: str) -> None:
    body = dict(EACH)[path] | change
    reply = await house.op("POST", path, body)
    assert (reply.status, reply.code) == (400, "VALIDATION_ERROR")
    assert field in reply.body["fields"]
    assert (await house.op("GET", path)).body["total"] == 0


@pytest.mark.parametrize(
    ("kind", "mappings", "field"),
    [
        ("plex", "x", "settings.path_mappings"),
        ("plex", [{"local_path": "/a"}], "settings.path_mappings.0.server_path"),
        ("plex", [{"local_path": "/a", "server_path": "/b", "x": 1}], "settings.path_mappings.0.x"),
        ("plex", [{"local_path": "library", "server_path": "/b"}], "settings.path_mappings.0.local_path"),
        ("plex", [{"local_path": "./a", "server_path": ""}], "settings.path_mappings.0.local_path"),
        ("plex", None, "settings.path_mappings"),
        ("audiobookshelf", [], "settings.path_mappings"),
    ],
)
async def test_wrong_path_mappings_of_a_connector_are_said_by_field(
    house: House, kind: str, mappings: object, field: str
) -> None:
    body = PLEX if kind == "plex" else SHELF
    settings = {**body["settings"], "path_mappings": mappings}
    reply = await house.op("POST", "/connectors", {**body, "settings": settings})
    assert (reply.status, list(reply.body["fields"])) == (400, [field])


@pytest.mark.parametrize("local", ["/library", "D:\\books", "\\\\nas\\books"])
async def test_a_mapping_of_a_connector_may_lead_nowhere_from_any_absolute_path(house: House, local: str) -> None:
    settings = {**PLEX["settings"], "path_mappings": [{"local_path": local, "server_path": ""}]}
    assert (await house.op("POST", "/connectors", {**PLEX, "settings": settings})).status == 201


async def test_the_id_in_a_body_has_to_be_the_one_in_the_path(house: House) -> None:
    added = (await house.op("POST", "/indexers", INDEXER)).body
    path = f"/indexers/{added['id']}"
    for method in ("PUT", "PATCH"):
        assert (await house.op(method, path, INDEXER | {"id": "ix_other"})).body["fields"].keys() == {"id"}


@each
async def test_a_draft_is_tried_without_being_stored(house: House, path: str, body: dict[str, Any]) -> None:
    reply = await house.op("POST", f"{path}/test", body)
    assert (reply.status, reply.body["success"], reply.body["fields"]) == (200, True, {})
    assert (await house.op("GET", path)).body["total"] == 0


@each
async def test_trying_a_stored_one_tells_what_is_wrong(house: House, path: str, body: dict[str, Any]) -> None:
    added = (await house.op("POST", path, body | {"enabled": False})).body
    where = f"{path}/{added['id']}/test"
    assert (await house.op("POST", where)).body["success"] is True
    fake(house, path, added["id"]).trouble = CredentialsRejected(CONNECTOR, body["name"], "refused")
    reply = await house.op("POST", where)
    assert (reply.status, reply.body["success"]) == (200, False)
    (field,) = reply.body["fields"]
    assert field in {"settings.token", "settings.api_key", "settings.password"}


@pytest.mark.parametrize(
    ("trouble", "fields"),
    [
        (Unreachable(CONNECTOR, "Plex", "x"), {"settings.server_url": "Could not connect to server"}),
        (CredentialsRejected(CONNECTOR, "Plex", "x"), {"settings.token": "Invalid Plex token"}),
        (TargetMissing(CONNECTOR, "Plex", "has no section 3"), {"settings.section_id": "has no section 3"}),
        (RateLimited(CONNECTOR, "Plex", 5), {}),
    ],
)
async def test_a_trial_with_an_id_uses_the_stored_secret_and_names_the_wrong_field(
    house: House, trouble: EarshelfError, fields: dict[str, str]
) -> None:
    added = (await house.op("POST", "/connectors", PLEX)).body
    fake(house, "/connectors", added["id"]).trouble = trouble
    reply = await house.op("POST", "/connectors/test", added)
    assert (reply.status, reply.body["success"], reply.body["fields"]) == (200, False, fields)
    assert house.neighbours.built[-1].secrets == {"token": "hush"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "plex"},
        PLEX | {"colour": "red"},
        PLEX | {"settings": {}},
        PLEX | {"settings": {"server_url": "http://x", "token": "********", "section_id": "1"}},
        PLEX | {"id": "cn_none", "settings": {"server_url": "http://x", "token": "********", "section_id": "1"}},
        PLEX | {"id": 5},
    ],
)
async def test_a_trial_of_something_wrong_is_a_failed_trial(house: House, body: dict[str, Any]) -> None:
    reply = await house.op("POST", "/connectors/test", body)
    assert (reply.status, reply.body["success"]) == (200, False)
    assert reply.body["fields"]


async def test_fetch_lists_targets_for_a_draft_without_one(house: House) -> None:
    added = (await house.op("POST", "/connectors", PLEX)).body
    fake(house, "/connectors", added["id"]).found = [Target("3", "Audiobooks"), Target("4", "Music")]
    draft = {**added, "settings": {"server_url": "http://plex.example", "token": "********", "section_id": ""}}
    reply = await house.op("POST", "/connectors/targets", draft)
    assert reply.body == {"data": [{"id": "3", "name": "Audiobooks"}, {"id": "4", "name": "Music"}], "total": 2}


@pytest.mark.parametrize("trouble", [Unreachable(CONNECTOR, "Plex", "x"), TimedOut(CONNECTOR, "Plex", "x")])
async def test_a_failed_fetch_names_the_field(house: House, trouble: EarshelfError) -> None:
    added = (await house.op("POST", "/connectors", PLEX)).body
    fake(house, "/connectors", added["id"]).trouble = trouble
    reply = await house.op("POST", "/connectors/targets", added)
    assert (reply.status, reply.code, reply.message) == (502, "UPSTREAM_ERROR", "Plex: x")
    assert reply.body["fields"] == {"settings.server_url": "Could not connect to server"}


async def test_a_fetch_for_half_a_draft_is_invalid(house: House) -> None:
    reply = await house.op("POST", "/connectors/targets", {"name": "P", "type": "plex", "settings": {}})
    assert (reply.status, reply.body["fields"].keys()) == (400, {"settings.server_url", "settings.token"})
