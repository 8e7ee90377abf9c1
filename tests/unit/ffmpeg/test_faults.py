"""What the last lines of a failed run are taken for."""

import pytest

from earshelf.adapters.ffmpeg.faults import Fault, ending, fault_of, summary


@pytest.mark.parametrize(
    ("line", "code", "fault"),
    [
        ("[hevc @ 0x55d] No decoder for codec av1", 1, Fault.HARDWARE),
        ("Unknown decoder 'h264_cuvid'", 1, Fault.HARDWARE),
        ("[h264 @ 0x1] Failed setup for format cuda: hwaccel initialisation returned error.", 1, Fault.HARDWARE),
        ("Failed to sync surface 0x7: 23 (internal decoding error)", 1, Fault.HARDWARE),
        ("[AVHWDeviceContext @ 0x5581e] Cannot load libcuda.so.1", 1, Fault.HARDWARE),
        ("Impossible to convert between the formats supported by the filter", 1, Fault.HARDWARE),
        ("anything", 234, Fault.HARDWARE),
        ("anything", 69, Fault.HARDWARE),
        ("", -11, Fault.HARDWARE),
        ("", 137, Fault.HARDWARE),
        ("[zscale @ 0x7f] no path between colorspaces", 1, Fault.TONES),
        ("Multiple Dolby Vision RPUs found in one AU. Skipping previous.", 1, Fault.TONES),
        ("[libplacebo @ 0x6] Failed creating swapchain", -11, Fault.TONES),
        ("Invalid data found when processing input", 1, Fault.FILM),
        ("", 1, Fault.FILM),
    ],
)
def test_a_failure_is_put_down_to_the_device_the_colours_or_the_film(line: str, code: int, fault: Fault) -> None:
    assert fault_of(["something before", line], code) is fault


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ["[mov @ 0x55c8a1] moov atom not found", "Error opening input: Invalid data", "Conversion failed!"],
            "Error opening input: Invalid data",
        ),
        (["[h264 @ 0x7f00aa12] Invalid NAL at 0xdeadbeef", "frame=1"], "Invalid NAL at"),
        (["all is well"], "ffmpeg ended with exit code 3"),
        (["Error of long ago", *["frame"] * 10], "ffmpeg ended with exit code 3"),
        ([], "ffmpeg ended with exit code 3"),
    ],
)
def test_the_line_that_says_most_is_shown_without_addresses(lines: list[str], said: str) -> None:
    assert summary(lines, 3) == said


@pytest.mark.parametrize(
    ("code", "said"),
    [(-9, "signal 9"), (137, "SIGKILL"), (130, "SIGINT"), (251, "input or output error"), (1, "exit code 1")],
)
def test_an_exit_code_is_put_into_words(code: int, said: str) -> None:
    assert ending(code) == said
