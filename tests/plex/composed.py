"""Items as a Plex server spells them, composed by number: the same every time, no two alike."""

from typing import Any

BEGAN = 1_600_000_000

_WORDS = ("Harbour", "Lights", "Winter", "Signal", "Glass", "Orchard", "Ärger", "灯台", "Salt", "River")
_RANGES: tuple[dict[str, Any], ...] = (
    {"bitDepth": 10, "colorTrc": "smpte2084", "colorPrimaries": "bt2020", "DOVIPresent": True, "DOVIProfile": 8},
    {"bitDepth": 10, "colorTrc": "smpte2084", "colorPrimaries": "bt2020"},
    {"bitDepth": 8, "colorTrc": "bt709", "colorPrimaries": "bt709"},
    {"bitDepth": 8},
)
_SOUNDS = (
    {"codec": "truehd", "profile": "dolby truehd + dolby atmos", "displayTitle": "English (TRUEHD 7.1 + Atmos)"},
    {"codec": "dca", "profile": "ma", "displayTitle": "English (DTS-HD MA 5.1)"},
    {"codec": "aac", "profile": "lc", "displayTitle": "English (AAC Stereo)"},
)
_SIZES = ((3840, 1600, "4k"), (1920, 1080, "1080"), (1280, 720, "720"))


def film(number: int, *, revision: int = 0, plays: int = 0) -> dict[str, Any]:
    """Returns a film as a listing shows it."""
    title = f"{_WORDS[number % 10]} {_WORDS[number // 10 % 10]} {number}"
    row: dict[str, Any] = {
        "ratingKey": str(number),
        "key": f"/library/metadata/{number}",
        "guid": f"plex://movie/{number:024x}",
        "studio": "Nordlicht",
        "type": "movie",
        "title": title,
        "titleSort": title,
        "contentRating": "de/12",
        "summary": f"Somebody waits, for the {number}th time, until the light comes back over the water. " * 2,
        "rating": number % 100 / 10,
        "audienceRating": number % 90 / 10,
        "year": 1950 + number % 75,
        "tagline": "Stay lit.",
        "thumb": f"/library/metadata/{number}/thumb/{BEGAN}",
        "art": f"/library/metadata/{number}/art/{BEGAN}",
        "duration": 6_900_000 + number,
        "originallyAvailableAt": f"{1950 + number % 75}-09-30",
        "addedAt": BEGAN + number,
        "updatedAt": BEGAN + number + revision,
        "chapterSource": "media",
        "Media": [_media(number)],
        "Genre": [{"tag": "Drama"}, {"tag": "Mystery"}],
        "Country": [{"tag": "Germany"}],
        "Director": [{"tag": "A. Muster"}],
        "Writer": [{"tag": "B. Muster"}],
        "Role": [{"tag": "C. Muster"}, {"tag": "D. Muster"}, {"tag": "E. Muster"}],
        "Guid": [{"id": f"imdb://tt{number:07}"}, {"id": f"tmdb://{number}"}],
    }
    if plays:
        row |= {"viewCount": plays, "lastViewedAt": BEGAN + number + plays}
    return row


def detail(row: dict[str, Any]) -> dict[str, Any]:
    """Returns an item as it is shown by itself: with its streams."""
    number = int(row["ratingKey"])
    streams = [{"streamType": 2, "codec": "flac", "channels": 2}] if row["type"] == "track" else _streams(number)
    media = [{**one, "Part": [{**part, "Stream": streams} for part in one["Part"]]} for one in row.get("Media", [])]
    roles = [{"id": 7, "filter": "actor=7", "tag": "C. Muster", "role": "Keeper", "thumb": "https://example.org/c.jpg"}]
    return {**row, "librarySectionID": 1, "librarySectionKey": "/library/sections/1", "Media": media, "Role": roles}


def _media(number: int) -> dict[str, Any]:
    width, height, resolution = _SIZES[number % 3]
    name = f"/data/films/{number}/{_WORDS[number % 10]}.{number}.{height}p.WEB-DL.H.265-GRP.mkv"
    return {
        "id": 1_000_000 + number,
        "duration": 6_900_000 + number,
        "bitrate": 8200,
        "width": width,
        "height": height,
        "aspectRatio": 2.4,
        "audioChannels": 8,
        "audioCodec": _SOUNDS[number % 3]["codec"],
        "videoCodec": "hevc",
        "videoResolution": resolution,
        "container": "mkv",
        "videoFrameRate": "24p",
        "videoProfile": "main 10",
        "Part": [
            {
                "id": 2_000_000 + number,
                "key": f"/library/parts/{2_000_000 + number}/{BEGAN}/file.mkv",
                "duration": 6_900_000 + number,
                "file": name,
                "size": 5_000_000_000 + number,
                "container": "mkv",
                "videoProfile": "main 10",
            }
        ],
    }


def _streams(number: int) -> list[dict[str, Any]]:
    width, height, _ = _SIZES[number % 3]
    spoken = {"language": "English", "languageTag": "en", "languageCode": "eng"}
    return [
        {
            "id": number * 10,
            "streamType": 1,
            "default": True,
            "codec": "hevc",
            "index": 0,
            "bitrate": 7000,
            "chromaSubsampling": "4:2:0",
            "colorRange": "tv",
            "colorSpace": "bt2020nc",
            "frameRate": 23.976,
            "height": height,
            "level": 153,
            "profile": "main 10",
            "refFrames": 1,
            "width": width,
            "displayTitle": f"{height}p (HEVC Main 10)",
            "extendedDisplayTitle": f"{height}p (HEVC Main 10)",
            **_RANGES[number % 4],
        },
        {
            "id": number * 10 + 1,
            "streamType": 2,
            "selected": True,
            "default": True,
            "index": 1,
            "channels": 8,
            "bitrate": 4608,
            "audioChannelLayout": "7.1",
            "samplingRate": 48000,
            "title": "Surround",
            **spoken,
            **_SOUNDS[number % 3],
        },
        {
            "id": number * 10 + 2,
            "streamType": 3,
            "codec": "pgs",
            "index": 2,
            "forced": True,
            "displayTitle": "English Forced",
            "extendedDisplayTitle": "English (Forced PGS)",
            **spoken,
        },
        {
            "id": number * 10 + 3,
            "streamType": 3,
            "codec": "srt",
            "format": "srt",
            "hearingImpaired": True,
            "key": f"/library/streams/{number * 10 + 3}",
            "displayTitle": "English SDH (SRT External)",
            **spoken,
        },
    ]


def episode(number: int, *, series: int, season: int = 1) -> dict[str, Any]:
    """Returns an episode of a series."""
    row = film(number)
    return {
        **row,
        "type": "episode",
        "title": f"Part {number}",
        "index": number,
        "parentIndex": season,
        "grandparentTitle": f"Series {series}",
        "grandparentRatingKey": str(series),
        "parentRatingKey": f"{series}{season}",
        "Guid": [{"id": f"tvdb://{number}999"}],
    }


def series(key: int, tvdb: int) -> dict[str, Any]:
    """Returns a series."""
    return {
        "ratingKey": str(key),
        "type": "show",
        "title": f"Series {key}",
        "summary": "Many parts.",
        "Guid": [{"id": f"tvdb://{tvdb}"}],
        "Genre": [{"tag": "Crime"}],
    }


def track(number: int) -> dict[str, Any]:
    """Returns a track."""
    return {
        "ratingKey": str(number),
        "type": "track",
        "title": f"Song {number}",
        "index": number,
        "parentIndex": 1,
        "parentTitle": "Tides",
        "grandparentTitle": "The Keepers",
        "addedAt": BEGAN,
        "updatedAt": BEGAN,
        "Media": [
            {
                "id": number,
                "duration": 200_000,
                "bitrate": 900,
                "audioChannels": 2,
                "audioCodec": "flac",
                "container": "flac",
                "Part": [{"id": number, "file": f"/data/musik/{number}.flac", "size": 30_000_000}],
            }
        ],
    }
