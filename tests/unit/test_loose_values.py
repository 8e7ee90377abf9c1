"""Numbers, flags and texts as servers write them."""

import pytest

from earshelf.domain.loose_values import loose_bool, loose_float, loose_int, loose_text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (8, 8),
        ("8", 8),
        (" 8 ", 8),
        ("8.0", 8),
        ("-8", -8),
        (23.976, 23),
        (True, 1),
        ("12345678901234567890", 12345678901234567890),
        (10**400, 10**400),
        ("", None),
        ("eight", None),
        ("nan", None),
        (float("inf"), None),
        ("9" * 5000, None),
        (None, None),
        ([8], None),
        ({}, None),
    ],
)
def test_a_whole_number_may_be_written_in_many_ways(value: object, expected: int | None) -> None:
    assert loose_int(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(7.5, 7.5), ("7.5", 7.5), (7, 7.0), ("1e400", None), (10**400, None), ("", None), (None, None), ([], None)],
)
def test_a_number_is_finite_or_absent(value: object, expected: float | None) -> None:
    assert loose_float(value) == expected


@pytest.mark.parametrize("value", [True, 1, 1.0, "1", "true", "TRUE", " True ", "1.0"])
def test_a_flag_is_set_in_many_ways(value: object) -> None:
    assert loose_bool(value)


@pytest.mark.parametrize("value", [False, 0, "0", "false", "", "no", 2, None, [], {}, [1]])
def test_any_other_flag_is_not_set(value: object) -> None:
    assert not loose_bool(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(" hevc ", "hevc"), (1080, "1080"), (2.5, "2.5"), (True, ""), (None, ""), ([], ""), ({"a": 1}, "")],
)
def test_a_text_is_what_is_written(value: object, expected: str) -> None:
    assert loose_text(value) == expected
