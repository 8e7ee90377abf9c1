"""A Plex server's libraries, read into the ports' types. Pure, and tolerant of whatever a field holds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain
from typing import Any

from earshelf.adapters.plex.bodies import objects
from earshelf.adapters.plex.fields import as_picture, as_text, text
from earshelf.adapters.plex.file_parsing import parse_files
from earshelf.adapters.plex.wire import Page, Person, Row, Tag
from earshelf.domain.loose_values import loose_text
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
_LEGACY_AGENTS = {"imdb": "IMDB", "themoviedb": "TMDB", "thetvdb": "TVDB"}
_LATEST = 32_503_680_000  # the year 3000


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


def parse_listing(page: Page, kind: LibraryType) -> ListingPage:
    """Reads a page of items; collections and whatever else is no item of the wished kind only count as rows."""
    items = [
        _listed(row, key, kind) for row in page.rows if _is_item(row, kind) and (key := loose_text(row.rating_key))
    ]
    return ListingPage(items, len(page.rows) + len(page.directories), _total_of(page))


def parse_series(page: Page) -> SeriesPage:
    """Reads a page of a section's series."""
    found = {key: _series(row) for row in page.rows if (key := loose_text(row.rating_key))}
    return SeriesPage(found, len(page.rows), _total_of(page))


def parse_found(page: Page) -> dict[str, FoundItem]:
    """Reads items that were asked for by their keys, by key."""
    section_key = as_text(page.library_section_id)
    return {
        key: _found(row, key, section_key)
        for row in chain(page.rows, page.directories)
        if (key := loose_text(row.rating_key))
    }


def lacks_streams(page: Page) -> frozenset[str]:
    """Returns the keys of items that have files and no stream at all: asked for one by one they may have them."""
    return frozenset(
        loose_text(row.rating_key)
        for row in page.rows
        if any(media.parts for media in row.versions)
        and not any(part.tracks for media in row.versions for part in media.parts)
    )


def _total_of(page: Page) -> int | None:
    return page.total_size if page.total_size is not None and page.total_size >= 0 else None


def _is_item(row: Row, kind: LibraryType) -> bool:
    level = loose_text(row.type)
    # a listing that was asked for one type may leave it out
    return not level or _LEVELS.get(level) is kind


def _listed(row: Row, key: str, kind: LibraryType) -> ListedItem:
    return ListedItem(
        mark=MediaMark(key, moment_at(row.updated_at), media_signature(_files(row))),
        plays=Plays(max(0, row.view_count or 0), moment_at(row.last_viewed_at), row.view_offset, row.user_rating),
        series_key=as_text(row.grandparent_rating_key) if kind is LibraryType.SERIES else None,
        outline=partial(parse_content, row, kind),
    )


def _found(row: Row, key: str, section_key: str | None) -> FoundItem:
    told = loose_text(row.type)
    level = _LEVELS.get(told)
    return FoundItem(
        library_key=as_text(row.library_section_id) or section_key,
        level=level,
        listed=partial(_listed, row, key, level) if level else None,
        content=parse_content(row, level) if level else None,
        series=_series(row) if told == "show" else None,
    )


def _files(row: Row) -> Iterable[tuple[str, str, str, str]]:
    for media in row.versions:
        version = loose_text(media.id)
        for part in media.parts:
            yield version, loose_text(part.id), loose_text(part.size), loose_text(part.file)


def parse_content(row: Row, kind: LibraryType) -> MediaContent:
    """Reads an item."""
    files = parse_files(row.versions, is_music=kind is LibraryType.MUSIC)
    played = row.versions[0].duration if row.versions else None
    is_part = kind is not LibraryType.MOVIE
    return MediaContent(
        title=as_text(row.title) or "",
        title_sort=as_text(row.title_sort),
        guid=as_text(row.guid),
        parent_key=as_text(row.parent_rating_key),
        grandparent_key=as_text(row.grandparent_rating_key),
        original_title=as_text(row.original_title),
        tagline=as_text(row.tagline),
        summary=as_text(row.summary),
        studio=as_text(row.studio),
        content_rating=as_text(row.content_rating),
        year=row.year,
        edition_title=as_text(row.edition_title),
        rating=row.rating,
        audience_rating=row.audience_rating,
        rating_image=as_text(row.rating_image),
        audience_rating_image=as_text(row.audience_rating_image),
        rating_count=row.rating_count,
        originally_available_at=_date(row.originally_available_at),
        added_at=moment_at(row.added_at),
        duration=played or row.duration,
        genres=_names(row.genres),
        directors=_names(row.directors),
        writers=_names(row.writers),
        countries=_names(row.countries),
        labels=_names(row.labels),
        collections=_names(row.collections),
        roles=tuple([role for person in row.roles if (role := _role(person))]),
        thumb_url=as_picture(row.thumb),
        art_url=as_picture(row.art),
        parent_thumb_url=as_picture(row.grandparent_thumb),
        season_thumb_url=as_picture(row.parent_thumb),
        parent_title=as_text(row.grandparent_title) if is_part else None,
        album_title=as_text(row.parent_title) if kind is LibraryType.MUSIC else None,
        season_number=row.parent_index if is_part else None,
        episode_number=row.index if is_part else None,
        absolute_index=row.absolute_index,
        chapter_source=as_text(row.chapter_source),
        file=files.file,
        streams=files.streams,
        versions=files.versions,
        external_ids=parse_ids(row),
        own_ids={},
    )


def parse_ids(row: Row) -> dict[str, str]:
    """Reads the ids at other catalogues, the first of each; those of old agents stand in the item's own id."""
    found: dict[str, str] = {}
    for guid in row.guids:
        source, _, value = loose_text(guid.id).partition("://")
        if source and value:
            found.setdefault(source.upper(), value)
    return found or _legacy_ids(loose_text(row.guid))


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


def _series(row: Row) -> SeriesFacts:
    return SeriesFacts(parse_ids(row), _names(row.genres), as_text(row.summary))


def _names(tags: Sequence[Tag]) -> tuple[str, ...]:
    return tuple([name for one in tags if (name := as_text(one.tag))]) if tags else ()


def _role(person: Person) -> Role | None:
    name = as_text(person.tag)
    return Role(name, as_text(person.role), as_picture(person.thumb)) if name else None


def moment_at(seconds: int | None) -> datetime | None:
    """Reads a time in seconds since 1970; one that no calendar holds is none."""
    return datetime.fromtimestamp(seconds, UTC) if seconds and 0 < seconds < _LATEST else None


def _date(told: str | None) -> str | None:
    spelled = loose_text(told)[:10]
    try:
        return date.fromisoformat(spelled).isoformat() if spelled else None
    except ValueError:
        return None
