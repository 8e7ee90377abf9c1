"""The program and the built-in decoder show the same."""

import io
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from earshelf.adapters.ffmpeg.source import FfmpegFrames
from earshelf.adapters.libav.source import LibavFrameSource
from earshelf.domain.previews import Accuracy, Fit, PreviewSettings
from earshelf.ports.previews import FrameSource, Outline

PROGRAM = imageio_ffmpeg.get_ffmpeg_exe()
SETTINGS = PreviewSettings(interval=2, width=160, accuracy=Accuracy.EXACT)


def written(path: Path, *words: str) -> Path:
    """Has the program write a film of a test card."""
    card = ["-f", "lavfi", "-i", "smptebars=s=160x96:r=10:d=4,format=yuv420p"]
    quick = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-g", "20"]
    subprocess.run([PROGRAM, "-v", "error", *card, *quick, *words, str(path)], check=True)
    return path


def turned(path: Path, degrees: int) -> Path:
    """Writes a copy that is to be shown turned."""
    copy = path.with_name(f"turned-{path.name}")
    subprocess.run(
        [PROGRAM, "-v", "error", "-display_rotation", str(degrees), "-i", str(path), "-c", "copy", str(copy)],
        check=True,
    )
    return copy


async def shown(source: FrameSource, path: Path) -> tuple[Outline, list[NDArray[np.float32]]]:
    async with source.sample(str(path), SETTINGS, frozenset(Fit)) as sampling:
        jpegs = [each.jpegs[fit] async for each in sampling for fit in Fit]
        return sampling.outline, [np.asarray(Image.open(io.BytesIO(jpeg)), np.float32) for jpeg in jpegs]


async def compare(path: Path, most: float = 6.0) -> None:
    ours, pictures = await shown(FfmpegFrames(Path(PROGRAM)), path)
    async with LibavFrameSource(1) as libav:
        theirs, expected = await shown(libav, path)
    assert (ours.slots, ours.sizes) == (theirs.slots, theirs.sizes)
    apart = [float(np.abs(one - other).mean()) for one, other in zip(pictures, expected, strict=True)]
    assert max(apart) < most


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
async def test_turned_films_stand_upright(tmp_path: Path, degrees: int) -> None:
    await compare(turned(written(tmp_path / "card.mp4"), degrees))


@pytest.mark.parametrize(
    "words",
    [
        ["-vf", "setparams=colorspace=bt709:range=tv"],
        ["-vf", "setparams=colorspace=smpte170m:range=pc"],
        ["-vf", "setsar=64/45"],
        ["-x264-params", "interlaced=1:tff=1"],
        ["-output_ts_offset", "7"],
    ],
)
async def test_colours_shapes_and_times_are_read_alike(tmp_path: Path, words: list[str]) -> None:
    await compare(written(tmp_path / "card.mkv", *words))


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
async def test_high_dynamic_range_comes_out_alike(tmp_path: Path, transfer: str) -> None:
    said = ["-vf", f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc"]
    # the built-in decoder keeps hues when it folds, the program folds every colour by itself
    await compare(written(tmp_path / "card.mkv", *said), most=8.0)
