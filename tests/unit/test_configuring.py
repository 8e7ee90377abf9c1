"""Neighbours and settings: stored without being contacted, tried before they are trusted."""

from pathlib import Path
from typing import Any

import pytest

from earshelf.adapters.memory.services import Neighbour
from earshelf.domain.errors import (
    CredentialsRejected,
    EarshelfError,
    IntegrationKind,
    Invalid,
    MissingExtra,
    NotFound,
    RateLimited,
    Refused,
    TargetMissing,
    TimedOut,
    UnexpectedPayload,
    Unreachable,
)
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import Integration, IntegrationDraft, IntegrationRole
from earshelf.domain.setting_forms import MASK
from earshelf.domain.settings import Settings
from earshelf.ports.connectors import Target
from tests.unit.house import House

INDEXER, CLIENT, CONNECTOR = IntegrationRole.INDEXER, IntegrationRole.DOWNLOAD_CLIENT, IntegrationRole.CONNECTOR
KIND = IntegrationKind.CONNECTOR
DRAFTS = {
    INDEXER: ("torznab", {"url": "http://prowlarr:9696/1/api", "api_key": "hush"}),
    CLIENT: ("transmission", {"url": "http://box:9091", "username": "me", "password": "hush"}),
    CONNECTOR: ("plex", {"server_url": "http://plex:32400", "token": "hush", "section_id": "1"}),
}
SECRET = {INDEXER: "api_key", CLIENT: "password", CONNECTOR: "token"}
ADDRESS = {INDEXER: "url", CLIENT: "url", CONNECTOR: "server_url"}
ROLES = list(IntegrationRole)


def draft(role: IntegrationRole, name: str = "A Name", **changes: Any) -> IntegrationDraft:
    kind, settings = DRAFTS[role]
    return IntegrationDraft(kind, name, settings | changes)


def bring_trouble(house: House, role: IntegrationRole, key: IntegrationId, trouble: EarshelfError | None) -> None:
    neighbours: dict[IntegrationRole, Neighbour] = {
        INDEXER: house.neighbours.indexers[key],
        CLIENT: house.neighbours.clients[key],
        CONNECTOR: house.neighbours.connectors[key],
    }
    neighbours[role].trouble = trouble


async def stored(house: House, role: IntegrationRole, **changes: Any) -> Integration:
    return await house.configuring.add(draft(role, **changes), role=role)


@pytest.mark.parametrize("role", ROLES)
async def test_a_new_neighbour_is_stored_and_not_contacted(role: IntegrationRole) -> None:
    house = House()
    added = await stored(house, role)
    assert added.id.startswith(f"{role.id_prefix}_")
    assert await house.configuring.get(added.id, role) == added
    assert await house.configuring.all(role) == [added]
    assert house.neighbours.built == []


@pytest.mark.parametrize("role", ROLES)
async def test_a_neighbour_of_one_role_is_not_found_in_another(role: IntegrationRole) -> None:
    house = House()
    added = await stored(house, role)
    for other in set(ROLES) - {role}:
        assert await house.configuring.all(other) == []
        with pytest.raises(NotFound):
            await house.configuring.get(added.id, other)
        with pytest.raises(NotFound):
            await house.configuring.remove(added.id, role=other)


async def test_neighbours_come_by_priority_and_then_by_age() -> None:
    house = House()
    for name, priority in (("c", 50), ("a", 10), ("d", 50), ("b", 10)):
        kind, settings = DRAFTS[INDEXER]
        await house.configuring.add(IntegrationDraft(kind, name, settings, priority=priority), role=INDEXER)
    assert [row.name for row in await house.configuring.all(INDEXER)] == ["a", "b", "c", "d"]


@pytest.mark.parametrize("role", ROLES)
async def test_an_invalid_draft_is_not_stored(role: IntegrationRole) -> None:
    house = House()
    with pytest.raises(Invalid) as refusal:
        await stored(house, role, **{ADDRESS[role]: "nonsense"})
    assert list(refusal.value.fields) == [f"settings.{ADDRESS[role]}"]
    assert await house.configuring.all(role) == []


@pytest.mark.parametrize("role", ROLES)
async def test_replacing_changes_everything_but_masked_secrets(role: IntegrationRole) -> None:
    house = House()
    added = await stored(house, role)
    change = draft(role, "Another", **{ADDRESS[role]: "http://moved:1/api", SECRET[role]: MASK})
    await house.configuring.replace(added.id, change, role=role)
    changed = await house.configuring.get(added.id, role)
    assert (changed.id, changed.name) == (added.id, "Another")
    assert changed.settings[ADDRESS[role]] == "http://moved:1/api"
    assert changed.secrets == added.secrets


@pytest.mark.parametrize("role", ROLES)
async def test_an_invalid_replacement_leaves_what_is_stored(role: IntegrationRole) -> None:
    house = House()
    added = await stored(house, role)
    with pytest.raises(Invalid):
        await house.configuring.replace(added.id, draft(role, ""), role=role)
    assert await house.configuring.get(added.id, role) == added


@pytest.mark.parametrize("role", ROLES)
async def test_a_removed_neighbour_is_gone(role: IntegrationRole) -> None:
    house = House()
    added = await stored(house, role)
    await house.configuring.remove(added.id, role=role)
    assert await house.configuring.all(role) == []
    with pytest.raises(NotFound):
        await house.configuring.remove(added.id, role=role)
    with pytest.raises(NotFound):
        await house.configuring.replace(added.id, draft(role), role=role)
    with pytest.raises(NotFound):
        await house.configuring.test_stored(added.id, role=role)


@pytest.mark.parametrize(
    ("role", "message"),
    [(INDEXER, "Connected to Memory Indexer"), (CLIENT, "Connected to transmission 1.0"), (CONNECTOR, "Connected")],
)
async def test_a_draft_that_works_says_so_and_is_not_stored(role: IntegrationRole, message: str) -> None:
    house = House()
    trial = await house.configuring.test(draft(role), role=role)
    assert (trial.success, trial.message, trial.fields) == (True, message, {})
    assert await house.configuring.all(role) == []


@pytest.mark.parametrize("role", ROLES)
async def test_an_invalid_draft_is_a_failed_trial_and_nobody_is_contacted(role: IntegrationRole) -> None:
    house = House()
    trial = await house.configuring.test(draft(role, **{ADDRESS[role]: "nonsense"}), role=role)
    assert (trial.success, list(trial.fields)) == (False, [f"settings.{ADDRESS[role]}"])
    unknown = await house.configuring.test(IntegrationDraft("fax", "A", {}), role=role)
    assert (unknown.success, list(unknown.fields)) == (False, ["type"])
    assert house.neighbours.built == []


@pytest.mark.parametrize("role", ROLES)
async def test_masks_of_a_draft_stand_for_the_stored_secrets(role: IntegrationRole) -> None:
    house = House()
    added = await stored(house, role)
    trial = await house.configuring.test(draft(role, **{SECRET[role]: MASK}), role=role, stored_id=added.id)
    assert trial.success
    assert house.neighbours.built[-1].secrets == added.secrets


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("stored_id", [None, IntegrationId("ix_nobody")])
async def test_masks_that_stand_for_nothing_are_a_failed_trial(
    role: IntegrationRole, stored_id: IntegrationId | None
) -> None:
    trial = await House().configuring.test(draft(role, **{SECRET[role]: MASK}), role=role, stored_id=stored_id)
    assert (trial.success, list(trial.fields)) == (False, [f"settings.{SECRET[role]}"])


REJECTED = {INDEXER: "Invalid API key", CLIENT: "Invalid user name or password", CONNECTOR: "Invalid Plex token"}


@pytest.mark.parametrize("role", ROLES)
async def test_a_rejected_credential_is_blamed_on_its_field(role: IntegrationRole) -> None:
    house = House()
    added = await stored(house, role)
    bring_trouble(house, role, added.id, CredentialsRejected(KIND, "A Name", "Authentication failed (HTTP 401)"))
    trial = await house.configuring.test_stored(added.id, role=role)
    assert (trial.success, trial.fields) == (False, {f"settings.{SECRET[role]}": REJECTED[role]})
    assert trial.message == "A Name: Authentication failed (HTTP 401)"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("trouble", [Unreachable(KIND, "A Name", "refused"), TimedOut(KIND, "A Name", "no answer")])
async def test_an_address_that_does_not_answer_is_blamed_on_its_field(
    role: IntegrationRole, trouble: EarshelfError
) -> None:
    house = House()
    added = await stored(house, role)
    bring_trouble(house, role, added.id, trouble)
    trial = await house.configuring.test_stored(added.id, role=role)
    assert (trial.success, trial.fields) == (
        False,
        {f"settings.{ADDRESS[role]}": "Could not connect to server"},
    )


async def test_a_missing_target_is_blamed_on_its_field_with_what_there_is() -> None:
    house = House()
    added = await stored(house, CONNECTOR)
    reason = "Configured section not found on server; it has Audiobooks (2)"
    bring_trouble(house, CONNECTOR, added.id, TargetMissing(KIND, "A Name", reason))
    trial = await house.configuring.test_stored(added.id, role=CONNECTOR)
    assert trial.fields == {"settings.section_id": reason}


@pytest.mark.parametrize(
    "trouble",
    [
        Refused(KIND, "A Name", "Server error (HTTP 503)", 503),
        RateLimited(KIND, "A Name", 5),
        UnexpectedPayload(KIND, "A Name", "no JSON"),
        MissingExtra("x", "This type"),
    ],
    ids=str,
)
@pytest.mark.parametrize("role", ROLES)
async def test_other_trouble_is_told_and_blamed_on_no_field(role: IntegrationRole, trouble: EarshelfError) -> None:
    house = House()
    added = await stored(house, role)
    bring_trouble(house, role, added.id, trouble)
    trial = await house.configuring.test_stored(added.id, role=role)
    assert (trial.success, trial.message, trial.fields) == (False, trouble.message, {})


async def test_a_disabled_neighbour_can_be_tried() -> None:
    house = House()
    kind, settings = DRAFTS[CONNECTOR]
    added = await house.configuring.add(IntegrationDraft(kind, "A", settings, enabled=False), role=CONNECTOR)
    assert (await house.configuring.test_stored(added.id, role=CONNECTOR)).success


@pytest.mark.parametrize("target", ["", "1", None])
async def test_targets_are_fetched_for_a_draft_that_has_none_yet(target: str | None) -> None:
    house = House()
    settings = {"server_url": "http://plex:32400", "token": "hush", "section_id": target}
    filled = {name: value for name, value in settings.items() if value is not None}
    found = await house.configuring.targets(IntegrationDraft("plex", "A", filled))
    assert found == [Target("1", "Audiobooks")]


async def test_targets_are_fetched_with_the_stored_secret() -> None:
    house = House()
    added = await stored(house, CONNECTOR)
    await house.configuring.targets(draft(CONNECTOR, token=MASK), stored_id=added.id)
    assert house.neighbours.built[-1].secrets == {"token": "hush"}


async def test_trouble_while_fetching_targets_travels() -> None:
    house = House()
    added = await stored(house, CONNECTOR)
    bring_trouble(house, CONNECTOR, added.id, Unreachable(KIND, "A Name", "refused"))
    with pytest.raises(Unreachable):
        await house.configuring.targets(draft(CONNECTOR), stored_id=added.id)


async def test_targets_of_an_invalid_draft_are_refused() -> None:
    with pytest.raises(Invalid):
        await House().configuring.targets(draft(CONNECTOR, server_url="nonsense"))


async def test_changed_settings_are_kept() -> None:
    house = House()
    await house.configuring.change_settings({"search": {"interval_minutes": 30}})
    assert (await house.configuring.settings()).search.interval_minutes == 30


async def test_of_invalid_changes_nothing_is_kept() -> None:
    house = House()
    with pytest.raises(Invalid):
        await house.configuring.change_settings({"search": {"interval_minutes": 30}, "imports": {"mode": "burn"}})
    assert (await house.configuring.settings()).search.interval_minutes == 360


async def test_a_library_must_be_a_folder_that_exists(tmp_path: Path) -> None:
    house = House()
    (tmp_path / "file").touch()
    for path in ("gone", "file"):
        with pytest.raises(Invalid) as refusal:
            await house.configuring.change_settings({"library": {"path": str(tmp_path / path)}})
        assert "create or mount it first" in refusal.value.fields["library.path"]
    await house.configuring.change_settings({"library": {"path": str(tmp_path)}})
    assert (await house.configuring.settings()).library.path == str(tmp_path)


async def test_other_settings_may_change_while_the_library_is_away(tmp_path: Path) -> None:
    house = House()
    await house.change(library={"path": str(tmp_path / "unmounted")})
    await house.configuring.change_settings({"library": {"file_format": "{title}"}})
    assert (await house.configuring.settings()).library.file_format == "{title}"


async def test_the_library_may_be_unset() -> None:
    house = House()
    await house.change(library={"path": "/somewhere"})
    await house.configuring.change_settings({"library": {"path": ""}})
    assert (await house.configuring.settings()).library.path == ""


async def test_patterns_that_cannot_be_used_are_refused_by_their_place_in_the_list() -> None:
    house = House()
    rules = ["/a", "", {"value": r"(a)\1", "type": "regex"}, {"value": r"\.iso$", "type": "regex"}, {"value": "(a)\\1"}]
    with pytest.raises(Invalid) as refusal:
        await house.configuring.change_settings({"exclude_paths": rules, "library": {"path": "/nothing/there"}})
    assert set(refusal.value.fields) == {"exclude_paths.2.value", "library.path"}
    assert "backreferences cannot be used" in refusal.value.fields["exclude_paths.2.value"]
    assert (await house.configuring.settings()).thumbnails.exclude_paths == ()


async def test_other_settings_may_change_while_a_stored_pattern_cannot_be_used() -> None:
    house = House()
    await house.settings.save(Settings().changed({"exclude_paths": [{"value": "(", "type": "regex"}]}))
    await house.configuring.change_settings({"thumbnail_interval": 7})
    assert (await house.configuring.settings()).thumbnails.thumbnail_interval == 7
