"""Torrent files and magnet links: what they are called, how large they are and which info hash names them.

The info hash is always 40 lower-case hex digits: SHA-1 of the ``info`` dictionary as it stands in the file, or, for a
torrent that is version 2 only, the first 20 bytes of its SHA-256, which is what clients report for it.
"""

import re
from base64 import b32decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from itertools import islice
from operator import itemgetter
from typing import TypeAlias
from urllib.parse import unquote_plus

from earshelf.domain.bencode import Bencoded, Decoded, decode, encode
from earshelf.domain.errors import TorrentInvalid

DEFAULT_PIECE_LENGTH = 256 * 1024

_MAX_MAGNET_LENGTH = 64 * 1024
_SHA1_BYTES = 20
_MAX_FILES = 50_000
_MAX_PATH_LENGTH = 4096
# What a signed 64-bit column holds.
_MAX_SIZE = 2**63 - 1
_HEX_HASH = re.compile(r"[0-9a-f]{40}")
_BASE32_HASH = re.compile(r"[a-z2-7]{32}")
# The multihash prefix says: SHA-256, 32 bytes.
_SHA256_HASH = re.compile(r"1220([0-9a-f]{64})")

_Info: TypeAlias = Mapping[bytes, Bencoded]


@dataclass(frozen=True, slots=True)
class TorrentFile:
    """A sound torrent file.

    ``data`` is the whole file as it came; it may hold a passkey and stays out of the repr. ``size`` counts the bytes
    of all files without padding. ``files`` are paths below the download folder as the torrent spells them: judge each
    with :func:`earshelf.domain.paths.safe_relative` before use.
    """

    data: bytes = field(repr=False)
    info_hash: str
    name: str
    size: int
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Magnet:
    """A magnet link with a usable hash; the link may hold a passkey and stays out of the repr."""

    uri: str = field(repr=False)
    info_hash: str
    name: str | None = None


def read_torrent(data: bytes) -> TorrentFile:
    """Reads a torrent file of version 1, version 2 or both; a hybrid goes by its version 1 hash.

    :raises TorrentInvalid: the bytes are no bencoded torrent, or too large or too deep to be one. Nothing else is
        ever raised.
    """
    decoded = decode(data)
    info = decoded.value.get(b"info") if isinstance(decoded.value, dict) else None
    if not isinstance(info, dict):
        raise TorrentInvalid("The torrent file has no info dictionary; the tracker sent something else")
    name = _name(info)
    files = list(islice(_files(info, name), _MAX_FILES + 1))
    size = sum(length for _, length in files)
    if not files or len(files) > _MAX_FILES or size > _MAX_SIZE:
        raise TorrentInvalid(f"The torrent file lists no file, more than {_MAX_FILES} or impossibly large ones")
    return TorrentFile(data, _info_hash(info, decoded), name, size, tuple(path for path, _ in files))


def read_magnet(uri: str) -> Magnet:
    """Reads a magnet link; version 1 hashes go before version 2.

    :raises TorrentInvalid: it is no magnet link, or none of its topics is a BitTorrent hash.
    """
    scheme, _, query = uri.strip().partition("?")
    if scheme.casefold() != "magnet:" or len(uri) > _MAX_MAGNET_LENGTH:
        raise TorrentInvalid("This is no magnet link")
    fields = [(name.casefold(), unquote_plus(value)) for name, _, value in map(_halves, query.split("&"))]
    topics = [value.strip().casefold() for name, value in fields if name == "xt" or name.startswith("xt.")]
    hashes = [found for found in map(_topic_hash, topics) if found]
    if not hashes:
        raise TorrentInvalid("The magnet link has no info hash")
    title = next((value for name, value in fields if name == "dn" and value.strip()), None)
    return Magnet(uri.strip(), min(hashes, key=itemgetter(0))[1], title)


def make_torrent(
    name: str,
    files: Sequence[tuple[str, bytes]],
    announce: str,
    *,
    piece_length: int = DEFAULT_PIECE_LENGTH,
    private: bool = False,
) -> bytes:
    """Makes a version 1 torrent file of (path, content) pairs; the same input gives the same bytes.

    A single pair whose path is ``name`` becomes a single-file torrent; else paths lie below a folder ``name``.
    """
    content = b"".join(data for _, data in files)
    pieces = [content[start : start + piece_length] for start in range(0, len(content), piece_length)]
    info: dict[str, object] = {
        "name": name,
        "piece length": piece_length,
        "pieces": b"".join(sha1(piece, usedforsecurity=False).digest() for piece in pieces),
    }
    if private:
        info["private"] = 1
    if len(files) == 1 and files[0][0] == name:
        info["length"] = len(content)
    else:
        info["files"] = [{"length": len(data), "path": path.split("/")} for path, data in files]
    return encode({"announce": announce, "info": info})


def _halves(pair: str) -> tuple[str, str, str]:
    return pair.partition("=")


def _topic_hash(topic: str) -> tuple[int, str] | None:
    """The version and hash that a magnet's topic stands for."""
    kind, _, spelling = topic.rpartition(":")
    if kind == "urn:btih" and _HEX_HASH.fullmatch(spelling):
        return 1, spelling
    if kind == "urn:btih" and _BASE32_HASH.fullmatch(spelling):
        return 1, b32decode(spelling.upper()).hex()
    if kind == "urn:btmh" and (found := _SHA256_HASH.fullmatch(spelling)):
        return 2, found.group(1)[:40]
    return None


def _info_hash(info: _Info, decoded: Decoded) -> str:
    start, end = decoded.spans[b"info"]
    raw = decoded.data[start:end]
    if b"pieces" in info:
        return sha1(raw, usedforsecurity=False).hexdigest()
    return sha256(raw).hexdigest()[:40]


def _name(info: _Info) -> str:
    name = _joined([_text(info.get(b"name.utf-8", info.get(b"name", b"")))])
    if not name.strip():
        raise TorrentInvalid("The torrent file does not say what it is called")
    return name


def _files(info: _Info, name: str) -> Iterator[tuple[str, int]]:
    """Paths with their bytes, in the torrent's order."""
    pieces, files = info.get(b"pieces"), info.get(b"files")
    if pieces is None:
        return _tree_files(info, name)
    if not isinstance(pieces, bytes) or len(pieces) % _SHA1_BYTES:
        raise TorrentInvalid("The torrent file's piece hashes are cut off")
    if isinstance(files, list):
        return (_listed(entry, name) for entry in files if not _is_padding(entry))
    return iter([(name, _count(info.get(b"length")))])


def _listed(entry: Bencoded, name: str) -> tuple[str, int]:
    path = entry.get(b"path.utf-8", entry.get(b"path")) if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(path, list) or not path:
        raise TorrentInvalid("The torrent file lists a file without a path")
    return _joined([name, *map(_text, path)]), _count(entry.get(b"length"))


def _is_padding(entry: Bencoded) -> bool:
    """Hybrid torrents fill their pieces up with files that clients never write."""
    attributes = entry.get(b"attr") if isinstance(entry, dict) else None
    return isinstance(attributes, bytes) and b"p" in attributes


def _tree_files(info: _Info, name: str) -> Iterator[tuple[str, int]]:
    """The files of version 2; a tree of one file that has the torrent's name stands without a folder."""
    tree = info.get(b"file tree")
    if not isinstance(tree, dict):
        raise TorrentInvalid("The torrent file has neither pieces nor a file tree")
    only = next(iter(tree.items())) if len(tree) == 1 else None
    if only and _text(only[0]) == name and isinstance(only[1], dict) and b"" in only[1]:
        return _leaves(tree, "")
    return _leaves(tree, name)


def _leaves(node: Bencoded, path: str) -> Iterator[tuple[str, int]]:
    """Folders hold names; a file is the one dictionary under the empty name. Decoding has limited the depth."""
    if not isinstance(node, dict):
        raise TorrentInvalid("The torrent file's file tree is broken")
    if b"" in node:
        leaf = node[b""]
        yield path, _count(leaf.get(b"length") if isinstance(leaf, dict) else None)
        return
    for key, child in node.items():
        yield from _leaves(child, _joined([path, _text(key)] if path else [_text(key)]))


def _joined(parts: Iterable[str]) -> str:
    path = "/".join(parts)
    if len(path) > _MAX_PATH_LENGTH:
        raise TorrentInvalid(f"The torrent file has a path of more than {_MAX_PATH_LENGTH} characters")
    return path


def _count(value: Bencoded | None) -> int:
    if not isinstance(value, int) or value < 0:
        raise TorrentInvalid("The torrent file does not say how large its files are")
    return value


def _text(name: Bencoded) -> str:
    if not isinstance(name, bytes):
        raise TorrentInvalid("The torrent file has a name that is no text")
    return name.decode(errors="replace")
