"""Versions, files and streams of a Plex item. Pure."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from earshelf.adapters.plex.fields import as_flag, as_text, as_whole
from earshelf.adapters.plex.wire import Media, Part, Track
from earshelf.domain.dynamic_ranges import PictureFacts, dv_profile_of, picture_facts_of
from earshelf.domain.loose_values import Loose, loose_text
from earshelf.domain.media_files import MediaFile, MediaStream, MediaVersion, StreamKind
from earshelf.domain.media_payloads import VideoStream
from earshelf.domain.mediainfo import resolution_label
from earshelf.domain.sound_profiles import SoundFacts, sound_facts_of

_OPTIMIZED = 42
_OPTIMIZED_FOLDER = "/Plex Versions/"
_VIDEO, _AUDIO = 1, 2
_KINDS = {_VIDEO: StreamKind.VIDEO, _AUDIO: StreamKind.AUDIO, 3: StreamKind.SUBTITLE}
# what a domain's stream tells behind its titles, in that order; a picture's may be followed by its Dolby Vision
_OF_ALL = (
    *("language", "language_code", "language_tag", "default", "selected", "forced", "hearing_impaired"),
    *("is_external", "format"),
)
_COLOURS = ("color_primaries", "color_range", "color_space", "color_trc", "chroma_subsampling")
_NO_COLOURS = ("unknown",) * len(_COLOURS)
_TOLD = {
    StreamKind.VIDEO: attrgetter(*_OF_ALL, "width", "height", "frame_rate", "scan_type", "bit_depth", *_COLOURS),
    StreamKind.AUDIO: attrgetter(
        *(*_OF_ALL, "unknown", "unknown", "unknown", "unknown", "bit_depth", *_NO_COLOURS, "unknown"),
        *("channels", "audio_channel_layout", "sampling_rate"),
    ),
    StreamKind.SUBTITLE: attrgetter(*_OF_ALL),
}
# in the order of the domain's evidence
_SEEN = attrgetter(
    *("codec", "display_title", "extended_display_title", "video_range_type", "color_trc", "bit_depth"),
    *("dv_present", "dv_profile", "dv_compatible", "hdr10_plus"),
)
_HEARD = attrgetter("codec", "audio_spatial_format", "profile", "display_title", "extended_display_title", "title")
_NO_TRACK, _NO_PART = Track(), Part()


class ParsedFiles(NamedTuple):
    """The file that stands for an item, None without media; the streams of all its files; its versions."""

    file: MediaFile | None
    streams: tuple[MediaStream, ...]
    versions: tuple[MediaVersion, ...]


def parse_files(versions: Sequence[Media], *, is_music: bool) -> ParsedFiles:
    """Reads the versions of an item; streams that are no picture, sound or subtitle are left out."""
    told = tuple(map(_version, versions))
    streams: list[MediaStream] = []
    for media in versions:
        for place, part in enumerate(media.parts):
            streams += _streams(part, as_text(media.id), place)
    chosen = _chosen(versions, told)
    file = None if chosen is None else _file(chosen, _total(told), is_music=is_music)
    return ParsedFiles(file, tuple(streams), told)


def _chosen(versions: Sequence[Media], told: Sequence[MediaVersion]) -> Media | None:
    """Chooses what the server did not make, then the largest picture, then the most bits."""
    if len(versions) < 2:
        return versions[0] if versions else None
    originals = [media for media, one in zip(versions, told, strict=True) if not one.is_optimized]
    return min(originals or versions, key=_standing)


def _standing(media: Media) -> tuple[int, int, int]:
    return -(media.width or 0) * (media.height or 0), -(media.bitrate or 0), as_whole(media.id) or 0


def _total(told: Sequence[MediaVersion]) -> int | None:
    return _sum([one.size for one in told if not one.is_optimized and one.size is not None])


def _sum(sizes: Sequence[int]) -> int | None:
    # together they may be more than a database can hold
    return as_whole(sum(sizes)) if sizes else None


def _version(media: Media) -> MediaVersion:
    parts = media.parts
    return MediaVersion(
        loose_text(media.id),
        resolution_label(media.width, media.height, media.video_resolution),
        as_text(media.video_codec),
        as_text(media.audio_codec),
        as_text(media.container),
        _sum([part.size for part in parts if part.size is not None]),
        as_text(parts[0].file) if parts else None,
        media.proxy_type == _OPTIMIZED or any(map(_is_optimized, parts)),
    )


def _is_optimized(part: Part) -> bool:
    return part.file is not None and _OPTIMIZED_FOLDER in part.file.replace("\\", "/")


def _streams(part: Part, media_id: str | None, place: int) -> Iterator[MediaStream]:
    for track in part.tracks:
        if kind := _KINDS.get(track.stream_type or 0):
            told: tuple[Any, ...] = _TOLD[kind](track)
            if kind is StreamKind.VIDEO and track.dv_present:
                told += (_dv_profile(track),)
            titles = as_text(track.title), as_text(track.display_title), as_text(track.extended_display_title)
            yield MediaStream(
                kind, track.index, media_id, place, track.codec, track.profile, track.bitrate, *titles, *told
            )


def _dv_profile(track: Track) -> str | None:
    if not as_flag(track.dv_present):
        return None
    return dv_profile_of(VideoStream(DOVIProfile=track.dv_profile, DOVIBLCompatID=track.dv_compatible))


def _file(media: Media, total: int | None, *, is_music: bool) -> MediaFile:
    part = media.parts[0] if media.parts else _NO_PART
    video = _NO_TRACK if is_music else next((track for track in part.tracks if track.stream_type == _VIDEO), _NO_TRACK)
    tracks = _sounds(part) or [_NO_TRACK]
    sound, heard = tracks[0], _heard(media, part, tracks)
    seen = None if is_music else _seen(media, part, video)
    is_quick = part.optimized_for_streaming
    return MediaFile(
        container=as_text(media.container) or as_text(part.container),
        file_path=as_text(part.file),
        file_size=part.size,
        total_size=total,
        optimized_for_streaming=as_flag(media.optimized_for_streaming if is_quick is None else is_quick),
        resolution=None if is_music else _resolution(media, video),
        aspect_ratio=as_text(media.aspect_ratio),
        overall_bitrate=media.bitrate,
        video_width=media.width if video.width is None else video.width,
        video_height=media.height if video.height is None else video.height,
        video_codec=as_text(video.codec) or as_text(media.video_codec),
        video_profile=as_text(video.profile) or as_text(media.video_profile),
        video_frame_rate=as_text(media.video_frame_rate),
        frames_per_second=video.frame_rate,
        video_bitrate=None if is_music else media.bitrate if video.bitrate is None else video.bitrate,
        video_bit_depth=video.bit_depth,
        video_color_primaries=video.color_primaries,
        video_color_range=video.color_range,
        video_color_space=video.color_space,
        video_color_trc=video.color_trc,
        video_chroma_subsampling=video.chroma_subsampling,
        scan_type=video.scan_type,
        audio_codec=as_text(sound.codec) or as_text(media.audio_codec),
        audio_channels=media.audio_channels if sound.channels is None else sound.channels,
        audio_bitrate=sound.bitrate,
        audio_sampling_rate=sound.sampling_rate,
        dynamic_range=seen.dynamic_range if seen else None,
        dynamic_ranges=seen.formats if seen else (),
        dv_profile=seen.dv_profile if seen else None,
        audio_profile=heard.profile,
        audio_profiles=heard.profiles,
        audio_format=heard.format,
    )


def _sounds(part: Part) -> list[Track]:
    """Returns the audio tracks, first the one that a player starts with."""
    tracks = [track for track in part.tracks if track.stream_type == _AUDIO]
    chosen = next((place for place, track in enumerate(tracks) if track.default), 0)
    return tracks[chosen : chosen + 1] + tracks[:chosen] + tracks[chosen + 1 :] if chosen else tracks


def _resolution(media: Media, video: Track) -> str | None:
    return resolution_label(video.width or media.width, video.height or media.height, media.video_resolution)


def _seen(media: Media, part: Part, video: Track) -> PictureFacts:
    codec, *others = _SEEN(video)
    return picture_facts_of([as_text(codec) or media.video_codec, *others], file_path=part.file)


def _heard(media: Media, part: Part, tracks: Sequence[Track]) -> SoundFacts:
    evidence: list[Sequence[Loose]] = list(map(_HEARD, tracks))
    codec, *others = evidence[0]
    evidence[0] = [as_text(codec) or media.audio_codec, *others]
    profile = as_text(part.audio_profile) or media.audio_profile
    return sound_facts_of(evidence, part_audio_profile=profile, file_path=part.file)
