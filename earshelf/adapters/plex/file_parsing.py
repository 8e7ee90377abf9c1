"""Versions, files and streams of a Plex item. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from earshelf.adapters.plex.bodies import objects
from earshelf.adapters.plex.fields import (
    Order,
    Table,
    as_flag,
    as_real,
    as_text,
    as_whole,
    known,
    order,
    ordered,
    table,
    text,
    whole,
)
from earshelf.domain.dynamic_ranges import dv_profile_of
from earshelf.domain.loose_values import loose_int, loose_text
from earshelf.domain.media_files import MediaFile, MediaStream, MediaVersion, StreamKind
from earshelf.domain.media_payloads import AnyStream, Media, Part, VideoStream, audio_tracks, chosen_video
from earshelf.domain.mediainfo import MediaFacts, facts_of, resolution_label

_OPTIMIZED = 42
_OPTIMIZED_FOLDER = "/Plex Versions/"
_KINDS = {1: StreamKind.VIDEO, 2: StreamKind.AUDIO, 3: StreamKind.SUBTITLE}
_OF_ALL = (
    *table(as_text, "codec profile title display_title:displayTitle extended_display_title:extendedDisplayTitle"),
    *table(as_text, "language language_code:languageCode language_tag:languageTag format"),
    *table(as_whole, "index bitrate"),
    *table(as_flag, "is_default:default is_selected:selected is_forced:forced is_hearing_impaired:hearingImpaired"),
    # what is a file of its own can be asked for
    *table(lambda value: as_text(value) is not None, "is_external:key"),
)
_COLOURS = "color_primaries:colorPrimaries color_range:colorRange color_space:colorSpace color_trc:colorTrc"
_KNOWN: Mapping[StreamKind, Table] = {
    StreamKind.SUBTITLE: _OF_ALL,
    StreamKind.AUDIO: (
        *_OF_ALL,
        *table(as_whole, "bit_depth:bitDepth channels sampling_rate:samplingRate"),
        *table(as_text, "channel_layout:audioChannelLayout"),
    ),
    StreamKind.VIDEO: (
        *_OF_ALL,
        *table(as_whole, "width height bit_depth:bitDepth"),
        *table(as_real, "frame_rate:frameRate"),
        *table(as_text, f"scan_type:scanType chroma_subsampling:chromaSubsampling dv_profile:DOVIProfile {_COLOURS}"),
    ),
}
_ORDERS: Mapping[StreamKind, Order] = {
    # the first four are told apart from the others
    kind: order(MediaStream._fields[4:], known, MediaStream._field_defaults)
    for kind, known in _KNOWN.items()
}
_OF_SPEED = table(as_flag, "optimized_for_streaming:optimizedForStreaming")
_OF_PART = (
    *_OF_SPEED,
    *table(as_text, "container file_path:file"),
    *table(as_whole, "file_size:size"),
)
_OF_MEDIA = (
    *table(as_text, "container aspect_ratio:aspectRatio video_frame_rate:videoFrameRate"),
    *table(as_text, "video_codec:videoCodec video_profile:videoProfile audio_codec:audioCodec"),
    *table(as_whole, "overall_bitrate:bitrate video_width:width video_height:height audio_channels:audioChannels"),
)
_OF_VIDEO = (
    *table(as_text, "video_codec:codec video_profile:profile scan_type:scanType"),
    *table(as_text, "video_color_primaries:colorPrimaries video_color_range:colorRange"),
    *table(as_text, "video_color_space:colorSpace video_color_trc:colorTrc"),
    *table(as_text, "video_chroma_subsampling:chromaSubsampling"),
    *table(as_whole, "video_width:width video_height:height video_bitrate:bitrate video_bit_depth:bitDepth"),
    *table(as_real, "frames_per_second:frameRate"),
)
_OF_AUDIO = (
    *table(as_text, "audio_codec:codec"),
    *table(as_whole, "audio_channels:channels audio_bitrate:bitrate audio_sampling_rate:samplingRate"),
)


class ParsedFiles(NamedTuple):
    """The file that stands for an item, None without media; the streams of all its files; its versions."""

    file: MediaFile | None
    streams: tuple[MediaStream, ...]
    versions: tuple[MediaVersion, ...]


def parse_files(versions: Sequence[Mapping[str, Any]], *, is_music: bool) -> ParsedFiles:
    """Reads the versions of an item; streams that are no picture, sound or subtitle are left out."""
    told: list[MediaVersion] = []
    streams: list[MediaStream] = []
    for media in versions:
        parts = objects(media, "Part")
        told.append(_version(media, parts))
        media_id = text(media, "id")
        for place, part in enumerate(parts):
            streams += _streams(objects(part, "Stream"), media_id, place)
    chosen = _chosen(versions, told)
    file = None if chosen is None else _file(chosen, _total(told), is_music=is_music)
    return ParsedFiles(file, tuple(streams), tuple(told))


def _chosen(versions: Sequence[Mapping[str, Any]], told: Sequence[MediaVersion]) -> Mapping[str, Any] | None:
    """Chooses what the server did not make, then the largest picture, then the most bits."""
    if len(versions) < 2:
        return versions[0] if versions else None
    originals = [media for media, one in zip(versions, told, strict=True) if not one.is_optimized]
    return min(originals or versions, key=_standing)


def _standing(media: Mapping[str, Any]) -> tuple[int, int, int]:
    pixels = (whole(media, "width") or 0) * (whole(media, "height") or 0)
    return -pixels, -(whole(media, "bitrate") or 0), whole(media, "id") or 0


def _total(told: Sequence[MediaVersion]) -> int | None:
    sizes = [one.size for one in told if not one.is_optimized and one.size is not None]
    return sum(sizes) if sizes else None


def _version(media: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> MediaVersion:
    get = media.get
    sizes = [size for part in parts if (size := whole(part, "size")) is not None]
    is_optimized = loose_int(get("proxyType")) == _OPTIMIZED or any(map(_is_optimized, parts))
    return MediaVersion(
        loose_text(get("id")),
        resolution_label(get("width"), get("height"), get("videoResolution")),
        text(media, "videoCodec"),
        text(media, "audioCodec"),
        text(media, "container"),
        sum(sizes) if sizes else None,
        text(parts[0], "file") if parts else None,
        is_optimized,
    )


def _is_optimized(part: Mapping[str, Any]) -> bool:
    return _OPTIMIZED_FOLDER in loose_text(part.get("file")).replace("\\", "/")


def _streams(streams: Sequence[Mapping[str, Any]], media_id: str | None, place: int) -> Iterator[MediaStream]:
    for stream in streams:
        if kind := _KINDS.get(loose_int(stream.get("streamType")) or 0):
            others = ordered(stream, _ORDERS[kind])
            read = MediaStream._make((kind, whole(stream, "index"), media_id, place, *others))
            if read.dv_profile is not None:
                told = cast(VideoStream, stream) if as_flag(stream.get("DOVIPresent")) else VideoStream()
                read = read._replace(dv_profile=dv_profile_of(told))
            yield read


def _file(media: Mapping[str, Any], total: int | None, *, is_music: bool) -> MediaFile:
    part: Mapping[str, Any] = next(iter(objects(media, "Part")), {})
    streams = cast(Sequence[AnyStream], objects(part, "Stream"))
    video, tracks = chosen_video(streams) or VideoStream(), audio_tracks(streams)
    # where several tell of one thing, the last of them is right
    read = {**known(media, _OF_SPEED), **known(part, _OF_PART), **known(media, _OF_MEDIA)}
    if not is_music:
        read["video_bitrate"] = read.get("overall_bitrate")
        read.update(known(video, _OF_VIDEO))
    if tracks:
        read.update(known(tracks[0], _OF_AUDIO))
    facts = facts_of(cast(Media, media), cast(Part, part), video, tracks, music=is_music)
    return MediaFile(total_size=total, **read, **_decided(facts))


def _decided(facts: MediaFacts) -> dict[str, Any]:
    picture, sound = facts.picture, facts.sound
    heard = {"audio_profile": sound.profile, "audio_profiles": sound.profiles, "audio_format": sound.format}
    if picture is None:
        return heard
    return {
        **heard,
        "resolution": facts.resolution,
        "dynamic_range": picture.dynamic_range,
        "dynamic_ranges": picture.formats,
        "dv_profile": picture.dv_profile,
    }
