"""What holds on every route of the public API, the ones yet to come included."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from earshelf.entrypoints.routing import Route
from earshelf.entrypoints.v1.surface import V1
from tests.api.house import API_KEY, House, Reply, open_house

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
PATHS = sorted({route.path for route in V1.routes})
LISTS = sorted(route.path for route in V1.routes if route.query and "limit" in route.query.fields)
BODIES = {"add": {"asin": "B0NONE"}, "grab": {"releaseId": "a.b"}}
QUERIES = {"search": "q=x"}
every_route = pytest.mark.parametrize("route", V1.routes, ids=lambda route: f"{route.method} {route.path}")


@pytest.fixture
async def plain(tmp_path: Path) -> AsyncIterator[House]:
    """One house is enough: none of this reaches a database."""
    async with open_house("memory://", tmp_path) as house:
        yield house


def filled(path: str) -> str:
    head, brace, tail = path.partition("{")
    return head + "xx_none" + tail.partition("}")[2] if brace else path


def allowed(path: str) -> set[str]:
    methods = {route.method for route in V1.routes if route.path == path}
    return methods | ({"HEAD"} if "GET" in methods else set())


async def ask(house: House, route: Route, query: str = "", key: str | None = API_KEY) -> Reply:
    """Sends what the route takes, with another query parameter on top."""
    own = QUERIES.get(route.handler) if route.method == "GET" else None
    joined = "&".join(part for part in (own, query) if part)
    path = f"{filled(route.path)}?{joined}" if joined else filled(route.path)
    headers = {} if key is None else {"X-Api-Key": key}
    if route.body is None:
        return await house.send(route.method, f"/api/v1{path}", headers=headers)
    return await house.v1(route.method, path, BODIES[route.handler], **{"X-Api-Key": key or ""})


def outcome(reply: Reply) -> tuple[int, str | None]:
    return reply.status, reply.code if reply.status >= 400 else None


@every_route
@pytest.mark.parametrize("query", ["limt=1", "Q=x", "=1", "apiKey=x", "page=1", "%00=1"])
async def test_an_unknown_parameter_is_refused(plain: House, route: Route, query: str) -> None:
    reply = await ask(plain, route, query)
    assert outcome(reply) == (400, "BAD_REQUEST")
    assert "unknown query parameter" in reply.message


@every_route
async def test_the_key_in_the_query_is_no_unknown_parameter(plain: House, route: Route) -> None:
    by_header = await ask(plain, route)
    by_query = await ask(plain, route, f"apikey={API_KEY}", key=None)
    assert outcome(by_query) == outcome(by_header)
    assert by_query.body == by_header.body
    assert outcome(await ask(plain, route, "apikey=whatever")) == outcome(by_header)


@every_route
async def test_without_the_key_no_route_answers(plain: House, route: Route) -> None:
    for query, key in (("", None), ("limt=1", None), ("", "wrong"), ("apikey=wrong", None), ("apikey=", None)):
        reply = await ask(plain, route, query, key)
        assert reply.body == {"error": {"code": "INVALID_API_KEY", "message": "Invalid API key"}}
        assert reply.status == 401


@pytest.mark.parametrize("path", PATHS)
async def test_every_other_method_is_refused_and_says_which_are_right(plain: House, path: str) -> None:
    for method in sorted(set(METHODS) - allowed(path)):
        reply = await plain.v1(method, filled(path))
        assert reply.status == 405
        assert method == "HEAD" or reply.code == "METHOD_NOT_ALLOWED"
        assert set(reply.headers["Allow"].split(",")) == allowed(path)
        assert (await plain.send(method, f"/api/v1{filled(path)}")).status == 401


@pytest.mark.parametrize("path", PATHS)
async def test_a_slash_at_the_end_is_another_path(plain: House, path: str) -> None:
    for method in METHODS:
        assert (await plain.v1(method, f"{filled(path)}/")).status == 404


def test_the_lists_that_come_in_pages_are_these() -> None:
    assert LISTS == ["/authors", "/books", "/downloads", "/narrators", "/series"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "number", ["", "-1", "+1", "1.0", "1e2", "0x10", "%201", "1_0", "%D9%A1", "%EF%BC%91", "%C2%B2", "9" * 20]
)
async def test_no_list_takes_a_number_that_is_not_plain(plain: House, path: str, number: str) -> None:
    for name in ("limit", "offset"):
        reply = await plain.v1("GET", f"{path}?{name}={number}")
        assert outcome(reply) == (400, "BAD_REQUEST")
        assert name in reply.message


@pytest.mark.parametrize("path", LISTS)
async def test_every_list_knows_the_same_bounds(plain: House, path: str) -> None:
    for query in ("limit=1", "limit=500", "offset=0", f"offset={2**63 - 1}", f"limit=500&offset={2**63 - 1}"):
        assert (await plain.v1("GET", f"{path}?{query}")).body == {"data": [], "total": 0}
    for query in ("limit=0", "limit=501", f"offset={2**63}", "limit=1&limit=1", "offset=0&offset=0"):
        assert outcome(await plain.v1("GET", f"{path}?{query}")) == (400, "BAD_REQUEST")
