"""Journals beside the results: small JSON files that say what a result was made from."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from earshelf.adapters.files.faults import sync_folder
from earshelf.adapters.preview_store.unfinished import unfinished_name
from earshelf.domain.errors import Invalid
from earshelf.domain.preview_files import journal_path
from earshelf.domain.previews import (
    Accuracy,
    Journal,
    PreviewFormat,
    PreviewSettings,
    Target,
    ToneCurve,
    VideoIdentity,
)

_SCHEMA = 1
_MOST_BYTES = 100_000


def spelled(journal: Journal) -> bytes:
    """Spells a journal; a name that is not UTF-8 on the disk survives."""
    video = journal.video
    return json.dumps(
        {
            "schema": _SCHEMA,
            "source_path": video.path,
            "source_size": video.size,
            "source_modified_ns": video.modified_ns,
            "source_device": video.device,
            "source_inode": video.inode,
            "format": journal.format.value,
            "settings": journal.settings.spelled(),
            "pictures": journal.pictures,
            "engine": journal.engine,
        }
    ).encode()


def read_journal(target: Target) -> Journal | None:
    """Reads a target's journal; None where there is none, or none of ours."""
    try:
        with Path(journal_path(target)).open("rb") as file:
            document = json.loads(file.read(_MOST_BYTES))
        return _journal(document)
    except (OSError, ValueError, KeyError, TypeError, RecursionError, Invalid):
        return None


def write_journal(target: Target, journal: Journal, folder: Path | None = None) -> None:
    """Puts a journal in its place in one step; ``folder`` is where a folder of sheets lies before it has its name."""
    final = Path(journal_path(target))
    place = (folder or final.parent) / final.name
    unfinished = unfinished_name(place)
    try:
        with unfinished.open("xb") as file:
            file.write(spelled(journal))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(place)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise
    sync_folder(place.parent)


def _journal(document: Any) -> Journal | None:
    if not isinstance(document, dict) or document.get("schema") != _SCHEMA:
        return None
    numbers = [
        document[name]
        for name in ("source_size", "source_modified_ns", "source_device", "source_inode", "pictures")
        if type(document[name]) is int
    ]
    size, modified_ns, device, inode, pictures = numbers
    settings = document["settings"]
    return Journal(
        video=VideoIdentity(str(document["source_path"]), size, modified_ns, device, inode),
        format=PreviewFormat(document["format"]),
        settings=PreviewSettings(
            **{**settings, "accuracy": Accuracy(settings["accuracy"]), "tonemap": ToneCurve(settings["tonemap"])}
        ),
        pictures=pictures,
        engine=str(document["engine"]),
    )
