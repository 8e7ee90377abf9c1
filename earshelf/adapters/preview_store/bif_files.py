"""BIF files on the disk: written picture by picture, read back before they are trusted."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from earshelf.adapters.files.faults import sync_folder
from earshelf.adapters.preview_store.journals import write_journal
from earshelf.adapters.preview_store.unfinished import NewFolders, locked, unfinished_name
from earshelf.domain.bif import DATA_OFFSET, BifIndex, decode_index, encode_prefix, index_length, prefix_length
from earshelf.domain.errors import BifInvalid
from earshelf.domain.preview_files import journal_path
from earshelf.domain.previews import Journal, Target

_JPEG_BEGIN = b"\xff\xd8"
_JPEG_END = b"\xff\xd9"
_FILE_MODE = 0o666


class BifWriter:
    """One file in the making; the room of its index is left free until all sizes are known."""

    def __init__(self, target: Target, slots: int, interval_ms: int) -> None:
        self._target = target
        self._final = Path(target.path)
        self._slots = slots
        self._interval_ms = interval_ms
        self._sizes: list[int] = []
        self._folders = NewFolders(self._final.parent)
        self._unfinished = unfinished_name(self._final)
        try:
            descriptor = os.open(self._unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW, _FILE_MODE)
        except BaseException:
            self._folders.withdraw()
            raise
        self._file: BinaryIO = os.fdopen(descriptor, "w+b", 1 << 18)
        locked(descriptor)
        self._file.seek(prefix_length(slots))

    def add(self, picture: bytes) -> None:
        """Adds the next picture."""
        self._file.write(picture)
        self._sizes.append(len(picture))

    def publish(self, journal: Journal) -> None:
        """Completes the file, reads it back and gives it its name.

        :raises BifInvalid: it does not read back as the journal says.
        """
        if len(self._sizes) != self._slots:
            raise BifInvalid(f"'{self._final}' has {len(self._sizes)} of {self._slots} pictures")
        self._file.seek(0)
        self._file.write(encode_prefix(self._sizes, self._interval_ms))
        self._file.flush()
        os.fsync(self._file.fileno())
        require_sound(self._file, journal)
        # an old journal must not vouch for the new file, should this end between the two
        Path(journal_path(self._target)).unlink(missing_ok=True)
        self._unfinished.replace(self._final)
        sync_folder(self._final.parent)
        write_journal(self._target, journal)

    def close(self) -> None:
        """Leaves nothing of it but what was published; may be repeated."""
        with suppress(OSError):
            self._unfinished.unlink(missing_ok=True)
        # what could not be written any more is not wanted any more
        with suppress(OSError):
            self._file.close()
        self._folders.withdraw()


def read_index(file: BinaryIO) -> BifIndex:
    """Reads header and index of an open file.

    :raises BifInvalid: it is no BIF file, or its index does not fit it.
    """
    size = os.fstat(file.fileno()).st_size
    file.seek(0)
    header = file.read(DATA_OFFSET)
    rest = file.read(index_length(header, size) - DATA_OFFSET)
    return decode_index(header + rest, size)


def pictures_in(file: BinaryIO, index: BifIndex) -> Iterator[bytes]:
    """Gives the pictures of an open file in their order."""
    for number in range(index.count):
        offset, length = index.span(number)
        file.seek(offset)
        yield file.read(length)


def require_sound(file: BinaryIO, journal: Journal) -> None:
    """Reads a whole file and holds it against its journal.

    :raises BifInvalid: number, interval or any picture is not what the journal vouches for.
    """
    index = read_index(file)
    wanted = (journal.pictures, journal.settings.interval * 1000)
    if (index.count, index.interval_ms) != wanted:
        raise BifInvalid(
            f"'{journal.format}' result has {index.count} pictures every {index.interval_ms} ms instead of "
            f"{wanted[0]} every {wanted[1]} ms"
        )
    for number, (first, last) in enumerate(_edges(file, index)):
        if (first, last) != (_JPEG_BEGIN, _JPEG_END):
            raise BifInvalid(f"Picture {number} of the file is no JPEG")


def _edges(file: BinaryIO, index: BifIndex) -> Iterator[tuple[bytes, bytes]]:
    descriptor = file.fileno()
    for number in range(index.count):
        offset, length = index.span(number)
        yield os.pread(descriptor, min(2, length), offset), os.pread(descriptor, 2, offset + max(2, length) - 2)
