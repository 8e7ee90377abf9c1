"""What is no proper HTTP: answered in our words, repeated to nobody, and one line in the log at most."""

import asyncio
import gzip
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.entrypoints.accesslog import AccessLogger
from earshelf.entrypoints.app import create_app
from earshelf.entrypoints.listening import Runner
from tests.api.house import API_KEY

HUSH = "hush-hush-hush"
POST = f"POST /api/v1/books HTTP/1.1\r\nHost: x\r\nX-Api-Key: {API_KEY}\r\nContent-Type: application/json\r\n".encode()


class Wire:
    """Speaks bytes with a server."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def say(self, raw: bytes) -> tuple[int, dict[str, str], Any]:
        """Sends bytes and returns status, headers and the JSON that comes back."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(raw)
        async with asyncio.timeout(10):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers["content-length"]))
        writer.close()
        await writer.wait_closed()
        return int(head[0].split()[1]), headers, json.loads(body)

    async def leave_after(self, raw: bytes) -> None:
        """Sends bytes and hangs up without waiting for an answer."""
        _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(raw)
        await writer.drain()
        writer.transport.abort()


@pytest.fixture
async def wire(tmp_path: Path) -> AsyncIterator[Wire]:
    settings = ProcessSettings(config_dir=tmp_path, database_url="memory://", api_key=API_KEY, port=0)
    container = Container(settings=settings)
    async with container.opened():
        runner = Runner(create_app(container), access_log_class=AccessLogger)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield Wire(runner.addresses[0][1])
        await runner.cleanup()


def defects(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR or one.exc_info]


@pytest.mark.parametrize(
    "raw",
    [
        f"GET /api/v1/books HTTP/1.1\r\nX-Api-Key {HUSH}\r\n\r\n",
        f"GET /api/v1/books HTTP/1.1\r\nX-Api-Key: {HUSH}\0\r\n\r\n",
        f"GET /api/v1/books?apikey={HUSH} HTTP/1.1.1\r\nHost: x\r\n\r\n",
        f"GET /api/v1/books?apikey={HUSH} HTTQ/9\r\nHost: x\r\n\r\n",
        f"GET /api/v1/books?apikey={HUSH}{'x' * 9000} HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET /api/v1/books HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {HUSH}{'x' * 9000}\r\n\r\n",
        f"{HUSH}\r\n\r\n",
        f"GET /{HUSH} HTTP/1.1\r\nHost: x\r\nContent-Length: {HUSH}\r\n\r\n",
    ],
    ids=range(8),
)
async def test_what_cannot_be_parsed_is_a_bad_request_and_is_not_repeated(
    wire: Wire, raw: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    status, headers, body = await wire.say(raw.encode())
    assert (status, body) == (400, {"error": {"code": "BAD_REQUEST", "message": "The request is not valid HTTP"}})
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert (headers["server"], headers["x-content-type-options"]) == ("Earshelf", "nosniff")
    assert HUSH not in caplog.text
    assert defects(caplog) == []
    assert len([one for one in caplog.records if one.name == "earshelf.entrypoints.listening"]) == 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/books", {"error": {"code": "BAD_REQUEST", "message": "Expectation Failed"}}),
        ("/api/settings", {"error": "Expectation Failed", "code": "VALIDATION_ERROR"}),
        ("/elsewhere", {"error": "Expectation Failed", "code": "VALIDATION_ERROR"}),
    ],
)
async def test_an_expectation_that_nobody_can_meet_is_refused_in_the_surfaces_shape(
    wire: Wire, path: str, expected: Any
) -> None:
    status, headers, body = await wire.say(f"GET {path} HTTP/1.1\r\nHost: x\r\nExpect: {HUSH}\r\n\r\n".encode())
    assert (status, body) == (417, expected)
    assert headers["server"] == "Earshelf"


async def test_a_body_that_breaks_off_is_no_defect(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    await wire.leave_after(POST + b'Content-Length: 100\r\n\r\n{"asin":')
    status, _, _ = await wire.say(b"GET /api/v1/books HTTP/1.1\r\nHost: x\r\n\r\n")
    assert status == 401
    await asyncio.sleep(0)
    assert defects(caplog) == []


async def test_a_body_that_does_not_unpack_is_a_bad_request_and_no_defect(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    raw = POST + b"Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\nno gzip"
    status, _, body = await wire.say(raw)
    assert (status, body["error"]["code"]) == (400, "BAD_REQUEST")
    assert (await wire.say(b"GET /api/v1/books HTTP/1.1\r\nHost: x\r\n\r\n"))[0] == 401
    assert defects(caplog) == []


async def test_a_proper_request_is_served_as_ever(wire: Wire) -> None:
    packed = gzip.compress(b"{}")
    raw = POST + f"Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode() + packed
    status, headers, body = await wire.say(raw)
    assert (status, body["error"]["code"]) == (400, "BAD_REQUEST")
    assert "asin" in body["error"]["message"]
    assert headers["server"] == "Earshelf"
