"""Preview thumbnails: what is asked for, where a slot lies in time, and which result still fits its video.

Slot ``n`` stands for the time ``n * interval`` from the start of the video.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from hashlib import sha256
from typing import Any

from earshelf.domain.errors import Invalid

LEAST_INTERVAL = 1
MOST_INTERVAL = 60
LEAST_WIDTH = 16
MOST_WIDTH = 1920
BEST_QUALITY = 1
WORST_QUALITY = 10
# raised when the same video and settings give other pictures than before
_RECIPE = 1


VIDEO_SUFFIXES = frozenset({".mkv", ".mp4", ".m4v", ".mov", ".avi", ".ts", ".m2ts", ".wmv", ".webm", ".mpg", ".mpeg"})
"""How the names of videos end, in small letters."""


class PreviewFormat(StrEnum):
    """Which media server a result is for."""

    PLEX = "plex"
    EMBY = "emby"
    JELLYFIN = "jellyfin"


class Accuracy(StrEnum):
    """How far from its time a slot's picture may be.

    ``fast`` shows a keyframe at most half an interval early, else one less than that late, and decodes forward where
    there is none so near;
    ``exact`` shows the last picture not after the slot's time.
    """

    FAST = "fast"
    EXACT = "exact"


class ToneCurve(StrEnum):
    """How the brightness of a film with high dynamic range is folded into what a thumbnail can show."""

    REINHARD = "reinhard"
    MOBIUS = "mobius"
    HABLE = "hable"
    CLIP = "clip"
    GAMMA = "gamma"
    LINEAR = "linear"


class Fit(StrEnum):
    """How a picture is brought to size: into a box of 4 to 3 as wide as asked, or to exactly that width."""

    BOX = "box"
    WIDTH = "width"


FIT_OF = {PreviewFormat.PLEX: Fit.BOX, PreviewFormat.EMBY: Fit.BOX, PreviewFormat.JELLYFIN: Fit.WIDTH}
"""How each server's pictures are brought to size."""


@dataclass(frozen=True, slots=True)
class PreviewSettings:
    """What every result of one run has in common.

    ``interval`` is in seconds, ``width`` in pixels, ``quality`` goes from 1 (best) to 10.

    :raises Invalid: a value is out of bounds; ``fields`` says which.
    """

    interval: int = 5
    width: int = 320
    quality: int = 4
    accuracy: Accuracy = Accuracy.FAST
    tonemap: ToneCurve = ToneCurve.HABLE

    def __post_init__(self) -> None:
        bounds = {
            "interval": (LEAST_INTERVAL, MOST_INTERVAL),
            "width": (LEAST_WIDTH, MOST_WIDTH),
            "quality": (BEST_QUALITY, WORST_QUALITY),
        }
        for name, (least, most) in bounds.items():
            if not least <= getattr(self, name) <= most:
                why = f"must be a whole number from {least} to {most}"
                raise Invalid(f"{name}: {why}", {name: why})

    def spelled(self) -> dict[str, Any]:
        """Returns the settings as plain values, for journals and cache keys."""
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value


def slot_count(duration: float, frame: float, interval: float) -> int:
    """Returns how many slots a video has: ``ceil((duration - half a frame) / interval)``, at least one.

    All three are in seconds; ``frame`` is the time that one picture is shown.
    """
    return max(1, math.ceil((duration - frame / 2) / interval))


@dataclass(frozen=True, slots=True)
class VideoIdentity:
    """Which content lies at a path: a file that was replaced or changed has another identity."""

    path: str
    size: int
    modified_ns: int
    device: int = 0
    inode: int = 0


@dataclass(frozen=True, slots=True)
class Journal:
    """What a result was made from; it lies beside the result."""

    video: VideoIdentity
    format: PreviewFormat
    settings: PreviewSettings
    pictures: int
    engine: str = field(default="")


def cache_key(video: VideoIdentity, settings: PreviewSettings) -> str:
    """Returns the name under which a video's pictures are kept: 64 hexadecimal digits of its content and settings."""
    parts = [_RECIPE, video.path, video.size, video.modified_ns, video.device, video.inode, settings.spelled()]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Freshness(StrEnum):
    """Whether a stored result can stay: it fits, it does not, or nothing says what it was made from."""

    FRESH = "fresh"
    STALE = "stale"
    UNKNOWN = "unknown"


def freshness(journal: Journal | None, video: VideoIdentity, settings: PreviewSettings) -> Freshness:
    """Holds a result's journal against the video and the settings of today.

    Device and inode do not count here: a file that was moved between disks, or restored, is the same film.
    """
    if journal is None:
        return Freshness.UNKNOWN
    then = journal.video
    fits = (then.size, then.modified_ns) == (video.size, video.modified_ns) and journal.settings == settings
    return Freshness.FRESH if fits else Freshness.STALE


@dataclass(frozen=True, slots=True)
class Target:
    """One wished result; ``path`` is the BIF file, or for Jellyfin the folder of the sheets."""

    format: PreviewFormat
    path: str


class Provenance(StrEnum):
    """Where the pictures of a run came from."""

    EXTRACTED = "extracted"
    CACHE_HIT = "cache_hit"
    CONVERTED = "output_existed"


class TargetOutcome(StrEnum):
    """What became of one target."""

    PUBLISHED = "published"
    SKIPPED_OUTPUT_EXISTS = "skipped_output_exists"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TargetReport:
    """What became of one target; ``reason`` says why where it failed."""

    target: Target
    outcome: TargetOutcome
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PreviewReport:
    """What became of one video.

    ``slots`` is how many pictures every result has, ``provenance`` is None where nothing was made; ``notes`` tell what
    the reader should know besides, such as why another decoder had to be used.
    """

    video: str
    targets: Sequence[TargetReport]
    slots: int = 0
    provenance: Provenance | None = None
    reason: str | None = None
    notes: Sequence[str] = ()

    @property
    def has_failed(self) -> bool:
        """Whether anything that was asked for is missing."""
        return self.reason is not None or any(one.outcome is TargetOutcome.FAILED for one in self.targets)
