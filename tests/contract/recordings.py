"""Cassettes of real programs: how they are played, and how they are made fit to be seen before they are written."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, quote_plus, unquote

import pytest
import vcr
from vcr.serializers import yamlserializer

from tests.contract.suites.download_clients import GARBAGE, LONELY, SEEDED

CASSETTES = Path(__file__).parent / "cassettes"

# what stands in a cassette instead of what was really there
URL = "http://127.0.0.1"
FOLDER = "/srv"
USERNAME = "librarian"
PASSWORD = "password-of-the-recording"
WRONG_PASSWORD = "wrong-password"
SESSION = "session-of-the-recording"

_MATCH_ON = ("method", "path", "query", "body")
_SESSION_HEADERS = frozenset({"x-transmission-session-id", "cookie", "set-cookie"})
_CREDENTIAL_HEADERS = frozenset({"authorization"})
_DROPPED_HEADERS = frozenset({"date", "referer", "content-length", "content-encoding", "user-agent"})
_KNOWN = frozenset(b64encode(torrent.data).decode() for torrent in (SEEDED, LONELY, GARBAGE))
_TOKEN = re.compile(r"[A-Za-z0-9+_-]{20,}")
_PRIVATE_PATH = re.compile(r"/(?:tmp|home|root|Users|var/folders)/")
_CREDENTIALS = re.compile(r"\b(?:Basic|Bearer) +(?!realm=)\S+")
_PASSWORD_FIELD = re.compile(r"""(?i)\b(?:pass(?:word)?|api_?key|token|secret)\b\s*[=:"']+\s*([^\s"'&,}]+)""")


class StillSecret(Exception):
    """Something in a cassette looks like a secret even after cleaning; nothing was written."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where a test finds the client, real or played, and how long it waits between two looks."""

    url: str
    username: str
    password: str
    seconds_between_looks: float


class Taping(Protocol):
    """Stands in for the player while cassettes are recorded."""

    def taping(self, product: str, name: str, folder: Path) -> AbstractAsyncContextManager[Conversation]:
        """Runs the real program for one test and records what is said."""
        ...


RECORDER = pytest.StashKey[Taping]()


@contextmanager
def playing(path: Path) -> Iterator[Conversation]:
    """Plays a cassette; whatever is asked must be on it, and all that is on it must be asked for."""
    with vcr.VCR(record_mode="none", match_on=_MATCH_ON).use_cassette(str(path)) as cassette:
        yield Conversation(URL, USERNAME, PASSWORD, 0)
    assert cassette.all_played, f"{path.name} holds more than the test asked for; record it again"


@contextmanager
def recording(path: Path, replacements: Mapping[str, str]) -> Iterator[None]:
    """Records a cassette, with every key of ``replacements`` replaced wherever it stands.

    :raises StillSecret: what is left looks like a secret.
    """
    recorder = vcr.VCR(record_mode="all", serializer="clean")
    recorder.register_serializer("clean", CleanYaml(replacements))
    with recorder.use_cassette(str(path)):
        yield


class CleanYaml:
    """Writes the cassette format of the player, without anything that is nobody's business."""

    def __init__(self, replacements: Mapping[str, str]) -> None:
        self._replacements = dict(replacements)

    def deserialize(self, text: str) -> Any:
        """Reads a cassette as it is."""
        return yamlserializer.deserialize(text)

    def serialize(self, cassette: Mapping[str, Any]) -> str:
        """Cleans by key, then by every value that was found under such a key, then looks at the rest."""
        interactions = [_without_headers(each) for each in cassette["interactions"]]
        sessions = {value: SESSION for each in interactions for value in _sessions(each)}
        originals = {**sessions, **self._replacements}
        cleaned = _mapped({**cassette, "interactions": interactions}, lambda text: _replaced(text, originals))
        for text in _texts(cleaned):
            if found := suspicion(text, originals):
                raise StillSecret(f"a cassette would hold {found}")
        return str(yamlserializer.serialize(cleaned))


def suspicion(text: str, originals: Mapping[str, str] | None = None) -> str | None:
    """Says what in a text looks like a secret, None for nothing."""
    for original, replacement in (originals or {}).items():
        if any(spelling in text for spelling in _spellings(original)):
            return f"what should read {replacement}"
    if found := _PRIVATE_PATH.search(text):
        return f"a path of the recording machine: {text[found.start() : found.end() + 20]}"
    if _CREDENTIALS.search(text):
        return "an Authorization header"
    fields = {found.group(1) for found in _PASSWORD_FIELD.finditer(text)} - {PASSWORD, WRONG_PASSWORD}
    if fields:
        return f"the value of a secret field: {sorted(fields)}"
    tokens = {found.group() for found in _TOKEN.finditer(unquote(text)) if _looks_random(found.group())}
    strange = sorted(token for token in tokens if not any(token in known for known in _KNOWN))
    return f"something like a token: {strange}" if strange else None


def texts_of(path: Path) -> Iterator[str]:
    """Yields every text of a cassette."""
    return _texts(yamlserializer.deserialize(path.read_text(encoding="utf-8")))


def _looks_random(token: str) -> bool:
    kinds = (r"[a-z]", r"[A-Z]", r"[0-9]")
    return all(re.search(kind, token) for kind in kinds)


def _without_headers(interaction: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = dict(interaction)
    for side in ("request", "response"):
        headers = {
            name: ["left out"] if name.lower() in _CREDENTIAL_HEADERS else values
            for name, values in interaction[side]["headers"].items()
            if name.lower() not in _DROPPED_HEADERS
        }
        cleaned[side] = {**interaction[side], "headers": headers}
    return cleaned


def _sessions(interaction: Mapping[str, Any]) -> Iterator[str]:
    for side in ("request", "response"):
        for name, values in interaction[side]["headers"].items():
            for value in values if name.lower() in _SESSION_HEADERS else ():
                # cookies have a name of their own and attributes behind it
                yield value.partition(";")[0].rpartition("=")[2] if "cookie" in name.lower() else value


def _spellings(text: str) -> set[str]:
    pair = f"{USERNAME}:{text}".encode()
    return {text, quote(text, safe=""), quote_plus(text), b64encode(text.encode()).decode(), b64encode(pair).decode()}


def _replaced(text: str, originals: Mapping[str, str]) -> str:
    for original in sorted(originals, key=len, reverse=True):
        text = text.replace(original, originals[original])
    return text


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case bytes():
            return change(value.decode("latin-1")).encode("latin-1")
        case Mapping():
            return {name: _mapped(each, change) for name, each in value.items()}
        case list():
            return [_mapped(each, change) for each in value]
        case _:
            return value


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case bytes():
            yield value.decode("latin-1")
        case Mapping():
            for name, each in value.items():
                yield from _texts(f"{name}: {each}" if isinstance(each, str) else each)
        case list():
            for each in value:
                yield from _texts(each)
