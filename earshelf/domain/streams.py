"""What is being watched or listened to on a media server just now, and what it costs the server."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from earshelf.domain.ids import ServerId
from earshelf.domain.stream_details import PlayedTrack, StreamDetails

_WIDTH_4K, _HEIGHT_4K = 3840, 2160
_LABEL_4K = "4k"


class PlayState(StrEnum):
    """What the player does."""

    PLAYING = "playing"
    PAUSED = "paused"
    BUFFERING = "buffering"


class StreamKind(StrEnum):
    """What sort of thing is played."""

    MOVIE = "movie"
    EPISODE = "episode"
    TRACK = "track"
    LIVE = "live"
    OTHER = "other"


class TrackDecision(StrEnum):
    """What the server does with one sort of track: hands it on as it is, or makes another out of it."""

    KEPT = "kept"
    CONVERTED = "converted"


class Hardware(StrEnum):
    """How far a conversion runs on dedicated hardware, in the words that people see."""

    FULL = "HW (full)"
    DECODE = "HW decode"
    ENCODE = "HW encode"
    ASKED_ONLY = "HW asked, software used"
    SOFTWARE = "Software"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who plays; ``id`` is the server's own and stays when the name changes."""

    name: str
    id: str | None = None
    is_owner: bool = False


@dataclass(frozen=True, slots=True)
class Player:
    """On what it is played; ``id`` names the device, ``is_local`` says that it is in the server's own network.

    ``is_relayed`` says that the maker's servers stand in between.
    """

    id: str | None = None
    title: str = ""
    product: str = ""
    platform: str = ""
    address: str = ""
    is_local: bool = True
    device: str = ""
    version: str = ""
    is_relayed: bool = False
    is_secure: bool = False


@dataclass(frozen=True, slots=True)
class FrameSize:
    """Width and height of a picture in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """What the server does to a stream on its way; None for a sort of track that the stream lacks.

    ``hardware_decoder`` and ``hardware_encoder`` name the engines in use. ``speed`` is a multiple of real time;
    ``is_throttled`` says that the server slows down on purpose, being far enough ahead.
    """

    video: TrackDecision | None = None
    audio: TrackDecision | None = None
    subtitles: TrackDecision | None = None
    hardware_requested: bool = False
    hardware_decoder: str | None = None
    hardware_encoder: str | None = None
    hardware_throughout: bool = False
    speed: float | None = None
    is_throttled: bool = False

    @property
    def converted(self) -> tuple[str, ...]:
        """The sorts of tracks that are converted, among video, audio and subtitles."""
        sorts = {"video": self.video, "audio": self.audio, "subtitles": self.subtitles}
        return tuple(name for name, decision in sorts.items() if decision is TrackDecision.CONVERTED)


@dataclass(frozen=True, slots=True)
class Stream:
    """One live session on one server.

    ``key`` tells it from every other session of that server while it lasts; ``session_id`` is what stops it, None where
    the player has none. ``item_id`` and ``series_id`` are the server's own. Times are in milliseconds. ``source_sizes``
    are the pictures of what is stored, not of what is sent; ``tracks`` and ``details`` are what people look at.
    """

    server_id: ServerId
    key: str
    title: str
    viewer: Viewer
    player: Player
    session_id: str | None = None
    state: PlayState = PlayState.PLAYING
    kind: StreamKind = StreamKind.OTHER
    item_id: str | None = None
    series_id: str | None = None
    position_ms: int = 0
    duration_ms: int | None = None
    conversion: Conversion | None = None
    source_sizes: tuple[FrameSize, ...] = ()
    tracks: tuple[PlayedTrack, ...] = ()
    details: StreamDetails = StreamDetails()

    @property
    def handle(self) -> str:
        """What timers know the session by: the id that stops it, else its key, which a restarted server gives again."""
        return self.session_id or f"key:{self.key}"

    @property
    def can_be_stopped(self) -> bool:
        """Whether the server knows a name by which to stop it."""
        return bool(self.session_id)

    @property
    def is_4k(self) -> bool:
        """Whether what is stored is a 4K picture, whatever is sent."""
        return is_4k(self.source_sizes)

    @property
    def leaves_size_open(self) -> bool:
        """Whether the picture is converted, so that a session tells little of how large the stored one is."""
        return bool(self.item_id and self.conversion and self.conversion.converted) and not self.is_4k

    def stored_as(self, resolution: str | None) -> "Stream":
        """Returns it with what its library knows of the picture, as ``resolution_label`` of mediainfo spells it."""
        if resolution != _LABEL_4K:
            return self
        return replace(self, source_sizes=(*self.source_sizes, FrameSize(_WIDTH_4K, _HEIGHT_4K)))


def decision_label(conversion: Conversion | None) -> str:
    """Says what happens to a stream: "Direct play", "Direct stream" or, for instance, "Transcode (video / audio)"."""
    if conversion is None:
        return "Direct play"
    converted = " / ".join(conversion.converted)
    return f"Transcode ({converted})" if converted else "Direct stream"


def hardware_label(conversion: Conversion | None) -> Hardware | None:
    """Says which part of a conversion hardware does; None where nothing is converted or repacked.

    That hardware was asked for says nothing yet: only an engine that is named is at work.
    """
    if conversion is None:
        return None
    decodes, encodes = bool(conversion.hardware_decoder), bool(conversion.hardware_encoder)
    if conversion.hardware_throughout or (decodes and encodes):
        return Hardware.FULL
    if decodes or encodes:
        return Hardware.DECODE if decodes else Hardware.ENCODE
    return Hardware.ASKED_ONLY if conversion.hardware_requested else Hardware.SOFTWARE


def is_too_slow(conversion: Conversion | None) -> bool:
    """Whether the server converts slower than the stream plays, and not on purpose."""
    if conversion is None or conversion.speed is None:
        return False
    return conversion.speed < 1.0 and not conversion.is_throttled


def is_4k(sizes: Iterable[FrameSize]) -> bool:
    """Whether any of the pictures is 3840 wide or 2160 high, or more."""
    return any(size.width >= _WIDTH_4K or size.height >= _HEIGHT_4K for size in sizes)


@dataclass(frozen=True, slots=True)
class Poll:
    """What one server answered when it was asked for its sessions; a server that gave no answer has no poll."""

    server_id: ServerId
    streams: tuple[Stream, ...]


@dataclass(frozen=True, slots=True)
class Sighting:
    """Since when a session is known to run, as storage keeps it."""

    server_id: ServerId
    session: str
    first_seen_at: datetime


def sighted(known: Iterable[Sighting], polls: Iterable[Poll], now: datetime) -> tuple[Sighting, ...]:
    """Updates the sightings: new sessions begin now, ended ones go, and those of servers that gave no answer stay.

    A first sight that lies in the future, because the clock was put back, becomes now.
    """
    held = {(sighting.server_id, sighting.session): sighting for sighting in known}
    answers = {poll.server_id: poll for poll in polls}
    silent = [sighting for sighting in held.values() if sighting.server_id not in answers]
    present = [
        held.get((stream.server_id, stream.handle)) or Sighting(stream.server_id, stream.handle, now)
        for poll in answers.values()
        for stream in poll.streams
    ]
    return tuple(replace(one, first_seen_at=min(one.first_seen_at, now)) for one in dict.fromkeys(silent + present))
