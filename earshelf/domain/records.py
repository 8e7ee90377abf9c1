"""Everything that a library keeps, as one stream of records, whatever keeps it.

A stream holds the kinds in the order of :class:`RecordKind`, except that authors, narrators and series come mixed.
Names, books, downloads, imports, accounts and everything of prerolls go by id (code points), neighbours, media
servers and blackouts by age, credentials by name, events by number. PINs under way are left out: they expire before
anybody could use them again; so is what enforcement remembers of streams. Whoever is named by a record comes before it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, TypeAlias

from earshelf.domain import plain
from earshelf.domain.access import Credential
from earshelf.domain.accounts import Account
from earshelf.domain.blackouts import Blackout
from earshelf.domain.books import Author, Book, Narrator, Series
from earshelf.domain.downloads import Download
from earshelf.domain.errors import Invalid
from earshelf.domain.events import Event
from earshelf.domain.imports import ImportJob
from earshelf.domain.integrations import Integration
from earshelf.domain.maintenance import Maintenance, TranscodeRule
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.preroll_upkeep import ServerPreroll
from earshelf.domain.prerolls import PrerollPreset, PrerollSchedule
from earshelf.domain.servers import MediaServer


@dataclass(frozen=True, slots=True)
class StoredCredential:
    """One of the installation's own keys."""

    credential: Credential
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with its place in the log; ``dispatched`` once it was handed to its handlers."""

    number: int
    at: datetime
    event: Event
    dispatched: bool


Record: TypeAlias = (
    Author
    | Narrator
    | Series
    | Book
    | Download
    | ImportJob
    | Integration
    | MediaServer
    | Account
    | PrerollPreset
    | PrerollSchedule
    | PrerollMappings
    | ServerPreroll
    | Maintenance
    | TranscodeRule
    | Blackout
    | StoredCredential
    | StoredEvent
)


class RecordKind(StrEnum):
    """The sorts of records."""

    AUTHOR = "author"
    NARRATOR = "narrator"
    SERIES = "series"
    BOOK = "book"
    DOWNLOAD = "download"
    IMPORT = "import"
    INTEGRATION = "integration"
    SERVER = "server"
    ACCOUNT = "account"
    PREROLL_PRESET = "preroll_preset"
    PREROLL_SCHEDULE = "preroll_schedule"
    PREROLL_MAPPINGS = "preroll_mapping"
    SERVER_PREROLL = "server_preroll"
    MAINTENANCE = "maintenance"
    TRANSCODE_RULE = "transcode_rule"
    BLACKOUT = "blackout"
    CREDENTIAL = "credential"
    EVENT = "event"

    @property
    def holds_secrets(self) -> bool:
        """Whether records of this kind must not be written down in clear."""
        return self in _WITH_SECRETS


_WITH_SECRETS = {
    RecordKind.DOWNLOAD,
    RecordKind.INTEGRATION,
    RecordKind.SERVER,
    RecordKind.ACCOUNT,
    RecordKind.CREDENTIAL,
}
_KINDS: Mapping[type, RecordKind] = {
    Author: RecordKind.AUTHOR,
    Narrator: RecordKind.NARRATOR,
    Series: RecordKind.SERIES,
    Book: RecordKind.BOOK,
    Download: RecordKind.DOWNLOAD,
    ImportJob: RecordKind.IMPORT,
    Integration: RecordKind.INTEGRATION,
    MediaServer: RecordKind.SERVER,
    Account: RecordKind.ACCOUNT,
    PrerollPreset: RecordKind.PREROLL_PRESET,
    PrerollSchedule: RecordKind.PREROLL_SCHEDULE,
    PrerollMappings: RecordKind.PREROLL_MAPPINGS,
    ServerPreroll: RecordKind.SERVER_PREROLL,
    Maintenance: RecordKind.MAINTENANCE,
    TranscodeRule: RecordKind.TRANSCODE_RULE,
    Blackout: RecordKind.BLACKOUT,
    StoredCredential: RecordKind.CREDENTIAL,
    StoredEvent: RecordKind.EVENT,
}
_TYPES: Mapping[RecordKind, type[Record]] = {kind: each for each, kind in _KINDS.items()}


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def kind_of(record: Record) -> RecordKind:
    """Returns which sort of record it is."""
    return _KINDS[type(record)]


def spelled(record: Record) -> str:
    """Spells a record as JSON on one line: equal records are spelled alike, wherever they were kept."""
    return _ENCODER.encode(plain.spell(record))


def record_from(kind: RecordKind, text: str) -> Record:
    """Reads a record that :func:`spelled` made.

    :raises Invalid: it is none of this kind; the message shows nothing of its content.
    """
    try:
        text.encode()
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid(f"the {kind} is not spelled as JSON") from None
    try:
        return plain.read(_TYPES[kind], value)
    except Invalid as problem:
        raise Invalid(f"the {kind} cannot be read: {problem.message}") from None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many records of one kind there are, and a digest of all of them in their order."""

    count: int
    digest: str


class Ledger:
    """Counts and digests a stream: two libraries with equal tallies hold the same, record for record."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(RecordKind, 0)
        self._digests = {kind: sha256() for kind in RecordKind}

    def enter(self, kind: RecordKind, text: str) -> None:
        """Takes down a record, as it is spelled."""
        self._counts[kind] += 1
        digest = self._digests[kind]
        try:
            digest.update(text.encode())
        except UnicodeEncodeError:
            raise Invalid(f"A {kind} holds a text with broken characters, which cannot be stored") from None
        digest.update(b"\n")

    def count(self, kind: RecordKind) -> int:
        """Returns how many of one kind were entered."""
        return self._counts[kind]

    @property
    def tallies(self) -> dict[str, Tally]:
        """What was entered so far, by kind."""
        return {kind.value: Tally(self._counts[kind], self._digests[kind].hexdigest()) for kind in RecordKind}


def summary(tallies: Mapping[str, Tally]) -> str:
    """Says how much there is."""
    return ", ".join(_counted(tally.count, kind) for kind, tally in tallies.items() if tally.count) or "nothing"


def _counted(count: int, kind: str) -> str:
    return f"{count} {kind}" if count == 1 or kind == RecordKind.SERIES else f"{count} {kind}s"


def differences(one: Mapping[str, Tally], other: Mapping[str, Tally]) -> list[str]:
    """Says in which kinds two tallies differ, a phrase each."""
    return [
        f"{kind}: {_count(one, kind)} here, {_count(other, kind)} there"
        + ("" if _count(one, kind) != _count(other, kind) else ", which differ")
        for kind in _kinds(one, other)
        if one.get(kind) != other.get(kind)
    ]


def _kinds(*tallies: Mapping[str, Tally]) -> Iterable[str]:
    return dict.fromkeys(kind for each in tallies for kind in each)


def _count(tallies: Mapping[str, Tally], kind: str) -> int:
    return tallies[kind].count if kind in tallies else 0
