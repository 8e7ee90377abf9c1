"""The parts of a media server's item that tell picture and sound, under Plex's own names.

Other servers' names stand among them where they say more. Every value is loose: see
:mod:`earshelf.domain.loose_values`.
"""

from collections.abc import Sequence
from typing import TypedDict

from earshelf.domain.loose_values import Loose, loose_bool, loose_int


class Stream(TypedDict, total=False):
    """What streams of every type carry; ``streamType`` is 1 for video, 2 for audio, 3 for subtitles."""

    id: Loose
    streamType: Loose
    index: Loose
    codec: Loose
    profile: Loose
    bitrate: Loose
    default: Loose
    title: Loose
    displayTitle: Loose
    extendedDisplayTitle: Loose


class VideoStream(Stream, total=False):
    """A video stream; ``videoRangeType`` is another server's word for the dynamic range."""

    width: Loose
    height: Loose
    bitDepth: Loose
    colorTrc: Loose
    colorPrimaries: Loose
    colorSpace: Loose
    DOVIPresent: Loose
    DOVIProfile: Loose
    DOVILevel: Loose
    DOVIBLCompatID: Loose
    DOVIELPresent: Loose
    HDR10PlusPresent: Loose
    videoRangeType: Loose


class AudioStream(Stream, total=False):
    """An audio stream; ``audioSpatialFormat`` is another server's word for object based sound."""

    channels: Loose
    audioChannelLayout: Loose
    samplingRate: Loose
    bitDepth: Loose
    language: Loose
    languageCode: Loose
    audioSpatialFormat: Loose


class AnyStream(VideoStream, AudioStream, total=False):
    """A stream before its type has been looked at."""


class Part(TypedDict, total=False):
    """One file of a version; ``file`` is the path as the server sees it."""

    id: Loose
    file: Loose
    audioProfile: Loose
    Stream: Sequence[AnyStream]


class Media(TypedDict, total=False):
    """One version of an item."""

    id: Loose
    width: Loose
    height: Loose
    videoResolution: Loose
    videoCodec: Loose
    audioCodec: Loose
    audioProfile: Loose


_VIDEO, _AUDIO = 1, 2


def chosen_video(streams: Sequence[AnyStream]) -> VideoStream | None:
    """The first video stream, None where there is none."""
    return next((stream for stream in streams if loose_int(stream.get("streamType")) == _VIDEO), None)


def audio_tracks(streams: Sequence[AnyStream]) -> list[AudioStream]:
    """The audio streams, first the one that a player starts with: the first default one, else the first one."""
    tracks: list[AudioStream] = [stream for stream in streams if loose_int(stream.get("streamType")) == _AUDIO]
    chosen = next((place for place, track in enumerate(tracks) if loose_bool(track.get("default"))), 0)
    return tracks[chosen : chosen + 1] + tracks[:chosen] + tracks[chosen + 1 :]
