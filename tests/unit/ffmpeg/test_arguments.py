"""Command lines for every device."""

from dataclasses import replace
from itertools import pairwise

import pytest

from earshelf.adapters.ffmpeg.arguments import Plan, command, input_url
from earshelf.adapters.ffmpeg.chains import Tones, graph
from earshelf.adapters.ffmpeg.devices import CPU, Device
from earshelf.adapters.ffmpeg.film import Film, Light
from earshelf.adapters.libav.shapes import Turn
from earshelf.domain.previews import PreviewSettings, ToneCurve
from tests.unit.ffmpeg.films import AMD, APPLE, DEVICES, DOLBY, INTEL, NVIDIA, PORTRAIT, PQ, SMALL

USUAL = PreviewSettings()
END = (
    "scale=w=320:h=180:flags=area:in_color_matrix=bt709:in_range=tv:out_color_matrix=bt601:out_range=pc,"
    "format=yuvj420p,setsar=1[out0]"
)
BEGIN = "[0:0]settb=AVTB,setpts=PTS-STARTPTS,fps=fps=1/5:round=up,"
CURVE = (
    "format=yuv420p10le,zscale=tin=smpte2084:pin=bt2020:min=bt2020nc:rin=tv:t=linear:npl=100,format=gbrpf32le,"
    "zscale=p=bt709,tonemap=tonemap=hable:desat=0:peak=10,zscale=t=bt709:m=bt709:r=tv,format=yuv420p,"
)
PLACEBO = (
    "libplacebo=w=320:h=180:tonemapping=hable:format=yuv420p:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
    ":range=tv:contrast=1.3:saturation=1.3,hwdownload,format=yuv420p,"
)


def words(plan: Plan, film: Film = SMALL, settings: PreviewSettings = USUAL, threads: int = 0) -> list[str]:
    outputs = [f"pipe:{7 + number}" for number in range(len(film.distinct_sizes))]
    return command(plan, film, settings, "/m/a.mkv", outputs, threads=threads)


def between(line: list[str], first: str, last: str) -> list[str]:
    return line[line.index(first) : line.index(last)]


@pytest.mark.parametrize(
    ("device", "decoder"),
    [
        (CPU, []),
        (NVIDIA, ["-hwaccel", "cuda", "-hwaccel_device", "1", "-hwaccel_output_format", "cuda"]),
        (INTEL, ["-hwaccel", "vaapi", "-hwaccel_device", "/dev/dri/renderD128", "-hwaccel_output_format", "vaapi"]),
        (AMD, ["-hwaccel", "vaapi", "-hwaccel_device", "/dev/dri/renderD129", "-hwaccel_output_format", "vaapi"]),
        (APPLE, ["-hwaccel", "videotoolbox"]),
    ],
)
def test_every_device_decodes_by_its_own_means_and_with_one_thread_where_it_is_no_processor(
    device: Device, decoder: list[str]
) -> None:
    single = [] if device == CPU else ["-threads:v", "1"]
    assert between(words(Plan(device)), "warning", "-noautorotate")[1:] == [*decoder, *single]


@pytest.mark.parametrize(
    ("device", "shrinking"),
    [
        (CPU, ""),
        (NVIDIA, "scale_cuda=w=320:h=180:format=nv12,hwdownload,format=nv12,"),
        (INTEL, "scale_vaapi=w=320:h=180:format=nv12,hwdownload,format=nv12,"),
        (AMD, "scale_vaapi=w=320:h=180:format=nv12,hwdownload,format=nv12,"),
        (APPLE, ""),
    ],
)
def test_ordinary_films_are_brought_to_size_where_they_were_decoded(device: Device, shrinking: str) -> None:
    assert graph(SMALL, USUAL, device, Tones.PLAIN) == f"{BEGIN}{shrinking}{END}"


@pytest.mark.parametrize(
    ("device", "shrinking"),
    [
        (CPU, "scale=w=320:h=180:flags=area,"),
        (NVIDIA, "scale_cuda=w=320:h=180:format=p010le,hwdownload,format=p010le,"),
        (INTEL, "scale_vaapi=w=320:h=180:format=p010,hwdownload,format=p010le,"),
        (AMD, "scale_vaapi=w=320:h=180:format=p010,hwdownload,format=p010le,"),
        (APPLE, "scale=w=320:h=180:flags=area,"),
    ],
)
def test_high_dynamic_range_is_folded_at_the_size_of_the_thumbnail(device: Device, shrinking: str) -> None:
    assert graph(PQ, USUAL, device, Tones.CURVE) == f"{BEGIN}{shrinking}{CURVE}{END}"


def test_a_film_that_says_how_bright_it_was_mastered_is_believed() -> None:
    assert ":peak=" not in graph(replace(PQ, has_mastering=True), USUAL, CPU, Tones.CURVE)


def test_hlg_is_told_from_pq() -> None:
    assert "zscale=tin=arib-std-b67:" in graph(replace(PQ, light=Light.HLG), USUAL, CPU, Tones.CURVE)


@pytest.mark.parametrize("curve", list(ToneCurve))
@pytest.mark.parametrize(("tones", "option"), [(Tones.CURVE, "tonemap=tonemap="), (Tones.LIBPLACEBO, "tonemapping=")])
def test_the_wished_curve_is_the_one_that_folds(curve: ToneCurve, tones: Tones, option: str) -> None:
    assert f"{option}{curve.value}:" in graph(PQ, PreviewSettings(tonemap=curve), NVIDIA, tones)


@pytest.mark.parametrize(
    ("device", "opened", "decoder", "chain"),
    [
        (
            NVIDIA,
            ["-init_hw_device", "vulkan=vk", "-filter_hw_device", "vk"],
            ["-hwaccel", "cuda", "-hwaccel_device", "1"],
            "hwupload,",
        ),
        (
            AMD,
            [
                *("-init_hw_device", "drm=dr:/dev/dri/renderD129", "-init_hw_device", "vaapi=va@dr"),
                *("-init_hw_device", "vulkan=vk@dr", "-filter_hw_device", "vk"),
            ],
            ["-hwaccel", "vaapi", "-hwaccel_device", "va", "-hwaccel_output_format", "vaapi"],
            "hwmap=derive_device=vulkan,",
        ),
        (CPU, ["-init_hw_device", "vulkan=vk", "-filter_hw_device", "vk"], [], "hwupload,"),
    ],
)
def test_dolby_vision_5_goes_through_libplacebo(
    device: Device, opened: list[str], decoder: list[str], chain: str
) -> None:
    line = words(Plan(device, Tones.LIBPLACEBO), DOLBY)
    single = [] if device == CPU else ["-threads:v", "1"]
    kept = ["-hwaccel_output_format", "vaapi"] if device == AMD else []
    expected = [*opened, *decoder[:4], *kept, *single]
    assert between(line, "warning", "-noautorotate")[1:] == expected
    assert line[line.index("-filter_complex") + 1] == f"{BEGIN}{chain}{PLACEBO}{END}"


def test_dolby_vision_5_goes_through_opencl_on_intel() -> None:
    line = words(Plan(INTEL, Tones.OPENCL), DOLBY)
    assert between(line, "-init_hw_device", "-threads:v") == [
        *("-init_hw_device", "vaapi=va:/dev/dri/renderD128", "-init_hw_device", "opencl=ocl@va"),
        *("-filter_hw_device", "ocl", "-hwaccel", "vaapi", "-hwaccel_device", "va", "-hwaccel_output_format", "vaapi"),
    ]
    assert line[line.index("-filter_complex") + 1] == (
        f"{BEGIN}setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc,"
        "hwmap=derive_device=opencl:mode=read,"
        "tonemap_opencl=format=nv12:p=bt709:t=bt709:m=bt709:tonemap=hable:peak=100:desat=0,hwdownload,format=nv12,"
        f"{END}"
    )


@pytest.mark.parametrize("device", DEVICES)
def test_pictures_are_dropped_before_anything_is_done_to_them(device: Device) -> None:
    assert graph(PQ, PreviewSettings(interval=7), device, Tones.CURVE).split(",")[2] == "fps=fps=1/7:round=up"


def test_two_sizes_come_out_of_one_decoding_and_each_ends_in_its_own_pipe() -> None:
    line = words(Plan(NVIDIA), PORTRAIT)
    chain = line[line.index("-filter_complex") + 1].split(";")
    assert chain[0].endswith("scale_cuda=w=320:h=568:format=nv12,hwdownload,format=nv12,split=2[s0][s1]")
    assert [part.split(":")[0] for part in chain[1:]] == ["[s0]scale=w=134", "[s1]scale=w=320"]
    assert [after for before, after in pairwise(line) if before == "-map"] == ["[out0]", "[out1]"]
    assert [word for word in line if word.startswith("pipe:")] == ["pipe:7", "pipe:8"]


def test_a_turned_film_is_brought_to_size_lying_and_turned_when_it_is_small() -> None:
    lying = replace(PORTRAIT, turn=Turn(swaps=True, mirrors_x=True))
    chain = graph(lying, USUAL, NVIDIA, Tones.PLAIN)
    assert "scale_cuda=w=568:h=320" in chain
    assert "scale=w=240:h=134:" in chain
    assert chain.count("transpose=dir=cclock_flip,hflip,setsar=1") == 2


def test_one_field_stands_for_an_interlaced_picture() -> None:
    assert f"{BEGIN}field=type=top," in graph(replace(SMALL, is_interlaced=True), USUAL, CPU, Tones.PLAIN)


def test_a_picture_may_come_as_late_as_the_film_allows() -> None:
    assert "setpts=PTS-STARTPTS-20833," in graph(replace(SMALL, late=1 / 48), USUAL, CPU, Tones.PLAIN)


def test_the_last_keyframe_stays_as_long_as_its_slot() -> None:
    chain = graph(SMALL, USUAL, CPU, Tones.PLAIN, keyframes_only=True)
    assert ",tpad=stop_mode=clone:stop_duration=5,fps=fps=1/5:round=up," in chain


@pytest.mark.parametrize(("keyframes_only", "wished"), [(True, ["-skip_frame:v", "nokey"]), (False, [])])
def test_only_keyframes_are_decoded_where_they_suffice(keyframes_only: bool, wished: list[str]) -> None:
    line = words(Plan(CPU, keyframes_only=keyframes_only))
    assert between(line, "warning", "-noautorotate")[1:] == wished


def test_threads_are_bounded_for_decoder_and_filters() -> None:
    assert between(words(Plan(), threads=2), "-threads", "-noautorotate") == ["-threads", "2", "-filter_threads", "2"]


@pytest.mark.parametrize(("quality", "wished"), [(1, ["-qmin", "1", "-q:v", "1"]), (4, ["-q:v", "4"])])
def test_the_best_quality_is_not_held_back_by_the_encoders_usual_bound(quality: int, wished: list[str]) -> None:
    line = words(Plan(), settings=PreviewSettings(quality=quality))
    assert line[line.index("mjpeg") + 1 : line.index("image2pipe") - 1] == wished


@pytest.mark.parametrize("name", ["-i.mkv", "http://host/a.mkv", "concat:a|b", "a'b\"c\n.mkv", "pipe:0"])
def test_no_name_becomes_an_option_or_a_protocol(name: str) -> None:
    line = command(Plan(), SMALL, USUAL, f"/m/{name}", ["pipe:7"])
    given = line[line.index("-i") + 1]
    assert given.startswith("file:/m/")
    assert given.endswith(name.rpartition("/")[2])
    assert line[line.index("-protocol_whitelist") + 1] == "file,pipe"
    assert line.index("-protocol_whitelist") < line.index("-i")


def test_a_relative_name_becomes_absolute() -> None:
    assert input_url("-i.mkv").startswith("file:/")
