"""What a person types in for a media server, and what becomes of it."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.accounts import TokenState
from earshelf.domain.errors import CredentialsRejected, Invalid
from earshelf.domain.ids import ServerId
from earshelf.domain.server_drafts import ScheduleDraft, ServerDraft, base_of, draw_up, split_address
from earshelf.domain.servers import (
    KINDS,
    AuthMethod,
    MediaServer,
    ServerDescription,
    ServerKind,
    identity_problem,
    move_notice,
)
from earshelf.domain.sync_schedules import SyncEvery, SyncSchedule

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ID = ServerId("sv_1")
TOKEN = AuthMethod.TOKEN
DRAFT = ServerDraft("plex", "Attic", "http://192.168.10.4:32400", token="tok-srv")
PARAMETER = KINDS[ServerKind.PLEX].token_parameter
OWN_PATHS = KINDS[ServerKind.PLEX].own_paths
HERE = ServerDescription("machine-1", "Attic", "1.43.4", "Linux")


def stored(**values: Any) -> MediaServer:
    server = MediaServer(ID, ServerKind.PLEX, "Attic", "http://192.168.10.4:32400", TOKEN, "tok-srv", version=3)
    server.meet(HERE, NOON)
    return replace(server, **values)


def drawn(**values: Any) -> MediaServer:
    return draw_up(replace(DRAFT, **values), identifier=ID).server


def fields_of(before: MediaServer | None = None, **values: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        draw_up(replace(DRAFT, **values), identifier=ID, stored=before)
    return dict(caught.value.fields)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("  http://192.168.10.4:32400//  ", "http://192.168.10.4:32400"),
        ("https://Plex.Example/plex/", "https://plex.example/plex"),
        ("HTTP://box:32400", "http://box:32400"),
        ("http://[fd00::4]:32400/", "http://[fd00::4]:32400"),
    ],
)
def test_an_address_is_normalised_and_keeps_a_proxys_prefix(typed: str, url: str) -> None:
    assert drawn(url=typed).url == url


@pytest.mark.parametrize(
    "typed",
    ["box:32400", "ftp://box", "http://", "http://me:pw@box", "http://box/#!/server", "http://box?x=1", "http://b ox",
     "http://box:99999", "http://box?X-Plex-Token="],
)  # fmt: skip
def test_what_is_no_address_of_a_server_is_refused_by_its_field(typed: str) -> None:
    assert fields_of(url=typed).keys() == {"url"}


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://a.plex.direct:32400/library/metadata/7?checkFiles=1&X-Plex-Token=pa%2Dsted", "https://a.plex.direct:32400"),
        ("http://box:32400/?x-plex-token=pa-sted#!/", "http://box:32400"),
        ("https://home.example/plex/library/sections?X-Plex-Token=pa-sted", "https://home.example/plex"),
    ],
)  # fmt: skip
def test_a_pasted_address_is_split_into_address_and_token(typed: str, url: str) -> None:
    made = draw_up(replace(DRAFT, url=typed, token="********"), identifier=ID)
    assert (made.server.url, made.server.token, made.is_retyped) == (url, "pa-sted", True)


@given(token=st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="&=#%+;"), min_size=1))
def test_whatever_the_token_it_is_found_and_leaves_the_address(token: str) -> None:
    address, found = split_address(f"http://box/library?a=b&{PARAMETER}={token}&c=d", token_parameter=PARAMETER)
    assert (address, found) == ("http://box/library", token)


@given(st.lists(st.sampled_from(["plex", "media", "a", "library", "web", "identity"]), max_size=5))
def test_a_base_never_holds_one_of_the_servers_own_paths(segments: list[str]) -> None:
    base = base_of("/".join(["http://box", *segments]), OWN_PATHS)
    kept = base.removeprefix("http://box").split("/")[1:]
    assert kept == segments[: len(kept)]
    assert not OWN_PATHS.intersection(kept)
    assert base_of(base, OWN_PATHS) == base


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "kodi"}, "type"),
        ({"method": "password"}, "auth.method"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"url": " "}, "url"),
        ({"token": ""}, "auth.token"),
        ({"token": None}, "auth.token"),
        ({"token": "****"}, "auth.token"),
        ({"token": "a b"}, "auth.token"),
        ({"token": "a\r\nX: y"}, "auth.token"),
        ({"token": "tök"}, "auth.token"),
        ({"method": "account", "url": ""}, "machine_id"),
    ],
)
def test_what_cannot_work_is_refused_by_its_field(values: dict[str, Any], field: str) -> None:
    assert fields_of(**values).keys() == {field}


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert fields_of(name="", url="box", token="").keys() == {"name", "url", "auth.token"}


@pytest.mark.parametrize("mask", ["********", "****", " ******** ", None])
def test_a_mask_keeps_the_stored_token_and_what_is_known_of_it(mask: str | None) -> None:
    before = stored(token_state=TokenState.REVOKED)
    made = draw_up(replace(DRAFT, name="New", token=mask), identifier=ID, stored=before)
    assert not made.is_retyped
    assert made.server == replace(before, name="New")


def test_a_lost_token_stays_lost_behind_a_mask_and_ends_with_a_new_one() -> None:
    lost = stored(token="", secrets_lost=True)
    masked = draw_up(replace(DRAFT, token="********"), identifier=ID, stored=lost).server
    with pytest.raises(CredentialsRejected):
        masked.usable_token()
    assert draw_up(DRAFT, identifier=ID, stored=lost).server.usable_token() == "tok-srv"


def test_a_new_token_forgets_that_the_old_one_was_revoked() -> None:
    made = draw_up(replace(DRAFT, token="tok-new"), identifier=ID, stored=stored(token_state=TokenState.REVOKED))
    assert (made.server.token_state, made.server.machine_id) == (TokenState.VALID, "machine-1")


def test_a_server_of_the_account_needs_neither_address_nor_token() -> None:
    made = drawn(method="account", url="", token=None, machine_id="machine-1")
    assert (made.url, made.token, made.machine_id) == ("", "", "machine-1")
    kept = draw_up(replace(DRAFT, method="account", url="", token=None), identifier=ID, stored=stored()).server
    assert kept.url == "http://192.168.10.4:32400"


def test_another_machine_is_explained_and_a_new_server_may_be_anyone() -> None:
    assert identity_problem(stored(), "machine-1") is None
    assert identity_problem(stored(machine_id=None), "anyone") is None
    told = identity_problem(stored(), "machine-2")
    assert told is not None
    assert "'machine-2'" in told
    assert "type the token in again" in told


def test_what_became_of_a_known_server_is_told() -> None:
    assert move_notice(stored(), stored()) is None
    moved = move_notice(stored(), stored(url="http://10.0.0.1:32400"))
    assert moved is not None
    assert "from http://192.168.10.4:32400 to http://10.0.0.1:32400" in moved
    assert "set up anew" in (move_notice(stored(), stored(machine_id="machine-2")) or "")


def test_tokens_stay_out_of_reprs() -> None:
    assert "tok-srv" not in f"{stored()} {DRAFT}"
    assert "tok-srv" not in repr(replace(DRAFT, url="http://box/?X-Plex-Token=tok-srv"))


def test_a_schedule_is_taken_kept_and_checked() -> None:
    weekly = SyncSchedule(SyncEvery.WEEKLY, time(23, 45))
    assert drawn().schedule == SyncSchedule()
    assert drawn(schedule=ScheduleDraft("weekly", "23:45")).schedule == weekly
    kept = draw_up(DRAFT, identifier=ID, stored=stored(schedule=weekly)).server
    assert kept.schedule == weekly
    assert [drawn(preferred=wish).preferred for wish in (None, False, True)] == [False, False, True]
    chosen = stored(preferred=True)
    kept, changed = (
        draw_up(replace(DRAFT, preferred=wish), identifier=ID, stored=chosen).server for wish in (None, False)
    )
    assert (kept.preferred, changed.preferred) == (True, False)
    assert set(fields_of(schedule=ScheduleDraft("hourly", "24:00"))) == {"sync.every", "sync.at"}
