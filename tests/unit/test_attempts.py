"""How often somebody without a credential may try."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.attempts import Attempts, Standing
from earshelf.domain.errors import TooManyAttempts

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WINDOW = timedelta(minutes=15)


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_the_eleventh_try_in_a_quarter_of_an_hour_has_to_wait_for_the_first_to_age() -> None:
    attempts = Attempts(most=10, window=WINDOW)
    for number in range(10):
        attempts.count("10.0.0.1", later(number))
    with pytest.raises(TooManyAttempts) as caught:
        attempts.count("10.0.0.1", later(60))
    assert caught.value.retry_after == 840
    attempts.count("10.0.0.2", later(60))
    attempts.count("10.0.0.1", later(900))


def test_a_caller_is_told_what_is_left_and_when_the_next_attempt_comes_back() -> None:
    attempts = Attempts(most=3, window=WINDOW)
    assert attempts.standing("me", NOON) == Standing(3, 3, NOON + WINDOW)
    attempts.count("me", NOON)
    attempts.count("me", later(5))
    assert attempts.standing("me", later(10)) == Standing(3, 1, NOON + WINDOW)
    assert attempts.standing("me", NOON + WINDOW) == Standing(3, 2, later(5) + WINDOW)
    assert attempts.standing("you", later(10)).left == 3


@given(st.lists(st.floats(0, 5000, allow_nan=False)).map(sorted))
def test_no_window_ever_holds_more_than_is_allowed(times: list[float]) -> None:
    attempts, let_in, waits = Attempts(most=3, window=WINDOW), [], []
    for seconds in times:
        try:
            attempts.count("me", later(seconds))
            let_in.append(seconds)
        except TooManyAttempts as problem:
            waits.append(problem.retry_after)
    assert all(1 <= wait <= 900 for wait in waits)
    assert all(late - early >= 900 for early, late in zip(let_in, let_in[3:], strict=False))


def test_looking_does_not_count() -> None:
    attempts = Attempts(most=1, window=WINDOW)
    for _ in range(5):
        attempts.require("me", NOON)
    attempts.count("me", NOON)
    with pytest.raises(TooManyAttempts):
        attempts.require("me", NOON)


def test_a_clock_that_was_set_back_shuts_nobody_out() -> None:
    attempts = Attempts(most=2, window=WINDOW)
    for _ in range(2):
        attempts.count("a", NOON + timedelta(days=400))
    assert attempts.standing("a", NOON).left == 2
    attempts.count("a", NOON)
    assert attempts.standing("a", NOON).left == 1
