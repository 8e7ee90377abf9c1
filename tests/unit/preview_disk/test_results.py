"""What lies on the disk, read back by readers that know nothing of ours."""

import io
from pathlib import Path

import pytest
from PIL import Image

from earshelf.adapters.preview_store.store import DiskPreviewStore
from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.previews import FIT_OF, Fit, Journal, PreviewFormat, PreviewSettings, Target
from earshelf.ports.previews import Outline
from tests.unit.preview_disk.making import (
    FORMATS,
    SETTINGS,
    SIZE,
    VIDEO,
    below,
    bif_by_hand,
    got,
    near,
    painted,
    put,
    shade_of,
    shades,
    sheets_by_hand,
    target_in,
    thumbnail,
)

BIFS = (PreviewFormat.PLEX, PreviewFormat.EMBY)
COUNTS = [1, 99, 100, 101, 250]
JELLYFIN = PreviewFormat.JELLYFIN


@pytest.mark.parametrize("one", BIFS)
@pytest.mark.parametrize("count", COUNTS)
async def test_a_bif_file_holds_every_picture_as_it_came(tmp_path: Path, one: PreviewFormat, count: int) -> None:
    target = target_in(tmp_path, one)
    await put(target, shades(count))
    interval, pictures = bif_by_hand(Path(target.path).read_bytes())
    assert (interval, pictures) == (7000, [painted(shade) for shade in shades(count)])
    found, size = shade_of(pictures[-1])
    assert near(found, shades(count)[-1])
    assert size == SIZE


@pytest.mark.parametrize("count", COUNTS)
async def test_sheets_hold_every_picture_row_by_row_and_black_after_the_last(tmp_path: Path, count: int) -> None:
    target = target_in(tmp_path, JELLYFIN)
    await put(target, shades(count))
    tiles = [tile for sheet in sheets_by_hand(Path(target.path)) for tile in sheet]
    wanted = shades(count) + [0] * (-count % 100)
    assert len(tiles) == len(wanted)
    assert all(near(tile, shade) for tile, shade in zip(tiles, wanted, strict=True))


@pytest.mark.parametrize("count", COUNTS)
async def test_tiles_are_taken_apart_into_pictures_again(tmp_path: Path, count: int) -> None:
    target = target_in(tmp_path, JELLYFIN)
    await put(target, shades(count))
    found = [shade_of(picture) for picture in await got(target)]
    assert [size for _, size in found] == [SIZE] * count
    assert all(near(tile, shade) for (tile, _), shade in zip(found, shades(count), strict=True))


async def test_nothing_but_the_results_and_their_journals_is_left(tmp_path: Path) -> None:
    for one in FORMATS:
        await put(target_in(tmp_path, one), shades(101))
    assert sorted(path for path, content in below(tmp_path).items() if content is not None) == [
        "film-16-7.bif",
        "film-16-7.bif.meta",
        "film.trickplay/16 - 10x10/0.jpg",
        "film.trickplay/16 - 10x10/0.jpg.meta",
        "film.trickplay/16 - 10x10/1.jpg",
        "film/index-sd.bif",
        "film/index-sd.bif.meta",
    ]


async def test_fewer_sheets_leave_none_of_the_old_ones(tmp_path: Path) -> None:
    target = target_in(tmp_path, JELLYFIN)
    await put(target, shades(250))
    await put(target, shades(3))
    assert sorted(path.name for path in Path(target.path).iterdir()) == ["0.jpg", "0.jpg.meta"]


async def test_tiles_of_another_size_are_brought_to_that_of_the_sheet(tmp_path: Path) -> None:
    target = target_in(tmp_path, JELLYFIN)
    async with DiskPreviewStore().writing(target, Outline(1, {Fit.WIDTH: SIZE}), SETTINGS) as writer:
        await writer.add(thumbnail(0, painted(200, (32, 24))))
        await writer.publish(Journal(VIDEO, JELLYFIN, SETTINGS, 1))
    ((first, second, *_),) = sheets_by_hand(Path(target.path))
    assert near(first, 200)
    assert near(second, 0)


async def test_sheets_of_wide_tiles_can_be_read_back(tmp_path: Path) -> None:
    tile, width = (1920, 1080), 1920
    target, settings = target_in(tmp_path, JELLYFIN), PreviewSettings(interval=7, width=width)
    async with DiskPreviewStore().writing(target, Outline(1, {Fit.WIDTH: tile}), settings) as writer:
        await writer.add(thumbnail(0, painted(90, tile)))
        await writer.publish(Journal(VIDEO, JELLYFIN, settings, 1))
    (picture,) = await got(target)
    assert shade_of(picture)[1] == tile


async def test_tiles_that_no_sheet_can_hold_are_refused_before_any_work(tmp_path: Path) -> None:
    writing = DiskPreviewStore().writing(target_in(tmp_path, JELLYFIN), Outline(1, {Fit.WIDTH: (1920, 6552)}), SETTINGS)
    with pytest.raises(FilesUnavailable, match="smaller width"):
        await writing.__aenter__()
    assert below(tmp_path) == {}


async def put_one(target: Target, picture: bytes, journal: Journal) -> None:
    async with DiskPreviewStore().writing(target, Outline(1, dict.fromkeys(Fit, SIZE)), SETTINGS) as writer:
        await writer.add(thumbnail(0, picture))
        await writer.publish(journal)


@pytest.mark.parametrize("one", FORMATS)
@pytest.mark.parametrize("picture", [b"", b"\xff\xd8", b"GIF89a", painted(9)[:200], b"\xff\xd8" + bytes(900)])
async def test_what_is_no_jpeg_is_never_published(tmp_path: Path, one: PreviewFormat, picture: bytes) -> None:
    target = target_in(tmp_path, one)
    journal = await put(target, [1])
    before = below(tmp_path)
    with pytest.raises(FilesUnavailable, match="no JPEG"):
        await put_one(target, picture, journal)
    assert below(tmp_path) == before


@pytest.mark.parametrize(
    ("one", "size", "width", "serves"),
    [
        (PreviewFormat.PLEX, (320, 180), 320, True),
        (PreviewFormat.PLEX, (320, 240), 320, True),
        (PreviewFormat.PLEX, (134, 240), 320, False),
        (PreviewFormat.PLEX, (322, 240), 322, False),
        (JELLYFIN, (320, 240), 320, True),
        (JELLYFIN, (320, 242), 320, False),
        (JELLYFIN, (320, 568), 320, False),
        (JELLYFIN, (321, 180), 321, False),
    ],
)
async def test_a_result_serves_another_fit_only_where_both_agree(
    tmp_path: Path, one: PreviewFormat, size: tuple[int, int], width: int, serves: bool
) -> None:
    target, settings = target_in(tmp_path, one), PreviewSettings(interval=7, width=width)
    async with DiskPreviewStore().writing(target, Outline(1, dict.fromkeys(Fit, size)), settings) as writer:
        await writer.add(thumbnail(0, painted(90, size)))
        await writer.publish(Journal(VIDEO, one, settings, 1))
    other = next(fit for fit in Fit if fit is not FIT_OF[one])
    if serves:
        async with DiskPreviewStore().reading(target, frozenset({other})) as sampling:
            assert sampling.outline.sizes == {other: size}
    else:
        with pytest.raises(FilesUnavailable, match="shape"):
            await DiskPreviewStore().reading(target, frozenset({other})).__aenter__()


@pytest.mark.parametrize("one", FORMATS)
async def test_reading_goes_on_in_what_it_began_with(tmp_path: Path, one: PreviewFormat) -> None:
    target = target_in(tmp_path, one)
    await put(target, [20] * 90)
    async with DiskPreviewStore().reading(target, frozenset({FIT_OF[one]})) as sampling:
        await put(target, [200] * 90)
        try:
            found = [shade_of(next(iter(one.jpegs.values())))[0] async for one in sampling]
        except FilesUnavailable:
            found = []
    assert all(near(shade, 20) for shade in found)


async def test_a_sheet_that_is_damaged_inside_is_refused_while_it_is_read(tmp_path: Path) -> None:
    target = target_in(tmp_path, JELLYFIN)
    await put(target, shades(3))
    sheet = Path(target.path, "0.jpg")
    content = sheet.read_bytes()
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.size == (160, 100)
    scan = content.index(b"\xff\xda")
    sheet.write_bytes(content[:scan] + bytes(len(content) - scan - 2) + b"\xff\xd9")
    with pytest.raises(FilesUnavailable, match="damaged"):
        await got(target)
