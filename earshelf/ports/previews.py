"""Making preview thumbnails: pictures out of a video, results on the disk, and pictures that are kept for a while."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from earshelf.domain.previews import Fit, Journal, PreviewSettings, Target, VideoIdentity


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """The picture of one slot as JPEG, for every wished fit; where two fits agree in size the bytes are the same."""

    slot: int
    jpegs: Mapping[Fit, bytes]


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known before the first picture: how many slots there are, and the pixels of every fit.

    ``notes`` are sentences for people, such as why the processor decodes although a GPU was asked for.
    """

    slots: int
    sizes: Mapping[Fit, tuple[int, int]]
    notes: Sequence[str] = ()


class Sampling(Protocol):
    """One video being sampled; iterating gives its thumbnails by slot, each slot once, none left out."""

    @property
    def outline(self) -> Outline:
        """What is known of the video."""
        ...

    def __aiter__(self) -> AsyncIterator[Thumbnail]:
        """Gives the thumbnails.

        :raises VideoUnusable: the video breaks off, or its decoder does.
        """
        ...


class FrameSource(Protocol):
    """Takes pictures out of videos, away from the event loop and the server's own process.

    Leaving the context ends the work at once, however far it is. A decoder that crashes costs one video only.
    """

    def sample(
        self, video: str, settings: PreviewSettings, fits: frozenset[Fit]
    ) -> AbstractAsyncContextManager[Sampling]:
        """Begins to sample a video.

        :raises VideoUnusable: it is missing, empty, no video, or of a kind that cannot be shown; the message says
            which.
        """
        ...


class PreviewWriter(Protocol):
    """One result in the making; nothing is seen of it before it is published."""

    async def add(self, thumbnail: Thumbnail) -> None:
        """Adds the next slot.

        :raises FilesUnavailable: the disk refuses.
        """
        ...

    async def publish(self, journal: Journal) -> None:
        """Reads back what was written, holds it against the journal, and puts it in place of what was there.

        :raises FilesUnavailable: the disk refuses, or gives back something else; what was there stays.
        """
        ...


class PreviewStore(Protocol):
    """Results on the disk: BIF files for Plex and Emby, sheets of 10 by 10 tiles for Jellyfin.

    Every method raises ``FilesUnavailable`` where the disk refuses, naming path and reason.
    """

    async def identity(self, video: str) -> VideoIdentity:
        """Says which content lies at a path.

        :raises VideoUnusable: no file lies there, or it is empty.
        """
        ...

    async def journal(self, target: Target) -> Journal | None:
        """Returns what a target's result was made from; None where there is no sound result, or no journal of it."""
        ...

    def writing(
        self, target: Target, outline: Outline, settings: PreviewSettings
    ) -> AbstractAsyncContextManager[PreviewWriter]:
        """Begins a result; leaving without publishing leaves nothing behind."""
        ...

    def reading(self, target: Target, fits: frozenset[Fit]) -> AbstractAsyncContextManager[Sampling]:
        """Reads a stored result as if it were sampled, for results of other formats; no video is decoded.

        :raises FilesUnavailable: it is not there or not sound.
        """
        ...

    async def sweep(self, folder: str) -> list[str]:
        """Removes what runs that were killed left half made below a folder, and returns the paths.

        What a run that still goes on is making stays.
        """
        ...


class FrameCache(Protocol):
    """Pictures kept for a while, by content and settings; what is kept is a BIF file that a store can read."""

    def claimed(self, key: str) -> AbstractAsyncContextManager[None]:
        """Lets one caller after the other work on a key, so that a film that is asked for twice is decoded once."""
        ...

    async def find(self, key: str) -> Target | None:
        """Returns where the pictures lie; None where they were never kept, are too old, or made room for others."""
        ...

    async def place(self, key: str) -> Target:
        """Returns where the pictures of a key are to be written."""
        ...

    async def keep(self, key: str) -> None:
        """Takes what was written there into account, and makes room where the cache grew beyond its share."""
        ...


@dataclass(frozen=True, slots=True)
class Disk:
    """What a path lies on; rotating disks are slow when two readers make their heads jump."""

    identifier: str
    is_rotational: bool


class Disks(Protocol):
    """Knows the machine's disks."""

    async def holding(self, path: str) -> Disk:
        """Says what a path lies on; what cannot be told counts as not rotating."""
        ...
