"""An item as the document shows it, made by what makes the answers too."""

from datetime import UTC, datetime

from earshelf.domain.duplicates import Copy
from earshelf.domain.dynamic_ranges import DynamicRange
from earshelf.domain.ids import MediaId, ServerId
from earshelf.domain.media import LibraryType, MediaContent, MediaItem, MediaMark, Plays, Role
from earshelf.domain.media_files import MediaFile, MediaStream, MediaVersion, StreamKind
from earshelf.domain.sound_profiles import AudioProfile
from earshelf.entrypoints.operator.media_schemas import item_dto

_ID = MediaId("md_5Tz8yB1nRq3wEx6uIo9PaS")
_SERVER = ServerId("sv_1Qw2eR3tY4uI5oP6aS7dFg")
_PATH = "/data/films/Harbour Lights (2021)/Harbour.Lights.2021.mkv"
_SIZE = 50_213_445_127
_FILE = MediaFile(
    container="mkv",
    file_path=_PATH,
    file_size=_SIZE,
    total_size=_SIZE,
    resolution="4k",
    video_width=3840,
    video_height=1600,
    video_codec="hevc",
    audio_codec="truehd",
    audio_channels=8,
    dynamic_range=DynamicRange.DOLBY_VISION,
    audio_profile=AudioProfile.DOLBY_ATMOS,
)
_CONTENT = MediaContent(
    "Harbour Lights",
    content_rating="de/12",
    year=2021,
    rating=7.4,
    added_at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
    duration=6_900_512,
    genres=("Drama",),
    roles=(Role("Mara Lind", "The keeper"),),
    external_ids={"IMDB": "tt0133093", "TMDB": "603"},
    streams=(MediaStream(StreamKind.VIDEO, index=0, codec="hevc", width=3840, height=1600, bit_depth=10),),
    versions=(MediaVersion("91001", "4k", "hevc", "truehd", "mkv", _SIZE, _PATH),),
    file=_FILE,
)
_ITEM = MediaItem(
    _ID,
    _SERVER,
    "1",
    LibraryType.MOVIE,
    MediaMark("70021", datetime(2025, 11, 10, 12, 0, tzinfo=UTC), "3f1c"),
    Plays(2, datetime(2025, 11, 11, 22, 26, 40, tzinfo=UTC)),
    _CONTENT,
)
_COPY = Copy(_ID, _SERVER, "1", "4k", _SIZE, 0)

ITEM_EXAMPLE = item_dto(_ITEM, [_COPY], _COPY)
