"""Commands that are killed half way, before each of their steps in turn."""

import asyncio
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.entrypoints.safekeeping import back_up, restore, rotate_key
from tests.databases.postgres import PostgresServer
from tests.unit.safekeeping.installations import add_a_book, furnished, held, interval

ROOT = Path(__file__).parents[3]


class Worlds:
    """Copies of one installation, each with folder and database of its own."""

    def __init__(self, folder: Path, server: PostgresServer | None, opened: AsyncExitStack) -> None:
        self.origin = folder / "origin"
        self._folder = folder
        self._server = server
        self._opened = opened
        self._origin_url = ""

    async def first(self) -> ProcessSettings:
        """The installation that the others are copies of."""
        if self._server is not None:
            self._origin_url = await self._opened.enter_async_context(self._server.fresh_database(empty=True))
        return ProcessSettings(config_dir=self.origin, database_url=self._origin_url)

    async def copy(self, name: str) -> ProcessSettings:
        """Another installation that holds the same."""
        shutil.copytree(self.origin, self._folder / name)
        url = ""
        if self._server is not None:
            url = await self._opened.enter_async_context(self._server.copied_database(self._origin_url))
        return ProcessSettings(config_dir=self._folder / name, database_url=url)


@pytest.fixture(params=["sqlite", "postgres"])
async def worlds(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Worlds]:
    server = request.getfixturevalue("postgres_server") if request.param == "postgres" else None
    async with AsyncExitStack() as opened:
        yield Worlds(tmp_path, server, opened)


async def dying_at_every_step(worlds: Worlds, work: str) -> list[ProcessSettings]:
    """Every state that a killed command left behind, and the last one, which went through."""
    left = []
    with dying_process(work) as dying:
        for step in range(1, 200):
            settings = await worlds.copy(f"{work}-{step}")
            left.append(settings)
            code = await asyncio.to_thread(attempt, dying, settings, step)
            if code != -signal.SIGKILL:
                assert code == 0
                return left
    pytest.fail("it never comes to an end")


def dying_process(work: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.unit.safekeeping.dying", work]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def attempt(dying: "subprocess.Popen[str]", settings: ProcessSettings, step: int) -> int:
    assert dying.stdin is not None
    assert dying.stdout is not None
    dying.stdin.write(json.dumps([str(settings.config_dir), settings.database, step]) + "\n")
    dying.stdin.flush()
    return int(dying.stdout.readline())


async def test_a_new_key_that_is_cut_short_at_any_step_leaves_everything_readable(worlds: Worlds) -> None:
    origin = await worlds.first()
    await furnished(origin)
    before = await held(origin)
    left = await dying_at_every_step(worlds, "rotate")
    assert len(left) > 5
    for settings in left:
        assert await held(settings) == before, settings.config_dir.name
        await rotate_key(Container(settings=settings))
        assert await held(settings) == before, settings.config_dir.name


async def test_a_restore_that_is_cut_short_at_any_step_leaves_one_library_or_the_other(worlds: Worlds) -> None:
    origin = await worlds.first()
    await furnished(origin)
    backed_up = await held(origin)
    await back_up(Container(settings=origin), str(worlds.origin / "backup.zip"))
    await rotate_key(Container(settings=origin))
    await add_a_book(origin)
    later = await held(origin)
    left = await dying_at_every_step(worlds, "restore")
    assert len(left) > 10
    seen = set()
    for settings in left:
        found = await held(settings)
        assert found in (later, backed_up), settings.config_dir.name
        seen.add(found == later)
        await restore(Container(settings=settings), str(settings.config_dir / "backup.zip"), dry_run=False)
        assert await held(settings) == backed_up, settings.config_dir.name
        assert await interval(settings) == 77
    assert seen == {True, False}
