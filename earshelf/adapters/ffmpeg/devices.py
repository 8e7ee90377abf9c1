"""What decodes: the processor, or a GPU with the name by which ffmpeg finds it."""

from dataclasses import dataclass
from enum import StrEnum


class DeviceKind(StrEnum):
    """Whose interface decodes."""

    CPU = "cpu"
    NVIDIA = "nvidia"
    INTEL = "intel"
    AMD = "amd"
    APPLE = "apple"


WITH_RENDER_NODE = frozenset({DeviceKind.INTEL, DeviceKind.AMD})


@dataclass(frozen=True, slots=True)
class Device:
    """One decoder; ``node`` is a render node for Intel and AMD, a number for NVIDIA, and empty for the others."""

    kind: DeviceKind
    node: str = ""

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"{self.kind.value} {self.node}".strip()


CPU = Device(DeviceKind.CPU)
