"""Whatever a body holds, every question to Plex ends in an answer that can be kept, or in one of our own errors.

Sound bodies are composed; what is done to them is drawn by number, so that every run does the same.
"""

import copy
import dataclasses
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any, TypeAlias

import pytest

from earshelf.adapters.http import HttpClient
from earshelf.adapters.memory.system import SettableClock
from earshelf.adapters.plex.account import PlexAccounts
from earshelf.adapters.plex.connector import PlexConnector
from earshelf.adapters.plex.notification_parsing import parse_frame
from earshelf.adapters.plex.prerolls import PlexPrerolls
from earshelf.adapters.plex.server import PlexServer
from earshelf.adapters.plex.streams import PlexStreams
from earshelf.domain.errors import IntegrationError, NotFound
from earshelf.domain.ids import ServerId
from earshelf.domain.media import LibraryType
from earshelf.ports.libraries import Section
from tests.contract.scripted import Reply, ScriptedServer
from tests.contract.suites.makers import a_server
from tests.contract.test_accounts import a_resource
from tests.contract.test_connectors import plex as a_connector
from tests.contract.test_libraries import SECRET, access_to, library
from tests.plex import composed
from tests.plex.lines import hasty

Ask: TypeAlias = Callable[[], Awaitable[object]]
DRAWS = 40
FILMS = Section("1", "Films", LibraryType.MOVIE)
SERIES = Section("2", "Serien", LibraryType.SERIES)

SESSION = {
    "sessionKey": "48",
    "ratingKey": "70021",
    "type": "movie",
    "title": "Harbour Lights",
    "viewOffset": 1000,
    "duration": 6_900_000,
    "User": {"id": "7", "title": "tom"},
    "Player": {"machineIdentifier": "device", "state": "playing", "title": "Living room", "local": True},
    "Session": {"id": "id-of-48", "location": "lan", "bandwidth": 7000},
    "Media": [{"width": 1920, "height": 1080, "selected": True, "Part": [{"decision": "transcode", "Stream": [
        {"streamType": 1, "decision": "transcode", "displayTitle": "4K (HEVC)", "width": 3840, "height": 2160}]}]}],
    "TranscodeSession": {"videoDecision": "transcode", "speed": 1.5, "progress": 12.5, "throttled": False},
}  # fmt: skip
ROOT = {"machineIdentifier": "m-1", "friendlyName": "Attic", "version": "1.43", "platform": "Linux",
        "platformVersion": "6", "myPlexSubscription": True, "ownerFeatures": "pass,sync"}  # fmt: skip
SOUND: Mapping[str, Any] = {
    "identity": {"MediaContainer": ROOT},
    "describe": {"MediaContainer": ROOT},
    "streams": {"MediaContainer": {"size": 1, "Metadata": [SESSION]}},
    "terminate": {},
    "prerolls": {"MediaContainer": {"Setting": [{"id": "CinemaTrailersPrerollID", "value": "/a.mp4;/b.mp4"}]}},
    "write a preroll": {},
    "sections": {"MediaContainer": {"Directory": [{"key": "1", "type": "movie", "title": "Films", "uuid": "u"}]}},
    "listing": {"MediaContainer": {"size": 2, "totalSize": 2, "Metadata": [composed.film(1), composed.film(2)]}},
    "episodes": {"MediaContainer": {"totalSize": 1, "Metadata": [composed.episode(3, series=7000)]}},
    "series": {"MediaContainer": {"totalSize": 1, "Metadata": [composed.series(7000, 55)]}},
    "details": {"MediaContainer": {"size": 2, "Metadata": [composed.detail(composed.film(1)),
                                                           composed.detail(composed.track(2))]}},
    "plays": {"MediaContainer": {"totalSize": 1, "Metadata": [{"ratingKey": "1", "viewedAt": composed.BEGAN}]}},
    "make a PIN": {"id": 1, "code": "abc", "expiresIn": 1800, "authToken": None},
    "token": {"id": 1, "code": "abc", "authToken": "tok"},
    "holder": {"id": 40217731, "username": "marta_k", "email": "marta@example.net", "uuid": "u"},
    "servers": [a_resource(), a_resource("theirs", owned=0)],
    "sign out": {},
    "targets": {"MediaContainer": {"Directory": [{"key": "7", "title": "Books"}]}},
    "check": {"MediaContainer": {"Directory": [{"key": "7", "title": "Books"}]}},
}  # fmt: skip


def ask_of(name: str, url: str, http: HttpClient) -> Ask:
    lines = hasty(http)
    server, prerolls = PlexServer(access_to(url), lines, version="1"), PlexPrerolls(access_to(url), lines, version="1")
    streams = PlexStreams(replace(a_server(url=url, token=SECRET), id=ServerId("sv_attic")), "c", lines, version="1")
    reader, accounts = library(url, http), PlexAccounts(lines, SettableClock(), version="1", base_url=url)
    connector = PlexConnector(a_connector(url), http)
    asks: Mapping[str, Ask] = {
        "identity": server.identity,
        "describe": server.describe,
        "streams": streams.streams,
        "terminate": lambda: streams.terminate("48", "enough"),
        "prerolls": prerolls.read,
        "write a preroll": lambda: prerolls.write("/a.mp4"),
        "sections": reader.sections,
        "listing": lambda: reader.listing(FILMS, offset=0, size=10),
        "episodes": lambda: reader.listing(SERIES, offset=0, size=10),
        "series": lambda: reader.series(SERIES, offset=0, size=10),
        "details": lambda: reader.details(["1", "2"]),
        "plays": reader.plays,
        "make a PIN": lambda: accounts.begin("c"),
        "token": lambda: accounts.token_for("1", "c"),
        "holder": lambda: accounts.holder(SECRET, "c"),
        "servers": lambda: accounts.servers(SECRET, "c"),
        "sign out": lambda: accounts.sign_out(SECRET, "c"),
        "targets": connector.targets,
        "check": connector.check,
    }
    return asks[name]


JUNK: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, "1", "0", "true", "", " ", "x", "NaN", "1e999", "9" * 50, 1.5, 1e308, 10**30, -(2**63),
    2**63, [], {}, [1], [[]], [None], {"a": 1}, "\u202eabc", "e\u0301", "\U0001f600", "nul\0", "\ud800", "half\udc00",
    "العربية", "-1", "1/2", "0x10", "²", "١٢", {"id": {"id": []}}, "a" * 3000,
)  # fmt: skip


def spoiled(value: Any, draw: Random) -> Any:
    """Returns a body in which something is left out, is something else, or is there twice."""
    if isinstance(value, dict):
        kept = {name: one for name, one in value.items() if draw.random() > 0.04}
        return {name: draw.choice(JUNK) if draw.random() < 0.08 else spoiled(one, draw) for name, one in kept.items()}
    if isinstance(value, list):
        some = [draw.choice(JUNK) if draw.random() < 0.08 else spoiled(one, draw) for one in value]
        return some + some[:1] if draw.random() < 0.1 else some
    return draw.choice(JUNK) if draw.random() < 0.03 else value


def spellings(body: Any, draw: Random) -> bytes:
    """Spells a spoiled body, sometimes with its end cut off or a byte of it wrong."""
    raw = json.dumps(spoiled(copy.deepcopy(body), draw)).encode()
    match draw.randrange(8):
        case 0:
            return raw[: draw.randrange(len(raw) + 1)]
        case 1:
            place = draw.randrange(len(raw))
            return raw[:place] + bytes([draw.randrange(256)]) + raw[place + 1 :]
        case _:
            return raw


def require_keepable(found: object) -> None:
    """Fails where something was read that no database holds."""
    if isinstance(found, str):
        found.encode()
        assert "\0" not in found
    elif dataclasses.is_dataclass(found) and not isinstance(found, type):
        for field in dataclasses.fields(found):
            value = getattr(found, field.name)
            if callable(value):
                require_keepable(value())
            else:
                require_keepable(value)
    elif isinstance(found, Mapping):
        for name, one in found.items():
            require_keepable(name)
            require_keepable(one)
    elif isinstance(found, list | tuple):
        for one in found:
            require_keepable(one)


async def outcome(ask: Ask) -> str:
    """Returns what one of our errors says; an answer has to be fit to be kept."""
    try:
        require_keepable(await ask())
    except (IntegrationError, NotFound) as problem:
        return problem.message
    return ""


@pytest.mark.parametrize("name", list(SOUND))
async def test_a_sound_body_is_taken(http: HttpClient, name: str) -> None:
    async with ScriptedServer(lambda _: Reply(body=json.dumps(SOUND[name]).encode())) as server:
        require_keepable(await ask_of(name, server.url, http)())


@pytest.mark.parametrize("name", list(SOUND))
async def test_a_spoiled_body_is_read_or_told(http: HttpClient, name: str) -> None:
    for number in range(DRAWS):
        draw = Random(number)
        reply = Reply(body=spellings(SOUND[name], draw))
        async with ScriptedServer(lambda _, reply=reply: reply) as server:  # type: ignore[misc]
            assert SECRET not in await outcome(ask_of(name, server.url, http))


DEEP = 900
BODIES: Mapping[str, bytes] = {
    "nothing": b"",
    "blanks": b" \r\n",
    "a page": b"<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>",
    "a page in capitals": b"<!DOCTYPE HTML><HTML>",
    "half a document": b'{"MediaContainer": {"Metadata": [{"ratingKey": "1"',
    "null": b"null",
    "a number": b"5",
    "a text": b'"x"',
    "a list": b"[[]]",
    "no container": b'{"error": "x"}',
    "a container that is a list": b'{"MediaContainer": [1]}',
    "a container of nulls": b'{"MediaContainer": {"Metadata": null, "Directory": null, "Setting": null, "size": null}}',
    "a container of texts": b'{"MediaContainer": {"Metadata": "x", "Directory": "x", "Setting": "x", "size": "x"}}',
    "nested deep": b'{"MediaContainer": {"title": "\\u0000", "Metadata": ' + b"[" * DEEP + b"]" * DEEP + b"}}",
    "nested too deep": b'{"MediaContainer": ' * 30_000,
    "XML": b'<MediaContainer size="0"/>',
    "XML nested deep": b"<MediaContainer>" + b"<Video>" * DEEP + b"</Video>" * DEEP + b"</MediaContainer>",
    "XML with entities": b'<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><MediaContainer x="&c;"/>',
    "XML of another kind": b"<rss><channel/></rss>",
    "XML cut short": b"<MediaContainer><Video ratingKey=",
    "a long number": b'{"MediaContainer": {"size": ' + b"9" * 5000 + b"}}",
    "not a number": b'{"MediaContainer": {"size": NaN, "totalSize": Infinity}}',
    "latin": '{"MediaContainer": {"friendlyName": "Dächle"}}'.encode("latin-1"),
    "two bytes each": '{"MediaContainer": {"size": 1}}'.encode("utf-16"),
    "with a mark": b"\xef\xbb\xbf" + b'{"MediaContainer": {"size": 0}}',
    "bytes": bytes(range(256)),
}


@pytest.mark.parametrize("body", list(BODIES.values()), ids=list(BODIES))
async def test_a_body_of_another_kind_is_read_or_told(http: HttpClient, body: bytes) -> None:
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        for name in SOUND:
            assert SECRET not in await outcome(ask_of(name, server.url, http))


@pytest.mark.parametrize(
    "status", [204, 304, 400, 401, 402, 403, 404, 405, 409, 410, 413, 418, 429, 451, 500, 501, 503, 599]
)
async def test_any_status_with_a_page_is_told(http: HttpClient, status: int) -> None:
    body = b"" if status in (204, 304) else b"<html><body>Nobody</body></html>"
    async with ScriptedServer(lambda _: Reply(status, body, {"Content-Type": "text/html"})) as server:
        for name in SOUND:
            assert "Nobody" not in await outcome(ask_of(name, server.url, http))


def loosely(value: Any) -> Any:
    """Spells numbers and flags the way other versions of the server do."""
    if isinstance(value, dict):
        return {name: loosely(one) for name, one in value.items()}
    if isinstance(value, list):
        return [loosely(one) for one in value]
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value) if isinstance(value, int | float) else value


@pytest.mark.parametrize(
    "name", [name for name in SOUND if name not in {"listing", "episodes", "terminate", "sign out", "write a preroll"}]
)
async def test_numbers_and_flags_as_texts_mean_the_same(http: HttpClient, name: str) -> None:
    bodies = iter([SOUND[name], loosely(SOUND[name])])
    told = []
    for body in bodies:
        async with ScriptedServer(lambda _, body=body: Reply(body=json.dumps(body).encode())) as server:  # type: ignore[misc]
            found = await ask_of(name, server.url, http)()
        told.append({key: one.content for key, one in found.items()} if name == "details" else found)  # type: ignore[attr-defined]
    assert told[0] == told[1]


FRAMES = {"NotificationContainer": {"type": "timeline", "size": 1, "TimelineEntry": [
    {"identifier": "com.plexapp.plugins.library", "itemID": "70021", "state": 5, "type": 1},
    {"identifier": "com.plexapp.plugins.library", "itemID": 70022, "state": "9", "type": "1"}]}}  # fmt: skip


@pytest.mark.parametrize("number", range(200))
def test_a_spoiled_notification_tells_what_can_be_kept_or_nothing(number: int) -> None:
    draw = Random(number)
    frame = spellings(FRAMES, draw).decode(errors="surrogateescape")
    require_keepable(parse_frame(frame))
