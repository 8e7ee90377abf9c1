"""What a backup says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from earshelf.domain import plain
from earshelf.domain.errors import Invalid
from earshelf.domain.records import RecordKind, Tally

FORMAT = 1
PROGRAM = "earshelf"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The first page of a backup: who wrote it, when, under which key, and how much of what it holds."""

    program: str
    format: int
    version: str
    created_at: datetime
    key_id: str
    tallies: Mapping[str, Tally]

    def as_mapping(self) -> Any:
        """Spells it as plain JSON."""
        return plain.spell(self)


def manifest_from(value: Any) -> Manifest:
    """Reads a manifest.

    :raises Invalid: it is none, or one of a later format.
    """
    given = value if isinstance(value, dict) else {}
    if given.get("program") != PROGRAM:
        raise Invalid("the manifest is not Earshelf's")
    if given.get("format") != FORMAT:
        raise Invalid("a later version of Earshelf wrote it; update Earshelf")
    try:
        manifest = plain.read(Manifest, given)
    except Invalid as problem:
        raise Invalid(f"the manifest cannot be read: {problem.message}") from None
    if manifest.tallies.keys() != {kind.value for kind in RecordKind}:
        raise Invalid("the manifest does not count what this version knows")
    return manifest
