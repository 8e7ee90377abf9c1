"""Finding the ffmpeg program, and asking it what it can do."""

import asyncio
import os
import re
import shutil
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from dataclasses import dataclass
from pathlib import Path

from earshelf.domain.errors import VideoUnusable

BUNDLED = Path("/usr/lib/jellyfin-ffmpeg/ffmpeg")
LEAST_VERSION = (7, 0)
_ASKING = 15
_VERSION = re.compile(r"^ffmpeg version n?(\d+)\.(\d+)")
_FILTER = re.compile(r"^ [T.][S.][C.]? *(\w+) +\S+->\S+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a program says of itself; ``version`` is None where it is a build without a number."""

    version: tuple[int, int] | None = None
    accelerations: frozenset[str] = frozenset()
    filters: frozenset[str] = frozenset()

    @property
    def note(self) -> str | None:
        """A sentence for whoever runs a program that is too old."""
        if self.version is None or self.version >= LEAST_VERSION:
            return None
        return f"ffmpeg {_spelled(self.version)} is old; {_spelled(LEAST_VERSION)} or newer is advised"


def find_program(given: str | None = None) -> Path:
    """Returns the program: the one given, else the one that comes with Jellyfin, else the one on the PATH.

    :raises VideoUnusable: there is none.
    """
    if given:
        return _runnable(Path(given))
    if os.access(BUNDLED, os.X_OK):
        return BUNDLED
    found = shutil.which("ffmpeg")
    if found is None:
        raise VideoUnusable("there is no ffmpeg on this machine: install it, or name its path")
    return Path(found)


def _runnable(path: Path) -> Path:
    if not path.is_file() or not os.access(path, os.X_OK):
        raise VideoUnusable(f"'{path}' is no program that can be run: name the path of ffmpeg")
    return path


async def ask(program: Path) -> Abilities:
    """Asks a program what it can do.

    :raises VideoUnusable: it can not be started, or does not answer.
    """
    answers = await asyncio.gather(*(_said(program, word) for word in ("-version", "-hwaccels", "-filters")))
    return Abilities(parse_version(answers[0]), parse_accelerations(answers[1]), parse_filters(answers[2]))


async def _said(program: Path, word: str) -> str:
    process = await _started(program, "-hide_banner", word)
    try:
        async with asyncio.timeout(_ASKING):
            answer, _ = await process.communicate()
    except TimeoutError:
        raise VideoUnusable(f"'{program}' does not answer to {word}: is it ffmpeg?") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    return answer.decode(errors="replace")


async def _started(program: Path, *words: str) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(program, *words, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT)
    except OSError as refusal:
        raise VideoUnusable(f"'{program}' can not be started: {refusal.strerror}") from refusal


async def tries(program: Path, *words: str) -> list[str] | None:
    """Runs the program for nothing but its success; returns None, or else the lines that it failed with."""
    process = await _started(program, "-hide_banner", "-nostdin", "-loglevel", "error", *words)
    try:
        async with asyncio.timeout(_ASKING):
            said, _ = await process.communicate()
    except TimeoutError:
        return [f"Error: no answer in {_ASKING} seconds"]
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    return said.decode(errors="replace").splitlines() if process.returncode else None


def parse_version(said: str) -> tuple[int, int] | None:
    """Reads the first line of ``-version``; builds from a branch carry no number."""
    found = _VERSION.match(said)
    return (int(found[1]), int(found[2])) if found else None


def parse_accelerations(said: str) -> frozenset[str]:
    """Reads ``-hwaccels``: a heading, then one name a line."""
    return frozenset(line.strip() for line in said.splitlines()[1:] if line.strip())


def parse_filters(said: str) -> frozenset[str]:
    """Reads ``-filters``: flags, name, kinds of input and output, description."""
    return frozenset(_FILTER.findall(said))


def _spelled(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
