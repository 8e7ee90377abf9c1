"""An indexer's own secrets are taken out of what it offers, and put back exactly."""

import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from earshelf.domain.ids import IntegrationId
from earshelf.domain.veiling import VeilTorn, is_veiled, unveil, unveiled, veil, veiled
from tests.contract.suites.makers import a_release, an_indexer

_KEYS = st.text(min_size=1, max_size=6)
_NAMES = st.sampled_from(["api_key", "password", "token"])
_SECRETS = st.dictionaries(_NAMES, st.one_of(_KEYS, st.sampled_from(["k/y +%", "żó", "{secret:", "secret", "aa"])))


@st.composite
def addresses(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """Texts with secrets in all spellings between other things, placeholders of somebody else among them."""
    secrets = draw(_SECRETS)
    spellings = [
        how(secret) for secret in secrets.values() for how in (str, _quoted, _quoted_plus, _quoted_low, str.upper)
    ]
    noise = st.one_of(st.text(max_size=4), st.sampled_from(["{secret:", "{secret:api_key}", "{sec", "}", "%", "%2"]))
    parts = st.one_of(noise, st.sampled_from(spellings)) if spellings else noise
    return "".join(draw(st.lists(parts, max_size=8))), secrets


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


def _quoted_plus(text: str) -> str:
    return quote_plus(text, errors="surrogatepass")


def _quoted_low(text: str) -> str:
    return re.sub("%..", lambda found: found.group().lower(), _quoted(text))


@given(addresses())
@example(("http://x/{secret:api_key}?k=hush", {"api_key": "hush"}))
@example(("%e2%82%AC%E2%82%ac", {"api_key": "€€"}))
def test_what_was_veiled_is_unveiled_exactly(case: tuple[str, dict[str, str]]) -> None:
    text, secrets = case
    assert unveil(veil(text, secrets), secrets) == text


@given(st.text(alphabet="ABcd09-_/+ =%€", min_size=8), st.text(alphabet="xyz&?", min_size=1, max_size=9))
def test_no_spelling_of_a_secret_is_left(secret: str, noise: str) -> None:
    spellings = [secret, _quoted(secret), _quoted_low(secret), _quoted_plus(secret), quote(secret)]
    hidden = veil(noise.join(spellings), {"api_key": secret})
    assert [spelling for spelling in spellings if spelling in hidden] == []


def test_a_plain_key_leaves_its_name_behind() -> None:
    assert veil("http://x/dl?apikey=hush&id=1", {"api_key": "hush"}) == "http://x/dl?apikey={secret:api_key}&id=1"


def test_a_longer_secret_wins_over_one_that_it_holds() -> None:
    assert veil("k=hushhush", {"api_key": "hush", "token": "hushhush"}) == "k={secret:token}"


def test_what_only_looks_like_a_placeholder_does_not_draw_a_secret() -> None:
    hidden = veil("http://evil.example/{secret:api_key}", {"api_key": "hush"})
    assert not is_veiled(hidden)
    assert "hush" not in unveil(hidden, {"api_key": "hush"})


@pytest.mark.parametrize("secrets", [{}, {"api_key": ""}, {"password": "hush"}])
def test_a_text_cannot_be_unveiled_without_its_secret(secrets: dict[str, str]) -> None:
    with pytest.raises(VeilTorn, match="api_key"):
        unveil("http://x/?k={secret:api_key}", secrets)


def test_a_release_is_veiled_in_address_and_guid_and_remembers_its_indexer() -> None:
    indexer = an_indexer(secrets={"api_key": "hush"})
    release = a_release(download_url="http://x/dl/1?k=hush", guid="http://x/1?k=hush", indexer_id=None)
    hidden = veiled(release, indexer)
    assert (hidden.download_url, hidden.guid) == ("http://x/dl/1?k={secret:api_key}", "http://x/1?k={secret:api_key}")
    assert hidden.indexer_id == indexer.id
    shown = unveiled(hidden, indexer.secrets)
    assert (shown.download_url, shown.guid) == (release.download_url, release.guid)


def test_a_release_without_the_secret_stays_as_it_is() -> None:
    release = a_release(guid=None, indexer_id=IntegrationId("ix_other"))
    assert veiled(release, an_indexer(secrets={"api_key": "sesame"})) is release
