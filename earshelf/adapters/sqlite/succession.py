"""A new SQLite file that is put together beside the library's and takes its place."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from pathlib import Path

from earshelf.adapters.sqlite.archive import SqliteArchive
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.domain.errors import FilesUnavailable

_MADE = ".restoring"
_KEPT = ".before-restore"
# what SQLite keeps beside a file; it belongs to that file's content and to no other
_COMPANIONS = ("-wal", "-shm")


class SqliteSuccessor:
    """An open file beside the library's."""

    def __init__(self, place: Path, database: SqliteDatabase, opened: AsyncExitStack) -> None:
        self.archive = SqliteArchive(database)
        self._place = place
        self._database = database
        self._opened = opened

    async def take_over(self) -> str | None:
        await self._opened.aclose()
        return await asyncio.to_thread(_swap, self._database.path, self._place)


class SqliteSuccession:
    """Makes ``<file>.restoring`` and keeps ``<file>.before-restore``."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._place = database.path

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[SqliteSuccessor]:
        made = _beside(self._place, _MADE)
        await asyncio.to_thread(_clear, made)
        database = SqliteDatabase(made)
        try:
            async with AsyncExitStack() as opened:
                await opened.enter_async_context(database)
                yield SqliteSuccessor(self._place, database, opened)
        finally:
            await asyncio.to_thread(_clear, made)


def _swap(made: Path, place: Path) -> str | None:
    try:
        kept = _keep(place) if place.exists() else None
        for companion in _COMPANIONS:
            _beside(place, companion).unlink(missing_ok=True)
        made.replace(place)
        _sync_folder(place.parent)
    except OSError as error:
        raise FilesUnavailable(f"'{place}' cannot be replaced: {error.strerror}") from error
    return None if kept is None else f"'{kept}'"


def _keep(place: Path) -> Path:
    """Gives the file another name too, so that it is there under its own until the very moment of the exchange."""
    _gather(place)
    kept, draft = _beside(place, _KEPT), _beside(place, f"{_KEPT}.draft")
    draft.unlink(missing_ok=True)
    for companion in _COMPANIONS:
        _beside(kept, companion).unlink(missing_ok=True)
        if _beside(place, companion).exists():
            shutil.copy2(_beside(place, companion), _beside(kept, companion))
    try:
        draft.hardlink_to(place)
    except OSError:
        shutil.copy2(place, draft)  # some network and USB disks know no hard links
    draft.replace(kept)
    return kept


def _gather(place: Path) -> None:
    """Moves what is still in the log into the file; a file that is damaged keeps its log."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(place)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _clear(made: Path) -> None:
    for path in (made, *(_beside(made, companion) for companion in _COMPANIONS)):
        path.unlink(missing_ok=True)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
