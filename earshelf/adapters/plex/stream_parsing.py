"""What Plex tells of live sessions, read into the domain's types. Pure.

Nothing here raises: what is absent or odd counts as unknown, and a row that says nothing at all is left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from earshelf.adapters.plex.loose import flag, number, objects, text
from earshelf.adapters.plex.viewer_parsing import OWNER, safe_picture
from earshelf.domain.ids import ServerId
from earshelf.domain.loose_values import loose_float
from earshelf.domain.stream_details import Converted, PlayedTrack, Sent, StreamDetails
from earshelf.domain.streams import (
    Conversion,
    FrameSize,
    Player,
    PlayState,
    Stream,
    StreamKind,
    TrackDecision,
    Viewer,
)

_ROWS = ("Metadata", "Video", "Track", "Photo")
_KINDS = {"movie": StreamKind.MOVIE, "episode": StreamKind.EPISODE, "track": StreamKind.TRACK}
_SORTS = {1: "video", 2: "audio", 3: "subtitles", 4: "lyrics"}
_CONVERTED = frozenset({"transcode", "burn"})
_4K = FrameSize(3840, 2160)
_LARGEST_NUMBER = 2**63 - 1

Row = Mapping[str, Any]


def parse_streams(container: Row, server_id: ServerId) -> list[Stream]:
    """Reads the sessions; of rows that go by the same name the last counts."""
    rows = (row for name in _ROWS for row in objects(container.get(name)))
    streams = [_stream(row, server_id) for row in rows if _key(row)]
    return list({stream.handle: stream for stream in streams}.values())


def _stream(row: Row, server_id: ServerId) -> Stream:
    media = _selected(objects(row.get("Media")))
    part = _selected(objects(media.get("Part")))
    tracks = objects(part.get("Stream"))
    transcoding = _only(row, "TranscodeSession")
    return Stream(
        server_id=server_id,
        key=_key(row),
        title=text(row.get("title")) or "Unknown",
        viewer=_viewer(row),
        player=_player(_only(row, "Player")),
        session_id=text(_only(row, "Session").get("id")) or None,
        state=_state(_only(row, "Player")),
        kind=_kind(row),
        item_id=text(row.get("ratingKey")) or None,
        series_id=text(row.get("grandparentRatingKey")) or None,
        position_ms=max(_count(row.get("viewOffset")) or 0, 0),
        duration_ms=_count(row.get("duration")),
        conversion=_conversion(transcoding) if transcoding else _conversion_of_tracks(part, tracks),
        source_sizes=tuple(dict.fromkeys(_sizes(media, tracks))),
        tracks=tuple(_track(track) for track in tracks),
        details=_details(row, media, part, transcoding),
    )


def _key(row: Row) -> str:
    """Names a session: by its own key, else by what stops it, else by what is played on which device."""
    device = text(_only(row, "Player").get("machineIdentifier"))
    item = text(row.get("ratingKey")) or text(row.get("key"))
    return text(row.get("sessionKey")) or text(_only(row, "Session").get("id")) or (item and f"{item}@{device}")


def _only(row: Row, name: str) -> Row:
    # XML makes a list of every child
    return next(iter(objects(row.get(name))), {})


def _selected(versions: list[Row]) -> Row:
    chosen = (version for version in versions if flag(version.get("selected")))
    return next(chosen, versions[0] if versions else {})


def _count(value: Any) -> int | None:
    found = number(value)
    if found is None:
        exact = loose_float(value)
        found = None if exact is None else int(exact)
    return found if found is None or abs(found) <= _LARGEST_NUMBER else None


def _viewer(row: Row) -> Viewer:
    user = _only(row, "User")
    viewer_id = text(user.get("id")) or None
    return Viewer(text(user.get("title")) or "Unknown", viewer_id, is_owner=viewer_id == OWNER)


def _player(told: Row) -> Player:
    return Player(
        id=text(told.get("machineIdentifier")) or None,
        title=text(told.get("title")),
        product=text(told.get("product")),
        platform=text(told.get("platform")),
        address=text(told.get("remotePublicAddress")) or text(told.get("address")),
        is_local=flag(told.get("local"), default=True),
        device=text(told.get("device")),
        version=text(told.get("version")),
        is_relayed=flag(told.get("relayed")),
        is_secure=flag(told.get("secure")),
    )


def _state(player: Row) -> PlayState:
    try:
        return PlayState(text(player.get("state")).casefold())
    except ValueError:
        return PlayState.PLAYING


def _kind(row: Row) -> StreamKind:
    if flag(row.get("live")) or text(row.get("key")).startswith("/livetv"):
        return StreamKind.LIVE
    return _KINDS.get(text(row.get("type")).casefold(), StreamKind.OTHER)


def _decision(value: Any) -> TrackDecision | None:
    word = text(value).casefold()
    if not word:
        return None
    return TrackDecision.CONVERTED if word in _CONVERTED else TrackDecision.KEPT


def _conversion(told: Row) -> Conversion:
    return Conversion(
        video=_decision(told.get("videoDecision")),
        audio=_decision(told.get("audioDecision")),
        subtitles=_decision(told.get("subtitleDecision")),
        hardware_requested=flag(told.get("transcodeHwRequested")),
        hardware_decoder=text(told.get("transcodeHwDecodingTitle")) or text(told.get("transcodeHwDecoding")) or None,
        hardware_encoder=text(told.get("transcodeHwEncodingTitle")) or text(told.get("transcodeHwEncoding")) or None,
        hardware_throughout=flag(told.get("transcodeHwFullPipeline")),
        speed=loose_float(told.get("speed")),
        is_throttled=flag(told.get("throttled")),
    )


def _conversion_of_tracks(part: Row, tracks: Iterable[Row]) -> Conversion | None:
    """Reads a conversion that is told by the file's tracks only, as while it begins."""
    if text(part.get("decision")).casefold() != "transcode":
        return None
    told = {_SORTS.get(number(track.get("streamType")) or 0): _decision(track.get("decision")) for track in tracks}
    return Conversion(told.get("video"), told.get("audio"), told.get("subtitles"))


def _sizes(media: Row, tracks: Iterable[Row]) -> Iterator[FrameSize]:
    pictures = [track for track in tracks if number(track.get("streamType")) == 1]
    for told in (media, *pictures):
        width, height = _count(told.get("width")), _count(told.get("height"))
        if width is not None and height is not None and width > 0 and height > 0:
            yield FrameSize(width, height)
    # with a conversion the numbers are the output's; the title still names what is stored
    if text(media.get("videoResolution")).casefold() == "4k" or any(_says_4k(track) for track in pictures):
        yield _4K


def _says_4k(track: Row) -> bool:
    return "4k" in text(track.get("displayTitle")).casefold().split()


def _track(told: Row) -> PlayedTrack:
    return PlayedTrack(
        sort=_SORTS.get(number(told.get("streamType")) or 0, "other"),
        title=text(told.get("displayTitle")) or text(told.get("title")),
        codec=text(told.get("codec")),
        decision=text(told.get("decision")),
    )


def _details(row: Row, media: Row, part: Row, transcoding: Row) -> StreamDetails:
    session = _only(row, "Session")
    details = StreamDetails(
        parent_title=text(row.get("parentTitle")),
        grandparent_title=text(row.get("grandparentTitle")),
        library=text(row.get("librarySectionTitle")),
        year=_count(row.get("year")),
        summary=text(row.get("summary")),
        studio=text(row.get("studio")),
        content_rating=text(row.get("contentRating")),
        genres=tuple(filter(None, (text(genre.get("tag")) for genre in objects(row.get("Genre"))))),
        thumb=text(row.get("thumb")),
        art=text(row.get("art")),
        user_thumb=safe_picture(_only(row, "User").get("thumb")),
        file=text(part.get("file")),
        file_size=_count(part.get("size")),
        bandwidth=_count(session.get("bandwidth")),
        location=text(session.get("location")),
        sent=_sent(media),
    )
    return replace(details, converted=_converted(transcoding)) if transcoding else details


def _sent(media: Row) -> Sent:
    return Sent(
        container=text(media.get("container")),
        video_codec=text(media.get("videoCodec")),
        audio_codec=text(media.get("audioCodec")),
        bitrate=_count(media.get("bitrate")),
        width=_count(media.get("width")),
        height=_count(media.get("height")),
        video_resolution=text(media.get("videoResolution")),
        audio_channels=_count(media.get("audioChannels")),
    )


def _converted(told: Row) -> Converted:
    return Converted(
        source_video_codec=text(told.get("sourceVideoCodec")),
        source_audio_codec=text(told.get("sourceAudioCodec")),
        protocol=text(told.get("protocol")),
        progress=loose_float(told.get("progress")),
        is_complete=flag(told.get("complete")),
        has_failed=flag(told.get("error")),
    )
