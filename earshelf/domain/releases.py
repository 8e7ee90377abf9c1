"""Releases as indexers offer them, and the signed tokens that stand for them outside.

A token is ``base64url(JSON) . base64url(HMAC-SHA256)``, both unpadded. It carries all that a grab needs, cannot be
forged, is the same for the same release every time, is bound to no book and does not expire.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any

from earshelf.domain.errors import TokenInvalid
from earshelf.domain.ids import IntegrationId

_LABEL = b"grab-token"


class Protocol(StrEnum):
    """How a release travels."""

    TORRENT = "torrent"
    USENET = "usenet"


@dataclass(frozen=True, slots=True)
class Release:
    """One offer of one indexer.

    ``size`` is in bytes; None means that the indexer did not say, never zero. ``download_url`` and ``guid`` may hold a
    passkey: they never leave the server except inside the signed token. An empty ``download_url`` stands for one that
    was stored under a key that is gone.
    """

    download_url: str = field(repr=False)
    title: str
    protocol: Protocol
    guid: str | None = field(default=None, repr=False)
    info_hash: str | None = None
    indexer_id: IntegrationId | None = None
    size: int | None = None
    seeders: int | None = None
    is_freeleech: bool = False

    @property
    def identity(self) -> str:
        """What makes two offers the same release: guid with indexer, else info hash, else URL."""
        if self.guid:
            return f"guid:{self.indexer_id or ''}:{self.guid}"
        if self.info_hash:
            return f"hash:{self.info_hash.lower()}"
        return f"url:{self.download_url}"


class ReleaseSigner:
    """Signs releases with a key derived from the installation's secret key.

    ``key`` may have any length but zero; 32 random bytes are what an installation has.
    """

    def __init__(self, key: bytes) -> None:
        if not key:
            raise ValueError("a release signer needs a key")
        self._key = hmac.digest(key, _LABEL, "sha256")

    def __repr__(self) -> str:
        return "ReleaseSigner(key=…)"

    def sign(self, release: Release) -> str:
        """Spells a release as a token; the same release always gives the same token."""
        body = _encode(json.dumps(_to_wire(release), separators=(",", ":"), ensure_ascii=False).encode())
        return f"{body}.{self._signature(body)}"

    def verify(self, token: str) -> Release:
        """Reads a token back.

        :raises TokenInvalid: it is malformed, altered, or signed with another key. Nothing else is ever raised.
        """
        body, dot, signature = token.partition(".")
        if not (body and dot and signature and token.isascii()):
            raise TokenInvalid
        if not hmac.compare_digest(_digest(signature), _digest(self._signature(body))):
            raise TokenInvalid
        try:
            return _from_wire(json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4))))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
            raise TokenInvalid from problem

    def _signature(self, body: str) -> str:
        return _encode(hmac.digest(self._key, body.encode(), "sha256"))


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()


def _to_wire(release: Release) -> dict[str, Any]:
    fields = {
        "downloadUrl": release.download_url,
        "title": release.title,
        "protocol": release.protocol.value,
        "guid": release.guid,
        "infoHash": release.info_hash,
        "indexerId": release.indexer_id,
        "size": release.size,
        "seeders": release.seeders,
        "isFreeleech": release.is_freeleech or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


_TYPES: Mapping[str, type] = {
    "downloadUrl": str,
    "title": str,
    "protocol": str,
    "guid": str,
    "infoHash": str,
    "indexerId": str,
    "size": int,
    "seeders": int,
    "isFreeleech": bool,
}


def _from_wire(fields: Mapping[str, Any]) -> Release:
    # an older or newer version may have signed other things with the same key
    if any(type(value) is not _TYPES.get(name) for name, value in fields.items()):
        raise TypeError("a release has other fields")
    return Release(
        download_url=fields["downloadUrl"],
        title=fields["title"],
        protocol=Protocol(fields["protocol"]),
        guid=fields.get("guid"),
        info_hash=fields.get("infoHash"),
        indexer_id=fields.get("indexerId"),
        size=fields.get("size"),
        seeders=fields.get("seeders"),
        is_freeleech=fields.get("isFreeleech", False),
    )
