"""The files of an item of a library: versions, streams, and what is told of picture and sound.

They are tuples, as a library has hundreds of thousands of them to be read and written.
"""

from enum import StrEnum
from typing import NamedTuple

from earshelf.domain.dynamic_ranges import DynamicRange
from earshelf.domain.sound_profiles import AudioProfile


class StreamKind(StrEnum):
    """What a stream of a file carries."""

    VIDEO = "video"
    AUDIO = "audio"
    SUBTITLE = "subtitle"


class MediaStream(NamedTuple):
    """One stream of a file.

    ``bitrate`` in kbit/s, ``sampling_rate`` in Hz. ``index`` is None for a file of its own beside the video, which is
    ``is_external``. ``dv_profile`` is such as ``8.1``, None where the stream is no Dolby Vision.
    """

    kind: StreamKind
    # no stream is looked for in a stream
    index: int | None = None  # type: ignore[assignment]
    media_id: str | None = None
    part_index: int = 0
    codec: str | None = None
    profile: str | None = None
    bitrate: int | None = None
    title: str | None = None
    display_title: str | None = None
    extended_display_title: str | None = None
    language: str | None = None
    language_code: str | None = None
    language_tag: str | None = None
    is_default: bool = False
    is_selected: bool = False
    is_forced: bool = False
    is_hearing_impaired: bool = False
    is_external: bool = False
    format: str | None = None
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    scan_type: str | None = None
    bit_depth: int | None = None
    color_primaries: str | None = None
    color_range: str | None = None
    color_space: str | None = None
    color_trc: str | None = None
    chroma_subsampling: str | None = None
    dv_profile: str | None = None
    channels: int | None = None
    channel_layout: str | None = None
    sampling_rate: int | None = None


class MediaVersion(NamedTuple):
    """One version of an item; ``size`` in bytes of all its files, ``file`` the path of the first as the server sees it.

    ``is_optimized`` marks what the server made itself for weaker players.
    """

    id: str
    resolution: str | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    container: str | None = None
    size: int | None = None
    file: str | None = None
    is_optimized: bool = False


class MediaFile(NamedTuple):
    """The version that stands for the item: its picture, its sound, its file.

    Bitrates in kbit/s, ``file_size`` in bytes, ``total_size`` of all versions that were not made by the server itself.
    """

    container: str | None = None
    file_path: str | None = None
    file_size: int | None = None
    total_size: int | None = None
    optimized_for_streaming: bool = False
    resolution: str | None = None
    aspect_ratio: str | None = None
    overall_bitrate: int | None = None
    video_width: int | None = None
    video_height: int | None = None
    video_codec: str | None = None
    video_profile: str | None = None
    video_frame_rate: str | None = None
    frames_per_second: float | None = None
    video_bitrate: int | None = None
    video_bit_depth: int | None = None
    video_color_primaries: str | None = None
    video_color_range: str | None = None
    video_color_space: str | None = None
    video_color_trc: str | None = None
    video_chroma_subsampling: str | None = None
    scan_type: str | None = None
    audio_codec: str | None = None
    audio_channels: int | None = None
    audio_bitrate: int | None = None
    audio_sampling_rate: int | None = None
    dynamic_range: DynamicRange | None = None
    dynamic_ranges: tuple[DynamicRange, ...] = ()
    dv_profile: str | None = None
    audio_profile: AudioProfile | None = None
    audio_profiles: tuple[AudioProfile, ...] = ()
    audio_format: str | None = None
