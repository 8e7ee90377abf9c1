"""The library's folders and the downloads' files on this machine.

A book is first put together in a hidden folder beside its target and then renamed into place, so that nobody ever sees
half a book. Everything here may take as long as a copy takes and runs off the event loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from earshelf.domain.ids import ImportId
from earshelf.domain.imports import ImportMode


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file below a source; ``path`` is relative with slashes, ``absolute`` is where it really lies."""

    path: str
    absolute: str
    size: int


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One file to put into the book: from an absolute path, under a name inside the book's folder."""

    source: str
    name: str


@dataclass(frozen=True, slots=True)
class StagingPlan:
    """A book to put together: its final absolute folder and every file of it."""

    import_id: ImportId
    target: str
    files: Sequence[StagedFile]
    mode: ImportMode


class LibraryFiles(Protocol):
    """Reads downloads and publishes books.

    Every method raises ``FilesUnavailable`` where the disk refuses, naming path and reason.
    """

    async def audio_below(self, source: str, *, library: str) -> list[SourceFile] | None:
        """Returns the audio files of a download: the file itself or all below the folder, in natural order.

        None means that nothing lies at the source. Hidden files are left out. An empty library path means that there
        is none to protect.

        :raises UnsafeSource: a file lies outside its folder through a link, or source and library contain each other.
        """
        ...

    async def is_folder(self, path: str) -> bool:
        """Whether the path is an existing folder."""
        ...

    async def is_empty(self, path: str) -> bool:
        """Whether the path is an existing folder that holds nothing at all, nothing hidden either."""
        ...

    async def is_inside(self, path: str, folder: str) -> bool:
        """Whether the path lies below the folder, by its name and on the disk: no link on the way leads elsewhere.

        False for the folder itself, and for a path that is no absolute one or climbs with ``..``. Neither has to
        exist; the folder itself may be reached through links.
        """
        ...

    async def exists(self, path: str) -> bool:
        """Whether anything lies at the path."""
        ...

    async def free_bytes(self, path: str) -> int:
        """Returns the free bytes of the disk that holds the path or its nearest existing parent."""
        ...

    async def stage(self, plan: StagingPlan, *, library: str) -> None:
        """Puts the book together in a hidden folder beside the target; what an earlier try left there is dropped.

        Hard-links where mode and file system allow it, else copies; sizes are compared afterwards. Sources are only
        read.

        :raises UnsafeSource: the target is not inside the library, by name or through a link.
        """
        ...

    async def publish(self, plan_id: ImportId, target: str) -> None:
        """Renames the staged book into place; a folder that is there already is set aside first, whole."""
        ...

    async def is_published(self, plan_id: ImportId, target: str) -> bool:
        """Whether this import put the target in place; true from ``publish`` until ``settle``."""
        ...

    async def settle(self, plan_id: ImportId, target: str, *, replaced: Sequence[str] = ()) -> None:
        """Clears the traces of a recorded import.

        ``replaced`` names the files of the folder that was set aside that were ours: they go, foreign ones move back
        into the book's folder. May be repeated.
        """
        ...

    async def discard(self, plan_id: ImportId, target: str) -> None:
        """Drops a staged book and puts back what was set aside; may be repeated."""
        ...

    async def remove_sources(self, sources: Sequence[str], *, root: str) -> None:
        """Deletes moved source files, and folders where nothing else is left.

        ``root`` is the file or folder that was imported: it is the outermost thing that may go. May be repeated.

        :raises UnsafeSource: a file lies outside the root; nothing was deleted.
        """
        ...


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What an audio file says of itself; unknown playing time is None."""

    seconds: float | None
    format: str


class AudioReader(Protocol):
    """Reads audio files without playing them."""

    async def facts(self, path: str) -> AudioFacts:
        """Returns playing time and format; a file that cannot be read has its extension's format and no time."""
        ...
