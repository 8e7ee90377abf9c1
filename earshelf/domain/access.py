"""Credentials of the two HTTP surfaces."""

import hmac
from base64 import urlsafe_b64encode
from enum import StrEnum
from hashlib import sha256


class Credential(StrEnum):
    """The key of ``/api/v1`` and the operator token of ``/api``; neither opens the other's door."""

    API_KEY = "api_key"
    OPERATOR_TOKEN = "operator_token"  # noqa: S105 - the name of a credential, not one

    @property
    def words(self) -> str:
        """What people call it."""
        return "API key" if self is Credential.API_KEY else "operator token"


def spell_credential(entropy: bytes) -> str:
    """Spells random bytes as a credential that survives a URL and a double click."""
    return urlsafe_b64encode(entropy).rstrip(b"=").decode().replace("-", "0").replace("_", "1")


def matches(presented: str, expected: str) -> bool:
    """Compares two credentials in constant time, whatever their lengths."""
    return hmac.compare_digest(_digest(presented), _digest(expected))


def _digest(text: str) -> bytes:
    # HTTP servers hand over header bytes that are no UTF-8 as lone surrogates
    return sha256(text.encode(errors="surrogatepass")).digest()
