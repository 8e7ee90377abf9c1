"""What has to be known of a video before a command line can be written for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from earshelf.adapters.libav.shapes import UPRIGHT, Turn
from earshelf.domain.previews import Fit


class Light(StrEnum):
    """How the numbers of a picture mean brightness."""

    ORDINARY = "ordinary"
    PQ = "pq"
    HLG = "hlg"
    DOLBY_VISION_5 = "dolby_vision_5"


@dataclass(frozen=True, slots=True)
class Film:
    """A video as the program needs it described.

    ``matrix`` is how ffmpeg calls the relation of luma and chroma to colours; ``keyframes_suffice`` says that no
    slot is farther from its keyframe than the settings allow; ``late`` is how many seconds behind a slot its picture
    may be.
    """

    slots: int
    sizes: Mapping[Fit, tuple[int, int]]
    turn: Turn = UPRIGHT
    light: Light = Light.ORDINARY
    matrix: str = "bt709"
    is_full_range: bool = False
    is_interlaced: bool = False
    has_mastering: bool = False
    keyframes_suffice: bool = False
    stream: int = 0
    late: float = 0.0

    @property
    def distinct_sizes(self) -> tuple[tuple[int, int], ...]:
        """The sizes that have to be made, each once, in the order of the fits' names."""
        return tuple(dict.fromkeys(self.sizes[fit] for fit in sorted(self.sizes)))
