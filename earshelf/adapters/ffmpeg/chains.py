"""Filter chains, from the decoder's frames to the pixels of a JPEG; pure.

Pictures are dropped first and brought to size second, so that nothing dear is done to a pixel that nobody sees.
"""

from collections.abc import Sequence
from enum import StrEnum

from earshelf.adapters.ffmpeg.devices import WITH_RENDER_NODE, Device, DeviceKind
from earshelf.adapters.ffmpeg.film import Film, Light
from earshelf.adapters.libav.shapes import Turn
from earshelf.domain.previews import PreviewSettings

_TRANSFER = {Light.PQ: "smpte2084", Light.HLG: "arib-std-b67"}


class Tones(StrEnum):
    """How brightness is brought into what a JPEG holds."""

    PLAIN = "plain"
    CURVE = "curve"
    LIBPLACEBO = "libplacebo"
    OPENCL = "opencl"


def graph(film: Film, settings: PreviewSettings, device: Device, tones: Tones, *, keyframes_only: bool = False) -> str:
    """Returns the whole filter graph; its outputs are ``[out0]``, ``[out1]`` … by ``film.distinct_sizes``."""
    trunk = [
        *_timing(film, settings.interval, keyframes_only),
        *_shrinking(film, settings, device, tones),
        *_curve(film, settings, tones),
    ]
    sizes = film.distinct_sizes
    ends = [",".join(_finish(film, size, tones)) for size in sizes]
    begin = f"[0:{film.stream}]{','.join(trunk)}"
    if len(sizes) == 1:
        return f"{begin},{ends[0]}[out0]"
    names = range(len(sizes))
    split = f"split={len(sizes)}{''.join(f'[s{name}]' for name in names)}"
    return ";".join([f"{begin},{split}", *(f"[s{name}]{ends[name]}[out{name}]" for name in names)])


def _timing(film: Film, interval: int, keyframes_only: bool) -> list[str]:
    # a frame counts for the first slot that is not before it, so slot n shows the last picture not after its time
    late = f"-{microseconds}" if (microseconds := round(film.late * 1_000_000)) else ""
    # the last keyframe is the last picture that comes, long before the film ends: it has to stay for its slot
    stay = [f"tpad=stop_mode=clone:stop_duration={interval}"] if keyframes_only else []
    return ["settb=AVTB", f"setpts=PTS-STARTPTS{late}", *stay, f"fps=fps=1/{interval}:round=up"]


def _shrinking(film: Film, settings: PreviewSettings, device: Device, tones: Tones) -> list[str]:
    match tones:
        case Tones.LIBPLACEBO:
            return _libplacebo(film, settings, device)
        case Tones.OPENCL:
            return _opencl(settings)
        case _:
            return _scaled_by(film, device)


def _scaled_by(film: Film, device: Device) -> list[str]:
    width, height = _roomy(film)
    deep = film.light is not Light.ORDINARY
    if device.kind is DeviceKind.NVIDIA:
        layout = "p010le" if deep else "nv12"
        return [f"scale_cuda=w={width}:h={height}:format={layout}", "hwdownload", f"format={layout}"]
    if device.kind in WITH_RENDER_NODE:
        layout = "p010" if deep else "nv12"
        download = "p010le" if deep else "nv12"
        return [f"scale_vaapi=w={width}:h={height}:format={layout}", "hwdownload", f"format={download}"]
    # one field stands for both: two of them would show a moving edge twice
    field = ["field=type=top"] if film.is_interlaced else []
    return [*field, f"scale=w={width}:h={height}:flags=area"] if deep else field


def _libplacebo(film: Film, settings: PreviewSettings, device: Device) -> list[str]:
    upload = "hwmap=derive_device=vulkan" if device.kind in WITH_RENDER_NODE else "hwupload"
    width, height = _roomy(film)
    placebo = f"libplacebo=w={width}:h={height}:tonemapping={settings.tonemap.value}:format=yuv420p"
    colours = "colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv:contrast=1.3:saturation=1.3"
    return [upload, f"{placebo}:{colours}", "hwdownload", "format=yuv420p"]


def _opencl(settings: PreviewSettings) -> list[str]:
    tonemap = f"tonemap_opencl=format=nv12:p=bt709:t=bt709:m=bt709:tonemap={settings.tonemap.value}:peak=100:desat=0"
    said = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc"
    return [said, "hwmap=derive_device=opencl:mode=read", tonemap, "hwdownload", "format=nv12"]


def _curve(film: Film, settings: PreviewSettings, tones: Tones) -> list[str]:
    if tones is not Tones.CURVE:
        return []
    said = f"tin={_TRANSFER.get(film.light, 'smpte2084')}:pin=bt2020:min=bt2020nc:rin={_range(film)}"
    # a film that does not say how bright it was mastered is taken for one of 1000 nits
    peak = "" if film.has_mastering and film.light is Light.PQ else ":peak=10"
    return [
        "format=yuv420p10le",
        f"zscale={said}:t=linear:npl=100",
        "format=gbrpf32le",
        "zscale=p=bt709",
        f"tonemap=tonemap={settings.tonemap.value}:desat=0{peak}",
        "zscale=t=bt709:m=bt709:r=tv",
        "format=yuv420p",
    ]


def _finish(film: Film, size: tuple[int, int], tones: Tones) -> list[str]:
    width, height = reversed(size) if film.turn.swaps else size
    matrix = film.matrix if tones is Tones.PLAIN else "bt709"
    given = _range(film) if tones is Tones.PLAIN else "tv"
    colours = f"in_color_matrix={matrix}:in_range={given}:out_color_matrix=bt601:out_range=pc"
    return [f"scale=w={width}:h={height}:flags=area:{colours}", "format=yuvj420p", *_turning(film.turn), "setsar=1"]


def _turning(turn: Turn) -> Sequence[str]:
    steps = (("transpose=dir=cclock_flip", turn.swaps), ("hflip", turn.mirrors_x), ("vflip", turn.mirrors_y))
    return [step for step, is_wanted in steps if is_wanted]


def _roomy(film: Film) -> tuple[int, int]:
    """Returns the least even size, before turning, out of which every wished size can be made smaller."""
    width = max(size[0] for size in film.distinct_sizes)
    height = max(size[1] for size in film.distinct_sizes)
    width, height = width + width % 2, height + height % 2
    return (height, width) if film.turn.swaps else (width, height)


def _range(film: Film) -> str:
    return "pc" if film.is_full_range else "tv"
