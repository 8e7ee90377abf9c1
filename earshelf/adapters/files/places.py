"""Where the parts of an unfinished import lie, and how they are told from the owner's own files."""

import json
import os
import re
import shutil
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from earshelf.adapters.files.faults import is_real_folder, lies, real, shown, sync_folder, usable
from earshelf.domain.ids import ImportId
from earshelf.domain.import_errors import UnsafeSource

MARKER = ".earshelf-import"
_IMPORT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Places:
    """The book's folder and, hidden beside it, the one in the making and the one that was there before."""

    import_id: ImportId
    target: Path
    staging: Path
    previous: Path

    @classmethod
    def around(cls, target: str, import_id: ImportId) -> Self:
        """Names the folders of one import; nothing is touched."""
        place = usable(target)
        if not _IMPORT_ID.fullmatch(import_id):
            raise UnsafeSource(f"'{shown(import_id)}' is no import's id")
        hidden = f".earshelf-{import_id}"
        return cls(import_id, place, place.parent / f"{hidden}.staging", place.parent / f"{hidden}.previous")

    @property
    def parent(self) -> Path:
        """The folder that holds all three."""
        return self.target.parent

    @property
    def is_staged(self) -> bool:
        """Whether the book in the making is complete."""
        return read_marker(self.staging, self.import_id) is not None

    @property
    def is_published(self) -> bool:
        """Whether this import put the target together."""
        return read_marker(self.target, self.import_id) is not None


def refuse_outside(target: str, library: str) -> None:
    """Checks that a book's folder will lie in the library, by name and on the disk.

    :raises UnsafeSource: it does not, or a link is in its place.
    """
    place, shelf = usable(target), usable(library)
    if ".." in target.split("/") or place == shelf or not place.is_relative_to(shelf):
        raise UnsafeSource(f"'{shown(target)}' is not inside the library '{shown(shelf)}'; correct the folder template")
    if not real(place.parent).is_relative_to(real(shelf)):
        raise UnsafeSource(f"'{shown(place)}' leads out of the library through a link; replace the link by a folder")
    if place.is_symlink():
        raise UnsafeSource(f"'{shown(place)}' is a link; replace it by a folder")


def write_marker(folder: Path, import_id: ImportId, names: Sequence[str]) -> None:
    """Signs a folder as complete; the names are what an undo may delete."""
    with (folder / MARKER).open("x", encoding="ascii") as file:
        json.dump({"import": import_id, "files": list(names)}, file)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)


def read_marker(folder: Path, import_id: ImportId) -> list[str] | None:
    """Returns the names that this import brought into the folder; None where its mark is missing."""
    path = folder / MARKER
    try:
        if folder.is_symlink() or not stat.S_ISREG(path.lstat().st_mode):
            return None
        mark = json.loads(path.read_text(encoding="ascii"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    if not isinstance(mark, dict) or mark.get("import") != import_id:
        return None
    return [str(name) for name in mark.get("files", [])]


def dissolve(folder: Path, ours: Sequence[str], *, into: Path) -> None:
    """Deletes a folder but for foreign files, which move into another one; may be cut short and repeated."""
    for name in ours:
        _delete_ours(folder, name)
    foreign = sorted(path for path in folder.iterdir() if path.name != MARKER)
    if foreign:
        into.mkdir(exist_ok=True)
    for path in foreign:
        move_in(path, into / path.name)
    (folder / MARKER).unlink(missing_ok=True)
    folder.rmdir()


def move_in(here: Path, there: Path) -> None:
    """Moves a file or folder beside or into what is there already; nothing is overwritten."""
    if not (is_real_folder(here) and is_real_folder(there)):
        here.rename(_free_name(there))
        return
    for path in sorted(here.iterdir()):
        move_in(path, there / path.name)
    here.rmdir()


def remove_tree(path: Path) -> None:
    """Deletes whatever lies at the path; links are deleted, not followed."""
    if is_real_folder(path):
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove_empty(folder: Path, *, within: Path) -> None:
    """Deletes an empty folder and those above it that become empty, ``within`` being the last that may go."""
    while folder.is_relative_to(within):
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return
        folder = folder.parent


def _delete_ours(folder: Path, name: str) -> None:
    parts = name.split("/")
    if {"", ".", ".."} & set(parts):
        return
    path = folder.joinpath(*parts)
    between = [parent for parent in path.parents if parent != folder and parent.is_relative_to(folder)]
    if any(parent.is_symlink() for parent in between):
        return
    if path.is_symlink() or path.is_file():
        path.unlink(missing_ok=True)
    if between:
        remove_empty(between[0], within=between[-1])


def _free_name(path: Path) -> Path:
    """The path itself, or with a number where something else has the name."""
    number, free = 1, path
    while lies(free):
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return free
