"""A bar on a terminal; where nobody watches, nothing."""

import shutil
import sys
import time
from contextlib import suppress

_REDRAW_SECONDS = 0.1
_WIDEST = 40


class ProgressBar:
    """How far many things are, drawn on the last line of standard error if that is a terminal."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._finished = 0
        self._parts: dict[str, float] = {}
        self._drawn_at = float("-inf")
        self._is_watched = sys.stderr is not None and sys.stderr.isatty()

    def advance(self, name: str, part: float) -> None:
        """Takes note of how much of one thing is done, from 0 to 1."""
        self._parts[name] = part
        if self._is_watched and time.monotonic() - self._drawn_at >= _REDRAW_SECONDS:
            self.draw()

    def finish(self, name: str) -> None:
        """Takes note that one thing has ended."""
        self._parts.pop(name, None)
        self._finished += 1

    def draw(self) -> None:
        """Draws the bar as it is now."""
        if self._is_watched and self._finished < self._count:
            self._drawn_at = time.monotonic()
            self._write("\r" + bar(self._finished, sum(self._parts.values()), self._count, _columns()))

    def clear(self) -> None:
        """Takes the bar away, so that a line can be printed."""
        if self._is_watched:
            self._write("\r\x1b[K")

    @staticmethod
    def _write(text: str) -> None:
        # the terminal may be closed while the work goes on
        with suppress(OSError):
            sys.stderr.write(text)
            sys.stderr.flush()


def bar(finished: int, parts: float, count: int, columns: int) -> str:
    """Returns a line that is shorter than the terminal is wide."""
    share = min(1.0, (finished + parts) / count)
    words = f" {int(share * 100):3} %  {finished} of {count} videos"
    room = max(0, min(_WIDEST, columns - len(words) - 3))
    full = int(share * room)
    return f"[{'#' * full}{'.' * (room - full)}]{words}"[: max(0, columns - 1)]


def _columns() -> int:
    return shutil.get_terminal_size().columns
