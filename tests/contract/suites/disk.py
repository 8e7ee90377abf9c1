"""A look at the disk behind an adapter's back, and small books to put there."""

from collections.abc import Sequence
from typing import Protocol

from earshelf.domain.ids import ImportId
from earshelf.domain.imports import ImportMode
from earshelf.ports.files import StagedFile, StagingPlan

FIRST = ImportId("im_AAAAAAAAAAAAAAAAAAAAAA")
SECOND = ImportId("im_BBBBBBBBBBBBBBBBBBBBBB")
MODES = [ImportMode.HARDLINK, ImportMode.COPY, ImportMode.MOVE]


class Disk(Protocol):
    """The files as they are; paths are absolute."""

    def write(self, path: str, content: bytes) -> None:
        """Creates a file, and its folders where they are missing."""
        ...

    def read(self, path: str) -> bytes:
        """Returns a file's content."""
        ...

    def below(self, folder: str) -> list[str]:
        """Returns the relative paths of all files below a folder, hidden ones too, sorted."""
        ...


def book(
    target: str, sources: Sequence[str], *, import_id: ImportId = FIRST, mode: ImportMode = ImportMode.COPY
) -> StagingPlan:
    """A plan that numbers its sources ``1.mp3``, ``2.mp3`` and so on."""
    staged = [StagedFile(source=each, name=f"{number}.mp3") for number, each in enumerate(sources, start=1)]
    return StagingPlan(import_id=import_id, target=target, files=staged, mode=mode)


def written(disk: Disk, folder: str, *contents: bytes) -> list[str]:
    """Writes one source file per content and returns their paths."""
    paths = [f"{folder}/source {number}.mp3" for number in range(1, len(contents) + 1)]
    for path, content in zip(paths, contents, strict=True):
        disk.write(path, content)
    return paths
