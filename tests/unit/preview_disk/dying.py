"""Makes results in processes that are killed ever later; see ``test_dying``.

``python -m tests.unit.preview_disk.dying FOLDER FORMAT WORK`` leaves one numbered folder per death in FOLDER, as the
killed process left it. WORK is ``first`` (nothing is there yet), ``again``, or ``two steps`` (as ``again``, on a system
that cannot exchange).
"""

import asyncio
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from earshelf.adapters.preview_store import exchanging
from earshelf.adapters.preview_store.store import DiskPreviewStore
from earshelf.domain.previews import PreviewFormat
from tests.unit.preview_disk.making import put, shades, target_in

OLD, NEW = shades(3), shades(130)
_STEPS = frozenset({"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree", "fcntl.flock"})
_LET_THROUGH = 2000


def furnish(world: Path, one: PreviewFormat, work: str) -> None:
    """Puts foreign files there, and perhaps an older result."""
    world.mkdir(parents=True)
    (world / "film.mkv").write_bytes(b"moving pictures")
    (world / ".hidden").write_bytes(b"mine")
    if work != "first":
        asyncio.run(put(target_in(world, one), OLD))


def dies(world: Path, one: PreviewFormat, step: int, work: str) -> bool:
    """Kills a child just before it does something to the disk for the given time; False if it came through."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            _die_at(step)
            if work == "two steps":
                _in_two_steps(world, one)
            else:
                asyncio.run(put(target_in(world, one), NEW))
            code = 0
        except BaseException:  # noqa: BLE001 - the child must not live on as a second parent
            traceback.print_exc()
        os._exit(code)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -signal.SIGKILL):
        raise SystemExit(f"it failed by itself at step {step}")
    return status != 0


def _die_at(step: int) -> None:
    left = step

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event in _STEPS and not (event == "open" and isinstance(arguments[1], str)):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def _in_two_steps(world: Path, one: PreviewFormat) -> None:
    final = Path(target_in(world, one).path)
    asyncio.run(put(target_in(world / "film.trickplay", one, "made"), NEW))
    exchanging.in_two_steps(Path(target_in(world / "film.trickplay", one, "made").path), final)


def main(folder: Path, one: PreviewFormat, work: str) -> None:
    """Kills the work before its first step, its second, and so on until it gets through."""
    asyncio.run(DiskPreviewStore().sweep(str(folder)))
    asyncio.run(put(target_in(folder / "warm", one), NEW))
    for step in range(1, _LET_THROUGH):
        world = folder / f"{step:04}"
        furnish(world, one, work)
        if not dies(world, one, step, work):
            return
    raise SystemExit("it never ends")


if __name__ == "__main__":
    main(Path(sys.argv[1]), PreviewFormat(sys.argv[2]), sys.argv[3])
