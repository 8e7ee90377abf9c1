"""How long a film is, and how many slots that makes."""

import math

import av

from earshelf.adapters.libav.index import KeyframeIndex
from earshelf.adapters.libav.opening import Film
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import slot_count

MOST_SLOTS = 200_000


def slots_of(film: Film, index: KeyframeIndex, interval: int) -> int:
    """Returns how many slots a film has.

    :raises VideoUnusable: it claims to be absurdly long.
    """
    duration = _duration(film, index)
    if not math.isfinite(duration) or duration > MOST_SLOTS * interval:
        raise VideoUnusable(f"{film.name} claims to last {duration / 3600:.0f} hours; its head is damaged")
    return slot_count(duration, film.frame, interval)


def spoken(seconds: float) -> str:
    """Writes a time within a film as hours, minutes and seconds."""
    minutes, second = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{second:02}"


def _duration(film: Film, index: KeyframeIndex) -> float:
    """Takes the stream's own duration, else the container's, else what was seen."""
    whole = film.container.duration
    if film.kind == "matroska" and whole is not None:
        # Matroska counts from zero, also where the pictures begin later
        return whole / av.time_base - index.start * film.unit
    if film.stream.duration is not None:
        return film.stream.duration * film.unit
    return whole / av.time_base if whole is not None else index.end or 0.0
