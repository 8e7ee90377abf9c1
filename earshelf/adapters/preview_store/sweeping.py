"""Clearing away what killed runs left."""

import os
from contextlib import suppress
from pathlib import Path

from earshelf.adapters.preview_store.exchanging import restore
from earshelf.adapters.preview_store.unfinished import SET_ASIDE, remove, taken_over, told_by


def swept(folder: Path) -> list[Path]:
    """Removes everything unfinished below a folder that nobody works on; links are not followed.

    What is set aside goes back where nothing took its place.

    :raises OSError: the folder cannot be looked into, or something in it cannot be removed.
    """
    cleared = {path: path.is_dir() for path in _leftovers(folder)}
    cleared = {path: is_folder for path, is_folder in cleared.items() if _is_cleared(path)}
    # only now: one result leaves several things, and all tell together whether a folder is empty
    for path, is_folder in cleared.items():
        _withdraw(path, folder, is_folder=is_folder)
    return sorted(cleared)


def _leftovers(root: Path) -> list[Path]:
    def complain(problem: OSError) -> None:
        # where we cannot look we cannot have left anything: lost+found, the wastebaskets of others
        if problem.filename == str(root) and not isinstance(problem, FileNotFoundError):
            raise problem

    found = []
    for parent, folders, files in os.walk(root, onerror=complain):
        ours = [name for name in (*folders, *files) if told_by(name)]
        folders[:] = [name for name in folders if name not in ours]
        found += [Path(parent, name) for name in ours]
    return found


def _is_cleared(path: Path) -> bool:
    with taken_over(path) as is_ours:
        if is_ours and path.name.endswith(SET_ASIDE):
            restore(path)
        elif is_ours:
            remove(path)
        return is_ours


def _withdraw(path: Path, root: Path, *, is_folder: bool) -> None:
    """Removes the folders that were made for a result and hold nothing; ours alone, as its name tells."""
    final, made = told_by(path.name) or ("", 0)
    above = [one for one in path.parents if one.is_relative_to(root) and one != root]
    # sheets are made beside the folder that they will lie in
    empty = [path.with_name(final), *above] if is_folder and final else above
    with suppress(OSError):
        for one in empty[:made]:
            one.rmdir()
