"""Release tokens: whole, ours, and nothing else."""

import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.errors import TokenInvalid
from earshelf.domain.ids import IntegrationId
from earshelf.domain.releases import Protocol, Release, ReleaseSigner

KEY = b"k" * 32
SIGNER = ReleaseSigner(KEY)
PLAIN = Release("https://tracker.example/dl?passkey=hush", "A Book", Protocol.TORRENT, guid="g-1")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
optional_texts = st.none() | texts
counts = st.none() | st.integers(min_value=0)
releases = st.builds(
    Release,
    download_url=texts,
    title=texts,
    protocol=st.sampled_from(Protocol),
    guid=optional_texts,
    info_hash=optional_texts,
    indexer_id=st.none() | texts.map(IntegrationId),
    size=counts,
    seeders=counts,
    is_freeleech=st.booleans(),
)


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(payload: bytes, key: bytes = KEY) -> str:
    """A token as somebody with the key would make it, whatever the payload."""
    body = encoded(payload)
    signature = hmac.digest(hmac.digest(key, b"grab-token", "sha256"), body.encode(), "sha256")
    return f"{body}.{encoded(signature)}"


def payload(**changes: Any) -> bytes:
    fields = {"downloadUrl": "http://x", "title": "A Book", "protocol": "torrent", **changes}
    return json.dumps({name: value for name, value in fields.items() if value is not ...}).encode()


def refused(token: str, signer: ReleaseSigner = SIGNER) -> bool:
    with pytest.raises(TokenInvalid):
        signer.verify(token)
    return True


@given(releases)
def test_a_signed_release_comes_back_as_it_was(release: Release) -> None:
    assert SIGNER.verify(SIGNER.sign(release)) == release


@given(releases)
def test_the_same_release_always_has_the_same_token(release: Release) -> None:
    assert SIGNER.sign(release) == ReleaseSigner(KEY).sign(release)


@given(releases, releases)
def test_different_releases_have_different_tokens(one: Release, other: Release) -> None:
    assert (SIGNER.sign(one) == SIGNER.sign(other)) == (one == other)


@given(releases)
def test_a_token_is_made_of_characters_that_survive_a_url(release: Release) -> None:
    body, dot, signature = SIGNER.sign(release).partition(".")
    assert dot
    assert set(body + signature) <= set(ALPHABET)
    assert len(signature) == 43


@given(releases, st.data())
def test_one_other_character_anywhere_is_refused(release: Release, data: st.DataObject) -> None:
    token = SIGNER.sign(release)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from(ALPHABET + ".=+/ é").filter(lambda char: char != token[place]))
    assert refused(token[:place] + other + token[place + 1 :])


def test_every_single_flip_of_one_token_is_refused() -> None:
    token = SIGNER.sign(PLAIN)
    for place, char in enumerate(token):
        for other in ALPHABET:
            assert other == char or refused(token[:place] + other + token[place + 1 :])


@given(releases, st.data())
def test_a_cut_token_is_refused(release: Release, data: st.DataObject) -> None:
    token = SIGNER.sign(release)
    assert refused(token[: data.draw(st.integers(0, len(token) - 1))])


@given(releases, releases)
def test_the_body_of_another_token_is_refused(one: Release, other: Release) -> None:
    body = SIGNER.sign(one).partition(".")[0]
    signature = SIGNER.sign(other).partition(".")[2]
    assert one == other or refused(f"{body}.{signature}")


@given(releases, st.binary(min_size=1))
def test_a_token_of_another_key_is_refused(release: Release, key: bytes) -> None:
    assert key == KEY or refused(ReleaseSigner(key).sign(release))


@given(st.text(max_size=200))
def test_any_other_text_is_refused_and_nothing_else_happens(text: str) -> None:
    assert refused(text)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "aGVsbG8", ".sig", "body.", "a b.c", "é.é", "\ud800.a", SIGNER.sign(PLAIN) + "="]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    assert refused(token)


def test_a_token_with_a_part_too_many_is_refused() -> None:
    assert refused(SIGNER.sign(PLAIN) + ".x")


def test_a_payload_of_text_and_numbers_alone_is_read() -> None:
    assert SIGNER.verify(signed(payload(size=5))) == Release("http://x", "A Book", Protocol.TORRENT, size=5)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"5",
        b"{}",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        payload(title=...),
        payload(downloadUrl=...),
        payload(protocol=...),
        payload(title=5),
        payload(title=None),
        payload(downloadUrl=["http://x"]),
        payload(downloadUrl={"a": 1}),
        payload(protocol="pigeon"),
        payload(protocol=["torrent"]),
        payload(guid=5),
        payload(guid=None),
        payload(infoHash=True),
        payload(indexerId=3),
        payload(size="5"),
        payload(size=5.5),
        payload(size=True),
        payload(seeders=[1]),
        payload(isFreeleech="yes"),
        payload(isFreeleech=1),
        payload(bookId="bk_1"),
    ],
)
def test_a_signed_payload_that_is_no_release_is_refused(body: bytes) -> None:
    assert refused(signed(body))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
NAMES = ["downloadUrl", "title", "protocol", "guid", "infoHash", "indexerId", "size", "seeders", "isFreeleech", "x"]


@given(json_values | st.dictionaries(st.sampled_from(NAMES), json_values))
def test_whatever_is_signed_is_a_release_or_refused(value: Any) -> None:
    try:
        release = SIGNER.verify(signed(json.dumps(value).encode()))
    except TokenInvalid:
        return
    assert SIGNER.verify(SIGNER.sign(release)) == release


def test_a_signer_needs_a_key() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        ReleaseSigner(b"")


def test_neither_key_nor_passkey_shows_in_a_repr() -> None:
    secret = Release("https://x/?passkey=hush", "A Book", Protocol.TORRENT, guid="https://x/dl?passkey=hush")
    assert "hush" not in repr(secret)
    assert "kkk" not in repr(SIGNER)


@pytest.mark.parametrize(
    ("release", "identity"),
    [
        (Release("u", "t", Protocol.TORRENT, "g", "H", IntegrationId("ix_1")), "guid:ix_1:g"),
        (Release("u", "t", Protocol.TORRENT, "g", "H"), "guid::g"),
        (Release("u", "t", Protocol.TORRENT, None, "ABC", IntegrationId("ix_1")), "hash:abc"),
        (Release("u", "t", Protocol.TORRENT, "", "", IntegrationId("ix_1")), "url:u"),
    ],
)
def test_a_release_is_known_by_guid_else_hash_else_url(release: Release, identity: str) -> None:
    assert release.identity == identity
