"""Command lines of the ffmpeg program, one pure function for every device; never a shell's string."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from earshelf.adapters.ffmpeg.chains import Tones, graph
from earshelf.adapters.ffmpeg.devices import CPU, WITH_RENDER_NODE, Device, DeviceKind
from earshelf.adapters.ffmpeg.film import Film
from earshelf.domain.previews import PreviewSettings

_ZERO_COPY = frozenset({Tones.PLAIN, Tones.CURVE})


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to make the pictures of a film; ``vulkan`` has the frames of a software decoder mapped by a GPU."""

    device: Device = CPU
    tones: Tones = Tones.PLAIN
    keyframes_only: bool = False


def command(
    plan: Plan, film: Film, settings: PreviewSettings, video: str, outputs: Sequence[str], *, threads: int = 0
) -> list[str]:
    """Returns the arguments after the program's name; ``outputs`` has one URL for every distinct size."""
    return [
        *("-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning"),
        *_threads(threads),
        *_device(plan),
        *_decoder(plan),
        *(["-threads:v", "1"] if plan.device.kind is not DeviceKind.CPU else []),
        *(["-skip_frame:v", "nokey"] if plan.keyframes_only else []),
        *("-noautorotate", "-protocol_whitelist", "file,pipe", "-i", input_url(video)),
        *("-filter_complex", graph(film, settings, plan.device, plan.tones, keyframes_only=plan.keyframes_only)),
        *(word for number, url in enumerate(outputs) for word in _output(number, url, film, settings)),
    ]


def input_url(video: str) -> str:
    """Returns a URL that no name turns into an option or into another protocol."""
    return f"file:{Path(video).absolute()}"


def _threads(threads: int) -> list[str]:
    return ["-threads", str(threads), "-filter_threads", str(threads)] if threads else []


def _device(plan: Plan) -> list[str]:
    """Names the devices that filters work on, where they are others than the decoder's."""
    node, kind = plan.device.node, plan.device.kind
    match plan.tones:
        case Tones.OPENCL:
            return _hardware(f"vaapi=va:{node}", "opencl=ocl@va", filters="ocl")
        case Tones.LIBPLACEBO if kind in WITH_RENDER_NODE:
            return _hardware(f"drm=dr:{node}", "vaapi=va@dr", "vulkan=vk@dr", filters="vk")
        case Tones.LIBPLACEBO:
            return _hardware("vulkan=vk", filters="vk")
        case _:
            return []


def _hardware(*devices: str, filters: str) -> list[str]:
    return [*(word for device in devices for word in ("-init_hw_device", device)), "-filter_hw_device", filters]


def _decoder(plan: Plan) -> list[str]:
    match plan.device.kind:
        case DeviceKind.CPU:
            return []
        case DeviceKind.NVIDIA:
            number = ["-hwaccel_device", plan.device.node] if plan.device.node else []
            return ["-hwaccel", "cuda", *number, *_kept("cuda", plan)]
        case DeviceKind.APPLE:
            return ["-hwaccel", "videotoolbox"]
        case DeviceKind.INTEL | DeviceKind.AMD:
            name = plan.device.node if plan.tones in _ZERO_COPY else "va"
            return ["-hwaccel", "vaapi", "-hwaccel_device", name, "-hwaccel_output_format", "vaapi"]


def _kept(layout: str, plan: Plan) -> list[str]:
    """Keeps decoded frames on the GPU where the next filter wants them there."""
    return ["-hwaccel_output_format", layout] if plan.tones in _ZERO_COPY else []


def _output(number: int, url: str, film: Film, settings: PreviewSettings) -> list[str]:
    best = ["-qmin", "1"] if settings.quality == 1 else []
    pictures = ["-map", f"[out{number}]", "-frames:v", str(film.slots), "-c:v", "mjpeg", *best]
    return [*pictures, "-q:v", str(settings.quality), "-f", "image2pipe", url]
