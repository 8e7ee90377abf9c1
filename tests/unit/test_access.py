"""Credentials: spelled for URLs, compared without telling how wrong they are."""

from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.access import matches, spell_credential


@given(st.binary(min_size=16, max_size=64))
def test_a_credential_survives_a_url_and_a_double_click(entropy: bytes) -> None:
    spelled = spell_credential(entropy)
    assert spelled.isascii()
    assert spelled.isalnum()
    assert len(spelled) >= len(entropy)


@given(st.text())
def test_a_credential_matches_itself(text: str) -> None:
    assert matches(text, text)


@given(st.text(), st.text())
def test_two_texts_match_only_when_they_are_equal(one: str, other: str) -> None:
    assert matches(one, other) == (one == other)


def test_bytes_that_are_no_text_are_a_wrong_credential_and_not_a_fault() -> None:
    presented = b"key\xff\xfe".decode(errors="surrogateescape")
    assert not matches(presented, "key")
