"""Identifiers that say their kind and nothing else."""

import re
from base64 import urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.ids import IdPrefix, opaque_id

SIXTEEN = st.binary(min_size=16, max_size=16)


@given(st.sampled_from(IdPrefix), SIXTEEN)
def test_an_identifier_is_its_prefix_and_22_url_safe_characters(prefix: IdPrefix, entropy: bytes) -> None:
    assert re.fullmatch(rf"{prefix}_[A-Za-z0-9_-]{{22}}", opaque_id(prefix, entropy))


@given(st.sampled_from(IdPrefix), SIXTEEN)
def test_no_entropy_is_lost(prefix: IdPrefix, entropy: bytes) -> None:
    assert urlsafe_b64decode(opaque_id(prefix, entropy)[3:] + "==") == entropy


@pytest.mark.parametrize("count", [0, 15, 17, 32])
def test_any_other_amount_of_entropy_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"16 bytes of entropy, not {count}"):
        opaque_id(IdPrefix.BOOK, bytes(count))


def test_prefixes_are_two_letters_and_distinct() -> None:
    assert {"bk", "au", "nr", "sr", "dl"} <= {str(prefix) for prefix in IdPrefix}
    assert all(re.fullmatch("[a-z]{2}", prefix) for prefix in IdPrefix)
