"""``settings.json``: the owner's settings on one machine, editable by hand."""

import asyncio
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from earshelf.domain.errors import ConfigurationError, FilesUnavailable, Invalid
from earshelf.domain.settings import Settings

FILE_NAME = "settings.json"
BACKUP_SUFFIX = ".bak"


class _Mark(NamedTuple):
    """What tells one state of the file from the next."""

    inode: int
    size: int
    changed_at: int


class SettingsFile:
    """Reads the file again whenever it has changed; ``initial`` holds for whatever the file does not name.

    The file is replaced in one step, and the one before it is kept beside it.
    """

    def __init__(self, config_dir: Path, initial: Settings | None = None) -> None:
        self._path = config_dir / FILE_NAME
        self._initial = initial or Settings()
        self._read: tuple[_Mark | None, Settings] | None = None
        self._pen = asyncio.Lock()

    async def load(self) -> Settings:
        return await asyncio.to_thread(self._load)

    async def change(self, decide: Callable[[Settings], Settings]) -> Settings:
        async with self._pen:
            return await asyncio.to_thread(self._change, decide)

    async def save(self, settings: Settings) -> None:
        async with self._pen:
            await asyncio.to_thread(self._save, settings)

    def _load(self) -> Settings:
        mark = self._mark()
        if self._read is None or self._read[0] != mark:
            self._read = (mark, self._parsed() if mark else self._initial)
        return self._read[1]

    def _mark(self) -> _Mark | None:
        try:
            facts = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(error.strerror) from error
        if not S_ISREG(facts.st_mode):
            raise self._unreadable("it is no file")
        return _Mark(facts.st_ino, facts.st_size, facts.st_mtime_ns)

    def _parsed(self) -> Settings:
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
        except OSError as error:
            raise self._unreadable(error.strerror) from error
        except (ValueError, RecursionError) as error:
            raise self._unreadable(f"it is not JSON ({error})") from error
        if not isinstance(stored, dict):
            raise self._unreadable("it must hold one JSON object")
        try:
            return self._initial.changed(stored)
        except Invalid as error:
            problems = "; ".join(f"{name} {why}" for name, why in error.fields.items())
            raise self._unreadable(problems) from error

    def _unreadable(self, why: str | None) -> ConfigurationError:
        backup = self._path.with_name(self._path.name + BACKUP_SUFFIX)
        remedy = f", or put back '{backup.name}' from beside it" if os.path.exists(backup) else ""  # noqa: PTH110 - Path's raises for a locked folder
        return ConfigurationError(f"The settings in '{self._path}' cannot be used: {why}; correct the file{remedy}")

    def _change(self, decide: Callable[[Settings], Settings]) -> Settings:
        changed = decide(self._load())
        self._save(changed)
        return changed

    def _save(self, settings: Settings) -> None:
        # what cannot be read was perhaps spoiled by hand a moment ago: it is not ours to throw away
        self._load()
        text = json.dumps(settings.as_mapping(), ensure_ascii=False, indent=2) + "\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                _replace(self._path.with_name(self._path.name + BACKUP_SUFFIX), self._path.read_bytes())
            _replace(self._path, text.encode())
        except OSError as error:
            raise FilesUnavailable(f"'{self._path}' cannot be written: {error.strerror}") from error
        self._read = (self._mark(), settings)


def _replace(path: Path, content: bytes) -> None:
    """Puts new content in place of a file: whoever reads sees the old or the new, also after a power cut."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
