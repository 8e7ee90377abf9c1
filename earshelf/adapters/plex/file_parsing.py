"""Versions, files and streams of a Plex item. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from earshelf.adapters.plex.bodies import objects
from earshelf.domain.loose_values import loose_bool, loose_float, loose_int, loose_text
from earshelf.domain.media_files import MediaFile, MediaStream, MediaVersion, StreamKind
from earshelf.domain.media_payloads import Media, Part, audio_tracks, chosen_video
from earshelf.domain.mediainfo import media_facts, resolution_label

_OPTIMIZED = 42
_OPTIMIZED_FOLDER = "/Plex Versions/"
_KINDS = {1: StreamKind.VIDEO, 2: StreamKind.AUDIO, 3: StreamKind.SUBTITLE}
_MOST = 2**63


def parse_file(versions: Sequence[Mapping[str, Any]], *, is_music: bool) -> MediaFile | None:
    """Reads the version that stands for an item: not one that the server made, the largest picture, the most bits."""
    media = _chosen(versions)
    if media is None:
        return None
    part: Mapping[str, Any] = next(iter(objects(media, "Part")), {})
    typed = cast(Part, {**part, "Stream": objects(part, "Stream")})
    facts = media_facts(cast(Media, media), typed, music=is_music)
    video: Mapping[str, Any] = {} if is_music else chosen_video(typed["Stream"]) or {}
    tracks = audio_tracks(typed["Stream"])
    audio: Mapping[str, Any] = tracks[0] if tracks else {}
    picture, sound = facts.picture, facts.sound
    return MediaFile(
        container=_first_text((media, "container"), (part, "container")),
        file_path=_text(part, "file"),
        file_size=_whole(part, "size"),
        total_size=_total(versions),
        optimized_for_streaming=loose_bool(part.get("optimizedForStreaming", media.get("optimizedForStreaming"))),
        resolution=None if is_music else facts.resolution,
        aspect_ratio=_text(media, "aspectRatio"),
        overall_bitrate=_whole(media, "bitrate"),
        video_width=_first_whole((video, "width"), (media, "width")),
        video_height=_first_whole((video, "height"), (media, "height")),
        video_codec=_first_text((video, "codec"), (media, "videoCodec")),
        video_profile=_first_text((video, "profile"), (media, "videoProfile")),
        video_frame_rate=_text(media, "videoFrameRate"),
        frames_per_second=loose_float(video.get("frameRate")),
        video_bitrate=None if is_music else _first_whole((video, "bitrate"), (media, "bitrate")),
        video_bit_depth=_whole(video, "bitDepth"),
        video_color_primaries=_text(video, "colorPrimaries"),
        video_color_range=_text(video, "colorRange"),
        video_color_space=_text(video, "colorSpace"),
        video_color_trc=_text(video, "colorTrc"),
        video_chroma_subsampling=_text(video, "chromaSubsampling"),
        scan_type=_text(video, "scanType"),
        audio_codec=_first_text((audio, "codec"), (media, "audioCodec")),
        audio_channels=_first_whole((audio, "channels"), (media, "audioChannels")),
        audio_bitrate=_whole(audio, "bitrate"),
        audio_sampling_rate=_whole(audio, "samplingRate"),
        dynamic_range=picture.dynamic_range if picture else None,
        dynamic_ranges=picture.formats if picture else (),
        dv_profile=picture.dv_profile if picture else None,
        audio_profile=sound.profile,
        audio_profiles=sound.profiles,
        audio_format=sound.format,
    )


def parse_versions(versions: Sequence[Mapping[str, Any]]) -> tuple[MediaVersion, ...]:
    """Reads all versions of an item."""
    return tuple(_version(media) for media in versions)


def parse_streams(versions: Sequence[Mapping[str, Any]]) -> tuple[MediaStream, ...]:
    """Reads the streams of all files of all versions; what is no picture, sound or subtitle is left out."""
    return tuple(
        _stream(stream, kind, version, place)
        for media in versions
        for version in (_text(media, "id"),)
        for place, part in enumerate(objects(media, "Part"))
        for stream in objects(part, "Stream")
        if (kind := _KINDS.get(loose_int(stream.get("streamType")) or 0))
    )


def _chosen(versions: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    originals = [media for media in versions if not _is_optimized(media)] or list(versions)
    return min(originals, key=_standing, default=None) if len(originals) > 1 else next(iter(originals), None)


def _standing(media: Mapping[str, Any]) -> tuple[int, int, int]:
    pixels = (_whole(media, "width") or 0) * (_whole(media, "height") or 0)
    return -pixels, -(_whole(media, "bitrate") or 0), _whole(media, "id") or 0


def _is_optimized(media: Mapping[str, Any]) -> bool:
    if loose_int(media.get("proxyType")) == _OPTIMIZED:
        return True
    return any(_OPTIMIZED_FOLDER in loose_text(part.get("file")).replace("\\", "/") for part in objects(media, "Part"))


def _total(versions: Sequence[Mapping[str, Any]]) -> int | None:
    sizes = [size for media in versions if not _is_optimized(media) if (size := _size(media)) is not None]
    return sum(sizes) if sizes else None


def _size(media: Mapping[str, Any]) -> int | None:
    sizes = [size for part in objects(media, "Part") if (size := _whole(part, "size")) is not None]
    return sum(sizes) if sizes else None


def _version(media: Mapping[str, Any]) -> MediaVersion:
    part: Mapping[str, Any] = next(iter(objects(media, "Part")), {})
    return MediaVersion(
        id=loose_text(media.get("id")),
        resolution=resolution_label(media.get("width"), media.get("height"), media.get("videoResolution")),
        video_codec=_text(media, "videoCodec"),
        audio_codec=_text(media, "audioCodec"),
        container=_text(media, "container"),
        size=_size(media),
        file=_text(part, "file"),
        is_optimized=_is_optimized(media),
    )


def _stream(stream: Mapping[str, Any], kind: StreamKind, version: str | None, place: int) -> MediaStream:
    is_video, is_audio = kind is StreamKind.VIDEO, kind is StreamKind.AUDIO
    return MediaStream(
        kind=kind,
        index=_whole(stream, "index"),
        media_id=version,
        part_index=place,
        codec=_text(stream, "codec"),
        profile=_text(stream, "profile"),
        bitrate=_whole(stream, "bitrate"),
        title=_text(stream, "title"),
        display_title=_text(stream, "displayTitle"),
        extended_display_title=_text(stream, "extendedDisplayTitle"),
        language=_text(stream, "language"),
        language_code=_text(stream, "languageCode"),
        language_tag=_text(stream, "languageTag"),
        is_default=loose_bool(stream.get("default")),
        is_selected=loose_bool(stream.get("selected")),
        is_forced=loose_bool(stream.get("forced")),
        is_hearing_impaired=loose_bool(stream.get("hearingImpaired")),
        is_external=bool(loose_text(stream.get("key"))),
        format=_text(stream, "format"),
        **(_picture(stream) if is_video else {}),
        **(_sound(stream) if is_audio else {}),
    )


def _picture(stream: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "width": _whole(stream, "width"),
        "height": _whole(stream, "height"),
        "frame_rate": loose_float(stream.get("frameRate")),
        "scan_type": _text(stream, "scanType"),
        "bit_depth": _whole(stream, "bitDepth"),
        "color_primaries": _text(stream, "colorPrimaries"),
        "color_range": _text(stream, "colorRange"),
        "color_space": _text(stream, "colorSpace"),
        "color_trc": _text(stream, "colorTrc"),
        "chroma_subsampling": _text(stream, "chromaSubsampling"),
        "dv_profile": _text(stream, "DOVIProfile") if loose_bool(stream.get("DOVIPresent")) else None,
    }


def _sound(stream: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "bit_depth": _whole(stream, "bitDepth"),
        "channels": _whole(stream, "channels"),
        "channel_layout": _text(stream, "audioChannelLayout"),
        "sampling_rate": _whole(stream, "samplingRate"),
    }


def _text(row: Mapping[str, Any], name: str) -> str | None:
    return loose_text(row.get(name)) or None


def _whole(row: Mapping[str, Any], name: str) -> int | None:
    value = loose_int(row.get(name))
    return value if value is not None and -_MOST <= value < _MOST else None


def _first_text(*places: tuple[Mapping[str, Any], str]) -> str | None:
    return next((text for row, name in places if (text := _text(row, name))), None)


def _first_whole(*places: tuple[Mapping[str, Any], str]) -> int | None:
    return next((value for row, name in places if (value := _whole(row, name)) is not None), None)
