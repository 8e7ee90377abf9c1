"""What is measured, and what each row is to reach."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """Both sides on one film; ``target`` is how many times quicker we want to be, on the clock and of the processor."""

    name: str
    clip: str
    accuracy: str
    threads: int
    target: float

    @property
    def is_hdr(self) -> bool:
        """Whether the yardstick has to fold the film's light."""
        return "hdr10" in self.clip


SPEED = (
    Case("fast, H.264, keyframe every 4 s", "h264-4s", "fast", 1, 3.0),
    Case("fast, H.264, keyframe every 2 s", "h264-2s", "fast", 1, 3.5),
    Case("fast, HEVC 10-bit HDR10, every 2 s", "hevc-hdr10-2s", "fast", 1, 3.5),
    Case("fast, H.264, every 4 s, few bits", "h264-4s-light", "fast", 1, 3.0),
    Case("fast, H.264, every 2 s, few bits", "h264-2s-light", "fast", 1, 3.5),
    Case("fast, HEVC HDR10, every 2 s, few bits", "hevc-hdr10-2s-light", "fast", 1, 3.5),
    Case("fast, H.264, gaps to 10 s", "h264-gaps", "fast", 1, 2.5),
    Case("fast, HEVC HDR10, gaps to 10 s", "hevc-hdr10-gaps", "fast", 1, 2.5),
    Case("exact, H.264, gaps to 10 s", "h264-gaps", "exact", 2, 1.7),
    Case("exact, HEVC HDR10, gaps to 10 s", "hevc-hdr10-gaps", "exact", 2, 1.4),
)
KEYED = "h264-2s"
"""The film of the rows about reading: keyframes suffice for all of its slots."""
MEMORY = (("memory of a worker, 1080p", "h264-gaps", 150), ("memory of a worker, 4K HDR10", "hevc-hdr10-4k", 300))
PAIR = ("h264-2s", "h264-4s")
MOST_READ = 1.5
SLOW_RATE = 20_000_000
SLOW_GAIN = 10.0
SHARE_OF_PROCESSES = 0.9
EXTRAS = ("bytes", "slow", "memory", "pair")
