"""Versions, files and streams of a Plex item. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from earshelf.adapters.plex.bodies import objects
from earshelf.adapters.plex.fields import Table, as_flag, as_real, as_text, as_whole, known, table, text, whole
from earshelf.domain.loose_values import loose_int, loose_text
from earshelf.domain.media_files import MediaFile, MediaStream, MediaVersion, StreamKind
from earshelf.domain.media_payloads import AnyStream, Media, Part, audio_tracks, chosen_video
from earshelf.domain.mediainfo import MediaFacts, media_facts, resolution_label

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
_FIELDS: Mapping[StreamKind, Table] = {
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
_OF_VERSION = (*table(as_text, "video_codec:videoCodec audio_codec:audioCodec container"),)


def parse_file(versions: Sequence[Mapping[str, Any]], *, is_music: bool) -> MediaFile | None:
    """Reads the version that stands for an item: not one that the server made, the largest picture, the most bits."""
    media = _chosen(versions)
    if media is None:
        return None
    part: Mapping[str, Any] = next(iter(objects(media, "Part")), {})
    streams = objects(part, "Stream")
    typed = cast(Sequence[AnyStream], streams)
    facts = media_facts(cast(Media, media), cast(Part, {**part, "Stream": streams}), music=is_music)
    # where several tell of one thing, the last of them is right
    read = {**known(media, _OF_SPEED), **known(part, _OF_PART), **known(media, _OF_MEDIA)}
    if not is_music:
        read["video_bitrate"] = read.get("overall_bitrate")
        read.update(known(chosen_video(typed) or {}, _OF_VIDEO))
    if tracks := audio_tracks(typed):
        read.update(known(tracks[0], _OF_AUDIO))
    return MediaFile(total_size=_total(versions), **read, **_decided(facts))


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


def parse_versions(versions: Sequence[Mapping[str, Any]]) -> tuple[MediaVersion, ...]:
    """Reads all versions of an item."""
    return tuple(_version(media) for media in versions)


def parse_streams(versions: Sequence[Mapping[str, Any]]) -> tuple[MediaStream, ...]:
    """Reads the streams of all files of all versions; what is no picture, sound or subtitle is left out."""
    return tuple(
        _stream(stream, kind, version, place)
        for media in versions
        for version in (text(media, "id"),)
        for place, part in enumerate(objects(media, "Part"))
        for stream in objects(part, "Stream")
        if (kind := _KINDS.get(loose_int(stream.get("streamType")) or 0))
    )


def _chosen(versions: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    originals = [media for media in versions if not _is_optimized(media)] or list(versions)
    return min(originals, key=_standing, default=None) if len(originals) > 1 else next(iter(originals), None)


def _standing(media: Mapping[str, Any]) -> tuple[int, int, int]:
    pixels = (whole(media, "width") or 0) * (whole(media, "height") or 0)
    return -pixels, -(whole(media, "bitrate") or 0), whole(media, "id") or 0


def _is_optimized(media: Mapping[str, Any]) -> bool:
    if loose_int(media.get("proxyType")) == _OPTIMIZED:
        return True
    return any(_OPTIMIZED_FOLDER in loose_text(part.get("file")).replace("\\", "/") for part in objects(media, "Part"))


def _total(versions: Sequence[Mapping[str, Any]]) -> int | None:
    sizes = [size for media in versions if not _is_optimized(media) if (size := _size(media)) is not None]
    return sum(sizes) if sizes else None


def _size(media: Mapping[str, Any]) -> int | None:
    sizes = [size for part in objects(media, "Part") if (size := whole(part, "size")) is not None]
    return sum(sizes) if sizes else None


def _version(media: Mapping[str, Any]) -> MediaVersion:
    part: Mapping[str, Any] = next(iter(objects(media, "Part")), {})
    return MediaVersion(
        id=loose_text(media.get("id")),
        resolution=resolution_label(media.get("width"), media.get("height"), media.get("videoResolution")),
        size=_size(media),
        file=text(part, "file"),
        is_optimized=_is_optimized(media),
        **known(media, _OF_VERSION),
    )


def _stream(stream: Mapping[str, Any], kind: StreamKind, version: str | None, place: int) -> MediaStream:
    read = known(stream, _FIELDS[kind])
    if "dv_profile" in read and not as_flag(stream.get("DOVIPresent")):
        del read["dv_profile"]
    return MediaStream(kind=kind, media_id=version, part_index=place, **read)
