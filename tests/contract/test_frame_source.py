"""Every source of frames keeps the promises of its port."""

from collections.abc import AsyncIterator
from pathlib import Path

import imageio_ffmpeg
import pytest

from earshelf.adapters.ffmpeg.source import FfmpegFrames
from earshelf.adapters.libav.source import LibavFrameSource
from earshelf.adapters.memory.frames import DescribedVideo, MemoryFrameSource
from earshelf.ports.previews import FrameSource
from tests.contract.suites.frames import FrameSourceContract
from tests.videos.clocks import Clock, number_in, sound_only, written


class RealClocks:
    """Clocks as files; equal ones are made once."""

    def __init__(self, folder: Path, ending: str, b_frames: int = 2) -> None:
        self._folder = folder
        self._ending = ending
        self._b_frames = b_frames

    def clock(self, seconds: float, *, gop: int, start: float = 0.0) -> str:
        path = self._folder / f"{seconds} {gop} {start}.{self._ending}"
        clock = Clock(seconds, gop, start=start, b_frames=self._b_frames)
        return str(path if path.exists() else written(path, clock))

    def broken(self, how: str) -> str:
        path = self._folder / f"{how}.{self._ending}"
        if how == "sound":
            return str(sound_only(path.with_suffix(".m4a")))
        if how != "missing":
            path.write_text("Once upon a time\n" * 50 if how == "text" else "")
        return str(path)

    def number_in(self, jpeg: bytes) -> int:
        return number_in(jpeg)


class DescribedClocks:
    """Clocks of which only the description exists."""

    def __init__(self) -> None:
        self.videos: dict[str, DescribedVideo] = {}

    def clock(self, seconds: float, *, gop: int, start: float = 0.0) -> str:
        name = f"{seconds} {gop} {start}"
        self.videos[name] = DescribedVideo(seconds, gop=gop)
        return name

    def broken(self, how: str) -> str:
        return how

    def number_in(self, jpeg: bytes) -> int:
        return int(jpeg)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clocks")


class LibavContract(FrameSourceContract):
    __test__ = False

    @pytest.fixture
    async def source(self) -> AsyncIterator[FrameSource]:
        async with LibavFrameSource(1) as source:
            yield source


class TestLibavOnMatroska(LibavContract):
    __test__ = True

    @pytest.fixture
    def clocks(self, folder: Path) -> RealClocks:
        return RealClocks(folder, "mkv")


class TestLibavOnMp4(LibavContract):
    __test__ = True

    @pytest.fixture
    def clocks(self, folder: Path) -> RealClocks:
        return RealClocks(folder, "mp4", b_frames=3)


class TestLibavOnTransportStreams(LibavContract):
    __test__ = True

    @pytest.fixture
    def clocks(self, folder: Path) -> RealClocks:
        return RealClocks(folder, "ts")


class TestFfmpegProgram(FrameSourceContract):
    @pytest.fixture
    def source(self) -> FrameSource:
        return FfmpegFrames(Path(imageio_ffmpeg.get_ffmpeg_exe()))

    @pytest.fixture
    def clocks(self, folder: Path) -> RealClocks:
        return RealClocks(folder, "mkv")


class TestMemory(FrameSourceContract):
    @pytest.fixture
    def clocks(self) -> DescribedClocks:
        return DescribedClocks()

    @pytest.fixture
    def source(self, clocks: DescribedClocks) -> FrameSource:
        return MemoryFrameSource(clocks.videos)
