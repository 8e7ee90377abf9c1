"""Which GPUs are found, and why some can not be used."""

from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import pytest

from earshelf.adapters.ffmpeg.detection import Node, detect, nodes, reason_against
from earshelf.adapters.ffmpeg.devices import CPU, Device, DeviceKind, device_of
from earshelf.adapters.ffmpeg.program import Abilities, ask, find_program, parse_filters, parse_version
from earshelf.domain.errors import VideoUnusable
from tests.unit.ffmpeg.films import APPLE, EVERYTHING, INTEL, NVIDIA

PROGRAM = Path(imageio_ffmpeg.get_ffmpeg_exe())


def render_node(root: Path, name: str, vendor: str) -> Path:
    path = root / "dev/dri" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    identity = root / "sys/class/drm" / name / "device/vendor"
    identity.parent.mkdir(parents=True)
    identity.write_text(f"{vendor}\n")
    return path


def test_render_nodes_are_told_apart_by_their_vendor(tmp_path: Path) -> None:
    intel, amd = render_node(tmp_path, "renderD128", "0x8086"), render_node(tmp_path, "renderD129", "0x1002")
    render_node(tmp_path, "renderD130", "0x1af4")
    found = nodes(tmp_path, "linux")
    assert [node.device for node in found] == [Device(DeviceKind.INTEL, str(intel)), Device(DeviceKind.AMD, str(amd))]
    assert all(node.is_open for node in found)


def test_an_nvidia_card_is_found_by_its_number_and_once_only(tmp_path: Path) -> None:
    render_node(tmp_path, "renderD128", "0x10de")
    for name in ("nvidia10", "nvidia2", "nvidiactl", "nvidia-uvm"):
        (tmp_path / "dev" / name).touch()
    found = [node.device for node in nodes(tmp_path, "linux")]
    assert found == [Device(DeviceKind.NVIDIA, "2"), Device(DeviceKind.NVIDIA, "10")]


def test_an_apple_machine_has_video_toolbox(tmp_path: Path) -> None:
    assert [node.device for node in nodes(tmp_path, "darwin")] == [APPLE]


def test_a_machine_without_a_gpu_has_none(tmp_path: Path) -> None:
    assert nodes(tmp_path, "linux") == []


@pytest.mark.parametrize(
    ("node", "abilities", "reason"),
    [
        (Node(INTEL, "/dev/dri/renderD128", is_open=True), EVERYTHING, None),
        (Node(INTEL, "/dev/dri/renderD128", is_open=False), EVERYTHING, "add this user to the group"),
        (Node(NVIDIA, "/dev/nvidia1", is_open=True), Abilities(), "built without cuda"),
        (Node(APPLE, "VideoToolbox", is_open=True), Abilities(), "built without videotoolbox"),
        (
            Node(INTEL, "/dev/dri/renderD128", is_open=True),
            replace(EVERYTHING, filters=frozenset({"scale_cuda"})),
            "no filter scale_vaapi",
        ),
    ],
)
def test_a_gpu_that_can_not_be_used_has_a_reason_and_a_remedy(
    node: Node, abilities: Abilities, reason: str | None
) -> None:
    said = reason_against(node, abilities)
    assert said == reason if reason is None else reason in (said or "")


async def test_a_gpu_without_its_driver_is_found_out_by_trying_it() -> None:
    absent = Device(DeviceKind.AMD, "/dev/dri/renderD250")
    (found,) = await detect(PROGRAM, await ask(PROGRAM), [Node(absent, absent.node, is_open=True)])
    assert "amd /dev/dri/renderD250 does not start" in (found.reason or "")
    assert "0x" not in (found.reason or "")


async def test_the_program_is_asked_what_it_can_do() -> None:
    abilities = await ask(PROGRAM)
    assert abilities.version is not None
    assert abilities.version >= (7, 0)
    assert abilities.note is None
    assert "cuda" in abilities.accelerations
    assert {"scale", "zscale", "tonemap"} <= abilities.filters


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("ffmpeg version 7.1.1-Jellyfin Copyright (c)", (7, 1)),
        ("ffmpeg version n9.0.2-17-g2a571b6068 Copyright", (9, 0)),
        ("ffmpeg version 5.1.6-0+deb12u1 Copyright", (5, 1)),
        ("ffmpeg version N-118000-gabc Copyright", None),
        ("", None),
    ],
)
def test_versions_are_read_of_releases_and_of_none_of_branches(said: str, version: tuple[int, int] | None) -> None:
    assert parse_version(said) == version


def test_an_old_program_is_named_as_old() -> None:
    assert Abilities((6, 1)).note == "ffmpeg 6.1 is old; 7.0 or newer is advised"


def test_filters_are_read_with_two_flags_and_with_three() -> None:
    heading = "Filters:\n  T.. = Timeline support\n"
    listed = " .S zscale            V->V       Apply resizing.\n TSC scale V->V Scale.\n"
    assert parse_filters(heading + listed) == {"zscale", "scale"}


@pytest.mark.parametrize("name", ["nothing-here", "."])
def test_a_path_that_is_no_program_is_refused_with_its_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(VideoUnusable, match="no program that can be run"):
        find_program(str(tmp_path / name))


async def test_a_program_that_can_not_be_started_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ffmpeg"
    path.write_bytes(b"\x7fELF of nothing")
    path.chmod(0o755)
    with pytest.raises(VideoUnusable, match="can not be started"):
        await ask(path)


@pytest.mark.parametrize(
    ("kind", "name", "node"),
    [
        (DeviceKind.NVIDIA, "cuda", ""),
        (DeviceKind.NVIDIA, "cuda:1", "1"),
        (DeviceKind.INTEL, "/dev/dri/renderD128", "/dev/dri/renderD128"),
        (DeviceKind.APPLE, "videotoolbox", ""),
        (DeviceKind.CPU, "cpu", ""),
    ],
)
def test_settings_name_devices_as_people_know_them(kind: DeviceKind, name: str, node: str) -> None:
    assert device_of(kind, name) == Device(kind, node)


def test_the_processor_has_a_name_too() -> None:
    assert (CPU.name, NVIDIA.name) == ("cpu", "nvidia 1")
