"""What a source gives of a video, as numbers."""

from pathlib import Path

import pytest

from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Fit, PreviewSettings
from earshelf.ports.previews import FrameSource
from tests.videos.clocks import number_in

BOX = frozenset({Fit.BOX})


async def numbers(source: FrameSource, video: Path | str, settings: PreviewSettings | None = None) -> list[int]:
    """Returns which picture of a clock every slot shows."""
    async with source.sample(str(video), settings or PreviewSettings(interval=2), BOX) as sampling:
        return [number_in(thumbnail.jpegs[Fit.BOX]) async for thumbnail in sampling]


async def refusal(source: FrameSource, video: Path | str, settings: PreviewSettings | None = None) -> str:
    """Returns why a video is refused."""
    with pytest.raises(VideoUnusable) as refused:
        await numbers(source, video, settings)
    return str(refused.value)
