"""Runs an import again and again in processes that are killed ever later; see ``test_import_crash``.

``python -m tests.unit.crashing_import FOLDER MODE WORK`` leaves one numbered folder per death in FOLDER, each with the
library and the downloads as the killed process left them, and one folder ``whole`` of a run that was let through. WORK
is ``import`` or ``discard``; with ``cut`` the process itself dies in FOLDER while it copies one large file.
"""

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from earshelf.adapters.files.local import LocalFiles
from earshelf.domain.ids import ImportId
from earshelf.domain.imports import ImportMode
from earshelf.ports.files import StagedFile, StagingPlan

IMPORT = ImportId("im_AAAAAAAAAAAAAAAAAAAAAA")
NEW = {f"{number:02} new.mp3": f"new {number}".encode() * 100 for number in range(1, 9)}
OLD = {f"{number:02} old.mp3": f"old {number}".encode() * 100 for number in range(1, 5)}
LARGE = "large.mp3"
FOREIGN = {"notes.txt": b"mine", "extras/map.pdf": b"mine too"}
_STEPS = frozenset({"open", "os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir"})
_LET_THROUGH = 10_000

Work = Callable[[Path, ImportMode], Coroutine[Any, Any, None]]


def target_in(world: Path) -> Path:
    """The book's folder."""
    return world / "library" / "Author" / "Title"


def record_in(world: Path) -> Path:
    """Stands for the database: exists once the import is recorded."""
    return world / "recorded"


def plan_in(world: Path, mode: ImportMode) -> StagingPlan:
    """What is to be imported."""
    staged = [StagedFile(str(world / "downloads" / "book" / name), name) for name in NEW]
    return StagingPlan(IMPORT, str(target_in(world)), staged, mode)


async def run_import(world: Path, mode: ImportMode) -> None:
    """Imports the way the program does."""
    files, plan = LocalFiles(), plan_in(world, mode)
    await files.stage(plan, library=str(world / "library"))
    await files.publish(IMPORT, plan.target)
    record_in(world).touch()
    await finish(files, world, mode)


async def finish(files: LocalFiles, world: Path, mode: ImportMode) -> None:
    """Does what is left once an import is recorded."""
    plan = plan_in(world, mode)
    await files.settle(IMPORT, plan.target, replaced=list(OLD))
    if mode is ImportMode.MOVE:
        root = str(world / "downloads" / "book")
        await files.remove_sources([file.source for file in plan.files], root=root)


async def take_back(world: Path, mode: ImportMode) -> None:
    """Undoes what :func:`publish_only` did."""
    await LocalFiles().discard(IMPORT, plan_in(world, mode).target)


async def publish_only(world: Path, mode: ImportMode) -> None:
    """Imports, but does not live to record it."""
    files, plan = LocalFiles(), plan_in(world, mode)
    await files.stage(plan, library=str(world / "library"))
    await files.publish(IMPORT, plan.target)


def furnish(world: Path) -> None:
    """Puts a download and the book's earlier edition in place."""
    _write(world / "downloads" / "book", NEW)
    _write(target_in(world), OLD | FOREIGN)


def _write(folder: Path, contents: dict[str, bytes]) -> None:
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _die_at(step: int, world: Path) -> None:
    """Kills this process just before it changes or opens something in its world for the given time."""
    left = step

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event not in _STEPS or (event == "open" and not str(arguments[0]).startswith(str(world))):
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def _dies(work: Work, world: Path, mode: ImportMode, step: int) -> bool:
    child = os.fork()
    if child == 0:
        _die_at(step, world)
        asyncio.run(work(world, mode))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        raise SystemExit(f"the import failed by itself at step {step}")
    return os.WIFSIGNALED(status)


def _die_within_a_file(world: Path) -> None:
    """Copies a file that is larger than this process may write."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, resource.RLIM_INFINITY))
    staged = [StagedFile(str(world / "downloads" / LARGE), LARGE)]
    plan = StagingPlan(IMPORT, str(target_in(world)), staged, ImportMode.COPY)
    asyncio.run(LocalFiles().stage(plan, library=str(world / "library")))


def main(folder: Path, mode: ImportMode, work: str) -> None:
    """Kills the work before its first step, its second, and so on until it gets through."""
    if work == "cut":
        _die_within_a_file(folder)
    works = {"import": run_import, "discard": take_back}
    for step in range(1, _LET_THROUGH):
        world = folder / f"{step:04}"
        furnish(world)
        if work == "discard":
            asyncio.run(publish_only(world, mode))
        if not _dies(works[work], world, mode, step):
            world.rename(folder / "whole")
            return
    raise SystemExit("the import never ends")


if __name__ == "__main__":
    main(Path(sys.argv[1]), ImportMode(sys.argv[2]), sys.argv[3])
