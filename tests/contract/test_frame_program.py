"""The ffmpeg program keeps the promises of a source of frames."""

from pathlib import Path

import imageio_ffmpeg
import pytest

from earshelf.adapters.ffmpeg.source import FfmpegFrames
from earshelf.ports.previews import FrameSource
from tests.contract.suites.frames import FrameSourceContract
from tests.contract.test_frame_source import RealClocks


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clocks")


class ProgramContract(FrameSourceContract):
    __test__ = False

    @pytest.fixture
    def source(self) -> FrameSource:
        return FfmpegFrames(Path(imageio_ffmpeg.get_ffmpeg_exe()))


class TestProgramOnMatroska(ProgramContract):
    __test__ = True

    @pytest.fixture
    def clocks(self, folder: Path) -> RealClocks:
        return RealClocks(folder, "mkv")


class TestProgramOnMp4(ProgramContract):
    __test__ = True

    @pytest.fixture
    def clocks(self, folder: Path) -> RealClocks:
        return RealClocks(folder, "mp4", b_frames=3)
