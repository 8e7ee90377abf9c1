"""Fetching what stands behind a release: magnet links and torrent files, wherever an indexer points.

The addresses come from outside, so that only public ones are dialled, judged hop by hop and at the moment of
connecting; configured indexers are the exception. No credential goes along on any hop.
"""

import base64
import binascii
from collections.abc import Collection
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

from earshelf.adapters.http import Answer, HttpClient
from earshelf.domain.errors import IntegrationError, IntegrationKind, ReleaseUnavailable, TimedOut, TorrentInvalid
from earshelf.domain.releases import Protocol, Release
from earshelf.domain.torrents import Magnet, TorrentFile, read_magnet, read_torrent
from earshelf.ports.indexers import Artifact, UsenetLink

_TIMEOUT = 30.0
_MAX_BYTES = 10 * 1024 * 1024
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SENT_AS_IS = "!#$%&'()*+,/:;=?@[]~"


class Trackers:
    """Follows download URLs; ``max_bytes`` bounds a torrent file."""

    def __init__(self, http: HttpClient, *, timeout: float = _TIMEOUT, max_bytes: int = _MAX_BYTES) -> None:
        self._http = http
        self._timeout = timeout
        self._max_bytes = max_bytes

    async def fetch(self, release: Release, *, trusted_hosts: Collection[str]) -> Artifact:
        """Reads magnet links and embedded files at once; fetches torrents, and leaves NZBs to the client."""
        url = release.download_url.strip()
        if release.protocol is Protocol.USENET:
            return _usenet(url, release)
        trusted = frozenset(host.lower() for host in trusted_hosts)
        for _ in range(_MOST_REDIRECTS + 1):
            match _scheme(url):
                case "magnet":
                    return _magnet(url, release)
                case "data":
                    return _torrent(_embedded(url, release), release)
            answer = await self._get(url, release, trusted)
            if answer.status not in _REDIRECTS:
                return _torrent(answer.body, release)
            url = _next(url, answer, release)
        raise _unavailable(release, f"redirects more than {_MOST_REDIRECTS} times")

    async def _get(self, url: str, release: Release, trusted: frozenset[str]) -> Answer:
        authority = _authority(url)
        if authority is None:
            raise _unavailable(release, "its download link is neither a web address nor a magnet link")
        neighbour = self._http.neighbour(
            kind=IntegrationKind.INDEXER,
            name=_name(release),
            base_url="",
            timeout=self._timeout,
            max_bytes=self._max_bytes,
            public_only=authority not in trusted,
        )
        address = quote(url.partition("#")[0], safe=_SENT_AS_IS)
        try:
            return await neighbour.request("GET", address, passing=_REDIRECTS)
        except TimedOut:
            raise
        except IntegrationError as trouble:
            raise _unavailable(release, trouble.reason) from None


def _usenet(url: str, release: Release) -> UsenetLink:
    if _scheme(url) != "data" and _authority(url) is None:
        raise _unavailable(release, "its download link is no web address")
    return UsenetLink(url)


def _magnet(url: str, release: Release) -> Magnet:
    try:
        return read_magnet(url)
    except TorrentInvalid:
        raise _unavailable(release, "its magnet link has no usable hash") from None


def _torrent(body: bytes, release: Release) -> TorrentFile:
    try:
        return read_torrent(body)
    except TorrentInvalid:
        raise _unavailable(release, _what_came(body)) from None


def _what_came(body: bytes) -> str:
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if not start:
        return "answered with nothing instead of a torrent"
    what = "a page" if start == b"<" else "something else"
    return f"answered with {what} instead of a torrent; its key or cookie may have run out"


def _embedded(url: str, release: Release) -> bytes:
    header, comma, payload = url.partition(",")
    data = unquote_to_bytes(payload)
    try:
        if not comma:
            raise ValueError
        return base64.b64decode(data, validate=True) if header.lower().endswith(";base64") else data
    except (ValueError, binascii.Error):
        raise _unavailable(release, "its embedded torrent is damaged") from None


def _next(url: str, answer: Answer, release: Release) -> str:
    location = answer.headers.get("Location", "").strip()
    try:
        if not location:
            raise ValueError
        return urljoin(url, location)
    except ValueError:
        raise _unavailable(release, "redirects to nowhere") from None


def _scheme(url: str) -> str:
    return url.partition(":")[0].lower()


def _authority(url: str) -> str | None:
    """Host and port as trusted hosts are spelled, None for what is no web address."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    return f"{parts.hostname}:{port}" if parts.hostname else None


def _name(release: Release) -> str:
    return f"Tracker of '{release.title}'"


def _unavailable(release: Release, reason: str) -> ReleaseUnavailable:
    return ReleaseUnavailable(IntegrationKind.INDEXER, _name(release), reason)
