"""How dates, shares and JSON are spelled on the wire."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from earshelf.entrypoints.answers import encoded, percent, plain, spelled_date
from earshelf.entrypoints.paging import flattened, is_speakable


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 6, 22, 14, 30, tzinfo=UTC), "2026-06-22T14:30:00.000Z"),
        (datetime(2026, 6, 22, 14, 30, 1, 999_999, tzinfo=UTC), "2026-06-22T14:30:01.999Z"),
        (datetime(2026, 6, 22, 1, tzinfo=timezone(timedelta(hours=2))), "2026-06-21T23:00:00.000Z"),
    ],
)
def test_dates_are_utc_with_milliseconds(moment: datetime, text: str) -> None:
    assert spelled_date(moment) == text


@pytest.mark.parametrize(
    ("fraction", "spelled"),
    [(0.0, "0"), (1.0, "100"), (0.5, "50"), (0.4217, "42.2"), (0.9999, "100"), (1.2, "100"), (-0.1, "0"), (1, "100")],
)
def test_a_share_runs_from_0_to_100(fraction: float, spelled: str) -> None:
    assert str(percent(fraction)) == spelled


def test_whole_numbers_have_no_decimal_point() -> None:
    assert [str(plain(number)) for number in (1.0, 1.5, 0.0, 3)] == ["1", "1.5", "0", "3"]


def test_json_is_compact_utf8_and_survives_half_a_surrogate_pair() -> None:
    assert encoded({"a": ["ü", None, True]}) == '{"a":["ü",null,true]}'.encode()
    assert encoded(["\ud83d"]) == b'["?"]'


def test_a_number_that_json_does_not_have_is_unknown() -> None:
    assert encoded({"progress": float("nan")}) == b'{"progress":null}'


@pytest.mark.parametrize(("text", "speakable"), [("", True), ("Ü📚", True), ("\0", False), ("a\ud800", False)])
def test_text_is_what_databases_can_hold(text: str, speakable: bool) -> None:
    assert is_speakable(text) is speakable


def test_nested_messages_are_flattened_by_dotted_path() -> None:
    messages = {"items": {0: {"asin": ["Too long.", "Blank."], "_schema": ["Either or."]}}, "_schema": ["No."]}
    assert flattened(messages) == {"items.0.asin": "Too long. Blank.", "items.0": "Either or.", "_schema": "No."}
