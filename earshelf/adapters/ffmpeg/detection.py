"""Which GPUs this machine has, and which of them the program can use; where it can not, the reason and the remedy."""

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from earshelf.adapters.ffmpeg.devices import Device, DeviceKind
from earshelf.adapters.ffmpeg.faults import summary
from earshelf.adapters.ffmpeg.program import Abilities, tries

_VENDORS = {"0x8086": DeviceKind.INTEL, "0x1002": DeviceKind.AMD}
_ACCELERATION = {
    DeviceKind.NVIDIA: "cuda",
    DeviceKind.INTEL: "vaapi",
    DeviceKind.AMD: "vaapi",
    DeviceKind.APPLE: "videotoolbox",
}
_SCALERS = {DeviceKind.NVIDIA: "scale_cuda", DeviceKind.INTEL: "scale_vaapi", DeviceKind.AMD: "scale_vaapi"}
_NVIDIA_NODE = re.compile(r"nvidia(\d+)$")


@dataclass(frozen=True, slots=True)
class Node:
    """A device file of a GPU, and whether this process may open it."""

    device: Device
    path: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Detected:
    """A GPU of this machine; ``reason`` says why it can not be used, and is None where it can."""

    device: Device
    reason: str | None = None


def nodes(root: Path = Path("/"), platform: str = sys.platform) -> list[Node]:
    """Returns the GPUs of the machine whose files lie below ``root``, NVIDIA first, by number."""
    if platform == "darwin":
        return [Node(Device(DeviceKind.APPLE), "VideoToolbox", is_open=True)]
    return [*_nvidia(root), *_rendering(root)]


def _nvidia(root: Path) -> list[Node]:
    found = [(match, path) for path in root.glob("dev/nvidia[0-9]*") if (match := _NVIDIA_NODE.search(path.name))]
    numbered = sorted(found, key=lambda each: int(each[0][1]))
    return [Node(Device(DeviceKind.NVIDIA, match[1]), str(path), _may_open(path)) for match, path in numbered]


def _rendering(root: Path) -> list[Node]:
    paths = sorted(root.glob("dev/dri/renderD*"))
    kinds = [(_vendor(root, path.name), path) for path in paths]
    return [Node(Device(kind, str(path)), str(path), _may_open(path)) for kind, path in kinds if kind is not None]


def _vendor(root: Path, name: str) -> DeviceKind | None:
    try:
        said = (root / "sys/class/drm" / name / "device/vendor").read_text().strip().lower()
    except OSError:
        return None
    return _VENDORS.get(said)


def _may_open(path: Path) -> bool:
    return os.access(path, os.R_OK | os.W_OK)


def reason_against(node: Node, abilities: Abilities) -> str | None:
    """Says why a GPU can not be used as far as can be told without trying it."""
    if not node.is_open:
        return f"{node.path} may not be opened: add this user to the group that owns it"
    acceleration = _ACCELERATION[node.device.kind]
    if acceleration not in abilities.accelerations:
        return f"this ffmpeg was built without {acceleration}: install one that has it"
    scaler = _SCALERS.get(node.device.kind)
    if scaler is not None and scaler not in abilities.filters:
        return f"this ffmpeg has no filter {scaler}: install one that has it"
    return None


def trial(device: Device) -> list[str]:
    """Returns the arguments that open a device and do nothing with it."""
    match device.kind:
        case DeviceKind.NVIDIA:
            init = [f"cuda=gpu:{device.node or 0}"]
        case DeviceKind.INTEL | DeviceKind.AMD:
            init = [f"vaapi=gpu:{device.node}"]
        case DeviceKind.APPLE:
            init = ["videotoolbox=gpu"]
        case DeviceKind.CPU:
            init = []
    words = [word for name in init for word in ("-init_hw_device", name)]
    return [*words, "-f", "lavfi", "-i", "nullsrc=s=64x64", "-frames:v", "1", "-f", "null", "-"]


async def detect(program: Path, abilities: Abilities, found: Sequence[Node]) -> list[Detected]:
    """Tries every GPU that was found, one after the other, in their order."""
    return [Detected(node.device, await _tried(program, abilities, node)) for node in found]


async def _tried(program: Path, abilities: Abilities, node: Node) -> str | None:
    reason = reason_against(node, abilities)
    if reason is not None:
        return reason
    lines = await tries(program, *trial(node.device))
    if lines is None:
        return None
    return f"{node.device.name} does not start ({summary(lines, 1)}): is its driver installed?"
