"""The one outbound HTTP client.

Whoever talks to another system does it through a :class:`Neighbour`: a time limit and a size cap on every request,
no cookies, no redirects, the body read whole and the connection given back on every path, and every trouble told in
the domain's own errors, which never hold an address, a query or a secret.
"""

import asyncio
import base64
import json
import logging
import os
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote, quote_plus, urlencode

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from earshelf.adapters.addresses import PrivateAddress, public_socket
from earshelf.adapters.waiting import seconds_to_wait
from earshelf.domain.errors import (
    CredentialsRejected,
    IntegrationError,
    IntegrationKind,
    Obstacle,
    RateLimited,
    Refused,
    TimedOut,
    UnexpectedPayload,
    Unreachable,
)

DEFAULT_TIMEOUT = 15.0
DEFAULT_MAX_BYTES = 16 * 1024 * 1024
_CHUNK = 64 * 1024
_LONGEST_REASON = 200
# OpenSSL's numbers: the certificate is for another host name, or for another address
_WRONG_NAME = frozenset({62, 64})
_log = logging.getLogger(__name__)


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replaces every secret in a text, also where it is spelled for a URL."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for spelling in (secret, quote(secret, safe=""), quote_plus(secret)):
            text = text.replace(spelling, "****")
    return text


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One other system: where it is, what it is called, and what every request to it carries.

    ``base_url`` is ``scheme://host[:port][/path]`` without a trailing slash. ``timeout`` counts seconds for a whole
    request, body included. ``public_only`` refuses every private, loopback and link-local address at the moment of
    connecting.
    """

    client: "HttpClient" = field(repr=False)
    kind: IntegrationKind
    name: str
    base_url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = DEFAULT_TIMEOUT
    max_bytes: int = DEFAULT_MAX_BYTES
    secrets: tuple[str, ...] = field(default=(), repr=False)
    verify_ssl: bool = True
    public_only: bool = False

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        passing: Collection[int] = (),
    ) -> "Answer":
        """Sends one request and returns the whole answer.

        ``path`` and ``base_url`` are sent as they are spelled, ``params`` are percent-encoded once. ``auth`` is user
        name and password. An answer with a status of 300 or more is raised, except those in ``passing``. What may be
        repeated (GET, PUT, DELETE) is sent once more where the connection broke before anything came back.
        """
        url = self.base_url + path
        if params:
            query = urlencode(params, quote_via=quote, safe="", errors="replace")
            url += ("&" if "?" in path else "?") + query
        merged = {**self.headers, **(headers or {}), **_basic(auth)}
        options = {"json": json, "data": data, "headers": merged}
        answer = await self._sent(method, url, options)
        if answer.status not in passing:
            self.require_success(answer)
        return answer

    @asynccontextmanager
    async def socket(self, path: str, *, heartbeat: float = 30.0) -> AsyncIterator[AsyncIterator[str]]:
        """Opens a WebSocket and yields its text frames until the other side ends it; ``timeout`` is for opening it.

        Every ``heartbeat`` seconds the other side has to show that it is there. A frame may have ``max_bytes``.

        :raises Unreachable: the connection broke. Errors as of :meth:`request` where it is not made.
        """
        opened = await self._opened_socket(path, heartbeat)
        try:
            yield self._frames(opened)
        finally:
            await opened.close()

    async def _opened_socket(self, path: str, heartbeat: float) -> aiohttp.ClientWebSocketResponse:
        try:
            async with asyncio.timeout(self.timeout):
                return await self.client.sockets.ws_connect(
                    URL(self.base_url + path, encoded=True),
                    headers=self.headers,
                    heartbeat=heartbeat,
                    max_msg_size=self.max_bytes,
                    ssl=self.verify_ssl,
                    timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
                )
        except TimeoutError:
            trouble: IntegrationError = TimedOut(self.kind, self.name, f"did not answer within {self.timeout:g} s")
        except aiohttp.WSServerHandshakeError as problem:
            trouble = self._failure(problem.status, problem.headers) or self.unexpected("opened no WebSocket")
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            trouble = self._translated(problem)
        raise trouble

    async def _frames(self, opened: aiohttp.ClientWebSocketResponse) -> AsyncIterator[str]:
        async for frame in opened:
            if frame.type is aiohttp.WSMsgType.TEXT:
                yield frame.data
        if opened.exception() is not None:
            raise self.unreachable("the connection broke")

    def require_success(self, answer: "Answer") -> None:
        """Raises what an answer's status says, unless it says that all went well."""
        trouble = self._failure(answer.status, answer.headers)
        if trouble is not None:
            raise trouble

    def _failure(self, status: int, headers: Mapping[str, str] | None) -> IntegrationError | None:
        if status in (401, 403):
            return self.rejected(f"the credentials were refused (HTTP {status}); check key, user name and password")
        if status == 429:
            return RateLimited(self.kind, self.name, seconds_to_wait((headers or {}).get("Retry-After")))
        if 300 <= status < 400:
            return self.refused(f"answered with a redirect (HTTP {status}); an auth proxy may be intercepting", status)
        if status >= 500:
            return self.refused(f"failed with a server error (HTTP {status})", status)
        if status >= 400:
            return self.refused(f"refused the request (HTTP {status})", status)
        return None

    def unexpected(self, reason: str) -> UnexpectedPayload:
        """An error that says why a body cannot be used."""
        return UnexpectedPayload(self.kind, self.name, self._told(reason))

    def refused(self, reason: str, status: int | None = None) -> Refused:
        """An error that says why the neighbour said no."""
        return Refused(self.kind, self.name, self._told(reason), status)

    def rejected(self, reason: str) -> CredentialsRejected:
        """An error that says that the credential is wrong."""
        return CredentialsRejected(self.kind, self.name, self._told(reason))

    def unreachable(self, reason: str, obstacle: Obstacle = Obstacle.OTHER) -> Unreachable:
        """An error that says why there is no connection."""
        return Unreachable(self.kind, self.name, self._told(reason), obstacle)

    def _told(self, reason: str) -> str:
        one_line = " ".join(redact(reason, self.secrets).split())
        return one_line if len(one_line) <= _LONGEST_REASON else one_line[: _LONGEST_REASON - 1] + "…"

    async def _sent(self, method: str, url: str, options: Mapping[str, Any]) -> "Answer":
        try:
            async with asyncio.timeout(self.timeout):
                return await self._send(method, url, options)
        except TimeoutError:
            trouble: IntegrationError = TimedOut(self.kind, self.name, f"did not answer within {self.timeout:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            trouble = self._translated(problem)
        # outside of the except block: the original error may spell the whole address, and tracebacks print causes
        _log.debug("%s %s: %s", method, self.name, trouble.reason)
        raise trouble

    async def _send(self, method: str, url: str, options: Mapping[str, Any]) -> "Answer":
        session = self.client.session(public_only=self.public_only)
        target = URL(url, encoded=True)
        async with session.request(method, target, ssl=self.verify_ssl, allow_redirects=False, **options) as response:
            body = await self._read(response)
            _log.debug("%s %s answered %d with %d bytes", method, self.name, response.status, len(body))
            return Answer(self, response.status, response.headers, body)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > self.max_bytes:
                response.close()
                if response.status < 300:
                    raise self.unexpected(f"sent more than {self.max_bytes} bytes")
                return b""
        return bytes(body)

    def _translated(self, problem: Exception) -> IntegrationError:
        match problem:
            case _SentElsewhere():
                return self.refused("answered with a redirect; an auth proxy may be intercepting", 302)
            case aiohttp.ClientConnectorDNSError():
                why = "its host name is not known here; check the address"
                return self.unreachable(why, Obstacle.NAME_UNKNOWN)
            case aiohttp.ClientConnectorCertificateError():
                why = "its certificate is not trusted; check the address or turn verification off"
                return self.unreachable(why, _certificate_obstacle(problem))
            case aiohttp.ClientSSLError():
                return self.unreachable("no secure connection could be made; check http or https in its address")
            case aiohttp.ClientConnectorError(os_error=PrivateAddress()):
                return self.unreachable("its address is a private one that no configured indexer uses")
            case aiohttp.ClientConnectorError():
                # the system's own words for the number; asyncio's repeat the address
                why = os.strerror(problem.os_error.errno).lower() if problem.os_error.errno else "no connection"
                told = f"could not connect ({why}); check its address and that it is running"
                return self.unreachable(told, Obstacle.NOBODY_LISTENS)
            case aiohttp.ClientPayloadError() if isinstance(problem.__cause__, ContentEncodingError):
                return self.unexpected("sent a body that cannot be decompressed")
            case aiohttp.ClientResponseError():
                return self.unexpected("did not answer in HTTP")
            case aiohttp.ClientConnectionError() | aiohttp.ClientPayloadError() | OSError():
                return self.unreachable("the connection broke before the answer was complete")
            case _:
                return self.unreachable("its address or credentials cannot be sent; check them for stray characters")


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer; ``headers`` are found in any case, and repeated ones with ``getall``."""

    neighbour: Neighbour = field(repr=False)
    status: int
    headers: CIMultiDictProxy[str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_page(self) -> bool:
        """Whether a browser's page came, as from a sign-in in between or a server that is still starting."""
        return self.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<!doctype html", b"<html"))

    def text(self) -> str:
        """Returns the body as text; a byte-order mark is dropped, undecodable bytes are replaced."""
        return self.body.decode("utf-8-sig", errors="replace")

    def json(self) -> Any:
        """Returns the decoded body.

        :raises UnexpectedPayload: it is no JSON.
        """
        try:
            return json.loads(self.body.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            what = "a page instead of JSON" if self.is_page else "something that is no JSON"
            trouble = self.neighbour.unexpected(f"answered with {what}; check its address")
        raise trouble

    def mapping(self) -> dict[str, Any]:
        """Returns the decoded body, which has to be a JSON object.

        :raises UnexpectedPayload: it is anything else.
        """
        decoded = self.json()
        if not isinstance(decoded, dict):
            raise self.neighbour.unexpected("answered with JSON that is no object")
        return decoded


class HttpClient:
    """Holds the connections of all neighbours; ``async with`` opens and closes them."""

    def __init__(self) -> None:
        self._anywhere: aiohttp.ClientSession | None = None
        self._public: aiohttp.ClientSession | None = None
        self._sockets: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._anywhere = _session(aiohttp.TCPConnector())
        self._public = _session(aiohttp.TCPConnector(socket_factory=public_socket))
        self._sockets = _session(aiohttp.TCPConnector(), traces=[_staying()])
        return self

    async def __aexit__(self, *_: object) -> None:
        for session in (self._anywhere, self._public, self._sockets):
            if session is not None:
                await session.close()
        self._anywhere = self._public = self._sockets = None

    def session(self, *, public_only: bool) -> aiohttp.ClientSession:
        """Returns the connections to anywhere, or those that lead to public addresses only."""
        session = self._public if public_only else self._anywhere
        if session is None:
            raise RuntimeError("the HTTP client is not open")
        return session

    @property
    def sockets(self) -> aiohttp.ClientSession:
        """The connections of WebSockets, which last."""
        if self._sockets is None:
            raise RuntimeError("the HTTP client is not open")
        return self._sockets

    def neighbour(
        self,
        *,
        kind: IntegrationKind,
        name: str,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        max_bytes: int = DEFAULT_MAX_BYTES,
        secrets: Iterable[str] = (),
        verify_ssl: bool = True,
        public_only: bool = False,
    ) -> Neighbour:
        """Returns a view for one other system; it costs nothing and contacts nobody."""
        return Neighbour(
            client=self,
            kind=kind,
            name=name,
            base_url=base_url.rstrip("/"),
            headers=dict(headers or {}),
            timeout=timeout,
            max_bytes=max_bytes,
            secrets=tuple(secret for secret in secrets if secret),
            verify_ssl=verify_ssl,
            public_only=public_only,
        )


def _certificate_obstacle(problem: aiohttp.ClientConnectorCertificateError) -> Obstacle:
    code = getattr(problem.certificate_error, "verify_code", 0)
    return Obstacle.CERTIFICATE_NAME if code in _WRONG_NAME else Obstacle.CERTIFICATE_CHAIN


class _SentElsewhere(aiohttp.ClientError):
    """A WebSocket's server says to ask another one."""


def _staying() -> aiohttp.TraceConfig:
    # unlike a request, a WebSocket cannot be told to follow no redirect, and would take its credential along
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_refuse_redirect)
    return trace


async def _refuse_redirect(_: object, __: object, told: aiohttp.TraceRequestRedirectParams) -> None:
    told.response.close()
    raise _SentElsewhere


def _session(connector: aiohttp.TCPConnector, traces: list[aiohttp.TraceConfig] | None = None) -> aiohttp.ClientSession:
    # the session itself repeats idempotent requests once on a broken connection; nobody else retries
    return aiohttp.ClientSession(
        connector=connector,
        # two neighbours on one host would else hand each other their sessions
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=CIMultiDict({"User-Agent": "Earshelf"}),
        timeout=aiohttp.ClientTimeout(total=None),
        trace_configs=traces,
    )


def _basic(auth: tuple[str, str] | None) -> dict[str, str]:
    if auth is None:
        return {}
    credentials = base64.b64encode(f"{auth[0]}:{auth[1]}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}
