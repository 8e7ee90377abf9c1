"""Runs a command on installations and dies before the disk is asked to move for the n-th time.

``python -m tests.unit.safekeeping.dying rotate|restore`` reads lines of JSON, ``[FOLDER, DATABASE_URL, STEP]``, and
answers each with the exit code that this came to.
"""

import asyncio
import json
import os
import signal
import sys
import traceback
from itertools import count
from pathlib import Path
from typing import Any

from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.entrypoints.safekeeping import restore, rotate_key

# what changes names, contents or transactions on disk
_STEPS = {"open", "os.rename", "os.remove", "os.link", "os.chmod", "sqlite3.connect"}


def die_at(step: int, world: Path) -> None:
    """Arms the fuse: the interpreter tells of everything that it is about to do."""
    steps = count(1)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _STEPS and str(world) in str(arguments[0]) and next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def perform(work: str, settings: ProcessSettings) -> None:
    """Runs the command."""
    container = Container(settings=settings)
    if work == "rotate":
        asyncio.run(rotate_key(container))
    else:
        asyncio.run(restore(container, str(settings.config_dir / "backup.zip"), dry_run=False))


def attempt(work: str, world: Path, url: str, step: int) -> int:
    """Lets a child do it and returns how that ended; importing everything once for all of them saves minutes."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        os.dup2(2, 1)
        die_at(step, world)
        perform(work, ProcessSettings(config_dir=world, database_url=url))
        code = 0
    except Exception:  # noqa: BLE001 - the child must not live on as a second parent
        traceback.print_exc()
    os._exit(code)


def main() -> None:
    """Answers every wish with an exit code."""
    for line in sys.stdin:
        world, url, step = json.loads(line)
        sys.stdout.write(f"{attempt(sys.argv[1], Path(world), url, step)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
