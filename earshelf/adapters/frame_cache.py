"""Pictures of videos, kept for a while in a folder: the folder is the index, so that a restart forgets nothing."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

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


class DiskFrameCache:
    """Keeps what was written below ``config_dir`` for the time, and within the space, that the settings give it."""

    def __init__(self, config_dir: Path, reuse: FrameReuseSettings = FrameReuseSettings()) -> None:  # noqa: B008 - frozen
        self._folder = config_dir / "cache" / "frames"
        self._seconds = reuse.ttl_minutes * 60.0 if reuse.enabled else _SECONDS_WHEN_OFF
        self._most_bytes = reuse.max_cache_disk_mb * _MEBIBYTE

    @asynccontextmanager
    async def claimed(self, key: str) -> AsyncIterator[None]:
        # one of 256 locks: a few files for ever instead of one per video
        lock = self._folder / f"{key[:2]}.lock"
        descriptor = await to_the_end(lambda: self._open_lock(lock), os.close)
        try:
            # opened anew by each caller, so that callers of one process exclude each other too
            while not _taken(descriptor, lock):  # noqa: ASYNC110 - another process lets go, and tells nobody
                await asyncio.sleep(_SECONDS_BETWEEN_TRIES)
            yield
        finally:
            os.close(descriptor)

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

    def _open_lock(self, lock: Path) -> int:
        with disk_faults(lock):
            self._make_folder()
            return os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)

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

    def _is_too_old(self, modified: float) -> bool:
        # what comes from far ahead was made before somebody set the clock back, nobody knows when
        return abs(time.time() - modified) >= self._seconds

    def _kept(self) -> Iterator[tuple[float, int, Path]]:
        for path in self._folder.glob("*.bif"):
            with _unless_gone():
                status = path.stat()
                yield status.st_mtime, status.st_size, path


def _taken(descriptor: int, lock: Path) -> bool:
    with disk_faults(lock):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


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
