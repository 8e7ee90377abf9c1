"""The PreviewStore port over the local disk."""

import errno
import stat
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from itertools import islice
from pathlib import Path
from typing import Protocol

import anyio
from anyio import to_thread

from earshelf.adapters.files.faults import disk_faults, shown
from earshelf.adapters.preview_store.bif_files import BifWriter, pictures_in, read_index, require_sound
from earshelf.adapters.preview_store.exchanging import restore
from earshelf.adapters.preview_store.journals import read_journal
from earshelf.adapters.preview_store.jpegs import jpeg_size
from earshelf.adapters.preview_store.sheets import SheetWriter, require_sound_sheets, tiles_in
from earshelf.adapters.preview_store.unfinished import SET_ASIDE, leftovers, remove
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
_IN_THE_WAY = frozenset({errno.EEXIST, errno.ENOTDIR, errno.EISDIR})


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
        writer = await to_thread.run_sync(_opened, target, outline, settings)
        try:
            yield _Writer(target, writer)
        finally:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(writer.close)

    @asynccontextmanager
    async def reading(self, target: Target, fits: frozenset[Fit]) -> AsyncIterator[Sampling]:
        stored = await to_thread.run_sync(_stored, target, fits)
        yield stored

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
        await to_thread.run_sync(self._add, thumbnail.jpegs[self._fit])

    async def publish(self, journal: Journal) -> None:
        await to_thread.run_sync(self._publish, journal)

    def _add(self, picture: bytes) -> None:
        with _faults(self._target.path):
            self._pictures.add(picture)

    def _publish(self, journal: Journal) -> None:
        with _faults(self._target.path):
            self._pictures.publish(journal)


class _StoredPictures:
    """A result that is read back."""

    def __init__(self, outline: Outline, target: Target, pictures: Iterator[bytes]) -> None:
        self.outline = outline
        self._target = target
        self._pictures = enumerate(pictures)

    async def __aiter__(self) -> AsyncIterator[Thumbnail]:
        while some := await to_thread.run_sync(self._some):
            for slot, picture in some:
                yield Thumbnail(slot, dict.fromkeys(self.outline.sizes, picture))

    def _some(self) -> list[tuple[int, bytes]]:
        with _faults(self._target.path):
            return list(islice(self._pictures, _AT_A_TIME))


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
    with _faults(target.path):
        if target.format is PreviewFormat.JELLYFIN:
            return SheetWriter(target, outline.slots, outline.sizes[Fit.WIDTH])
        return BifWriter(target, outline.slots, settings.interval * 1000)


def _sound_journal(target: Target) -> Journal | None:
    journal = read_journal(target)
    if journal is None:
        return None
    try:
        _tile_or_picture_size(target, journal)
    except (FilesUnavailable, FileNotFoundError):
        return None
    except OSError as problem:
        with _faults(target.path):
            raise problem
    return journal if journal.format is target.format else None


def _tile_or_picture_size(target: Target, journal: Journal) -> tuple[int, int]:
    """Looks at a result and returns the pixels of its pictures.

    :raises FilesUnavailable: it is not what its journal says.
    """
    if target.format is PreviewFormat.JELLYFIN:
        return require_sound_sheets(Path(target.path), journal)
    try:
        with Path(target.path).open("rb") as file:
            require_sound(file, journal)
            return jpeg_size(next(pictures_in(file, read_index(file)), b""))
    except BifInvalid as problem:
        raise FilesUnavailable(f"'{shown(target.path)}' is not sound: {problem.message}; make it anew") from problem


def _stored(target: Target, fits: frozenset[Fit]) -> _StoredPictures:
    journal = read_journal(target)
    if journal is None:
        raise FilesUnavailable(f"Nothing tells what '{shown(target.path)}' was made from; make it anew")
    with _faults(target.path):
        size = _tile_or_picture_size(target, journal)
    sizes = _sizes(target, journal.settings, size, fits)
    pictures = _pictures(target, journal, size)
    return _StoredPictures(Outline(journal.pictures, sizes), target, pictures)


def _sizes(
    target: Target, settings: PreviewSettings, size: tuple[int, int], fits: Iterable[Fit]
) -> Mapping[Fit, tuple[int, int]]:
    """Says which fits the stored pictures serve: where box and width agree, both."""
    width, height = size
    both_agree = width == settings.width and height * 4 <= settings.width * 3
    own = FIT_OF[target.format]
    if any(fit is not own and not both_agree for fit in fits):
        raise FilesUnavailable(f"The pictures of '{shown(target.path)}' have another shape than is wanted")
    return dict.fromkeys(fits, size)


def _pictures(target: Target, journal: Journal, size: tuple[int, int]) -> Iterator[bytes]:
    if target.format is PreviewFormat.JELLYFIN:
        yield from tiles_in(Path(target.path), journal.pictures, size)
        return
    with Path(target.path).open("rb") as file:
        yield from pictures_in(file, read_index(file))


def _swept(folder: str) -> list[str]:
    with _faults(folder):
        found = sorted(leftovers(Path(folder)))
        for path in found:
            if path.name.endswith(SET_ASIDE):
                restore(path)
            else:
                remove(path)
        return [str(path) for path in found]


@contextmanager
def _faults(path: str) -> Iterator[None]:
    """Says what the disk refuses about a result, and what else may be wrong with it."""
    try:
        with disk_faults(path):
            yield
    except BifInvalid as problem:
        raise FilesUnavailable(f"'{shown(path)}' does not read back as it was written: {problem.message}") from problem
    except FilesUnavailable as problem:
        cause = problem.__cause__
        if isinstance(cause, OSError) and cause.errno in _IN_THE_WAY:
            where = shown(cause.filename or path)
            raise FilesUnavailable(f"'{where}' stands where a folder of results is needed; move it away") from cause
        raise
