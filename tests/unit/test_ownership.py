"""Which servers have a file."""

import pytest

from earshelf.domain.ownership import LibraryRoots, Ownership, ServerPaths, owned_candidates, owners
from earshelf.domain.path_rules import PathRow


def server(name: str, *roots: str, rows: tuple[PathRow, ...] = (), enabled: bool = True) -> ServerPaths:
    libraries = tuple(LibraryRoots(f"{name}-{number}", (root,)) for number, root in enumerate(roots, 1))
    return ServerPaths(name, libraries, rows, enabled)


PLEX = server("plex", "/data/films", "/data/tv", rows=(PathRow("/data", "/mnt"),))
EMBY = server("emby", "/media", rows=(PathRow("/media", "/mnt/films"),))


def owning(path: str, *servers: ServerPaths) -> list[tuple[str, str]]:
    return [(one.server_id, one.library_key) for one in owners(path, servers)]


def test_every_server_that_has_a_file_is_named_with_its_first_library() -> None:
    assert owning("/mnt/films/a.mkv", PLEX, EMBY) == [("plex", "plex-1"), ("emby", "emby-1")]
    assert owning("/mnt/tv/a.mkv", PLEX, EMBY) == [("plex", "plex-2")]
    assert owning("/mnt/other/a.mkv", PLEX, EMBY) == []
    assert owning("/x/y/a.mkv", server("s", "/x", "/x/y")) == [("s", "s-1")]


def test_without_rows_the_server_sees_what_is_here() -> None:
    assert owning("/data/films/a.mkv", server("s", "/data/films")) == [("s", "s-1")]


@pytest.mark.parametrize(
    "path", ["/mnt/films", "/mnt/films/", "/mnt/films/Dune/", "/mnt", "/", "", " ", "/mnt/filmsx/a"]
)
def test_a_folder_is_no_file_of_a_library(path: str) -> None:
    assert owning(path, PLEX) == []


def test_what_is_disabled_owns_nothing() -> None:
    assert owning("/x/a", server("s", "/x", enabled=False)) == []
    off, on = LibraryRoots("off", ("/x",), enabled=False), LibraryRoots("on", ("/x/y",))
    assert owning("/x/a", ServerPaths("s", (off, on))) == []
    assert owning("/x/y/a", ServerPaths("s", (off, on))) == [("s", "on")]


def test_blank_roots_hold_nothing() -> None:
    assert owning("/x/a", server("s", "", " ")) == []


def test_a_library_of_several_disks_holds_the_files_of_all() -> None:
    rows = (PathRow("/disk1", "/mnt/one"), PathRow("/disk2", "/mnt/two"))
    films = ServerPaths("s", (LibraryRoots("films", ("/disk1/films", "/disk2/films")),), rows)
    assert owning("/mnt/one/films/a", films) == owning("/mnt/two/films/a", films) == [("s", "films")]
    assert owning("/mnt/two/tv/a", films) == []


def test_one_remote_folder_may_lie_at_several_places_here() -> None:
    films = server("s", "/data/films", rows=(PathRow("/data", "/one"), PathRow("/data", "/two")))
    assert owning("/one/films/a", films) == owning("/two/films/a", films) == [("s", "s-1")]


def test_a_row_may_be_narrower_than_the_library() -> None:
    films = server("s", "/data", rows=(PathRow("/data/4k", "/fast"),))
    assert owning("/fast/a.mkv", films) == [("s", "s-1")]


def test_of_a_webhooks_path_those_readings_count_that_some_server_owns() -> None:
    rows = (PathRow("/data_disk1", "/data", ("/downloads",)), PathRow("/data_disk2", "/data2", ("/downloads",)))
    plex = server("plex", "/data_disk1/tv", "/data_disk2/tv", rows=rows)
    assert owned_candidates("/downloads/tv/a.mkv", [plex]) == ["/data/tv/a.mkv", "/data2/tv/a.mkv"]
    assert owned_candidates("/data2/tv/a.mkv", [plex]) == ["/data2/tv/a.mkv"]
    assert owned_candidates("/data_disk2/tv/a.mkv", [plex]) == ["/data2/tv/a.mkv"]
    assert owned_candidates("/downloads/other/a.mkv", [plex]) == []
    assert owned_candidates("", [plex]) == []


def test_a_reading_by_one_server_may_be_a_file_of_another() -> None:
    hooked = server("hooked", "/nothing", rows=(PathRow("/x", "/mnt", ("/downloads",)),))
    assert owned_candidates("/downloads/films/a.mkv", [hooked, EMBY]) == ["/mnt/films/a.mkv"]
    assert owners("/mnt/films/a.mkv", [hooked, EMBY]) == [Ownership("emby", "emby-1")]
