"""Bencode, the encoding of torrent files, read strictly and within limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TypeAlias

from earshelf.domain.errors import TorrentInvalid

Bencoded: TypeAlias = int | bytes | list["Bencoded"] | dict[bytes, "Bencoded"]

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64
MAX_VALUES = 1_000_000

_DIGITS = frozenset(b"0123456789")
_MAX_INTEGER_DIGITS = 20
_MAX_LENGTH_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded value; ``spans`` says where in ``data`` each value of the outermost dictionary stands."""

    value: Bencoded
    data: bytes = field(repr=False)
    spans: Mapping[bytes, tuple[int, int]]


def decode(data: bytes) -> Decoded:
    """Reads exactly one bencoded value.

    Numbers have one spelling only and no key stands twice in a dictionary. Keys out of order are let through: torrents
    with them are about and every client takes them.

    :raises TorrentInvalid: anything else, including data behind the value, more than 16 MiB, more than 64 levels or
        more than a million values.
    """
    if len(data) > MAX_BYTES:
        raise TorrentInvalid(f"A torrent file has at most {MAX_BYTES} bytes")
    reader = _Reader(data)
    value = reader.value(depth=0)
    if reader.position != len(data):
        raise _broken(reader.position)
    return Decoded(value, data, reader.spans)


def encode(value: object) -> bytes:
    """Writes whole numbers, bytes, text (as UTF-8), sequences and mappings, with keys in order.

    :raises TypeError: a value is of another type, a boolean or None included, or a key is neither text nor bytes.
    """
    parts: list[bytes] = []
    _write(value, parts)
    return b"".join(parts)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._values = 0
        self.position = 0
        self.spans: dict[bytes, tuple[int, int]] = {}

    def value(self, *, depth: int) -> Bencoded:
        self._values += 1
        if depth > MAX_DEPTH or self._values > MAX_VALUES:
            raise TorrentInvalid("The torrent file is nested too deep or holds too many values")
        match self._data[self.position : self.position + 1]:
            case b"i":
                self.position += 1
                return self._number(b"e", _MAX_INTEGER_DIGITS, signed=True)
            case b"l":
                self.position += 1
                return self._list(depth)
            case b"d":
                self.position += 1
                return self._dictionary(depth)
            case _:
                return self._text()

    def _list(self, depth: int) -> list[Bencoded]:
        found = []
        while not self._ended():
            found.append(self.value(depth=depth + 1))
        return found

    def _dictionary(self, depth: int) -> dict[bytes, Bencoded]:
        found: dict[bytes, Bencoded] = {}
        while not self._ended():
            key = self._text()
            if key in found:
                raise _broken(self.position)
            start = self.position
            found[key] = self.value(depth=depth + 1)
            if depth == 0:
                self.spans[key] = (start, self.position)
        return found

    def _ended(self) -> bool:
        if self._data[self.position : self.position + 1] != b"e":
            return False
        self.position += 1
        return True

    def _text(self) -> bytes:
        length = self._number(b":", _MAX_LENGTH_DIGITS, signed=False)
        text = self._data[self.position : self.position + length]
        if len(text) != length:
            raise _broken(len(self._data))
        self.position += length
        return text

    def _number(self, ending: bytes, most_digits: int, *, signed: bool) -> int:
        """Reads up to the ending; ``-0`` and leading zeros are other spellings and refused."""
        end = self._data.find(ending, self.position, self.position + most_digits + 2)
        spelling = self._data[self.position : end] if end >= 0 else b""
        digits = spelling[1:] if signed and spelling[:1] == b"-" else spelling
        if not digits or not _DIGITS.issuperset(digits) or (digits[:1] == b"0" and spelling != b"0"):
            raise _broken(self.position)
        self.position = end + 1
        return int(spelling)


def _write(value: object, parts: list[bytes]) -> None:
    match value:
        case bool():
            raise TypeError("bencode has no booleans; write 0 or 1")
        case int():
            parts.append(b"i%de" % value)
        case bytes() | bytearray() | str():
            text = _bytes(value)
            parts += [b"%d:" % len(text), text]
        case Mapping():
            parts.append(b"d")
            for key, each in sorted(((_bytes(key), each) for key, each in value.items()), key=itemgetter(0)):
                _write(key, parts)
                _write(each, parts)
            parts.append(b"e")
        case Sequence():
            parts.append(b"l")
            for each in value:
                _write(each, parts)
            parts.append(b"e")
        case _:
            raise TypeError(f"bencode has no {type(value).__name__}")


def _bytes(text: object) -> bytes:
    if isinstance(text, str):
        return text.encode()
    if isinstance(text, bytes | bytearray):
        return bytes(text)
    raise TypeError(f"a bencoded key is text or bytes, not {type(text).__name__}")


def _broken(position: int) -> TorrentInvalid:
    return TorrentInvalid(f"The torrent file is damaged at byte {position}; the tracker may have sent something else")
