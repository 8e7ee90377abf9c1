"""Small results on a disk, and readers that know nothing of ours."""

import io
import struct
from functools import cache
from pathlib import Path

import av
import numpy as np
from PIL import Image

from earshelf.adapters.preview_store.store import DiskPreviewStore
from earshelf.domain.previews import FIT_OF, Fit, Journal, PreviewFormat, PreviewSettings, Target, VideoIdentity
from earshelf.ports.previews import Outline, Thumbnail

SIZE = (16, 10)
OUTLINE_SIZES = dict.fromkeys(Fit, SIZE)
SETTINGS = PreviewSettings(interval=7, width=16)
VIDEO = VideoIdentity("/films/film.mkv", 1000, 1)
FORMATS = tuple(PreviewFormat)
_ENDS = {PreviewFormat.PLEX: "/index-sd.bif", PreviewFormat.EMBY: "-16-7.bif"}


@cache
def painted(shade: int, size: tuple[int, int] = SIZE) -> bytes:
    """A JPEG of one shade of grey."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (shade, shade, shade)).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def shades(count: int) -> list[int]:
    """A shade per slot, far enough from its neighbours to be told apart."""
    return [slot * 37 % 240 for slot in range(count)]


def target_in(folder: Path, one: PreviewFormat, name: str = "film") -> Target:
    """A place for a result."""
    return Target(one, f"{folder}/{name}{_ENDS.get(one, '.trickplay/16 - 10x10')}")


def journal_of(target: Target, pictures: int) -> Journal:
    """What such a result was made from."""
    return Journal(VIDEO, target.format, SETTINGS, pictures, "test 1")


def thumbnail(slot: int, picture: bytes) -> Thumbnail:
    """The same picture for every fit."""
    return Thumbnail(slot, dict.fromkeys(Fit, picture))


async def put(target: Target, tones: list[int], store: DiskPreviewStore | None = None) -> Journal:
    """Makes and publishes a result."""
    journal = journal_of(target, len(tones))
    async with (store or DiskPreviewStore()).writing(target, Outline(len(tones), OUTLINE_SIZES), SETTINGS) as writer:
        for slot, tone in enumerate(tones):
            await writer.add(thumbnail(slot, painted(tone)))
        await writer.publish(journal)
    return journal


async def got(target: Target) -> list[bytes]:
    """Reads a result through the store."""
    fit = FIT_OF[target.format]
    async with DiskPreviewStore().reading(target, frozenset({fit})) as sampling:
        return [one.jpegs[fit] async for one in sampling]


def below(folder: Path) -> dict[str, bytes | None]:
    """All that lies below a folder; folders have no content."""
    paths = sorted(folder.rglob("*"))
    return {str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes() for path in paths}


def bif_by_hand(data: bytes) -> tuple[int, list[bytes]]:
    """Reads a file as its layout is written down."""
    assert data[:8] == bytes.fromhex("894249460D0A1A0A")
    version, count, interval = struct.unpack("<III", data[8:20])
    assert (version, data[20:64]) == (0, bytes(44))
    table = [struct.unpack_from("<II", data, 64 + 8 * row) for row in range(count + 1)]
    assert [number for number, _ in table] == [*range(count), 0xFFFFFFFF]
    assert (table[0][1], table[-1][1]) == (72 + 8 * count, len(data))
    return interval, [data[table[row][1] : table[row + 1][1]] for row in range(count)]


def shade_of(jpeg: bytes) -> tuple[int, tuple[int, int]]:
    """Decodes a JPEG and returns the grey in its middle, and its size."""
    context = av.CodecContext.create("mjpeg", "r")
    (frame,) = [*context.decode(av.Packet(jpeg)), *context.decode(None)]
    picture = frame.to_ndarray(format="gray")
    return int(picture[frame.height // 2, frame.width // 2]), (frame.width, frame.height)


def sheets_by_hand(folder: Path) -> list[list[int]]:
    """Returns the shade of every tile of every sheet, by rows from the upper left."""
    sheets = []
    for number in range(len(list(folder.glob("*.jpg")))):
        with Image.open(folder / f"{number}.jpg") as sheet:
            assert (sheet.format, sheet.size) == ("JPEG", (SIZE[0] * 10, SIZE[1] * 10))
            grey = sheet.convert("L")
            middles = [(x * SIZE[0] + 8, y * SIZE[1] + 5) for y in range(10) for x in range(10)]
            shades_there = np.asarray(grey)
        sheets.append([int(shades_there[y, x]) for x, y in middles])
    return sheets


def near(one: int, other: int) -> bool:
    """Whether two shades are the same but for what JPEG takes away."""
    return abs(one - other) <= 6
