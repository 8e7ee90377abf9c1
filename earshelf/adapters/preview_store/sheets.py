"""Jellyfin's sheets of tiles: folders with JPEG files of ten by ten pictures each, from the upper left, row by row."""

import errno
import io
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from earshelf.adapters.files.faults import sync_folder
from earshelf.adapters.preview_store.exchanging import put_in_place
from earshelf.adapters.preview_store.journals import read_journal, spelled, write_out
from earshelf.adapters.preview_store.jpegs import jpeg_size
from earshelf.adapters.preview_store.opening import opened
from earshelf.adapters.preview_store.unfinished import give_to_owner_of, new_folder
from earshelf.domain.errors import BifInvalid, FilesUnavailable
from earshelf.domain.preview_files import TILES, TILES_ACROSS, TILES_DOWN, journal_path, sheet_count
from earshelf.domain.previews import Journal, Target

if TYPE_CHECKING:
    from PIL.Image import Image

_SHEET_QUALITY = 90
_TILE_QUALITY = 90
_LONGEST_SIDE = 65_500  # of a JPEG picture, as its common library has it
_HEAD_BYTES = 1 << 16
_LONGEST_SIDE_OF_TILE = _LONGEST_SIDE // max(TILES_ACROSS, TILES_DOWN)
_MOST_PIXELS = 3 * 10**8  # of a sheet, which takes three bytes of memory for each


class SheetWriter:
    """A folder of sheets in the making, beside the folder that it will lie in."""

    def __init__(self, target: Target, slots: int, tile: tuple[int, int]) -> None:
        self._final = Path(target.path)
        self._journal = Path(journal_path(target)).name
        self._slots = slots
        self._tile = tile
        self._sheet_size = tile[0] * TILES_ACROSS, tile[1] * TILES_DOWN
        self._count = 0
        self._sheet: Image | None = None
        if not _fits(tile):
            raise FilesUnavailable(f"Ten by ten pictures of {tile[0]}x{tile[1]} fit no JPEG; take a smaller width")
        self._draft = new_folder(self._final.parent, self._final.parent)
        try:
            _require_place(self._final)
        except BaseException:
            self._draft.discard()
            raise

    def add(self, picture: bytes) -> None:
        """Puts the next picture on its sheet.

        :raises BifInvalid: it is no JPEG.
        """
        from PIL import Image  # noqa: PLC0415 - only who makes sheets pays for it

        place = self._count % TILES
        if self._sheet is None:
            self._sheet = Image.new("RGB", self._sheet_size)
        # nobody makes such thumbnails: decoding one would only fill the memory
        if max(jpeg_size(picture)) > _LONGEST_SIDE_OF_TILE:
            raise BifInvalid("a picture is larger than any thumbnail")
        with _decoding(io.BytesIO(picture)) as tile:
            fitting = tile if tile.size == self._tile else tile.resize(self._tile)
            self._sheet.paste(fitting, (place % TILES_ACROSS * self._tile[0], place // TILES_ACROSS * self._tile[1]))
        self._count += 1
        if self._count % TILES == 0:
            self._put_away()

    def publish(self, journal: Journal) -> None:
        """Completes the last sheet, reads all of them back and gives the folder its name.

        :raises BifInvalid: they do not read back as the journal says.
        """
        if self._sheet is not None:
            self._put_away()
        if self._count != self._slots:
            raise BifInvalid(f"it has {self._count} of {self._slots} pictures")
        folder = self._draft.descriptor
        _, size = require_sound_sheets(folder, journal)
        self._write(self._journal, spelled(journal, size))
        os.fsync(folder)
        put_in_place(self._draft.path, self._final)
        sync_folder(self._final.parent)

    def close(self) -> None:
        """Leaves nothing of it but what was published; may be repeated."""
        self._sheet = None
        self._draft.discard()

    def _put_away(self) -> None:
        sheet, self._sheet = self._sheet, None
        if sheet is not None:
            # through memory, so that it is the disk that says why it takes no more
            self._write(f"{(self._count - 1) // TILES}.jpg", _spelled(sheet, _SHEET_QUALITY))

    def _write(self, name: str, content: bytes) -> None:
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW
        descriptor = os.open(name, flags, 0o666, dir_fd=self._draft.descriptor)
        try:
            give_to_owner_of(self._draft.path, descriptor)
            write_out(descriptor, content)
        finally:
            os.close(descriptor)


class SheetResult:
    """A folder of sheets that is there and sound; it stays open, so that whoever replaces it mixes nothing in.

    :raises BifInvalid: it is not what its journal says, or has none.
    :raises OSError: the disk refuses.
    """

    def __init__(self, target: Target) -> None:
        self._folder = os.open(target.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            vouched = read_journal(Path(journal_path(target)).name, self._folder)
            if vouched is None or vouched[0].format is not target.format:
                raise BifInvalid("nothing tells what it was made from")
            self.journal, size = vouched
            self.size, found = require_sound_sheets(self._folder, self.journal)
            if found != size:
                raise BifInvalid("its sheets are not those that its journal vouches for")
        except BaseException:
            self.close()
            raise

    def pictures(self) -> Generator[bytes, None, None]:
        """Gives the pictures as JPEG, in their order.

        :raises BifInvalid: a sheet turns out broken.
        :raises OSError: the disk refuses.
        """
        width, height = self.size
        count = self.journal.pictures
        for number in range(sheet_count(count)):
            with opened(f"{number}.jpg", self._folder) as file, _decoding(file) as sheet:
                for place in range(min(TILES, count - number * TILES)):
                    left, top = place % TILES_ACROSS * width, place // TILES_ACROSS * height
                    yield _spelled(sheet.crop((left, top, left + width, top + height)), _TILE_QUALITY)

    def close(self) -> None:
        """Lets go of it; may be repeated."""
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1


def require_sound_sheets(folder: int, journal: Journal) -> tuple[tuple[int, int], int]:
    """Looks whether an open folder has just the sheets that its journal vouches for.

    :returns: the pixels of a tile, and the bytes of all sheets.
    :raises BifInvalid: a sheet is missing, cut short, of another size, or one too many is there.
    """
    sizes, total = set(), 0
    for number in range(sheet_count(journal.pictures)):
        size, length = _sheet_facts(folder, f"{number}.jpg")
        sizes.add(size)
        total += length
    if len(sizes) != 1 or _is_there(folder, f"{sheet_count(journal.pictures)}.jpg"):
        raise BifInvalid("its sheets do not belong together")
    width, height = sizes.pop()
    if width % TILES_ACROSS or height % TILES_DOWN or not width or not height:
        raise BifInvalid("its sheets do not have ten by ten tiles")
    tile = width // TILES_ACROSS, height // TILES_DOWN
    if not _fits(tile):
        raise BifInvalid("its sheets are larger than any that are made")
    return tile, total


def _fits(tile: tuple[int, int]) -> bool:
    return max(tile) <= _LONGEST_SIDE_OF_TILE and tile[0] * tile[1] * TILES <= _MOST_PIXELS


def _sheet_facts(folder: int, name: str) -> tuple[tuple[int, int], int]:
    try:
        with opened(name, folder) as file:
            size = jpeg_size(file.read(_HEAD_BYTES))
            length = file.seek(-2, os.SEEK_END) + 2
            if file.read() == b"\xff\xd9":
                return size, length
    except FileNotFoundError as problem:
        raise BifInvalid(f"{name} is missing") from problem
    raise BifInvalid(f"{name} is cut short")


def _is_there(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _decoding(file: IO[bytes]) -> "Iterator[Image]":
    """Decodes a picture, however large: what claims to be larger than its sheets was refused before."""
    from PIL.JpegImagePlugin import JpegImageFile  # noqa: PLC0415 - only who makes or reads sheets pays for it

    try:
        image = JpegImageFile(file)
        image.load()
    # a broken picture comes as nearly anything
    except (OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError, MemoryError) as problem:
        raise BifInvalid("a picture is no JPEG, or damaged") from problem
    with image:
        yield image


def _spelled(picture: "Image", quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _require_place(final: Path) -> None:
    """Looks whether a folder can get this name; a link in its place is replaced, but a link to it is not followed.

    :raises FilesUnavailable: the folder around it is a link.
    :raises OSError: a file has its name, or the name is too long.
    """
    if final.parent.is_symlink():
        raise FilesUnavailable(f"'{final.parent}' is a link; results are not put where a link leads")
    with suppress(FileNotFoundError):
        final.lstat()
    if os.path.lexists(final) and not final.is_dir() and not final.is_symlink():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(final))
