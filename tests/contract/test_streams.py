"""Live sessions of Plex servers, against a simulated one and a scripted one.

Every payload here is composed from what is documented; none was recorded.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.adapters.http import HttpClient
from earshelf.adapters.memory.streams import MemoryStreams
from earshelf.adapters.plex.library_parsing import parse_content
from earshelf.adapters.plex.mending import mended
from earshelf.adapters.plex.notification_parsing import parse_frame
from earshelf.adapters.plex.stream_parsing import parse_streams
from earshelf.adapters.plex.streams import PlexStreams
from earshelf.adapters.plex.wire import Row
from earshelf.domain.errors import CredentialsRejected, IntegrationKind, Refused
from earshelf.domain.ids import ServerId
from earshelf.domain.media import LibraryType
from earshelf.domain.streams import (
    Hardware,
    Player,
    PlayState,
    Stream,
    StreamKind,
    Viewer,
    decision_label,
    hardware_label,
)
from earshelf.domain.viewers import KnownViewer
from earshelf.ports.streams import ItemsChanged, LibraryScanned, Listening, StreamsChanged, StreamSource
from tests.contract.plex_theatre import SINGULAR, PlexTheatre
from tests.contract.scripted import Reply, Request, ScriptedServer, neighbour_in, unused_port
from tests.contract.suites.makers import a_server
from tests.contract.suites.streams import StreamSourceSuite, Theatre
from tests.contract.suites.troubles import Ask, Trouble, TroublesSuite
from tests.plex.lines import hasty

SECRET = "s3cret-of-the-attic"
HOME = ServerId("sv_home")


def plex(url: str, http: HttpClient, *, token: str = SECRET, **values: Any) -> PlexStreams:
    server = a_server("Attic", url=url, token=token)
    return PlexStreams(server, "client-1", hasty(http), version="1.2.3", **values)


@pytest.fixture
async def attic() -> AsyncIterator[PlexTheatre]:
    async with PlexTheatre(credential=SECRET) as simulator:
        yield simulator


class MemoryTheatre:
    def __init__(self, streams: MemoryStreams) -> None:
        self._streams = streams

    def play(self, key: str, *, viewer: str, has_id: bool = True) -> None:
        session_id = f"id-of-{key}" if has_id else None
        self._streams.playing.append(Stream(HOME, key, "A", Viewer(viewer), Player(), session_id=session_id))

    def know(self, number: str, name: str) -> None:
        self._streams.known.append(KnownViewer(name, number))

    async def tell(self) -> None:
        self._streams.tell(StreamsChanged())

    @property
    def endings(self) -> list[tuple[str, str]]:
        return [(one.session_id, one.reason) for one in self._streams.endings]


class TestMemory(StreamSourceSuite):
    @pytest.fixture
    def source(self) -> MemoryStreams:
        return MemoryStreams(HOME)

    @pytest.fixture
    def theatre(self, source: MemoryStreams) -> Theatre:
        return MemoryTheatre(source)


class TestPlex(StreamSourceSuite):
    @pytest.fixture
    def source(self, attic: PlexTheatre, http: HttpClient) -> StreamSource:
        return plex(attic.url, http)

    @pytest.fixture
    def theatre(self, attic: PlexTheatre) -> Theatre:
        return attic


class TestPlexTroubles(TroublesSuite):
    kind = IntegrationKind.SERVER
    refusal = (CredentialsRejected, Refused)

    @pytest.fixture
    def secret(self) -> str:
        return SECRET

    @pytest.fixture
    def ask(self, http: HttpClient) -> Ask:
        async def ask(trouble: Trouble) -> None:
            timeout = 0.2 if trouble is Trouble.SILENCE else 15.0
            async with neighbour_in(trouble, wrong_shape=b'{"MediaContainer": []}') as url:
                await plex(url, http, timeout=timeout).streams()

        return ask


async def test_a_server_whose_owner_pays_nothing_says_so(attic: PlexTheatre, http: HttpClient) -> None:
    attic.has_pass = False
    attic.play("48", viewer="tom")
    with pytest.raises(Refused, match="Plex Pass"):
        await plex(attic.url, http).terminate("id-of-48", "enough")


async def test_a_wrong_token_is_not_told_as_a_missing_pass(attic: PlexTheatre, http: HttpClient) -> None:
    with pytest.raises(CredentialsRejected):
        await plex(attic.url, http, token="wrong").terminate("id-of-48", "enough")
    with pytest.raises(CredentialsRejected):
        await plex(attic.url, http, token="wrong").streams()


async def test_a_guests_token_is_not_told_as_an_outage(attic: PlexTheatre, http: HttpClient) -> None:
    attic.guests.add("guest")
    with pytest.raises(Refused, match="owner") as caught:
        await plex(attic.url, http, token="guest").streams()
    assert caught.value.status == 403


async def test_nobody_in_particular_is_no_viewer_and_the_first_account_is_the_owners(
    attic: PlexTheatre, http: HttpClient
) -> None:
    for number, name in (("0", ""), ("1", "marta"), ("31337", "tom"), ("9", "")):
        attic.know(number, name)
    assert [(one.id, one.name, one.is_owner) for one in await plex(attic.url, http).viewers()] == [
        ("1", "marta", True),
        ("31337", "tom", False),
    ]


async def test_a_session_that_has_no_id_is_refused_in_words(attic: PlexTheatre, http: HttpClient) -> None:
    with pytest.raises(Refused, match="cannot be stopped"):
        await plex(attic.url, http).terminate("", "enough")


async def test_xml_is_read_like_json(http: HttpClient) -> None:
    body = (
        b'<MediaContainer size="1"><Video sessionKey="1" ratingKey="1" title="Movie 1" type="movie" duration="9000000">'
        b'<Genre tag="Sci-Fi"/><User id="1" title="User 1"/><Session id="s1" bandwidth="7000" location="lan"/>'
        b'<Player local="1" machineIdentifier="m" state="paused" title="SHIELD"/>'
        b'<Media width="1280" height="544" selected="1"><Part decision="transcode" selected="1" file="Movie 1.mp4">'
        b'<Stream streamType="1" decision="copy"/><Stream streamType="2" decision="transcode" codec="aac"/>'
        b"</Part></Media></Video></MediaContainer>"
    )
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        (stream,) = await plex(server.url, http).streams()
    assert (stream.session_id, stream.state, stream.kind) == ("s1", PlayState.PAUSED, StreamKind.MOVIE)
    assert stream.viewer == Viewer("User 1", "1", is_owner=True)
    assert decision_label(stream.conversion) == "Transcode (audio)"
    assert (stream.details.genres, stream.details.file, stream.details.bandwidth) == (("Sci-Fi",), "Movie 1.mp4", 7000)


TRANSCODED: dict[str, Any] = {
    "sessionKey": 48,
    "title": "Harbour Lights",
    "type": "movie",
    "viewOffset": "1210000",
    "Media": [
        {"width": 640, "height": 360, "videoResolution": "4k"},
        {
            "selected": "1",
            "width": "1920",
            "height": 800,
            "Part": {"Stream": [{"streamType": "1", "displayTitle": "4K DoVi/HDR10 (HEVC Main 10)", "width": 1920}]},
        },
    ],
    "Session": {"id": "k3j9qv7hns2x"},
    "TranscodeSession": {
        "videoDecision": "transcode",
        "audioDecision": "copy",
        "subtitleDecision": "burn",
        "speed": "0.7",
        "throttled": "0",
        "transcodeHwRequested": 1,
        "transcodeHwDecoding": "vaapi",
        "transcodeHwEncoding": "",
        "sourceVideoCodec": "hevc",
    },
}


def read(*rows: dict[str, Any]) -> list[Stream]:
    return parse_streams({"Metadata": list(rows)}, HOME)


def test_a_converted_stream_keeps_the_size_of_what_is_stored() -> None:
    (stream,) = read(TRANSCODED)
    assert stream.is_4k
    assert decision_label(stream.conversion) == "Transcode (video / subtitles)"
    assert hardware_label(stream.conversion) is Hardware.DECODE
    assert stream.details.converted is not None
    assert stream.details.converted.source_video_codec == "hevc"
    assert stream.position_ms == 1_210_000


def test_a_version_that_is_not_played_does_not_make_a_stream_4k() -> None:
    versions = [{"width": 3840, "height": 2160, "videoResolution": "4k"}, {"selected": True, "width": 1280}]
    (stream,) = read({**TRANSCODED, "Media": versions})
    assert not stream.is_4k


def test_live_television_is_told_from_films() -> None:
    by_flag, by_key = read({"sessionKey": "1", "live": "1"}, {"sessionKey": "2", "key": "/livetv/sessions/x"})
    assert by_flag.kind is by_key.kind is StreamKind.LIVE


def test_a_session_without_any_name_is_left_out_and_one_that_comes_twice_is_there_once() -> None:
    row = {"sessionKey": "1", "Session": {"id": "s"}, "title": "first"}
    assert [one.title for one in read({"title": "nameless"}, row, {**row, "title": "second"})] == ["second"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
ROW_FIELDS = [*TRANSCODED, "User", "Player", "live", "key", "ratingKey", "duration", "Genre", "year"]


@given(st.dictionaries(st.sampled_from(ROW_FIELDS), JSON), JSON)
def test_odd_rows_never_raise(row: dict[str, Any], container: Any) -> None:
    streams = read({**row, "sessionKey": "1"}, row)
    assert all(stream.handle for stream in streams)
    assert isinstance(parse_streams({"Metadata": container, "Video": row}, HOME), list)


@given(st.text() | JSON.map(json.dumps) | JSON.map(lambda it: json.dumps({"NotificationContainer": it})))
def test_odd_frames_never_raise(frame: str) -> None:
    assert isinstance(parse_frame(frame), list)


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        ({"type": "playing", "PlaySessionStateNotification": [{"state": "stopped"}]}, [StreamsChanged()]),
        (
            {"type": "playing", "PlaySessionStateNotification": [{"state": "stopped", "ratingKey": 70021}]},
            [StreamsChanged(), ItemsChanged(("70021",))],
        ),
        (
            {"type": "playing", "PlaySessionStateNotification": [{"state": "paused", "ratingKey": "70021"}]},
            [StreamsChanged()],
        ),
        ({"type": "transcodeSession.update", "TranscodeSession": [{}]}, [StreamsChanged()]),
        (
            {
                "type": "timeline",
                "TimelineEntry": [
                    {"identifier": "com.plexapp.plugins.library", "itemID": 70023, "state": 5},
                    {"identifier": "com.plexapp.plugins.library", "itemID": "70022", "state": "9"},
                    {"identifier": "com.plexapp.plugins.library", "itemID": "70024", "state": 1},
                    {"identifier": "com.plexapp.system", "itemID": "70025", "state": 5},
                ],
            },
            [ItemsChanged(("70023", "70024"), ("70022",))],
        ),
        (
            {
                "type": "activity",
                "ActivityNotification": [
                    {
                        "event": "ended",
                        "Activity": {"type": "library.update.section", "Context": {"librarySectionID": 1}},
                    },
                    {"event": "started", "Activity": {"type": "library.update.section"}},
                ],
            },
            [LibraryScanned("1")],
        ),
        ({"type": "reachability"}, []),
    ],
)
def test_frames_are_read(frame: dict[str, Any], told: list[object]) -> None:
    assert parse_frame(json.dumps({"NotificationContainer": frame})) == told


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("/library/metadata/7/thumb/1", "/library/metadata/7/thumb/1"),
        (f"/photo?url=a&x-plex-token={SECRET}&w=1", "/photo?url=a&x-plex-token=****&w=1"),
        (f"https://h/a?X-Plex-Token={SECRET}", "https://h/a?X-Plex-Token=****"),
        (f"/photo?url=%2Fa%3FX-Plex-Token%3D{SECRET}%26w%3D1", "/photo?url=%2Fa%3FX-Plex-Token%3D****%26w%3D1"),
    ],
)
def test_no_picture_carries_a_token(told: str, shown: str) -> None:
    row = {"sessionKey": "1", "ratingKey": "7", "type": "movie", "title": "Film", "thumb": told, "art": told}
    (stream,) = parse_streams({"Metadata": [row]}, HOME)
    assert (stream.details.thumb, stream.details.art) == (shown, shown)
    content = parse_content(mended({**row, "Role": [{"tag": "A", "thumb": told}]}, Row), LibraryType.MOVIE)
    assert (content.thumb_url, content.art_url, content.roles[0].thumb_url) == (shown, shown, shown)


async def test_the_socket_takes_the_token_in_a_header_and_the_singular_path_where_it_must(
    attic: PlexTheatre, http: HttpClient
) -> None:
    attic.socket_path = SINGULAR
    async with aclosing(plex(attic.url, http).notifications()) as told:
        assert await anext(told) == Listening()
    assert attic.handshakes == [("", SECRET)]


async def test_a_lost_connection_is_made_again(attic: PlexTheatre, http: HttpClient) -> None:
    async with aclosing(plex(attic.url, http, first_pause=0.001).notifications()) as told:
        assert await anext(told) == Listening()
        await attic.hang_up()
        assert await anext(told) == Listening()
        asking = asyncio.ensure_future(anext(told))
        await attic.tell()
        assert await asking == StreamsChanged()
    assert len(attic.handshakes) == 2


async def test_whoever_took_the_address_over_is_not_shown_the_token(http: HttpClient) -> None:
    port = unused_port()
    async with PlexTheatre(credential=SECRET, port=port) as attic:
        server = a_server("Attic", url=attic.url, token=SECRET, machine_id="machine-1")
        source = PlexStreams(server, "client-1", hasty(http), version="1.2.3", first_pause=0.001)
        told = source.notifications()
        assert await anext(told) == Listening()
    asking = asyncio.ensure_future(anext(told))
    async with PlexTheatre(credential=SECRET, machine_id="machine-2", port=port) as stranger:
        async with asyncio.timeout(10):
            while len(stranger.shown) < 3:  # noqa: ASYNC110 - nobody tells of requests
                await asyncio.sleep(0.01)
        assert set(stranger.shown) == {""}
        assert stranger.handshakes == []
    async with PlexTheatre(credential=SECRET, port=port) as attic:
        assert await asking == Listening()
        await told.aclose()


async def test_a_server_that_comes_back_is_listened_to_again(attic: PlexTheatre, http: HttpClient) -> None:
    attic.is_away = True
    async with aclosing(plex(attic.url, http, first_pause=0.001).notifications()) as told:
        listening = asyncio.ensure_future(anext(told))
        await attic.until_tried(3)
        attic.is_away = False
        assert await listening == Listening()


async def test_nobody_listens_with_a_token_that_is_refused(attic: PlexTheatre, http: HttpClient) -> None:
    async with aclosing(plex(attic.url, http, token="wrong").notifications()) as told:
        with pytest.raises(CredentialsRejected):
            await anext(told)


async def test_a_socket_that_moved_does_not_get_the_token(http: HttpClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with ScriptedServer(lambda _: Reply(404)) as thief:
        tries: list[Request] = []
        twice = asyncio.Event()

        def move(request: Request) -> Reply:
            tries.append(request)
            if len(tries) > 1:
                twice.set()
            return Reply(302, headers={"Location": f"{thief.url}/:/websockets/notifications"})

        async with ScriptedServer(move) as server:
            source = plex(server.url, http, first_pause=0.001)
            async with aclosing(source.notifications()) as told:
                listening = asyncio.ensure_future(anext(told))
                await twice.wait()
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
        assert thief.requests == []
    assert "redirect" in caplog.text
    assert SECRET not in caplog.text


async def test_verification_is_off_for_its_own_server_only(http: HttpClient) -> None:
    trusting = a_server("Attic", url="https://attic.example", verify_ssl=False)
    strict = replace(trusting, verify_ssl=True)
    told = [PlexStreams(one, "c", hasty(http), version="1")._host.verify_ssl for one in (trusting, strict)]
    assert told == [False, True]
