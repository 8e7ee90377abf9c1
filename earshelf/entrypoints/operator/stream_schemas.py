"""Shapes of live streams, closed."""

from typing import Any

from marshmallow import Schema, fields, validate

from earshelf.domain.streams import Hardware, PlayState, StreamKind, TrackDecision
from earshelf.entrypoints.operator.schemas import (
    Flag,
    count,
    date,
    nullable_count,
    nullable_text,
    one_of,
    text,
)

_number = fields.Float


class StreamPlayer(Schema):
    """On what it is played."""

    id = nullable_text(metadata={"description": "The server's name for the device"})
    title = text()
    product = text()
    platform = text()
    device = text()
    version = text()
    address = text()
    local = Flag(required=True)
    relayed = Flag(required=True)
    secure = Flag(required=True)


class StreamTranscoding(Schema):
    """What the server does to a stream on its way."""

    video_decision = one_of(TrackDecision, allow_none=True)
    audio_decision = one_of(TrackDecision, allow_none=True)
    subtitle_decision = one_of(TrackDecision, allow_none=True)
    hardware_requested = Flag(required=True)
    hardware_decoder = nullable_text()
    hardware_encoder = nullable_text()
    hardware_full_pipeline = Flag(required=True)
    speed = _number(required=True, allow_none=True, metadata={"description": "A multiple of real time"})
    throttled = Flag(required=True)
    too_slow = Flag(required=True)
    source_video_codec = text()
    source_audio_codec = text()
    protocol = text()
    progress = _number(required=True, allow_none=True, metadata={"description": "Per cent"})
    complete = Flag(required=True)
    error = Flag(required=True)


class StreamTrack(Schema):
    """One track; the decision is the server's own word."""

    type = text()
    title = text()
    codec = text()
    decision = text()


class LiveStream(Schema):
    """One live session. Times are in milliseconds, rates in kilobits a second; the sizes are those that are sent."""

    session_id = nullable_text(metadata={"description": "What ends it; null where the player has none"})
    session_key = text()
    server_id = text()
    server_name = text()
    can_be_stopped = Flag(required=True)
    ignores_stop = Flag(required=True, metadata={"description": "Its player was told to stop, and went on"})
    started_at = date(metadata={"description": "When it was first seen", "format": "date-time"})
    ends_at = date(allow_none=True, metadata={"description": "When a rule ends it", "format": "date-time"})
    type = one_of(StreamKind)
    title = text()
    parent_title = text()
    grandparent_title = text()
    library = text()
    year = nullable_count()
    summary = text()
    studio = text()
    content_rating = text()
    genres = fields.List(fields.String(), required=True)
    thumb = text()
    art = text()
    user = text()
    user_id = nullable_text()
    user_thumb = text()
    state = one_of(PlayState)
    decision = text()
    hardware = one_of(Hardware, allow_none=True)
    player = fields.Nested(StreamPlayer, required=True)
    view_offset = count()
    duration = nullable_count()
    container = text()
    video_codec = text()
    audio_codec = text()
    bitrate = nullable_count()
    width = nullable_count()
    height = nullable_count()
    video_resolution = text()
    audio_channels = nullable_count()
    source_is_4k = Flag(required=True)
    part_file = text()
    part_size = nullable_count()
    bandwidth = nullable_count()
    location = text()
    transcoding = fields.Nested(StreamTranscoding, required=True, allow_none=True)
    streams = fields.List(fields.Nested(StreamTrack), required=True)


class UnreachableServer(Schema):
    """A server that did not tell its streams."""

    id = text()
    name = text()
    message = text()
    code = text()


class StreamList(Schema):
    """All live streams; those of unreachable servers are not among them."""

    data = fields.List(fields.Nested(LiveStream), required=True)
    total = count(validate=validate.Range(min=0))
    unreachable_servers = fields.List(fields.Nested(UnreachableServer), required=True)


class TerminateBody(Schema):
    """Which server's stream, and what its player shows."""

    server_id = fields.String(required=True, validate=validate.Length(min=1))
    reason = fields.String(
        load_default="",
        validate=validate.Length(max=1000),
        metadata={"description": "One line, cut at 250 characters; `{user}`, `{title}` and `{server}` are filled in"},
    )


class Terminated(Schema):
    """What became of it."""

    session_id = text()
    server_id = text()
    terminated = Flag(required=True)
    message = text()


STREAM_EXAMPLE: dict[str, Any] = {
    "session_id": "k3j9qv7hns2x",
    "session_key": "48",
    "server_id": "sv_8Yt5rE2wQk9uIo3pLm6NbA",
    "server_name": "Attic",
    "can_be_stopped": True,
    "ignores_stop": False,
    "started_at": "2026-06-22T14:53:00.000Z",
    "ends_at": None,
    "type": "movie",
    "title": "Harbour Lights",
    "parent_title": "",
    "grandparent_title": "",
    "library": "Films",
    "year": 2021,
    "summary": "",
    "studio": "",
    "content_rating": "",
    "genres": [],
    "thumb": "/library/metadata/70021/thumb/1763000001",
    "art": "",
    "user": "tom",
    "user_id": "31337",
    "user_thumb": "",
    "state": "playing",
    "decision": "Direct play",
    "hardware": None,
    "player": {
        "id": "7f3-com-plexapp-android",
        "title": "Living room",
        "product": "Plex for Android (TV)",
        "platform": "Android",
        "device": "SHIELD Android TV",
        "version": "10.30.0",
        "address": "192.0.2.44",
        "local": False,
        "relayed": False,
        "secure": True,
    },
    "view_offset": 1210000,
    "duration": 6900000,
    "container": "mp4",
    "video_codec": "h264",
    "audio_codec": "aac",
    "bitrate": 8000,
    "width": 1920,
    "height": 800,
    "video_resolution": "1080",
    "audio_channels": 2,
    "source_is_4k": False,
    "part_file": "/data/films/Harbour Lights (2021)/Harbour.Lights.2021.mp4",
    "part_size": 4210000000,
    "bandwidth": 9120,
    "location": "wan",
    "transcoding": None,
    "streams": [{"type": "video", "title": "1080p (H.264)", "codec": "h264", "decision": ""}],
}
