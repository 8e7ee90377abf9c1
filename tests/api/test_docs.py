"""The browsable documents, and that they say what is mounted."""

from pathlib import Path

import pytest
import yaml
from aiohttp import web

from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.entrypoints.app import create_app
from earshelf.entrypoints.openapi import SURFACES, document
from tests.api.house import OPERATOR_TOKEN, House, open_house

TOKEN = {"X-Auth-Token": OPERATOR_TOKEN}
FILES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui-standalone-preset.js": "text/javascript",
    "start.js": "text/javascript",
    "favicon-16x16.png": "image/png",
    "favicon-32x32.png": "image/png",
}


def mounted(base: str = "") -> set[tuple[str, str]]:
    """Every method and path of an application, without the documents themselves."""
    container = Container(settings=ProcessSettings(database_url="memory://", url_base=base))
    routes = create_app(container).router.routes()
    paths = {(route.method, route.resource.canonical) for route in routes if route.resource}
    return {(method, path) for method, path in paths if "/docs" not in path and method != "HEAD"}


def documented(surface: str) -> set[tuple[str, str]]:
    paths = document(surface)["paths"]
    return {(method.upper(), path) for path, operations in paths.items() for method in operations}


def test_what_is_documented_is_what_is_mounted() -> None:
    assert mounted() == documented("v1") | documented("operator")
    assert not documented("v1") & documented("operator")


def test_whatever_answers_get_answers_head() -> None:
    container = Container(settings=ProcessSettings(database_url="memory://"))
    routes = [
        (route.method, route.resource.canonical) for route in create_app(container).router.routes() if route.resource
    ]
    assert {path for method, path in routes if method == "GET"} == {path for method, path in routes if method == "HEAD"}


def test_below_a_url_base_the_paths_of_the_document_stay_the_same() -> None:
    assert {(method, path.removeprefix("/shelf")) for method, path in mounted("/shelf")} == mounted()
    content = document("v1", url_base="/shelf")
    assert content["servers"] == [{"url": "/shelf"}]
    assert content["paths"].keys() == document("v1")["paths"].keys()
    assert document("v1")["servers"] == [{"url": "/"}]


@pytest.mark.parametrize("path", ["/api/v1/docs", "/api/v1/docs/json", "/api/v1/docs/yaml"])
async def test_the_public_document_needs_no_key(house: House, path: str) -> None:
    async with house.client.get(path) as answer:
        assert answer.status == 200
    async with house.client.head(path) as answer:
        assert answer.status == 200


async def test_both_spellings_hold_the_same_document(house: House) -> None:
    for surface in SURFACES.values():
        async with house.client.get(f"{surface.prefix}/docs/json", headers=TOKEN) as answer:
            as_json = await answer.json()
        async with house.client.get(f"{surface.prefix}/docs/yaml", headers=TOKEN) as answer:
            assert answer.content_type == "application/yaml"
            assert yaml.safe_load(await answer.text()) == as_json == document(surface.name)


@pytest.mark.parametrize("prefix", ["/api/v1", "/api"])
@pytest.mark.parametrize(("name", "content_type"), FILES.items())
async def test_the_page_brings_its_own_files(house: House, prefix: str, name: str, content_type: str) -> None:
    async with house.client.get(f"{prefix}/docs/static/{name}", headers=TOKEN) as answer:
        assert (answer.status, answer.content_type) == (200, content_type)
        assert await answer.read()


@pytest.mark.parametrize("prefix", ["/api/v1", "/api"])
async def test_the_page_runs_no_inline_script_and_names_no_other_server(house: House, prefix: str) -> None:
    async with house.client.get(f"{prefix}/docs", headers=TOKEN) as answer:
        page = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy
    assert "<script>" not in page
    assert "//" not in page.replace("<!DOCTYPE", "")
    for name in FILES.keys() - {"start.js"}:
        assert f'"docs/static/{name}"' in page


@pytest.mark.parametrize(
    "path",
    [
        "/docs/nothing",
        "/docs/static/nothing",
        "/docs/static/index.html",
        "/docs/static/..%2Fhandlers.py",
        "/docs/static/",
    ],
)
async def test_nothing_else_lies_below_the_documents(house: House, path: str) -> None:
    for prefix in ("/api/v1", "/api"):
        async with house.client.get(prefix + path, headers=TOKEN) as answer:
            assert answer.status == 404
            assert answer.content_type == "application/json"


@pytest.mark.parametrize("path", ["/docs", "/docs/json", "/docs/yaml", "/docs/static/start.js"])
async def test_the_operators_document_needs_the_token(house: House, path: str) -> None:
    async with house.client.get(f"/api{path}") as answer:
        assert answer.status == 401
    async with house.client.get(f"/api{path}", headers=TOKEN) as answer:
        assert answer.status == 200


async def test_the_documents_move_below_the_url_base(tmp_path: Path) -> None:
    async with open_house("memory://", tmp_path, url_base="/shelf") as house:
        async with house.client.get("/shelf/api/v1/docs/json") as answer:
            assert (await answer.json())["servers"] == [{"url": "/shelf"}]
        async with house.client.get("/shelf/api/v1/docs/static/start.js") as answer:
            assert answer.status == 200


def test_an_application_starts_nothing() -> None:
    container = Container(settings=ProcessSettings(database_url="memory://"))
    assert isinstance(create_app(container), web.Application)
