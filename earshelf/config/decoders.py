"""Which decoder takes the pictures: the built-in one, or the ffmpeg program on the processor or a GPU."""

from earshelf.adapters.ffmpeg.detection import nodes
from earshelf.adapters.ffmpeg.devices import CPU, WITH_RENDER_NODE, Device, DeviceKind
from earshelf.adapters.ffmpeg.program import find_program
from earshelf.adapters.ffmpeg.source import FfmpegFrames
from earshelf.domain.errors import ConfigurationError

BUILT_IN = "built-in"
FFMPEG = "ffmpeg"
DECODERS = (BUILT_IN, FFMPEG, *(str(kind) for kind in DeviceKind if kind is not DeviceKind.CPU))
"""What a decoder may be called; a GPU's name may be followed by a colon and its number or render node."""


def kind_of(decoder: str) -> str:
    """Returns which adapter a decoder is."""
    return "libav" if decoder == BUILT_IN else "program"


def program_frames(decoder: str) -> FfmpegFrames:
    """Returns the adapter of the ffmpeg program.

    :raises ConfigurationError: there is no GPU of this kind.
    :raises VideoUnusable: there is no ffmpeg.
    """
    return FfmpegFrames(find_program(), device=_device(decoder))


def _device(decoder: str) -> Device:
    kind, _, node = decoder.partition(":")
    if kind == FFMPEG:
        return CPU
    if node or DeviceKind(kind) not in WITH_RENDER_NODE:
        return Device(DeviceKind(kind), node)
    for found in nodes():
        if found.device.kind == kind:
            return found.device
    raise ConfigurationError(f"This machine shows no {kind} GPU; hand over /dev/dri, or leave --decoder out")
