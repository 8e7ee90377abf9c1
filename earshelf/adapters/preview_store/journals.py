"""Journals beside the results: small JSON files that say what a result was made from."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from earshelf.adapters.preview_store.opening import opened
from earshelf.adapters.preview_store.unfinished import Unfinished, new_file, unfinished_name
from earshelf.domain.errors import BifInvalid, Invalid
from earshelf.domain.previews import (
    Accuracy,
    Journal,
    PreviewFormat,
    PreviewSettings,
    ToneCurve,
    VideoIdentity,
)

_SCHEMA = 1
_MOST_BYTES = 100_000


def spelled(journal: Journal, size: int) -> bytes:
    """Spells the journal of a result of so many bytes; a name that is not UTF-8 on the disk survives."""
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
            "result_size": size,
        }
    ).encode()


def read_journal(path: str | os.PathLike[str], folder: int | None = None) -> tuple[Journal, int] | None:
    """Reads a journal and how many bytes its result has; None where there is none, or none of ours."""
    try:
        with opened(path, folder) as file:
            document = json.loads(file.read(_MOST_BYTES))
        return _understood(document)
    except (OSError, ValueError, KeyError, TypeError, RecursionError, Invalid, BifInvalid):
        return None


def written(journal: Journal, size: int, place: Path) -> Unfinished:
    """Writes a journal that only has to be given its name.

    :raises OSError: the disk refuses.
    """
    draft = new_file(place)
    try:
        write_out(draft.descriptor, spelled(journal, size))
    except BaseException:
        draft.discard()
        raise
    return draft


def write_out(descriptor: int, content: bytes) -> None:
    """Writes a file whole, so that it survives a power cut.

    :raises OSError: the disk refuses.
    """
    with os.fdopen(descriptor, "wb", closefd=False) as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


@contextmanager
def withdrawn(place: Path) -> Iterator[None]:
    """Lets no journal be there meanwhile; it comes back only where an error ends this."""
    aside = unfinished_name(place)
    try:
        place.rename(aside)
    except FileNotFoundError:
        aside = place
    try:
        yield
    except BaseException:
        if aside != place:
            aside.rename(place)
        raise
    aside.unlink(missing_ok=True)


def _understood(document: Any) -> tuple[Journal, int] | None:
    if not isinstance(document, dict) or _whole(document["schema"]) != _SCHEMA:
        return None
    settings = document["settings"]
    video = VideoIdentity(
        _text(document["source_path"]),
        *(_whole(document[f"source_{name}"]) for name in ("size", "modified_ns", "device", "inode")),
    )
    journal = Journal(
        video=video,
        format=PreviewFormat(document["format"]),
        settings=PreviewSettings(
            **{name: _whole(settings[name]) for name in settings if name not in ("accuracy", "tonemap")},
            accuracy=Accuracy(settings["accuracy"]),
            tonemap=ToneCurve(settings["tonemap"]),
        ),
        pictures=_whole(document["pictures"]),
        engine=_text(document["engine"]),
    )
    return journal, _whole(document["result_size"])


def _whole(value: Any) -> int:
    # neither true nor 5.0 is a whole number here
    if type(value) is not int:
        raise TypeError("no whole number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
