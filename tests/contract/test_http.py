"""The one outbound client: what it sends, what it tells, what it gives back."""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from earshelf.adapters.http import HttpClient, Neighbour, redact
from earshelf.domain.errors import (
    CredentialsRejected,
    IntegrationKind,
    Obstacle,
    Refused,
    TimedOut,
    UnexpectedPayload,
    Unreachable,
)
from earshelf.entrypoints.demo.audiobookshelf import AudiobookshelfSimulator
from tests.contract.scripted import Reply, Request, ScriptedServer, unused_port


def neighbour(http: HttpClient, url: str, **options: Any) -> Neighbour:
    return http.neighbour(kind=IntegrationKind.CONNECTOR, name="Shelf", base_url=url, **options)


class Flaky:
    """Hangs up on the first requests without a word and answers those that follow."""

    def __init__(self, failures: int) -> None:
        self._left = failures

    def __call__(self, _: Request) -> Reply:
        self._left -= 1
        return Reply(raw=b"") if self._left >= 0 else Reply(body=b"{}")


async def test_parameters_are_percent_encoded_once_and_paths_are_sent_as_they_are(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply()) as server:
        await neighbour(http, server.url + "/base/").request("GET", "/a%2Fb", params={"q": "ä b&c=+%/", "n": "1"})
        assert server.requests[0].target == "/base/a%2Fb?q=%C3%A4%20b%26c%3D%2B%25%2F&n=1"


async def test_headers_of_neighbour_and_request_are_joined_with_basic_credentials(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply()) as server:
        view = neighbour(http, server.url, headers={"Accept": "text/xml", "X-One": "1"})
        await view.request("POST", "/", headers={"X-One": "2"}, auth=("Zoë", "pass:word"), json={"a": 1})
        (request,) = server.requests
    assert request.headers["accept"] == "text/xml"
    assert request.headers["x-one"] == "2"
    assert request.headers["authorization"] == "Basic Wm/DqzpwYXNzOndvcmQ="
    assert request.body == b'{"a": 1}'
    assert request.headers["user-agent"] == "Earshelf"


async def test_cookies_are_handed_to_the_caller_and_never_kept(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(headers={"Set-Cookie": "SID=abc; path=/"})) as server:
        view = neighbour(http, server.url)
        answer = await view.request("GET", "/")
        await view.request("GET", "/")
        assert answer.headers.getall("set-cookie") == ["SID=abc; path=/"]
        assert "cookie" not in server.requests[1].headers


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_what_may_be_repeated_is_sent_once_more_over_a_new_connection(http: HttpClient, method: str) -> None:
    async with ScriptedServer(Flaky(1)) as server:
        assert (await neighbour(http, server.url).request(method, "/")).json() == {}
        assert len(server.requests) == 2


@pytest.mark.parametrize(("method", "times"), [("GET", 2), ("POST", 1)])
async def test_nothing_is_tried_again_and_again_and_a_post_not_even_twice(
    http: HttpClient, method: str, times: int
) -> None:
    async with ScriptedServer(Flaky(9)) as server:
        with pytest.raises(Unreachable):
            await neighbour(http, server.url).request(method, "/")
        assert len(server.requests) == times


@pytest.mark.parametrize("status", [401, 404, 409, 429, 500, 302])
async def test_a_status_that_the_caller_wants_to_see_is_no_error(http: HttpClient, status: int) -> None:
    async with ScriptedServer(lambda _: Reply(status, b"body", {"X-Id": "7"})) as server:
        answer = await neighbour(http, server.url).request("GET", "/", passing={status})
        assert (answer.status, answer.text(), answer.headers["x-id"]) == (status, "body", "7")
        assert len(server.requests) == 1


async def test_an_error_says_which_status_came(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(418)) as server:
        with pytest.raises(Refused) as caught:
            await neighbour(http, server.url).request("GET", "/")
    assert caught.value.status == 418


async def test_a_redirect_says_what_may_be_behind_it(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(307, headers={"Location": "https://auth.example/"})) as server:
        with pytest.raises(Refused, match="an auth proxy may be intercepting"):
            await neighbour(http, server.url).request("GET", "/")


async def test_a_body_of_exactly_the_cap_is_read(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(body=b"x" * 1000)) as server:
        assert len((await neighbour(http, server.url, max_bytes=1000).request("GET", "/")).body) == 1000
        with pytest.raises(UnexpectedPayload, match="999 bytes"):
            await neighbour(http, server.url, max_bytes=999).request("GET", "/")


async def test_an_error_with_an_endless_body_is_told_by_its_status(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(403, is_endless=True)) as server:
        with pytest.raises(CredentialsRejected):
            await neighbour(http, server.url, max_bytes=1000).request("GET", "/")


async def test_a_body_that_unpacks_without_end_is_cut_off(http: HttpClient) -> None:
    bomb = zlib.compress(b"\0" * 50_000_000)
    async with ScriptedServer(lambda _: Reply(body=bomb, headers={"Content-Encoding": "deflate"})) as server:
        with pytest.raises(UnexpectedPayload, match="more than"):
            await neighbour(http, server.url).request("GET", "/")


async def test_a_body_that_cannot_be_unpacked_cannot_be_used(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply(body=b"plain", headers={"Content-Encoding": "gzip"})) as server:
        with pytest.raises(UnexpectedPayload):
            await neighbour(http, server.url).request("GET", "/")


async def test_a_body_that_trickles_in_has_the_same_time_limit(http: HttpClient) -> None:
    async def trickle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        try:
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(trickle, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(TimedOut, match=r"0\.2 s"):
            await neighbour(http, url, timeout=0.2).request("GET", "/")


async def test_a_caller_who_is_cancelled_leaves_no_connection_behind(http: HttpClient) -> None:
    arrived = asyncio.Event()

    def script(_: Request) -> Reply:
        arrived.set()
        return Reply(is_silent=True)

    async with ScriptedServer(script) as server:
        task = asyncio.create_task(neighbour(http, server.url).request("GET", "/"))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://no-such-host.invalid", "host name"),
        ("http://[::1", "address"),
        ("http://", "address"),
        ("not a url", "address"),
    ],
)
async def test_an_address_that_leads_nowhere_is_unreachable(http: HttpClient, url: str, reason: str) -> None:
    with pytest.raises(Unreachable, match=reason):
        await neighbour(http, url).request("GET", "/")


async def test_a_credential_with_a_line_break_is_not_sent(http: HttpClient) -> None:
    async with ScriptedServer(lambda _: Reply()) as server:
        with pytest.raises(Unreachable):
            await neighbour(http, server.url, headers={"X-Token": "a\r\nX-Other: b"}).request("GET", "/")
        assert server.requests == []


async def test_a_closed_port_says_why_and_not_where(http: HttpClient) -> None:
    port = unused_port()
    with pytest.raises(Unreachable, match="connection refused") as caught:
        await neighbour(http, f"http://user:pw@127.0.0.1:{port}").request("GET", "/?key=k")
    assert str(port) not in caught.value.message
    assert "pw" not in caught.value.message


async def test_a_client_that_is_not_open_says_so() -> None:
    with pytest.raises(RuntimeError, match="not open"):
        await neighbour(HttpClient(), "http://127.0.0.1:1").request("GET", "/")


@pytest.mark.parametrize(
    ("body", "value"),
    [(b"\xef\xbb\xbf{}", {}), (b" [1] ", [1]), (b'"\xc3\xa4"', "ä"), (b"null", None)],
)
async def test_json_is_read_with_or_without_a_mark(http: HttpClient, body: bytes, value: object) -> None:
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        assert (await neighbour(http, server.url).request("GET", "/")).json() == value


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"1" * 5000, b"<html>"])
async def test_what_is_no_json_is_told_so(http: HttpClient, body: bytes) -> None:
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        answer = await neighbour(http, server.url).request("GET", "/")
    with pytest.raises(UnexpectedPayload):
        answer.json()


@pytest.mark.parametrize("body", [b"[]", b"null", b"5"])
async def test_an_object_is_wanted_where_one_is_wanted(http: HttpClient, body: bytes) -> None:
    async with ScriptedServer(lambda _: Reply(body=body)) as server:
        answer = await neighbour(http, server.url).request("GET", "/")
    with pytest.raises(UnexpectedPayload):
        answer.mapping()


def test_secrets_are_blotted_out_in_every_spelling() -> None:
    secret = "a/b c&d"
    told = redact(f"key={secret} key=a%2Fb%20c%26d key=a%2Fb+c%26d", [secret, ""])
    assert told == "key=**** key=**** key=****"


async def test_a_reason_from_outside_is_one_short_line_without_secrets(http: HttpClient) -> None:
    view = neighbour(http, "http://127.0.0.1:1", secrets=("hunter2",))
    message = view.refused("no\n\tentry for hunter2 " + "x" * 1000).message
    assert message.startswith("Shelf: no entry for **** xxx")
    assert len(message) < 220


def test_nothing_of_a_neighbour_is_shown_but_its_name() -> None:
    view = neighbour(HttpClient(), "http://user:pw@host", headers={"X-Token": "tok"}, secrets=("tok",))
    assert "tok" not in repr(view)
    assert "pw" not in repr(view)


async def test_a_certificate_that_nobody_vouches_for_is_refused_unless_the_owner_says_so(
    http: HttpClient, self_signed: ssl.SSLContext
) -> None:
    async with _secure_server(self_signed) as url:
        with pytest.raises(Unreachable, match="certificate is not trusted") as caught:
            await neighbour(http, url).request("GET", "/")
        assert caught.value.obstacle is Obstacle.CERTIFICATE_CHAIN
        assert (await neighbour(http, url, verify_ssl=False).request("GET", "/")).text() == "hi"


async def test_a_server_without_tls_is_told_apart_from_a_bad_certificate(http: HttpClient) -> None:
    async with AudiobookshelfSimulator() as server:
        with pytest.raises(Unreachable, match="http or https"):
            await neighbour(http, server.url.replace("http:", "https:")).request("GET", "/")


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shelf.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    unencrypted = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unencrypted)
    chain = tmp_path / "server.pem"
    chain.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


@asynccontextmanager
async def _secure_server(context: ssl.SSLContext) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            # a client that did not like the certificate
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
