"""Settings, books, imports by hand, history, health and paths over the operator's API."""

from pathlib import Path
from typing import Any

import pytest

from earshelf.domain.books import BookStatus
from earshelf.domain.errors import IntegrationKind, RateLimited
from earshelf.domain.integrations import IntegrationDraft, IntegrationRole
from earshelf.domain.metadata import MetadataRecord, PersonName
from earshelf.domain.paths import PathMapping
from earshelf.domain.settings import Settings
from earshelf.ports.indexers import Offer
from tests.api.house import House
from tests.contract.suites.makers import a_file, a_release


@pytest.fixture
async def library(house: House, tmp_path: Path) -> Path:
    """A library folder that the house knows."""
    folder = tmp_path / "library"
    folder.mkdir()
    assert (await house.op("POST", "/settings", {"library": {"path": str(folder)}})).status == 200
    return folder


def a_folder(library: Path, *names: str) -> Path:
    folder = library / "A" / "T"
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_bytes(b"sound")
    return folder


async def test_settings_show_every_group_with_its_values(house: House) -> None:
    assert (await house.op("GET", "/settings")).body == Settings().as_mapping()


async def test_a_change_of_settings_touches_only_what_it_names(house: House) -> None:
    change: dict[str, dict[str, Any]] = {
        "quality": {"languages": ["german"], "min_seeders": 3},
        "rss": {"enabled": True},
    }
    reply = await house.op("POST", "/settings", change)
    expected = Settings().as_mapping()
    expected["quality"] |= change["quality"]
    expected["rss"] |= change["rss"]
    assert (reply.status, reply.body) == (200, expected)
    assert (await house.op("GET", "/settings")).body == expected
    assert (await house.op("POST", "/settings", {})).body == expected


async def test_names_that_stand_alone_change_beside_the_groups(house: House) -> None:
    change = {
        "thumbnail_interval": 2,
        "tonemap_algorithm": "Mobius",
        "exclude_paths": ["/mnt/archive", {"value": r"\.iso$", "type": "regex"}],
        "frame_reuse": {"enabled": False},
    }
    reply = await house.op("POST", "/settings", change)
    expected = Settings().as_mapping() | {
        "thumbnail_interval": 2,
        "tonemap_algorithm": "mobius",
        "exclude_paths": [
            {"value": "/mnt/archive", "type": "path"},
            {"value": r"\.iso$", "type": "regex"},
        ],
    }
    expected["frame_reuse"]["enabled"] = False
    assert (reply.status, reply.body) == (200, expected)
    assert (await house.op("GET", "/settings")).body == expected


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": {}}, "colour"),
        ({"search": {"colour": 1}}, "search.colour"),
        ({"search": 5}, "search"),
        ({"search": {"interval_minutes": 4}}, "search.interval_minutes"),
        ({"search": {"interval_minutes": 10.5}}, "search.interval_minutes"),
        ({"search": {"interval_minutes": True}}, "search.interval_minutes"),
        ({"search": {"enabled": "yes"}}, "search.enabled"),
        ({"imports": {"mode": "adopt"}}, "imports.mode"),
        ({"quality": {"reject_words": "x"}}, "quality.reject_words"),
        ({"library": {"path": "relative"}}, "library.path"),
        ({"library": {"path": "/nothing/there"}}, "library.path"),
        ({"library": {"folder_format": "{author}"}}, "library.folder_format"),
        ({"processing": {"bitrate": 10**400}}, "processing.bitrate"),
        ({"thumbnail_interval": 0}, "thumbnail_interval"),
        ({"thumbnail_interval": 9999}, "thumbnail_interval"),
        ({"thumbnail_quality": 11}, "thumbnail_quality"),
        ({"tonemap_algorithm": "sepia"}, "tonemap_algorithm"),
        ({"frame_reuse": 60}, "frame_reuse"),
        ({"frame_reuse": {"max_cache_disk_mb": 63}}, "frame_reuse.max_cache_disk_mb"),
        ({"exclude_paths": ["/a", {"value": "(?=a)", "type": "regex"}]}, "exclude_paths.1.value"),
        ({"exclude_paths": [5]}, "exclude_paths.0"),
    ],
)
async def test_settings_that_cannot_be_taken_change_nothing(house: House, change: dict[str, Any], field: str) -> None:
    reply = await house.op("POST", "/settings", {"rss": {"enabled": True}} | change)
    assert (reply.status, reply.code, list(reply.body["fields"])) == (400, "VALIDATION_ERROR", [field])
    assert (await house.op("GET", "/settings")).body["rss"]["enabled"] is False


async def test_a_book_shows_everything_known(house: House) -> None:
    files = (a_file("1.mp3", 10, 60.5, "mp3"), a_file("2.mp3", 20, None, "mp3"))
    book = await house.shelve(
        "Swordheart", authors="T. Kingfisher", narrators="Jesse Vilinsky", series="Rat #1.5",
        asin="B0SWORD", subtitle="A Novel", genres=("Fantasy",), runtime_minutes=900, files=files,
        folder="/library/K/S", status=BookStatus.IMPORTED,
    )  # fmt: skip
    body = (await house.op("GET", f"/books/{book.id}")).body
    assert body["files"] == [
        {"path": "1.mp3", "size": 10, "seconds": 60.5, "format": "mp3"},
        {"path": "2.mp3", "size": 20, "seconds": None, "format": "mp3"},
    ]
    assert (body["size"], body["seconds"], body["folder"]) == (30, 60.5, "/library/K/S")
    assert body["series"] == {"id": book.series.series.id if book.series else "", "name": "Rat", "position": 1.5}
    assert body["authors"] == [{"id": book.authors[0].id, "name": "T. Kingfisher", "asin": None}]
    assert (body["asin"], body["subtitle"], body["genres"]) == ("B0SWORD", "A Novel", ["Fantasy"])
    assert (await house.op("GET", "/books/bk_none")).code == "NOT_FOUND"


async def test_search_and_grab_in_one_step(house: House) -> None:
    book = await house.shelve()
    configuring = house.container.configuring()
    assert (await house.op("POST", f"/books/{book.id}/search")).body == {"download": None, "created": False}
    client = IntegrationDraft("transmission", "Seedbox", {"url": "http://seedbox.example"})
    await configuring.add(client, role=IntegrationRole.DOWNLOAD_CLIENT)
    draft = IntegrationDraft("torznab", "Shelf", {"url": "http://indexer.example/api"})
    row = await configuring.add(draft, role=IntegrationRole.INDEXER)
    offer = Offer(a_release("T. Kingfisher - Swordheart", size=400 * 2**20, seeders=3))
    house.neighbours.indexers[row.id].always = [offer]
    reply = await house.op("POST", f"/books/{book.id}/search")
    assert (reply.status, reply.body["created"], reply.body["download"]["status"]) == (200, True, "downloading")
    assert (await house.op("POST", "/books/bk_none/search")).code == "NOT_FOUND"


async def test_a_folder_of_the_library_is_adopted_with_the_metadata_given(house: House, library: Path) -> None:
    folder = a_folder(library, "1.mp3", "2.mp3")
    metadata = {"title": " The Title ", "authors": ["The Author"], "series": {"name": "S", "position": 2}}
    item = {"path": str(folder), "mode": "adopt", "metadata": metadata}
    reply = await house.op("POST", "/library/imports", {"items": [item]})
    assert (reply.status, list(reply.body)) == (202, ["job_id"])
    (row,) = (await house.v1("GET", "/books")).body["data"]
    assert (row["title"], row["status"], row["series"]) == ("The Title", "imported", {"name": "S", "position": 2})
    shown = (await house.op("GET", f"/books/{row['id']}")).body
    assert (shown["folder"], [file["path"] for file in shown["files"]]) == (str(folder), ["1.mp3", "2.mp3"])


async def test_a_folder_of_the_library_is_adopted_by_asin(house: House, library: Path) -> None:
    house.catalogue.products["B0T"] = MetadataRecord("T", "B0T", authors=(PersonName("A"),))
    folder = a_folder(library, "1.m4b")
    item = {"path": str(folder), "mode": "adopt", "asin": "b0t"}
    assert (await house.op("POST", "/library/imports", {"items": [item]})).status == 202
    assert (await house.v1("GET", "/books?status=imported")).body["total"] == 1


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"asin": None}, "items.0.asin"),
        ({"asin": " "}, "items.0.asin"),
        ({"metadata": {"title": "T", "authors": ["A"]}}, "items.0.asin"),
        ({"mode": "copy"}, "items.0.mode"),
        ({"mode": "move"}, "items.0.mode"),
        ({"path": ""}, "items.0.path"),
        ({"path": 5}, "items.0.path"),
        ({"colour": 1}, "items.0.colour"),
        ({"asin": ..., "metadata": {"title": "", "authors": ["A"]}}, "items.0.metadata.title"),
        ({"asin": ..., "metadata": {"title": "T", "authors": []}}, "items.0.metadata.authors"),
        ({"asin": ..., "metadata": {"title": "T", "authors": ["A"], "series": {"name": "S", "position": -1}}},
         "items.0.metadata.series.position"),
    ],
)  # fmt: skip
async def test_an_import_says_by_field_what_is_wrong(house: House, item: dict[str, Any], field: str) -> None:
    whole = {"path": "/library/x", "mode": "adopt", "asin": "B0T"} | item
    given = {name: value for name, value in whole.items() if value is not ...}
    reply = await house.op("POST", "/library/imports", {"items": [given]})
    assert (reply.status, field in reply.body["fields"]) == (400, True)


@pytest.mark.parametrize("body", [{}, {"items": []}, {"items": [{}, {}]}, {"items": {}}])
async def test_an_import_takes_one_folder_at_a_time(house: House, body: dict[str, Any]) -> None:
    assert (await house.op("POST", "/library/imports", body)).code == "VALIDATION_ERROR"


async def test_a_folder_that_cannot_be_adopted_is_told_with_the_remedy(
    house: House, library: Path, tmp_path: Path
) -> None:
    metadata = {"title": "T", "authors": ["A"]}
    for path, words in (
        (library / "nothing", "does not exist"),
        (a_folder(library, "cover.jpg"), "holds no audio file"),
        (tmp_path, "is not inside the library"),
    ):
        item = {"path": str(path), "mode": "adopt", "metadata": metadata}
        reply = await house.op("POST", "/library/imports", {"items": [item]})
        assert (reply.status, reply.code) == (400, "VALIDATION_ERROR")
        assert words in reply.message
    assert (await house.v1("GET", "/books")).body["total"] == 0


async def test_without_a_library_nothing_is_adopted(house: House) -> None:
    item = {"path": "/library/x", "mode": "adopt", "asin": "B0T"}
    reply = await house.op("POST", "/library/imports", {"items": [item]})
    assert (reply.status, reply.code) == (409, "CONFLICT")
    assert "library.path" in reply.message


async def test_a_throttling_provider_passes_its_pause_on(house: House, library: Path) -> None:
    house.catalogue.trouble = RateLimited(IntegrationKind.PROVIDER, "Audible", 12)
    item = {"path": str(a_folder(library, "1.mp3")), "mode": "adopt", "asin": "B0T"}
    reply = await house.op("POST", "/library/imports", {"items": [item]})
    assert (reply.status, reply.code, reply.headers["Retry-After"]) == (429, "RATE_LIMITED", "12")


async def test_history_tells_what_happened_newest_first(house: House) -> None:
    house.catalogue.products["B0T"] = MetadataRecord("T", "B0T", authors=(PersonName("A"),))
    book_id = (await house.v1("POST", "/books", {"asin": "B0T"})).body["id"]
    other = await house.shelve("Other")
    async with house.storage.unit() as unit:
        book = await unit.books.get(other.id)
        book.begin_download(book.created_at)
        await unit.books.save(book)
        await unit.commit(book.created_at)
    everything = (await house.op("GET", "/history")).body
    assert [row["type"] for row in everything["data"]] == ["book_status_changed", "book_added"]
    assert everything["data"][0]["details"] == {"before": "wanted", "after": "downloading"}
    assert everything["data"][0]["book_id"] == other.id
    only = (await house.op("GET", f"/history?book_id={book_id}&limit=5")).body
    assert ([row["type"] for row in only["data"]], only["total"]) == (["book_added"], 1)
    assert (await house.op("GET", "/history?book_id=bk_none")).body == {"data": [], "total": 0}
    assert (await house.op("GET", "/history?book=x")).code == "VALIDATION_ERROR"


async def test_details_of_health_name_the_remedy(house: House) -> None:
    body = (await house.op("GET", "/health/details")).body
    assert {"severity": "ok", "subject": "storage", "message": "answers"} in body["data"]
    assert any("library.path" in finding["message"] for finding in body["data"])
    assert body["total"] == len(body["data"])


async def test_the_path_doctor_explains_every_row(house: House, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    configuring = house.container.configuring()
    rows = (PathMapping("/downloads", str(tmp_path)), PathMapping("/down", ""))
    client = IntegrationDraft("transmission", "Seedbox", {"url": "http://s.example"}, path_mappings=rows)
    plex = {"server_url": "http://p.example", "token": "t", "section_id": "1"}
    connector = IntegrationDraft("plex", "Plex", plex, path_mappings=[PathMapping(str(tmp_path), "/data")])
    seedbox = await configuring.add(client, role=IntegrationRole.DOWNLOAD_CLIENT)
    server = await configuring.add(connector, role=IntegrationRole.CONNECTOR)

    async def explained(path: str) -> list[tuple[Any, ...]]:
        rows = (await house.op("GET", f"/paths/explain?path={path}")).body["data"]
        assert [row["id"] for row in rows] == [seedbox.id, server.id]
        return [(row["row"] and row["row"]["source"], row["path"], row["exists_here"]) for row in rows]

    assert await explained("/downloads/x") == [
        ("/downloads", f"{tmp_path}/x", True),
        (None, "/downloads/x", False),
    ]
    assert await explained(f"{tmp_path}/x") == [(None, f"{tmp_path}/x", True), (str(tmp_path), "/data/x", True)]
    assert (await explained("/down/x"))[0] == ("/down", None, False)
    assert (await explained("relative"))[0] == (None, "relative", False)
    assert (await explained("/downloads/" + "y" * 300))[0] == ("/downloads", f"{tmp_path}/{'y' * 300}", False)


@pytest.mark.parametrize("query", ["", "?path=", "?path=%20", "?path=a&path=b", "?path=a&x=1", "?path=%00"])
async def test_the_path_doctor_needs_one_path(house: House, query: str) -> None:
    assert (await house.op("GET", f"/paths/explain{query}")).code == "VALIDATION_ERROR"
