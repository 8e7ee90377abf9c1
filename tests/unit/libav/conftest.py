"""A source of frames with one worker, and short clocks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from earshelf.adapters.libav.source import LibavFrameSource
from tests.videos.clocks import Clock, written


@pytest.fixture
async def source() -> AsyncIterator[LibavFrameSource]:
    async with LibavFrameSource(1) as source:
        yield source


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one clock in several containers."""
    folder = tmp_path_factory.mktemp("films")
    for ending in ("mp4", "mkv", "ts"):
        written(folder / f"clock.{ending}", Clock(6))
    return folder
