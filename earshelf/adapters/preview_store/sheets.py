"""Jellyfin's sheets of tiles: folders with JPEG files of ten by ten pictures each, from the upper left, row by row."""

import io
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from earshelf.adapters.files.faults import sync_folder
from earshelf.adapters.preview_store.exchanging import put_in_place
from earshelf.adapters.preview_store.journals import write_journal
from earshelf.adapters.preview_store.unfinished import NewFolders, locked, remove, unfinished_name
from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.preview_files import TILES, TILES_ACROSS, TILES_DOWN, sheet_count
from earshelf.domain.previews import Journal, Target

if TYPE_CHECKING:
    from PIL.Image import Image

_SHEET_QUALITY = 90
_TILE_QUALITY = 90


class SheetWriter:
    """A folder of sheets in the making, beside the folder that it will lie in."""

    def __init__(self, target: Target, slots: int, tile: tuple[int, int]) -> None:
        self._target = target
        self._final = Path(target.path)
        self._slots = slots
        self._tile = tile
        self._count = 0
        self._sheet: Image | None = None
        self._descriptor: int | None = None
        if self._final.parent.is_symlink():
            raise FilesUnavailable(f"'{self._final.parent}' is a link; results are not put where a link leads")
        self._folders = NewFolders(self._final.parent)
        self._unfinished = unfinished_name(self._final.parent, self._final.parent.parent)
        try:
            self._unfinished.mkdir()
            self._descriptor = os.open(self._unfinished, os.O_RDONLY | os.O_DIRECTORY)
            locked(self._descriptor)
        except BaseException:
            self.close()
            raise

    def add(self, picture: bytes) -> None:
        """Puts the next picture on its sheet."""
        from PIL import Image  # noqa: PLC0415 - only who makes sheets pays for it

        place = self._count % TILES
        if self._sheet is None:
            width, height = self._tile
            self._sheet = Image.new("RGB", (width * TILES_ACROSS, height * TILES_DOWN))
        with Image.open(io.BytesIO(picture), formats=["JPEG"]) as tile:
            fitting = tile if tile.size == self._tile else tile.resize(self._tile)
            self._sheet.paste(fitting, (place % TILES_ACROSS * self._tile[0], place // TILES_ACROSS * self._tile[1]))
        self._count += 1
        if self._count % TILES == 0:
            self._put_away()

    def publish(self, journal: Journal) -> None:
        """Completes the last sheet, reads all of them back and gives the folder its name.

        :raises FilesUnavailable: they do not read back as the journal says.
        """
        if self._sheet is not None:
            self._put_away()
        if self._count != self._slots:
            raise FilesUnavailable(f"'{self._final}' has {self._count} of {self._slots} pictures")
        require_sound_sheets(self._unfinished, journal)
        write_journal(self._target, journal, self._unfinished)
        put_in_place(self._unfinished, self._final)
        sync_folder(self._final.parent)

    def close(self) -> None:
        """Leaves nothing of it but what was published; may be repeated."""
        with suppress(OSError):
            remove(self._unfinished)
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self._folders.withdraw()

    def _put_away(self) -> None:
        sheet, self._sheet = self._sheet, None
        number = (self._count - 1) // TILES
        if sheet is not None:
            with (self._unfinished / f"{number}.jpg").open("xb") as file:
                sheet.save(file, "JPEG", quality=_SHEET_QUALITY)
                file.flush()
                os.fsync(file.fileno())


def require_sound_sheets(folder: Path, journal: Journal) -> tuple[int, int]:
    """Looks whether a folder has just the sheets that its journal vouches for, and returns the pixels of a tile.

    :raises FilesUnavailable: a sheet is missing, cut short, of another size, or one too many is there.
    """
    sizes = {_sheet_size(folder / f"{number}.jpg") for number in range(sheet_count(journal.pictures))}
    extra = folder / f"{sheet_count(journal.pictures)}.jpg"
    if len(sizes) != 1 or extra.exists():
        raise FilesUnavailable(f"The sheets in '{folder}' do not belong together; make them anew")
    width, height = sizes.pop()
    if width % TILES_ACROSS or height % TILES_DOWN:
        raise FilesUnavailable(f"The sheets in '{folder}' do not have ten by ten tiles; make them anew")
    return width // TILES_ACROSS, height // TILES_DOWN


def tiles_in(folder: Path, pictures: int, tile: tuple[int, int]) -> Iterator[bytes]:
    """Gives the pictures of a folder of sheets as JPEG, in their order."""
    from PIL import Image  # noqa: PLC0415 - only who reads sheets pays for it

    width, height = tile
    for number in range(sheet_count(pictures)):
        with Image.open(folder / f"{number}.jpg", formats=["JPEG"]) as sheet:
            for place in range(min(TILES, pictures - number * TILES)):
                left, top = place % TILES_ACROSS * width, place // TILES_ACROSS * height
                yield _spelled(sheet.crop((left, top, left + width, top + height)))


def _spelled(picture: "Image") -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_TILE_QUALITY)
    return buffer.getvalue()


def _sheet_size(path: Path) -> tuple[int, int]:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - only who looks at sheets pays for it

    try:
        with path.open("rb") as file:
            file.seek(-2, os.SEEK_END)
            if file.read() != b"\xff\xd9":
                raise FilesUnavailable(f"'{path}' is cut short; make it anew")
            with Image.open(file, formats=["JPEG"]) as sheet:
                return sheet.size
    except (FileNotFoundError, UnidentifiedImageError, Image.DecompressionBombError) as problem:
        raise FilesUnavailable(f"'{path}' is no sheet of tiles; make it anew") from problem
