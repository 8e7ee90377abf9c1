"""What a video is, found out in a process of its own: a file that crashes libav crashes that one only."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from typing import Any

from earshelf.adapters.ffmpeg.film import Film, Light
from earshelf.adapters.libav.shapes import Turn
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Fit, PreviewSettings

_INSPECTOR = "earshelf.adapters.ffmpeg.inspector"
LONGEST = 600.0
"""A scan of all packets, where a container has no index, takes as long as reading the file does."""


async def inspect(video: str, settings: PreviewSettings, fits: frozenset[Fit]) -> Film:
    """Describes a video.

    :raises VideoUnusable: it is none, or of a kind that can not be shown; the message says which.
    """
    question = {"video": video, "settings": settings.spelled(), "fits": sorted(fits)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", _INSPECTOR, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True
    )
    try:
        async with asyncio.timeout(LONGEST):
            said, _ = await process.communicate(json.dumps(question).encode())
    except TimeoutError:
        raise VideoUnusable(f"'{video}' could not be looked through in {LONGEST:g} seconds") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    return _film(video, said)


def _film(video: str, said: bytes) -> Film:
    try:
        answer: dict[str, Any] = json.loads(said)
    except ValueError:
        raise VideoUnusable(f"'{video}' can not be read: it brings the decoder down") from None
    if "unusable" in answer:
        raise VideoUnusable(answer["unusable"])
    return spelled_out(answer["film"])


def plain(film: Film) -> dict[str, Any]:
    """Returns a film as JSON can hold it."""
    names = ("slots", "matrix", "is_full_range", "is_interlaced", "has_mastering", "keyframes_suffice")
    sizes = {fit.value: size for fit, size in film.sizes.items()}
    rest = {"sizes": sizes, "turn": film.turn, "light": film.light, "stream": film.stream, "late": film.late}
    return {name: getattr(film, name) for name in names} | rest


def spelled_out(said: dict[str, Any]) -> Film:
    """Returns what ``plain`` was given."""
    sizes = {Fit(fit): (width, height) for fit, (width, height) in said["sizes"].items()}
    return Film(**(said | {"sizes": sizes, "turn": Turn(*said["turn"]), "light": Light(said["light"])}))
