"""What a request leaves in the log, and what it does not."""

import logging
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from earshelf.adapters.memory.queries import MemoryQueries
from earshelf.domain.errors import IntegrationKind, StorageUnavailable, Unreachable
from earshelf.entrypoints.accesslog import AccessLogger
from earshelf.entrypoints.app import create_app
from earshelf.ports.queries import Page
from tests.api.house import API_KEY, House, open_house


class BrokenQueries(MemoryQueries):
    """Queries with a defect."""

    def __init__(self, problem: Exception) -> None:
        self._problem = problem

    async def books(self, *_: Any, **__: Any) -> Page[Any]:
        raise self._problem


async def ask(tmp_path: Path, problem: Exception, path: str) -> tuple[int, Any]:
    """Asks a house whose queries raise the problem."""
    async with open_house("memory://", tmp_path) as house:
        house.container.queries.override(BrokenQueries(problem))
        async with TestClient(TestServer(create_app(house.container))) as client, client.get(path) as answer:
            return answer.status, await answer.json()


async def test_a_defect_is_logged_with_its_trace_and_without_the_query(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    status, body = await ask(tmp_path, RuntimeError("a defect"), f"/api/v1/books?apikey={API_KEY}")
    assert (status, body) == (500, {"error": {"code": "INTERNAL_ERROR", "message": "Internal server error"}})
    assert "GET /api/v1/books failed" in caplog.text
    assert "RuntimeError: a defect" in caplog.text
    assert API_KEY not in caplog.text


async def test_a_database_that_is_away_is_told_as_unavailable(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    status, body = await ask(tmp_path, StorageUnavailable("db.example is away"), f"/api/v1/books?apikey={API_KEY}")
    assert (status, body["error"]["code"]) == (503, "STORAGE_UNAVAILABLE")
    assert "db.example" not in str(body)
    assert "db.example is away" in caplog.text


async def test_a_neighbours_trouble_is_a_warning_without_a_trace(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.catalogue.trouble = Unreachable(IntegrationKind.PROVIDER, "Audible", "no connection")
    await house.v1("GET", "/metadata/search?q=x")
    (record,) = [one for one in caplog.records if one.name == "earshelf.entrypoints.errors"]
    assert (record.levelno, record.getMessage()) == (
        logging.WARNING,
        "GET /api/v1/metadata/search: Audible: no connection",
    )
    assert record.exc_info is None


async def test_a_request_is_one_line_without_its_query(caplog: pytest.LogCaptureFixture) -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(status=204)

    app = web.Application()
    app.router.add_get("/{tail}", handle)
    caplog.set_level(logging.INFO, logger="aiohttp.access")
    server = TestServer(app)
    await server.start_server(access_log_class=AccessLogger, access_log=logging.getLogger("aiohttp.access"))
    async with TestClient(server) as client, client.get("/a%0Ab?apikey=hush") as answer:
        assert answer.status == 204
    lines = [record.getMessage() for record in caplog.records if record.name == "aiohttp.access"]
    assert len(lines) == 1
    assert lines[0].startswith("GET /a%0Ab 204 ")
    assert lines[0].endswith(" ms")
