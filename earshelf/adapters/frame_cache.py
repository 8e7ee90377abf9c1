"""Pictures of videos, kept for a while in a folder: the folder is the index, so that a restart forgets nothing."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from anyio import to_thread

from earshelf.adapters.files.faults import disk_faults
from earshelf.adapters.preview_store.threads import to_the_end
from earshelf.domain.preview_files import journal_path
from earshelf.domain.preview_settings import FrameReuseSettings
from earshelf.domain.previews import PreviewFormat, Target

# switched off, it still lets callers that come all at once share one decoding
_SECONDS_WHEN_OFF = 600.0
_MEBIBYTE = 2**20
_SECONDS_BETWEEN_TRIES = 0.1


class _Held(NamedTuple):
    lock: Path
    descriptor: int


class DiskFrameCache:
    """Keeps what was written below ``config_dir`` for the time, and within the space, that the settings give it."""

    def __init__(self, config_dir: Path, reuse: FrameReuseSettings = FrameReuseSettings()) -> None:  # noqa: B008 - frozen
        self._folder = config_dir / "cache" / "frames"
        self._seconds = reuse.ttl_minutes * 60.0 if reuse.enabled else _SECONDS_WHEN_OFF
        self._most_bytes = reuse.max_cache_disk_mb * _MEBIBYTE

    @asynccontextmanager
    async def claimed(self, key: str) -> AsyncIterator[None]:
        lock = self._folder / f"{key}.lock"
        # opened anew by each caller, so that callers of one process exclude each other too
        while (held := await to_the_end(lambda: self._claim(lock), _let_go)) is None:  # noqa: ASYNC110 - others may be
            # other processes, who tell nobody that they let go
            await asyncio.sleep(_SECONDS_BETWEEN_TRIES)
        try:
            yield
        finally:
            await to_the_end(lambda: _let_go(held))

    async def find(self, key: str) -> Target | None:
        return await to_thread.run_sync(self._found, key)

    async def place(self, key: str) -> Target:
        with disk_faults(self._folder):
            await to_thread.run_sync(self._make_folder)
        return self._target(key)

    async def keep(self, key: str) -> None:
        await to_thread.run_sync(self._make_room, key)

    def _target(self, key: str) -> Target:
        return Target(PreviewFormat.PLEX, str(self._folder / f"{key}.bif"))

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _claim(self, lock: Path) -> _Held | None:
        with disk_faults(lock):
            self._make_folder()
            return _claimed(lock)

    def _found(self, key: str) -> Target | None:
        target = self._target(key)
        with disk_faults(target.path):
            try:
                modified = Path(target.path).stat().st_mtime
            except FileNotFoundError:
                return None
            if not self._is_too_old(modified):
                return target
            _forget(Path(target.path))
            return None

    def _make_room(self, newest: str) -> None:
        """Forgets what is too old, and of the rest the oldest until it fits; the newest always stays."""
        with disk_faults(self._folder):
            kept = sorted(self._kept())
            total = sum(size for _, size, _ in kept)
            for modified, size, path in kept:
                if path.stem != newest and (self._is_too_old(modified) or total > self._most_bytes):
                    _forget(path)
                    total -= size
            # locks of processes that were killed
            for lock in self._folder.glob("*.lock"):
                _let_go(_claimed(lock))

    def _is_too_old(self, modified: float) -> bool:
        # what comes from far ahead was made before somebody set the clock back, nobody knows when
        return abs(time.time() - modified) >= self._seconds

    def _kept(self) -> Iterator[tuple[float, int, Path]]:
        for path in self._folder.glob("*.bif"):
            with _unless_gone():
                status = path.stat()
                yield status.st_mtime, status.st_size, path


def _claimed(lock: Path) -> _Held | None:
    """Takes a lock, if nobody has it; its file is there only as long as somebody does."""
    descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # whoever had it may have removed the file that we opened; then the name is free, and ours is nobody's
        if os.fstat(descriptor).st_nlink:
            return _Held(lock, descriptor)
    except BlockingIOError:
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _let_go(held: _Held | None) -> None:
    if held is not None:
        with suppress(OSError):
            held.lock.unlink(missing_ok=True)
        os.close(held.descriptor)


def _forget(path: Path) -> None:
    # the journal first: without it a file is nothing, but without the file it would stay for ever
    Path(journal_path(Target(PreviewFormat.PLEX, str(path)))).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


@contextmanager
def _unless_gone() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        # another process made room meanwhile
        return
