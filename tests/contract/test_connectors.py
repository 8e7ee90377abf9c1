"""Audiobookshelf and Plex against simulators and scripted servers. Every payload here is composed."""

from collections.abc import AsyncIterator, Callable

import pytest

from earshelf.adapters.audiobookshelf import Audiobookshelf
from earshelf.adapters.http import HttpClient
from earshelf.adapters.plex.connector import PlexConnector
from earshelf.adapters.plex.parsing import parse_sections
from earshelf.domain.errors import IntegrationKind, Refused, TargetMissing, UnexpectedPayload
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.domain.paths import PathMapping
from earshelf.entrypoints.demo.audiobookshelf import AudiobookshelfSimulator
from earshelf.entrypoints.demo.plex import PlexSimulator, SectionRefresh
from earshelf.ports.connectors import RefreshReport, Target
from tests.contract.scripted import Reply, ScriptedServer, neighbour_in
from tests.contract.suites.connectors import ConnectorSuite, changed
from tests.contract.suites.troubles import Ask, Trouble, TroublesSuite

SECRET = "s3cret-of-the-shelf"
MAPPING = PathMapping("/library", "/data/audio books")


def audiobookshelf(url: str, *, key: str = SECRET, library: str = "lib-audio") -> Integration:
    return Integration(
        id=IntegrationId("cn_abs"),
        role=IntegrationRole.CONNECTOR,
        kind="audiobookshelf",
        name="Shelf",
        settings={"server_url": url, "library_id": library},
        secrets={"api_key": key},
    )


def plex(
    url: str,
    *,
    token: str = SECRET,
    section: str = "7",
    mappings: tuple[PathMapping, ...] = (),
    falls_back: bool = False,
) -> Integration:
    return Integration(
        id=IntegrationId("cn_plex"),
        role=IntegrationRole.CONNECTOR,
        kind="plex",
        name="Living room",
        settings={"server_url": url, "section_id": section, "fallback_to_full_refresh": falls_back},
        secrets={"token": token},
        path_mappings=mappings,
    )


@pytest.fixture
async def shelf() -> AsyncIterator[AudiobookshelfSimulator]:
    async with AudiobookshelfSimulator(credential=SECRET) as simulator:
        yield simulator


@pytest.fixture
async def living_room() -> AsyncIterator[PlexSimulator]:
    async with PlexSimulator(credential=SECRET) as simulator:
        yield simulator


class TestAudiobookshelf(ConnectorSuite):
    @pytest.fixture
    def connector(self, shelf: AudiobookshelfSimulator, http: HttpClient) -> Audiobookshelf:
        return Audiobookshelf(audiobookshelf(shelf.url), http)

    @pytest.fixture
    def wrongly_keyed(self, shelf: AudiobookshelfSimulator, http: HttpClient) -> Audiobookshelf:
        return Audiobookshelf(audiobookshelf(shelf.url, key="wrong"), http)

    @pytest.fixture
    def pointing_nowhere(self, shelf: AudiobookshelfSimulator, http: HttpClient) -> Audiobookshelf:
        return Audiobookshelf(audiobookshelf(shelf.url, library="lib/gone"), http)

    @pytest.fixture
    def target(self) -> Target:
        return Target("lib-audio", "Audiobooks")

    @pytest.fixture
    def refreshed(self, shelf: AudiobookshelfSimulator) -> Callable[[], int]:
        return lambda: len(shelf.scans)


class TestPlex(ConnectorSuite):
    @pytest.fixture
    def connector(self, living_room: PlexSimulator, http: HttpClient) -> PlexConnector:
        return PlexConnector(plex(living_room.url), http)

    @pytest.fixture
    def wrongly_keyed(self, living_room: PlexSimulator, http: HttpClient) -> PlexConnector:
        return PlexConnector(plex(living_room.url, token="wrong"), http)

    @pytest.fixture
    def pointing_nowhere(self, living_room: PlexSimulator, http: HttpClient) -> PlexConnector:
        return PlexConnector(plex(living_room.url, section="7/8"), http)

    @pytest.fixture
    def target(self) -> Target:
        return Target("7", "Audiobooks")

    @pytest.fixture
    def refreshed(self, living_room: PlexSimulator) -> Callable[[], int]:
        return lambda: len(living_room.refreshes)


class ConnectorTroubles(TroublesSuite):
    kind = IntegrationKind.CONNECTOR

    @pytest.fixture
    def secret(self) -> str:
        return SECRET


class TestAudiobookshelfTroubles(ConnectorTroubles):
    @pytest.fixture
    def ask(self, http: HttpClient) -> Ask:
        async def ask(trouble: Trouble) -> None:
            async with neighbour_in(trouble) as url:
                await Audiobookshelf(audiobookshelf(url), http, timeout=patience(trouble)).check()

        return ask


class TestPlexTroubles(ConnectorTroubles):
    @pytest.fixture
    def ask(self, http: HttpClient) -> Ask:
        async def ask(trouble: Trouble) -> None:
            async with neighbour_in(trouble, wrong_shape=b'{"MediaContainer": []}') as url:
                await PlexConnector(plex(url), http, timeout=patience(trouble)).check()

        return ask


def patience(trouble: Trouble) -> float:
    return 0.2 if trouble is Trouble.SILENCE else 15.0


async def test_a_whole_batch_is_one_scan(shelf: AudiobookshelfSimulator, http: HttpClient) -> None:
    connector = Audiobookshelf(audiobookshelf(shelf.url), http)
    report = await connector.refresh([changed("/library/A/B"), changed("", book="bk_two")])
    assert report == RefreshReport(whole_library=True)
    assert shelf.scans == ["lib-audio"]


async def test_a_scan_is_posted_as_empty_json_with_the_id_encoded_once(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(body=b"OK")) as server:
        await Audiobookshelf(audiobookshelf(server.url, library="a b/%2F"), http).refresh([changed("/x")])
        (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/api/libraries/a%20b%2F%252F/scan")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert request.body == b"{}"


@pytest.mark.parametrize("body", [b'{"libraries": {}}', b'{"message": "hello"}', b'{"libraries": "none"}'])
async def test_a_list_of_libraries_that_is_none_cannot_be_used(http: HttpClient, body: bytes) -> None:
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        with pytest.raises(UnexpectedPayload):
            await Audiobookshelf(audiobookshelf(server.url), http).targets()


async def test_the_sign_in_page_of_a_proxy_is_no_scan(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(body=b"\n<!doctype HTML><title>Sign in</title>")) as server:
        with pytest.raises(UnexpectedPayload):
            await Audiobookshelf(audiobookshelf(server.url), http).refresh([changed("/x")])


async def test_distinct_folders_are_refreshed_one_by_one_under_the_servers_names(
    living_room: PlexSimulator, http: HttpClient
) -> None:
    connector = PlexConnector(plex(living_room.url, mappings=(MAPPING,)), http)
    report = await connector.refresh(
        [
            changed("/library/Ashdown/Lantern & Key 100%"),
            changed("/elsewhere/Müller/Ein+Aus"),
            changed("/library/Ashdown/Lantern & Key 100%", book="bk_two"),
            changed("  ", book="bk_three"),
        ]
    )
    paths = ["/data/audio books/Ashdown/Lantern & Key 100%", "/elsewhere/Müller/Ein+Aus"]
    assert living_room.refreshes == [SectionRefresh("7", path) for path in paths]
    assert report == RefreshReport(paths=tuple(paths), passthrough=1, skipped=1)


async def test_a_folder_is_percent_encoded_exactly_once(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply()) as server:
        await PlexConnector(plex(server.url), http).refresh([changed("/a b/ü/100%25")])
        (request,) = server.requests
    assert request.target == "/library/sections/7/refresh?path=%2Fa%20b%2F%C3%BC%2F100%2525"
    assert request.headers["x-plex-token"] == SECRET
    assert SECRET not in request.target


async def test_changes_without_folder_refresh_the_section_once_where_that_is_wanted(
    living_room: PlexSimulator, http: HttpClient
) -> None:
    connector = PlexConnector(plex(living_room.url, falls_back=True), http)
    report = await connector.refresh([changed(""), changed("/a", book="bk_two"), changed(" ", book="bk_three")])
    assert living_room.refreshes == [SectionRefresh("7", "/a"), SectionRefresh("7", None)]
    assert report == RefreshReport(paths=("/a",), passthrough=1, whole_library=True)


async def test_changes_without_folder_are_skipped_otherwise(living_room: PlexSimulator, http: HttpClient) -> None:
    report = await PlexConnector(plex(living_room.url), http).refresh([changed("")])
    assert living_room.refreshes == []
    assert report == RefreshReport(skipped=1)


async def test_a_mapping_to_nowhere_skips_its_folders(living_room: PlexSimulator, http: HttpClient) -> None:
    connector = PlexConnector(plex(living_room.url, mappings=(PathMapping("/library", " "),)), http)
    assert (await connector.refresh([changed("/library/A")])).skipped == 1


async def test_a_folder_that_fails_stops_the_batch(http: HttpClient) -> None:
    replies = iter([Reply(), Reply(500), Reply()])
    async with ScriptedServer(lambda _: next(replies)) as server:
        with pytest.raises(Refused):
            await PlexConnector(plex(server.url), http).refresh([changed("/a"), changed("/b"), changed("/c")])
        assert len(server.requests) == 2


async def test_a_server_that_is_still_starting_is_no_success(living_room: PlexSimulator, http: HttpClient) -> None:
    living_room.is_starting = True
    connector = PlexConnector(plex(living_room.url), http)
    with pytest.raises(UnexpectedPayload):
        await connector.check()
    with pytest.raises(UnexpectedPayload, match="starting"):
        await connector.refresh([changed("/a")])


async def test_a_server_without_sections_lists_none(http: HttpClient) -> None:
    async with PlexSimulator({}, credential=SECRET) as simulator:
        connector = PlexConnector(plex(simulator.url), http)
        assert await connector.targets() == []
        with pytest.raises(TargetMissing, match="none"):
            await connector.check()


def test_a_section_without_a_title_goes_by_its_key() -> None:
    container = {"Directory": [{"key": "1", "title": None}, {"key": 2, "title": "Two"}, {"title": "lost"}, 5]}
    assert parse_sections(container) == [Target("1", "1"), Target("2", "Two")]
    assert parse_sections({"Directory": None}) is None
