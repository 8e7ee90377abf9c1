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
_CUDA = "cuda:"


def device_of(kind: DeviceKind, name: str) -> Device:
    """Returns the device that settings name: a render node, ``cuda`` or ``cuda:1``, or nothing that matters."""
    match kind:
        case DeviceKind.INTEL | DeviceKind.AMD:
            return Device(kind, name)
        case DeviceKind.NVIDIA:
            return Device(kind, name.removeprefix(_CUDA) if name.startswith(_CUDA) else "")
        case DeviceKind.APPLE | DeviceKind.CPU:
            return Device(kind)
