"""What Plex tells of live sessions, read into the domain's types. Pure.

Nothing here raises: what is absent or odd counts as unknown, and a row that says nothing at all is left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from earshelf.adapters.plex.fields import known, table
from earshelf.adapters.plex.loose import flag, number, objects, text, without_token
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


def _word(value: Any) -> str | None:
    return text(value) or None


def _picture(value: Any) -> str | None:
    return without_token(text(value)) or None


def _count(value: Any) -> int | None:
    found = number(value)
    if found is None:
        exact = loose_float(value)
        found = None if exact is None else int(exact)
    return found if found is None or abs(found) <= _LARGEST_NUMBER else None


def _decision(value: Any) -> TrackDecision | None:
    word = text(value).casefold()
    if not word:
        return None
    return TrackDecision.CONVERTED if word in _CONVERTED else TrackDecision.KEPT


_PLAYER = (
    *table(_word, "id:machineIdentifier title product platform address device version"),
    *table(partial(flag, default=True), "is_local:local"),
    *table(flag, "is_relayed:relayed is_secure:secure"),
    # where it is told, this is the one that the server sees
    *table(_word, "address:remotePublicAddress"),
)
_CONVERSION = (
    *table(_decision, "video:videoDecision audio:audioDecision subtitles:subtitleDecision"),
    *table(flag, "hardware_requested:transcodeHwRequested hardware_throughout:transcodeHwFullPipeline"),
    *table(flag, "is_throttled:throttled"),
    *table(_word, "hardware_decoder:transcodeHwDecoding hardware_encoder:transcodeHwEncoding"),
    # for people the engine's title is better than its key
    *table(_word, "hardware_decoder:transcodeHwDecodingTitle hardware_encoder:transcodeHwEncodingTitle"),
    *table(loose_float, "speed"),
)
_CONVERTED_NUMBERS = (
    *table(_word, "source_video_codec:sourceVideoCodec source_audio_codec:sourceAudioCodec protocol"),
    *table(loose_float, "progress"),
    *table(flag, "is_complete:complete has_failed:error"),
)
_SENT = (
    *table(_word, "container video_codec:videoCodec audio_codec:audioCodec video_resolution:videoResolution"),
    *table(_count, "bitrate width height audio_channels:audioChannels"),
)
_DETAILS = (
    *table(_word, "parent_title:parentTitle grandparent_title:grandparentTitle library:librarySectionTitle"),
    *table(_word, "summary studio content_rating:contentRating"),
    *table(_picture, "thumb art"),
    *table(_count, "year"),
)
_FILE = (*table(_word, "file"), *table(_count, "file_size:size"))
_SESSION = (*table(_count, "bandwidth"), *table(_word, "location"))
_TRACK = table(_word, "title title:displayTitle codec decision")


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
        player=Player(**known(_only(row, "Player"), _PLAYER)),
        session_id=text(_only(row, "Session").get("id")) or None,
        state=_state(_only(row, "Player")),
        kind=_kind(row),
        item_id=text(row.get("ratingKey")) or None,
        series_id=text(row.get("grandparentRatingKey")) or None,
        position_ms=max(_count(row.get("viewOffset")) or 0, 0),
        duration_ms=_count(row.get("duration")),
        conversion=Conversion(**known(transcoding, _CONVERSION))
        if transcoding
        else _conversion_of_tracks(part, tracks),
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


def _viewer(row: Row) -> Viewer:
    user = _only(row, "User")
    viewer_id = text(user.get("id")) or None
    return Viewer(text(user.get("title")) or "Unknown", viewer_id, is_owner=viewer_id == OWNER)


def _state(player: Row) -> PlayState:
    try:
        return PlayState(text(player.get("state")).casefold())
    except ValueError:
        return PlayState.PLAYING


def _kind(row: Row) -> StreamKind:
    if flag(row.get("live")) or text(row.get("key")).startswith("/livetv"):
        return StreamKind.LIVE
    return _KINDS.get(text(row.get("type")).casefold(), StreamKind.OTHER)


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
    return PlayedTrack(_SORTS.get(number(told.get("streamType")) or 0, "other"), **known(told, _TRACK))


def _details(row: Row, media: Row, part: Row, transcoding: Row) -> StreamDetails:
    return StreamDetails(
        **known(row, _DETAILS),
        **known(part, _FILE),
        **known(_only(row, "Session"), _SESSION),
        genres=tuple(filter(None, (text(genre.get("tag")) for genre in objects(row.get("Genre"))))),
        user_thumb=safe_picture(_only(row, "User").get("thumb")),
        sent=Sent(**known(media, _SENT)),
        converted=Converted(**known(transcoding, _CONVERTED_NUMBERS)) if transcoding else None,
    )
