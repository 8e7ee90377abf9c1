"""The PreviewStore port over the local disk."""

import errno
import stat
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, closing
from itertools import islice
from pathlib import Path
from typing import Protocol

from anyio import to_thread

from earshelf.adapters.files.faults import shown
from earshelf.adapters.preview_store.bif_files import BifResult, BifWriter
from earshelf.adapters.preview_store.faults import require_spellable, result_faults
from earshelf.adapters.preview_store.sheets import SheetResult, SheetWriter
from earshelf.adapters.preview_store.sweeping import swept
from earshelf.adapters.preview_store.threads import to_the_end
from earshelf.domain.errors import BifInvalid, FilesUnavailable, VideoUnusable
from earshelf.domain.previews import (
    FIT_OF,
    Fit,
    Journal,
    PreviewFormat,
    PreviewSettings,
    Target,
    VideoIdentity,
)
from earshelf.ports.previews import Outline, PreviewWriter, Sampling, Thumbnail

_AT_A_TIME = 32
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG})


class DiskPreviewStore:
    """Writes and reads results on threads."""

    async def identity(self, video: str) -> VideoIdentity:
        return await to_thread.run_sync(_identity, video)

    async def journal(self, target: Target) -> Journal | None:
        return await to_thread.run_sync(_sound_journal, target)

    @asynccontextmanager
    async def writing(
        self, target: Target, outline: Outline, settings: PreviewSettings
    ) -> AsyncIterator[PreviewWriter]:
        writer = await to_the_end(lambda: _opened(target, outline, settings), lambda opened: opened.close())
        try:
            yield _Writer(target, writer)
        finally:
            await to_the_end(writer.close)

    @asynccontextmanager
    async def reading(self, target: Target, fits: frozenset[Fit]) -> AsyncIterator[Sampling]:
        stored = await to_the_end(lambda: _StoredPictures(target, fits), lambda stored: stored.close())
        try:
            yield stored
        finally:
            await to_the_end(stored.close)

    async def sweep(self, folder: str) -> list[str]:
        return await to_thread.run_sync(_swept, folder)


class _Pictures(Protocol):
    def add(self, picture: bytes) -> None: ...
    def publish(self, journal: Journal) -> None: ...
    def close(self) -> None: ...


class _Writer:
    def __init__(self, target: Target, pictures: _Pictures) -> None:
        self._target = target
        self._pictures = pictures
        self._fit = FIT_OF[target.format]

    async def add(self, thumbnail: Thumbnail) -> None:
        await to_the_end(lambda: self._add(thumbnail.jpegs[self._fit]))

    async def publish(self, journal: Journal) -> None:
        await to_the_end(lambda: self._publish(journal))

    def _add(self, picture: bytes) -> None:
        with result_faults(self._target.path):
            self._pictures.add(picture)

    def _publish(self, journal: Journal) -> None:
        with result_faults(self._target.path):
            self._pictures.publish(journal)


class _StoredPictures:
    """A result that is read back."""

    def __init__(self, target: Target, fits: frozenset[Fit]) -> None:
        self._target = target
        require_spellable(target.path)
        with result_faults(target.path):
            self._result = _result(target)
        try:
            sizes = _sizes(target, self._result.journal.settings, self._result.size, fits)
        except BaseException:
            self._result.close()
            raise
        self.outline = Outline(self._result.journal.pictures, sizes)
        self._pictures = self._result.pictures()
        self._slots = enumerate(self._pictures)

    async def __aiter__(self) -> AsyncIterator[Thumbnail]:
        while some := await to_the_end(self._some):
            for slot, picture in some:
                yield Thumbnail(slot, dict.fromkeys(self.outline.sizes, picture))

    def close(self) -> None:
        self._pictures.close()
        self._result.close()

    def _some(self) -> list[tuple[int, bytes]]:
        with result_faults(self._target.path):
            return list(islice(self._slots, _AT_A_TIME))


def _identity(video: str) -> VideoIdentity:
    try:
        status = Path(video).stat()
    except (FileNotFoundError, NotADirectoryError, ValueError) as problem:
        raise VideoUnusable(f"'{shown(video)}' does not exist; check the path") from problem
    except OSError as problem:
        raise VideoUnusable(f"'{shown(video)}' cannot be read: {problem.strerror}") from problem
    if not stat.S_ISREG(status.st_mode):
        raise VideoUnusable(f"'{shown(video)}' is no file; name a video")
    if status.st_size == 0:
        raise VideoUnusable(f"'{shown(video)}' is empty; copy it again")
    return VideoIdentity(video, status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)


def _opened(target: Target, outline: Outline, settings: PreviewSettings) -> _Pictures:
    require_spellable(target.path)
    with result_faults(target.path):
        if target.format is PreviewFormat.JELLYFIN:
            return SheetWriter(target, outline.slots, outline.sizes[Fit.WIDTH])
        return BifWriter(target, outline.slots, settings.interval * 1000)


def _result(target: Target) -> BifResult | SheetResult:
    return SheetResult(target) if target.format is PreviewFormat.JELLYFIN else BifResult(target)


def _sound_journal(target: Target) -> Journal | None:
    try:
        with closing(_result(target)) as result:
            return result.journal
    except (BifInvalid, ValueError):
        return None
    except OSError as problem:
        if problem.errno in _ABSENT:
            return None
        with result_faults(target.path):
            raise


def _sizes(
    target: Target, settings: PreviewSettings, size: tuple[int, int], fits: Iterable[Fit]
) -> Mapping[Fit, tuple[int, int]]:
    """Says which fits the stored pictures serve: where box and width agree for sure, both."""
    width, height = size
    # the box ends between two even numbers unless its width is a multiple of eight
    slack = 0 if width % 8 == 0 else 2
    both_agree = width == settings.width and width % 2 == 0 and (height + slack) * 4 <= width * 3
    own = FIT_OF[target.format]
    if any(fit is not own and not both_agree for fit in fits):
        raise FilesUnavailable(f"The pictures of '{shown(target.path)}' have another shape than is wanted")
    return dict.fromkeys(fits, size)


def _swept(folder: str) -> list[str]:
    require_spellable(folder)
    with result_faults(folder):
        return [str(path) for path in swept(Path(folder))]
