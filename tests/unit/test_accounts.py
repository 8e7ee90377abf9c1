"""Signing in with a PIN, and what is known of a token."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.accounts import (
    Account,
    AccountProvider,
    Holder,
    Pin,
    SignIn,
    SignInPurpose,
    SignInState,
    TokenState,
    owner_of,
    spell_client_id,
)
from earshelf.domain.errors import CredentialsRejected, NotFound

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LINK, ENTER = SignInPurpose.LINK, SignInPurpose.ENTER
MARTA = Holder("40217731", "marta_k", "marta@example.net")
VALID, REVOKED, UNREACHABLE = TokenState


def a_sign_in(secret: str = "mine", purpose: SignInPurpose = LINK, minutes: float = 30) -> SignIn:
    return SignIn("1738204417", owner_of(purpose, secret), purpose, NOON + timedelta(minutes=minutes))


def an_account() -> Account:
    account = Account(AccountProvider.PLEX, spell_client_id(bytes(16)))
    account.link(MARTA, "tok-user", NOON)
    return account


@given(maker=st.text(), other=st.text(), made=st.sampled_from(SignInPurpose), asked=st.sampled_from(SignInPurpose))
def test_a_pin_is_there_for_its_maker_only(maker: str, other: str, made: SignInPurpose, asked: SignInPurpose) -> None:
    sign_in = a_sign_in(maker, made)
    sign_in.require_owner({made: owner_of(made, maker)})
    if (other, asked) != (maker, made):
        with pytest.raises(NotFound):
            sign_in.require_owner({asked: owner_of(asked, other)})


def test_a_session_cannot_pass_for_a_token_of_the_same_spelling() -> None:
    assert owner_of(LINK, "x") != owner_of(ENTER, "x")
    with pytest.raises(NotFound, match="No PIN has the id"):
        a_sign_in("x", LINK).require_owner({ENTER: owner_of(ENTER, "x")})
    with pytest.raises(NotFound):
        a_sign_in().require_owner({})


def test_an_approved_pin_opens_the_door_once_and_for_the_account_that_approved_it() -> None:
    sign_in = a_sign_in("mine", ENTER)
    assert not sign_in.enter(MARTA)
    sign_in.approve(MARTA)
    assert sign_in.enter(MARTA)
    assert sign_in.state is SignInState.ENTERED
    assert not sign_in.enter(MARTA)


@pytest.mark.parametrize("linked", [None, Holder("998877", "tom")])
def test_a_pin_whose_account_is_not_the_linked_one_any_more_is_refused_for_good(linked: Holder | None) -> None:
    sign_in = a_sign_in("mine", ENTER)
    sign_in.approve(MARTA)
    assert not sign_in.enter(linked)
    assert sign_in.state is SignInState.REFUSED
    assert not sign_in.enter(MARTA)


def test_a_pin_that_links_opens_no_door() -> None:
    sign_in = a_sign_in("mine", LINK)
    sign_in.approve(MARTA)
    assert not sign_in.enter(MARTA)
    assert sign_in.state is SignInState.APPROVED


def test_the_maker_is_asked_at_once_then_every_two_seconds_and_at_last_every_five() -> None:
    sign_in, now, pauses = a_sign_in(), NOON, []
    while sign_in.is_open(now):
        assert sign_in.is_due(now)
        sign_in.ask(now)
        assert not sign_in.is_due(now + sign_in.pace - timedelta(milliseconds=1))
        pauses.append(sign_in.pace.total_seconds())
        now += sign_in.pace
    assert pauses[0] == 2
    assert pauses[-1] == 5
    assert pauses == sorted(pauses)


def test_a_clock_that_is_put_back_keeps_no_pin_waiting() -> None:
    sign_in = a_sign_in()
    sign_in.ask(NOON)
    earlier = NOON - timedelta(hours=1)
    assert sign_in.is_due(earlier)
    sign_in.ask(earlier)
    assert not sign_in.is_due(earlier + timedelta(seconds=1))
    assert sign_in.is_due(earlier + timedelta(seconds=2))


@given(asks=st.integers(0, 10_000))
def test_between_two_questions_lie_two_to_five_seconds(asks: int) -> None:
    sign_in = a_sign_in()
    sign_in.asks = asks
    assert timedelta(seconds=2) <= sign_in.pace <= timedelta(seconds=5)


def test_nobody_is_asked_after_a_pin_whose_time_is_over() -> None:
    sign_in = a_sign_in(minutes=1)
    assert not sign_in.expire(NOON + timedelta(seconds=59))
    late = NOON + timedelta(minutes=1)
    assert not sign_in.is_due(late)
    assert sign_in.expire(late)
    assert sign_in.state is SignInState.EXPIRED
    assert not sign_in.expire(late)


@pytest.mark.parametrize("first", [SignInState.APPROVED, SignInState.REFUSED, SignInState.EXPIRED])
def test_what_has_ended_stays_as_it_ended(first: SignInState) -> None:
    sign_in = a_sign_in()
    sign_in.settle(first)
    for later in SignInState:
        sign_in.settle(later)
        assert sign_in.state is first
    assert not sign_in.is_due(NOON)


@given(looks=st.lists(st.sampled_from(TokenState)))
def test_only_a_token_that_works_ends_a_revocation(looks: list[TokenState]) -> None:
    state = VALID
    for seen in looks:
        before, state = state, state.after(seen)
        assert state is seen or (before is REVOKED and seen is UNREACHABLE and state is REVOKED)


def test_an_account_keeps_its_name_through_linking_and_unlinking() -> None:
    account = an_account()
    name = account.client_id
    account.see(REVOKED, NOON)
    account.link(Holder("2", "tom"), "tok-other", NOON)
    assert (account.client_id, account.token_state, account.token) == (name, VALID, "tok-other")
    account.unlink()
    assert (account.client_id, account.is_linked, account.token) == (name, False, "")


def test_a_lost_token_is_not_used_and_a_new_one_ends_the_loss() -> None:
    account = an_account()
    account.secrets_lost = True
    with pytest.raises(CredentialsRejected, match="sign in again"):
        account.usable_token()
    account.link(MARTA, "tok-new", NOON)
    assert account.usable_token() == "tok-new"


def test_tokens_codes_and_owners_stay_out_of_every_repr() -> None:
    pin = Pin("1", "the-code", "https://page/#?code=the-code", NOON)
    told = f"{an_account()} {a_sign_in()} {pin}"
    assert "tok-user" not in told
    assert "the-code" not in told
    assert owner_of(LINK, "mine") not in told


@given(st.binary(min_size=16, max_size=16))
def test_an_installations_name_is_a_random_uuid(entropy: bytes) -> None:
    assert UUID(spell_client_id(entropy)).version == 4
