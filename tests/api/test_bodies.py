"""What both surfaces make of bodies that are no JSON object."""

import gzip

import pytest

from tests.api.house import API_KEY, OPERATOR_TOKEN, House

KEY = {"X-Api-Key": API_KEY}
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{'asin': 'B'}",
        b'{"asin": "B",}',
        b'{"asin": "B"} x',
        b'{"asin": "B", "asin": "C"}',
        b'{"asin": NaN}',
        b'{"asin": -Infinity}',
        b'{"asin": 1e999}',
        b'{"asin": ' + b"9" * 5000 + b"}",
        b'{"asin": "\xff"}',
        b'{"asin": "\\ud800"}',
        b'{"\\ud800": 1}',
        b'{"asin": "\\u0000"}',
        '{"asin": "B"}'.encode("utf-16"),
        b'\xef\xbb\xbf{"asin": "B"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"null",
        b"[]",
        b"true",
        b'"asin"',
    ],
    ids=range(22),
)
async def test_what_is_no_json_object_is_a_bad_request(house: House, raw: bytes) -> None:
    reply = await house.send("POST", "/api/v1/books", headers=KEY | JSON, data=raw)
    assert (reply.status, reply.code) == (400, "BAD_REQUEST")
    operator = await house.send("POST", "/api/indexers", headers={"X-Auth-Token": OPERATOR_TOKEN} | JSON, data=raw)
    assert (operator.status, operator.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "application/xml", "application/json-patch+json",
     "application/json; charset=latin-1", "", "json", "multipart/form-data; boundary=x"],
)  # fmt: skip
async def test_a_body_has_to_be_declared_as_json(house: House, content_type: str | None) -> None:
    declared = {} if content_type is None else {"Content-Type": content_type}
    reply = await house.send("POST", "/api/v1/books", headers=KEY | declared, data=b'{"asin": "B0"}')
    assert (reply.status, reply.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=UTF-8", "application/json;x=y"]
)
async def test_json_in_utf8_may_be_declared_in_any_spelling(house: House, content_type: str) -> None:
    headers = KEY | {"Content-Type": content_type}
    reply = await house.send("POST", "/api/v1/books", headers=headers, data=b'{"asin": "B0"}')
    assert reply.code == "asin_not_resolved"


async def test_no_body_at_all_is_a_bad_request(house: House) -> None:
    assert (await house.send("POST", "/api/v1/books", headers=KEY)).code == "BAD_REQUEST"


async def test_a_body_over_a_mebibyte_is_too_large_and_one_of_exactly_that_is_not(house: House) -> None:
    for size, code in ((2**20, "BAD_REQUEST"), (2**20 + 1, "PAYLOAD_TOO_LARGE"), (2**22, "PAYLOAD_TOO_LARGE")):
        raw = b'{"asin": "%s"}' % (b"B" * (size - 12))
        assert len(raw) == size
        assert (await house.send("POST", "/api/v1/books", headers=KEY | JSON, data=raw)).code == code


async def test_a_small_body_that_unpacks_to_a_large_one_is_too_large(house: House) -> None:
    packed = gzip.compress(b'{"asin": "%s"}' % (b"B" * 2**24))
    headers = KEY | JSON | {"Content-Encoding": "gzip"}
    assert (await house.send("POST", "/api/v1/books", headers=headers, data=packed)).code == "PAYLOAD_TOO_LARGE"


async def test_a_body_that_does_not_unpack_is_a_bad_request(house: House) -> None:
    headers = KEY | JSON | {"Content-Encoding": "gzip"}
    assert (await house.send("POST", "/api/v1/books", headers=headers, data=b"no gzip")).code == "BAD_REQUEST"


async def test_without_a_credential_no_body_is_looked_at(house: House) -> None:
    assert (await house.send("POST", "/api/v1/books", headers=JSON, data=b"{")).status == 401
