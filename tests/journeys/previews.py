"""The command ``earshelf previews`` in a process of its own, small films for it, and readers that share no code."""

import json
import os
import signal
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageStat

LIMIT = 60.0


@dataclass(slots=True)
class Desk:
    """A folder with films, one for results, one for the configuration and one for temporary files."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for place in (self.films, self.temporary):
            place.mkdir(parents=True)

    @property
    def films(self) -> Path:
        return self.folder / "films"

    @property
    def output(self) -> Path:
        return self.folder / "output"

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    def command(self, *words: str | bytes | Path) -> list[str | bytes]:
        own = [word if isinstance(word, bytes) else str(word) for word in words]
        return [sys.executable, "-m", "earshelf", "previews", "--output", str(self.output), *own]

    def process(self, *words: str | bytes | Path, **more: Any) -> subprocess.Popen[str]:
        """Starts the command in a group of its own."""
        environment = {
            "PATH": os.environ["PATH"],
            "CONFIG_DIR": str(self.config),
            "TMPDIR": str(self.temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.environment,
        }
        more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
        return subprocess.Popen[str](
            self.command(*words), env=environment, cwd=self.films, text=True, start_new_session=True, **more
        )

    def run(self, *words: str | bytes | Path, code: int = 0, **more: Any) -> subprocess.CompletedProcess[str]:
        """Runs the command, expects an exit code, and that nothing is left where temporary files go."""
        with self.process(*words, **more) as process:
            try:
                out, err = process.communicate(timeout=LIMIT)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        assert process.returncode == code, f"{process.returncode}: {out}{err}"
        assert list(self.temporary.iterdir()) == []
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def reports(self, *words: str | bytes | Path, code: int = 0, **more: Any) -> list[dict[str, Any]]:
        """Runs the command and returns the object of every video, as they ended."""
        return [json.loads(line) for line in self.run("--json", *words, code=code, **more).stdout.splitlines()]

    def results(self) -> list[str]:
        """Every file below the output, by its path there."""
        return sorted(str(path.relative_to(self.output)) for path in self.output.rglob("*") if path.is_file())


def film(path: Path, *, seconds: float = 12, rate: Fraction | int = 4, every: int = 8) -> Path:
    """Makes a film whose pictures get brighter: picture ``n`` has the luma that :func:`luma_of` tells.

    ``rate`` is in pictures per second; every so many of them can be decoded alone.
    """
    size = (64, 48)
    with av.open(os.fspath(path), "w", format="matroska" if path.suffix == ".mkv" else None) as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "crf": "10"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.gop_size = every
        for number in range(round(seconds * rate)):
            picture = np.full((size[1] * 3 // 2, size[0]), 128, np.uint8)
            picture[: size[1]] = luma_of(number)
            frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
            frame.pts, frame.time_base = number, 1 / Fraction(rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def luma_of(number: int) -> int:
    """Returns the luma of a film's picture; after 48 pictures it starts again."""
    return 30 + 4 * (number % 48)


def luma_shown(picture: Image.Image) -> float:
    """Returns the luma that a thumbnail of such a film shows, as the film counts it: 16 is black."""
    return 16 + float(ImageStat.Stat(picture.convert("L")).mean[0]) * 219 / 255


def bif(path: Path) -> tuple[int, list[bytes]]:
    """Reads a BIF file by its published layout: milliseconds between pictures, and the pictures."""
    data = path.read_bytes()
    magic, version, count, gap = struct.unpack_from("<8sIII", data)
    assert (magic, version) == (bytes.fromhex("894249460D0A1A0A"), 0)
    index = [struct.unpack_from("<II", data, 64 + 8 * number) for number in range(count + 1)]
    assert [number for number, _ in index] == [*range(count), 0xFFFFFFFF]
    assert (index[0][1], index[-1][1]) == (72 + 8 * count, len(data))
    return gap, [data[here:there] for (_, here), (_, there) in pairwise(index)]
