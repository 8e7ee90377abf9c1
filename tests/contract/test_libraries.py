"""Libraries of Plex servers against a scripted one, in JSON and in XML, and of a server that lives in this process.

Every payload here is composed from what is documented; none was recorded.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from earshelf.adapters.http import HttpClient
from earshelf.adapters.memory.libraries import MemoryLibraries, MemoryShelf
from earshelf.adapters.plex.library import PlexLibrary
from earshelf.domain.errors import IntegrationError, IntegrationKind, Unreachable
from earshelf.domain.media import LibraryType, MediaContent, Plays, SeriesFacts
from earshelf.domain.media_files import MediaFile, MediaStream, StreamKind
from earshelf.domain.servers import ServerKind
from earshelf.domain.watches import Watch
from earshelf.ports.libraries import LibraryReader, Section
from earshelf.ports.servers import ServerAccess
from tests.contract.scripted import Reply, Request, ScriptedServer, neighbour_in
from tests.contract.suites.libraries import FILMS, LibraryReaderSuite
from tests.contract.suites.troubles import Ask, Trouble, TroublesSuite
from tests.plex import composed
from tests.plex.lines import hasty
from tests.plex.server import ScriptedPlex, ScriptedSection, serving

SECRET = "s3cret-of-the-attic"
SHELF = Section("1", "Films", LibraryType.MOVIE)


def access_to(url: str, **values: object) -> ServerAccess:
    return replace(ServerAccess(ServerKind.PLEX, "Attic", url, "client-1", SECRET), **values)  # type: ignore[arg-type]  # names only


def library(url: str, http: HttpClient, *, timeout: float = 8.0, **values: object) -> PlexLibrary:
    return PlexLibrary(access_to(url, **values), hasty(http), version="1", timeout=timeout)


def the_suites_server() -> ScriptedPlex:
    """Returns a server that holds what the suite wants, and what it has to leave out."""
    films = [{**composed.film(number), "title": title} for number, title in enumerate(FILMS, start=1)]
    episodes = [composed.episode(number, series=7000) for number in (71, 72)]
    played: list[dict[str, object]] = [
        {"ratingKey": "2", "viewedAt": composed.BEGAN + 2, "accountID": 1, "deviceID": 12},
        {"ratingKey": "2", "viewedAt": composed.BEGAN + 1, "accountID": "7"},
        {"ratingKey": "2", "viewedAt": composed.BEGAN},
    ]
    return ScriptedPlex(
        sections=[
            ScriptedSection("1", rows=films),
            ScriptedSection("9", "photo", "Holidays"),
            ScriptedSection("2", "show", "Serien", episodes, [composed.series(7000, 55)]),
            ScriptedSection("8", "hologram", "Of the future"),
            ScriptedSection("3", "artist", "Musik", [composed.track(81)]),
        ],
        history=played,
        token=SECRET,
    )


class TestMemory(LibraryReaderSuite):
    @pytest.fixture
    def libraries(self) -> MemoryLibraries:
        libraries = MemoryLibraries(token=SECRET)
        streams = tuple(MediaStream(kind) for kind in StreamKind)
        films = {str(number): MediaContent(title, streams=streams) for number, title in enumerate(FILMS, start=1)}
        episodes = {
            str(number): MediaContent(f"Part {number}", grandparent_key="7000", season_number=1, episode_number=number)
            for number in (71, 72)
        }
        track = MediaContent("Song", parent_title="The Keepers", album_title="Tides", file=MediaFile())
        libraries.shelves = [
            MemoryShelf(SHELF, films),
            MemoryShelf(Section("2", "S", LibraryType.SERIES), episodes, {"7000": SeriesFacts({"TVDB": "55"})}),
            MemoryShelf(Section("3", "M", LibraryType.MUSIC), {"81": track}),
        ]
        libraries.counted["2"] = Plays(3, datetime(2026, 1, 1, tzinfo=UTC))
        moments = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(3)]
        libraries.watched = [
            Watch("2", moments[0]),
            Watch("2", moments[1], "tom"),
            Watch("2", moments[2], "marta_k", "Living room", "Android"),
        ]
        return libraries

    @pytest.fixture
    def reader(self, libraries: MemoryLibraries) -> LibraryReader:
        return libraries.reader(access_to("http://attic"))

    @pytest.fixture
    def stranger(self, libraries: MemoryLibraries) -> LibraryReader:
        return libraries.reader(access_to("http://attic", token="wrong"))

    async def test_an_item_that_it_trips_over_is_known_and_not_shown(self, libraries: MemoryLibraries) -> None:
        libraries.unshown.add("3")
        assert (await libraries.reader(access_to("http://attic")).details(["2", "3"]))["3"] is None


class TestPlex(LibraryReaderSuite):
    @pytest.fixture(params=["json", "xml", "small pages"])
    async def attic(self, request: pytest.FixtureRequest) -> AsyncIterator[ScriptedPlex]:
        scripted = the_suites_server()
        scripted.speaks_xml = request.param == "xml"
        scripted.most_rows = 13 if request.param == "small pages" else scripted.most_rows
        async with serving(scripted) as server:
            yield server

    @pytest.fixture
    def reader(self, attic: ScriptedPlex, http: HttpClient) -> LibraryReader:
        return library(attic.url, http)

    @pytest.fixture
    def stranger(self, attic: ScriptedPlex, http: HttpClient) -> LibraryReader:
        return library(attic.url, http, token="wrong")


class TestPlexTroubles(TroublesSuite):
    kind = IntegrationKind.SERVER

    @pytest.fixture
    def secret(self) -> str:
        return SECRET

    @pytest.fixture(params=["sections", "listing", "series", "plays", "watches"])
    def ask(self, http: HttpClient, request: pytest.FixtureRequest) -> Ask:
        async def ask(trouble: Trouble) -> None:
            timeout = 0.2 if trouble is Trouble.SILENCE else 15.0
            async with neighbour_in(trouble, wrong_shape=b'{"MediaContainer": []}') as url:
                reader = library(url, http, timeout=timeout)
                asks: Mapping[str, Callable[[], Awaitable[object]]] = {
                    "sections": reader.sections,
                    "listing": lambda: reader.listing(SHELF, offset=0, size=10),
                    "series": lambda: reader.series(SHELF, offset=0, size=10),
                    "plays": reader.plays,
                    "watches": lambda: reader.watches(since=None, offset=0, size=10),
                }
                await asks[request.param]()

        return ask


class TestDetailsThatSayNothing:
    """Whatever a server answers instead of an item, only its own word that there is none makes the item absent."""

    @pytest.mark.parametrize(
        "body",
        ["", " ", "<html><body>Starting</body></html>", "{", "[]", "null", '{"MediaContainer": {}}',
         "<MediaContainer/>",
         '{"MediaContainer": []}', '{"MediaContainer": {"Metadata": "none"}}', '{"MediaContainer": {"size": 1}}',
         '{"MediaContainer": {"size": "1", "Metadata": [{"ratingKey": "9"}]}}'],
    )  # fmt: skip
    @pytest.mark.parametrize("keys", [["1"], ["1", "2"]], ids=["one", "two"])
    async def test_an_answer_without_the_item_does_not_say_that_it_is_gone(
        self, http: HttpClient, body: str, keys: list[str]
    ) -> None:
        async with ScriptedServer(lambda _: Reply(body=body.encode())) as server:
            assert await library(server.url, http).details(keys) == dict.fromkeys(keys)

    @pytest.mark.parametrize("status", [400, 500, 503, 302])
    async def test_a_refusal_does_not_say_it_either(self, http: HttpClient, status: int) -> None:
        async with ScriptedServer(lambda _: Reply(status)) as server:
            assert await library(server.url, http).details(["1", "2"]) == {"1": None, "2": None}

    @pytest.mark.parametrize("status", [401, 403, 429])
    async def test_what_concerns_the_whole_server_is_told(self, http: HttpClient, status: int) -> None:
        async with ScriptedServer(lambda _: Reply(status)) as server:
            with pytest.raises(IntegrationError):
                await library(server.url, http).details(["1", "2"])

    @pytest.mark.parametrize(
        "reply",
        [Reply(404), Reply(body=b'{"MediaContainer": {"size": "0"}}'), Reply(body=b'<MediaContainer size="0"/>')],
    )
    async def test_a_server_that_knows_of_none_makes_it_absent(self, http: HttpClient, reply: Reply) -> None:
        async with ScriptedServer(lambda _: reply) as server:
            assert await library(server.url, http).details(["1", "2"]) == {}

    async def test_items_that_an_answer_about_many_leaves_out_are_asked_for_by_themselves(
        self, http: HttpClient
    ) -> None:
        def forgetful(request: Request) -> Reply:
            keys = request.path.rpartition("/")[2].split(",")
            rows = [composed.detail(composed.film(int(key))) for key in keys[:1] if key != "3"]
            return Reply(404) if not rows else Reply(body=json.dumps({"MediaContainer": {"Metadata": rows}}).encode())

        async with ScriptedServer(forgetful) as server:
            found = await library(server.url, http).details(["1", "2", "3"])
        assert list(found) == ["1", "2"]
        assert None not in found.values()


async def test_an_outage_in_the_middle_of_many_details_is_told(http: HttpClient) -> None:
    def dying(request: Request) -> Reply:
        return Reply(500) if "," in request.path else Reply(raw=b"")

    async with ScriptedServer(dying) as server:
        with pytest.raises(Unreachable):
            await library(server.url, http).details(["1", "2"])


async def test_collections_among_the_items_of_xml_count_once(http: HttpClient) -> None:
    body = b"""<MediaContainer size="2" totalSize="2"><Directory ratingKey="9" type="collection" title="All"/>
        <Video ratingKey="1" type="movie" title="Film"/></MediaContainer>"""
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        page = await library(server.url, http).listing(SHELF, offset=0, size=10)
    assert ([item.mark.key for item in page.items], page.rows, page.total) == (["1"], 2, 2)


HARD_NAMES: list[tuple[str, str]] = [
    ("العربية \u200fRTL\u200e", "العربية \u200fRTL\u200e"),
    ("e\u0301 A\u030a o\u0308\u0323", "e\u0301 A\u030a o\u0308\u0323"),
    ("\U0001f469\u200d\U0001f680 🏳️\u200d🌈", "\U0001f469\u200d\U0001f680 🏳️\u200d🌈"),
    ("日本語 한국어 ไทย मानक हिन्दी", "日本語 한국어 ไทย मानक हिन्दी"),
    ("\u202egnp.exe", "\u202egnp.exe"),
    ("nul\0byte", "nulbyte"),
    ("half \ud83d pair", "half \ufffd pair"),
    ("other half \ude00", "other half \ufffd"),
    ("%00 \\u0000 &#0; &amp; <b>", "%00 \\u0000 &#0; &amp; <b>"),
    ("tab\tline\nend", "tab\tline\nend"),
    ("x" * 5000, "x" * 5000),
]


@pytest.mark.parametrize(("sent", "kept"), HARD_NAMES, ids=range(len(HARD_NAMES)))
async def test_names_in_any_script_arrive_as_they_are_and_what_no_database_holds_is_left_out(
    http: HttpClient, sent: str, kept: str
) -> None:
    row: dict[str, Any] = {**composed.detail(composed.film(1)), "title": sent, "Genre": [{"tag": sent}]}
    body = json.dumps({"MediaContainer": {"size": 1, "Metadata": [row]}}).encode()
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        found = (await library(server.url, http).details(["1"]))["1"]
    assert found is not None
    assert found.content is not None
    assert (found.content.title, found.content.genres) == (kept, (kept,))
    found.content.title.encode()


async def test_twenty_thousand_items_are_one_page_where_a_server_sends_them_so(http: HttpClient) -> None:
    plex = ScriptedPlex(
        sections=[ScriptedSection("1", rows=[composed.film(number) for number in range(1, 20_001)])],
        token=SECRET,
        most_rows=20_000,
    )
    async with serving(plex) as server:
        page = await library(server.url, http).listing(SHELF, offset=0, size=20_000)
    assert (len(page.items), page.rows, page.total) == (20_000, 20_000, 20_000)
    assert page.items[-1].outline().title == composed.film(20_000)["title"]
