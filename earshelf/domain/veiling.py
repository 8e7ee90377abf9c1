"""Taking a neighbour's secrets out of a text, so that it may leave the house, and putting them back in.

What an indexer offers is addressed with its own API key. A veiled address names the secret in the key's place, as
``{secret:api_key}``; where the address spelled it with percent signs, marks behind the name say which characters.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from earshelf.domain.integrations import Integration
from earshelf.domain.releases import Release

_OPENING = "{secret:"
# what looked like a placeholder before anything was veiled
_LITERAL = "{secret:}"
_PLACEHOLDER = re.compile(r"\{secret:(?P<name>[a-z_]*)(?::(?P<marks>[^{}:]*))?\}")
_PLAIN, _PLUS = ".", "p"


class VeilTorn(LookupError):
    """A text names a secret that is not known, or spells it in a way that does not fit."""


def veil(text: str, secrets: Mapping[str, str]) -> str:
    """Returns the text with a placeholder for every secret in it, plain or percent-encoded; empty ones are none."""
    known = {name: value for name, value in secrets.items() if value}
    longest_first = sorted(known, key=lambda name: (-len(known[name]), name))
    spellings = [f"(?P<{name}>{''.join(map(_any_spelling, known[name]))})" for name in longest_first]

    def placeholder(found: re.Match[str]) -> str:
        name = found.lastgroup
        if name is None:
            return _LITERAL
        marks = _marks(found.group(), known[name])
        return f"{_OPENING}{name}}}" if set(marks) == {_PLAIN} else f"{_OPENING}{name}:{marks}}}"

    return re.sub("|".join((re.escape(_OPENING), *spellings)), placeholder, text)


def unveil(text: str, secrets: Mapping[str, str]) -> str:
    """Returns the text that was veiled, exactly.

    :raises VeilTorn: it names a secret that is not among these.
    """

    def spelled(found: re.Match[str]) -> str:
        if not found["name"]:
            return _OPENING
        secret = secrets.get(found["name"])
        if not secret:
            raise VeilTorn(found["name"])
        return _spelled(secret, found["marks"] or _PLAIN * len(secret))

    return _PLACEHOLDER.sub(spelled, text)


def is_veiled(text: str) -> bool:
    """Whether it takes a secret to read the text."""
    return any(found["name"] for found in _PLACEHOLDER.finditer(text))


def veiled(release: Release, indexer: Integration) -> Release:
    """Returns an indexer's release without the indexer's own secrets, and with the indexer, who can put them back."""
    url = veil(release.download_url, indexer.secrets)
    guid = release.guid and veil(release.guid, indexer.secrets)
    if (url, guid) == (release.download_url, release.guid):
        return release
    return replace(release, download_url=url, guid=guid, indexer_id=indexer.id)


def unveiled(release: Release, secrets: Mapping[str, str]) -> Release:
    """Returns a release as its indexer offered it.

    :raises VeilTorn: it names a secret that is not among these.
    """
    guid = release.guid and unveil(release.guid, secrets)
    return replace(release, download_url=unveil(release.download_url, secrets), guid=guid)


def _any_spelling(char: str) -> str:
    spellings = [re.escape(char), f"(?i:{_encoded(char)})", *([r"\+"] if char == " " else [])]
    return f"(?:{'|'.join(spellings)})"


def _encoded(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def _marks(occurrence: str, secret: str) -> str:
    """Says of each character how it was spelled: plain, as a plus, or as bytes, each digit with its case."""
    pieces = re.fullmatch("".join(f"({_any_spelling(char)})" for char in secret), occurrence)
    return "".join(map(_mark, pieces.groups(), secret)) if pieces else ""


def _mark(piece: str, char: str) -> str:
    if piece in (char, "+"):
        return _PLAIN if piece == char else _PLUS
    return "".join("%" if sign == "%" else "ul"[sign.islower()] for sign in piece)


def _spelled(secret: str, marks: str) -> str:
    pieces = []
    for char in secret:
        encoded = _encoded(char)
        mark = marks[:1] if marks[:1] in (_PLAIN, _PLUS) else marks[: len(encoded)]
        marks = marks[len(mark) :]
        pieces.append(_piece(char, encoded, mark))
    return "".join(pieces)


def _piece(char: str, encoded: str, mark: str) -> str:
    if mark in (_PLAIN, _PLUS):
        return char if mark == _PLAIN else "+"
    return "".join(
        sign.lower() if case == "l" else sign for sign, case in zip(encoded, mark.ljust(len(encoded)), strict=True)
    )
