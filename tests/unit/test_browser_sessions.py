"""For how long a browser's session stands for the operator's token, and what is stored of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.browser_sessions import BrowserSession, SessionSeal, Way

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def seen(after: timedelta = timedelta()) -> BrowserSession:
    return BrowserSession("id", "bond", NOON, NOON + after)


@pytest.mark.parametrize(
    ("session", "ends_after"),
    [(seen(), 7 * DAY), (seen(3 * DAY), 10 * DAY), (seen(23 * DAY), 30 * DAY), (seen(29 * DAY), 30 * DAY)],
)
def test_a_session_ends_after_a_week_of_silence_and_after_a_month_in_any_case(
    session: BrowserSession, ends_after: timedelta
) -> None:
    assert session.ends_at == NOON + ends_after
    assert session.is_alive(session.ends_at - timedelta(seconds=1))
    assert not session.is_alive(session.ends_at)


def test_a_session_of_a_clock_that_was_years_ahead_is_none() -> None:
    assert seen().is_alive(NOON - timedelta(minutes=59))
    assert not seen().is_alive(NOON - timedelta(minutes=61))


def test_a_browser_that_comes_back_is_noted_once_an_hour() -> None:
    assert not seen().is_worth_noting(NOON + timedelta(minutes=59))
    assert seen().is_worth_noting(NOON + timedelta(minutes=60))


def test_a_session_without_an_account_began_with_the_token() -> None:
    assert seen().way is Way.TOKEN
    assert BrowserSession("id", "bond", NOON, NOON, "40217731").way is Way.ACCOUNT


@given(secret=st.text(min_size=20), token=st.text(min_size=20), key=st.binary())
def test_what_is_stored_holds_neither_secret_nor_token(secret: str, token: str, key: bytes) -> None:
    stored = SessionSeal(key).name(secret), SessionSeal(key).bond(secret, token)
    assert stored[0] != stored[1]
    for text in stored:
        assert len(bytes.fromhex(text)) == 32
        assert secret not in text
        assert token not in text


def test_secret_key_and_token_each_make_another_session() -> None:
    assert len({SessionSeal(key).name(secret) for key in (b"", b"k") for secret in ("a", "b")}) == 4
    assert len({SessionSeal().bond(secret, token) for secret in ("a", "b") for token in ("x", "y")}) == 4
    assert SessionSeal(b"k").bond("a", "x") == SessionSeal().bond("a", "x")


def test_neither_key_nor_digests_are_shown() -> None:
    assert "hush" not in repr(SessionSeal(b"hush"))
    assert "hush" not in repr(BrowserSession("hush", "hush", NOON, NOON))
