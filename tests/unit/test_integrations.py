"""What people fill in for a neighbour, and what becomes of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.errors import Invalid
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import KINDS, Integration, IntegrationDraft, IntegrationRole, configure
from earshelf.domain.paths import PathMapping
from earshelf.domain.setting_forms import MASK, SettingForm, feed_url, server_url

INDEXER, CLIENT, CONNECTOR = IntegrationRole.INDEXER, IntegrationRole.DOWNLOAD_CLIENT, IntegrationRole.CONNECTOR
COMPLETE: dict[str, dict[str, Any]] = {
    "torznab": {"url": "http://prowlarr:9696/1/api", "api_key": "hush", "categories": [3030]},
    "newznab": {"url": "https://indexer.example/api", "api_key": "hush", "categories": [3030]},
    "transmission": {"url": "http://box:9091", "username": "me", "password": "hush", "category": "books"},
    "qbittorrent": {"url": "http://box:8080", "username": "me", "password": "hush", "category": "books"},
    "audiobookshelf": {"server_url": "http://abs:13378", "api_key": "hush", "library_id": "lib_1"},
    "plex": {
        "server_url": "http://plex:32400",
        "token": "hush",
        "section_id": "2",
        "fallback_to_full_refresh": True,
    },
}
REQUIRED = {
    "torznab": {"url"},
    "newznab": {"url"},
    "transmission": {"url"},
    "qbittorrent": {"url"},
    "audiobookshelf": {"server_url", "api_key", "library_id"},
    "plex": {"server_url", "token", "section_id"},
}
ROLES = {kind: role for role, kinds in KINDS.items() for kind in kinds}
SETTINGS = [(kind, name) for kind, values in COMPLETE.items() for name in values]
SECRETS = [(kind, name) for kind, name in SETTINGS if COMPLETE[kind][name] == "hush"]


def draft(kind: str, **settings: Any) -> IntegrationDraft:
    values = {name: value for name, value in (COMPLETE[kind] | settings).items() if value is not ...}
    return IntegrationDraft(kind, "A Name", values)


def made(draft: IntegrationDraft, stored: Integration | None = None, **values: Any) -> Integration:
    return configure(draft, identifier=IntegrationId("ix_1"), role=ROLES[draft.kind], stored=stored, **values)


def problems(draft: IntegrationDraft, stored: Integration | None = None, **values: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        made(draft, stored, **values)
    assert "hush" not in refusal.value.message + str(refusal.value.fields)
    return dict(refusal.value.fields)


def test_every_kind_is_covered_here() -> None:
    assert set(ROLES) == set(COMPLETE)


@pytest.mark.parametrize("kind", COMPLETE)
def test_a_complete_draft_becomes_an_integration(kind: str) -> None:
    one = made(draft(kind))
    assert (one.role, one.kind, one.name, one.enabled, one.priority) == (ROLES[kind], kind, "A Name", True, 50)
    assert {**one.settings, **one.secrets}.keys() == COMPLETE[kind].keys()


@pytest.mark.parametrize("kind", COMPLETE)
def test_secrets_are_kept_apart_and_read_as_masks(kind: str) -> None:
    one = made(draft(kind))
    secret = {name for owner, name in SECRETS if owner == kind}
    assert one.secrets == dict.fromkeys(secret, "hush")
    assert not secret & one.settings.keys()
    assert one.masked_settings() == COMPLETE[kind] | dict.fromkeys(secret, MASK)


@pytest.mark.parametrize("kind", COMPLETE)
def test_no_secret_shows_in_a_repr(kind: str) -> None:
    assert "hush" not in repr(made(draft(kind))) + repr(draft(kind))


@pytest.mark.parametrize("kind", COMPLETE)
def test_what_is_shown_can_be_written_back_without_losing_a_secret(kind: str) -> None:
    stored = made(draft(kind))
    again = made(IntegrationDraft(kind, "A Name", stored.masked_settings()), stored)
    assert again == stored


@pytest.mark.parametrize(("kind", "name"), SECRETS)
def test_a_new_secret_replaces_the_stored_one(kind: str, name: str) -> None:
    assert made(draft(kind, **{name: "  new  "}), made(draft(kind))).secrets == {name: "new"}


@pytest.mark.parametrize(("kind", "name"), SECRETS)
@pytest.mark.parametrize("mask", [MASK, f"  {MASK} "])
def test_a_mask_without_anything_stored_is_refused(kind: str, name: str, mask: str) -> None:
    expected = {f"settings.{name}": "is masked, but nothing is stored; type it in"}
    assert problems(draft(kind, **{name: mask})) == expected


@pytest.mark.parametrize(("kind", "name"), SECRETS)
def test_a_padded_mask_is_a_mask_too(kind: str, name: str) -> None:
    assert made(draft(kind, **{name: f" {MASK} "}), made(draft(kind))).secrets == {name: "hush"}


@pytest.mark.parametrize(("kind", "name"), [one for one in SETTINGS if one not in SECRETS])
def test_a_mask_stands_for_secrets_only(kind: str, name: str) -> None:
    assert list(problems(draft(kind, **{name: MASK}), made(draft(kind)))) == [f"settings.{name}"]


def test_a_secret_of_another_kind_is_not_kept() -> None:
    stored = made(draft("transmission"))
    assert list(problems(draft("qbittorrent", password=MASK), stored)) == ["settings.password"]


@pytest.mark.parametrize(("kind", "name"), SECRETS)
@pytest.mark.parametrize("value", ["a\r\nX-Header: b", "a\0b", "a\x1bb"])
def test_a_secret_with_control_characters_is_refused(kind: str, name: str, value: str) -> None:
    assert list(problems(draft(kind, **{name: value}))) == [f"settings.{name}"]


@pytest.mark.parametrize("kind", COMPLETE)
@pytest.mark.parametrize("blank", [..., "", "   "])
def test_what_a_kind_needs_must_be_filled(kind: str, blank: Any) -> None:
    empty = draft(kind, **dict.fromkeys(REQUIRED[kind], blank))
    assert problems(empty) == {f"settings.{name}": "is required" for name in REQUIRED[kind]}


@pytest.mark.parametrize(("kind", "name"), [one for one in SETTINGS if one[1] not in REQUIRED[one[0]]])
@pytest.mark.parametrize("nothing", [..., None])
def test_what_a_kind_does_not_need_may_be_left_out(kind: str, name: str, nothing: Any) -> None:
    shown = made(draft(kind, **{name: nothing})).masked_settings()[name]
    assert shown == {"categories": [3030], "fallback_to_full_refresh": False}.get(name, "")


@pytest.mark.parametrize(("kind", "name"), SETTINGS)
@pytest.mark.parametrize("value", [5, ["x"], {"a": 1}, b"x"], ids=["number", "list", "object", "bytes"])
def test_a_value_of_the_wrong_type_is_refused_and_named(kind: str, name: str, value: Any) -> None:
    assert list(problems(draft(kind, **{name: value}))) == [f"settings.{name}"]


@pytest.mark.parametrize("kind", COMPLETE)
def test_unknown_settings_are_refused(kind: str) -> None:
    assert problems(draft(kind, colour="red")) == {"settings.colour": "is not a setting of this type"}


@pytest.mark.parametrize("role", IntegrationRole)
def test_unknown_kinds_are_refused_with_those_that_there_are(role: IntegrationRole) -> None:
    with pytest.raises(Invalid) as refusal:
        configure(IntegrationDraft("fax", "A", {}), identifier=IntegrationId("ix_1"), role=role)
    assert refusal.value.fields == {"type": f"must be one of {', '.join(KINDS[role])}"}


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_name_has_one_to_a_hundred_characters(name: str) -> None:
    assert list(problems(IntegrationDraft("plex", name, COMPLETE["plex"]))) == ["name"]
    assert made(IntegrationDraft("plex", f"  {'x' * 100} ", COMPLETE["plex"])).name == "x" * 100


@pytest.mark.parametrize(("priority", "accepted"), [(-1, False), (0, True), (100, True), (101, False)])
def test_a_priority_lies_between_zero_and_a_hundred(priority: int, accepted: bool) -> None:
    one = IntegrationDraft("torznab", "A", COMPLETE["torznab"], priority=priority)
    if accepted:
        assert made(one).priority == priority
    else:
        assert list(problems(one)) == ["priority"]


@pytest.mark.parametrize("kind", COMPLETE)
def test_path_mappings_are_taken_where_paths_are_exchanged(kind: str) -> None:
    mappings = [PathMapping("/remote", "/local")]
    one = IntegrationDraft(kind, "A", COMPLETE[kind], path_mappings=mappings)
    if kind in {"transmission", "qbittorrent", "plex"}:
        assert made(one).path_mappings == tuple(mappings)
    else:
        assert problems(one) == {"path_mappings": "this type takes none"}


def test_all_problems_are_told_at_once() -> None:
    bad = IntegrationDraft("plex", "", {"server_url": "nonsense", "colour": "red"}, priority=500)
    assert set(problems(bad)) == {
        "name",
        "priority",
        "settings.colour",
        "settings.server_url",
        "settings.token",
        "settings.section_id",
    }


@pytest.mark.parametrize(("kind", "target"), [("plex", "section_id"), ("audiobookshelf", "library_id")])
@pytest.mark.parametrize("value", [..., ""])
def test_the_target_may_be_missing_while_it_is_being_found_out(kind: str, target: str, value: Any) -> None:
    assert made(draft(kind, **{target: value}), without_target=True).settings[target] == ""


def test_the_version_of_the_stored_row_is_kept_for_storage() -> None:
    stored = made(draft("plex"))
    stored.version = 7
    assert made(draft("plex"), stored).version == 7
    assert made(draft("plex")).version == 0


@pytest.mark.parametrize("categories", [[], [3030, 3040], [0], (7000,)])
def test_categories_are_numbers(categories: Any) -> None:
    assert made(draft("torznab", categories=categories)).masked_settings()["categories"] == list(categories)


@pytest.mark.parametrize("categories", [["3030"], [-1], [True], [1.5], "3030", 3030, [10**6], list(range(51))])
def test_anything_else_is_no_category(categories: Any) -> None:
    assert list(problems(draft("torznab", categories=categories))) == ["settings.categories"]


def test_a_whole_category_may_be_spelled_with_a_point() -> None:
    shown = made(draft("torznab", categories=[3030.0, 7000])).masked_settings()["categories"]
    assert [repr(one) for one in shown] == ["3030", "7000"]


def test_a_secret_may_hold_any_character_but_controls() -> None:
    assert made(draft("plex", token="a\u00a0b\u200dc")).secrets["token"] == "a\u00a0b\u200dc"


def test_repeated_categories_count_once() -> None:
    assert made(draft("torznab", categories=[1, 2, 1])).settings["categories"] == (1, 2)


@pytest.mark.parametrize("role", IntegrationRole)
def test_every_role_has_identifiers_of_its_own(role: IntegrationRole) -> None:
    assert role.id_prefix == {"indexer": "ix", "download_client": "dc", "connector": "cn"}[role]


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("http://plex:32400", "http://plex:32400"),
        ("  http://plex:32400/  ".strip(), "http://plex:32400"),
        ("HTTP://Plex.Local:32400///", "http://plex.local:32400"),
        ("https://host/some/Path/", "https://host/some/Path"),
        ("http://192.168.1.2", "http://192.168.1.2"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://host/?", "http://host"),
    ],
)
def test_a_server_url_is_kept_without_its_trailing_slash(pasted: str, kept: str) -> None:
    assert server_url(pasted) == kept


BAD_URLS = [
    "",
    "plex:32400",
    "plex",
    "ftp://plex",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://",
    "http:///path",
    "http://host/#fragment",
    "http://host:99999",
    "http://host:0",
    "http://host:port",
    "http://[::1",
    "http://user:hush@host",
    "http://user@host",
    "http://ho st",
    "http://host/a b",
    "http://host\r\nX: y",
    "http://host/\x00",
]


@pytest.mark.parametrize("pasted", [*BAD_URLS, "http://host/?a=1"])
def test_what_is_no_plain_http_url_is_refused_without_repeating_it(pasted: str) -> None:
    with pytest.raises(ValueError, match=r"^must ") as refusal:
        server_url(pasted)
    assert "hush" not in str(refusal.value)


@given(st.text())
def test_any_text_is_a_server_url_or_refused(text: str) -> None:
    try:
        url = server_url(text)
    except ValueError:
        return
    assert server_url(url) == url


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("http://prowlarr:9696/1", "http://prowlarr:9696/1/api"),
        ("http://prowlarr:9696/1/", "http://prowlarr:9696/1/api"),
        ("http://prowlarr:9696/1/api", "http://prowlarr:9696/1/api"),
        ("http://prowlarr:9696/1/api/", "http://prowlarr:9696/1/api"),
        ("http://prowlarr:9696/1/api?apikey=hush&t=search", "http://prowlarr:9696/1/api"),
        (
            "http://jackett:9117/api/v2.0/indexers/x/results/torznab/",
            "http://jackett:9117/api/v2.0/indexers/x/results/torznab/api",
        ),
        (
            "http://jackett:9117/api/v2.0/indexers/x/results/torznab?t=caps",
            "http://jackett:9117/api/v2.0/indexers/x/results/torznab",
        ),
        ("https://indexer.example", "https://indexer.example/api"),
        ("https://indexer.example?apikey=hush", "https://indexer.example/api"),
        ("https://indexer.example/?apikey=hush", "https://indexer.example/api"),
        ("https://indexer.example/rss?r=hush", "https://indexer.example/rss"),
    ],
)
def test_a_feed_url_is_known_in_every_form_that_people_paste(pasted: str, kept: str) -> None:
    assert feed_url(pasted) == kept


@pytest.mark.parametrize("pasted", BAD_URLS)
def test_what_is_no_feed_url_is_refused_like_a_server_url(pasted: str) -> None:
    with pytest.raises(ValueError, match=r"^must "):
        feed_url(pasted)


@pytest.mark.parametrize("pasted", ["http://prowlarr:9696/1", "http://jackett/torznab?t=caps", "https://x/?apikey=k"])
def test_a_feed_url_as_it_is_shown_can_be_written_back(pasted: str) -> None:
    stored = made(draft("torznab", url=pasted))
    assert made(draft("torznab", url=stored.settings["url"]), stored).settings == stored.settings


PASTED = "http://prowlarr:9696/1/api?t=search&apikey=pasted"


@pytest.mark.parametrize("key", [..., "", None, MASK])
def test_the_key_in_a_pasted_feed_url_becomes_the_api_key(key: Any) -> None:
    one = made(draft("torznab", url=PASTED, api_key=key), made(draft("torznab")))
    assert (one.settings["url"], one.secrets) == ("http://prowlarr:9696/1/api", {"api_key": "pasted"})


def test_a_key_that_was_typed_in_wins_over_the_pasted_one() -> None:
    assert made(draft("torznab", url=PASTED, api_key="typed")).secrets == {"api_key": "typed"}


def test_a_feed_url_without_a_key_leaves_the_key_alone() -> None:
    one = made(draft("torznab", url="http://prowlarr:9696/1/api?t=search", api_key=...))
    assert one.secrets == {}


@pytest.mark.parametrize(("kind", "name"), [("plex", "server_url"), ("transmission", "url")])
def test_only_feeds_are_read_for_a_key(kind: str, name: str) -> None:
    assert list(problems(draft(kind, **{name: PASTED}))) == [f"settings.{name}"]


@pytest.mark.parametrize("kind", COMPLETE)
def test_secret_names_are_those_of_secret_form(kind: str) -> None:
    rules = KINDS[ROLES[kind]][kind]
    assert rules.secret_names == {rule.name for rule in rules.settings if rule.form is SettingForm.SECRET}
    assert {(kind, name) for name in rules.secret_names} <= set(SECRETS)
