"""The disk of this machine keeps the promises of the file ports."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from earshelf.adapters.audio import MutagenReader
from earshelf.adapters.files.local import LocalFiles
from earshelf.config.silence import silent_mp3
from tests.contract.suites.audio import AudioReaderContract
from tests.contract.suites.files import LibraryFilesContract


class RealDisk:
    """Looks at files directly."""

    def write(self, path: str, content: bytes) -> None:
        place = Path(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    def read(self, path: str) -> bytes:
        return Path(path).read_bytes()

    def below(self, folder: str) -> list[str]:
        return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if not path.is_dir())


class TestLocalFiles(LibraryFilesContract):
    @pytest.fixture
    def files(self) -> LocalFiles:
        return LocalFiles()

    @pytest.fixture
    def disk(self) -> RealDisk:
        return RealDisk()

    @pytest.fixture
    def library(self, tmp_path: Path) -> str:
        (tmp_path / "library").mkdir()
        return str(tmp_path / "library")

    @pytest.fixture
    def downloads(self, tmp_path: Path) -> str:
        (tmp_path / "downloads").mkdir()
        return str(tmp_path / "downloads")


class TestMutagenReader(AudioReaderContract):
    @pytest.fixture
    def reader(self) -> MutagenReader:
        return MutagenReader()

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path

    @pytest.fixture
    def silence(self) -> Callable[[float], bytes]:
        return partial(silent_mp3, title="Title", artist="Author", album="Title")
