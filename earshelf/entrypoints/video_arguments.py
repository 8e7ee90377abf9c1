"""Which videos the words of a command line mean."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from earshelf.domain.previews import VIDEO_SUFFIXES


@dataclass(frozen=True, slots=True)
class Finding:
    """Absolute paths of videos, and in sentences what could not be looked into."""

    videos: Sequence[str]
    problems: Sequence[str]


def videos_meant(words: Iterable[str]) -> Finding:
    """Finds the videos: files as they are named, and of folders everything below that has a video's name and shows.

    A file counts once under each name, however often it is met; folders that link to each other end somewhere.
    """
    videos: dict[tuple[str, str], str] = {}
    problems: list[str] = []
    for word in words:
        # two dots stay: behind a link they do not lead back
        path = Path(word).absolute()
        found = _below(str(path), problems) if path.is_dir() else [str(path)]
        for video in found:
            stem = Path(video).stem
            if set(stem) == {"."}:
                problems.append(f"'{video}' has no name that results could be called by; rename it")
            else:
                videos.setdefault((os.path.realpath(video), stem), video)
    return Finding(list(videos.values()), problems)


def shared_stems(videos: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Returns the stems that several videos have; their results would get the same names."""
    by_stem: defaultdict[str, list[str]] = defaultdict(list)
    for video in videos:
        by_stem[Path(video).stem].append(video)
    return {stem: sharers for stem, sharers in by_stem.items() if len(sharers) > 1}


def on_one_line(text: str) -> str:
    """Returns a text as it can be printed anywhere: what would break or turn the line is spelled out."""
    return "".join(char if char.isprintable() or char == "\u200d" else repr(char)[1:-1] for char in text)


def _below(folder: str, problems: list[str]) -> list[str]:
    unread: list[OSError] = []
    videos = [video for here, names in _folders(folder, unread) for video in _videos_in(here, names)]
    problems += [f"'{error.filename}' cannot be read: {error.strerror}" for error in unread]
    if not videos and not unread:
        problems.append(f"'{folder}' holds no video; name a file, or a folder with {', '.join(sorted(VIDEO_SUFFIXES))}")
    return videos


def _folders(folder: str, unread: list[OSError]) -> Iterator[tuple[str, list[str]]]:
    visited = {os.path.realpath(folder)}
    for here, folders, names in os.walk(folder, onerror=unread.append, followlinks=True):
        real = {name: os.path.realpath(os.path.join(here, name)) for name in sorted(folders)}  # noqa: PTH118
        # in place: it is what the walk goes on with
        folders[:] = [name for name in real if real[name] not in visited and not name.startswith(".")]
        visited |= set(real.values())
        yield here, sorted(names)


def _videos_in(folder: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        path = Path(folder, name)
        if path.suffix.casefold() in VIDEO_SUFFIXES and path.is_file() and not name.startswith("."):
            yield str(path)
