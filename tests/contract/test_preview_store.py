"""The disk and the memory keep the promises of the store of previews."""

import io
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from earshelf.adapters.memory.previews import MemoryPreviewStore
from earshelf.adapters.preview_store.store import DiskPreviewStore
from earshelf.domain.previews import VideoIdentity
from earshelf.ports.previews import PreviewStore
from tests.contract.suites.preview_store import Jpegs, PreviewStoreContract


@cache
def painted(size: tuple[int, int], shade: int) -> bytes:
    """A JPEG of one shade of grey."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (shade, shade, shade)).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


class _WithPictures(PreviewStoreContract):
    @pytest.fixture
    def jpeg(self) -> Jpegs:
        return painted


class TestDiskPreviewStore(_WithPictures):
    @pytest.fixture
    def store(self) -> PreviewStore:
        return DiskPreviewStore()

    @pytest.fixture
    def folder(self, tmp_path: Path) -> str:
        (tmp_path / "results").mkdir()
        return str(tmp_path / "results")

    @pytest.fixture
    def video(self, tmp_path: Path) -> str:
        (tmp_path / "film.mkv").write_bytes(b"moving pictures")
        return str(tmp_path / "film.mkv")

    @pytest.fixture
    def empty_video(self, tmp_path: Path) -> str:
        (tmp_path / "empty.mkv").touch()
        return str(tmp_path / "empty.mkv")


class TestMemoryPreviewStore(_WithPictures):
    @pytest.fixture
    def store(self) -> PreviewStore:
        return MemoryPreviewStore({path: VideoIdentity(path, size, 1) for path, size in (("a.mkv", 9), ("b.mkv", 0))})

    @pytest.fixture
    def folder(self) -> str:
        return "results"

    @pytest.fixture
    def video(self) -> str:
        return "a.mkv"

    @pytest.fixture
    def empty_video(self) -> str:
        return "b.mkv"
