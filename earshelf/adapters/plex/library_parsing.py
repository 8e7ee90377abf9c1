"""A Plex server's libraries, read into the ports' types. Pure, and tolerant of whatever a field holds."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain
from typing import Any

from earshelf.adapters.plex.bodies import objects, rows_in
from earshelf.adapters.plex.fields import Table, as_picture, as_real, as_text, as_whole, known, real, table, text, whole
from earshelf.adapters.plex.file_parsing import parse_files
from earshelf.domain.loose_values import loose_int, loose_text
from earshelf.domain.media import LibraryType, MediaContent, MediaMark, Plays, Role, SeriesFacts, media_signature
from earshelf.ports.libraries import FoundItem, ListedItem, ListingPage, Section, SeriesPage

TYPES: Mapping[str, LibraryType] = {
    "movie": LibraryType.MOVIE,
    "show": LibraryType.SERIES,
    "artist": LibraryType.MUSIC,
}
_LEVELS: Mapping[str, LibraryType] = {
    "movie": LibraryType.MOVIE,
    "episode": LibraryType.SERIES,
    "track": LibraryType.MUSIC,
}
_OF_ALL = (
    *table(as_text, "title title_sort:titleSort guid parent_key:parentRatingKey grandparent_key:grandparentRatingKey"),
    *table(as_text, "original_title:originalTitle tagline summary studio content_rating:contentRating"),
    *table(as_text, "edition_title:editionTitle rating_image:ratingImage audience_rating_image:audienceRatingImage"),
    *table(as_picture, "thumb_url:thumb art_url:art parent_thumb_url:grandparentThumb season_thumb_url:parentThumb"),
    *table(as_text, "chapter_source:chapterSource"),
    *table(as_whole, "year rating_count:ratingCount absolute_index:absoluteIndex duration"),
    *table(as_real, "rating audience_rating:audienceRating"),
)
_OF_A_PART = (
    *_OF_ALL,
    *table(as_text, "parent_title:grandparentTitle"),
    *table(as_whole, "season_number:parentIndex episode_number:index"),
)
_FIELDS: Mapping[LibraryType, Table] = {
    LibraryType.MOVIE: _OF_ALL,
    LibraryType.SERIES: _OF_A_PART,
    LibraryType.MUSIC: (*_OF_A_PART, *table(as_text, "album_title:parentTitle")),
}
_TAGS = (
    ("genres", "Genre"),
    ("directors", "Director"),
    ("writers", "Writer"),
    ("countries", "Country"),
    ("labels", "Label"),
    ("collections", "Collection"),
)
_LEGACY_AGENTS = {"imdb": "IMDB", "themoviedb": "TMDB", "thetvdb": "TVDB"}
_LATEST = 32_503_680_000  # the year 3000
_LEAST_WATCHED, _MOST_WATCHED = 0.0, 0.9


def parse_library_sections(container: Mapping[str, Any]) -> list[Section]:
    """Reads the sections that hold films, series or music; others, such as photos, are left out."""
    return [
        Section(
            key=key,
            title=loose_text(entry.get("title")) or key,
            type=TYPES[loose_text(entry.get("type"))],
            identity=text(entry, "uuid"),
        )
        for entry in objects(container, "Directory")
        if (key := loose_text(entry.get("key"))) and loose_text(entry.get("type")) in TYPES
    ]


def parse_listing(container: Mapping[str, Any], kind: LibraryType) -> ListingPage:
    """Reads a page of items; collections and whatever else is no item of the wished kind only count as rows."""
    rows = objects(container, "Metadata")
    others = len(objects(container, "Directory"))
    items = [_listed(row, kind) for row in rows if _is_item(row, kind)]
    return ListingPage(items, rows_in(container) + others, total_of(container))


def parse_series(container: Mapping[str, Any]) -> SeriesPage:
    """Reads a page of a section's series."""
    rows = objects(container, "Metadata")
    found = {key: _series(row) for row in rows if (key := loose_text(row.get("ratingKey")))}
    return SeriesPage(found, rows_in(container), total_of(container))


def parse_found(container: Mapping[str, Any]) -> dict[str, FoundItem]:
    """Reads items that were asked for by their keys, by key."""
    section_key = text(container, "librarySectionID")
    return {
        key: _found(row, section_key)
        for row in chain(objects(container, "Metadata"), objects(container, "Directory"))
        if (key := loose_text(row.get("ratingKey")))
    }


def lacks_streams(container: Mapping[str, Any]) -> frozenset[str]:
    """Returns the keys of items that have files and no stream at all: asked for one by one they may have them."""
    return frozenset(
        loose_text(row.get("ratingKey"))
        for row in objects(container, "Metadata")
        if (parts := [part for media in objects(row, "Media") for part in objects(media, "Part")])
        and not any(objects(part, "Stream") for part in parts)
    )


def parse_plays(container: Mapping[str, Any], counted: dict[str, Plays]) -> tuple[int, int | None]:
    """Adds a page of the history to what was counted by item; returns its rows and the total.

    What was left in the middle is no play, and neither is one of an item that is gone.
    """
    rows = objects(container, "Metadata")
    for row in rows:
        key = loose_text(row.get("ratingKey"))
        if key and not is_partial(row):
            before = counted.get(key, Plays())
            moments = [one for one in (before.last_played_at, moment_of(row, "viewedAt")) if one]
            counted[key] = Plays(before.count + 1, max(moments, default=None))
    return rows_in(container), total_of(container)


def total_of(container: Mapping[str, Any]) -> int | None:
    """Returns how much there is in all; None where the server does not tell."""
    total = loose_int(container.get("totalSize"))
    return total if total is not None and total >= 0 else None


def is_partial(row: Mapping[str, Any]) -> bool:
    """Whether an entry of the history is of something that was left in the middle."""
    duration, offset = loose_int(row.get("duration")) or 0, loose_int(row.get("viewOffset")) or 0
    return duration > 0 and _LEAST_WATCHED < offset / duration < _MOST_WATCHED


def _is_item(row: Mapping[str, Any], kind: LibraryType) -> bool:
    level = loose_text(row.get("type"))
    # a listing that was asked for one type may leave it out
    return bool(loose_text(row.get("ratingKey"))) and (not level or _LEVELS.get(level) is kind)


def _listed(row: Mapping[str, Any], kind: LibraryType) -> ListedItem:
    return ListedItem(
        mark=MediaMark(loose_text(row["ratingKey"]), moment_of(row, "updatedAt"), media_signature(_files(row))),
        plays=Plays(
            max(0, whole(row, "viewCount") or 0),
            moment_of(row, "lastViewedAt"),
            whole(row, "viewOffset"),
            real(row, "userRating"),
        ),
        series_key=text(row, "grandparentRatingKey") if kind is LibraryType.SERIES else None,
        outline=partial(parse_content, row, kind),
    )


def _found(row: Mapping[str, Any], section_key: str | None) -> FoundItem:
    level = _LEVELS.get(loose_text(row.get("type")))
    return FoundItem(
        library_key=text(row, "librarySectionID") or section_key,
        level=level,
        listed=partial(_listed, row, level) if level else None,
        content=parse_content(row, level) if level else None,
        series=_series(row) if loose_text(row.get("type")) == "show" else None,
    )


def _files(row: Mapping[str, Any]) -> Iterable[tuple[str, str, str, str]]:
    for media in objects(row, "Media"):
        version = loose_text(media.get("id"))
        for part in objects(media, "Part"):
            yield version, loose_text(part.get("id")), loose_text(part.get("size")), loose_text(part.get("file"))


def parse_content(row: Mapping[str, Any], kind: LibraryType) -> MediaContent:
    """Reads an item."""
    versions = objects(row, "Media")
    files = parse_files(versions, is_music=kind is LibraryType.MUSIC)
    read = {"title": "", **known(row, _FIELDS[kind])}
    if versions and (duration := whole(versions[0], "duration")):
        read["duration"] = duration
    for ours, name in _TAGS:
        if name in row:
            read[ours] = _tags(row, name)
    return MediaContent(
        originally_available_at=_date(row.get("originallyAvailableAt")),
        added_at=moment_of(row, "addedAt"),
        roles=_roles(row),
        file=files.file,
        streams=files.streams,
        versions=files.versions,
        external_ids=parse_ids(row),
        **read,
    )


def parse_ids(row: Mapping[str, Any]) -> dict[str, str]:
    """Reads the ids at other catalogues, the first of each; those of old agents stand in the item's own id."""
    found: dict[str, str] = {}
    for guid in objects(row, "Guid"):
        source, _, value = loose_text(guid.get("id")).partition("://")
        if source and value:
            found.setdefault(source.upper(), value)
    return found or _legacy_ids(loose_text(row.get("guid")))


def _legacy_ids(guid: str) -> dict[str, str]:
    agent, _, rest = guid.partition("://")
    value = rest.partition("?")[0].partition("/")[0]
    name = agent.rpartition(".")[2]
    if not agent.startswith("com.plexapp.agents.") or not value:
        return {}
    if name == "hama":
        source, _, value = value.partition("-")
        return {source.upper(): value} if source in {"tvdb", "anidb"} and value else {}
    return {_LEGACY_AGENTS[name]: value} if name in _LEGACY_AGENTS else {}


def _series(row: Mapping[str, Any]) -> SeriesFacts:
    return SeriesFacts(parse_ids(row), _tags(row, "Genre"), text(row, "summary"))


def _tags(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple([tag for one in objects(row, name) if (tag := loose_text(one.get("tag")))])


def _roles(row: Mapping[str, Any]) -> tuple[Role, ...]:
    return tuple(
        Role(name, text(one, "role"), as_picture(one.get("thumb")))
        for one in objects(row, "Role")
        if (name := loose_text(one.get("tag")))
    )


def moment_of(row: Mapping[str, Any], name: str) -> datetime | None:
    """Reads a time in seconds; one that no calendar holds is none."""
    seconds = loose_int(row.get(name)) or 0
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LATEST else None


def _date(value: object) -> str | None:
    spelled = loose_text(value)[:10]
    try:
        return date.fromisoformat(spelled).isoformat() if spelled else None
    except ValueError:
        return None
