"""Dynamic range, sound and resolution of a video, decided from what its server measured and how its file is named.

Values are loosely typed, as servers send them; none makes a function raise.
"""

from dataclasses import dataclass

from earshelf.domain.dynamic_ranges import DynamicRange, PictureFacts, picture_facts
from earshelf.domain.loose_values import Loose, loose_int, loose_text
from earshelf.domain.media_payloads import AudioStream, Media, Part, VideoStream, audio_tracks, chosen_video
from earshelf.domain.sound_profiles import AudioProfile, SoundFacts, sound_facts

_WIDTHS = ((3000, "4k"), (1600, "1080"), (1000, "720"), (600, "480"))
_HEIGHTS = ((2000, "4k"), (900, "1080"), (600, "720"), (300, "480"))


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """All that is decided about one file of an item; music has no ``picture``.

    ``resolution`` is ``4k``, ``1080``, ``720``, ``480`` or ``sd``, or the server's own word where it gave no size.
    """

    picture: PictureFacts | None
    sound: SoundFacts
    resolution: str | None


def dynamic_range(stream: VideoStream | None, *, file_path: str | None = None) -> DynamicRange:
    """The dynamic range of a video stream, None or empty where nothing has been analysed, in a file of this path."""
    return picture_facts(stream, file_path=file_path).dynamic_range


def audio_profile(
    stream: AudioStream | None, *, part_audio_profile: Loose = None, file_path: str | None = None
) -> AudioProfile | None:
    """The kind of sound of the chosen track, None or empty where nothing has been analysed; None for ordinary sound."""
    return sound_facts([stream or {}], part_audio_profile=part_audio_profile, file_path=file_path).profile


def media_facts(media: Media | None, part: Part | None, *, music: bool = False) -> MediaFacts:
    """Decides everything about a file of a version of an item; both are None for an item without media."""
    media, part = media or {}, part or {}
    streams, path = part.get("Stream") or (), loose_text(part.get("file"))
    video, tracks = chosen_video(streams) or VideoStream(), audio_tracks(streams) or [AudioStream()]
    if "codec" not in video:
        video = {**video, "codec": media.get("videoCodec")}
    if "codec" not in tracks[0]:
        tracks[0] = {**tracks[0], "codec": media.get("audioCodec")}
    part_profile = part.get("audioProfile") or media.get("audioProfile")
    return MediaFacts(
        picture=None if music else picture_facts(video, file_path=path),
        sound=sound_facts(tracks, part_audio_profile=part_profile, file_path=path),
        resolution=resolution_label(
            loose_int(video.get("width")) or media.get("width"),
            loose_int(video.get("height")) or media.get("height"),
            media.get("videoResolution"),
        ),
    )


def resolution_label(width: Loose, height: Loose, reported: Loose = None) -> str | None:
    """The label of a size in pixels, by the width where it is known, because scope films are low.

    Without either it is what the server reported, in lower case; None where it reported nothing.
    """
    wide, high = loose_int(width) or 0, loose_int(height) or 0
    if wide > 0:
        return _label(wide, _WIDTHS)
    if high > 0:
        return _label(high, _HEIGHTS)
    # Live sessions say "720p" where libraries say "720".
    return loose_text(reported).lower().removesuffix("p") or None


def _label(pixels: int, steps: tuple[tuple[int, str], ...]) -> str:
    for least, label in steps:
        if pixels >= least:
            return label
    return "sd"
