"""What the owner decides about preview thumbnails."""

from dataclasses import dataclass

from earshelf.domain.exclusions import ExcludeRule
from earshelf.domain.previews import (
    BEST_QUALITY,
    LEAST_INTERVAL,
    MOST_INTERVAL,
    WORST_QUALITY,
    Accuracy,
    PreviewSettings,
    ToneCurve,
)
from earshelf.domain.setting_values import choice, number, rules

_USUAL_WIDTH = PreviewSettings().width


@dataclass(frozen=True, slots=True)
class ThumbnailSettings:
    """The pictures, and the files that get none; interval in seconds, quality from 1 (best) to 10.

    The names stand among the settings by themselves, not in a group.
    """

    thumbnail_interval: int = number(5, least=LEAST_INTERVAL, most=MOST_INTERVAL)
    thumbnail_quality: int = number(4, least=BEST_QUALITY, most=WORST_QUALITY)
    thumbnail_accuracy: Accuracy = choice(Accuracy.FAST)
    tonemap_algorithm: ToneCurve = choice(ToneCurve.HABLE, folded=True)
    exclude_paths: tuple[ExcludeRule, ...] = rules()

    def for_width(self, width: int = _USUAL_WIDTH) -> PreviewSettings:
        """Returns what a run works by; the width is the run's own, in pixels.

        :raises Invalid: the width is out of bounds.
        """
        return PreviewSettings(
            interval=self.thumbnail_interval,
            width=width,
            quality=self.thumbnail_quality,
            accuracy=self.thumbnail_accuracy,
            tonemap=self.tonemap_algorithm,
        )


@dataclass(frozen=True, slots=True)
class FrameReuseSettings:
    """How long pictures are kept for other results of the same video, and how much of the disk they may take."""

    enabled: bool = True
    ttl_minutes: int = number(60, least=1, most=525_600)
    max_cache_disk_mb: int = number(2048, least=64, most=100_000_000)
