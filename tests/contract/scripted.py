"""A server that does what a script says, down to the byte, and the troubles that adapters are tried with."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from tests.contract.suites.troubles import Trouble

_MORE_THAN_ANYBODY_TAKES = 64
_ONE_MEBIBYTE = b"x" * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came over the wire; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.target.partition("?")[2]).items()}


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer. ``missing`` bytes are promised and never sent; ``raw`` replaces everything."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    missing: int = 0
    raw: bytes | None = None
    is_silent: bool = False
    is_endless: bool = False

    def spelled(self) -> bytes:
        if self.raw is not None:
            return self.raw
        length = {} if self.is_endless else {"Content-Length": str(len(self.body) + self.missing)}
        lines = [f"{name}: {value}" for name, value in {**length, "Connection": "close", **self.headers}.items()]
        return "\r\n".join([f"HTTP/1.1 {self.status} Scripted", *lines, "", ""]).encode() + self.body


class ScriptedServer:
    """Answers every request with what ``script`` makes of it; ``requests`` holds them in order."""

    def __init__(self, script: Callable[[Request], Reply]) -> None:
        self._script = script
        self._server: asyncio.Server | None = None
        self._busy: set[asyncio.Task[None]] = set()
        self.requests: list[Request] = []

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._busy:
            task.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _read(reader)
            self.requests.append(request)
            reply = self._script(request)
            if reply.is_silent:
                await asyncio.Event().wait()
            writer.write(reply.spelled())
            for _ in range(_MORE_THAN_ANYBODY_TAKES if reply.is_endless else 0):
                writer.write(_ONE_MEBIBYTE)
                await writer.drain()
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            # the other side had enough
            pass
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    method, target, _ = first.split(" ")
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, target, headers, body)


@asynccontextmanager
async def neighbour_in(
    trouble: Trouble, *, wrong_shape: bytes = b"[]", half: bytes = b'{"half": ["of'
) -> AsyncIterator[str]:
    """Yields the URL of a server that is in this trouble; what it sends where the document matters is up to you."""
    if trouble is Trouble.CLOSED_PORT:
        yield f"http://127.0.0.1:{unused_port()}"
        return
    async with ScriptedServer(lambda request: _reply(trouble, request, wrong_shape, half)) as server:
        yield server.url


def unused_port() -> int:
    """Returns a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _reply(trouble: Trouble, request: Request, wrong_shape: bytes, half: bytes) -> Reply:
    in_two_minutes = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    repeated = f"<!DOCTYPE html><html>{request.target} {dict(request.headers)} {request.body!r}</html>".encode()
    replies = {
        Trouble.SILENCE: Reply(is_silent=True),
        Trouble.DROPPED: Reply(body=half, missing=1000),
        Trouble.NO_HTTP: Reply(raw=b"SSH-2.0-OpenSSH_9.9\r\n\r\n"),
        Trouble.UNAUTHORIZED: Reply(401, b"Unauthorized"),
        Trouble.FORBIDDEN: Reply(403, repeated),
        Trouble.LIMITED_SECONDS: Reply(429, headers={"Retry-After": "30"}),
        Trouble.LIMITED_DATE: Reply(429, headers={"Retry-After": in_two_minutes}),
        Trouble.LIMITED_GARBLED: Reply(429, headers={"Retry-After": "soon"}),
        Trouble.SERVER_ERROR: Reply(500, repeated),
        Trouble.REDIRECT: Reply(302, headers={"Location": f"https://auth.example{request.target}"}),
        Trouble.PAGE: Reply(body=repeated, headers={"Content-Type": "text/html"}),
        Trouble.CUT_SHORT: Reply(body=half),
        Trouble.EMPTY: Reply(),
        Trouble.WRONG_SHAPE: Reply(body=wrong_shape),
        Trouble.HUGE: Reply(is_endless=True),
    }
    return replies[trouble]
