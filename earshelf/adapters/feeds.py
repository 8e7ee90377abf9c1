"""Torznab and Newznab answers: RSS with extra attributes, read without trusting a byte of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from earshelf.domain.errors import TorrentInvalid
from earshelf.domain.ids import IntegrationId
from earshelf.domain.releases import Protocol, Release
from earshelf.domain.torrents import read_magnet
from earshelf.domain.wording import language_name
from earshelf.ports.indexers import Offer

_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_LARGEST = 2**53
_SEPARATORS = re.compile(r"[,/|;]")


class NoFeed(ValueError):
    """The body is no answer of this protocol."""


class FeedError(Exception):
    """The indexer said no, with a code of the protocol where it gave one."""

    def __init__(self, code: int | None, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description

    @property
    def is_about_credentials(self) -> bool:
        """Whether key or account are wrong; the protocol reserves 100 to 102 for that."""
        return self.code is not None and 100 <= self.code <= 102


@dataclass(frozen=True, slots=True)
class FeedSource:
    """Where a feed came from: relative links are resolved against ``url``."""

    url: str
    protocol: Protocol
    indexer_id: IntegrationId | None = None


def read_xml(body: bytes) -> Element:
    """Parses an answer, whatever its content type says; control characters that XML forbids are dropped.

    :raises FeedError: it is the protocol's error document.
    :raises NoFeed: it is no XML, or XML that tries to blow up. Nothing else is ever raised.
    """
    # some indexers put a blank line or a byte-order mark before the declaration
    text = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text.startswith(_UTF16_MARKS):
        text = text.translate(None, _CONTROLS)
    try:
        root: Element = fromstring(text)
    except (ParseError, DefusedXmlException, LookupError, ValueError):
        raise NoFeed from None
    if _local(root) == "error":
        raise FeedError(_count(root.get("code")), (root.get("description") or "no reason given").strip())
    return root


def parse_name(body: bytes) -> str | None:
    """Reads what an indexer calls itself in the answer about its abilities."""
    root = read_xml(body)
    if _local(root) != "caps":
        raise NoFeed
    server = next((child for child in root if _local(child) == "server"), None)
    return _clean(server.get("title")) if server is not None else None


def parse_offers(body: bytes, source: FeedSource) -> list[Offer]:
    """Reads the offers of a search in their order; those without title or usable link are left out."""
    root = read_xml(body)
    if _local(root) not in {"rss", "channel"}:
        raise NoFeed
    items = (element for element in root.iter() if _local(element) == "item")
    return [offer for item in items if (offer := _offer(item, source)) is not None]


def _offer(item: Element, source: FeedSource) -> Offer | None:
    title = _clean(_child_text(item, "title"))
    attributes = _attributes(item)
    is_torrent = source.protocol is Protocol.TORRENT
    info_hash = _info_hash(attributes.get("infohash")) if is_torrent else None
    url = _url(item, attributes, source, info_hash)
    if not title or url is None:
        return None
    release = Release(
        download_url=url,
        title=title,
        protocol=source.protocol,
        guid=_clean(_child_text(item, "guid")) or _clean(attributes.get("guid")),
        info_hash=info_hash or (_magnet_hash(url) if is_torrent else None),
        indexer_id=source.indexer_id,
        size=_size(item, attributes),
        seeders=_count(attributes.get("seeders")) if is_torrent else None,
        is_freeleech=is_torrent and _is_zero(attributes.get("downloadvolumefactor")),
    )
    return Offer(
        release=release,
        grabs=_count(attributes.get("grabs")),
        language=language_name(_SEPARATORS.split(attributes.get("language", ""))[0]),
        author=_clean(attributes.get("author")),
        narrator=_clean(attributes.get("narrator")),
        published_at=_moment(_child_text(item, "pubDate")),
    )


def _url(item: Element, attributes: dict[str, str], source: FeedSource, info_hash: str | None) -> str | None:
    links = [_enclosure(item, "url"), _child_text(item, "link")]
    if source.protocol is Protocol.TORRENT:
        links.append(attributes.get("magneturl"))
        links.append(f"magnet:?xt=urn:btih:{info_hash}" if info_hash else None)
    usable = (_resolved(link.strip(), source) for link in links if link and link.strip())
    return next((url for url in usable if url), None)


def _resolved(link: str, source: FeedSource) -> str | None:
    try:
        url = urljoin(source.url, link)
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme == "magnet":
        return url if source.protocol is Protocol.TORRENT and _magnet_hash(url) else None
    is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    return url if is_web or parts.scheme == "data" else None


def _size(item: Element, attributes: dict[str, str]) -> int | None:
    sizes = (attributes.get("size"), _child_text(item, "size"), _enclosure(item, "length"))
    # no release has no bytes: a zero is how some indexers say that they do not know
    return next((size for text in sizes if (size := _count(text))), None)


def _attributes(item: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in item:
        name, value = (child.get("name") or "").strip().lower(), (child.get("value") or "").strip()
        if _local(child) == "attr" and name and value:
            found.setdefault(name, value)
    return found


def _enclosure(item: Element, name: str) -> str | None:
    return next((child.get(name) for child in item if _local(child) == "enclosure"), None)


def _children(item: Element, name: str) -> Iterator[str]:
    return ("".join(child.itertext()) for child in item if _local(child) == name)


def _child_text(item: Element, name: str) -> str | None:
    return next((text for text in _children(item, name) if text.strip()), None)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _clean(text: str | None) -> str | None:
    return " ".join((text or "").split()) or None


def _count(text: str | None) -> int | None:
    digits = (text or "").strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 16):
        return None
    number = int(digits)
    return number if number < _LARGEST else None


def _is_zero(text: str | None) -> bool:
    try:
        return text is not None and float(text) == 0
    except ValueError:
        return False


def _info_hash(text: str | None) -> str | None:
    return _magnet_hash(f"magnet:?xt=urn:btih:{text.strip()}") if text else None


def _magnet_hash(url: str) -> str | None:
    try:
        return read_magnet(url).info_hash
    except TorrentInvalid:
        return None


def _moment(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime((text or "").strip())
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
