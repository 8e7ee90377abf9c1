"""What a decoder hangs on a frame besides its pixels, as raw bytes."""

from typing import Any

import av
from av.sidedata.sidedata import Type


def attached(frame: av.VideoFrame, kind: Type) -> bytes | None:
    """Returns the last piece of that kind; None where there is none."""
    pieces: Any = frame.side_data  # its stub calls it a dictionary, it is a sequence of buffers
    found = [bytes(piece) for piece in pieces if piece.type is kind]
    return found[-1] if found else None
