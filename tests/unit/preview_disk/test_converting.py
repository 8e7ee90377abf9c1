"""Previewing over a real disk: what is there is converted where its shape fits, and else the video is decoded."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from earshelf.adapters.frame_cache import DiskFrameCache
from earshelf.adapters.preview_store.store import DiskPreviewStore
from earshelf.domain.preview_files import target_of
from earshelf.domain.previews import FIT_OF, Fit, PreviewFormat, PreviewSettings, Provenance, Target
from earshelf.domain.usecases.previewing import Previewing
from earshelf.ports.previews import Outline, Sampling, Thumbnail
from tests.unit.preview_disk.making import FORMATS, below, painted, shade_of
from tests.unit.preview_ports import KnownDisks

SETTINGS = PreviewSettings(interval=7, width=16)
WIDE = {Fit.BOX: (16, 10), Fit.WIDTH: (16, 10)}
TALL = {Fit.BOX: (6, 12), Fit.WIDTH: (16, 28)}
SLOTS = 120


class Film:
    """Counts how often it is decoded."""

    def __init__(self, sizes: dict[Fit, tuple[int, int]]) -> None:
        self._sizes = sizes
        self.decodings = 0
        self.outline = Outline(SLOTS, sizes)

    @asynccontextmanager
    async def sample(self, video: str, settings: PreviewSettings, fits: frozenset[Fit]) -> AsyncIterator[Sampling]:
        self.decodings += 1
        yield self

    async def __aiter__(self) -> AsyncIterator[Thumbnail]:
        for slot in range(SLOTS):
            yield Thumbnail(slot, {fit: painted(slot, size) for fit, size in self._sizes.items()})


class Desk:
    """A film in a folder, with or without a cache."""

    def __init__(self, folder: Path, film: Film, *, caching: bool) -> None:
        self.video, self.results, self.config = folder / "film.mkv", folder / "results", folder / "config"
        self.video.write_bytes(b"moving pictures")
        self.results.mkdir()
        cache = DiskFrameCache(self.config) if caching else None
        self.previewing = Previewing(source=film, store=DiskPreviewStore(), disks=KnownDisks(), cache=cache)

    def target(self, one: PreviewFormat) -> Target:
        return target_of(str(self.video), str(self.results), one, SETTINGS)

    async def make(self, *formats: PreviewFormat) -> Provenance | None:
        targets = [self.target(one) for one in formats]
        siblings = [self.target(one) for one in FORMATS if one not in formats]
        report = await self.previewing.make(str(self.video), targets, SETTINGS, siblings=siblings)
        assert (report.has_failed, report.slots) == (False, SLOTS), report
        return report.provenance

    async def sizes(self, one: PreviewFormat) -> set[tuple[int, int]]:
        fit = FIT_OF[one]
        async with DiskPreviewStore().reading(self.target(one), frozenset({fit})) as sampling:
            return {shade_of(thumbnail.jpegs[fit])[1] async for thumbnail in sampling}


@pytest.mark.parametrize("first", FORMATS)
async def test_one_decoding_is_enough_for_all_formats_of_a_wide_film(tmp_path: Path, first: PreviewFormat) -> None:
    film = Film(WIDE)
    desk = Desk(tmp_path, film, caching=False)
    assert await desk.make(first) is Provenance.EXTRACTED
    for other in (one for one in FORMATS if one is not first):
        assert await desk.make(other) is Provenance.CONVERTED
        assert await desk.sizes(other) == {(16, 10)}
    assert film.decodings == 1


async def test_a_tall_film_is_decoded_again_for_the_other_shape(tmp_path: Path) -> None:
    film = Film(TALL)
    desk = Desk(tmp_path, film, caching=False)
    assert await desk.make(PreviewFormat.PLEX) is Provenance.EXTRACTED
    assert await desk.make(PreviewFormat.EMBY) is Provenance.CONVERTED
    assert await desk.make(PreviewFormat.JELLYFIN) is Provenance.EXTRACTED
    assert [await desk.sizes(one) for one in FORMATS] == [{(6, 12)}, {(6, 12)}, {(16, 28)}]
    assert film.decodings == 2


async def test_what_was_made_for_sheets_is_kept_for_files(tmp_path: Path) -> None:
    film = Film(TALL)
    desk = Desk(tmp_path, film, caching=True)
    assert await desk.make(PreviewFormat.JELLYFIN) is Provenance.EXTRACTED
    assert await desk.make(PreviewFormat.PLEX) is Provenance.CACHE_HIT
    assert film.decodings == 1
    assert not [path for path in below(desk.config) if "earshelf" in path]


async def test_a_damaged_cache_is_a_reason_to_decode_and_no_failure(tmp_path: Path) -> None:
    film = Film(TALL)
    desk = Desk(tmp_path, film, caching=True)
    await desk.make(PreviewFormat.JELLYFIN)
    (kept,) = (desk.config / "cache" / "frames").glob("*.bif")
    kept.write_bytes(kept.read_bytes()[:500])
    assert await desk.make(PreviewFormat.PLEX) is Provenance.EXTRACTED
    assert film.decodings == 2
