"""Films and programs as the tests describe them."""

from dataclasses import replace

from earshelf.adapters.ffmpeg.devices import CPU, Device, DeviceKind
from earshelf.adapters.ffmpeg.film import Film, Light
from earshelf.adapters.ffmpeg.program import Abilities
from earshelf.domain.previews import Fit

SMALL = Film(12, {Fit.BOX: (320, 180), Fit.WIDTH: (320, 180)})
PORTRAIT = Film(12, {Fit.BOX: (134, 240), Fit.WIDTH: (320, 568)})
PQ = replace(SMALL, light=Light.PQ, matrix="bt2020")
DOLBY = replace(SMALL, light=Light.DOLBY_VISION_5, matrix="bt2020")

NVIDIA = Device(DeviceKind.NVIDIA, "1")
INTEL = Device(DeviceKind.INTEL, "/dev/dri/renderD128")
AMD = Device(DeviceKind.AMD, "/dev/dri/renderD129")
APPLE = Device(DeviceKind.APPLE)
DEVICES = (CPU, NVIDIA, INTEL, AMD, APPLE)

EVERYTHING = Abilities(
    (9, 0),
    frozenset({"cuda", "vaapi", "videotoolbox", "vulkan", "opencl"}),
    frozenset({"scale_cuda", "scale_vaapi", "zscale", "tonemap", "libplacebo", "tonemap_opencl"}),
)
