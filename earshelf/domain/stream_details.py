"""What people want to see of a live stream, and nothing is decided by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlayedTrack:
    """One track of a stream; ``sort`` is video, audio, subtitles or lyrics, ``decision`` the server's own word."""

    sort: str
    title: str = ""
    codec: str = ""
    decision: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What leaves the server, which with a conversion is not what is stored; ``bitrate`` is in kilobits a second."""

    container: str = ""
    video_codec: str = ""
    audio_codec: str = ""
    bitrate: int | None = None
    width: int | None = None
    height: int | None = None
    video_resolution: str = ""
    audio_channels: int | None = None


@dataclass(frozen=True, slots=True)
class Converted:
    """A conversion's numbers: ``progress`` is in percent; the codecs are those that are stored."""

    source_video_codec: str = ""
    source_audio_codec: str = ""
    protocol: str = ""
    progress: float | None = None
    is_complete: bool = False
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class StreamDetails:
    """Everything else that a server tells of a session.

    ``bandwidth`` is what the server has set aside, in kilobits a second; ``location`` is its word for the network;
    ``thumb`` and ``art`` are paths on the server.
    """

    parent_title: str = ""
    grandparent_title: str = ""
    library: str = ""
    year: int | None = None
    summary: str = ""
    studio: str = ""
    content_rating: str = ""
    genres: tuple[str, ...] = ()
    thumb: str = ""
    art: str = ""
    user_thumb: str = ""
    file: str = ""
    file_size: int | None = None
    bandwidth: int | None = None
    location: str = ""
    sent: Sent = Sent()
    converted: Converted | None = None
