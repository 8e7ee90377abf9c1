"""Which ways to make a film's pictures are tried, and which failure leads to the next one; pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from earshelf.adapters.ffmpeg.arguments import Plan
from earshelf.adapters.ffmpeg.chains import Tones
from earshelf.adapters.ffmpeg.devices import CPU, WITH_RENDER_NODE, Device, DeviceKind
from earshelf.adapters.ffmpeg.faults import Fault
from earshelf.adapters.ffmpeg.film import Film, Light
from earshelf.adapters.ffmpeg.program import Abilities

_CURVE_FILTERS = frozenset({"zscale", "tonemap"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """A plan, and the faults of the attempt before it that it is an answer to."""

    plan: Plan
    answers: frozenset[Fault] = frozenset(Fault)


def attempts(film: Film, device: Device, abilities: Abilities) -> list[Attempt]:
    """Returns what to try, in this order; a plan that repeats the one before is left out."""
    tried: list[Attempt] = []
    for attempt in _wished(film, device, abilities):
        if not any(attempt.plan == before.plan for before in tried):
            tried.append(attempt)
    return tried


def _wished(film: Film, device: Device, abilities: Abilities) -> Iterator[Attempt]:
    keyed = film.keyframes_suffice
    tones = tones_for(film, device, abilities)
    yield Attempt(Plan(device, tones, keyed))
    if tones in (Tones.OPENCL, Tones.LIBPLACEBO) and device.kind in WITH_RENDER_NODE and _has_vulkan(abilities):
        yield Attempt(Plan(CPU, Tones.LIBPLACEBO, keyed))
    if tones is not Tones.PLAIN:
        yield Attempt(Plan(device, Tones.PLAIN), frozenset({Fault.TONES}))
    if device != CPU:
        yield Attempt(Plan(CPU, tones_for(film, CPU, abilities), keyed), frozenset({Fault.HARDWARE, Fault.TONES}))
    if keyed:
        yield Attempt(replace(Plan(CPU, tones_for(film, CPU, abilities)), keyframes_only=False))


def tones_for(film: Film, device: Device, abilities: Abilities) -> Tones:
    """Returns how the film's brightness is handled on a device, as far as the program can."""
    match film.light:
        case Light.ORDINARY:
            return Tones.PLAIN
        case Light.PQ | Light.HLG:
            return Tones.CURVE if abilities.filters >= _CURVE_FILTERS else Tones.PLAIN
        case Light.DOLBY_VISION_5:
            return _dolby(device, abilities)


def _dolby(device: Device, abilities: Abilities) -> Tones:
    if device.kind is DeviceKind.INTEL and "tonemap_opencl" in abilities.filters:
        return Tones.OPENCL
    has_gpu = device.kind not in (DeviceKind.CPU, DeviceKind.APPLE)
    return Tones.LIBPLACEBO if has_gpu and _has_vulkan(abilities) else Tones.PLAIN


def _has_vulkan(abilities: Abilities) -> bool:
    return "libplacebo" in abilities.filters and "vulkan" in abilities.accelerations


def plain_note(film: Film, plan: Plan) -> str | None:
    """Says what a person should know of a film whose brightness could not be handled as it should be."""
    if film.light is Light.ORDINARY or plan.tones is not Tones.PLAIN:
        return None
    if film.light is Light.DOLBY_VISION_5:
        return "Dolby Vision profile 5 without a Vulkan or OpenCL device: the pictures are darker than the film"
    return "This ffmpeg can not fold high dynamic range: the pictures are paler than the film"
