"""What went wrong when the program ended without the pictures, from its last lines and its exit code; pure."""

import re
from collections.abc import Sequence
from enum import Enum, auto

_CODEC = (
    "no decoder for",
    "unknown decoder",
    "decoder not found",
    "could not find codec",
    "unsupported codec",
    "hardware decoder not",
    "codec not supported",
)
_ACCELERATION = (
    "hwaccel",
    "failed to sync surface",
    "failed to transfer data to output frame",
    "avhwframescontext",
    "avhwdevicecontext",
    "cuda error",
    "cuda_error",
    "cuvid",
    "nv12 to nv12 not supported",
    "hardware accelerator failed",
    "failed to get hw frames constraints",
    "failed to initialise vaapi connection",
    "failed to create surface",
    "device creation failed",
    "device setup failed",
    "failed to set value",
    "no device available for decoder",
    "impossible to convert between the formats",
)
_TONES = (
    "multiple dolby vision rpus found in one au",
    "no path between colorspaces",
    "generic error in an external library",
    "libplacebo",
)
_HARDWARE_CODES = frozenset({-22, 234, 69})
_SIGNALS = {130: "SIGINT", 137: "SIGKILL", 143: "SIGTERM"}
_INPUT_ERROR = 251
_LAST = 10
_ORIGIN = re.compile(r"\[[^\]]*@ 0x[0-9a-fA-F]+\]\s*")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{5,}\b")
_SAYS_WRONG = re.compile(r"(?i)error|fail|invalid|unable|cannot|could not|not supported|no such|denied|impossible")


class Fault(Enum):
    """Whom a failure is put down to."""

    HARDWARE = auto()
    TONES = auto()
    FILM = auto()


def fault_of(lines: Sequence[str], code: int) -> Fault:
    """Judges a run; a film is to blame only where neither its colours nor the device are."""
    said = "\n".join(lines).lower()
    if any(word in said for word in _TONES):
        return Fault.TONES
    if any(word in said for word in (*_CODEC, *_ACCELERATION)) or code in _HARDWARE_CODES or _is_signal(code):
        return Fault.HARDWARE
    return Fault.FILM


def ending(code: int) -> str:
    """Says how the program ended."""
    if code < 0:
        return f"signal {-code}"
    if code in _SIGNALS:
        return _SIGNALS[code]
    return "input or output error" if code == _INPUT_ERROR else f"exit code {code}"


def summary(lines: Sequence[str], code: int) -> str:
    """Returns the one line that says most, without memory addresses; where none does, how the program ended."""
    last = [_ADDRESS.sub("", _ORIGIN.sub("", line)).strip() for line in lines[-_LAST:]]
    wrong = [line for line in last if _SAYS_WRONG.search(line)]
    weighty = [line for line in wrong if line.startswith("Error")]
    return (weighty or wrong or [f"ffmpeg ended with {ending(code)}"])[-1]


def _is_signal(code: int) -> bool:
    return code < 0 or code in _SIGNALS
