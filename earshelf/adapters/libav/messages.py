"""What a worker and the server say to each other: a length, a kind, and a JSON head before the bytes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from struct import Struct
from typing import Any

from earshelf.domain.previews import Accuracy, Fit, PreviewSettings, ToneCurve
from earshelf.ports.previews import Outline, Thumbnail

PREFIX = Struct(">cII")
"""The kind, the bytes of the head, the bytes behind it."""

MOST_HEAD_BYTES = 1 << 20
MOST_BODY_BYTES = 1 << 28


class Kind(bytes, Enum):
    """What a message is."""

    REQUEST = b"R"
    OUTLINE = b"O"
    THUMBNAIL = b"T"
    ALIVE = b"A"
    END = b"E"
    UNUSABLE = b"U"


@dataclass(frozen=True, slots=True)
class Request:
    """A video to sample."""

    video: str
    settings: PreviewSettings
    fits: frozenset[Fit]
    threads: int


def packed(kind: Kind, head: Any = None, body: bytes = b"") -> bytes:
    """Returns a message as bytes."""
    spelled = json.dumps(head).encode()
    return PREFIX.pack(kind.value, len(spelled), len(body)) + spelled + body


def prefix(raw: bytes) -> tuple[Kind, int, int]:
    """Reads what comes first.

    :raises ValueError: it is no message.
    """
    kind, head, body = PREFIX.unpack(raw)
    if head > MOST_HEAD_BYTES or body > MOST_BODY_BYTES:
        raise ValueError("a message is too long")
    return Kind(kind), head, body


def request_message(request: Request) -> bytes:
    """Returns a request as bytes."""
    head = {
        "video": request.video,
        "settings": asdict(request.settings),
        "fits": sorted(request.fits),
        "threads": request.threads,
    }
    return packed(Kind.REQUEST, head)


def read_request(head: Any) -> Request:
    """Reads a request's head."""
    settings = head["settings"] | {
        "accuracy": Accuracy(head["settings"]["accuracy"]),
        "tonemap": ToneCurve(head["settings"]["tonemap"]),
    }
    fits = frozenset(Fit(fit) for fit in head["fits"])
    return Request(head["video"], PreviewSettings(**settings), fits, head["threads"])


def outline_message(outline: Outline) -> bytes:
    """Returns an outline as bytes."""
    sizes = {fit: list(size) for fit, size in outline.sizes.items()}
    return packed(Kind.OUTLINE, {"slots": outline.slots, "sizes": sizes, "notes": list(outline.notes)})


def read_outline(head: Any) -> Outline:
    """Reads an outline's head."""
    sizes = {Fit(fit): (width, height) for fit, (width, height) in head["sizes"].items()}
    return Outline(head["slots"], sizes, tuple(head["notes"]))


def thumbnail_message(slot: int, jpegs: Mapping[Fit, bytes]) -> bytes:
    """Returns a thumbnail as bytes; a picture that stands for several fits is sent once."""
    distinct = {id(jpeg): jpeg for jpeg in jpegs.values()}
    parts = [[[fit for fit in jpegs if jpegs[fit] is jpeg], len(jpeg)] for jpeg in distinct.values()]
    return packed(Kind.THUMBNAIL, {"slot": slot, "parts": parts}, b"".join(distinct.values()))


def read_thumbnail(head: Any, body: bytes) -> Thumbnail:
    """Reads a thumbnail from head and bytes."""
    jpegs: dict[Fit, bytes] = {}
    at = 0
    for fits, length in head["parts"]:
        jpeg = body[at : at + length]
        at += length
        jpegs |= {Fit(fit): jpeg for fit in fits}
    return Thumbnail(head["slot"], jpegs)
