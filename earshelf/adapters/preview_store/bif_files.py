"""BIF files on the disk: written picture by picture, read back before they are trusted."""

import errno
import os
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from earshelf.adapters.files.faults import sync_folder
from earshelf.adapters.preview_store.journals import read_journal, withdrawn, written
from earshelf.adapters.preview_store.jpegs import jpeg_size
from earshelf.adapters.preview_store.opening import opened
from earshelf.adapters.preview_store.unfinished import new_file
from earshelf.domain.bif import DATA_OFFSET, BifIndex, decode_index, encode_prefix, index_length, prefix_length
from earshelf.domain.errors import BifInvalid, FilesUnavailable
from earshelf.domain.preview_files import journal_path
from earshelf.domain.previews import Journal, PreviewFormat, Target

_JPEG_BEGIN = b"\xff\xd8"
_JPEG_END = b"\xff\xd9"


class BifWriter:
    """One file in the making; the room of its index is left free until all sizes are known."""

    def __init__(self, target: Target, slots: int, interval_ms: int) -> None:
        self._final = Path(target.path)
        self._journal = Path(journal_path(target))
        self._slots = slots
        self._interval_ms = interval_ms
        self._sizes: list[int] = []
        # a film's own folder may be a link; a folder that is there for the result alone may not
        if target.format is PreviewFormat.PLEX and self._final.parent.is_symlink():
            raise FilesUnavailable(f"'{self._final.parent}' is a link; results are not put where a link leads")
        self._draft = new_file(self._final)
        try:
            # what can be known before hours of decoding is not told after them
            _require_room_for(self._final)
            _require_room_for(self._journal)
            self._file: BinaryIO = os.fdopen(self._draft.descriptor, "w+b", 1 << 18, closefd=False)
            self._file.seek(prefix_length(slots))
        except BaseException:
            self._draft.discard()
            raise

    def add(self, picture: bytes) -> None:
        """Adds the next picture."""
        self._file.write(picture)
        self._sizes.append(len(picture))

    def publish(self, journal: Journal) -> None:
        """Completes the file, reads it back and gives it its name.

        :raises BifInvalid: it does not read back as the journal says.
        """
        if len(self._sizes) != self._slots:
            raise BifInvalid(f"it has {len(self._sizes)} of {self._slots} pictures")
        self._file.seek(0)
        self._file.write(encode_prefix(self._sizes, self._interval_ms))
        self._file.flush()
        os.fsync(self._draft.descriptor)
        require_sound(self._file, journal)
        size = os.fstat(self._draft.descriptor).st_size
        draft = written(journal, size, self._journal)
        try:
            # an old journal must not vouch for the new file, should this end between the two
            with withdrawn(self._journal):
                self._draft.path.replace(self._final)
            draft.path.replace(self._journal)
        finally:
            draft.discard()
        sync_folder(self._final.parent)

    def close(self) -> None:
        """Leaves nothing of it but what was published; may be repeated."""
        # what could not be written any more is not wanted any more
        with suppress(OSError):
            self._file.close()
        self._draft.discard()


class BifResult:
    """A file that is there and sound; it stays open, so that whoever replaces it does not change what is read.

    :raises BifInvalid: it is not what its journal says, or has none.
    :raises OSError: the disk refuses.
    """

    def __init__(self, target: Target) -> None:
        self._file = opened(target.path)
        try:
            vouched = read_journal(journal_path(target))
            if vouched is None or vouched[0].format is not target.format:
                raise BifInvalid("nothing tells what it was made from")
            self.journal, size = vouched
            if os.fstat(self._file.fileno()).st_size != size:
                raise BifInvalid("it is not the one that its journal vouches for")
            self._index = require_sound(self._file, self.journal)
            self.size = jpeg_size(next(self.pictures(), b""))
        except BaseException:
            self.close()
            raise

    def pictures(self) -> Generator[bytes, None, None]:
        """Gives the pictures in their order.

        :raises OSError: the disk refuses.
        """
        for number in range(self._index.count):
            offset, length = self._index.span(number)
            self._file.seek(offset)
            yield self._file.read(length)

    def close(self) -> None:
        """Lets go of it."""
        self._file.close()


def read_index(file: BinaryIO) -> BifIndex:
    """Reads header and index of an open file.

    :raises BifInvalid: it is no BIF file, or its index does not fit it.
    """
    size = os.fstat(file.fileno()).st_size
    file.seek(0)
    header = file.read(DATA_OFFSET)
    rest = file.read(index_length(header, size) - DATA_OFFSET)
    return decode_index(header + rest, size)


def require_sound(file: BinaryIO, journal: Journal) -> BifIndex:
    """Reads a whole file and holds it against its journal.

    :raises BifInvalid: number, interval or any picture is not what the journal vouches for.
    """
    index = read_index(file)
    wanted = (journal.pictures, journal.settings.interval * 1000)
    if (index.count, index.interval_ms) != wanted:
        raise BifInvalid(
            f"it has {index.count} pictures every {index.interval_ms} ms instead of {wanted[0]} every {wanted[1]} ms"
        )
    for number, (first, last) in enumerate(_edges(file, index)):
        if (first, last) != (_JPEG_BEGIN, _JPEG_END):
            raise BifInvalid(f"picture {number} is no JPEG")
    return index


def _edges(file: BinaryIO, index: BifIndex) -> Iterator[tuple[bytes, bytes]]:
    descriptor = file.fileno()
    for number in range(index.count):
        offset, length = index.span(number)
        yield os.pread(descriptor, min(2, length), offset), os.pread(descriptor, 2, offset + max(2, length) - 2)


def _require_room_for(path: Path) -> None:
    """Looks whether a file can get this name.

    :raises OSError: the name is too long, or a folder has it.
    """
    with suppress(FileNotFoundError):
        path.lstat()
    if path.is_dir() and not path.is_symlink():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
