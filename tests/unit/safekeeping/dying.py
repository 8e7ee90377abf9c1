"""Runs a command on an installation and dies before the disk is asked to move for the n-th time.

``python -m tests.unit.safekeeping.dying rotate|restore FOLDER DATABASE_URL STEP``
"""

import asyncio
import os
import signal
import sys
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


def main() -> None:
    """Runs the command."""
    _, work, world, url, step = sys.argv
    container = Container(settings=ProcessSettings(config_dir=Path(world), database_url=url))
    die_at(int(step), Path(world))
    if work == "rotate":
        asyncio.run(rotate_key(container))
    else:
        asyncio.run(restore(container, str(Path(world) / "backup.zip"), dry_run=False))


if __name__ == "__main__":
    main()
