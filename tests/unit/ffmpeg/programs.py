"""Programs that behave like ffmpeg on one of its days: scripts that are really run."""

import sys
from pathlib import Path

_HEAD = f"""#!{sys.executable}
import os, signal, sys, time
from pathlib import Path
words = sys.argv[1:]
on_gpu = "-hwaccel" in words
pipes = [int(word[5:]) for word in words if word.startswith("pipe:")]
here = Path(sys.argv[0]).parent
with (here / "runs").open("a") as runs:
    runs.write(f"{{os.getpid()}} {{'gpu' if on_gpu else 'cpu'}}\\n")
def give(*numbers):
    for number in numbers:
        for pipe in pipes:
            os.write(pipe, b"\\xff\\xd8\\xff\\xda\\x00\\x02" + bytes([number]) + b"\\xff\\xd9")
def fail(text, code):
    print(text, file=sys.stderr, flush=True)
    sys.exit(code)
"""


def program(folder: Path, body: str) -> Path:
    """Writes a program that does this; ``give(1, 2)`` gives pictures, ``fail(text, code)`` ends."""
    path = folder / "ffmpeg"
    path.write_text(_HEAD + body)
    path.chmod(0o755)
    return path


def runs(folder: Path) -> list[tuple[int, str]]:
    """Returns process number and device of every run."""
    lines = (folder / "runs").read_text().splitlines()
    return [(int(number), device) for number, device in (line.split() for line in lines)]
