"""Listings and details of a Plex server, read whatever their fields hold. Bodies are composed."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from earshelf.adapters.http import Answer, HttpClient
from earshelf.adapters.plex.bodies import media_container
from earshelf.adapters.plex.history_parsing import Names, parse_plays, parse_watches
from earshelf.adapters.plex.library_parsing import (
    lacks_streams,
    parse_content,
    parse_found,
    parse_ids,
    parse_library_sections,
    parse_listing,
    parse_series,
)
from earshelf.adapters.plex.mending import mended, mended_page
from earshelf.adapters.plex.pages import item_page
from earshelf.adapters.plex.wire import Body, Page, Row
from earshelf.domain.errors import IntegrationKind, UnexpectedPayload
from earshelf.domain.media import LibraryType, MediaContent, Plays
from tests.plex import composed

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("1") | st.just("1/2")
NAMES = st.sampled_from(
    ["ratingKey", "type", "title", "year", "addedAt", "updatedAt", "viewCount", "lastViewedAt", "duration", "Media",
     "Part", "Stream", "Guid", "id", "tag", "Genre", "Role", "file", "size", "width", "height", "streamType", "index",
     "bitDepth", "frameRate", "default", "key", "originallyAvailableAt", "rating", "DOVIPresent", "proxyType",
     "Metadata", "Directory", "totalSize", "viewedAt", "viewOffset", "codec", "profile", "uuid"]
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(NAMES, inner, max_size=8)
        | st.lists(st.dictionaries(NAMES, inner))
    ),
    max_leaves=40,
)


@given(st.dictionaries(NAMES, ANYTHING), st.sampled_from(LibraryType))
def test_whatever_fields_hold_nothing_raises(container: dict[str, Any], kind: LibraryType) -> None:
    parse_library_sections(container)
    parse_plays(container, {})
    page = mended_page(container)
    parse_series(page)
    lacks_streams(page)
    for item in parse_listing(page, kind).items:
        item.outline()
    for found in parse_found(page).values():
        assert (found.content is None) is (found.level is None)
        if found.listed:
            assert found.listed().mark.key


def content_of(row: dict[str, Any], kind: LibraryType = LibraryType.MOVIE) -> MediaContent:
    return parse_content(mended(row, Row), kind)


@given(st.dictionaries(NAMES, ANYTHING), st.sampled_from(LibraryType))
def test_every_number_that_is_read_fits_into_a_database(row: dict[str, Any], kind: LibraryType) -> None:
    content = content_of(row, kind)
    numbers = [content.year, content.duration, content.season_number, content.rating_count]
    numbers += [stream.index for stream in content.streams] + [version.size for version in content.versions]
    assert all(number is None or -(2**63) <= number < 2**63 for number in numbers)


def loosely(value: Any) -> Any:
    """Spells numbers and flags the way other versions of the server do."""
    if isinstance(value, dict):
        return {name: loosely(one) for name, one in value.items()}
    if isinstance(value, list):
        return [loosely(one) for one in value]
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value) if isinstance(value, int | float) else value


@pytest.mark.parametrize("number", range(1, 13))
def test_numbers_and_flags_as_texts_are_the_same_item(number: int) -> None:
    row = composed.detail(composed.film(number))
    assert content_of(loosely(row)) == content_of(row)


@pytest.mark.parametrize("number", range(1, 13))
def test_an_ordinary_body_is_decoded_straight_into_types(number: int) -> None:
    body = json.dumps({"MediaContainer": {"totalSize": 1, "Metadata": [composed.detail(composed.film(number))]}})
    assert msgspec.json.decode(body, type=Body).page == item_page(answer(body))


PAGES = st.from_type(Page)


@given(PAGES, st.sampled_from(LibraryType))
def test_the_ordinary_way_and_the_tolerant_one_read_the_same(page: Page, kind: LibraryType) -> None:
    told = answer(msgspec.json.encode(Body(page)))
    ordinary, tolerant = item_page(told), mended_page(media_container(told))
    assert parse_series(ordinary) == parse_series(tolerant)
    assert lacks_streams(ordinary) == lacks_streams(tolerant)
    assert [parse_content(row, kind) for row in ordinary.rows] == [parse_content(row, kind) for row in tolerant.rows]
    pages = [parse_listing(one, kind) for one in (ordinary, tolerant)]
    assert pages[0].total == pages[1].total
    shown = [[(item.mark, item.plays, item.series_key) for item in one.items] for one in pages]
    assert shown[0] == shown[1]


def xml(name: str, value: dict[str, Any]) -> str:
    """Spells an object as the server's XML."""
    plain = {key: one for key, one in value.items() if not isinstance(one, list)}
    inner = [xml(key, one) for key, members in value.items() if isinstance(members, list) for one in members]
    spelled = "".join(f" {key}={json.dumps(str(int(one) if isinstance(one, bool) else one), ensure_ascii=False)}"
                      for key, one in plain.items())  # fmt: skip
    return f"<{name}{spelled}>{''.join(inner)}</{name}>"


def answer(body: bytes | str) -> Answer:
    http = HttpClient()
    neighbour = http.neighbour(kind=IntegrationKind.SERVER, name="Attic", base_url="http://attic.example")
    raw = body.encode() if isinstance(body, str) else body
    return Answer(neighbour, 200, CIMultiDictProxy(CIMultiDict()), raw)


def test_xml_is_read_like_json() -> None:
    rows = [composed.detail(composed.film(number)) for number in (1, 2)]
    videos = "".join(xml("Video", row) for row in rows)
    spelled = f'<?xml version="1.0" encoding="UTF-8"?><MediaContainer totalSize="2">{videos}</MediaContainer>'
    found = parse_found(item_page(answer(spelled)))
    plain = parse_found(mended_page({"Metadata": rows}))
    assert {key: one.content for key, one in found.items()} == {key: one.content for key, one in plain.items()}


@pytest.mark.parametrize(
    "body", ["", " ", "<html><body>Starting</body></html>", "{", "[]", "null", '{"MediaContainer": []}', "<Media",
             '<!DOCTYPE x [<!ENTITY a "b">]><MediaContainer x="&a;"/>', "\0", "<other/>"]
)  # fmt: skip
def test_what_is_no_container_is_refused(body: str) -> None:
    with pytest.raises(UnexpectedPayload):
        media_container(answer(body))
    with pytest.raises(UnexpectedPayload):
        item_page(answer(body))


def test_what_no_database_holds_is_left_out_of_texts() -> None:
    body = rb'{"MediaContainer": {"Metadata": [{"ratingKey": "1", "title": "a\u0000b\ud800c\ud83d\ude00"}]}}'
    (row,) = media_container(answer(body))["Metadata"]
    assert row["title"] == "ab\ufffdc\U0001f600"
    (item,) = item_page(answer(body)).rows
    assert item.title == "ab\ufffdc\U0001f600"


IDS = [
    ({"Guid": [{"id": "imdb://tt1"}, {"id": "tmdb://2"}, {"id": "imdb://tt9"}]}, {"IMDB": "tt1", "TMDB": "2"}),
    ({"Guid": [{"id": "mbid://a-b"}]}, {"MBID": "a-b"}),
    ({"Guid": [{"id": "nonsense"}, {}, 7]}, {}),
    ({"guid": "com.plexapp.agents.imdb://tt0133093?lang=en"}, {"IMDB": "tt0133093"}),
    ({"guid": "com.plexapp.agents.themoviedb://603?lang=en"}, {"TMDB": "603"}),
    ({"guid": "com.plexapp.agents.thetvdb://268592/1/1?lang=en"}, {"TVDB": "268592"}),
    ({"guid": "com.plexapp.agents.hama://tvdb-12345/1/2?lang=en"}, {"TVDB": "12345"}),
    ({"guid": "com.plexapp.agents.hama://anidb-77"}, {"ANIDB": "77"}),
    ({"guid": "plex://movie/5d77688a"}, {}),
    ({"guid": "local://70022"}, {}),
    ({}, {}),
]


@pytest.mark.parametrize(("row", "ids"), IDS)
def test_external_ids_are_read_from(row: dict[str, Any], ids: dict[str, str]) -> None:
    assert parse_ids(mended(row, Row)) == ids


def test_collections_count_as_rows_and_are_no_items() -> None:
    rows = [composed.film(1), {"ratingKey": "9", "type": "collection"}, {"type": "movie"}]
    page = parse_listing(mended_page({"Metadata": rows, "totalSize": "7"}), LibraryType.MOVIE)
    assert ([item.mark.key for item in page.items], page.rows, page.total) == (["1"], 3, 7)


def versioned(*media: dict[str, Any]) -> MediaContent:
    return content_of({"ratingKey": "1", "Media": list(media)})


def test_rows_that_are_no_objects_count_as_the_server_counts_them() -> None:
    page = {"totalSize": 4, "Metadata": [composed.film(1), None, "x", {**composed.film(2), "viewedAt": 1}]}
    assert parse_listing(mended_page(page), LibraryType.MOVIE).rows == 4
    assert parse_series(mended_page(page)).rows == 4
    assert parse_plays(page, {}) == (4, 4)
    assert parse_watches(page, Names({}, {})).rows == 4


def test_a_stream_names_its_dolby_vision_as_its_file_does() -> None:
    told = {"streamType": 1, "codec": "hevc", "DOVIPresent": "1", "DOVIProfile": "8", "DOVIBLCompatID": "1"}
    for part, named in ((told, "8.1"), ({**told, "DOVIPresent": "0"}, None), ({**told, "DOVIProfile": "x"}, None)):
        row = {"title": "A", "Media": [{"id": 1, "Part": [{"id": 2, "Stream": [part]}]}]}
        assert content_of(row).streams[0].dv_profile == named


def test_the_largest_picture_stands_for_an_item_and_none_that_the_server_made() -> None:
    small = {"id": 1, "width": 1280, "height": 720, "Part": [{"file": "/a.mkv", "size": 10}]}
    large = {"id": 2, "width": 3840, "height": 1600, "Part": [{"file": "/b.mkv", "size": "20"}, {"size": 5}]}
    made = {"id": 3, "width": 7680, "height": 4320, "proxyType": 42, "Part": [{"file": "/c.mp4", "size": 99}]}
    content = versioned(small, made, large)
    assert content.file is not None
    assert (content.file.file_path, content.file.file_size, content.file.total_size) == ("/b.mkv", 20, 35)
    assert [version.is_optimized for version in content.versions] == [False, True, False]


def test_sizes_that_are_too_much_together_are_unknown() -> None:
    part = {"file": "/a.mkv", "size": 2**63 - 1}
    content = versioned({"id": 1, "Part": [part, part]}, {"id": 2, "Part": [part]}, {"id": 3, "Part": [part]})
    assert [version.size for version in content.versions] == [None, 2**63 - 1, 2**63 - 1]
    assert content.file is not None
    assert (content.file.file_size, content.file.total_size) == (2**63 - 1, None)


def test_an_item_with_nothing_but_what_the_server_made_still_has_a_file() -> None:
    content = versioned({"id": 3, "Part": [{"file": "/films/Plex Versions/TV/a.mp4"}]})
    assert content.file is not None
    assert content.file.total_size is None


def test_an_unanalysed_file_has_no_picture_to_tell_of_and_its_name_decides() -> None:
    content = versioned({"id": 91002, "container": "avi", "Part": [{"file": "/data/films/Garden.1998.DV.avi"}]})
    assert content.file is not None
    assert (content.file.container, content.file.resolution, content.streams) == ("avi", None, ())


def test_a_codec_of_blanks_is_none_and_the_versions_own_counts() -> None:
    streams = [{"streamType": 1, "codec": " "}, {"streamType": 2, "codec": " "}]
    content = versioned({"id": 1, "videoCodec": "hevc", "audioCodec": "aac", "Part": [{"id": 2, "Stream": streams}]})
    assert content.file is not None
    assert (content.file.video_codec, content.file.audio_codec, content.file.audio_format) == ("hevc", "aac", "AAC")


def test_plays_in_the_middle_and_of_what_is_gone_do_not_count() -> None:
    counted: dict[str, Plays] = {}
    rows = [{"ratingKey": "1", "viewedAt": 1_700_000_000}, {"ratingKey": 1, "viewedAt": "1700000060"},
            {"ratingKey": "1", "duration": 100, "viewOffset": 50}, {"viewedAt": 1_700_000_000}]  # fmt: skip
    assert parse_plays({"Metadata": rows, "totalSize": 4}, counted) == (4, 4)
    assert list(counted) == ["1"]
    assert counted["1"].count == 2
    assert counted["1"].last_played_at is not None
    assert counted["1"].last_played_at.timestamp() == 1_700_000_060


DATES = [
    ("2021-09-30", "2021-09-30"),
    ("2021-09-30 10:11:12", "2021-09-30"),
    ("2021", None),
    ("soon", None),
    ("", None),
]


@pytest.mark.parametrize(("spelled", "read"), DATES)
def test_dates_are_read_from(spelled: object, read: str | None) -> None:
    assert content_of({"originallyAvailableAt": spelled}).originally_available_at == read
