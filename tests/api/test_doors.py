"""Credentials, methods, unknown paths and headers of both surfaces."""

from pathlib import Path

import pytest

from tests.api.house import API_KEY, OPERATOR_TOKEN, House, open_house

INVALID_KEY = {"error": {"code": "INVALID_API_KEY", "message": "Invalid API key"}}
NO_TOKEN = {"error": "Authentication required", "code": "UNAUTHORIZED"}


@pytest.mark.parametrize(
    "path",
    [
        "/books",
        "/books/bk_1",
        "/system",
        "/metadata/search?q=x",
        "/authors",
        "/nothing",
        "/books/",
        "",
        "/books?limt=1",
    ],
)
async def test_without_the_key_nobody_learns_anything(house: House, path: str) -> None:
    reply = await house.send("GET", f"/api/v1{path}")
    assert (reply.status, reply.body) == (401, INVALID_KEY)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Api-Key": "wrong"},
        {"X-Api-Key": ""},
        {"X-Api-Key": API_KEY + " x"},
        {"X-Api-Key": OPERATOR_TOKEN},
        {"X-Auth-Token": OPERATOR_TOKEN},
        {"Authorization": f"Bearer {API_KEY}"},
        {"X-Api-Key": "k\u00fc"},
    ],
)
async def test_only_the_key_opens_the_public_api(house: House, headers: dict[str, str]) -> None:
    reply = await house.send("GET", "/api/v1/system", headers=headers)
    assert (reply.status, reply.body) == (401, INVALID_KEY)


@pytest.mark.parametrize(
    ("query", "header", "status"),
    [
        (f"?apikey={API_KEY}", None, 200),
        ("?apikey=wrong", None, 401),
        ("?apikey=", None, 401),
        ("?apikey=%FF", None, 401),
        (f"?apikey={API_KEY}&apikey={API_KEY}", None, 401),
        ("?apikey=wrong", API_KEY, 200),
        (f"?apikey={API_KEY}", "wrong", 401),
        (f"?apikey={API_KEY}", "", 200),
    ],
)
async def test_the_key_may_stand_in_the_query_where_no_header_has_one(
    house: House, query: str, header: str | None, status: int
) -> None:
    headers = None if header is None else {"X-Api-Key": header}
    for path in ("/api/v1/system", "/api/v1/books"):
        assert (await house.send("GET", path + query, headers=headers)).status == status


@pytest.mark.parametrize(
    "path", ["/settings", "/connectors", "/nothing", "/health/details", "/books/bk_1", "/docs", ""]
)
async def test_without_the_token_the_operators_api_is_closed(house: House, path: str) -> None:
    reply = await house.send("GET", f"/api{path}")
    assert (reply.status, reply.body) == (401, NO_TOKEN)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Auth-Token": OPERATOR_TOKEN}, 200),
        ({"Authorization": f"Bearer {OPERATOR_TOKEN}"}, 200),
        ({"authorization": f"bearer  {OPERATOR_TOKEN} "}, 200),
        ({"X-Auth-Token": "wrong", "Authorization": f"Bearer {OPERATOR_TOKEN}"}, 401),
        ({"Authorization": OPERATOR_TOKEN}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"X-Auth-Token": API_KEY}, 401),
        ({"X-Api-Key": API_KEY}, 401),
        ({"X-Api-Key": OPERATOR_TOKEN}, 401),
    ],
)
async def test_only_the_token_opens_the_operators_api(house: House, headers: dict[str, str], status: int) -> None:
    assert (await house.send("GET", "/api/settings", headers=headers)).status == status


async def test_the_token_in_the_query_opens_nothing(house: House) -> None:
    assert (await house.send("GET", f"/api/settings?apikey={OPERATOR_TOKEN}")).status == 401


async def test_a_probe_needs_no_token(house: House) -> None:
    assert (await house.send("GET", "/api/health")).body == {"status": "healthy"}


@pytest.mark.parametrize("path", ["/nothing", "/books/", "/books/bk_1/", "/books/bk_1/x", "", "/system/status"])
async def test_with_the_key_an_unknown_path_is_not_found(house: House, path: str) -> None:
    reply = await house.v1("GET", path)
    assert (reply.status, reply.body) == (404, {"error": {"code": "NOT_FOUND", "message": "Resource not found"}})


async def test_with_the_token_an_unknown_path_is_not_found(house: House) -> None:
    reply = await house.op("GET", "/nothing")
    assert (reply.status, reply.body) == (404, {"error": "Resource not found", "code": "NOT_FOUND"})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/system", {"GET", "HEAD"}),
        ("DELETE", "/books", {"GET", "HEAD", "POST"}),
        ("PUT", "/books/bk_1", {"GET", "HEAD"}),
        ("GET", "/books/bk_1/grab", {"POST"}),
        ("OPTIONS", "/downloads", {"GET", "HEAD"}),
    ],
)
async def test_a_wrong_method_says_which_are_right(house: House, method: str, path: str, allowed: set[str]) -> None:
    reply = await house.v1(method, path)
    assert (reply.status, reply.code) == (405, "METHOD_NOT_ALLOWED")
    assert set(reply.headers["Allow"].split(",")) == allowed


async def test_a_wrong_method_of_the_operator_says_which_are_right(house: House) -> None:
    reply = await house.op("DELETE", "/settings")
    assert (reply.status, reply.code) == (405, "METHOD_NOT_ALLOWED")
    assert set(reply.headers["Allow"].split(",")) == {"GET", "HEAD", "POST"}


async def test_every_answer_forbids_sniffing_framing_and_keeping(house: House) -> None:
    for reply in (
        await house.v1("GET", "/system"),
        await house.send("GET", "/api/v1/system"),
        await house.op("GET", "/x"),
    ):
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["X-Frame-Options"] == "DENY"
        assert reply.headers["Cache-Control"] == "no-store"
        assert "Python" not in reply.headers["Server"]


@pytest.mark.parametrize("path", ["/system", "/books", "/books/bk_1", "/authors"])
async def test_head_answers_like_get_without_a_body(house: House, path: str) -> None:
    get, head = await house.v1("GET", path), await house.v1("HEAD", path)
    assert (head.status, head.body) == (get.status, None)
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


async def test_everything_moves_below_the_url_base(tmp_path: Path) -> None:
    key = {"X-Api-Key": API_KEY}
    async with open_house("memory://", tmp_path, url_base="/shelf/a") as house, house.client as client:
        for path, status in (
            ("/shelf/a/api/v1/system", 200),
            ("/shelf/a/api/health", 200),
            ("/shelf/a/api/v1/docs/json", 200),
            ("/api/v1/system", 404),
            ("/api/health", 404),
            ("/shelf/a", 404),
            ("/shelf/ab/api/health", 404),
        ):
            async with client.get(path, headers=key) as answer:
                assert (path, answer.status) == (path, status)
                assert answer.content_type == "application/json"
