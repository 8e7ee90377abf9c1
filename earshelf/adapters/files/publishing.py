"""A book's way from its sources onto the shelf.

The complete book appears by one rename. What it replaces was renamed aside just before, so between the two renames the
hidden folders hold both; every function here finds its way on from there.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event

from earshelf.adapters.files.faults import is_real_folder, lies, real, shown, sync_folder, usable
from earshelf.adapters.files.places import (
    MARKER,
    Places,
    dissolve,
    move_in,
    read_marker,
    refuse_outside,
    remove_empty,
    remove_tree,
    write_marker,
)
from earshelf.adapters.files.transfer import bring
from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.import_errors import UnsafeSource
from earshelf.ports.files import StagingPlan


def stage(plan: StagingPlan, library: str, halt: Event) -> None:
    """Puts the book together; on failure nothing of it stays."""
    refuse_outside(plan.target, library)
    for file in plan.files:
        usable(file.source)
        _refuse_name(file.name)
    places = Places.around(plan.target, plan.import_id)
    created = _make_folders(places.parent)
    try:
        discard(places)
        places.staging.mkdir()
        for file in plan.files:
            bring(Path(file.source), places.staging / file.name, plan.mode, halt)
        write_marker(places.staging, plan.import_id, [file.name for file in plan.files])
        sync_folder(places.parent)
    except BaseException:
        with suppress(OSError):
            _drop_staging(places)
        if created:
            remove_empty(places.parent, within=created)
        raise


def publish(places: Places) -> None:
    """Swaps the staged book in, going on where an earlier call was cut short."""
    if not places.is_staged:
        if places.is_published:
            return
        raise FilesUnavailable(f"'{shown(places.target)}' was not put together completely; import it again")
    if lies(places.target):
        if lies(places.previous):
            raise _in_the_way(places)
        places.target.rename(places.previous)
    places.staging.rename(places.target)
    sync_folder(places.parent)


def settle(places: Places, replaced: Sequence[str]) -> None:
    """Clears up after a recorded import; the mark goes last, so that a repeated call finds what is left to do."""
    if not lies(places.target):
        discard(places)
        return
    if is_real_folder(places.previous):
        dissolve(places.previous, replaced, into=places.target)
    elif lies(places.previous):
        # a file lay where the book's folder is now: it is not ours to delete
        move_in(places.previous, places.target / places.target.name)
    _drop_staging(places)
    if places.is_published:
        (places.target / MARKER).unlink()
        sync_folder(places.target)
    sync_folder(places.parent)


def discard(places: Places) -> None:
    """Undoes everything up to a publish that was not recorded."""
    if not places.parent.is_dir():
        return
    if places.is_published:
        _drop_staging(places)
        places.target.rename(places.staging)
    if lies(places.previous):
        if lies(places.target):
            raise _in_the_way(places)
        places.previous.rename(places.target)
    _drop_staging(places)
    sync_folder(places.parent)


def remove_sources(sources: Sequence[str], root: str) -> None:
    """Deletes sources that a move has brought into the library."""
    top = real(usable(root))
    files = [real(place.parent) / place.name for place in map(usable, sources)]
    for path in files:
        if not path.is_relative_to(top):
            raise UnsafeSource(f"'{shown(path)}' is not part of '{shown(top)}'; nothing was deleted")
    for path in files:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in files}:
        remove_empty(folder, within=top)


def _drop_staging(places: Places) -> None:
    names = read_marker(places.staging, places.import_id)
    if names is None:
        remove_tree(places.staging)
    else:
        dissolve(places.staging, names, into=places.target)


def _refuse_name(name: str) -> None:
    if "/" in name or name in ("", ".", "..", MARKER) or usable(f"/{name}").name != name:
        raise UnsafeSource(f"'{shown(name)}' names no file of a book; correct the file template")


def _make_folders(folder: Path) -> Path | None:
    """Creates a folder and what is missing above it; returns the outermost that was created."""
    missing = []
    while not lies(folder):
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        sync_folder(each.parent)
    return missing[-1] if missing else None


def _in_the_way(places: Places) -> FilesUnavailable:
    return FilesUnavailable(
        f"'{shown(places.target)}' appeared while its earlier content lies in '{shown(places.previous)}'; "
        "merge the two by hand, then import again"
    )
