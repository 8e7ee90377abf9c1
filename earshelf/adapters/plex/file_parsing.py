"""Versions, files and streams of a Plex item. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from earshelf.adapters.plex.bodies import objects
from earshelf.adapters.plex.fields import as_flag, as_real, as_text, as_whole, real, text, whole
from earshelf.domain.loose_values import loose_int, loose_text
from earshelf.domain.media_files import MediaFile, MediaStream, MediaVersion, StreamKind
from earshelf.domain.media_payloads import Media, Part, audio_tracks, chosen_video
from earshelf.domain.mediainfo import media_facts, resolution_label

_OPTIMIZED = 42
_OPTIMIZED_FOLDER = "/Plex Versions/"
_KINDS = {1: StreamKind.VIDEO, 2: StreamKind.AUDIO, 3: StreamKind.SUBTITLE}
_Reader: TypeAlias = Callable[[Any], Any]
_OF_ALL: Mapping[str, tuple[str, _Reader]] = {
    "index": ("index", as_whole),
    "codec": ("codec", as_text),
    "profile": ("profile", as_text),
    "bitrate": ("bitrate", as_whole),
    "title": ("title", as_text),
    "displayTitle": ("display_title", as_text),
    "extendedDisplayTitle": ("extended_display_title", as_text),
    "language": ("language", as_text),
    "languageCode": ("language_code", as_text),
    "languageTag": ("language_tag", as_text),
    "default": ("is_default", as_flag),
    "selected": ("is_selected", as_flag),
    "forced": ("is_forced", as_flag),
    "hearingImpaired": ("is_hearing_impaired", as_flag),
    "key": ("is_external", lambda value: as_text(value) is not None),
    "format": ("format", as_text),
}
_FIELDS: Mapping[StreamKind, Mapping[str, tuple[str, _Reader]]] = {
    StreamKind.SUBTITLE: _OF_ALL,
    StreamKind.AUDIO: {
        **_OF_ALL,
        "bitDepth": ("bit_depth", as_whole),
        "channels": ("channels", as_whole),
        "audioChannelLayout": ("channel_layout", as_text),
        "samplingRate": ("sampling_rate", as_whole),
    },
    StreamKind.VIDEO: {
        **_OF_ALL,
        "width": ("width", as_whole),
        "height": ("height", as_whole),
        "frameRate": ("frame_rate", as_real),
        "scanType": ("scan_type", as_text),
        "bitDepth": ("bit_depth", as_whole),
        "colorPrimaries": ("color_primaries", as_text),
        "colorRange": ("color_range", as_text),
        "colorSpace": ("color_space", as_text),
        "colorTrc": ("color_trc", as_text),
        "chromaSubsampling": ("chroma_subsampling", as_text),
        "DOVIProfile": ("dv_profile", as_text),
    },
}


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
        file_path=text(part, "file"),
        file_size=whole(part, "size"),
        total_size=_total(versions),
        optimized_for_streaming=as_flag(part.get("optimizedForStreaming", media.get("optimizedForStreaming"))),
        resolution=None if is_music else facts.resolution,
        aspect_ratio=text(media, "aspectRatio"),
        overall_bitrate=whole(media, "bitrate"),
        video_width=_first_whole((video, "width"), (media, "width")),
        video_height=_first_whole((video, "height"), (media, "height")),
        video_codec=_first_text((video, "codec"), (media, "videoCodec")),
        video_profile=_first_text((video, "profile"), (media, "videoProfile")),
        video_frame_rate=text(media, "videoFrameRate"),
        frames_per_second=real(video, "frameRate"),
        video_bitrate=None if is_music else _first_whole((video, "bitrate"), (media, "bitrate")),
        video_bit_depth=whole(video, "bitDepth"),
        video_color_primaries=text(video, "colorPrimaries"),
        video_color_range=text(video, "colorRange"),
        video_color_space=text(video, "colorSpace"),
        video_color_trc=text(video, "colorTrc"),
        video_chroma_subsampling=text(video, "chromaSubsampling"),
        scan_type=text(video, "scanType"),
        audio_codec=_first_text((audio, "codec"), (media, "audioCodec")),
        audio_channels=_first_whole((audio, "channels"), (media, "audioChannels")),
        audio_bitrate=whole(audio, "bitrate"),
        audio_sampling_rate=whole(audio, "samplingRate"),
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
        video_codec=text(media, "videoCodec"),
        audio_codec=text(media, "audioCodec"),
        container=text(media, "container"),
        size=_size(media),
        file=text(part, "file"),
        is_optimized=_is_optimized(media),
    )


def _stream(stream: Mapping[str, Any], kind: StreamKind, version: str | None, place: int) -> MediaStream:
    known = _FIELDS[kind]
    read = {known[name][0]: known[name][1](value) for name, value in stream.items() if name in known}
    if "dv_profile" in read and not as_flag(stream.get("DOVIPresent")):
        del read["dv_profile"]
    return MediaStream(kind=kind, media_id=version, part_index=place, **read)


def _first_text(*places: tuple[Mapping[str, Any], str]) -> str | None:
    return next((found for row, name in places if (found := text(row, name))), None)


def _first_whole(*places: tuple[Mapping[str, Any], str]) -> int | None:
    return next((value for row, name in places if (value := whole(row, name)) is not None), None)
