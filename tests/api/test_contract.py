"""The checks of the checks: documents are closed, examples fit, and a wrong answer is noticed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from earshelf.entrypoints.openapi import SURFACES, document
from tests.api.contract import check_answer

BOOK: dict[str, Any] = {"id": "bk_1", "title": "T", "authors": [], "narrators": [], "series": None, "status": "wanted"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for surface in SURFACES:
        for path, methods in document(surface)["paths"].items():
            for method, operation in methods.items():
                yield surface, f"{method} {path}", operation


ALL = list(operations())
NAMES = [f"{surface} {where}" for surface, where, _ in ALL]


def bodies(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for answer in operation["responses"].values():
        yield from answer.get("content", {}).values()
    yield from operation.get("requestBody", {}).get("content", {}).values()


# there is one of it, or none; or a server is named in the query or the body
MAY_BE_ABSENT = {
    "get /api/plex/account",
    "delete /api/media/purge",
    "delete /api/plex/account",
    "post /api/prerolls/apply",
    "delete /api/prerolls/apply",
    "get /api/prerolls/current",
    "get /api/prerolls/path-mappings",
    "put /api/prerolls/path-mappings",
}


@pytest.mark.parametrize(("surface", "where", "operation"), ALL, ids=NAMES)
def test_every_example_fits_its_schema(surface: str, where: str, operation: dict[str, Any]) -> None:
    components = document(surface)["components"]
    for content in bodies(operation):
        schema = {**content["schema"], "components": components}
        jsonschema_rs.Draft202012Validator(schema).validate(content["example"])


@pytest.mark.parametrize(("surface", "where", "operation"), ALL, ids=NAMES)
def test_every_route_tells_what_it_does_and_how_it_fails(surface: str, where: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert {"400", "500", "503"} <= operation["responses"].keys()
    assert ("401" in operation["responses"]) == (operation.get("security") != [])
    assert ("404" in operation["responses"]) == ("{" in where or where in MAY_BE_ABSENT)
    assert all(answer["description"] for answer in operation["responses"].values())


def test_every_parameter_of_the_public_api_says_what_it_is_for() -> None:
    told = [
        (where, one["name"], one.get("description"))
        for of, where, what in ALL
        if of == "v1"
        for one in what["parameters"]
    ]
    assert [one for one in told if not one[2]] == []
    schemas = document("v1")["components"]["schemas"]
    fields = {**schemas["NewBook"]["properties"], **schemas["GrabOrder"]["properties"]}
    assert [name for name, field in fields.items() if not field.get("description")] == []


@pytest.mark.parametrize("surface", SURFACES)
def test_every_object_of_a_document_is_closed(surface: str) -> None:
    for name, schema in document(surface)["components"]["schemas"].items():
        if "properties" in schema:
            assert schema["additionalProperties"] is False, name


@pytest.mark.parametrize("surface", SURFACES)
def test_operations_have_names_of_their_own(surface: str) -> None:
    names = [operation["operationId"] for of, _, operation in ALL if of == surface]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("operation", "own"),
    [
        ("GET /metadata/search", {200, 429, 502, 504}),
        ("GET /books", {200}),
        ("POST /books", {201, 409, 413, 415, 422, 429, 502, 504}),
        ("GET /books/{book_id}", {200, 404}),
        ("POST /books/{book_id}/search", {200, 404, 409, 413, 415, 504}),
        ("POST /books/{book_id}/grab", {200, 201, 404, 409, 413, 415, 502, 504}),
        ("GET /authors", {200}),
        ("GET /authors/{name_id}", {200, 404}),
        ("GET /narrators", {200}),
        ("GET /narrators/{name_id}", {200, 404}),
        ("GET /series", {200}),
        ("GET /series/{name_id}", {200, 404}),
        ("GET /downloads", {200}),
        ("GET /downloads/{download_id}", {200, 404}),
        ("GET /system", {200}),
    ],
)
def test_the_public_document_lists_every_status(operation: str, own: set[int]) -> None:
    method, _, path = operation.partition(" ")
    responses = document("v1")["paths"][f"/api/v1{path}"][method.lower()]["responses"]
    assert {int(status) for status in responses} == own | {400, 401, 500, 503}
    assert ("429" in responses) == ("Retry-After" in responses.get("429", {}).get("headers", {}))


def test_the_public_routes_are_the_contracts_and_no_others() -> None:
    paths = document("v1")["paths"]
    assert sum(map(len, paths.values())) == 15
    assert all(path.startswith("/api/v1/") for path in paths)


def test_the_page_about_the_public_api_knows_every_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    answers = [
        answer
        for surface, _, operation in ALL
        if surface == "v1"
        for status, answer in operation["responses"].items()
        if status >= "400"
    ]
    examples = {content["example"]["error"]["code"] for answer in answers for content in answer["content"].values()}
    described = {code for answer in answers for code in re.findall(r"`(\w+)`", answer["description"])}
    assert {"ACTIVE_DOWNLOAD_EXISTS", "invalid_record", "NOT_FOUND"} <= examples | described
    assert {code for code in examples | described if f"`{code}`" not in page} == set()


def test_the_documents_describe_themselves_as_openapi_3_1() -> None:
    for surface in SURFACES:
        assert document(surface)["openapi"].startswith("3.1")


def test_conflicts_of_search_and_grab_are_explained() -> None:
    paths = document("v1")["paths"]
    search = paths["/api/v1/books/{book_id}/search"]["post"]["responses"]["409"]["description"]
    grab = paths["/api/v1/books/{book_id}/grab"]["post"]["responses"]["409"]["description"]
    assert "SEARCH_IN_PROGRESS" in search
    assert "schedule" in search
    assert "ACTIVE_DOWNLOAD_EXISTS" in grab
    assert "PIPELINE_ACTIVE" in grab


def test_an_answer_as_documented_passes() -> None:
    check_answer("GET", "/api/v1/books/bk_1", 200, BOOK)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, BOOK | {"extra": 1}),
        (200, {name: value for name, value in BOOK.items() if name != "series"}),
        (200, BOOK | {"status": "unknown"}),
        (200, BOOK | {"authors": [{"id": "au_1", "name": "N", "asin": None}]}),
        (404, {"error": "not found"}),
        (418, BOOK),
    ],
)
def test_an_answer_that_is_not_documented_is_noticed(status: int, body: dict[str, Any]) -> None:
    with pytest.raises((AssertionError, jsonschema_rs.ValidationError)):
        check_answer("GET", "/api/v1/books/bk_1", status, body)
