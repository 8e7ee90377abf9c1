"""Whatever is sent, the house answers in its own shape and never with a fault of its own."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earshelf.entrypoints.openapi import SURFACES
from tests.api.house import API_KEY, OPERATOR_TOKEN, open_house

CREDENTIALS = {"X-Api-Key": API_KEY, "X-Auth-Token": OPERATOR_TOKEN}
ROUTES = [(surface.prefix + route.path, route) for surface in SURFACES.values() for route in surface.routes]
# what has no end is not read to it
ENDLESS = {"/api/streams/events"}
READS = [path for path, route in ROUTES if route.method == "GET" and path not in ENDLESS]
WRITES = [(route.method, path) for path, route in ROUTES if route.takes_body]
NAMES = ["limit", "offset", "status", "author", "sortField", "sortDirection", "q", "path", "book_id", "apikey", "asin",
         "releaseId", "name", "type", "enabled", "priority", "settings", "path_mappings", "id", "items", "mode",
         "metadata", "title", "authors", "series", "position", "library", "quality", "url", "server_url", "api_key",
         "plex", "torznab", "transmission", "audiobookshelf"]  # fmt: skip
VALUES = ["0", "1", "500", "501", "-1", "1e2", "9" * 30, "wanted", "title", "asc", "plex", "adopt", "http://x",
          "********", "\0", "\ud800", "٥", " ", ""]  # fmt: skip
segments = st.text(min_size=1, max_size=20).map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe=""))
words = st.sampled_from(NAMES) | st.text(max_size=10)
texts = st.sampled_from(VALUES) | st.text(max_size=30)
queries = st.lists(st.tuples(words, texts), max_size=4)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=6),
    max_leaves=12,
)
relaxed = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def spelled(query: list[tuple[str, str]]) -> str:
    pairs = [[quote(part.encode("utf-8", "surrogatepass"), safe="") for part in pair] for pair in query]
    return "?" + "&".join("=".join(pair) for pair in pairs) if pairs else ""


def filled(path: str, segment: str) -> str:
    """Puts a segment where the path has an identifier."""
    head, brace, tail = path.partition("{")
    return head + segment + tail.partition("}")[2] if brace else path


# plex.tv is not there
NEIGHBOURS_TROUBLE = (502, 504)


async def fuzzed(folder: Path, requests: list[tuple[str, str, bytes | None]]) -> None:
    """Sends requests to one house; every answer is checked against the documents as it comes."""
    async with open_house("memory://", folder) as house:
        for method, path, raw in requests:
            headers = CREDENTIALS | ({"Content-Type": "application/json"} if raw is not None else {})
            reply = await house.send(method, path, headers=headers, data=raw)
            is_ours = reply.status >= 500 and reply.status not in NEIGHBOURS_TROUBLE
            assert not is_ours, f"{method} {path} {raw!r} answered {reply.status}"


@relaxed
@given(query=queries, segment=segments)
async def test_no_query_and_no_identifier_breaks_a_reading(
    tmp_path: Path, query: list[tuple[str, str]], segment: str
) -> None:
    await fuzzed(tmp_path, [("GET", filled(path, segment) + spelled(query), None) for path in READS])


@relaxed
@given(body=documents, segment=segments)
async def test_no_body_breaks_a_writing(tmp_path: Path, body: Any, segment: str) -> None:
    raw = json.dumps(body).encode()
    await fuzzed(tmp_path, [(method, filled(path, segment), raw) for method, path in WRITES])


@relaxed
@given(raw=st.binary(max_size=60))
async def test_no_bytes_break_a_writing(tmp_path: Path, raw: bytes) -> None:
    await fuzzed(tmp_path, [(method, filled(path, "x"), raw) for method, path in WRITES])
